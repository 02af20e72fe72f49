//! Removes a base path from the URI of a request.

use std::borrow::Cow;

use http::Uri;
use http::uri::PathAndQuery;
use percent_encoding::percent_decode_str;

/// The path under which a service is published. Paths are compared by segment, after decoding.
#[derive(Debug, Clone, Default)]
pub(super) struct BasePath {
    /// The decoded segments. Empty if there is nothing to remove.
    segments: Vec<Vec<u8>>,
}

impl BasePath {
    /// Accepts every string. Slashes at the start and at the end do not count.
    pub(super) fn new(path: &str) -> Self {
        let path = path.trim_matches('/');
        let segments = match path {
            "" => Vec::new(),
            path => path.split('/').map(|segment| decode(segment).into_owned()).collect(),
        };
        Self { segments }
    }

    /// Removes the base path from the start of the path of `uri`, which has neither scheme nor host. A path that does not
    /// start with the base path is not changed.
    pub(super) fn remove_from(&self, uri: &mut Uri) {
        if self.segments.is_empty() {
            return;
        }
        let Some(rest) = self.rest_of(uri.path()) else {
            return;
        };
        let rest = if rest.is_empty() { "/" } else { rest };
        let path_and_query = match uri.query() {
            Some(query) => PathAndQuery::try_from(format!("{rest}?{query}")),
            None => PathAndQuery::try_from(rest),
        };
        // The rest of a valid path from a slash on is a valid path.
        if let Ok(path_and_query) = path_and_query {
            *uri = path_and_query.into();
        }
    }

    /// Returns what follows the base path in `path`, or `None` if `path` does not start with the base path. The result is
    /// empty or starts with a slash.
    fn rest_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut rest = path;
        for expected in &self.segments {
            let after_slash = rest.strip_prefix('/')?;
            let end = after_slash.find('/').unwrap_or(after_slash.len());
            let (segment, after) = after_slash.split_at(end);
            if decode(segment) != *expected {
                return None;
            }
            rest = after;
        }
        Some(rest)
    }
}

fn decode(segment: &str) -> Cow<'_, [u8]> {
    percent_decode_str(segment).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(base_path: &str, path: &str) -> String {
        let mut uri = Uri::try_from(path).unwrap();
        BasePath::new(base_path).remove_from(&mut uri);
        uri.to_string()
    }

    #[test]
    fn base_path_is_removed_by_segment() {
        assert_eq!(removed("/prod", "/prod/a/b?x=1&y"), "/a/b?x=1&y");
        assert_eq!(removed("/prod", "/prod"), "/");
        assert_eq!(removed("/prod", "/prod/"), "/");
        assert_eq!(removed("/prod", "/prod?x=1"), "/?x=1");
        assert_eq!(removed("/v1/orders", "/v1/orders/7"), "/7");
        assert_eq!(removed("/prod", "/prod//a"), "//a");
    }

    #[test]
    fn base_path_is_removed_once() {
        assert_eq!(removed("/prod", "/prod/prod/a"), "/prod/a");
    }

    #[test]
    fn path_outside_of_base_path_is_unchanged() {
        for path in [
            "/",
            "/product/a",
            "/pro",
            "/a/prod",
            "//prod/a",
            "/PROD/a",
            "/?prod",
            "/prod%2Fa",
            "*",
        ] {
            assert_eq!(removed("/prod", path), path);
        }
        assert_eq!(removed("/v1/orders", "/v1"), "/v1");
        assert_eq!(removed("/v1/orders", "/v1/order"), "/v1/order");
    }

    #[test]
    fn outer_slashes_of_base_path_do_not_count() {
        for base_path in ["prod", "/prod", "prod/", "/prod/", "//prod//"] {
            assert_eq!(removed(base_path, "/prod/a"), "/a", "{base_path}");
        }
        for base_path in ["", "/", "//"] {
            assert_eq!(removed(base_path, "/a?b"), "/a?b", "{base_path}");
        }
    }

    #[test]
    fn escapes_match_and_the_rest_keeps_its_own() {
        for base_path in ["/caf\u{e9}", "/caf%C3%A9", "/caf%c3%a9"] {
            assert_eq!(
                removed(base_path, "/caf%C3%A9/a%2Fb%20c/%c3%bc?d=%26"),
                "/a%2Fb%20c/%c3%bc?d=%26"
            );
            assert_eq!(removed(base_path, "/caf%c3%a9"), "/");
        }
        assert_eq!(removed("/prod", "/%70rod/a"), "/a");
        assert_eq!(removed("/a%2Fb", "/a%2fb/c"), "/c");
        assert_eq!(removed("/a%2Fb", "/a/b/c"), "/a/b/c");
        assert_eq!(removed("/100%", "/100%/a"), "/a");
    }

    #[test]
    fn base_path_that_no_path_can_have_removes_nothing() {
        for base_path in ["/prod?x", "https://example.com/prod", "/a b#c", "/\0"] {
            assert_eq!(removed(base_path, "/prod/a?x"), "/prod/a?x", "{base_path:?}");
        }
    }
}
