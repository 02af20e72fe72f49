//! Differences of the emulator of `cargo lambda watch` from Lambda.
//!
//! Checked with version 1.9.2. Lambda itself never takes these paths.

use bytes::Bytes;
use reqwest::Url;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::event::{EventFormat, EventInfo};
use crate::protocol::JSON;
use crate::response::BufferedResponse;

/// Returns whether this is the Runtime API of the emulator, which serves it below `/.rt`.
pub(super) fn is_emulator(base: &Url) -> bool {
    base.path_segments().and_then(|mut segments| segments.next()) == Some(".rt")
}

/// The emulator parses the start of every streamed response as a prelude. So the response to an event that is not HTTP
/// gets one too.
pub(super) fn streaming_info(event_info: EventInfo) -> EventInfo {
    match event_info.format {
        EventFormat::NotHttp => EventInfo {
            format: EventFormat::PayloadV2,
            ..event_info
        },
        _ => event_info,
    }
}

/// From a JSON document without `statusCode`, Lambda infers an HTTP response of payload format 2.0. The emulator does not,
/// so the response is made explicit.
pub(super) fn buffered_response(event_info: EventInfo, response: BufferedResponse) -> BufferedResponse {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Probe {
        status_code: Option<IgnoredAny>,
    }

    // Not a `serde_json::Value`, whose code would be in every binary.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct HttpResponse<'a> {
        status_code: u16,
        headers: Headers,
        body: &'a str,
        is_base64_encoded: bool,
        cookies: [&'a str; 0],
    }

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Headers {
        content_type: &'static str,
    }

    let has_status_code = |body: &[u8]| {
        // serde also deserializes a struct from an array, by position.
        body.starts_with(b"{") && serde_json::from_slice::<Probe>(body).is_ok_and(|probe| probe.status_code.is_some())
    };
    if event_info.format != EventFormat::PayloadV2 || has_status_code(&response.body) {
        return response;
    }
    let http_response = HttpResponse {
        status_code: 200,
        headers: Headers {
            content_type: "application/json",
        },
        body: &String::from_utf8_lossy(&response.body),
        is_base64_encoded: false,
        cookies: [],
    };
    BufferedResponse {
        content_type: JSON,
        // Serializing strings and numbers does not fail.
        body: Bytes::from(serde_json::to_vec(&http_response).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn emulator_has_base_path_rt() {
        for (url, expected) in [
            ("http://127.0.0.1:9000/.rt/hello", true),
            ("http://127.0.0.1:9000/.rt", true),
            ("http://127.0.0.1:9000/", false),
            ("http://127.0.0.1:9000/a/.rt", false),
            ("http://127.0.0.1:9000/.rtx", false),
        ] {
            assert_eq!(is_emulator(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn json_becomes_http_response_unless_it_is_one() {
        let encode = |format, body: &'static str| {
            let info = EventInfo { format, is_head: false };
            let response = BufferedResponse {
                content_type: JSON,
                body: Bytes::from_static(body.as_bytes()),
            };
            String::from_utf8(buffered_response(info, response).body.to_vec()).unwrap()
        };
        let document: serde_json::Value = serde_json::from_str(&encode(EventFormat::PayloadV2, r#"{"a":1}"#)).unwrap();
        assert_eq!(
            document,
            json!({
                "statusCode": 200,
                "headers": {"content-type": "application/json"},
                "body": r#"{"a":1}"#,
                "isBase64Encoded": false,
                "cookies": [],
            })
        );
        assert!(encode(EventFormat::PayloadV2, "[1]").contains("statusCode"));
        for unchanged in [r#"{"statusCode":404}"#, r#"{"body":"","statusCode":404}"#] {
            assert_eq!(encode(EventFormat::PayloadV2, unchanged), unchanged);
        }
        assert_eq!(encode(EventFormat::NotHttp, "[1]"), "[1]");
    }
}
