//! Parses the arguments of `#[lambda_stream::main(…)]` and checks them against each other.
//!
//! The annotated function is parsed and checked in `handler_fn`.

use std::time::Duration;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Ident, LitBool, LitInt, LitStr, Path, PathArguments, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    parse2,
};

/// The checked arguments. An argument with an error is `None`.
#[derive(Default)]
pub(crate) struct Arguments {
    /// The function that creates the state.
    pub(crate) init: Option<Path>,
    /// The flavor of the Tokio runtime. `None`: the library chooses it.
    pub(crate) flavor: Option<Flavor>,
    /// The deadline margin. `None`: the library's default.
    pub(crate) deadline_margin: Option<Margin>,
    /// Whether the library's log subscriber is installed. `None`: the library's default.
    pub(crate) logging: Option<bool>,
    /// The path of the library. `None`: `::lambda_stream`.
    pub(crate) library: Option<Path>,
}

/// The flavor of the Tokio runtime.
pub(crate) enum Flavor {
    /// One thread.
    CurrentThread,
    /// A thread pool. `worker_threads: None`: Tokio chooses the number of threads.
    MultiThread { worker_threads: Option<usize> },
}

/// The time between the cancellation of a running handler and its deadline.
#[derive(Clone, Copy)]
pub(crate) enum Margin {
    /// The runtime cancels the handler this long before the deadline.
    Before(Duration),
    /// The runtime does not cancel the handler.
    Off,
}

/// The name of each argument, and an example for error messages.
const ACCEPTED: [(&str, &str); 6] = [
    ("init", "init = setup"),
    ("flavor", "flavor = \"multi_thread\""),
    ("worker_threads", "worker_threads = 4"),
    ("deadline_margin", "deadline_margin = \"500ms\""),
    ("logging", "logging = false"),
    ("crate", "crate = my_facade::lambda_stream"),
];

/// Unknown names, each with the argument that error messages suggest for it.
const ALIASES: [(&str, &str); 17] = [
    ("state", "init"),
    ("setup", "init"),
    ("start", "init"),
    ("cold_start", "init"),
    ("runtime", "flavor"),
    ("threads", "worker_threads"),
    ("workers", "worker_threads"),
    ("margin", "deadline_margin"),
    ("deadline", "deadline_margin"),
    ("timeout", "deadline_margin"),
    ("log", "logging"),
    ("logger", "logging"),
    ("tracing", "logging"),
    ("subscriber", "logging"),
    ("krate", "crate"),
    ("path", "crate"),
    ("root", "crate"),
];

impl Arguments {
    /// Parses the tokens between the parentheses. Adds each error to `errors`, at the span of its argument.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Vec<syn::Error>) -> Self {
        let mut parsed = ParsedArguments::default();
        let parser = |input: ParseStream| {
            while !input.is_empty() {
                if let Err(error) = parsed.parse_argument(input) {
                    errors.push(error);
                    take_until_comma(input)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        parsed.check(errors)
    }
}

/// An argument that is present: its name, for spans, and its value, or `None` if the value has an error.
type ParsedArgument<T> = Option<(Ident, Option<T>)>;

/// The arguments before they are checked against each other.
#[derive(Default)]
struct ParsedArguments {
    init: ParsedArgument<Path>,
    flavor: ParsedArgument<Flavor>,
    worker_threads: ParsedArgument<usize>,
    deadline_margin: ParsedArgument<Margin>,
    logging: ParsedArgument<bool>,
    library: ParsedArgument<Path>,
}

impl ParsedArguments {
    /// Parses one argument, up to its comma.
    fn parse_argument(&mut self, input: ParseStream) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            let found = take_until_comma(input)?;
            return Err(syn::Error::new_spanned(
                &found,
                format!("expected `name = value`, found `{found}`: {}", accepted_arguments()),
            ));
        }
        let name = input.call(Ident::parse_any)?;
        match name.to_string().as_str() {
            "init" => parse_value_into(&mut self.init, name, input, parse_init),
            "flavor" => parse_value_into(&mut self.flavor, name, input, parse_flavor),
            "worker_threads" => parse_value_into(&mut self.worker_threads, name, input, parse_worker_threads),
            "deadline_margin" => parse_value_into(&mut self.deadline_margin, name, input, parse_deadline_margin),
            "logging" => parse_value_into(&mut self.logging, name, input, parse_logging),
            "crate" => parse_value_into(&mut self.library, name, input, parse_library),
            unknown => {
                let hint = match suggest(unknown) {
                    Some(name) => format!("did you mean `{name}`, as in `{}`?", example(name)),
                    None => accepted_arguments(),
                };
                Err(syn::Error::new_spanned(
                    &name,
                    format!("unknown argument `{unknown}` for `#[lambda_stream::main]`: {hint}"),
                ))
            }
        }
    }

    /// Checks the arguments against each other.
    fn check(self, errors: &mut Vec<syn::Error>) -> Arguments {
        if let Some((name, _)) = &self.worker_threads {
            let message = match &self.flavor {
                None => Some("`worker_threads` requires a multi-threaded runtime: add `flavor = \"multi_thread\"`"),
                Some((_, Some(Flavor::CurrentThread))) => Some(
                    "`worker_threads` is not supported by the flavor `current_thread`: write `flavor = \"multi_thread\"`, or remove `worker_threads`",
                ),
                Some(_) => None,
            };
            errors.extend(message.map(|message| syn::Error::new_spanned(name, message)));
        }
        let worker_threads = value(self.worker_threads);
        Arguments {
            init: value(self.init),
            flavor: value(self.flavor).map(|flavor| match flavor {
                Flavor::MultiThread { .. } => Flavor::MultiThread { worker_threads },
                Flavor::CurrentThread => Flavor::CurrentThread,
            }),
            deadline_margin: value(self.deadline_margin),
            logging: value(self.logging),
            library: value(self.library),
        }
    }
}

fn value<T>(argument: ParsedArgument<T>) -> Option<T> {
    argument.and_then(|(_, value)| value)
}

/// Parses `= value` into `slot`.
///
/// The slot is filled even if the value has an error, so that the argument is not also reported as missing.
fn parse_value_into<T>(
    slot: &mut ParsedArgument<T>,
    name: Ident,
    input: ParseStream,
    parse: fn(TokenStream) -> syn::Result<T>,
) -> syn::Result<()> {
    let text = name.to_string();
    let duplicate = slot
        .is_some()
        .then(|| syn::Error::new_spanned(&name, format!("duplicate argument `{text}`: remove one of the two")));
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        take_until_comma(input)?
    } else {
        take_until_comma(input)?;
        TokenStream::new()
    };
    let value = if value.is_empty() {
        Err(syn::Error::new_spanned(
            &name,
            format!("`{text}` requires a value: write `{}`", example(&text)),
        ))
    } else {
        parse(value)
    };
    let (value, error) = match value {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error)),
    };
    if duplicate.is_none() {
        *slot = Some((name, value));
    }
    match duplicate.into_iter().chain(error).reduce(combine) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Combines two errors into one.
pub(crate) fn combine(mut first: syn::Error, second: syn::Error) -> syn::Error {
    first.combine(second);
    first
}

/// Takes the tokens up to the next comma, except a comma between the `<…>` of a path.
fn take_until_comma(input: ParseStream) -> syn::Result<TokenStream> {
    let ahead = input.fork();
    if ahead.parse::<Path>().is_ok() && (ahead.is_empty() || ahead.peek(Token![,])) {
        return Ok(input.parse::<Path>()?.into_token_stream());
    }
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

fn parse_init(value: TokenStream) -> syn::Result<Path> {
    let error = |found_and_edit: String| {
        let message = format!("`init` expects the path of an `async fn() -> Result<S, E>`, found {found_and_edit}");
        Err(syn::Error::new_spanned(&value, message))
    };
    if let Ok(string) = parse2::<LitStr>(value.clone()) {
        return error(format!("a string: write `init = {}`, without quotes", string.value()));
    }
    let last = value.clone().into_iter().last();
    if matches!(last, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis) {
        return error("a call: remove the parentheses, as in `init = setup`".to_owned());
    }
    let Ok(path) = parse2::<Path>(value.clone()) else {
        return error("another expression: write a path, as in `init = setup`".to_owned());
    };
    let lacks_turbofish = path.segments.iter().any(
        |segment| matches!(&segment.arguments, PathArguments::AngleBracketed(generics) if generics.colon2_token.is_none()),
    );
    if lacks_turbofish {
        return error(
            "generic arguments without `::`: write `::` before the `<`, as in `init = setup::<T>`".to_owned(),
        );
    }
    Ok(path)
}

fn parse_flavor(value: TokenStream) -> syn::Result<Flavor> {
    let string = parse2::<LitStr>(value.clone());
    match string.as_ref().map(LitStr::value).as_deref() {
        Ok("current_thread") => return Ok(Flavor::CurrentThread),
        Ok("multi_thread") => return Ok(Flavor::MultiThread { worker_threads: None }),
        _ => {}
    }
    let message = match value.to_string().as_str() {
        unquoted @ ("current_thread" | "multi_thread") => {
            format!("`flavor` expects a string: write `flavor = \"{unquoted}\"`, with quotes")
        }
        unknown => format!("unknown flavor `{unknown}`: write `\"current_thread\"` or `\"multi_thread\"`"),
    };
    Err(syn::Error::new_spanned(&value, message))
}

fn parse_worker_threads(value: TokenStream) -> syn::Result<usize> {
    if let Ok(number) = parse2::<LitInt>(value.clone()) {
        if let (Ok(threads @ 1..), "") = (number.base10_parse::<usize>(), number.suffix()) {
            return Ok(threads);
        }
    }
    let string = parse2::<LitStr>(value.clone()).map(|string| string.value());
    let message = match string {
        Ok(number) if number.parse::<usize>().is_ok_and(|threads| threads > 0) => {
            format!("`worker_threads` expects an integer, found a string: write `worker_threads = {number}`")
        }
        _ => format!(
            "`worker_threads` expects an integer of at least 1, found `{}`: write it as in `worker_threads = 4`",
            text(&value)
        ),
    };
    Err(syn::Error::new_spanned(&value, message))
}

fn parse_deadline_margin(value: TokenStream) -> syn::Result<Margin> {
    if let Ok(string) = parse2::<LitStr>(value.clone()) {
        if let Some(margin) = parse_margin(&string.value()) {
            return Ok(margin);
        }
    }
    let found = text(&value);
    let message = match parse_margin(&found) {
        Some(_) => format!("`deadline_margin` expects a string: write `deadline_margin = \"{found}\"`, with quotes"),
        None => format!(
            "`deadline_margin` expects a whole number of milliseconds or seconds, or `\"off\"`, found `{found}`: write it as in `\"500ms\"` or `\"2s\"`"
        ),
    };
    Err(syn::Error::new_spanned(&value, message))
}

/// Parses `off`, or a whole number followed by `ms` or `s`.
fn parse_margin(text: &str) -> Option<Margin> {
    if text == "off" {
        return Some(Margin::Off);
    }
    let end = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let number = number.parse().ok()?;
    match unit {
        "ms" => Some(Margin::Before(Duration::from_millis(number))),
        "s" => Some(Margin::Before(Duration::from_secs(number))),
        _ => None,
    }
}

fn parse_logging(value: TokenStream) -> syn::Result<bool> {
    if let Ok(logging) = parse2::<LitBool>(value.clone()) {
        return Ok(logging.value);
    }
    let message = match parse2::<LitStr>(value.clone()).map(|string| string.value()).as_deref() {
        Ok(text @ ("true" | "false")) => {
            format!("`logging` expects a boolean, found a string: write `logging = {text}`, without quotes")
        }
        _ => format!(
            "`logging` expects `true` or `false`, found `{}`: write `logging = false` if the function installs a subscriber itself",
            text(&value)
        ),
    };
    Err(syn::Error::new_spanned(&value, message))
}

fn parse_library(value: TokenStream) -> syn::Result<Path> {
    Path::parse_mod_style.parse2(value.clone()).map_err(|_| {
        let message = match parse2::<LitStr>(value.clone()) {
            Ok(string) => format!(
                "`crate` expects the path of `lambda_stream`, found a string: write `crate = {}`, without quotes",
                string.value()
            ),
            Err(_) => {
                "`crate` expects the path of `lambda_stream`, without generic arguments: write it as in `crate = my_facade::lambda_stream`"
                    .to_owned()
            }
        };
        syn::Error::new_spanned(&value, message)
    })
}

/// Returns the text of a value without the space after a minus sign.
fn text(value: &TokenStream) -> String {
    value.to_string().replace("- ", "-")
}

/// Returns an example of the argument.
fn example(name: &str) -> &'static str {
    let found = ACCEPTED.iter().find(|(accepted, _)| *accepted == name);
    found.map_or("", |(_, example)| example)
}

fn accepted_arguments() -> String {
    let [init, flavor, worker_threads, deadline_margin, logging, library] = ACCEPTED.map(|(_, example)| example);
    format!(
        "the accepted arguments are `{init}`, `{flavor}`, `{worker_threads}`, `{deadline_margin}`, `{logging}` and `{library}`"
    )
}

/// Returns the argument to suggest for an unknown name: that of an alias, or else the nearest name within an edit
/// distance of 2.
fn suggest(unknown: &str) -> Option<&'static str> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == unknown);
    alias.map(|(_, name)| *name).or_else(|| {
        let names = ACCEPTED.iter().map(|(name, _)| *name);
        names
            .map(|name| (edit_distance(name, unknown), name))
            .filter(|(distance, _)| *distance <= 2)
            .min()
            .map(|(_, name)| name)
    })
}

/// Computes the Levenshtein distance with one row of the matrix.
fn edit_distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, to) in right.chars().enumerate() {
            let substituted = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(tokens: TokenStream) -> (Arguments, Vec<String>) {
        let mut errors = Vec::new();
        let arguments = Arguments::parse(tokens, &mut errors);
        (arguments, errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn arguments_in_any_order_are_parsed() {
        let (arguments, errors) = parse(quote::quote! {
            worker_threads = 4, crate = facade::library, init = setup::<u8, u8>, flavor = "multi_thread", logging = false,
        });
        assert!(errors.is_empty(), "{errors:?}");
        assert!(arguments.init.is_some() && arguments.library.is_some() && arguments.deadline_margin.is_none());
        assert_eq!(arguments.logging, Some(false));
        assert!(matches!(
            arguments.flavor,
            Some(Flavor::MultiThread {
                worker_threads: Some(4)
            })
        ));
    }

    #[test]
    fn one_error_per_invalid_argument() {
        let (arguments, errors) = parse(quote::quote!(
            state = setup,
            worker_threads = 0,
            flavor = "multi_thread"
        ));
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].contains("did you mean `init`"), "{}", errors[0]);
        assert!(errors[1].contains("found `0`"), "{}", errors[1]);
        assert!(matches!(
            arguments.flavor,
            Some(Flavor::MultiThread { worker_threads: None })
        ));
    }

    #[test]
    fn margin_requires_number_and_unit() {
        let duration = |text| match parse_margin(text) {
            Some(Margin::Before(duration)) => Some(duration),
            Some(Margin::Off) | None => None,
        };
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("2s"), Some(Duration::from_secs(2)));
        assert!(matches!(parse_margin("off"), Some(Margin::Off)));
        for invalid in ["", "500", "ms", "1.5s", "1m", "-1s", "99999999999999999999ms"] {
            assert!(parse_margin(invalid).is_none(), "{invalid}");
        }
    }

    #[test]
    fn suggestion_is_alias_or_similar_name() {
        assert_eq!(suggest("timeout"), Some("deadline_margin"));
        assert_eq!(suggest("flavour"), Some("flavor"));
        assert_eq!(suggest("worker_thread"), Some("worker_threads"));
        assert_eq!(suggest("loging"), Some("logging"));
        assert_eq!(suggest("retries"), None);
    }

    #[test]
    fn edit_distance_counts_letters() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("abc", "abc"), 0);
    }
}
