//! The names of the arguments, and what to write instead of an unknown name.

use std::fmt;

use proc_macro2::{Ident, Literal, TokenStream, TokenTree};
use quote::ToTokens;

use super::{
    text::{quoted, source_text},
    values::{self, Correction},
};

/// The name of an argument.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(Debug))]
pub(super) enum Name {
    Init,
    Flavor,
    WorkerThreads,
    DeadlineMargin,
    Logging,
    Crate,
}

impl Name {
    const ALL: [Self; 6] = [
        Self::Init,
        Self::Flavor,
        Self::WorkerThreads,
        Self::DeadlineMargin,
        Self::Logging,
        Self::Crate,
    ];

    pub(super) fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.text() == text)
    }

    fn text(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Flavor => "flavor",
            Self::WorkerThreads => "worker_threads",
            Self::DeadlineMargin => "deadline_margin",
            Self::Logging => "logging",
            Self::Crate => "crate",
        }
    }

    /// Returns an example for error messages.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Init => "init = setup",
            Self::Flavor => "flavor = \"multi_thread\"",
            Self::WorkerThreads => "worker_threads = 4",
            Self::DeadlineMargin => "deadline_margin = \"500ms\"",
            Self::Logging => "logging = false",
            Self::Crate => "crate = my_facade::lambda_stream",
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Unknown names, each with the argument that error messages suggest for it.
const ALIASES: [(&str, Name); 19] = [
    ("state", Name::Init),
    ("setup", Name::Init),
    ("start", Name::Init),
    ("cold_start", Name::Init),
    ("with", Name::Init),
    ("runtime", Name::Flavor),
    ("scheduler", Name::Flavor),
    ("threads", Name::WorkerThreads),
    ("workers", Name::WorkerThreads),
    ("core_threads", Name::WorkerThreads),
    ("margin", Name::DeadlineMargin),
    ("deadline", Name::DeadlineMargin),
    ("log", Name::Logging),
    ("logger", Name::Logging),
    ("tracing", Name::Logging),
    ("subscriber", Name::Logging),
    ("krate", Name::Crate),
    ("root", Name::Crate),
    ("path", Name::Crate),
];

/// What is set in another place than the attribute.
enum Elsewhere {
    /// The configuration of the function in Lambda.
    Configuration,
    /// The type `Runtime`, which has no argument for the setting.
    Builder,
    /// The place that the text names.
    Other(&'static str),
}

impl Elsewhere {
    fn message(&self, name: &str, value: &TokenStream, argument: &TokenStream) -> String {
        let remove = quoted(argument).unwrap_or_else(|| format!("`{name}`"));
        match self {
            Self::Configuration => {
                let alternative = match name {
                    "timeout" => {
                        ", or write `deadline_margin = \"500ms\"` for the time between the cancellation of the handler and the timeout"
                    }
                    _ => "",
                };
                format!(
                    "`{name}` is part of the configuration of the function in Lambda, and not an argument of `#[lambda_stream::main]`: remove {remove}{alternative}"
                )
            }
            Self::Builder => format!(
                "`{name}` is a setting of `lambda_stream::Runtime`, and not an argument of `#[lambda_stream::main]`: remove the attribute, and write a `main` that calls `Runtime::new().{name}({}).run(handler)`",
                source_text(value)
            ),
            Self::Other(place) => {
                format!("`{name}` is not an argument of `#[lambda_stream::main]`: {place}: remove {remove}")
            }
        }
    }
}

const STREAMING: &str = "every response is streamed, if the invoke mode of the Function URL or the integration of API Gateway is `RESPONSE_STREAM`";
const LOG_LEVEL: &str =
    "the level is set in the logging configuration of the function, or with the environment variable `RUST_LOG`";
const LOG_FORMAT: &str = "the format is set in the logging configuration of the function";
const TEST_RUNTIME: &str = "it is an argument of `#[tokio::test]`, for the tests of the function";
const PANIC: &str =
    "a panic of the handler is reported to Lambda as an error, and the function continues with the next event";
const ROUTE: &str = "a function receives all requests, and `lambda_stream::http::run` calls the routes of a router";

/// Returns where the setting is, for a name that is a setting of Lambda, Tokio or the library, but not an argument.
fn elsewhere(name: &str) -> Option<Elsewhere> {
    Some(match name {
        "timeout"
        | "memory"
        | "memory_size"
        | "region"
        | "name"
        | "function_name"
        | "description"
        | "role"
        | "arch"
        | "architecture"
        | "architectures"
        | "env"
        | "environment"
        | "layers"
        | "vpc"
        | "ephemeral_storage"
        | "runtime"
        | "concurrency"
        | "max_concurrency"
        | "reserved_concurrency"
        | "retries"
        | "max_retries" => Elsewhere::Configuration,
        "buffer_size" | "fill_empty_body" | "metrics_namespace" | "layer" => Elsewhere::Builder,
        "streaming" | "stream" | "response_stream" | "response_streaming" | "invoke_mode" => {
            Elsewhere::Other(STREAMING)
        }
        "level" | "log_level" | "debug" | "verbose" => Elsewhere::Other(LOG_LEVEL),
        "log_format" | "json" => Elsewhere::Other(LOG_FORMAT),
        "start_paused" => Elsewhere::Other(TEST_RUNTIME),
        "unhandled_panic" => Elsewhere::Other(PANIC),
        "path" | "route" | "method" => Elsewhere::Other(ROUTE),
        _ => return None,
    })
}

/// An argument with an unknown name: the message, and what must change.
pub(super) struct UnknownName {
    pub(super) message: String,
    pub(super) marked: TokenStream,
}

/// Returns the error of an argument with an unknown name. `argument` is the name and the value.
pub(super) fn unknown_name(name: &Ident, value: &TokenStream, argument: &TokenStream) -> UnknownName {
    let (ident, name) = (name, name.to_string());
    let unknown = format!("unknown argument `{name}` for `#[lambda_stream::main]`");
    let nearest = nearest(&name);
    // `path` and `runtime` have several meanings: the value decides.
    let is_accepted = nearest.is_some_and(|nearest| values::parse(nearest, value).is_ok());
    if let Some(place) = elsewhere(&name).filter(|_| !is_accepted) {
        return UnknownName {
            message: place.message(&name, value, argument),
            marked: argument.clone(),
        };
    }
    // The name may be the value of an argument.
    let (suggested, value) = match nearest {
        None if value.is_empty() => (argument_that_accepts(argument), argument),
        nearest => (nearest, value),
    };
    let marked = if is_accepted || suggested.is_none() {
        ident.to_token_stream()
    } else {
        argument.clone()
    };
    let hint = match suggested {
        Some(suggested) => format!("write `{}`", with_value(suggested, value)),
        None => accepted_arguments(),
    };
    UnknownName {
        message: format!("{unknown}: {hint}"),
        marked,
    }
}

/// Returns `name = value` with the value of the user, or its correction, or an example.
pub(super) fn with_value(name: Name, value: &TokenStream) -> String {
    if value.is_empty() {
        return name.example().to_owned();
    }
    match values::parse(name, value).map_err(|error| error.correction) {
        Ok(_) => format!("{name} = {}", source_text(value)),
        Err(Correction::Value(value, _)) => format!("{name} = {value}"),
        Err(Correction::Remove(_) | Correction::Advice(_)) => name.example().to_owned(),
    }
}

/// Returns the argument that accepts a value without a name.
pub(super) fn argument_that_accepts(value: &TokenStream) -> Option<Name> {
    // A path is last, because a flavor without quotes is also a path.
    let names = [
        Name::Flavor,
        Name::WorkerThreads,
        Name::DeadlineMargin,
        Name::Logging,
        Name::Init,
    ];
    let accepts = |name: &Name| values::parse(*name, value).is_ok();
    let is_unquoted_flavor = || {
        let quoted = TokenStream::from(TokenTree::from(Literal::string(&source_text(value))));
        values::parse(Name::Flavor, &quoted).is_ok()
    };
    names.into_iter().find(|name| match name {
        Name::Flavor => accepts(name) || is_unquoted_flavor(),
        _ => accepts(name),
    })
}

pub(super) fn accepted_arguments() -> String {
    let [init, flavor, worker_threads, deadline_margin, logging, library] = Name::ALL.map(Name::example);
    format!(
        "the accepted arguments are `{init}`, `{flavor}`, `{worker_threads}`, `{deadline_margin}`, `{logging}` and `{library}`"
    )
}

/// Returns the argument to suggest for an unknown name: that of an alias, or else the nearest name within an edit
/// distance of 2.
fn nearest(unknown: &str) -> Option<Name> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == unknown);
    alias.map(|(_, name)| *name).or_else(|| {
        Name::ALL
            .into_iter()
            .map(|name| (edit_distance(name.text(), unknown), name))
            .filter(|(distance, _)| *distance <= 2)
            .min()
            .map(|(_, name)| name)
    })
}

/// Computes the Levenshtein distance with one row of the matrix.
pub(super) fn edit_distance(left: &str, right: &str) -> usize {
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
    use quote::quote;

    #[test]
    fn suggestion_is_alias_or_similar_name() {
        assert_eq!(nearest("deadline"), Some(Name::DeadlineMargin));
        assert_eq!(nearest("flavour"), Some(Name::Flavor));
        assert_eq!(nearest("worker_thread"), Some(Name::WorkerThreads));
        assert_eq!(nearest("loging"), Some(Name::Logging));
        assert_eq!(nearest("color"), None);
    }

    fn unknown(name: &str, value: &TokenStream) -> UnknownName {
        let name = quote::format_ident!("{name}");
        unknown_name(&name, value, &quote!(#name = #value))
    }

    #[test]
    fn unknown_name_is_corrected_with_its_value() {
        let message = |name: &str, value| unknown(name, &value).message;
        assert!(message("state", quote!(load)).ends_with("write `init = load`"));
        assert!(message("state", quote!(load())).ends_with("write `init = load`"));
        assert!(message("threads", quote!("8")).ends_with("write `worker_threads = 8`"));
        assert!(message("state", quote!(|| 1)).ends_with("write `init = setup`"));
        assert!(message("runtime", quote!("current_thread")).ends_with("write `flavor = \"current_thread\"`"));
        assert!(message("runtime", quote!("provided.al2023")).contains("configuration of the function"));
        assert!(message("path", quote!(facade::ls)).ends_with("write `crate = facade::ls`"));
        assert!(message("path", quote!("/orders")).contains("routes of a router"));
    }

    #[test]
    fn setting_of_another_place_is_removed() {
        let error = unknown("timeout", &quote!("30s"));
        assert!(
            error.message.contains("remove `timeout = \"30s\"`"),
            "{}",
            error.message
        );
        assert_eq!(source_text(&error.marked), "timeout = \"30s\"");
        let message = unknown("buffer_size", &quote!(4096)).message;
        assert!(
            message.contains("`Runtime::new().buffer_size(4096).run(handler)`"),
            "{message}"
        );
    }

    #[test]
    fn unknown_name_is_marked_without_accepted_value() {
        let marked = |name, value| source_text(&unknown(name, &value).marked);
        assert_eq!(marked("state", quote!(setup)), "state");
        assert_eq!(marked("state", quote!(setup())), "state = setup()");
        assert_eq!(marked("color", quote!(1)), "color");
    }

    #[test]
    fn value_without_name_belongs_to_argument() {
        assert_eq!(argument_that_accepts(&quote!("multi_thread")), Some(Name::Flavor));
        assert_eq!(argument_that_accepts(&quote!(multi_thread)), Some(Name::Flavor));
        assert_eq!(argument_that_accepts(&quote!(4)), Some(Name::WorkerThreads));
        assert_eq!(argument_that_accepts(&quote!("2s")), Some(Name::DeadlineMargin));
        assert_eq!(argument_that_accepts(&quote!(load_config)), Some(Name::Init));
        assert_eq!(argument_that_accepts(&quote!("fast")), None);
    }

    #[test]
    fn edit_distance_counts_letters() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("abc", "abc"), 0);
    }
}
