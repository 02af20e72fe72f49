//! The checked model into tokens; reads like the code that it generates.
//!
//! Everything comes from one import, whose path starts at the library's root, and every name that is made up starts with
//! `__lambda_stream`: nothing in the user's scope can get in the way. Calls that a wrong type makes fail carry the spans of
//! that type; all the rest has those of the expansion, so that no lint takes it for the user's own code.

use crate::{
    args::{Arguments, Flavor, Margin, joined},
    handler_fn::HandlerFn,
};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ReturnType;

/// The function as it came, and a `main` beside it; or every fault that was found, and what keeps the compiler from
/// reporting more on their account.
pub(crate) fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
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
/// fn main() -> ::std::process::ExitCode {
///     use ::lambda_stream::__private as __lambda_stream;
///     __lambda_stream::start(
///         __lambda_stream::Settings::new().multi_thread().worker_threads(4),
///         __lambda_stream::Runtime::new().init(setup).deadline_margin(Some(Duration::new(0, 500_000_000))),
///         |mut invocation| async move { … },
///     )
/// }
/// ```
/// A function that is itself named `main` stands inside, where it hides the outer one, and so keeps its name.
fn entry_point(arguments: &Arguments, handler: &HandlerFn, item: &TokenStream) -> TokenStream {
    let import = match &arguments.library {
        None => quote!(::lambda_stream::__private as __lambda_stream),
        // A path without the library is underlined as a whole.
        Some(path) => {
            let Place { last, .. } = Place::of(path);
            quote_spanned!(last=> #path::__private as __lambda_stream)
        }
    };
    let (beside, inside) = if handler.is_named_main() {
        (None, Some(item))
    } else {
        (Some(item), None)
    };
    let conditions = handler.conditions();
    let (settings, runtime) = (settings(arguments), runtime(arguments));
    let invocation = invocation(handler);
    let start = Place::of(&handler.name).call("start", quote!(#settings, #runtime, #invocation));
    quote_spanned! {Span::mixed_site()=>
        #beside
        #(#conditions)*
        fn main() -> ::std::process::ExitCode {
            use #import;
            #inside
            #start
        }
    }
}

/// `Settings::new().multi_thread().worker_threads(4)`
fn settings(arguments: &Arguments) -> TokenStream {
    let flavor = match arguments.flavor {
        None => TokenStream::new(),
        Some(Flavor::CurrentThread) => quote!(.current_thread()),
        Some(Flavor::MultiThread { worker_threads }) => {
            let worker_threads = worker_threads.into_iter();
            quote!(.multi_thread() #(.worker_threads(#worker_threads))*)
        }
    };
    quote!(__lambda_stream::Settings::new() #flavor)
}

/// `Runtime::new().init(setup).deadline_margin(None)`
fn runtime(arguments: &Arguments) -> TokenStream {
    let init = arguments.init.iter();
    let margin = arguments.deadline_margin.iter().map(|margin| match margin {
        Margin::Off => quote!(::core::option::Option::None),
        Margin::Before(time) => {
            let (seconds, nanoseconds) = (time.as_secs(), time.subsec_nanos());
            quote!(::core::option::Option::Some(::core::time::Duration::new(#seconds, #nanoseconds)))
        }
    });
    quote!(__lambda_stream::Runtime::new() #(.init(#init))* #(.deadline_margin(#margin))*)
}

/// ```text
/// |mut invocation| async move {
///     let argument0 = argument(&mut invocation)?;                             // at the type of parameter 0
///     let argument1 = argument(&mut invocation)?;
///     distinct(argument0.kind, argument1.kind);                               // at the later type, for every pair
///     let answer = answer(handler(argument0.value, argument1.value).await);   // at the return type
///     answer_beside(argument0.kind, answer.kind);                             // at the return type, for every argument
///     deliver(invocation, answer.reply).await
/// }
/// ```
/// The locals have a prefix, which is left out here. No type is written: the call of the handler says what each argument is, so no lifetime has to be rewritten.
fn invocation(handler: &HandlerFn) -> TokenStream {
    let invocation = local("invocation");
    let answer = local("answer");
    let returned = match &handler.output {
        ReturnType::Default => Place::of(&handler.name),
        ReturnType::Type(_, returned) => Place::of(returned),
    };

    let mut taken = TokenStream::new();
    let mut names: Vec<Ident> = Vec::new();
    for (position, given) in handler.types().enumerate() {
        let place = Place::of(given);
        let name = local(&format!("argument{position}"));
        let argument = place.call("extract", quote!(&mut #invocation));
        taken.extend(quote!(let #name = #argument?;));
        for earlier in &names {
            taken.extend(place.compare("assert_distinct", earlier, &name));
        }
        names.push(name);
    }

    let called = returned.handled(&handler.name, quote!(#(#names.value),*));
    let answered = returned.call("into_response", called);
    let checks = names
        .iter()
        .map(|name| returned.compare("assert_compatible", name, &answer));
    let mutable = (!names.is_empty()).then(|| quote!(mut));
    quote_spanned! {Span::mixed_site()=>
        |#mutable #invocation| async move {
            let #answer = async {
                #taken
                let #answer = #answered;
                #(#checks)*
                #answer.response
            };
            let #answer = #answer.await;
            __lambda_stream::send_response(#invocation, #answer).await
        }
    }
}

/// A local of the expansion, by a name that no function of the user's has.
fn local(name: &str) -> Ident {
    format_ident!("__lambda_stream_{name}", span = Span::mixed_site())
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

    /// `__lambda_stream::name(arguments)`, which the compiler underlines as this stretch.
    fn call(self, name: &str, arguments: TokenStream) -> TokenStream {
        let name = Ident::new(name, self.last);
        let arguments = self.parentheses(arguments);
        quote_spanned!(self.first=> __lambda_stream::#name #arguments)
    }

    /// `__lambda_stream::name(earlier.kind, later.kind);`
    ///
    /// The compiler underlines `later.kind`, a local, and only as long as the call has the same hygiene.
    fn compare(self, name: &str, earlier: &Ident, later: &Ident) -> TokenStream {
        let inside = Self {
            first: self.first.resolved_at(Span::mixed_site()),
            last: self.last.resolved_at(Span::mixed_site()),
        };
        let kind = Ident::new("marker", inside.last);
        let kinds = [earlier, later].map(|local| {
            let local = Ident::new(&local.to_string(), inside.first);
            quote_spanned!(inside.first=> #local.#kind)
        });
        let call = inside.call(name, quote!(#(#kinds),*));
        quote!(#call;)
    }

    /// `identity(handler(arguments)).await`
    ///
    /// The compiler underlines all of it; the call inside is the expansion's, lest it is checked as if the user had
    /// written it (an event of the type `()` would be a `clippy::unit_arg`).
    fn handled(self, name: &Ident, arguments: TokenStream) -> TokenStream {
        let mut name = name.clone();
        name.set_span(Span::mixed_site().located_at(name.span()));
        let called = self.parentheses(quote_spanned!(Span::mixed_site()=> #name(#arguments)));
        let identity = Ident::new("identity", self.last);
        let identity = quote_spanned!(self.first=> ::core::convert::#identity);
        quote_spanned!(self.last=> #identity #called.await)
    }

    fn parentheses(self, inside: TokenStream) -> Group {
        let mut group = Group::new(Delimiter::Parenthesis, inside);
        group.set_span(self.last);
        group
    }
}
