//! Generates the `main` function from the checked arguments and the checked function.
//!
//! Two rules keep the generated code independent of the user's scope and make the compiler's errors useful:
//! - All paths start at one import of the library's root, and all generated names start with `__lambda_stream`. Names in
//!   the user's scope cannot conflict with them.
//! - A call that fails to compile because of a type carries the span of that type. All other tokens carry the span of
//!   the expansion, so no lint treats them as the user's code.

use crate::{
    args::{Arguments, Flavor, Margin, combine},
    handler_fn::HandlerFn,
};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ReturnType;

/// Returns the unchanged function and a `main` function; or all errors, and the [`fallback`] that keeps the compiler
/// from reporting further errors because of them.
pub(crate) fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let arguments = Arguments::parse(arguments, &mut errors);
    // An argument with an error may be a misspelled `init`.
    let has_init = arguments.init.is_some() || !errors.is_empty();
    let handler = HandlerFn::parse(item.clone(), &mut errors);
    if let Some(handler) = &handler {
        handler.check(has_init, &mut errors);
    }
    match (handler, errors.into_iter().reduce(combine)) {
        (Some(handler), None) => entry_point(&arguments, &handler, &item),
        (handler, error) => {
            let error = error.map(syn::Error::into_compile_error);
            let fallback = fallback(handler.as_ref(), &item);
            quote!(#error #fallback)
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
/// If the function is itself named `main`, it moves into the generated `main` and shadows it there.
fn entry_point(arguments: &Arguments, handler: &HandlerFn, item: &TokenStream) -> TokenStream {
    let import = match &arguments.library {
        None => quote!(::lambda_stream::__private as __lambda_stream),
        // If the library is not at the path, the compiler underlines the whole path.
        Some(path) => {
            let SpanRange { last, .. } = SpanRange::of(path);
            quote_spanned!(last=> #path::__private as __lambda_stream)
        }
    };
    let (outer_item, inner_item) = if handler.is_named_main() {
        (None, Some(item))
    } else {
        (Some(item), None)
    };
    let cfg_attributes = handler.cfg_attributes();
    let (settings, runtime) = (settings(arguments), runtime(arguments));
    let closure = handler_closure(handler);
    let start = SpanRange::of(&handler.name).call("start", quote!(#settings, #runtime, #closure));
    quote_spanned! {Span::mixed_site()=>
        #outer_item
        #(#cfg_attributes)*
        fn main() -> ::std::process::ExitCode {
            use #import;
            #inner_item
            #start
        }
    }
}

/// `Settings::new().multi_thread().worker_threads(4).logging(false)`
fn settings(arguments: &Arguments) -> TokenStream {
    let flavor = match arguments.flavor {
        None => TokenStream::new(),
        Some(Flavor::CurrentThread) => quote!(.current_thread()),
        Some(Flavor::MultiThread { worker_threads }) => {
            let worker_threads = worker_threads.into_iter();
            quote!(.multi_thread() #(.worker_threads(#worker_threads))*)
        }
    };
    let logging = arguments.logging.into_iter();
    quote!(__lambda_stream::Settings::new() #flavor #(.logging(#logging))*)
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
///     let response = async {
///         let argument0 = extract(&mut invocation)?;                    // at the type of parameter 0
///         let argument1 = extract(&mut invocation)?;
///         assert_distinct(argument0.marker, argument1.marker);          // at the later type, for every pair
///         let response = into_response(handler(argument0.value, argument1.value).await); // at the return type
///         assert_compatible(argument0.marker, response.marker);         // at the return type, for every argument
///         response.response
///     };
///     let response = response.await;
///     send_response(invocation, response).await
/// }
/// ```
/// The prefix of the local variables is left out here. The code names no type: the compiler infers the type of each
/// argument from the call of the handler, so lifetimes need no rewriting.
fn handler_closure(handler: &HandlerFn) -> TokenStream {
    let invocation = local("invocation");
    let response = local("response");
    let return_type = match &handler.output {
        ReturnType::Default => SpanRange::of(&handler.name),
        ReturnType::Type(_, return_type) => SpanRange::of(return_type),
    };

    let mut extractions = TokenStream::new();
    let mut arguments: Vec<Ident> = Vec::new();
    for (position, parameter_type) in handler.parameter_types().enumerate() {
        let span = SpanRange::of(parameter_type);
        let argument = local(&format!("argument{position}"));
        let extract = span.call("extract", quote!(&mut #invocation));
        extractions.extend(quote!(let #argument = #extract?;));
        for earlier in &arguments {
            extractions.extend(span.compare_markers("assert_distinct", earlier, &argument));
        }
        arguments.push(argument);
    }

    let handler_call = return_type.call_handler(&handler.name, quote!(#(#arguments.value),*));
    let into_response = return_type.call("into_response", handler_call);
    let response_checks = arguments
        .iter()
        .map(|argument| return_type.compare_markers("assert_compatible", argument, &response));
    let mutable = (!arguments.is_empty()).then(|| quote!(mut));
    quote_spanned! {Span::mixed_site()=>
        |#mutable #invocation| async move {
            let #response = async {
                #extractions
                let #response = #into_response;
                #(#response_checks)*
                #response.response
            };
            let #response = #response.await;
            __lambda_stream::send_response(#invocation, #response).await
        }
    }
}

/// Returns the name of a local variable, with a prefix that prevents conflicts with the name of the handler.
fn local(name: &str) -> Ident {
    format_ident!("__lambda_stream_{name}", span = Span::mixed_site())
}

/// Returns the tokens that replace the expansion after an error: the item, so that its uses still compile, and an empty
/// `main`, so that the compiler does not report it as missing.
fn fallback(handler: Option<&HandlerFn>, item: &TokenStream) -> TokenStream {
    let main = |body| quote_spanned!(Span::mixed_site()=> fn main() { #body });
    let Some(handler) = handler else {
        let main = main(None);
        return quote!(#item #main);
    };
    let item = handler.fallback_tokens();
    if handler.is_method() {
        return item;
    }
    let cfg_attributes = handler.cfg_attributes();
    if handler.is_named_main() {
        let main = main(Some(item));
        quote!(#(#cfg_attributes)* #main)
    } else {
        let main = main(None);
        quote!(#item #(#cfg_attributes)* #main)
    }
}

/// The spans of the first and the last token of a part of the user's code.
///
/// Spans cannot be joined on stable Rust. The compiler joins the spans of the first and the last token of an expression
/// itself.
#[derive(Clone, Copy)]
struct SpanRange {
    first: Span,
    last: Span,
}

impl SpanRange {
    fn of(code: &impl ToTokens) -> Self {
        let mut spans = code.to_token_stream().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::mixed_site);
        Self {
            first,
            last: spans.last().unwrap_or(first),
        }
    }

    /// Generates `__lambda_stream::name(arguments)`. The compiler reports errors in it at this range.
    fn call(self, name: &str, arguments: TokenStream) -> TokenStream {
        let name = Ident::new(name, self.last);
        let arguments = self.parenthesize(arguments);
        quote_spanned!(self.first=> __lambda_stream::#name #arguments)
    }

    /// Generates `__lambda_stream::name(earlier.marker, later.marker);`.
    ///
    /// The compiler reports errors at `later.marker`. It underlines this range only if the local variable and the call
    /// have the same hygiene.
    fn compare_markers(self, name: &str, earlier: &Ident, later: &Ident) -> TokenStream {
        let hygienic = Self {
            first: self.first.resolved_at(Span::mixed_site()),
            last: self.last.resolved_at(Span::mixed_site()),
        };
        let marker = Ident::new("marker", hygienic.last);
        let markers = [earlier, later].map(|local| {
            let local = Ident::new(&local.to_string(), hygienic.first);
            quote_spanned!(hygienic.first=> #local.#marker)
        });
        let call = hygienic.call(name, quote!(#(#markers),*));
        quote!(#call;)
    }

    /// Generates `identity(handler(arguments)).await`.
    ///
    /// The compiler reports errors in the whole expression at this range. The inner call carries the span of the
    /// expansion, so lints do not treat it as the user's code: an event of type `()` would cause `clippy::unit_arg`.
    fn call_handler(self, name: &Ident, arguments: TokenStream) -> TokenStream {
        let mut name = name.clone();
        name.set_span(Span::mixed_site().located_at(name.span()));
        let call = self.parenthesize(quote_spanned!(Span::mixed_site()=> #name(#arguments)));
        let identity = Ident::new("identity", self.last);
        let identity = quote_spanned!(self.first=> ::core::convert::#identity);
        quote_spanned!(self.last=> #identity #call.await)
    }

    fn parenthesize(self, tokens: TokenStream) -> Group {
        let mut group = Group::new(Delimiter::Parenthesis, tokens);
        group.set_span(self.last);
        group
    }
}
