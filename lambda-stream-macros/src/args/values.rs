//! Parses the value of each argument, and corrects a value that is not accepted. The value of `init` is parsed in `init`.

use proc_macro2::TokenStream;
use syn::{LitBool, LitFloat, LitInt, LitStr, Path, parse::Parser, parse2};

use super::{
    Flavor, Margin,
    init::parse_init,
    names::{Name, edit_distance},
    text::{quoted, source_text},
    time::{correct_margin, parse_margin},
};

/// The accepted value of an argument.
pub(super) enum Value {
    Init(Path),
    Flavor(Flavor),
    WorkerThreads(usize),
    DeadlineMargin(Margin),
    Logging(bool),
    Library(Path),
}

/// Why a value is not accepted, and what to write instead.
pub(super) struct ValueError {
    /// The part of the value that must change. Empty if the whole argument is to be removed.
    marked: TokenStream,
    problem: String,
    pub(super) correction: Correction,
}

pub(super) enum Correction {
    /// The value to write, and a note that follows it.
    Value(String, String),
    /// The argument is not needed. The text follows the request to remove it.
    Remove(String),
    /// What to do in other cases.
    Advice(String),
}

impl ValueError {
    pub(super) fn value(marked: &TokenStream, problem: String, value: impl Into<String>, note: &str) -> Self {
        Self {
            marked: marked.clone(),
            problem,
            correction: Correction::Value(value.into(), note.to_owned()),
        }
    }

    pub(super) fn advice(marked: &TokenStream, problem: String, advice: impl Into<String>) -> Self {
        Self {
            marked: marked.clone(),
            problem,
            correction: Correction::Advice(advice.into()),
        }
    }

    fn remove(problem: String, note: impl Into<String>) -> Self {
        Self {
            marked: TokenStream::new(),
            problem,
            correction: Correction::Remove(note.into()),
        }
    }

    /// Returns the error of the argument `name`, which consists of the tokens `argument`.
    pub(super) fn into_error(self, name: Name, argument: &TokenStream) -> syn::Error {
        let problem = &self.problem;
        match &self.correction {
            Correction::Value(value, note) => {
                syn::Error::new_spanned(self.marked, format!("{problem}: write `{name} = {value}`{note}"))
            }
            Correction::Remove(note) => {
                let remove = quoted(argument).unwrap_or_else(|| format!("`{name}`"));
                syn::Error::new_spanned(argument, format!("{problem}: remove {remove}{note}"))
            }
            Correction::Advice(advice) => syn::Error::new_spanned(self.marked, format!("{problem}: {advice}")),
        }
    }
}

/// Parses the value of the argument `name`.
pub(super) fn parse(name: Name, value: &TokenStream) -> Result<Value, ValueError> {
    match name {
        Name::Init => parse_init(value).map(Value::Init),
        Name::Flavor => parse_flavor(value).map(Value::Flavor),
        Name::WorkerThreads => parse_worker_threads(value).map(Value::WorkerThreads),
        Name::DeadlineMargin => parse_deadline_margin(value).map(Value::DeadlineMargin),
        Name::Logging => parse_logging(value).map(Value::Logging),
        Name::Crate => parse_library(value).map(Value::Library),
    }
}

/// Returns "found `value`", or the kind of the value if it is long.
pub(super) fn found(value: &TokenStream) -> String {
    let text = quoted(value).unwrap_or_else(|| "a longer expression".to_owned());
    format!("found {text}")
}

pub(super) fn string(value: &TokenStream) -> Option<String> {
    parse2::<LitStr>(value.clone()).ok().map(|string| string.value())
}

/// Returns the content of a string, or the text of another value.
fn content(value: &TokenStream) -> String {
    string(value).unwrap_or_else(|| source_text(value))
}

fn parse_flavor(value: &TokenStream) -> Result<Flavor, ValueError> {
    let flavor = |text: &str| match text {
        "current_thread" => Some(Flavor::CurrentThread),
        "multi_thread" => Some(Flavor::MultiThread { worker_threads: None }),
        _ => None,
    };
    let string = string(value);
    if let Some(flavor) = string.as_deref().and_then(flavor) {
        return Ok(flavor);
    }
    let content = content(value);
    if string.is_none() && flavor(&content).is_some() {
        let problem = format!("`flavor` expects a string, found `{content}`");
        return Err(ValueError::value(
            value,
            problem,
            format!("\"{content}\""),
            ", with quotes",
        ));
    }
    let problem = format!("unknown flavor {}", found(value).trim_start_matches("found "));
    Err(match nearest_flavor(&content) {
        Some(flavor) => ValueError::value(value, problem, format!("\"{flavor}\""), ""),
        None => ValueError::advice(
            value,
            problem,
            "write `flavor = \"current_thread\"` for one thread, or `flavor = \"multi_thread\"` for a thread pool",
        ),
    })
}

/// Returns the flavor that a spelling such as `MultiThread` or `single-threaded` means.
fn nearest_flavor(text: &str) -> Option<&'static str> {
    let last = text.rsplit("::").next().unwrap_or(text);
    let letters: String = last.chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.to_ascii_lowercase();
    let means = |words: &[&str]| words.iter().any(|word| letters.contains(word));
    if means(&["multi", "pool", "threadedscheduler"]) || edit_distance(&letters, "multithread") <= 2 {
        Some("multi_thread")
    } else if means(&["current", "single", "basic", "local"]) || edit_distance(&letters, "currentthread") <= 2 {
        Some("current_thread")
    } else {
        None
    }
}

/// What happens without `worker_threads`.
const THREAD_PER_CPU: &str = ", and Tokio starts one thread per CPU";

fn parse_worker_threads(value: &TokenStream) -> Result<usize, ValueError> {
    if let Ok(number) = parse2::<LitInt>(value.clone()) {
        if let (Ok(threads @ 1..), "") = (number.base10_parse::<usize>(), number.suffix()) {
            return Ok(threads);
        }
    }
    let problem = |expected: &str| format!("`worker_threads` expects {expected}, {}", found(value));
    let content = content(value);
    let lower = content.to_ascii_lowercase();
    if lower == "auto" || lower == "max" || lower.contains("cpu") || lower.contains("parallelism") {
        return Err(ValueError::remove(problem("an integer"), THREAD_PER_CPU));
    }
    // `4u8`, `4.0` and `-4` are not strings, but their digits are the number.
    let digits = if let Ok(number) = parse2::<LitInt>(value.clone()) {
        number.base10_digits().to_owned()
    } else if let Ok(number) = parse2::<LitFloat>(value.clone()) {
        number.base10_digits().trim_end_matches(".0").to_owned()
    } else {
        content
    };
    Err(match digits.trim().trim_start_matches('-').parse::<usize>() {
        Ok(0) => ValueError::remove(problem("at least 1"), THREAD_PER_CPU),
        Ok(number) => ValueError::value(value, problem("a plain integer"), number.to_string(), ""),
        Err(_) => ValueError::advice(
            value,
            problem("an integer literal"),
            "write the number, as in `worker_threads = 4`",
        ),
    })
}

fn parse_deadline_margin(value: &TokenStream) -> Result<Margin, ValueError> {
    let string = string(value);
    if let Some(margin) = string.as_deref().and_then(parse_margin) {
        return Ok(margin);
    }
    let content = content(value);
    if string.is_none() && parse_margin(&content).is_some() {
        let problem = format!("`deadline_margin` expects a string, found `{content}`");
        return Err(ValueError::value(
            value,
            problem,
            format!("\"{content}\""),
            ", with quotes",
        ));
    }
    let problem = format!(
        "`deadline_margin` expects a whole number of `ms` or `s`, or `\"off\"`, {}",
        found(value)
    );
    Err(match correct_margin(&content) {
        Some((corrected, note)) => ValueError::value(value, problem, format!("\"{corrected}\""), &note),
        None => ValueError::advice(
            value,
            problem,
            "write it as in `deadline_margin = \"500ms\"` or `deadline_margin = \"2s\"`",
        ),
    })
}

fn parse_logging(value: &TokenStream) -> Result<bool, ValueError> {
    if let Ok(logging) = parse2::<LitBool>(value.clone()) {
        return Ok(logging.value);
    }
    let problem = format!("`logging` expects `true` or `false`, {}", found(value));
    let content = content(value);
    let word = content.rsplit("::").next().unwrap_or(&content).to_ascii_lowercase();
    Err(match word.as_str() {
        "true" | "on" | "yes" | "enabled" | "1" => ValueError::value(value, problem, "true", ""),
        "false" | "off" | "no" | "none" | "disabled" | "0" => ValueError::value(value, problem, "false", ""),
        level @ ("trace" | "debug" | "info" | "warn" | "error") => ValueError::remove(
            problem,
            format!(", and set the level in the logging configuration of the function, or with `RUST_LOG={level}`"),
        ),
        "json" | "text" => ValueError::remove(
            problem,
            ", and set the format in the logging configuration of the function",
        ),
        _ => ValueError::value(
            value,
            problem,
            "false",
            " if the function of `init` installs a subscriber",
        ),
    })
}

fn parse_library(value: &TokenStream) -> Result<Path, ValueError> {
    if let Ok(path) = Path::parse_mod_style.parse2(value.clone()) {
        return Ok(path);
    }
    let problem = |found: &str| format!("`crate` expects the path of `lambda_stream`, {found}");
    let is_string = string(value).is_some();
    let content = content(value);
    // A package name has hyphens where the name of its crate has underscores.
    let corrected = content.trim_end_matches("::").replace('-', "_");
    let is_path =
        syn::parse_str::<TokenStream>(&corrected).is_ok_and(|tokens| Path::parse_mod_style.parse2(tokens).is_ok());
    Err(match (is_path, is_string) {
        (true, true) => ValueError::value(value, problem("found a string"), corrected, ", without quotes"),
        (true, false) => ValueError::value(value, problem(&found(value)), corrected, ""),
        (false, _) => {
            let advice = "write it without generic arguments, as in `crate = my_facade::lambda_stream`";
            ValueError::advice(value, problem(&found(value)), advice)
        }
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use quote::quote;

    /// Returns the message for a value that is not accepted, and the text that it marks.
    pub(in crate::args) fn rejected(name: Name, value: TokenStream) -> (String, String) {
        match parse(name, &value) {
            Ok(_) => panic!("`{value}` is accepted"),
            Err(error) => {
                let marked = source_text(&error.marked);
                (error.into_error(name, &value).to_string(), marked)
            }
        }
    }

    /// Checks that the message says to write `expected`, and that the suggested value is accepted.
    pub(in crate::args) fn assert_corrected(name: Name, value: TokenStream, expected: &str) {
        let (message, _) = rejected(name, value);
        assert!(message.contains(&format!("write `{name} = {expected}`")), "{message}");
        let tokens = expected.parse().expect("the suggestion is Rust code");
        assert!(parse(name, &tokens).is_ok(), "{message}");
    }

    #[test]
    fn flavor_in_other_spelling_is_corrected() {
        for multi_thread in [
            "multi-thread",
            "multithread",
            "MultiThread",
            "mutli_thread",
            "threaded_scheduler",
        ] {
            assert_corrected(Name::Flavor, quote!(#multi_thread), "\"multi_thread\"");
        }
        for current_thread in ["curent_thread", "single", "basic_scheduler", "local"] {
            assert_corrected(Name::Flavor, quote!(#current_thread), "\"current_thread\"");
        }
        assert_corrected(Name::Flavor, quote!(multi_thread), "\"multi_thread\"");
        assert_corrected(Name::Flavor, quote!(Flavor::CurrentThread), "\"current_thread\"");
        assert!(rejected(Name::Flavor, quote!("fast")).0.contains("for a thread pool"));
    }

    #[test]
    fn worker_threads_in_other_spelling_is_corrected() {
        assert_corrected(Name::WorkerThreads, quote!("4"), "4");
        assert_corrected(Name::WorkerThreads, quote!(4u8), "4");
        assert_corrected(Name::WorkerThreads, quote!(4.0), "4");
        assert_corrected(Name::WorkerThreads, quote!(-4), "4");
        assert!(rejected(Name::WorkerThreads, quote!(0)).0.contains("remove"));
        assert!(
            rejected(Name::WorkerThreads, quote!(num_cpus::get()))
                .0
                .contains("one thread per CPU")
        );
        assert!(
            rejected(Name::WorkerThreads, quote!(THREADS))
                .0
                .contains("write the number")
        );
    }

    #[test]
    fn deadline_margin_in_other_spelling_is_corrected() {
        assert_corrected(Name::DeadlineMargin, quote!(500), "\"500ms\"");
        assert_corrected(Name::DeadlineMargin, quote!("0.5s"), "\"500ms\"");
        assert_corrected(Name::DeadlineMargin, quote!(2s), "\"2s\"");
        assert_corrected(
            Name::DeadlineMargin,
            quote!(std::time::Duration::from_secs(2)),
            "\"2s\"",
        );
        assert_corrected(Name::DeadlineMargin, quote!(Some("1s")), "\"1s\"");
        assert_corrected(Name::DeadlineMargin, quote!(false), "\"off\"");
        assert!(rejected(Name::DeadlineMargin, quote!(MARGIN)).0.contains("as in"));
    }

    #[test]
    fn logging_in_other_spelling_is_corrected() {
        assert_corrected(Name::Logging, quote!("false"), "false");
        assert_corrected(Name::Logging, quote!(off), "false");
        assert_corrected(Name::Logging, quote!(1), "true");
        assert_corrected(Name::Logging, quote!(init_tracing), "false");
        assert!(
            rejected(Name::Logging, quote!(Level::DEBUG))
                .0
                .contains("`RUST_LOG=debug`")
        );
        assert!(rejected(Name::Logging, quote!("json")).0.contains("set the format"));
    }

    #[test]
    fn crate_in_other_spelling_is_corrected() {
        assert_corrected(Name::Crate, quote!("ls"), "ls");
        assert_corrected(Name::Crate, quote!(facade::ls::), "facade::ls");
        assert_corrected(Name::Crate, quote!(lambda - stream), "lambda_stream");
        assert!(
            rejected(Name::Crate, quote!(facade::<u8>))
                .0
                .contains("without generic arguments")
        );
    }
}
