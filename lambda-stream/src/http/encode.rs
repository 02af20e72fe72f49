//! Paths and queries as a URI can hold them. What came encoded stays as it came.

use std::fmt::Write;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// What no part of a URI holds as it is (RFC 3986, section 2).
const NEVER: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'#').add(b'`');

const NOT_IN_A_PATH: &AsciiSet = &NEVER.add(b'?');

/// All but the unreserved characters (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path that is encoded already, but for what its source decoded: some do so with a space.
pub(super) fn path(path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{slash}{}", only_what_must_be(path, NOT_IN_A_PATH))
}

/// A query that is encoded already.
pub(super) fn query(query: &str) -> String {
    only_what_must_be(query, NEVER)
}

/// A query of decoded keys and values.
pub(super) fn query_of_decoded(pairs: &[(String, String)]) -> String {
    joined(pairs, |text| utf8_percent_encode(text, RESERVED).to_string())
}

/// A query of keys and values that are encoded already.
pub(super) fn query_of_encoded(pairs: &[(String, String)]) -> String {
    joined(pairs, query)
}

fn joined(pairs: &[(String, String)], encode: impl Fn(&str) -> String) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn only_what_must_be(text: &str, set: &'static AsciiSet) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(percent) = rest.find('%') {
        let (before, from) = rest.split_at(percent);
        encoded.extend(utf8_percent_encode(before, set));
        let digits = from.as_bytes().get(1..3);
        let is_escape = digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        // A percent sign that escapes nothing is itself.
        let _ = encoded.write_str(if is_escape { "%" } else { "%25" });
        rest = &from[1..];
    }
    encoded.extend(utf8_percent_encode(rest, set));
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_stays_and_the_rest_becomes_a_uri() {
        assert_eq!(path("/a%20b/%C3%BC"), "/a%20b/%C3%BC");
        assert_eq!(path("/a b/ü?#"), "/a%20b/%C3%BC%3F%23");
        assert_eq!(path("100%"), "/100%25");
        assert_eq!(path("/%zz%4"), "/%25zz%254");
        assert_eq!(path(""), "/");
        assert_eq!(query("a=1&a=2&b=%3F&c=x y"), "a=1&a=2&b=%3F&c=x%20y");
        let pairs = [("a b", "&="), ("a b", "ü"), ("c", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(query_of_decoded(&pairs), "a%20b=%26%3D&a%20b=%C3%BC&c=");
        let pairs = [("a", "%3Fb"), ("a", "c d")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(query_of_encoded(&pairs), "a=%3Fb&a=c%20d");
    }
}
