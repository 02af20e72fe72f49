//! Generates the `main` function from the checked arguments and the checked function.
//!
//! Two rules keep the generated code independent of the user's scope and make the compiler's errors useful:
//! - All paths start at one import of the library's root, and all generated names start with `__lambda_stream`. Names in
//!   the user's scope cannot conflict with them.
//! - A call that fails to compile because of a part of the signature carries the span of that part. All other tokens carry
//!   the span of the expansion, so no lint treats them as the user's code.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{ReturnType, Type};

use crate::{
    args::{Arguments, Flavor, Margin, combine},
    check::{check_library, check_root_functions},
    compiler::{CompilerArguments, LIBRARY, is_rustc},
    parse::HandlerFn,
    spelled::parameter_function,
    types::{error_type, item_type, response_type},
};

/// Returns the unchanged function and a `main` function; or all errors, and the [`fallback`] that keeps the compiler
/// from reporting further errors because of them.
pub(crate) fn main(arguments: TokenStream, item: TokenStream, compiler: &CompilerArguments) -> TokenStream {
    let mut errors = Vec::new();
    let arguments = Arguments::parse(arguments, &mut errors);
    // An argument with an error may be a misspelled `init`.
    let has_init = arguments.init.is_some() || !errors.is_empty();
    let handler = HandlerFn::parse(item.clone(), &mut errors);
    let mut defines_main = true;
    if let Some(handler) = &handler {
        handler.check(has_init, &mut errors);
        defines_main = check_root_functions(handler, compiler, &mut errors);
    }
    if arguments.library.is_none() {
        check_library(compiler, &mut errors);
    }
    match (handler, errors.into_iter().reduce(combine)) {
        (Some(handler), None) => entry_point(&arguments, &handler, &item, compiler),
        (handler, error) => {
            let error = error.map(syn::Error::into_compile_error);
            let fallback = fallback(handler.as_ref(), &item, defines_main);
            quote!(#error #fallback)
        }
    }
}

/// ```text
/// async fn handler(event: Event, stream: ResponseStream) -> Result<(), Error> { … }
///
/// fn main() -> ::std::process::ExitCode {
///     use ::lambda_stream::__private as __lambda_stream;
///     const _: () = __lambda_stream::assert_root_module(::core::module_path!());
///     __lambda_stream::start2(
///         __lambda_stream::Settings::new(),
///         __lambda_stream::Runtime::new(),
///         __lambda_stream::handler(handler),
///         __lambda_stream::parameter(),                                                // at the type of parameter 1
///         __lambda_stream::parameter(),                                                // at the type of parameter 2
///         __lambda_stream::response(),                                                 // at the return type
///         __lambda_stream::item(__lambda_stream::error()),                             // at the item, and at its error
///         __lambda_stream::error(),                                                    // at the error
///     )
/// }
/// ```
/// If the function is itself named `main`, it moves into the generated `main` and shadows it there.
fn entry_point(
    arguments: &Arguments,
    handler: &HandlerFn,
    item: &TokenStream,
    compiler: &CompilerArguments,
) -> TokenStream {
    let import = import(arguments, compiler);
    let (outer_item, inner_item) = if handler.is_named_main() {
        (None, Some(item))
    } else {
        (Some(item), None)
    };
    let cfg_attributes = handler.cfg_attributes();
    let name = SpanRange::of(&handler.name);
    let root_module = name.call("assert_root_module", quote!(::core::module_path!()));
    let mut runtime = runtime(arguments);
    let state_check = state_check(arguments, handler).map(|check| {
        let variable = local("runtime");
        let definition = quote_spanned!(Span::mixed_site()=> let #variable = #runtime; #check);
        runtime = variable.into_token_stream();
        definition
    });
    let start = start(arguments, handler, &runtime, state_check.is_some());
    quote_spanned! {Span::mixed_site()=>
        #outer_item
        #(#cfg_attributes)*
        fn main() -> ::std::process::ExitCode {
            use #import;
            #inner_item
            const _: () = #root_module;
            #state_check
            #start
        }
    }
}

/// `::lambda_stream::__private as __lambda_stream`
fn import(arguments: &Arguments, compiler: &CompilerArguments) -> TokenStream {
    match &arguments.library {
        None => {
            let name = compiler.library_name().unwrap_or(LIBRARY);
            // `Ident::new` panics if the name is a keyword.
            let library = syn::parse_str(name).unwrap_or_else(|_| Ident::new(LIBRARY, Span::call_site()));
            quote!(::#library::__private as __lambda_stream)
        }
        // If the library is not at the path, the compiler underlines the whole path.
        Some(path) => {
            let SpanRange { last, .. } = SpanRange::of(path);
            quote_spanned!(last=> #path::__private as __lambda_stream)
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
    // Not the exact span of the path: Clippy would take the function for called here, and advise to remove `async`.
    let init = arguments.init.iter().map(|init| {
        let call = SpanRange::of(init).resolved_at(Span::mixed_site());
        call.call("init", init.to_token_stream())
    });
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
/// check_state(&runtime, |state| {
///     use CompareState as _; use OtherType as _; use UnusedState as _;
///     (state.__lambda_stream_unused() | compared(state.__lambda_stream_compare::<Event>().result())).warn()
/// });
/// ```
/// If `init` creates a state and no parameter is written as a reference: reports a parameter that is the state by value, and
/// warns if no parameter takes the state.
fn state_check(arguments: &Arguments, handler: &HandlerFn) -> Option<TokenStream> {
    let init = SpanRange::of(arguments.init.as_ref()?);
    let types: Vec<&Type> = handler.parameter_types().collect();
    // The generated function does not have the lifetimes of the handler.
    if types.iter().any(|ty| is_reference(ty)) || handler.has_lifetimes() {
        return None;
    }
    let (state, runtime) = (local("state"), local("runtime"));
    let comparisons = types.into_iter().map(|ty| {
        // The compiler underlines the range only if the local variable and the call have the same hygiene.
        let range = SpanRange::of(ty).resolved_at(Span::mixed_site());
        let state = Ident::new(&state.to_string(), range.first);
        let compare = quote_spanned!(range.last=> #state.__lambda_stream_compare::<#ty>().result());
        range.call("compared", compare)
    });
    let checked = init.call(
        "checked",
        quote!((#state.__lambda_stream_unused() #(| #comparisons)*).warn()),
    );
    // The lint that reports an unused value reads the span of the statement.
    let checked = quote_spanned!(init.last=> #checked;);
    Some(quote_spanned! {Span::mixed_site()=>
        __lambda_stream::check_state(&#runtime, |#state| {
            use __lambda_stream::{CompareState as _, OtherType as _, UnusedState as _};
            #checked
        });
    })
}

fn is_reference(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => true,
        Type::Group(group) => is_reference(&group.elem),
        Type::Paren(paren) => is_reference(&paren.elem),
        _ => false,
    }
}

/// `start1(settings, runtime, handler(handler), parameter(), response(), item(error()), error())`
fn start(arguments: &Arguments, handler: &HandlerFn, runtime: &TokenStream, has_state_check: bool) -> TokenStream {
    let name = SpanRange::of(&handler.name);
    let types: Vec<&Type> = handler.parameter_types().collect();
    let parameters = types.iter().map(|ty| {
        let range = SpanRange::of(ty);
        // The compiler reports one error for a state by value if `state_check` has the same span.
        let range = if has_state_check {
            range.resolved_at(Span::mixed_site())
        } else {
            range
        };
        if is_reference(ty) {
            return range.call("state", TokenStream::new());
        }
        match parameter_function(ty, arguments.init.is_some()) {
            None => range.call("parameter", TokenStream::new()),
            Some((function, argument)) => {
                // The generated function does not have the lifetimes of the handler.
                let argument = argument
                    .filter(|_| !handler.has_lifetimes())
                    .map(ToTokens::to_token_stream);
                let argument = argument.unwrap_or_else(|| quote!(()));
                range.call(function, quote!(__lambda_stream::argument::<#argument>()))
            }
        }
    });
    let response = match &handler.output {
        ReturnType::Default => response(name, name, None, None),
        ReturnType::Type(_, ty) => {
            let response_type = response_type(ty);
            response(
                SpanRange::of(response_type),
                SpanRange::of(ty),
                item_type(response_type),
                error_type(ty),
            )
        }
    };
    let settings = settings(arguments);
    // With the same span as the name, Clippy would take the function for called here, and advise to remove `async`.
    let function = SpanRange {
        first: handler.fn_token.span,
        ..name
    };
    let function = function.call("handler", handler.name.to_token_stream());
    // The compiler reports a state that cannot be shared between threads at the span of the call.
    let state = types.iter().copied().find(|ty| is_reference(ty)).map(SpanRange::of);
    let init = arguments.init.as_ref().map(SpanRange::of);
    let start = format!("start{}", types.len());
    state.or(init).unwrap_or(name).call(
        &start,
        quote!(#settings, #runtime, #function, #(#parameters,)* #response),
    )
}

/// `response(), item(error()), error()`
fn response(response: SpanRange, return_type: SpanRange, item: Option<&Type>, error: Option<&Type>) -> TokenStream {
    let error_at =
        |ty: Option<&Type>, default: SpanRange| ty.map_or(default, SpanRange::of).call("error", TokenStream::new());
    let (value, item_error) = match item {
        Some(item) => (
            SpanRange::of(response_type(item)),
            error_at(error_type(item), SpanRange::of(item)),
        ),
        None => (response, error_at(None, response)),
    };
    let item = value.call("item", item_error);
    let error = error_at(error, return_type);
    let response = response.call("response", TokenStream::new());
    quote!(#response, #item, #error)
}

/// Returns the name of a local variable, with a prefix that prevents conflicts with the name of the handler.
fn local(name: &str) -> Ident {
    format_ident!("__lambda_stream_{name}", span = Span::mixed_site())
}

/// Returns the tokens that replace the expansion after an error: the item, so that its uses still compile, and an empty
/// `main`, so that the compiler does not report it as missing. `defines_main`: the file has no other `main`.
fn fallback(handler: Option<&HandlerFn>, item: &TokenStream, defines_main: bool) -> TokenStream {
    let main = |body| quote_spanned!(Span::mixed_site()=> fn main() { #body });
    let Some(handler) = handler else {
        let main = main(None);
        return quote!(#item #main);
    };
    let item = handler.fallback_tokens();
    if handler.is_method() || !defines_main {
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
    fn of<T: ToTokens>(code: &T) -> Self {
        // In an editor, a generated name at the place of a name in the source code is a second definition of it.
        if !is_rustc() {
            let span = Span::mixed_site();
            return Self {
                first: span,
                last: span,
            };
        }
        let tokens = code.to_token_stream();
        let first = first_span(tokens.clone()).unwrap_or_else(Span::mixed_site);
        Self {
            first,
            last: last_span(tokens).unwrap_or(first),
        }
    }

    fn resolved_at(self, span: Span) -> Self {
        Self {
            first: self.first.resolved_at(span),
            last: self.last.resolved_at(span),
        }
    }

    /// Generates `__lambda_stream::name(arguments)`. The compiler reports errors in it at this range.
    fn call(self, name: &str, arguments: TokenStream) -> TokenStream {
        let name = Ident::new(name, self.last);
        let mut parenthesized = Group::new(Delimiter::Parenthesis, arguments);
        parenthesized.set_span(self.last);
        quote_spanned!(self.first=> __lambda_stream::#name #parenthesized)
    }
}

/// Returns the span of the first token. A type that a `macro_rules!` macro takes as `$name:ty` is in an invisible group,
/// whose span is that of `$name`. The user changes the tokens in it.
fn first_span(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().next().map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            first_span(group.stream()).unwrap_or_else(|| group.span())
        }
        token => token.span(),
    })
}

/// Returns the span of the last token, as [`first_span`] does.
fn last_span(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().last().map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            last_span(group.stream()).unwrap_or_else(|| group.span())
        }
        token => token.span(),
    })
}

#[cfg(test)]
mod tests;
