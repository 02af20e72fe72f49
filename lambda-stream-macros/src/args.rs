//! Parses the arguments of `#[lambda_stream::main(…)]` and checks them against each other.
//!
//! Each error marks what must change, and says what to write, with the names and the values that it found. The annotated
//! function is parsed in `parse`, and checked in `check`.

mod init;
mod names;
mod syntax;
mod text;
mod time;
mod values;

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use names::{Name, accepted_arguments, argument_that_accepts, unknown_name, with_value};
use syntax::{RawArgument, Separator, split};
pub(crate) use text::source_text;

use text::quoted;
use values::Value;

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

impl Arguments {
    /// Parses the tokens between the parentheses. Adds each error to `errors`, at the span of what must change.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Vec<syn::Error>) -> Self {
        let mut arguments: Vec<Argument> = Vec::new();
        for raw in split(tokens, errors) {
            let earlier = arguments.iter();
            match Argument::parse(raw, earlier, errors) {
                Ok(argument) => arguments.push(argument),
                Err(error) => errors.push(error),
            }
        }
        check_worker_threads(&arguments, errors);
        Self::new(arguments)
    }

    fn new(arguments: Vec<Argument>) -> Self {
        let mut parsed = Self::default();
        let mut threads = None;
        for value in arguments.into_iter().filter_map(|argument| argument.value) {
            match value {
                Value::Init(path) => parsed.init = Some(path),
                Value::Flavor(flavor) => parsed.flavor = Some(flavor),
                Value::WorkerThreads(number) => threads = Some(number),
                Value::DeadlineMargin(margin) => parsed.deadline_margin = Some(margin),
                Value::Logging(logging) => parsed.logging = Some(logging),
                Value::Library(path) => parsed.library = Some(path),
            }
        }
        if let Some(Flavor::MultiThread { worker_threads }) = &mut parsed.flavor {
            *worker_threads = threads;
        }
        parsed
    }
}

/// An argument with a known name.
struct Argument {
    name: Name,
    tokens: TokenStream,
    value_tokens: TokenStream,
    /// `None` if the value has an error. The argument is still present, so it is not also reported as missing.
    value: Option<Value>,
}

impl Argument {
    /// Checks the name, the separator and the value. Adds the error of a value to `errors`, and returns an error if the
    /// argument is not one of the accepted arguments, or duplicate.
    fn parse<'a>(
        raw: RawArgument,
        mut earlier: impl Iterator<Item = &'a Self>,
        errors: &mut Vec<syn::Error>,
    ) -> syn::Result<Self> {
        let Some(ident) = &raw.name else {
            return Err(not_a_pair(&raw.tokens));
        };
        let Some(name) = Name::find(&ident.to_string()) else {
            let error = unknown_name(ident, &raw.value, &raw.tokens);
            return Err(syn::Error::new_spanned(error.marked, error.message));
        };
        if let Some(earlier) = earlier.find(|argument| argument.name == name) {
            return Err(duplicate(name, earlier, &raw.tokens));
        }
        let value = parse_value(name, &raw).map_err(|error| errors.push(error)).ok();
        Ok(Self {
            name,
            tokens: raw.tokens,
            value_tokens: raw.value,
            value,
        })
    }
}

fn parse_value(name: Name, raw: &RawArgument) -> syn::Result<Value> {
    if raw.value.is_empty() {
        let message = match name {
            Name::Logging => "`logging` requires a value: write `logging = true`, which is the default, or `logging = false` if the function of `init` installs a subscriber".to_owned(),
            _ => format!("`{name}` requires a value: write `{}`", name.example()),
        };
        return Err(syn::Error::new_spanned(&raw.tokens, message));
    }
    let value = values::parse(name, &raw.value);
    let Separator::Other(separator) = &raw.separator else {
        return value.map_err(|error| error.into_error(name, &raw.tokens));
    };
    let write = with_value(name, &raw.value);
    let found = source_text(separator);
    let (marked, problem) = match found.trim() {
        "" => (&raw.tokens, format!("missing `=` after `{name}`")),
        found => (separator, format!("expected `=` after `{name}`, found `{found}`")),
    };
    let value_tokens = &raw.value;
    // The corrected value differs from the one that is there.
    let marked = match value {
        Ok(_) => marked.clone(),
        Err(_) => quote!(#marked #value_tokens),
    };
    Err(syn::Error::new_spanned(marked, format!("{problem}: write `{write}`")))
}

/// Returns the error of an argument that does not start with a name.
fn not_a_pair(tokens: &TokenStream) -> syn::Error {
    let found = quoted(tokens).unwrap_or_else(|| "other tokens".to_owned());
    let hint = match argument_that_accepts(tokens) {
        Some(name) => format!("write `{}`", with_value(name, tokens)),
        None => accepted_arguments(),
    };
    syn::Error::new_spanned(tokens, format!("expected `name = value`, found {found}: {hint}"))
}

fn duplicate(name: Name, earlier: &Argument, tokens: &TokenStream) -> syn::Error {
    let (first, second) = (source_text(&earlier.tokens), source_text(tokens));
    let message = if first == second {
        format!("duplicate argument `{name}`: remove one of the two `{first}`")
    } else {
        format!("duplicate argument `{name}`: keep one of `{first}` and `{second}`")
    };
    syn::Error::new_spanned(tokens, message)
}

/// Checks that `worker_threads` has a multi-threaded runtime.
fn check_worker_threads(arguments: &[Argument], errors: &mut Vec<syn::Error>) {
    let find = |name| arguments.iter().find(|argument| argument.name == name);
    let Some(worker_threads) = find(Name::WorkerThreads) else {
        return;
    };
    let text = source_text(&worker_threads.tokens);
    match find(Name::Flavor) {
        None => {
            let message = format!(
                "`worker_threads` requires a multi-threaded runtime: write `flavor = \"multi_thread\", {text}`"
            );
            errors.push(syn::Error::new_spanned(&worker_threads.tokens, message));
        }
        Some(Argument {
            value: Some(Value::Flavor(Flavor::CurrentThread)),
            value_tokens,
            ..
        }) => {
            let message = format!(
                "the flavor `current_thread` has one thread, and `worker_threads` requires several: write `flavor = \"multi_thread\"`, or remove `{text}`"
            );
            errors.push(syn::Error::new_spanned(value_tokens, message));
        }
        Some(_) => {}
    }
}

/// Combines two errors into one.
pub(crate) fn combine(mut first: syn::Error, second: syn::Error) -> syn::Error {
    first.combine(second);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(tokens: TokenStream) -> (Arguments, Vec<String>) {
        let mut errors = Vec::new();
        let arguments = Arguments::parse(tokens, &mut errors);
        (arguments, errors.iter().map(ToString::to_string).collect())
    }

    /// Returns the only error.
    fn error(tokens: TokenStream) -> String {
        let (_, errors) = parse(tokens);
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors[0].clone()
    }

    #[test]
    fn arguments_in_any_order_are_parsed() {
        let (arguments, errors) = parse(quote! {
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
        let (arguments, errors) = parse(quote!(state = load, worker_threads = 0, flavor = "multi_thread"));
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].contains("write `init = load`"), "{}", errors[0]);
        assert!(errors[1].contains("found `0`"), "{}", errors[1]);
        assert!(matches!(
            arguments.flavor,
            Some(Flavor::MultiThread { worker_threads: None })
        ));
    }

    #[test]
    fn other_separator_and_value_are_one_error() {
        assert!(error(quote!(init: load)).contains("found `:`: write `init = load`"));
        assert!(error(quote!(init(load))).contains("found `(load)`: write `init = load`"));
        assert!(error(quote!(init: "load")).contains("write `init = load`"));
        assert!(error(quote!(init load)).contains("missing `=` after `init`: write `init = load`"));
    }

    #[test]
    fn argument_without_name_or_value_is_completed() {
        assert!(error(quote!("multi_thread")).contains("write `flavor = \"multi_thread\"`"));
        assert!(error(quote!(load_config)).contains("write `init = load_config`"));
        assert!(error(quote!(init)).contains("requires a value"));
        assert!(error(quote!(init =)).contains("requires a value"));
        assert!(error(quote!("fast")).contains("the accepted arguments are"));
    }

    #[test]
    fn duplicate_argument_is_one_error() {
        assert!(error(quote!(init = setup, init = setup)).contains("remove one of the two `init = setup`"));
        assert!(error(quote!(init = setup, init = other)).contains("keep one of `init = setup` and `init = other`"));
        // The value of a duplicate is not checked.
        assert!(error(quote!(logging = true, logging = off)).contains("keep one of"));
    }

    #[test]
    fn worker_threads_requires_multi_thread() {
        assert!(error(quote!(worker_threads = 4)).contains("write `flavor = \"multi_thread\", worker_threads = 4`"));
        let message = error(quote!(flavor = "current_thread", worker_threads = 4));
        assert!(message.contains("or remove `worker_threads = 4`"), "{message}");
        // An invalid flavor is one error.
        error(quote!(flavor = "fast", worker_threads = 4));
    }
}
