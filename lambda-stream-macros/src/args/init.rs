//! Parses the value of `init`: the path of a function, and not a call of it.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::{
    AngleBracketedGenericArguments, Path, PathArguments, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    parse2,
};

use super::{
    text::{quoted, source_text},
    values::{ValueError, found, string},
};

pub(super) fn parse_init(value: &TokenStream) -> Result<Path, ValueError> {
    let problem = |found: &str| format!("`init` expects the path of an async function, found {found}");
    if let Some(path) = string(value) {
        let message = problem("a string");
        return Err(match syn::parse_str::<Path>(&path) {
            Ok(_) => ValueError::value(value, message, path, ", without quotes"),
            Err(_) => ValueError::advice(value, message, "write a path, as in `init = setup`"),
        });
    }
    let expression = Expression::parse(value);
    let Some(Expression { path, rest }) = expression else {
        if is_list(value) {
            return Err(ValueError::advice(
                value,
                problem("a list"),
                "write one `async fn setup() -> Result<S, E>` that calls these functions, where `S` is the type of the state, and `init = setup`",
            ));
        }
        let kind = match value.clone().into_iter().next() {
            Some(TokenTree::Ident(word)) if word == "async" || word == "move" => "an async block or closure".to_owned(),
            Some(TokenTree::Punct(bar)) if bar.as_char() == '|' => "a closure".to_owned(),
            _ => quoted(value).unwrap_or_else(|| "another expression".to_owned()),
        };
        return Err(ValueError::advice(
            value,
            problem(&kind),
            "move the code into an `async fn setup() -> Result<S, E>`, where `S` is the type of the state, and write `init = setup`",
        ));
    };
    let mut after_path = rest.clone().into_iter();
    match after_path.next() {
        None => accept_init(value, &path),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Err(ValueError::advice(
            value,
            problem(&format!("a value of the type `{}`", source_text(&path))),
            format!(
                "write an `async fn setup() -> Result<{}, lambda_stream::Error>` that returns it, and `init = setup`",
                source_text(&path)
            ),
        )),
        Some(TokenTree::Group(group)) if !group.stream().is_empty() => Err(ValueError::advice(
            value,
            problem("a call with arguments"),
            "move the call into an `async fn setup() -> Result<S, E>`, where `S` is the type of the state, and write `init = setup`",
        )),
        Some(TokenTree::Group(_)) => {
            let note = match after_path.next() {
                None => ", without parentheses",
                Some(_) => ", because the runtime calls the function, awaits it and reports its error",
            };
            Err(ValueError::value(&rest, problem("a call"), source_text(&path), note))
        }
        Some(_) => {
            let quoted = quoted(value).unwrap_or_else(|| "another expression".to_owned());
            Err(ValueError::value(&rest, problem(&quoted), source_text(&path), ""))
        }
    }
}

/// Returns whether the value is a tuple or an array.
fn is_list(value: &TokenStream) -> bool {
    let is_comma = |token: TokenTree| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',');
    match value.clone().into_iter().collect::<Vec<_>>().as_slice() {
        [TokenTree::Group(list)] => list.stream().into_iter().any(is_comma),
        _ => false,
    }
}

/// Parses the path of a function. Its generic arguments require a `::`.
fn accept_init(value: &TokenStream, path: &TokenStream) -> Result<Path, ValueError> {
    let problem = "`init` expects the path of an async function";
    let Ok(mut path) = parse2::<Path>(path.clone()) else {
        let problem = format!("{problem}, {}", found(value));
        return Err(ValueError::advice(value, problem, "write it as in `init = setup`"));
    };
    let mut lacks_separator = false;
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(generics) = &mut segment.arguments {
            lacks_separator |= generics.colon2_token.is_none();
            generics.colon2_token.get_or_insert_default();
        }
    }
    if lacks_separator {
        let path = source_text(&path.into_token_stream());
        let problem = format!("{problem}, found generic arguments without `::`");
        return Err(ValueError::value(value, problem, path, ", with `::` before the `<`"));
    }
    Ok(path)
}

/// An expression that starts with a path, such as `setup().await?`.
struct Expression {
    path: TokenStream,
    rest: TokenStream,
}

impl Expression {
    fn parse(value: &TokenStream) -> Option<Self> {
        let parser = |input: ParseStream| {
            let path = parse_path_prefix(input)?;
            let rest = input.parse()?;
            Ok(Self { path, rest })
        };
        parser.parse2(value.clone()).ok()
    }
}

/// Parses the longest path at the start of the input. `syn::Path` treats the parentheses of a call as generic arguments.
fn parse_path_prefix(input: ParseStream) -> syn::Result<TokenStream> {
    let mut path = TokenStream::new();
    if let Some(colons) = input.parse::<Option<Token![::]>>()? {
        colons.to_tokens(&mut path);
    }
    loop {
        let keyword = input.peek(Token![crate])
            || input.peek(Token![self])
            || input.peek(Token![super])
            || input.peek(Token![Self]);
        path.append(if keyword {
            input.call(Ident::parse_any)?
        } else {
            input.parse::<Ident>()?
        });
        if input.peek(Token![<]) || (input.peek(Token![::]) && input.peek3(Token![<])) {
            input.parse::<AngleBracketedGenericArguments>()?.to_tokens(&mut path);
        }
        match input.parse::<Option<Token![::]>>()? {
            Some(colons) => colons.to_tokens(&mut path),
            None => return Ok(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::super::{
        names::Name,
        values::tests::{assert_corrected, rejected},
    };

    #[test]
    fn init_other_than_path_is_corrected() {
        assert_corrected(Name::Init, quote!("setup"), "setup");
        assert_corrected(Name::Init, quote!(setup()), "setup");
        assert_corrected(Name::Init, quote!(Config::from_env().await?), "Config::from_env");
        assert_corrected(
            Name::Init,
            quote!(crate::state::setup::<u8>()),
            "crate::state::setup::<u8>",
        );
        assert_corrected(Name::Init, quote!(setup<Config>), "setup::<Config>");
        assert_corrected(Name::Init, quote!(setup.await), "setup");
    }

    #[test]
    fn init_call_is_marked_after_the_path() {
        assert_eq!(rejected(Name::Init, quote!(setup().await?)).1, "().await?");
    }

    #[test]
    fn init_expression_requires_function() {
        for (value, kind) in [
            (quote!(|| setup()), "a closure"),
            (quote!(async { Ok(1) }), "an async block"),
            (quote!((connect, load)), "a list"),
            (quote!([connect, load]), "a list"),
            (quote!(connect("url")), "a call with arguments"),
            (
                quote!(Config { limit: 5 }),
                "`async fn setup() -> Result<Config, lambda_stream::Error>`",
            ),
            (quote!(1), "found `1`"),
            (quote!("set up"), "a string"),
        ] {
            let (message, _) = rejected(Name::Init, value);
            assert!(
                message.contains(kind) && message.contains("`init = setup`"),
                "{message}"
            );
        }
    }
}
