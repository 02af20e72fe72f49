//! The answer to a load balancer: one JSON document, since it takes no stream.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::SET_COOKIE;
use serde::Serialize;

use super::BufferedResponse;
use super::prelude::{HttpPrelude, as_text};
use crate::error::StreamError;
use crate::protocol::{JSON, MAX_ALB_RESPONSE_LENGTH};

/// `multi_value_headers` as the target group has it: with multi-value headers off, a name has one value.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    status_code: u16,
    status_description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<&'a str, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<BTreeMap<&'a str, Vec<&'a str>>>,
    body: String,
    is_base64_encoded: bool,
}

/// The whole answer. Fails where it cannot be one: the text says why.
pub(crate) fn document(
    prelude: HttpPrelude,
    body: Vec<u8>,
    multi_value_headers: bool,
) -> Result<BufferedResponse, StreamError> {
    let (status, headers) = prelude.into_parts()?;
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in &headers {
        values.entry(name.as_str()).or_default().push(as_text(value));
    }
    if !multi_value_headers && values.get(SET_COOKIE.as_str()).is_some_and(|cookies| cookies.len() > 1) {
        return Err(StreamError::Invalid(
            "a load balancer takes several cookies only where its target group has multi-value headers on".to_owned(),
        ));
    }
    let (body, is_base64_encoded) = match String::from_utf8(body) {
        Ok(text) => (text, false),
        Err(bytes) => (STANDARD.encode(bytes.as_bytes()), true),
    };
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Status");
    let document = Document {
        status_code: status,
        status_description: format!("{status} {reason}"),
        headers: (!multi_value_headers)
            .then(|| values.iter().map(|(name, values)| (*name, values.join(", "))).collect()),
        multi_value_headers: multi_value_headers.then(|| values.clone()),
        body,
        is_base64_encoded,
    };
    let json = serde_json::to_vec(&document).map_err(|error| StreamError::Invalid(error.to_string()))?;
    check_length(json.len())?;
    Ok(BufferedResponse {
        content_type: JSON,
        body: json.into(),
    })
}

/// Whether an answer of so many bytes can still become one.
pub(crate) fn check_length(length: usize) -> Result<(), StreamError> {
    match length {
        0..=MAX_ALB_RESPONSE_LENGTH => Ok(()),
        _ => Err(StreamError::Invalid(format!(
            "a load balancer takes no stream, and no answer of more than {MAX_ALB_RESPONSE_LENGTH} bytes: put a Function URL or \
             API Gateway in front of the function"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document(prelude: HttpPrelude, body: &[u8], multi_value_headers: bool) -> Value {
        let response = super::document(prelude, body.to_vec(), multi_value_headers).unwrap();
        serde_json::from_slice(&response.body).unwrap()
    }

    #[test]
    fn headers_are_lists_where_the_target_group_says_so() {
        let prelude = HttpPrelude::new(201)
            .header("vary", "a")
            .header("vary", "b")
            .cookie("c=1");
        assert_eq!(
            document(prelude.clone(), "ü".as_bytes(), false),
            json!({
                "statusCode": 201, "statusDescription": "201 Created", "body": "ü", "isBase64Encoded": false,
                "headers": {"vary": "a, b", "set-cookie": "c=1"},
            })
        );
        assert_eq!(
            document(prelude.cookie("d=2"), b"\xff", true),
            json!({
                "statusCode": 201, "statusDescription": "201 Created", "body": "/w==", "isBase64Encoded": true,
                "multiValueHeaders": {"vary": ["a", "b"], "set-cookie": ["c=1", "d=2"]},
            })
        );
    }

    #[test]
    fn lengths_are_left_out() {
        let prelude = HttpPrelude::new(200).header("content-length", "5");
        assert_eq!(document(prelude, b"12345", false)["headers"], json!({}));
    }

    #[test]
    fn what_a_load_balancer_does_not_take_is_an_error() {
        let cookies = HttpPrelude::new(200).cookie("a=1").cookie("b=2");
        let error = super::document(cookies, Vec::new(), false).unwrap_err().to_string();
        assert!(error.contains("multi-value headers"), "{error}");
        let error = super::document(HttpPrelude::new(200), vec![b'x'; MAX_ALB_RESPONSE_LENGTH], false);
        assert!(error.unwrap_err().to_string().contains("1048576 bytes"));
        assert!(super::document(HttpPrelude::new(200).header("a b", ""), Vec::new(), false).is_err());
    }
}
