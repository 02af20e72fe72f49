//! The paths of the Runtime API and of the Extensions API, as they stand in a request line.

use std::fmt;

use crate::percent;

const BASE: &str = "/2018-06-01/runtime/";
const EXTENSIONS: &str = "/2020-01-01/extension/";

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Next,
    /// The answer to the invocation of this request id.
    Response(String),
    /// The failure of the invocation of this request id.
    Error(String),
    InitError,
    RestoreNext,
    RestoreError,
    Register,
    ExtensionEvent,
}

impl Call {
    /// `None` when there is no such call.
    pub(crate) fn of(method: &str, path: &str) -> Option<Self> {
        if let Some(path) = path.strip_prefix(EXTENSIONS) {
            return match (method, path) {
                ("POST", "register") => Some(Self::Register),
                ("GET", "event/next") => Some(Self::ExtensionEvent),
                _ => None,
            };
        }
        let segments: Vec<&str> = path.strip_prefix(BASE)?.split('/').collect();
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

/// The call's short name, without the request id.
impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Next => "next",
            Self::Response(_) => "response",
            Self::Error(_) => "error",
            Self::InitError => "init/error",
            Self::RestoreNext => "restore/next",
            Self::RestoreError => "restore/error",
            Self::Register => "register",
            Self::ExtensionEvent => "event/next",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn a_call_is_known_by_its_method_and_its_whole_path() {
        let of = |method, path: &str| Call::of(method, &format!("/2018-06-01/runtime/{path}"));
        assert_eq!(of("GET", "invocation/next"), Some(Call::Next));
        assert_eq!(
            of("POST", "invocation/a%2Fb/response"),
            Some(Call::Response("a/b".into()))
        );
        assert_eq!(of("POST", "init/error"), Some(Call::InitError));
        let extension = |method, path: &str| Call::of(method, &format!("/2020-01-01/extension/{path}"));
        assert_eq!(extension("POST", "register"), Some(Call::Register));
        assert_eq!(extension("GET", "register"), None);
        assert_eq!(of("POST", "invocation/next"), None);
        assert_eq!(of("GET", "invocation/next/"), None);
        assert_eq!(Call::of("GET", "/invocation/next"), None);
    }
}
