//! Encodes an HTTP request as the event of a Function URL (payload format 2.0).

use std::net::SocketAddr;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, HeaderMap, USER_AGENT};
use http::request::Parts;
use http::uri::Authority;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::super::identifiers;

/// Returns the event for a request that arrived from `client` at `time`.
pub(crate) fn encode(parts: &Parts, body: &[u8], request_id: &str, client: SocketAddr, time: SystemTime) -> Bytes {
    let query = parts.uri.query().unwrap_or_default();
    let user_agent = parts.headers.get(USER_AGENT);
    let time_epoch = identifiers::unix_millis(time);
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": parts.uri.path(),
        "rawQueryString": query,
        "headers": headers(&parts.headers),
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": domain_name(parts),
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": parts.uri.path(),
                "protocol": format!("{:?}", parts.version),
                "sourceIp": client.ip().to_canonical().to_string(),
                "userAgent": user_agent.map(|value| lossy_text(value.as_bytes())).unwrap_or_default(),
            },
            "requestId": request_id,
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
        match std::str::from_utf8(body) {
            Ok(body) if is_text(&parts.headers) => event["body"] = body.into(),
            _ => {
                event["body"] = STANDARD.encode(body).into();
                event["isBase64Encoded"] = true.into();
            }
        }
    }
    event.to_string().into()
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
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
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

/// Returns the requested host without its port.
fn domain_name(parts: &Parts) -> String {
    let host = parts.headers.get(HOST).map(|value| value.as_bytes());
    let authority = host.and_then(|host| Authority::try_from(host).ok());
    match authority.as_ref().or(parts.uri.authority()) {
        Some(authority) => authority.host().to_owned(),
        None => "localhost".to_owned(),
    }
}

/// Returns whether Lambda puts a body of this content type into the event as text instead of base64.
fn is_text(headers: &HeaderMap) -> bool {
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

fn lossy_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Formats a Unix time in the Common Log Format, such as `12/Mar/2020:19:03:58 +0000`.
fn log_time(seconds: u64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let is_leap = |year: u64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut days = seconds / 86_400;
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = "Dec";
    for (name, length) in MONTHS.into_iter().zip(lengths) {
        month = name;
        if days < length {
            break;
        }
        days -= length;
    }
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000", days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use http::request::Builder;
    use std::time::{Duration, UNIX_EPOCH};

    const REQUEST_ID: &str = "8a5f3d2e-0c41-4b7e-9f13-5d6a7b8c9e0f";

    fn encode_event(request: Builder, body: &[u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let client = SocketAddr::from(([127, 0, 0, 1], 50000));
        let time = UNIX_EPOCH + Duration::from_millis(1_583_953_438_390);
        let event = encode(&parts, body, REQUEST_ID, client, time);
        serde_json::from_slice(&event).unwrap()
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

    #[test]
    fn log_time_handles_leap_days_and_year_ends() {
        for (seconds, expected) in [
            (0, "01/Jan/1970:00:00:00 +0000"),
            (951_782_399, "28/Feb/2000:23:59:59 +0000"),
            (951_782_400, "29/Feb/2000:00:00:00 +0000"),
            (951_868_800, "01/Mar/2000:00:00:00 +0000"),
            (1_735_689_599, "31/Dec/2024:23:59:59 +0000"),
            (1_735_689_600, "01/Jan/2025:00:00:00 +0000"),
            (4_107_542_400, "01/Mar/2100:00:00:00 +0000"),
        ] {
            assert_eq!(log_time(seconds), expected);
        }
    }
}
