//! The prelude: status, headers and cookies of an HTTP response, as a JSON object before the body.

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

/// Status, headers and cookies of an HTTP response, for
/// [`ResponseStream::send_prelude`](crate::ResponseStream::send_prelude).
///
/// The values of a repeated header are joined with `, `, or sent as a list if the event has payload format 1.0. Cookies
/// are never joined. `Content-Length`, `Transfer-Encoding` and `Connection` are removed, because they do not apply to a
/// streamed response.
///
/// # Errors
/// The methods of this type do not fail. `send_prelude` returns [`StreamError::Invalid`], and sends nothing, for:
/// - a status outside 200–599. The statuses 1xx are interim responses, which precede a final response (RFC 9110, section
///   15.2); a prelude is the head of the final response.
/// - an invalid header name
/// - a header value or cookie that is not UTF-8 or contains a control character other than a tab
/// - more than 16 KiB of status, headers and cookies as JSON, which is API Gateway's limit
///
/// # Examples
/// ```
/// use lambda_stream::HttpPrelude;
///
/// let prelude = HttpPrelude::new(201).header("content-type", "text/plain").cookie("seen=1; Secure");
/// ```
#[derive(Debug, Clone)]
pub struct HttpPrelude {
    status: u16,
    headers: HeaderMap,
    /// The message of the first invalid argument. It is reported when the prelude is sent.
    error: Option<String>,
}

impl HttpPrelude {
    /// Creates a prelude with `status`, a number from 200 to 599, and no headers.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::HttpPrelude;
    ///
    /// let created = HttpPrelude::new(201);
    /// ```
    #[must_use]
    pub fn new(status: u16) -> Self {
        let error = match status {
            200..=599 => None,
            100..=199 => Some(format!(
                "invalid status code {status}: must be from 200 to 599, because a 1xx status is an interim response"
            )),
            _ => Some(format!("invalid status code {status}: must be from 200 to 599")),
        };
        Self {
            status,
            headers: HeaderMap::new(),
            error,
        }
    }

    /// Adds a header. Headers of the same name that were added before are kept.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::HttpPrelude;
    ///
    /// let prelude = HttpPrelude::new(200).header("content-type", "text/html").header("vary", "accept");
    /// ```
    #[must_use]
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        let name = name.as_ref();
        match (HeaderName::from_bytes(name.as_bytes()), header_value(value.as_ref())) {
            (Ok(name), Ok(value)) => {
                // `HeaderMap::append` panics when the map is full, at tens of thousands of names.
                if self.headers.try_append(name, value).is_err() {
                    self.set_error(format!(
                        "too many headers: a prelude has at most {MAX_PRELUDE_LENGTH} bytes"
                    ));
                }
            }
            (Err(_), _) => self.set_error(format!(
                "invalid header name {name:?}: must consist of letters, digits and !#$%&'*+-.^_`|~"
            )),
            (_, Err(reason)) => self.set_error(format!("invalid value of header {name:?}: {reason}")),
        }
        self
    }

    /// Adds a cookie. `cookie` is the complete value of a `Set-Cookie` header, such as `id=1; Path=/; Secure`.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::HttpPrelude;
    ///
    /// let prelude = HttpPrelude::new(200).cookie("theme=dark; Path=/").cookie("seen=1");
    /// ```
    #[must_use]
    pub fn cookie(self, cookie: impl AsRef<[u8]>) -> Self {
        self.header(SET_COOKIE, cookie)
    }

    /// Adds a header unless there is one of the same name.
    pub(super) fn header_if_absent(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.entry(name).or_insert(value);
        self
    }

    /// Returns whether the response has no body: the response to a HEAD request, or a response with status 204, 205 or
    /// 304 (RFC 9110, sections 6.4.1 and 15.3.6).
    pub(crate) fn is_bodiless(&self, event_info: EventInfo) -> bool {
        event_info.is_head || matches!(self.status, 204 | 205 | 304)
    }

    /// Returns the status, and the headers without [`NEVER_IN_PRELUDE`].
    pub(super) fn into_parts(mut self) -> Result<(u16, HeaderMap), StreamError> {
        if let Some(error) = self.error {
            return Err(StreamError::Invalid(error));
        }
        for name in NEVER_IN_PRELUDE {
            self.headers.remove(name);
        }
        Ok((self.status, self.headers))
    }

    /// Encodes the prelude as JSON, without the delimiter.
    pub(super) fn encode(self, format: EventFormat) -> Result<Bytes, StreamError> {
        let (status, headers) = self.into_parts()?;
        let has_lists = format == EventFormat::PayloadV1;
        let mut prelude = PreludeJson {
            status_code: status,
            headers: BTreeMap::new(),
            multi_value_headers: has_lists.then(BTreeMap::new),
            cookies: Vec::new(),
        };
        for name in headers.keys() {
            let values = headers.get_all(name).iter().map(as_str);
            if name == SET_COOKIE {
                prelude.cookies.extend(values);
                continue;
            }
            let values: Vec<&str> = values.collect();
            match &mut prelude.multi_value_headers {
                Some(lists) if values.len() > 1 => {
                    lists.insert(name.as_str(), values);
                }
                _ => {
                    prelude.headers.insert(name.as_str(), values.join(", "));
                }
            }
        }
        let json = serde_json::to_vec(&prelude).map_err(|error| StreamError::Invalid(error.to_string()))?;
        let length = json.len() + PRELUDE_DELIMITER.len();
        if length > MAX_PRELUDE_LENGTH {
            return Err(StreamError::Invalid(format!(
                "the prelude has {length} bytes, and API Gateway's limit is {MAX_PRELUDE_LENGTH}: send fewer or \
                 shorter headers and cookies"
            )));
        }
        Ok(json.into())
    }

    fn set_error(&mut self, message: String) {
        self.error.get_or_insert(message);
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

/// The JSON object. `statusCode`, `headers` and `cookies` are always present, because the emulator of `cargo lambda
/// watch` requires them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PreludeJson<'a> {
    status_code: u16,
    headers: BTreeMap<&'a str, String>,
    /// Only for payload format 1.0: a Function URL responds to this key with status 500.
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<BTreeMap<&'a str, Vec<&'a str>>>,
    cookies: Vec<&'a str>,
}

/// Converts a header value, which must be UTF-8 because the prelude is JSON.
fn header_value(value: &[u8]) -> Result<HeaderValue, &'static str> {
    if std::str::from_utf8(value).is_err() {
        return Err("must be UTF-8");
    }
    HeaderValue::from_bytes(value).map_err(|_| "must not contain control characters such as line breaks")
}

/// Returns a value that [`header_value`] created, and that is thus UTF-8.
pub(super) fn as_str(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(prelude: HttpPrelude, format: EventFormat) -> String {
        String::from_utf8(prelude.encode(format).unwrap().into()).unwrap()
    }

    fn error(prelude: HttpPrelude) -> String {
        prelude.encode(EventFormat::PayloadV2).unwrap_err().to_string()
    }

    #[test]
    fn status_code_and_response_parts_convert() {
        let json = |prelude: HttpPrelude| prelude.encode(EventFormat::PayloadV2).unwrap();
        assert_eq!(json(StatusCode::NOT_FOUND.into()), json(HttpPrelude::new(404)));
        let response = http::Response::builder()
            .status(201)
            .header("vary", "accept")
            .header("vary", "origin")
            .header("set-cookie", "a=1");
        let (parts, ()) = response.body(()).unwrap().into_parts();
        let expected = HttpPrelude::new(201)
            .header("vary", "accept")
            .header("vary", "origin")
            .cookie("a=1");
        assert_eq!(json(parts.into()), json(expected));
        let (parts, ()) = http::Response::builder()
            .header("a", HeaderValue::from_bytes(b"\xff").unwrap())
            .body(())
            .unwrap()
            .into_parts();
        assert!(HttpPrelude::from(parts).encode(EventFormat::PayloadV2).is_err());
    }

    #[test]
    fn empty_prelude_has_every_key() {
        assert_eq!(
            json(HttpPrelude::new(204), EventFormat::PayloadV2),
            r#"{"statusCode":204,"headers":{},"cookies":[]}"#
        );
    }

    #[test]
    fn repeated_headers_follow_payload_format() {
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
    fn length_and_connection_headers_are_removed() {
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
    fn error_names_the_invalid_argument() {
        for status in [0, 99, 600, 999, u16::MAX] {
            let expected = format!("invalid status code {status}: must be from 200 to 599");
            assert!(error(HttpPrelude::new(status)).ends_with(&expected), "{status}");
        }
        for status in 100..200 {
            let error = error(HttpPrelude::new(status));
            assert!(
                error.contains(&format!("invalid status code {status}: must be")),
                "{error}"
            );
            assert!(error.contains("interim response"), "{error}");
        }
        assert!(error(HttpPrelude::new(200).header("a b", "c")).contains(r#"invalid header name "a b""#));
        assert!(
            error(HttpPrelude::new(200).header("a", "b\r\nc: d"))
                .contains(r#"invalid value of header "a": must not contain control characters"#)
        );
        assert!(
            error(HttpPrelude::new(200).cookie(b"\xff"))
                .contains(r#"invalid value of header "set-cookie": must be UTF-8"#)
        );
        let too_many = (0..50_000).fold(HttpPrelude::new(200), |prelude, n| prelude.header(format!("x-{n}"), ""));
        assert!(error(too_many).contains("too many headers"));
    }

    #[test]
    fn bodiless_responses_follow_rfc_9110() {
        let event = |method: &str| {
            let event = format!(r#"{{"version":"2.0","requestContext":{{"http":{{"method":"{method}"}}}}}}"#);
            EventInfo::from_event(event.as_bytes())
        };
        for status in 200..=599 {
            let is_bodiless = |method| HttpPrelude::new(status).is_bodiless(event(method));
            assert!(is_bodiless("HEAD"), "{status}");
            assert_eq!(is_bodiless("GET"), [204, 205, 304].contains(&status), "{status}");
        }
    }

    #[test]
    fn prelude_is_limited_to_16_kib() {
        let overhead =
            json(HttpPrelude::new(200).header("a", ""), EventFormat::PayloadV2).len() + PRELUDE_DELIMITER.len();
        let longest = HttpPrelude::new(200).header("a", "x".repeat(MAX_PRELUDE_LENGTH - overhead));
        assert_eq!(
            json(longest, EventFormat::PayloadV2).len() + PRELUDE_DELIMITER.len(),
            16_384
        );
        let too_long = HttpPrelude::new(200).header("a", "x".repeat(MAX_PRELUDE_LENGTH - overhead + 1));
        assert!(error(too_long).contains("has 16385 bytes"));
    }
}
