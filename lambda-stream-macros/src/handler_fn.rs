//! The annotated function: read as far as its signature, and checked.
//!
//! Patterns and the body are never parsed, so half-typed code still expands. What the types are is not looked at
//! either, where a trait of the library can tell: the spelling of a type proves nothing.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::{
    Abi, Attribute, GenericParam, Generics, Ident, ReturnType, Token, Type, Visibility, WhereClause,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
};

/// A function as far as it matters here.
pub(crate) struct HandlerFn {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    constness: Option<Token![const]>,
    asyncness: Option<Token![async]>,
    unsafety: Option<Token![unsafe]>,
    abi: Option<Abi>,
    keyword: Token![fn],
    pub(crate) name: Ident,
    generics: Generics,
    parameters: Vec<Parameter>,
    pub(crate) output: ReturnType,
    body: TokenStream,
}

struct Parameter {
    attributes: Vec<Attribute>,
    /// What stands before the type, with the colon: a pattern, or a whole `&mut self`.
    pattern: TokenStream,
    rest: Rest,
}

/// What stands after a parameter's pattern.
enum Rest {
    Type(Type),
    Receiver(Option<Type>),
    Variadic(Token![...]),
}

impl HandlerFn {
    /// Reads the annotated item. `None`: it is no function, which is among the `faults` then.
    pub(crate) fn parse(item: TokenStream, faults: &mut Vec<syn::Error>) -> Option<Self> {
        syn::parse2(item).map_err(|fault| faults.push(fault)).ok()
    }

    /// Whether it has the name of the entry point itself, so that it has to stand inside the generated one.
    pub(crate) fn is_named_main(&self) -> bool {
        self.name.unraw() == "main"
    }

    /// Whether it takes `self`, so that it stands where no `main` can stand beside it.
    pub(crate) fn is_method(&self) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.any(|parameter| matches!(parameter.rest, Rest::Receiver(_)))
    }

    /// The types of the parameters, in order.
    pub(crate) fn types(&self) -> impl Iterator<Item = &Type> {
        self.parameters.iter().filter_map(|parameter| match &parameter.rest {
            Rest::Type(given) => Some(given),
            Rest::Receiver(_) | Rest::Variadic(_) => None,
        })
    }

    /// The `#[cfg(…)]` attributes: what hides the function has to hide the `main` that calls it.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        let attributes = self.attributes.iter();
        attributes.filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// Finds whatever keeps this function from being a handler. `makes_state`: an `init` is given.
    pub(crate) fn check(&self, makes_state: bool, faults: &mut Vec<syn::Error>) {
        self.check_attributes(faults);
        self.check_qualifiers(faults);
        self.check_generics(faults);
        for parameter in &self.parameters {
            parameter.check(makes_state, faults);
        }
        if !self.has_body() {
            let text = "a handler has a body: write `{ … }` in place of the `;`";
            faults.push(syn::Error::new_spanned(&self.body, text));
        }
    }

    fn check_attributes(&self, faults: &mut Vec<syn::Error>) {
        for attribute in &self.attributes {
            let text = match Rival::of(attribute) {
                None => continue,
                Some(Rival::Itself) => {
                    "`#[lambda_stream::main]` stands here twice: leave out one of the two".to_owned()
                }
                Some(Rival::Entry(path)) => format!(
                    "`#[{path}]` makes a `main` as well: leave it out, `#[lambda_stream::main]` starts the runtime by itself"
                ),
                Some(Rival::Test(path)) => format!(
                    "a handler is not a test: leave out `#[{path}]`, and call `{}` from a test function of its own",
                    self.name
                ),
            };
            faults.push(syn::Error::new_spanned(attribute, text));
        }
    }

    fn check_qualifiers(&self, faults: &mut Vec<syn::Error>) {
        if self.asyncness.is_none() {
            let text = format!(
                "a handler is async: write `async fn {}` (and leave out any other attribute that starts a runtime)",
                self.name
            );
            faults.push(syn::Error::new(self.keyword.span, text));
        }
        if let Some(constness) = &self.constness {
            let text = "a handler cannot be `const`: leave it out";
            faults.push(syn::Error::new_spanned(constness, text));
        }
        if let Some(unsafety) = &self.unsafety {
            let text =
                "a handler cannot be `unsafe`, as safe code calls it: leave it out, and use an `unsafe` block inside";
            faults.push(syn::Error::new_spanned(unsafety, text));
        }
        if let Some(abi) = &self.abi {
            let text = "a handler is called from Rust: leave out `extern`";
            faults.push(syn::Error::new_spanned(abi, text));
        }
    }

    fn check_generics(&self, faults: &mut Vec<syn::Error>) {
        for parameter in &self.generics.params {
            let (name, what) = match parameter {
                GenericParam::Lifetime(_) => continue,
                GenericParam::Type(parameter) => (&parameter.ident, "type"),
                GenericParam::Const(parameter) => (&parameter.ident, "constant"),
            };
            let text = format!(
                "a handler has no {what} parameters, since nothing here says what `{name}` is: write the {what} that is meant"
            );
            faults.push(syn::Error::new_spanned(parameter, text));
        }
    }

    fn has_body(&self) -> bool {
        matches!(self.body.clone().into_iter().next(), Some(TokenTree::Group(_)))
    }

    /// The function as it stands, less what would make the compiler report a fault again that `check` has reported.
    pub(crate) fn harmless(&self) -> TokenStream {
        let Self {
            visibility,
            asyncness,
            unsafety,
            abi,
            keyword,
            name,
            generics,
            output,
            body,
            ..
        } = self;
        let attributes = self.attributes.iter();
        let attributes = attributes.filter(|attribute| Rival::of(attribute).is_none());
        let parameters = self.parameters.iter();
        let parameters = parameters.filter(|parameter| !matches!(parameter.rest, Rest::Variadic(_)));
        let conditions = &generics.where_clause;
        let body = if self.has_body() {
            body.clone()
        } else {
            quote!({ ::core::unreachable!() })
        };
        quote! {
            #(#attributes)* #visibility #asyncness #unsafety #abi #keyword #name #generics
            ( #(#parameters),* ) #output #conditions #body
        }
    }
}

impl Parameter {
    fn check(&self, makes_state: bool, faults: &mut Vec<syn::Error>) {
        for attribute in &self.attributes {
            let path = attribute.path();
            if path.is_ident("cfg") || path.is_ident("cfg_attr") {
                let text = "a condition on a parameter is not seen by the call of the handler: put it on the function, and write the function twice";
                faults.push(syn::Error::new_spanned(attribute, text));
            }
        }
        match &self.rest {
            Rest::Type(given) => {
                if let Some(keyword) = find_impl(given.to_token_stream()) {
                    let text = "`impl Trait` does not say which type the handler takes: name the type";
                    faults.push(syn::Error::new_spanned(keyword, text));
                }
                check_reference(given, makes_state, faults);
            }
            Rest::Receiver(given) => {
                let pattern = &self.pattern;
                let text = "a handler is a function of its own, not a method: move it out of the `impl`, and take what `self` held as the state, `&S`, which `init = …` makes";
                faults.push(syn::Error::new_spanned(quote!(#pattern #given), text));
            }
            Rest::Variadic(dots) => {
                let text = "a handler takes a fixed number of parameters: leave out the `...`";
                faults.push(syn::Error::new_spanned(dots, text));
            }
        }
    }
}

/// A reference is the one form that can be told by its spelling, and only the state is taken by reference.
fn check_reference(given: &Type, makes_state: bool, faults: &mut Vec<syn::Error>) {
    let reference = match given {
        Type::Reference(reference) => reference,
        Type::Group(group) => return check_reference(&group.elem, makes_state, faults),
        Type::Paren(paren) => return check_reference(&paren.elem, makes_state, faults),
        _ => return,
    };
    let target = reference.elem.to_token_stream();
    let text = match &*reference.elem {
        Type::Path(path) if path.path.is_ident("str") => "a handler owns its event: take `String`".to_owned(),
        Type::Slice(_) => {
            "a handler owns its event: take `Vec<T>`, or `lambda_stream::RawEvent` for the bytes as they came"
                .to_owned()
        }
        _ if reference.mutability.is_some() => format!(
            "the state is shared by all invocations: take `&{target}`, and keep what changes in a `Mutex` or an atomic"
        ),
        _ if !makes_state => format!(
            "a reference is the state, and nothing makes one here: write `#[lambda_stream::main(init = setup)]`, with an `async fn setup() -> Result<{target}, E>`; an event is taken by value"
        ),
        _ => return,
    };
    faults.push(syn::Error::new_spanned(given, text));
}

/// The first `impl` of a type, at whatever depth.
fn find_impl(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == "impl" => Some(ident),
        TokenTree::Group(group) => find_impl(group.stream()),
        _ => None,
    })
}

/// An attribute that cannot stand on the same function.
enum Rival {
    Itself,
    Entry(String),
    Test(String),
}

impl Rival {
    fn of(attribute: &Attribute) -> Option<Self> {
        let segments = &attribute.path().segments;
        let names: Vec<String> = segments.iter().map(|segment| segment.ident.to_string()).collect();
        let path = names.join("::");
        match names.last().map(String::as_str) {
            Some("main") if names.iter().any(|name| name == "lambda_stream") => Some(Self::Itself),
            Some("main") => Some(Self::Entry(path)),
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
        let keyword = input.parse()?;
        let name = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let inside;
        parenthesized!(inside in input);
        let parameters = parameters(&inside)?;
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
            keyword,
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
        let what = match word.to_string().as_str() {
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
        let text = format!("`#[lambda_stream::main]` goes on an `async fn`, not on {what}");
        return syn::Error::new(last, text);
    }
    syn::Error::new(last, "`#[lambda_stream::main]` goes on an `async fn`")
}

fn parameters(input: ParseStream) -> syn::Result<Vec<Parameter>> {
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
        // A pattern ends at the first lone colon; a receiver has none, unless its type is written out.
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
        let rest = if input.peek(Token![...]) {
            Rest::Variadic(input.parse()?)
        } else if is_receiver {
            Rest::Receiver(if ended { None } else { Some(input.parse()?) })
        } else {
            Rest::Type(input.parse()?)
        };
        Ok(Self {
            attributes,
            pattern,
            rest,
        })
    }
}

impl ToTokens for Parameter {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attributes);
        self.pattern.to_tokens(tokens);
        match &self.rest {
            Rest::Type(given) | Rest::Receiver(Some(given)) => given.to_tokens(tokens),
            Rest::Receiver(None) => {}
            Rest::Variadic(dots) => dots.to_tokens(tokens),
        }
    }
}
