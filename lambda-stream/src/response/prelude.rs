//! The prelude: status, headers and cookies of an HTTP answer, as one JSON object before eight NUL bytes.

#[cfg(test)]
mod properties;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::error::StreamError;
use crate::event::{EventFormat, EventInfo};
use crate::protocol::{MAX_PRELUDE_LENGTH, NEVER_IN_PRELUDE, PRELUDE_DELIMITER};

/// Status, headers and cookies of an HTTP answer, for [`ResponseStream::send_prelude`](crate::ResponseStream::send_prelude).
///
/// A header given several times is sent joined with `, `, or as a list where the event came in payload format 1.0.
/// `Set-Cookie` is never joined. `Content-Length`, `Transfer-Encoding` and `Connection` are left out: a stream has
/// neither a length nor a connection of its own.
///
/// ```
/// use lambda_stream::HttpPrelude;
///
/// let prelude = HttpPrelude::new(201).header("content-type", "text/plain").cookie("seen=1; Secure");
/// ```
///
/// What cannot be sent is reported by [`ResponseStream::send_prelude`](crate::ResponseStream::send_prelude), before a byte is: a status
/// outside 100–599, a name or value that is none, or more than 16 KiB in all (API Gateway's limit).
#[derive(Debug, Clone)]
pub struct HttpPrelude {
    status: u16,
    headers: HeaderMap,
    fault: Option<String>,
}

impl HttpPrelude {
    /// An answer with `status`, from 100 to 599, and no headers.
    pub fn new(status: u16) -> Self {
        let fault =
            (!(100..=599).contains(&status)).then(|| format!("{status} is no status code: it must be 100 to 599"));
        Self {
            status,
            headers: HeaderMap::new(),
            fault,
        }
    }

    /// Adds a header, besides those of the same name.
    #[must_use]
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        let name = name.as_ref();
        match (HeaderName::from_bytes(name.as_bytes()), text(value.as_ref())) {
            (Ok(name), Ok(value)) => {
                // The map panics where it cannot grow, at some ten thousands of names.
                if self.headers.try_append(name, value).is_err() {
                    self.note("there are more headers than an answer can hold".to_owned());
                }
            }
            (Err(_), _) => self.note(format!("{name:?} is no name for a header")),
            (_, Err(why)) => self.note(format!("the value of the header {name:?} {why}")),
        }
        self
    }

    /// Adds a cookie: the whole value of a `Set-Cookie`, such as `id=1; Path=/; Secure`.
    #[must_use]
    pub fn cookie(self, cookie: impl AsRef<[u8]>) -> Self {
        self.header(SET_COOKIE, cookie)
    }

    /// Sets a header, unless there is one of this name.
    pub(super) fn or_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.entry(name).or_insert(value);
        self
    }

    /// Whether what it leads has no body: the answer to a HEAD, and one of status 204 or 304 (RFC 9110, section 6.4.1).
    pub(crate) fn is_bodiless(&self, event_info: EventInfo) -> bool {
        event_info.is_head || matches!(self.status, 204 | 304)
    }

    /// Status and headers, the latter without those that are never sent.
    pub(super) fn into_parts(mut self) -> Result<(u16, HeaderMap), StreamError> {
        if let Some(fault) = self.fault {
            return Err(StreamError::Invalid(fault));
        }
        for name in NEVER_IN_PRELUDE {
            self.headers.remove(name);
        }
        Ok((self.status, self.headers))
    }

    /// The JSON. Lambda reads the first fault of several.
    pub(super) fn encode(self, format: EventFormat) -> Result<Bytes, StreamError> {
        let (status, headers) = self.into_parts()?;
        let lists = format == EventFormat::PayloadV1;
        let mut json = Json {
            status_code: status,
            headers: BTreeMap::new(),
            multi_value_headers: lists.then(BTreeMap::new),
            cookies: Vec::new(),
        };
        for name in headers.keys() {
            let values = headers.get_all(name).iter().map(as_text);
            if name == SET_COOKIE {
                json.cookies.extend(values);
                continue;
            }
            let values: Vec<&str> = values.collect();
            match &mut json.multi_value_headers {
                Some(lists) if values.len() > 1 => {
                    lists.insert(name.as_str(), values);
                }
                _ => {
                    json.headers.insert(name.as_str(), values.join(", "));
                }
            }
        }
        let encoded = serde_json::to_vec(&json).map_err(|error| StreamError::Invalid(error.to_string()))?;
        let length = encoded.len() + PRELUDE_DELIMITER.len();
        if length > MAX_PRELUDE_LENGTH {
            return Err(StreamError::Invalid(format!(
                "status, headers and cookies take {length} bytes, and API Gateway reads no more than {MAX_PRELUDE_LENGTH}"
            )));
        }
        Ok(encoded.into())
    }

    fn note(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }
}

impl From<StatusCode> for HttpPrelude {
    fn from(status: StatusCode) -> Self {
        Self::new(status.as_u16())
    }
}

impl From<http::response::Parts> for HttpPrelude {
    fn from(parts: http::response::Parts) -> Self {
        let prelude = Self::from(parts.status);
        let headers = parts.headers.iter();
        headers.fold(prelude, |prelude, (name, value)| prelude.header(name, value))
    }
}

/// `statusCode`, `headers` and `cookies` are always there: the emulator of `cargo lambda watch` does without none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'a> {
    status_code: u16,
    headers: BTreeMap<&'a str, String>,
    /// Only with payload format 1.0: a Function URL answers it with a 500.
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<BTreeMap<&'a str, Vec<&'a str>>>,
    cookies: Vec<&'a str>,
}

/// A header's value that JSON can hold.
fn text(value: &[u8]) -> Result<HeaderValue, &'static str> {
    if std::str::from_utf8(value).is_err() {
        return Err("is not UTF-8, and the prelude is JSON");
    }
    HeaderValue::from_bytes(value).map_err(|_| "holds a control character, such as a line end")
}

/// Every value came through [`text`], so it is UTF-8.
pub(super) fn as_text(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(prelude: HttpPrelude, format: EventFormat) -> String {
        String::from_utf8(prelude.encode(format).unwrap().into()).unwrap()
    }

    fn fault(prelude: HttpPrelude) -> String {
        prelude.encode(EventFormat::PayloadV2).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_prelude_names_every_key() {
        assert_eq!(
            json(HttpPrelude::new(204), EventFormat::PayloadV2),
            r#"{"statusCode":204,"headers":{},"cookies":[]}"#
        );
    }

    #[test]
    fn repeated_headers_are_folded_by_the_format() {
        let prelude = HttpPrelude::new(200)
            .header("Vary", "accept")
            .header("X-One", "ü")
            .header("vary", "origin")
            .cookie("a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT")
            .header("Set-Cookie", "b=2");
        let cookies = r#"["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT","b=2"]"#;
        assert_eq!(
            json(prelude.clone(), EventFormat::PayloadV2),
            format!(r#"{{"statusCode":200,"headers":{{"vary":"accept, origin","x-one":"ü"}},"cookies":{cookies}}}"#)
        );
        assert_eq!(
            json(prelude, EventFormat::PayloadV1),
            format!(
                r#"{{"statusCode":200,"headers":{{"x-one":"ü"}},"multiValueHeaders":{{"vary":["accept","origin"]}},"cookies":{cookies}}}"#
            )
        );
    }

    #[test]
    fn lengths_and_connections_are_left_out() {
        let prelude = HttpPrelude::new(200)
            .header("Content-Length", "5")
            .header("Transfer-Encoding", "chunked")
            .header("Connection", "close");
        assert_eq!(
            json(prelude, EventFormat::PayloadV2),
            r#"{"statusCode":200,"headers":{},"cookies":[]}"#
        );
    }

    #[test]
    fn what_cannot_be_sent_is_named() {
        assert!(fault(HttpPrelude::new(99)).contains("99 is no status code"));
        assert!(fault(HttpPrelude::new(600)).contains("600 is no status code"));
        assert!(fault(HttpPrelude::new(200).header("a b", "c")).contains(r#""a b" is no name"#));
        assert!(fault(HttpPrelude::new(200).header("a", "b\r\nc: d")).contains("control character"));
        assert!(fault(HttpPrelude::new(200).cookie(b"\xff")).contains("not UTF-8"));
        let countless = (0..50_000).fold(HttpPrelude::new(200), |prelude, n| prelude.header(format!("x-{n}"), ""));
        assert!(fault(countless).contains("more headers than an answer can hold"));
    }

    #[test]
    fn sixteen_kibibytes_and_not_a_byte_more() {
        let frame = json(HttpPrelude::new(200).header("a", ""), EventFormat::PayloadV2).len() + PRELUDE_DELIMITER.len();
        let largest = HttpPrelude::new(200).header("a", "x".repeat(MAX_PRELUDE_LENGTH - frame));
        assert_eq!(
            json(largest, EventFormat::PayloadV2).len() + PRELUDE_DELIMITER.len(),
            16_384
        );
        let larger = HttpPrelude::new(200).header("a", "x".repeat(MAX_PRELUDE_LENGTH - frame + 1));
        assert!(fault(larger).contains("take 16385 bytes"));
    }
}
