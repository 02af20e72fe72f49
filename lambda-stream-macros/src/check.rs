//! Checks that the annotated function can be a handler, and reports everything that cannot be.
//!
//! Types are checked by the traits of the library, not by their spelling, because a type can be an alias. The exceptions
//! are `impl Trait` and references, which get a better message here.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, GenericParam, Ident, Meta, ReturnType, Type, TypeParamBound};

use crate::args::source_text;
use crate::compiler::{CompilerArguments, RootFunction};
use crate::parse::{HandlerFn, Parameter, ParameterKind};
use crate::types::{as_reference, find_impl_trait, find_reference, future_output, response_type, type_name, type_text};

/// Adds an error to `errors` if the library is no dependency of the crate that is compiled.
pub(crate) fn check_library(compiler: &CompilerArguments, errors: &mut Vec<syn::Error>) {
    if compiler.library_name().is_none() {
        let message = "this crate does not depend on `lambda_stream` directly: write the path by which it is reached, as in `#[lambda_stream::main(crate = facade::lambda_stream)]`";
        errors.push(syn::Error::new(Span::call_site(), message));
    }
}

/// Adds an error to `errors` if the crate is a library, if the handler is in a module or a function of the root file, or if
/// another function in the root module is the `main` of the program, or has the attribute and stands before this one. Returns whether `main` is still to be defined.
pub(crate) fn check_root_functions(
    handler: &HandlerFn,
    compiler: &CompilerArguments,
    errors: &mut Vec<syn::Error>,
) -> bool {
    let name = handler.name.to_string();
    if compiler.is_library() {
        let message = format!(
            "`#[lambda_stream::main]` generates `fn main`, and a library has none: move `{name}` to a program, such as `src/main.rs`"
        );
        errors.push(syn::Error::new(Span::call_site(), message));
        return false;
    }
    if let Some(item) = compiler.item_around(&name) {
        let message = format!(
            "`{name}` is in the {item}, where the generated `main` would not be the start of the program: move `{name}` to the root module"
        );
        errors.push(syn::Error::new(handler.name.span(), message));
        return false;
    }
    let functions = compiler.root_functions().unwrap_or_default();
    let certain = |function: &&RootFunction| !function.is_conditional;
    // If the handler is in another module, the functions of the root module do not concern it.
    if !functions.iter().any(|function| function.name == name) || handler.cfg_attributes().next().is_some() {
        return true;
    }
    let first_handler = functions.iter().filter(certain).find(|function| function.is_handler);
    let own_main = functions
        .iter()
        .filter(certain)
        .find(|function| function.name == "main" && !function.is_handler);
    let message = match (own_main, first_handler) {
        (Some(_), _) if name != "main" => format!(
            "`#[lambda_stream::main]` generates `fn main`, but this file has a `fn main` already: remove it, or move `{name}` to a binary of its own, such as `src/bin/{name}.rs`"
        ),
        (_, Some(first)) if first.name != name => format!(
            "a program has one handler, and `{}` is one already: move `{name}` to a binary of its own, such as `src/bin/{name}.rs`",
            first.name
        ),
        _ => return true,
    };
    errors.push(syn::Error::new(Span::call_site(), message));
    false
}

/// The number of kinds of parameters.
const MAX_PARAMETERS: usize = 8;

impl HandlerFn {
    /// Adds an error to `errors` for each reason why the function cannot be a handler. `has_init`: the attribute has the
    /// argument `init`.
    pub(crate) fn check(&self, has_init: bool, errors: &mut Vec<syn::Error>) {
        self.check_attributes(errors);
        self.check_qualifiers(errors);
        self.check_generics(errors);
        for parameter in &self.parameters {
            parameter.check(has_init, errors);
        }
        self.check_number_of_parameters(errors);
        if let (ReturnType::Type(_, ty), Some(_)) = (&self.output, &self.asyncness) {
            check_return_type(ty, errors);
        }
        self.check_body(errors);
        // A method without a body is moved out of its trait first.
        if !self.has_body() && !self.is_method() {
            let message = "the handler has no body: replace the `;` with `{ … }`";
            errors.push(syn::Error::new_spanned(&self.body, message));
        }
    }

    fn check_attributes(&self, errors: &mut Vec<syn::Error>) {
        for attribute in &self.attributes {
            let message = match ConflictingAttribute::of(attribute) {
                None => continue,
                Some(ConflictingAttribute::Duplicate) => {
                    "duplicate attribute `#[lambda_stream::main]`: remove one of the two".to_owned()
                }
                Some(ConflictingAttribute::EntryPoint(path)) => {
                    let arguments = match &attribute.meta {
                        Meta::List(list) => format!(", and write `#[lambda_stream::main({})]`", list.tokens),
                        Meta::Path(_) | Meta::NameValue(_) => String::new(),
                    };
                    format!(
                        "`#[{path}]` conflicts with `#[lambda_stream::main]`, which generates `main` and starts the runtime: remove `#[{path}]`{arguments}"
                    )
                }
                Some(ConflictingAttribute::Test(path)) => {
                    let path = match path.ends_with(GENERATED_TEST) {
                        true if contains_ident(self.body.clone(), "tokio") => "tokio::test",
                        true => "test",
                        false => &path,
                    };
                    format!(
                        "`#[{path}]` is not supported on a handler: remove `#[{path}]`, and call `{}` from a separate test function",
                        self.name
                    )
                }
            };
            errors.push(syn::Error::new_spanned(attribute, message));
        }
    }

    /// Returns whether a test attribute above this one has made the function what it is.
    fn is_generated_test(&self) -> bool {
        let mut conflicting = self.attributes.iter().filter_map(ConflictingAttribute::of);
        conflicting
            .any(|attribute| matches!(attribute, ConflictingAttribute::Test(path) if path.ends_with(GENERATED_TEST)))
    }

    fn check_qualifiers(&self, errors: &mut Vec<syn::Error>) {
        if self.asyncness.is_none() && !self.is_generated_test() {
            errors.push(self.not_async());
        }
        if let Some(constness) = &self.constness {
            let message = "a handler cannot be `const`: remove `const`";
            errors.push(syn::Error::new_spanned(constness, message));
        }
        if let Some(unsafety) = &self.unsafety {
            let message = "a handler cannot be `unsafe`, because safe code calls it: remove `unsafe`, and use an `unsafe` block in the body";
            errors.push(syn::Error::new_spanned(unsafety, message));
        }
        if let Some(abi) = &self.abi {
            let message = format!(
                "a handler cannot be `extern`, because Rust code calls it: remove `{}`",
                abi.to_token_stream()
            );
            errors.push(syn::Error::new_spanned(abi, message));
        }
    }

    /// Checks that a handler named `main` without parameters does not run another handler or a server, as a `main` with
    /// `#[tokio::main]` does.
    fn check_body(&self, errors: &mut Vec<syn::Error>) {
        if !self.is_named_main() || !self.parameters.is_empty() {
            return;
        }
        if let Some(call) = find_call(&self.body, &["axum", "serve"]) {
            let message = "Lambda does not connect to a port: write `lambda_stream::http::run(router)`, and `#[tokio::main]` in place of `#[lambda_stream::main]`";
            errors.push(syn::Error::new_spanned(call, message));
        }
        let run = [
            &["lambda_stream", "run"][..],
            &["lambda_stream", "http", "run"],
            &["Runtime", "new"],
        ];
        if let Some(call) = run.iter().find_map(|path| find_call(&self.body, path)) {
            let message = "`#[lambda_stream::main]` is for the handler, and this `main` runs one itself: write `#[tokio::main]` here, or put `#[lambda_stream::main]` on the handler and remove this `main`";
            errors.push(syn::Error::new_spanned(call, message));
        }
    }

    /// Returns the error for a function that is not async: it was written so, or another attribute made it so.
    fn not_async(&self) -> syn::Error {
        match started_runtime(&self.body) {
            None => {
                let output = match &self.output {
                    ReturnType::Type(_, ty) => future_output(ty).map_or_else(String::new, |output| {
                        format!(
                            "(…) -> {}`, without `async move {{ … }}` in the body",
                            type_text(output)
                        )
                    }),
                    ReturnType::Default => String::new(),
                };
                let end = if output.is_empty() { "`" } else { &output };
                let message = format!("a handler must be async: write `async fn {}{end}", self.name);
                syn::Error::new(self.fn_token.span, message)
            }
            Some((attribute, name)) => {
                let message = format!(
                    "{name} conflicts with `#[lambda_stream::main]`, which generates `main` and starts the runtime: remove {name}"
                );
                syn::Error::new(attribute, message)
            }
        }
    }

    fn check_number_of_parameters(&self, errors: &mut Vec<syn::Error>) {
        if let Some(parameter) = self.parameters.get(MAX_PARAMETERS) {
            let message = format!(
                "a handler has at most {MAX_PARAMETERS} parameters, one of each kind: remove `{}`",
                parameter.to_token_stream()
            );
            errors.push(syn::Error::new_spanned(parameter, message));
        }
    }

    fn check_generics(&self, errors: &mut Vec<syn::Error>) {
        let where_clause = match self.generics.where_clause {
            Some(_) => ", and remove the `where` clause",
            None => "",
        };
        for parameter in &self.generics.params {
            let (name, kind, replacement) = match parameter {
                GenericParam::Lifetime(_) => continue,
                GenericParam::Type(parameter) => (&parameter.ident, "type", "type"),
                GenericParam::Const(parameter) => (&parameter.ident, "const", "value"),
            };
            let message = format!(
                "a handler cannot have {kind} parameters, because the generated `main` does not specify `{name}`: replace `{name}` with a concrete {replacement}{where_clause}"
            );
            errors.push(syn::Error::new_spanned(parameter, message));
        }
    }

    /// Returns the function without the parts for which the compiler would repeat an error that `check` has reported.
    pub(crate) fn fallback_tokens(&self) -> TokenStream {
        let Self {
            visibility,
            asyncness,
            unsafety,
            abi,
            fn_token,
            name,
            generics,
            output,
            body,
            ..
        } = self;
        let attributes = self.attributes.iter();
        let attributes = attributes.filter(|attribute| ConflictingAttribute::of(attribute).is_none());
        let parameters = self.parameters.iter();
        let parameters = parameters.filter(|parameter| !matches!(parameter.kind, ParameterKind::Variadic(_)));
        // In the body, the compiler would report each use of a stream that is taken by reference.
        let parameters = parameters.map(|parameter| match parameter.is_taken_by_value(true) {
            true => parameter
                .corrected()
                .parse()
                .unwrap_or_else(|_| parameter.to_token_stream()),
            false => parameter.to_token_stream(),
        });
        let where_clause = &generics.where_clause;
        // The body that is missing would use the parameters.
        let (allow, body) = if self.has_body() {
            (TokenStream::new(), body.clone())
        } else {
            (
                quote!(#[allow(unused_variables, reason = "the body is missing")]),
                quote!({ ::core::unreachable!() }),
            )
        };
        quote! {
            #(#attributes)* #allow #visibility #asyncness #unsafety #abi #fn_token #name #generics
            ( #(#parameters),* ) #output #where_clause #body
        }
    }
}

impl Parameter {
    /// Returns the tokens before the type as text, with the colon.
    fn prefix(&self) -> String {
        let text = self.pattern.to_string();
        match text.strip_suffix(':') {
            Some(pattern) => format!("{}: ", pattern.trim_end()),
            None => text,
        }
    }

    /// Returns the name of the parameter, without `mut`.
    fn name(&self) -> String {
        let prefix = self.prefix();
        let pattern = prefix.trim_end_matches(": ");
        pattern.strip_prefix("mut ").unwrap_or(pattern).to_owned()
    }

    /// Returns whether the parameter is a reference, but its type is taken by value.
    fn is_taken_by_value(&self, has_init: bool) -> bool {
        let reference = match &self.kind {
            ParameterKind::Typed(ty) => as_reference(ty),
            ParameterKind::Receiver(_) | ParameterKind::Variadic(_) => None,
        };
        let name = reference.and_then(|reference| type_name(&reference.elem));
        let is_one_of = |names: &[&str]| name.as_ref().is_some_and(|name| names.contains(&name.as_str()));
        is_one_of(&TAKEN_BY_VALUE) || (!has_init && is_one_of(&TAKEN_BY_VALUE_UNLESS_STATE))
    }

    /// Returns a parameter whose type is taken by value as it is to be written.
    fn corrected(&self) -> String {
        let target = match &self.kind {
            ParameterKind::Typed(ty) => as_reference(ty).map(|reference| type_text(&reference.elem)),
            ParameterKind::Receiver(_) | ParameterKind::Variadic(_) => None,
        };
        let target = target.unwrap_or_default();
        let name = self.name();
        // Most methods of the stream take `&mut self`.
        let mutable = if target.ends_with("ResponseStream") && syn::parse_str::<Ident>(&name).is_ok() {
            "mut "
        } else {
            ""
        };
        format!("{mutable}{name}: {target}")
    }

    fn check(&self, has_init: bool, errors: &mut Vec<syn::Error>) {
        for attribute in &self.attributes {
            let path = attribute.path();
            if path.is_ident("cfg") || path.is_ident("cfg_attr") {
                let message = format!(
                    "`#[{}]` is not supported on handler parameters: remove `{}`, and write it on the code that uses the parameter, or on one function per configuration",
                    path.to_token_stream(),
                    source_text(&attribute.to_token_stream())
                );
                errors.push(syn::Error::new_spanned(attribute, message));
            }
        }
        match &self.kind {
            ParameterKind::Typed(ty) => {
                if let Some(impl_trait) = find_impl_trait(ty) {
                    let message = format!(
                        "`{}` is not supported in handler parameters: write a concrete type",
                        type_text(impl_trait)
                    );
                    errors.push(syn::Error::new_spanned(impl_trait, message));
                }
                check_reference(self, ty, has_init, errors);
                check_borrowing_event(ty, has_init, errors);
            }
            ParameterKind::Receiver(ty) => {
                let pattern = &self.pattern;
                let message = "a handler cannot take `self`: move the function out of the `impl` or `trait`, and take the data of `self` as the state `&S`, which `init = setup` creates";
                errors.push(syn::Error::new_spanned(quote!(#pattern #ty), message));
            }
            ParameterKind::Variadic(dots) => {
                let pattern = &self.pattern;
                let variadic = quote!(#pattern #dots);
                let message = format!("a handler cannot be variadic: remove `{}...`", self.prefix());
                errors.push(syn::Error::new_spanned(variadic, message));
            }
        }
    }
}

/// The types that a handler takes by value, and that cannot be a state.
const TAKEN_BY_VALUE: [&str; 4] = ["ResponseStream", "Payload", "RawEvent", "LambdaEvent"];
/// The types that a handler takes by value. A state may have the same name.
const TAKEN_BY_VALUE_UNLESS_STATE: [&str; 2] = ["Context", "Request"];

/// Checks a parameter that is written as a reference. Only the state is taken by reference, and if `init` creates one, the
/// compiler compares the types.
fn check_reference(parameter: &Parameter, ty: &Type, has_init: bool, errors: &mut Vec<syn::Error>) {
    let Some(reference) = as_reference(ty) else {
        return;
    };
    let target = type_text(&reference.elem);
    let by_value = format!("{}: {target}", parameter.name());
    let message = match &*reference.elem {
        _ if parameter.is_taken_by_value(has_init) => {
            format!("a handler takes `{target}` by value: write `{}`", parameter.corrected())
        }
        _ if reference.mutability.is_some() => format!(
            "all invocations share the state, so a handler cannot take `&mut {target}`: write `&{target}` for the state, and keep mutable data in a `Mutex` or an atomic; write `mut {by_value}` for the event"
        ),
        _ if has_init => return,
        Type::Path(path) if path.path.is_ident("str") => format!(
            "a handler takes its event by value, found `{}`: write `{}: String`",
            type_text(ty),
            parameter.name()
        ),
        Type::Slice(slice) if type_text(&slice.elem) == "u8" => format!(
            "a handler takes its event by value, found `{}`: write `{}: lambda_stream::RawEvent`",
            type_text(ty),
            parameter.name()
        ),
        Type::Slice(slice) => format!(
            "a handler takes its event by value, found `{}`: write `{}: Vec<{}>`",
            type_text(ty),
            parameter.name(),
            type_text(&slice.elem)
        ),
        _ => format!(
            "a reference parameter is the state, but no `init` creates a `{target}`: write `{by_value}` if it is the event; for a state, write `#[lambda_stream::main(init = setup)]` with an `async fn setup() -> Result<{target}, E>`"
        ),
    };
    errors.push(syn::Error::new_spanned(ty, message));
}

/// Checks for a reference in a type that is not one itself: an event that borrows.
fn check_borrowing_event(ty: &Type, has_init: bool, errors: &mut Vec<syn::Error>) {
    if as_reference(ty).is_some() {
        return;
    }
    let Some((found, reference)) = find_reference(ty) else {
        return;
    };
    let target = type_text(&reference.elem);
    let owned = match &*reference.elem {
        _ if target == "str" => "String".to_owned(),
        Type::Slice(slice) => format!("Vec<{}>", type_text(&slice.elem)),
        _ if has_init => {
            let message = format!(
                "a handler takes the state, which `init` creates, as a parameter of its own: write `&{target}`"
            );
            errors.push(syn::Error::new_spanned(ty, message));
            return;
        }
        _ => target,
    };
    let message = format!("an event cannot borrow from the bytes that it is deserialized from: write `{owned}`");
    errors.push(syn::Error::new_spanned(found, message));
}

/// Checks a return type that is written as `impl IntoResponse`, also as the `T` of a `Result<T, E>`: axum's trait.
fn check_return_type(ty: &Type, errors: &mut Vec<syn::Error>) {
    if let Some(output) = future_output(ty) {
        let message = format!(
            "an `async fn` already returns a future: write `{}`, and return the result of `.await`",
            type_text(output)
        );
        errors.push(syn::Error::new_spanned(ty, message));
    }
    if let Type::ImplTrait(impl_trait) = response_type(ty) {
        let is_into_response = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Trait(bound) if bound.path.segments.last().is_some_and(|last| last.ident == "IntoResponse" && last.arguments.is_none()));
        if impl_trait.bounds.iter().any(is_into_response) {
            let message = "a handler cannot return `impl IntoResponse`: for a response of axum, write `axum::response::Response` and call `.into_response()`; or put the function in a `Router`, and call `lambda_stream::http::run(router)` in `main`, without this attribute";
            errors.push(syn::Error::new_spanned(impl_trait, message));
        }
    }
}

/// Returns the span and the name of an attribute such as `#[tokio::main]` if the body is its expansion: a call of `block_on`.
///
/// The compiler expands attributes from the first to the last, so this attribute does not see those above it.
fn started_runtime(body: &TokenStream) -> Option<(Span, &'static str)> {
    if !contains_ident(body.clone(), "block_on") {
        return None;
    }
    let TokenTree::Group(block) = body.clone().into_iter().next()? else {
        return None;
    };
    let attribute = block.stream().into_iter().next()?.span();
    let name = if contains_ident(body.clone(), "tokio") {
        "`#[tokio::main]`"
    } else {
        "the attribute above it"
    };
    Some((attribute, name))
}

/// Returns the tokens of the first path that ends with these names, at any depth.
fn find_call(tokens: &TokenStream, names: &[&str]) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (start, token) in tokens.iter().enumerate() {
        // A name and the two colons after it.
        let path = tokens.get(start..start + names.len() * 3 - 2);
        let found = path.filter(|path| {
            path.iter()
                .step_by(3)
                .map(ToString::to_string)
                .eq(names.iter().copied())
        });
        let nested = match token {
            TokenTree::Group(group) => find_call(&group.stream(), names),
            _ => None,
        };
        if let Some(found) = found.map(|path| path.iter().cloned().collect()).or(nested) {
            return Some(found);
        }
    }
    None
}

fn contains_ident(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => contains_ident(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The end of the path that an attribute such as `#[tokio::test]` generates.
const GENERATED_TEST: &str = "prelude::v1::test";

/// An attribute that cannot be used on the same function. The strings are paths, such as `tokio::main`.
enum ConflictingAttribute {
    Duplicate,
    EntryPoint(String),
    Test(String),
}

impl ConflictingAttribute {
    fn of(attribute: &Attribute) -> Option<Self> {
        let segments = &attribute.path().segments;
        let names: Vec<String> = segments.iter().map(|segment| segment.ident.to_string()).collect();
        let path = names.join("::");
        match names.last().map(String::as_str) {
            Some("main") if names.iter().any(|name| name == "lambda_stream") => Some(Self::Duplicate),
            Some("main") => Some(Self::EntryPoint(path)),
            Some("test") => Some(Self::Test(path)),
            _ => None,
        }
    }
}
