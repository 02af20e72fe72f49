//! Responses to an Application Load Balancer: one JSON document, because it does not support streaming.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::SET_COOKIE;
use serde::Serialize;

use super::BufferedResponse;
use super::prelude::{HttpPrelude, as_str};
use crate::error::StreamError;
use crate::protocol::{JSON, MAX_ALB_RESPONSE_LENGTH};

/// The document that a load balancer expects from a Lambda target.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AlbResponse<'a> {
    status_code: u16,
    status_description: String,
    /// One value per name, if the target group has multi-value headers disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<&'a str, String>>,
    /// A list of values per name, if the target group has multi-value headers enabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<BTreeMap<&'a str, Vec<&'a str>>>,
    body: String,
    is_base64_encoded: bool,
}

/// Encodes a complete response. `multi_value_headers` is the setting of the target group.
///
/// # Errors
/// [`StreamError::Invalid`] for an invalid prelude, several cookies without multi-value headers, or a document of more
/// than [`MAX_ALB_RESPONSE_LENGTH`] bytes.
pub(crate) fn encode(
    prelude: HttpPrelude,
    body: Vec<u8>,
    multi_value_headers: bool,
) -> Result<BufferedResponse, StreamError> {
    let (status, headers) = prelude.into_parts()?;
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in &headers {
        values.entry(name.as_str()).or_default().push(as_str(value));
    }
    let cookies = values.get(SET_COOKIE.as_str()).map_or(0, Vec::len);
    if cookies > 1 && !multi_value_headers {
        return Err(StreamError::Invalid(format!(
            "a response to a load balancer with {cookies} cookies requires multi-value headers: enable them on the \
             target group"
        )));
    }
    let (body, is_base64_encoded) = match String::from_utf8(body) {
        Ok(text) => (text, false),
        Err(error) => (STANDARD.encode(error.as_bytes()), true),
    };
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Status");
    let response = AlbResponse {
        status_code: status,
        status_description: format!("{status} {reason}"),
        headers: (!multi_value_headers)
            .then(|| values.iter().map(|(name, values)| (*name, values.join(", "))).collect()),
        multi_value_headers: multi_value_headers.then(|| values.clone()),
        body,
        is_base64_encoded,
    };
    let json = serde_json::to_vec(&response).map_err(|error| StreamError::Invalid(error.to_string()))?;
    check_length(json.len())?;
    Ok(BufferedResponse {
        content_type: JSON,
        body: json.into(),
    })
}

/// Checks `length`, in bytes, against the limit for responses to a load balancer.
///
/// # Errors
/// [`StreamError::Invalid`] above [`MAX_ALB_RESPONSE_LENGTH`].
pub(crate) fn check_length(length: usize) -> Result<(), StreamError> {
    match length {
        0..=MAX_ALB_RESPONSE_LENGTH => Ok(()),
        _ => Err(StreamError::Invalid(format!(
            "the response exceeds {MAX_ALB_RESPONSE_LENGTH} bytes, the limit of Application Load Balancers, which do \
             not support streaming: put a Function URL or API Gateway in front of the function"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn encode(prelude: HttpPrelude, body: &[u8], multi_value_headers: bool) -> Value {
        let response = super::encode(prelude, body.to_vec(), multi_value_headers).unwrap();
        serde_json::from_slice(&response.body).unwrap()
    }

    #[test]
    fn header_lists_follow_target_group_setting() {
        let prelude = HttpPrelude::new(201)
            .header("vary", "a")
            .header("vary", "b")
            .cookie("c=1");
        assert_eq!(
            encode(prelude.clone(), "ü".as_bytes(), false),
            json!({
                "statusCode": 201, "statusDescription": "201 Created", "body": "ü", "isBase64Encoded": false,
                "headers": {"vary": "a, b", "set-cookie": "c=1"},
            })
        );
        assert_eq!(
            encode(prelude.cookie("d=2"), b"\xff", true),
            json!({
                "statusCode": 201, "statusDescription": "201 Created", "body": "/w==", "isBase64Encoded": true,
                "multiValueHeaders": {"vary": ["a", "b"], "set-cookie": ["c=1", "d=2"]},
            })
        );
    }

    #[test]
    fn content_length_is_removed() {
        let prelude = HttpPrelude::new(200).header("content-length", "5");
        assert_eq!(encode(prelude, b"12345", false)["headers"], json!({}));
    }

    #[test]
    fn unsupported_responses_are_errors() {
        let cookies = HttpPrelude::new(200).cookie("a=1").cookie("b=2");
        let error = super::encode(cookies, Vec::new(), false).unwrap_err().to_string();
        assert!(error.contains("multi-value headers"), "{error}");
        let error = super::encode(HttpPrelude::new(200), vec![b'x'; MAX_ALB_RESPONSE_LENGTH], false);
        assert!(error.unwrap_err().to_string().contains("1048576 bytes"));
        assert!(super::encode(HttpPrelude::new(200).header("a b", ""), Vec::new(), false).is_err());
    }
}
