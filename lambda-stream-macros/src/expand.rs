//! The checked model into tokens; reads like the code that it generates.
//!
//! Paths start at the library's root and locals have mixed-site hygiene, so nothing in the user's scope can get in the
//! way. Calls that a wrong type makes fail carry the spans of that type.

use crate::{
    args::{Arguments, Flavor, joined},
    handler_fn::HandlerFn,
};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ReturnType;

/// The function as it came, and a `main` beside it; or every fault that was found, and what keeps the compiler from
/// reporting more on their account.
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut faults = Vec::new();
    let arguments = Arguments::parse(arguments, &mut faults);
    // With a fault in the arguments, nobody knows whether a state was meant to be made.
    let makes_state = arguments.init.is_some() || !faults.is_empty();
    let handler = HandlerFn::parse(item.clone(), &mut faults);
    if let Some(handler) = &handler {
        handler.check(makes_state, &mut faults);
    }
    match (handler, faults.into_iter().reduce(joined)) {
        (Some(handler), None) => entry_point(&arguments, &handler, &item),
        (handler, faults) => {
            let faults = faults.map(syn::Error::into_compile_error);
            let instead = fallback(handler.as_ref(), &item);
            quote!(#faults #instead)
        }
    }
}

/// ```text
/// async fn handler(event: Event, mut stream: ResponseStream) -> Result<(), Error> { … }
///
/// fn main() -> ExitCode {
///     start(Settings::new(), Runtime::new().init(setup), |mut invocation| async move { … })
/// }
/// ```
/// A function that is itself named `main` stands inside, where it hides the outer one, and so keeps its name.
fn entry_point(arguments: &Arguments, handler: &HandlerFn, item: &TokenStream) -> TokenStream {
    let library = Library(arguments);
    let private = library.private(Span::mixed_site());
    let conditions = handler.conditions();
    let (beside, inside) = if handler.is_named_main() {
        (None, Some(item))
    } else {
        (Some(item), None)
    };
    let settings = settings(arguments, &private);
    let runtime = runtime(arguments, &library);
    let invocation = invocation(&library, handler);
    let start = library.call(
        Place::of(&handler.name),
        "start",
        quote_spanned!(Span::mixed_site()=> #settings, #runtime, #invocation),
    );
    quote_spanned! {Span::mixed_site()=>
        #beside
        #(#conditions)*
        fn main() -> #private ExitCode {
            #inside
            #start
        }
    }
}

/// `Settings::new().multi_thread().worker_threads(4)`
fn settings(arguments: &Arguments, private: &TokenStream) -> TokenStream {
    let flavor = match arguments.flavor {
        None => TokenStream::new(),
        Some(Flavor::CurrentThread) => quote!(.current_thread()),
        Some(Flavor::MultiThread { worker_threads }) => {
            let worker_threads = worker_threads.into_iter();
            quote!(.multi_thread() #(.worker_threads(#worker_threads))*)
        }
    };
    quote_spanned!(Span::mixed_site()=> #private Settings::new() #flavor)
}

/// `Runtime::new().init(setup)`
fn runtime(arguments: &Arguments, library: &Library) -> TokenStream {
    let root = library.root(Span::mixed_site());
    let init = arguments.init.iter();
    quote_spanned!(Span::mixed_site()=> #root ::Runtime::new() #(.init(#init))*)
}

/// ```text
/// |mut invocation| async move {
///     let argument0 = argument(&mut invocation)?;                         // at the type of parameter 0
///     let argument1 = argument(&mut invocation)?;
///     distinct(argument0.kind, argument1.kind);                           // at the later type, for every pair
///     let answer = answer(handler(argument0.value, argument1.value).await);   // at the return type
///     answer_beside(argument0.kind, answer.kind);                         // at the return type, for every argument
///     deliver(invocation, answer.reply).await
/// }
/// ```
/// No type is written: the call of the handler says what each argument is, so no lifetime has to be rewritten.
fn invocation(library: &Library, handler: &HandlerFn) -> TokenStream {
    let invocation = Ident::new("invocation", Span::mixed_site());
    let answer = Ident::new("answer", Span::mixed_site());
    let returned = match &handler.output {
        ReturnType::Default => Place::of(&handler.name),
        ReturnType::Type(_, returned) => Place::of(returned),
    };

    let mut taken = TokenStream::new();
    let mut names: Vec<Ident> = Vec::new();
    for (position, given) in handler.types().enumerate() {
        let place = Place::of(given);
        let name = format_ident!("argument{position}", span = Span::mixed_site());
        let argument = library.call(place, "argument", quote!(&mut #invocation));
        taken.extend(quote_spanned!(Span::mixed_site()=> let #name = #argument ?;));
        for earlier in &names {
            let kinds = [place.field(earlier, "kind"), place.field(&name, "kind")];
            let distinct = library.call(place, "distinct", quote!(#(#kinds),*));
            taken.extend(quote!(#distinct;));
        }
        names.push(name);
    }

    let called = returned.call(&handler.name, quote!(#(#names.value),*));
    let answered = library.call(returned, "answer", called);
    let checks = names.iter().map(|name| {
        let kinds = [returned.field(name, "kind"), returned.field(&answer, "kind")];
        library.call(returned, "answer_beside", quote!(#(#kinds),*))
    });
    let private = library.private(Span::mixed_site());
    let mutable = (!names.is_empty()).then(|| quote!(mut));
    quote_spanned! {Span::mixed_site()=>
        |#mutable #invocation| async move {
            #taken
            let #answer = #answered;
            #(#checks;)*
            #private deliver(#invocation, #answer.reply).await
        }
    }
}

/// What stands in place of the expansion after a fault: the item, for whoever uses it, and a `main`, for the linker.
fn fallback(handler: Option<&HandlerFn>, item: &TokenStream) -> TokenStream {
    let main = |inside| quote_spanned!(Span::mixed_site()=> fn main() { #inside });
    let Some(handler) = handler else {
        let main = main(None);
        return quote!(#item #main);
    };
    let item = handler.harmless();
    if handler.is_method() {
        return item;
    }
    let conditions = handler.conditions();
    if handler.is_named_main() {
        let main = main(Some(item));
        quote!(#(#conditions)* #main)
    } else {
        let main = main(None);
        quote!(#item #(#conditions)* #main)
    }
}

/// Where the library is found.
struct Library<'a>(&'a Arguments);

impl Library<'_> {
    /// `::lambda_stream`, or what `crate = …` says.
    fn root(&self, span: Span) -> TokenStream {
        match &self.0.library {
            None => quote_spanned!(span=> ::lambda_stream),
            // Moved to `span`, but looked up where it was written.
            Some(path) => {
                let tokens = path.to_token_stream().into_iter();
                tokens.map(|token| moved(token, span)).collect()
            }
        }
    }

    /// `::lambda_stream::__private::`
    fn private(&self, span: Span) -> TokenStream {
        let root = self.root(span);
        quote_spanned!(span=> #root ::__private::)
    }

    /// `::lambda_stream::__private::name(arguments)`, which the compiler underlines as `place`.
    fn call(&self, place: Place, name: &str, arguments: TokenStream) -> TokenStream {
        let path = self.private(place.first);
        let name = Ident::new(name, place.last);
        let arguments = place.parentheses(arguments);
        quote!(#path #name #arguments)
    }
}

/// A stretch of the user's code, by its first and last token: on stable Rust, spans cannot be joined, but the compiler
/// joins those of an expression's first and last token by itself.
#[derive(Clone, Copy)]
struct Place {
    first: Span,
    last: Span,
}

impl Place {
    fn of(code: &impl ToTokens) -> Self {
        let mut spans = code.to_token_stream().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::mixed_site);
        Self {
            first,
            last: spans.last().unwrap_or(first),
        }
    }

    /// `name.field`, with the hygiene of a local.
    fn field(self, name: &Ident, field: &str) -> TokenStream {
        let mut name = name.clone();
        name.set_span(self.first.resolved_at(name.span()));
        let field = Ident::new(field, self.last.resolved_at(name.span()));
        quote_spanned!(name.span()=> #name.#field)
    }

    /// `name(arguments).await`
    fn call(self, name: &Ident, arguments: TokenStream) -> TokenStream {
        let mut name = name.clone();
        name.set_span(self.first.resolved_at(name.span()));
        let arguments = self.parentheses(arguments);
        quote_spanned!(self.last=> #name #arguments.await)
    }

    fn parentheses(self, inside: TokenStream) -> Group {
        let mut group = Group::new(Delimiter::Parenthesis, inside);
        group.set_span(self.last);
        group
    }
}

fn moved(mut token: TokenTree, span: Span) -> TokenTree {
    token.set_span(span.resolved_at(token.span()));
    token
}
