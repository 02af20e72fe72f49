//! What stands in `#[lambda_stream::main(…)]`: read, and checked against itself. Knows nothing of the function below it.

use std::time::Duration;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Ident, LitInt, LitStr, Path, PathArguments, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    parse2,
};

/// The arguments, free of contradictions. Where a fault was found, what it concerns is left out.
#[derive(Default)]
pub(crate) struct Arguments {
    /// The function that makes the state.
    pub(crate) init: Option<Path>,
    /// The runtime; `None` leaves the choice to the library.
    pub(crate) flavor: Option<Flavor>,
    /// When a handler is given up; `None` leaves that to the library.
    pub(crate) deadline_margin: Option<Margin>,
    /// Where the library is, when it is not at `::lambda_stream`.
    pub(crate) library: Option<Path>,
}

/// The flavor of the runtime.
pub(crate) enum Flavor {
    /// Everything on one thread.
    CurrentThread,
    /// A pool; `None` is as many threads as the runtime thinks fit.
    MultiThread { worker_threads: Option<usize> },
}

/// When a handler is given up.
#[derive(Clone, Copy)]
pub(crate) enum Margin {
    /// So long before its deadline.
    Before(Duration),
    /// Never.
    Off,
}

/// Every argument with the way it is written, as hints show it.
const ACCEPTED: [(&str, &str); 5] = [
    ("init", "init = setup"),
    ("flavor", "flavor = \"multi_thread\""),
    ("worker_threads", "worker_threads = 4"),
    ("deadline_margin", "deadline_margin = \"500ms\""),
    ("crate", "crate = my_facade::lambda_stream"),
];

/// Names that people bring from other attributes, or mean one of ours by.
const MEANT: [(&str, &str); 13] = [
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
    ("krate", "crate"),
    ("path", "crate"),
    ("root", "crate"),
];

impl Arguments {
    /// Reads the tokens between the parentheses. Every fault goes into `faults`, at its own span.
    pub(crate) fn parse(tokens: TokenStream, faults: &mut Vec<syn::Error>) -> Self {
        let mut draft = Draft::default();
        let read = |input: ParseStream| {
            while !input.is_empty() {
                if let Err(fault) = draft.read(input) {
                    faults.push(fault);
                    until_comma(input)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(fault) = read.parse2(tokens) {
            faults.push(fault);
        }
        draft.check(faults)
    }
}

/// One argument as it was given: its name, for spans, and its value unless that was at fault.
type Given<T> = Option<(Ident, Option<T>)>;

#[derive(Default)]
struct Draft {
    init: Given<Path>,
    flavor: Given<Flavor>,
    worker_threads: Given<usize>,
    deadline_margin: Given<Margin>,
    library: Given<Path>,
}

impl Draft {
    /// Reads one argument, up to its comma.
    fn read(&mut self, input: ParseStream) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            let found = until_comma(input)?;
            return Err(syn::Error::new_spanned(
                &found,
                format!("expected an argument, found `{found}`: {}", accepted()),
            ));
        }
        let name = input.call(Ident::parse_any)?;
        match name.to_string().as_str() {
            "init" => set(&mut self.init, name, input, init),
            "flavor" => set(&mut self.flavor, name, input, flavor),
            "worker_threads" => set(&mut self.worker_threads, name, input, worker_threads),
            "deadline_margin" => set(&mut self.deadline_margin, name, input, deadline_margin),
            "crate" => set(&mut self.library, name, input, library),
            unknown => {
                let hint = match near(unknown) {
                    Some(meant) => format!("did you mean `{meant}`, as in `{}`?", example(meant)),
                    None => accepted(),
                };
                Err(syn::Error::new_spanned(
                    &name,
                    format!("`{unknown}` is not an argument of `#[lambda_stream::main]`: {hint}"),
                ))
            }
        }
    }

    /// Checks the arguments against each other.
    fn check(self, faults: &mut Vec<syn::Error>) -> Arguments {
        if let Some((name, _)) = &self.worker_threads {
            let fault = match &self.flavor {
                None => {
                    Some("`worker_threads` needs a runtime with more than one thread: add `flavor = \"multi_thread\"`")
                }
                Some((_, Some(Flavor::CurrentThread))) => Some(
                    "a `current_thread` runtime has no worker threads: write `flavor = \"multi_thread\"`, or leave out `worker_threads`",
                ),
                Some(_) => None,
            };
            faults.extend(fault.map(|fault| syn::Error::new_spanned(name, fault)));
        }
        let workers = value(self.worker_threads);
        Arguments {
            init: value(self.init),
            flavor: value(self.flavor).map(|flavor| match flavor {
                Flavor::MultiThread { .. } => Flavor::MultiThread {
                    worker_threads: workers,
                },
                Flavor::CurrentThread => Flavor::CurrentThread,
            }),
            deadline_margin: value(self.deadline_margin),
            library: value(self.library),
        }
    }
}

fn value<T>(given: Given<T>) -> Option<T> {
    given.and_then(|(_, value)| value)
}

/// Reads `= value` into `place`. The argument counts as given even when its value is at fault, so that one mistake is
/// not reported a second time as a missing argument.
fn set<T>(
    place: &mut Given<T>,
    name: Ident,
    input: ParseStream,
    read: fn(TokenStream) -> syn::Result<T>,
) -> syn::Result<()> {
    let text = name.to_string();
    let repeated = place
        .is_some()
        .then(|| syn::Error::new_spanned(&name, format!("`{text}` is given twice: leave out one of the two")));
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        until_comma(input)?
    } else {
        until_comma(input)?;
        TokenStream::new()
    };
    let value = if value.is_empty() {
        Err(syn::Error::new_spanned(
            &name,
            format!("`{text}` takes a value: write `{}`", example(&text)),
        ))
    } else {
        read(value)
    };
    let (value, fault) = match value {
        Ok(value) => (Some(value), None),
        Err(fault) => (None, Some(fault)),
    };
    if repeated.is_none() {
        *place = Some((name, value));
    }
    match repeated.into_iter().chain(fault).reduce(joined) {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

/// Both errors as one.
pub(crate) fn joined(mut first: syn::Error, second: syn::Error) -> syn::Error {
    first.combine(second);
    first
}

/// Takes the tokens up to the next comma that does not stand inside a path's `<…>`.
fn until_comma(input: ParseStream) -> syn::Result<TokenStream> {
    let ahead = input.fork();
    if ahead.parse::<Path>().is_ok() && (ahead.is_empty() || ahead.peek(Token![,])) {
        return Ok(quote::ToTokens::into_token_stream(input.parse::<Path>()?));
    }
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

fn init(value: TokenStream) -> syn::Result<Path> {
    let fault = |hint: String| {
        let text = format!("`init` names an `async fn() -> Result<S, E>`: {hint}");
        Err(syn::Error::new_spanned(&value, text))
    };
    if let Ok(quoted) = parse2::<LitStr>(value.clone()) {
        return fault(format!("write `init = {}`, without quotes", quoted.value()));
    }
    let called = value.clone().into_iter().last();
    if matches!(called, Some(TokenTree::Group(last)) if last.delimiter() == Delimiter::Parenthesis) {
        return fault("name it without calling it, as in `init = setup`".to_owned());
    }
    let Ok(path) = parse2::<Path>(value.clone()) else {
        return fault("write its path, as in `init = setup`".to_owned());
    };
    let bare_generics = path.segments.iter().any(
        |segment| matches!(&segment.arguments, PathArguments::AngleBracketed(generics) if generics.colon2_token.is_none()),
    );
    if bare_generics {
        return fault("in an expression, write `::` before the `<`, as in `setup::<T>`".to_owned());
    }
    Ok(path)
}

fn flavor(value: TokenStream) -> syn::Result<Flavor> {
    let quoted = parse2::<LitStr>(value.clone());
    match quoted.as_ref().map(LitStr::value).as_deref() {
        Ok("current_thread") => return Ok(Flavor::CurrentThread),
        Ok("multi_thread") => {
            return Ok(Flavor::MultiThread { worker_threads: None });
        }
        _ => {}
    }
    let text = match value.to_string().as_str() {
        bare @ ("current_thread" | "multi_thread") => {
            format!("write `flavor = \"{bare}\"`, with quotes")
        }
        other => format!("`flavor` is `\"current_thread\"` or `\"multi_thread\"`, not `{other}`"),
    };
    Err(syn::Error::new_spanned(&value, text))
}

fn worker_threads(value: TokenStream) -> syn::Result<usize> {
    if let Ok(number) = parse2::<LitInt>(value.clone()) {
        if let (Ok(threads @ 1..), "") = (number.base10_parse::<usize>(), number.suffix()) {
            return Ok(threads);
        }
    }
    let quoted = parse2::<LitStr>(value.clone()).map(|quoted| quoted.value());
    let text = match quoted {
        Ok(number) if number.parse::<usize>().is_ok_and(|threads| threads > 0) => {
            format!("write `worker_threads = {number}`, without quotes")
        }
        _ => "`worker_threads` is a whole number from 1 on, as in `worker_threads = 4`".to_owned(),
    };
    Err(syn::Error::new_spanned(&value, text))
}

fn deadline_margin(value: TokenStream) -> syn::Result<Margin> {
    if let Ok(quoted) = parse2::<LitStr>(value.clone()) {
        if let Some(margin) = margin(&quoted.value()) {
            return Ok(margin);
        }
    }
    let bare = value.to_string();
    let text = match margin(&bare) {
        Some(_) => format!("write `deadline_margin = \"{bare}\"`, with quotes"),
        None => format!(
            "`deadline_margin` is how long before its deadline a handler is given up, a whole number of `ms` or `s`, as in `\"500ms\"` or `\"2s\"`; or `\"off\"`, for never; not `{bare}`"
        ),
    };
    Err(syn::Error::new_spanned(&value, text))
}

fn margin(text: &str) -> Option<Margin> {
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

fn library(value: TokenStream) -> syn::Result<Path> {
    Path::parse_mod_style.parse2(value.clone()).map_err(|_| {
        let hint = match parse2::<LitStr>(value.clone()) {
            Ok(quoted) => format!("write `crate = {}`, without quotes", quoted.value()),
            Err(_) => "write it as in `crate = my_facade::lambda_stream`".to_owned(),
        };
        let text = format!("`crate` is the path at which `lambda_stream` is found: {hint}");
        syn::Error::new_spanned(&value, text)
    })
}

fn example(name: &str) -> &'static str {
    let found = ACCEPTED.iter().find(|(accepted, _)| *accepted == name);
    found.map_or("", |(_, example)| example)
}

fn accepted() -> String {
    let [init, flavor, workers, margin, library] = ACCEPTED.map(|(_, example)| example);
    format!("it takes `{init}`, `{flavor}`, `{workers}`, `{margin}` and `{library}`")
}

/// The argument that an unknown name may have been meant for: the same thing by another name, or at most two letters off.
fn near(unknown: &str) -> Option<&'static str> {
    let meant = MEANT.iter().find(|(other, _)| *other == unknown);
    meant.map(|(_, name)| *name).or_else(|| {
        let names = ACCEPTED.iter().map(|(name, _)| *name);
        names
            .map(|name| (distance(name, unknown), name))
            .filter(|(distance, _)| *distance <= 2)
            .min()
            .map(|(_, name)| name)
    })
}

/// Letters to insert, to remove or to change until `left` is `right` (Levenshtein), one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut corner = row[0];
        row[0] = line + 1;
        for (column, to) in right.chars().enumerate() {
            let changed = corner + usize::from(from != to);
            corner = row[column + 1];
            row[column + 1] = changed.min(corner + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
