//! Chooses the format and the coding of the response by the headers `Accept` and `Accept-Encoding` (RFC 9110, section
//! 12.5).

use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::{HeaderMap, HeaderName};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Ndjson,
}

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    pub(crate) fn content_disposition(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"orders.csv\"",
            Self::Ndjson => "attachment; filename=\"orders.ndjson\"",
        }
    }
}

/// Returns the format with the highest weight, and CSV if both have the same. Returns `None` if neither is accepted.
pub(crate) fn format(headers: &HeaderMap) -> Option<Format> {
    let ranges = weights(headers, ACCEPT);
    if ranges.is_empty() {
        return Some(Format::Csv);
    }
    let weight = |names: [&str; 3]| find(&ranges, &names).unwrap_or(0.0);
    let csv = weight(["text/csv", "text/*", "*/*"]);
    let ndjson = weight(["application/x-ndjson", "application/*", "*/*"]);
    match (csv, ndjson) {
        (0.0, 0.0) => None,
        _ if csv >= ndjson => Some(Format::Csv),
        _ => Some(Format::Ndjson),
    }
}

/// Returns whether the caller accepts gzip and does not prefer the response without it.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let codings = weights(headers, ACCEPT_ENCODING);
    let gzip = find(&codings, &["gzip", "x-gzip", "*"]).unwrap_or(0.0);
    gzip > 0.0 && find(&codings, &["identity"]).is_none_or(|identity| gzip >= identity)
}

/// Returns the weight of the first of these names that the header has, in the order from the most specific name.
fn find(weights: &[(String, f32)], names: &[&str]) -> Option<f32> {
    let weight = |name: &&str| {
        weights
            .iter()
            .find(|(range, _)| range == name)
            .map(|(_, weight)| *weight)
    };
    names.iter().find_map(weight)
}

/// Parses a list such as `text/csv, text/*;q=0.5`. Parameters other than the weight are ignored. A weight that is not a
/// number from 0 to 1 counts as 0.
fn weights(headers: &HeaderMap, name: HeaderName) -> Vec<(String, f32)> {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(','));
    let parsed = ranges.map(|range| {
        let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").map(str::to_owned));
        let weight = weight.map_or(Ok(1.0), |weight| weight.parse());
        (
            name,
            weight.ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0),
        )
    });
    parsed.filter(|(name, _)| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn format_has_highest_weight() {
        assert_eq!(format(&HeaderMap::new()), Some(Format::Csv));
        for (accept, expected) in [
            ("", Some(Format::Csv)),
            ("*/*", Some(Format::Csv)),
            ("text/csv", Some(Format::Csv)),
            ("TEXT/CSV; header=present", Some(Format::Csv)),
            ("application/x-ndjson", Some(Format::Ndjson)),
            ("application/*", Some(Format::Ndjson)),
            ("text/csv;q=0.5, application/x-ndjson", Some(Format::Ndjson)),
            ("text/csv;q=0.5 , application/x-ndjson ; q=0.4", Some(Format::Csv)),
            ("text/html, */*;q=0.1", Some(Format::Csv)),
            // The most specific range decides, not the first.
            ("*/*, text/csv;q=0", Some(Format::Ndjson)),
            (
                "text/*;q=0.9, text/csv;q=0.1, application/x-ndjson;q=0.2",
                Some(Format::Ndjson),
            ),
            ("application/json", None),
            ("text/html, image/*", None),
            ("*/*;q=0", None),
            ("text/csv;q=abc", None),
            ("text/csv;q=nan", None),
        ] {
            assert_eq!(format(&headers(ACCEPT, accept)), expected, "{accept}");
        }
    }

    #[test]
    fn gzip_is_used_if_accepted_and_preferred() {
        assert!(!accepts_gzip(&HeaderMap::new()));
        for (accept_encoding, expected) in [
            ("", false),
            ("br, deflate", false),
            ("gzip", true),
            ("GZIP, deflate, br", true),
            ("x-gzip", true),
            ("*", true),
            ("gzip;q=0", false),
            ("*, gzip;q=0", false),
            ("gzip;q=0.5, identity", false),
            ("gzip;q=0.5, identity;q=0.5", true),
            ("identity;q=0, *;q=0.1", true),
        ] {
            assert_eq!(
                accepts_gzip(&headers(ACCEPT_ENCODING, accept_encoding)),
                expected,
                "{accept_encoding}"
            );
        }
    }
}
