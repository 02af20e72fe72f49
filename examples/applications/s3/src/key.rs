//! The keys of objects.

use percent_encoding::percent_decode_str;

/// The longest key of S3, in bytes.
const MAX_LENGTH: usize = 1024;

/// Returns the key of the object at the path of a URI: the prefix, and the path without its percent-encoding and its first
/// slash. Returns `None` if there can be no such object.
///
/// S3 does not resolve `.` and `..`: in a key, they are names like any other. A proxy or an HTTP library on the way to S3
/// may resolve them, and would leave the prefix.
pub(crate) fn for_path(prefix: &str, uri_path: &str) -> Option<String> {
    let path = percent_decode_str(uri_path.strip_prefix('/')?).decode_utf8().ok()?;
    let is_relative = path.split('/').any(|segment| matches!(segment, "." | ".."));
    let key = format!("{prefix}{path}");
    (!path.is_empty() && !is_relative && key.len() <= MAX_LENGTH).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::for_path;

    #[test]
    fn path_becomes_key_below_prefix() {
        for (path, key) in [
            ("/a", "p/a"),
            ("/a/b.txt", "p/a/b.txt"),
            ("/folder/", "p/folder/"),
            ("/a%20b+c%2Bd", "p/a b+c+d"),
            ("/%C3%BC%2Fx", "p/ü/x"),
            // Decoded once.
            ("/%252e%252e/x", "p/%2e%2e/x"),
            // Empty segments are part of a key.
            ("//a//b", "p//a//b"),
            ("/...", "p/..."),
            ("/a..b/.c", "p/a..b/.c"),
        ] {
            assert_eq!(for_path("p/", path).as_deref(), Some(key), "{path}");
        }
        assert_eq!(for_path("", "/a").as_deref(), Some("a"));
    }

    #[test]
    fn path_without_possible_object_has_no_key() {
        for path in [
            "",
            "/",
            "a",
            "/..",
            "/../secret",
            "/a/../../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/.%2E/secret",
            "/./a",
            "/a/.",
            "/%FF",
        ] {
            assert_eq!(for_path("p/", path), None, "{path}");
        }
        assert!(for_path("p/", &format!("/{}", "k".repeat(1022))).is_some());
        assert!(for_path("p/", &format!("/{}", "k".repeat(1023))).is_none());
    }
}
