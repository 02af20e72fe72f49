//! Compares a response with a recorded one.

use serde_json::Value;

use super::super::function_url::prelude;
use super::super::recording::format::RecordedError;

/// The delimiter between a prelude and the body.
const DELIMITER: [u8; 8] = [0; 8];

/// The parts of a response that are compared.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Response {
    pub(super) has_started: bool,
    /// The content type of a streaming response. `None`: the response is buffered.
    pub(super) content_type: Option<String>,
    /// The bytes of all chunks, with the prelude.
    pub(super) bytes: Vec<u8>,
    /// `bytes` is only the start of the response.
    pub(super) is_truncated: bool,
    pub(super) error: Option<RecordedError>,
}

impl Response {
    /// Describes how `actual` differs from this recorded response.
    pub(super) fn differences(&self, actual: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        if self.error != actual.error {
            differences.push(format!(
                "error {} instead of {}",
                describe_error(actual.error.as_ref()),
                describe_error(self.error.as_ref())
            ));
        }
        if self.has_started != actual.has_started {
            // If the errors differ, they say why.
            if differences.is_empty() {
                let describe = |has_started| if has_started { "a response" } else { "no response" };
                let (expected, actual) = (describe(self.has_started), describe(actual.has_started));
                differences.push(format!("{actual} before the error instead of {expected}"));
            }
            return differences;
        }
        if self.content_type != actual.content_type {
            differences.push(format!(
                "{} instead of {}",
                describe_content_type(actual.content_type.as_deref()),
                describe_content_type(self.content_type.as_deref())
            ));
            return differences;
        }
        let (expected, actual_parts) = (self.parts(), actual.parts());
        if let (Some(expected), Some(actual)) = (&expected.prelude, &actual_parts.prelude) {
            compare_preludes(expected, actual, &mut differences);
        }
        let is_truncated = self.is_truncated || actual.is_truncated;
        differences.extend(compare_bodies(expected.body, actual_parts.body, is_truncated));
        differences
    }

    fn parts(&self) -> Parts<'_> {
        let has_prelude = self.content_type.as_deref().is_some_and(prelude::is_expected);
        let delimiter = self.bytes.windows(DELIMITER.len()).position(|bytes| bytes == DELIMITER);
        match delimiter.filter(|_| has_prelude) {
            Some(position) => {
                let (prelude, body) = self.bytes.split_at(position);
                match serde_json::from_slice(prelude) {
                    Ok(prelude) => Parts {
                        prelude: Some(prelude),
                        body: &body[DELIMITER.len()..],
                    },
                    Err(_) => Parts::without_prelude(&self.bytes),
                }
            }
            None => Parts::without_prelude(&self.bytes),
        }
    }
}

/// A response without its delimiter.
struct Parts<'a> {
    prelude: Option<Value>,
    body: &'a [u8],
}

impl<'a> Parts<'a> {
    fn without_prelude(body: &'a [u8]) -> Self {
        Self { prelude: None, body }
    }
}

fn compare_preludes(expected: &Value, actual: &Value, differences: &mut Vec<String>) {
    for (key, name) in [
        ("statusCode", "status"),
        ("headers", "headers"),
        ("multiValueHeaders", "multi-value headers"),
        ("cookies", "cookies"),
    ] {
        let (expected, actual) = (&expected[key], &actual[key]);
        if expected != actual {
            differences.push(format!("{name} {actual} instead of {expected}"));
        }
    }
}

fn compare_bodies(expected: &[u8], actual: &[u8], is_truncated: bool) -> Option<String> {
    let common = expected
        .iter()
        .zip(actual)
        .take_while(|(one, other)| one == other)
        .count();
    let is_equal = common == expected.len() && common == actual.len();
    // The rest of a truncated response is not known.
    let is_start = is_truncated && (common == expected.len() || common == actual.len());
    (!is_equal && !is_start).then(|| {
        format!(
            "body differs from byte {common} on ({} bytes instead of {})",
            actual.len(),
            expected.len()
        )
    })
}

fn describe_error(error: Option<&RecordedError>) -> String {
    match error {
        Some(error) => format!(
            "`{}: {}`",
            error.error_type.escape_debug(),
            error.error_message.escape_debug()
        ),
        None => "none".to_owned(),
    }
}

fn describe_content_type(content_type: Option<&str>) -> String {
    match content_type {
        Some(content_type) => format!("a stream of `{}`", content_type.escape_debug()),
        None => "a buffered response".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streaming(content_type: &str, bytes: &[u8]) -> Response {
        Response {
            has_started: true,
            content_type: Some(content_type.to_owned()),
            bytes: bytes.to_vec(),
            ..Response::default()
        }
    }

    fn http(prelude: &str, body: &str) -> Response {
        let bytes = format!("{prelude}\0\0\0\0\0\0\0\0{body}");
        streaming("application/vnd.awslambda.http-integration-response", bytes.as_bytes())
    }

    fn failed(message: &str) -> Response {
        Response {
            error: Some(RecordedError {
                error_type: "Function.Boom".to_owned(),
                error_message: message.to_owned(),
            }),
            ..Response::default()
        }
    }

    #[test]
    fn equal_responses_have_no_differences() {
        let none: [String; 0] = [];
        assert_eq!(streaming("a/b", b"x").differences(&streaming("a/b", b"x")), none);
        assert_eq!(failed("no").differences(&failed("no")), none);
        // The order of keys has no meaning.
        let recorded = http(r#"{"statusCode":200,"headers":{}}"#, "x");
        assert_eq!(
            recorded.differences(&http(r#"{"headers":{},"statusCode":200}"#, "x")),
            none
        );
    }

    #[test]
    fn each_difference_is_named() {
        let recorded = http(r#"{"statusCode":200,"headers":{"a":"1"}}"#, "abc");
        assert_eq!(
            recorded.differences(&http(r#"{"statusCode":500,"headers":{"a":"2"}}"#, "abd")),
            [
                "status 500 instead of 200",
                r#"headers {"a":"2"} instead of {"a":"1"}"#,
                "body differs from byte 2 on (3 bytes instead of 3)"
            ]
        );
        assert_eq!(
            streaming("a/b", b"x").differences(&failed("no\nluck")),
            ["error `Function.Boom: no\\nluck` instead of none"]
        );
        assert_eq!(
            failed("a").differences(&failed("b")),
            ["error `Function.Boom: b` instead of `Function.Boom: a`"]
        );
        let buffered = Response {
            content_type: None,
            ..streaming("", b"x")
        };
        assert_eq!(
            buffered.differences(&streaming("a/b", b"x")),
            ["a stream of `a/b` instead of a buffered response"]
        );
    }

    #[test]
    fn truncated_recording_is_compared_up_to_its_end() {
        let recorded = Response {
            is_truncated: true,
            ..streaming("a/b", b"ab")
        };
        assert!(recorded.differences(&streaming("a/b", b"abc")).is_empty());
        assert_eq!(recorded.differences(&streaming("a/b", b"ac")).len(), 1);
    }
}
