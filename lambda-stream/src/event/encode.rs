//! Encodes HTTP requests as events: what local mode and the sample events of `testing` have in common.

pub(crate) mod payload_v1;
pub(crate) mod payload_v2;
mod time;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::uri::Authority;
use serde_json::{Value, json};

#[cfg(feature = "local")]
pub(crate) use self::time::log_date;
pub(crate) use self::time::{log_time, unix_millis};

/// Sets the fields `body` and `isBase64Encoded`.
pub(crate) fn set_body(event: &mut Value, body: &[u8], is_text: bool) {
    let text = std::str::from_utf8(body).ok().filter(|_| is_text);
    event["isBase64Encoded"] = text.is_none().into();
    event["body"] = text.map_or_else(|| json!(STANDARD.encode(body)), |text| json!(text));
}

/// Returns whether Lambda puts a body of this content type into the event as text instead of base64.
pub(crate) fn is_text(headers: &HeaderMap) -> bool {
    let Some(Ok(content_type)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let media_type = content_type.split(';').next().unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    media_type.starts_with("text/")
        || [
            "application/json",
            "application/javascript",
            "application/xml",
            "application/x-www-form-urlencoded",
        ]
        .contains(&media_type.as_str())
}

/// Returns the requested host without its port.
pub(crate) fn host(parts: &Parts) -> Option<String> {
    let host = parts.headers.get(HOST).map(|value| value.as_bytes());
    let authority = host.and_then(|host| Authority::try_from(host).ok());
    let authority = authority.as_ref().or(parts.uri.authority())?;
    Some(authority.host().to_owned())
}

/// Returns the decoded names and values of a query.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned()
}

pub(crate) fn lossy_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the names and values of the headers. A repeated header has one pair for each value.
pub(crate) fn header_pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let pairs = headers.iter();
    pairs
        .map(|(name, value)| (name.as_str().to_owned(), lossy_text(value.as_bytes())))
        .collect()
}

/// Returns the last value of each name.
pub(crate) fn last_values(pairs: &[(String, String)]) -> BTreeMap<&str, &str> {
    let pairs = pairs.iter();
    pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Returns all values of each name.
pub(crate) fn all_values(pairs: &[(String, String)]) -> BTreeMap<&str, Vec<&str>> {
    let mut all = BTreeMap::<&str, Vec<&str>>::new();
    for (name, value) in pairs {
        all.entry(name).or_default().push(value);
    }
    all
}
