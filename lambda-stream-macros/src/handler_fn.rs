//! Parses the annotated function and checks that it can be a handler.
//!
//! Only the signature is parsed. Patterns and the body stay unparsed tokens, so the attribute also expands code that is
//! incomplete in an editor. Types are checked by the traits of the library, not by their spelling, because a type can
//! be an alias. The exceptions are `impl Trait` and references, which get a better message here.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::{
    Abi, Attribute, GenericParam, Generics, Ident, ReturnType, Token, Type, Visibility, WhereClause,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
};

/// The annotated function.
pub(crate) struct HandlerFn {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    constness: Option<Token![const]>,
    asyncness: Option<Token![async]>,
    unsafety: Option<Token![unsafe]>,
    abi: Option<Abi>,
    fn_token: Token![fn],
    pub(crate) name: Ident,
    generics: Generics,
    parameters: Vec<Parameter>,
    pub(crate) output: ReturnType,
    body: TokenStream,
}

struct Parameter {
    attributes: Vec<Attribute>,
    /// The tokens before the type: a pattern and its colon, or a receiver such as `&mut self`.
    pattern: TokenStream,
    kind: ParameterKind,
}

/// A kind of parameter, with the tokens after its pattern.
enum ParameterKind {
    Typed(Type),
    Receiver(Option<Type>),
    Variadic(Token![...]),
}

impl HandlerFn {
    /// Parses the annotated item. Returns `None`, and adds an error to `errors`, if the item is not a function.
    pub(crate) fn parse(item: TokenStream, errors: &mut Vec<syn::Error>) -> Option<Self> {
        syn::parse2(item).map_err(|error| errors.push(error)).ok()
    }

    /// Returns whether the function is named `main`, like the generated function.
    pub(crate) fn is_named_main(&self) -> bool {
        self.name.unraw() == "main"
    }

    /// Returns whether the function takes `self`. A `main` function cannot be generated next to a method.
    pub(crate) fn is_method(&self) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.any(|parameter| matches!(parameter.kind, ParameterKind::Receiver(_)))
    }

    /// Returns the types of the parameters, in order.
    pub(crate) fn parameter_types(&self) -> impl Iterator<Item = &Type> {
        self.parameters.iter().filter_map(|parameter| match &parameter.kind {
            ParameterKind::Typed(ty) => Some(ty),
            ParameterKind::Receiver(_) | ParameterKind::Variadic(_) => None,
        })
    }

    /// Returns the `#[cfg(…)]` attributes, which the generated `main` repeats.
    pub(crate) fn cfg_attributes(&self) -> impl Iterator<Item = &Attribute> {
        let attributes = self.attributes.iter();
        attributes.filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// Adds an error to `errors` for each reason why the function cannot be a handler. `has_init`: the attribute has the
    /// argument `init`.
    pub(crate) fn check(&self, has_init: bool, errors: &mut Vec<syn::Error>) {
        self.check_attributes(errors);
        self.check_qualifiers(errors);
        self.check_generics(errors);
        for parameter in &self.parameters {
            parameter.check(has_init, errors);
        }
        if !self.has_body() {
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
                Some(ConflictingAttribute::EntryPoint(path)) => format!(
                    "`#[{path}]` conflicts with `#[lambda_stream::main]`, which generates `main` and starts the runtime: remove `#[{path}]`"
                ),
                Some(ConflictingAttribute::Test(path)) => format!(
                    "`#[{path}]` is not supported on a handler: remove it, and call `{}` from a separate test function",
                    self.name
                ),
            };
            errors.push(syn::Error::new_spanned(attribute, message));
        }
    }

    fn check_qualifiers(&self, errors: &mut Vec<syn::Error>) {
        if self.asyncness.is_none() {
            let message = format!(
                "a handler must be async: write `async fn {}`, and remove any other attribute that starts a runtime",
                self.name
            );
            errors.push(syn::Error::new(self.fn_token.span, message));
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
            let message = "a handler cannot be `extern`, because Rust code calls it: remove `extern`";
            errors.push(syn::Error::new_spanned(abi, message));
        }
    }

    fn check_generics(&self, errors: &mut Vec<syn::Error>) {
        for parameter in &self.generics.params {
            let (name, kind, replacement) = match parameter {
                GenericParam::Lifetime(_) => continue,
                GenericParam::Type(parameter) => (&parameter.ident, "type", "type"),
                GenericParam::Const(parameter) => (&parameter.ident, "const", "value"),
            };
            let message = format!(
                "a handler cannot have {kind} parameters, because the generated `main` does not specify `{name}`: replace `{name}` with a concrete {replacement}"
            );
            errors.push(syn::Error::new_spanned(parameter, message));
        }
    }

    fn has_body(&self) -> bool {
        matches!(self.body.clone().into_iter().next(), Some(TokenTree::Group(_)))
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
        let where_clause = &generics.where_clause;
        let body = if self.has_body() {
            body.clone()
        } else {
            quote!({ ::core::unreachable!() })
        };
        quote! {
            #(#attributes)* #visibility #asyncness #unsafety #abi #fn_token #name #generics
            ( #(#parameters),* ) #output #where_clause #body
        }
    }
}

impl Parameter {
    fn check(&self, has_init: bool, errors: &mut Vec<syn::Error>) {
        for attribute in &self.attributes {
            let path = attribute.path();
            if path.is_ident("cfg") || path.is_ident("cfg_attr") {
                let message = format!(
                    "`#[{}]` is not supported on handler parameters: write one function per configuration, each with `#[cfg]` on the function",
                    path.to_token_stream()
                );
                errors.push(syn::Error::new_spanned(attribute, message));
            }
        }
        match &self.kind {
            ParameterKind::Typed(ty) => {
                if let Some(impl_token) = find_impl(ty.to_token_stream()) {
                    let message = "`impl Trait` is not supported in handler parameters: write a concrete type";
                    errors.push(syn::Error::new_spanned(impl_token, message));
                }
                check_reference(ty, has_init, errors);
            }
            ParameterKind::Receiver(ty) => {
                let pattern = &self.pattern;
                let message = "a handler cannot take `self`: move the function out of the `impl` or `trait`, and take the data of `self` as the state `&S`, which `init = setup` creates";
                errors.push(syn::Error::new_spanned(quote!(#pattern #ty), message));
            }
            ParameterKind::Variadic(dots) => {
                let message = "a handler cannot be variadic: remove the `...`";
                errors.push(syn::Error::new_spanned(dots, message));
            }
        }
    }
}

/// Checks a parameter that is spelled as a reference. Only the state is taken by reference.
fn check_reference(ty: &Type, has_init: bool, errors: &mut Vec<syn::Error>) {
    let reference = match ty {
        Type::Reference(reference) => reference,
        Type::Group(group) => return check_reference(&group.elem, has_init, errors),
        Type::Paren(paren) => return check_reference(&paren.elem, has_init, errors),
        _ => return,
    };
    let target = type_text(&reference.elem);
    let message = match &*reference.elem {
        Type::Path(path) if path.path.is_ident("str") => {
            "a handler takes its event by value, found `&str`: write `String`".to_owned()
        }
        Type::Slice(_) => format!(
            "a handler takes its event by value, found `&{target}`: write `Vec<T>`, or `lambda_stream::RawEvent` for the bytes of the event"
        ),
        _ if reference.mutability.is_some() => format!(
            "all invocations share the state, so a handler cannot take `&mut {target}`: write `&{target}`, and keep mutable data in a `Mutex` or an atomic"
        ),
        _ if !has_init => format!(
            "a reference parameter is the state, but no `init` creates a `{target}`: write `#[lambda_stream::main(init = setup)]` with an `async fn setup() -> Result<{target}, E>`, or take the event by value"
        ),
        _ => return,
    };
    errors.push(syn::Error::new_spanned(ty, message));
}

/// Returns the text of a type without the spaces around `::`, `<` and `>`.
fn type_text(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    text.replace(" :: ", "::").replace(" < ", "<").replace(" >", ">")
}

/// Returns the first `impl` token of a type, at any depth.
fn find_impl(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == "impl" => Some(ident),
        TokenTree::Group(group) => find_impl(group.stream()),
        _ => None,
    })
}

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

impl Parse for HandlerFn {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let item = input.fork();
        let (constness, asyncness) = (input.parse()?, input.parse()?);
        let unsafety = input.parse()?;
        let abi = if input.peek(Token![extern]) {
            Some(input.parse()?)
        } else {
            None
        };
        if !input.peek(Token![fn]) {
            return Err(not_a_function(&item));
        }
        let fn_token = input.parse()?;
        let name = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let parenthesized;
        parenthesized!(parenthesized in input);
        let parameters = parse_parameters(&parenthesized)?;
        let output = input.parse()?;
        generics.where_clause = input.parse::<Option<WhereClause>>()?;
        let body = input.parse()?;
        Ok(Self {
            attributes,
            visibility,
            constness,
            asyncness,
            unsafety,
            abi,
            fn_token,
            name,
            generics,
            parameters,
            output,
            body,
        })
    }
}

fn not_a_function(item: ParseStream) -> syn::Error {
    let mut last = item.span();
    while let Ok(word) = item.call(Ident::parse_any) {
        last = word.span();
        let found = match word.to_string().as_str() {
            "struct" => "a struct",
            "enum" => "an enum",
            "union" => "a union",
            "trait" => "a trait",
            "impl" => "an `impl`",
            "mod" => "a module",
            "use" => "an import",
            "static" => "a static",
            "type" => "a type",
            "const" if item.peek(Ident) => "a constant",
            _ => continue,
        };
        let message = format!(
            "`#[lambda_stream::main]` requires an `async fn`, found {found}: move the attribute to the handler"
        );
        return syn::Error::new(last, message);
    }
    let message = "`#[lambda_stream::main]` requires an `async fn`: move the attribute to the handler";
    syn::Error::new(last, message)
}

fn parse_parameters(input: ParseStream) -> syn::Result<Vec<Parameter>> {
    let mut parameters = Vec::new();
    while !input.is_empty() {
        parameters.push(input.parse()?);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(parameters)
}

impl Parse for Parameter {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let mut pattern = TokenStream::new();
        let mut is_receiver = false;
        // A pattern ends at the first `:`. A receiver has a `:` only if its type is written out.
        while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![...]) {
            if input.peek(Token![::]) {
                input.parse::<Token![::]>()?.to_tokens(&mut pattern);
                continue;
            }
            if input.peek(Token![:]) {
                input.parse::<Token![:]>()?.to_tokens(&mut pattern);
                break;
            }
            is_receiver = input.peek(Token![self]) && !input.peek2(Token![::]);
            pattern.append(input.parse::<TokenTree>()?);
        }
        let ended = input.is_empty() || input.peek(Token![,]);
        let kind = if input.peek(Token![...]) {
            ParameterKind::Variadic(input.parse()?)
        } else if is_receiver {
            ParameterKind::Receiver(if ended { None } else { Some(input.parse()?) })
        } else {
            ParameterKind::Typed(input.parse()?)
        };
        Ok(Self {
            attributes,
            pattern,
            kind,
        })
    }
}

impl ToTokens for Parameter {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attributes);
        self.pattern.to_tokens(tokens);
        match &self.kind {
            ParameterKind::Typed(ty) | ParameterKind::Receiver(Some(ty)) => ty.to_tokens(tokens),
            ParameterKind::Receiver(None) => {}
            ParameterKind::Variadic(dots) => dots.to_tokens(tokens),
        }
    }
}
