//! Parses the annotated function.
//!
//! Only the signature is parsed. Patterns and the body stay unparsed tokens, so the attribute also expands code that is
//! incomplete in an editor.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::{
    Abi, Attribute, Generics, Ident, LitStr, ReturnType, Token, Type, Visibility, WhereClause,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
    parse2, token,
};

/// The annotated function.
pub(crate) struct HandlerFn {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) constness: Option<Token![const]>,
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) unsafety: Option<Token![unsafe]>,
    pub(crate) abi: Option<Abi>,
    pub(crate) fn_token: Token![fn],
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: ReturnType,
    pub(crate) body: TokenStream,
}

/// A parameter of the annotated function.
pub(crate) struct Parameter {
    pub(crate) attributes: Vec<Attribute>,
    /// The tokens before the type: a pattern and its colon, or a receiver such as `&mut self`.
    pub(crate) pattern: TokenStream,
    pub(crate) kind: ParameterKind,
}

/// A kind of parameter, with the tokens after its pattern.
pub(crate) enum ParameterKind {
    Typed(Type),
    Receiver(Option<Type>),
    Variadic(Token![...]),
}

impl HandlerFn {
    /// Parses the annotated item. Returns `None`, and adds an error to `errors`, if the item is not a function.
    ///
    /// A syntax error is not added: the compiler has reported it, or reports it when it parses the expansion.
    pub(crate) fn parse(item: TokenStream, errors: &mut Vec<syn::Error>) -> Option<Self> {
        match parse2::<Item>(item) {
            Ok(Item::Function(function)) => Some(*function),
            Ok(Item::Other(error)) => {
                errors.push(error);
                None
            }
            Err(_) => None,
        }
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

    /// Returns whether the function has lifetime parameters.
    pub(crate) fn has_lifetimes(&self) -> bool {
        self.generics.lifetimes().next().is_some()
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

    /// Returns whether the function has a body, and is not a declaration.
    pub(crate) fn has_body(&self) -> bool {
        // In an editor, the braces around a body with an unmatched delimiter are not a group.
        let first = self.body.clone().into_iter().next();
        first.is_some_and(|token| token.to_string() != ";")
    }
}

/// The annotated item.
enum Item {
    Function(Box<HandlerFn>),
    /// Another item, as an error.
    Other(syn::Error),
}

impl Parse for Item {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let item = input.fork();
        item.call(Attribute::parse_outer)?;
        item.parse::<Visibility>()?;
        let signature = item.fork();
        while signature.peek(Token![const])
            || signature.peek(Token![async])
            || signature.peek(Token![unsafe])
            || signature.peek(Token![extern])
            || signature.peek(LitStr)
        {
            signature.parse::<TokenTree>()?;
        }
        if signature.peek(Token![fn]) {
            return Ok(Self::Function(Box::new(input.parse()?)));
        }
        let error = not_a_function(&item);
        input.parse::<TokenStream>()?;
        Ok(Self::Other(error))
    }
}

impl Parse for HandlerFn {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let (constness, asyncness) = (input.parse()?, input.parse()?);
        let unsafety = input.parse()?;
        let abi = if input.peek(Token![extern]) {
            Some(input.parse()?)
        } else {
            None
        };
        let fn_token = input.parse()?;
        let name = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let parenthesized;
        parenthesized!(parenthesized in input);
        let parameters = parse_parameters(&parenthesized)?;
        let output = input.parse()?;
        generics.where_clause = input.parse::<Option<WhereClause>>()?;
        // The compiler has reported a body that starts with other tokens, such as `: Type` in place of `-> Type`.
        if !input.peek(token::Brace) && !input.peek(Token![;]) {
            return Err(input.error("expected a body"));
        }
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

/// Returns the error for an item that is not a function. The attribute is to be moved, so it is marked.
fn not_a_function(item: ParseStream) -> syn::Error {
    let tokens: TokenStream = item.fork().parse().unwrap_or_default();
    let handler = find_async_fn(tokens).map_or("the handler".to_owned(), |name| format!("`async fn {name}`"));
    let mut found = String::new();
    while let Ok(word) = item.call(Ident::parse_any) {
        let kind = match word.to_string().as_str() {
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
        found = format!(", found {kind}");
        break;
    }
    let message = format!("`#[lambda_stream::main]` requires an `async fn`{found}: move the attribute to {handler}");
    syn::Error::new(Span::call_site(), message)
}

/// Returns the name of the first async function in the tokens, at any depth.
fn find_async_fn(tokens: TokenStream) -> Option<Ident> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let functions = tokens.windows(3).find_map(|tokens| match tokens {
        [
            TokenTree::Ident(keyword),
            TokenTree::Ident(function),
            TokenTree::Ident(name),
        ] if keyword == "async" && function == "fn" => Some(name.clone()),
        _ => None,
    });
    functions.or_else(|| {
        tokens.iter().find_map(|token| match token {
            TokenTree::Group(group) => find_async_fn(group.stream()),
            _ => None,
        })
    })
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
