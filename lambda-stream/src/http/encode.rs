//! Percent-encodes the paths and queries of events for a URI. Existing escapes are kept.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that no part of a URI contains unencoded (RFC 3986, section 2).
const INVALID_IN_URI: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'#').add(b'`');

const INVALID_IN_PATH: &AsciiSet = &INVALID_IN_URI.add(b'?');

/// Every character except the unreserved ones (RFC 3986, section 2.3).
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a path that is percent-encoded except for characters that its source decoded, such as spaces.
pub(super) fn path(path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{slash}{}", encode_invalid(path, INVALID_IN_PATH))
}

/// Encodes a query string that is percent-encoded already, except for characters that are invalid in a URI.
pub(super) fn query(query: &str) -> String {
    encode_invalid(query, INVALID_IN_URI)
}

/// Builds a query string from decoded keys and values.
pub(super) fn query_from_decoded(pairs: &[(String, String)]) -> String {
    join(pairs, |text| utf8_percent_encode(text, NOT_UNRESERVED).to_string())
}

/// Builds a query string from keys and values that are percent-encoded already.
pub(super) fn query_from_encoded(pairs: &[(String, String)]) -> String {
    join(pairs, query)
}

fn join(pairs: &[(String, String)], encode: impl Fn(&str) -> String) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Encodes the characters of `invalid`, and each `%` that does not start an escape.
fn encode_invalid(text: &str, invalid: &'static AsciiSet) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(percent) = rest.find('%') {
        let (before, from) = rest.split_at(percent);
        encoded.extend(utf8_percent_encode(before, invalid));
        let digits = from.as_bytes().get(1..3);
        let is_escape = digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        encoded.push_str(if is_escape { "%" } else { "%25" });
        rest = &from[1..];
    }
    encoded.extend(utf8_percent_encode(rest, invalid));
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> [(String, String); N] {
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
    }

    #[test]
    fn path_keeps_escapes_and_encodes_the_rest() {
        assert_eq!(path("/a%20b/%C3%BC"), "/a%20b/%C3%BC");
        assert_eq!(path("/a b/ü?#"), "/a%20b/%C3%BC%3F%23");
        assert_eq!(path("100%"), "/100%25");
        assert_eq!(path("/%zz%4"), "/%25zz%254");
        assert_eq!(path(""), "/");
    }

    #[test]
    fn query_is_encoded_once() {
        assert_eq!(query("a=1&a=2&b=%3F&c=x y"), "a=1&a=2&b=%3F&c=x%20y");
        let decoded = pairs([("a b", "&="), ("a b", "ü"), ("c", "")]);
        assert_eq!(query_from_decoded(&decoded), "a%20b=%26%3D&a%20b=%C3%BC&c=");
        let encoded = pairs([("a", "%3Fb"), ("a", "c d")]);
        assert_eq!(query_from_encoded(&encoded), "a=%3Fb&a=c%20d");
    }
}
