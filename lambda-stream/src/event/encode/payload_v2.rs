//! Encodes an HTTP request in payload format 2.0, the format of Function URLs and of HTTP APIs.

use std::net::IpAddr;
use std::time::SystemTime;

use http::header::{COOKIE, HeaderMap, USER_AGENT};
use http::request::Parts;
use serde_json::{Map, Value, json};

use super::{host, is_text, log_time, lossy_text, query_pairs, set_body, unix_millis};

/// The Function URL or HTTP API that received the request, and the metadata that it adds.
pub(crate) struct Source<'a> {
    pub(crate) account_id: &'a str,
    /// Also the first label of the domain name.
    pub(crate) api_id: &'a str,
    /// The domain name in the event of a request that has no host.
    pub(crate) domain_name: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) client: IpAddr,
    pub(crate) time: SystemTime,
}

/// Returns the event for a request that arrived at `source`.
pub(crate) fn encode(parts: &Parts, body: &[u8], source: &Source<'_>) -> Value {
    let query = parts.uri.query().unwrap_or_default();
    let user_agent = parts.headers.get(USER_AGENT);
    let time_epoch = unix_millis(source.time);
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": parts.uri.path(),
        "rawQueryString": query,
        "headers": headers(&parts.headers),
        "requestContext": {
            "accountId": source.account_id,
            "apiId": source.api_id,
            "domainName": host(parts).unwrap_or_else(|| source.domain_name.to_owned()),
            "domainPrefix": source.api_id,
            "http": {
                "method": parts.method.as_str(),
                "path": parts.uri.path(),
                "protocol": format!("{:?}", parts.version),
                "sourceIp": source.client.to_canonical().to_string(),
                "userAgent": user_agent.map(|value| lossy_text(value.as_bytes())).unwrap_or_default(),
            },
            "requestId": source.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": log_time(time_epoch / 1000),
            "timeEpoch": time_epoch,
        },
        "isBase64Encoded": false,
    });
    // As on Lambda, the event contains the following keys only if they have a value.
    let cookies = cookies(&parts.headers);
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    let parameters = query_parameters(query);
    if !parameters.is_empty() {
        event["queryStringParameters"] = parameters.into();
    }
    if !body.is_empty() {
        set_body(&mut event, body, is_text(&parts.headers));
    }
    event
}

/// Returns the headers. Names are in lower case, as in every `HeaderMap`; the values of a repeated header are joined.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let joined = |name| {
        let values = headers.get_all(name).iter();
        let values: Vec<String> = values.map(|value| lossy_text(value.as_bytes())).collect();
        Value::from(values.join(","))
    };
    headers
        .keys()
        .map(|name| (name.as_str().to_owned(), joined(name)))
        .collect()
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(COOKIE).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .map(|cookie| lossy_text(cookie.trim_ascii()))
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Returns the decoded query parameters. The values of a repeated name are joined.
fn query_parameters(query: &str) -> Map<String, Value> {
    let mut parameters = Map::new();
    for (name, value) in query_pairs(query) {
        match parameters.get_mut(&name) {
            Some(Value::String(joined)) => {
                joined.push(',');
                joined.push_str(&value);
            }
            _ => {
                parameters.insert(name, value.into());
            }
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::{Duration, UNIX_EPOCH};

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use http::Request;
    use http::request::Builder;

    use super::*;

    const REQUEST_ID: &str = "8a5f3d2e-0c41-4b7e-9f13-5d6a7b8c9e0f";

    fn encode_event(request: Builder, body: &[u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let source = Source {
            account_id: "anonymous",
            api_id: "local",
            domain_name: "localhost",
            request_id: REQUEST_ID,
            client: Ipv4Addr::LOCALHOST.into(),
            time: UNIX_EPOCH + Duration::from_millis(1_583_953_438_390),
        };
        encode(&parts, body, &source)
    }

    #[test]
    fn request_is_encoded_in_payload_format_2() {
        let request = Request::builder()
            .method("POST")
            .uri("/a%20b/c?x=1&y=a%2Bb+c&x=2&flag")
            .header("Host", "localhost:9000")
            .header("User-Agent", "test/1")
            .header("X-Two", "one")
            .header("X-Two", "two")
            .header("Cookie", "a=1; b=2")
            .header("Content-Type", "application/json; charset=utf-8");
        let event = encode_event(request, b"{\"k\":\"\xc3\xa9\"}");
        let expected = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/a%20b/c",
            "rawQueryString": "x=1&y=a%2Bb+c&x=2&flag",
            "queryStringParameters": { "x": "1,2", "y": "a+b c", "flag": "" },
            "cookies": ["a=1", "b=2"],
            "headers": {
                "host": "localhost:9000",
                "user-agent": "test/1",
                "x-two": "one,two",
                "cookie": "a=1; b=2",
                "content-type": "application/json; charset=utf-8",
            },
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "local",
                "domainName": "localhost",
                "domainPrefix": "local",
                "http": {
                    "method": "POST",
                    "path": "/a%20b/c",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "test/1",
                },
                "requestId": REQUEST_ID,
                "routeKey": "$default",
                "stage": "$default",
                "time": "11/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_583_953_438_390u64,
            },
            "body": "{\"k\":\"é\"}",
            "isBase64Encoded": false,
        });
        assert_eq!(event, expected);
    }

    #[test]
    fn absent_values_have_no_keys() {
        let event = encode_event(Request::get("/"), b"");
        for key in ["body", "cookies", "queryStringParameters"] {
            assert_eq!(event.get(key), None, "{key}");
        }
        assert_eq!(event["rawQueryString"], "");
        assert_eq!(event["isBase64Encoded"], false);
    }

    #[test]
    fn binary_body_is_encoded_as_base64() {
        let with_type = |content_type: &str| Request::post("/").header("content-type", content_type);
        for (request, body) in [
            (with_type("application/octet-stream"), b"hi!".as_slice()),
            (Request::post("/"), b"hi!"),
            (with_type("text/plain"), b"hi\xff"),
        ] {
            let event = encode_event(request, body);
            assert_eq!(event["isBase64Encoded"], true);
            assert_eq!(event["body"], STANDARD.encode(body));
        }
        for text in ["text/csv", "Application/XML", "application/x-www-form-urlencoded"] {
            let event = encode_event(with_type(text), b"hi!");
            assert_eq!(event["isBase64Encoded"], false, "{text}");
            assert_eq!(event["body"], "hi!");
        }
    }
}
