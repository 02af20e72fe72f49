//! The calls of the Runtime API and the Extensions API, parsed from method and path.

use std::fmt;

use crate::http::percent;

const RUNTIME_API: &str = "/2018-06-01/runtime/";
const EXTENSIONS_API: &str = "/2020-01-01/extension/";

/// A call of the runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Next,
    /// The response to the invocation with this request id.
    Response(String),
    /// The error of the invocation with this request id.
    Error(String),
    InitError,
    RestoreNext,
    RestoreError,
    RegisterExtension,
    ExtensionEvent,
}

impl Call {
    /// Returns `None` if the call does not exist.
    pub(crate) fn parse(method: &str, path: &str) -> Option<Self> {
        if let Some(path) = path.strip_prefix(EXTENSIONS_API) {
            return match (method, path) {
                ("POST", "register") => Some(Self::RegisterExtension),
                ("GET", "event/next") => Some(Self::ExtensionEvent),
                _ => None,
            };
        }
        let segments: Vec<&str> = path.strip_prefix(RUNTIME_API)?.split('/').collect();
        match (method, segments.as_slice()) {
            ("GET", ["invocation", "next"]) => Some(Self::Next),
            ("POST", ["invocation", id, "response"]) => Some(Self::Response(percent::decode(id))),
            ("POST", ["invocation", id, "error"]) => Some(Self::Error(percent::decode(id))),
            ("POST", ["init", "error"]) => Some(Self::InitError),
            ("GET", ["restore", "next"]) => Some(Self::RestoreNext),
            ("POST", ["restore", "error"]) => Some(Self::RestoreError),
            _ => None,
        }
    }
}

/// Displays the short name of the call, without the request id.
impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Next => "next",
            Self::Response(_) => "response",
            Self::Error(_) => "error",
            Self::InitError => "init/error",
            Self::RestoreNext => "restore/next",
            Self::RestoreError => "restore/error",
            Self::RegisterExtension => "register",
            Self::ExtensionEvent => "event/next",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn method_and_whole_path_select_the_call() {
        let runtime = |method, path: &str| Call::parse(method, &format!("/2018-06-01/runtime/{path}"));
        assert_eq!(runtime("GET", "invocation/next"), Some(Call::Next));
        assert_eq!(
            runtime("POST", "invocation/a%2Fb/response"),
            Some(Call::Response("a/b".into()))
        );
        assert_eq!(runtime("POST", "init/error"), Some(Call::InitError));
        let extension = |method, path: &str| Call::parse(method, &format!("/2020-01-01/extension/{path}"));
        assert_eq!(extension("POST", "register"), Some(Call::RegisterExtension));
        assert_eq!(extension("GET", "register"), None);
        assert_eq!(runtime("POST", "invocation/next"), None);
        assert_eq!(runtime("GET", "invocation/next/"), None);
        assert_eq!(Call::parse("GET", "/invocation/next"), None);
    }
}
