//! HTTP requests, encoded as the JSON events of Function URLs (payload format 2.0), REST APIs (payload format 1.0) and
//! ALBs.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::event::Event;
use crate::http::percent;

#[derive(Clone, Copy, Debug)]
enum Format {
    FunctionUrl,
    RestApi,
    Alb { multi_value: bool },
}

/// An HTTP request that becomes an [`Event`].
#[derive(Clone, Debug)]
pub struct HttpEvent {
    format: Format,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    body: Option<Vec<u8>>,
}

impl HttpEvent {
    /// See [`Event::function_url`].
    pub fn function_url(method: &str, target: &str) -> Self {
        Self::new(Format::FunctionUrl, method, target)
    }

    /// See [`Event::rest_api`].
    pub fn rest_api(method: &str, target: &str) -> Self {
        Self::new(Format::RestApi, method, target)
    }

    /// See [`Event::alb`].
    pub fn alb(method: &str, target: &str, multi_value: bool) -> Self {
        Self::new(Format::Alb { multi_value }, method, target)
    }

    fn new(format: Format, method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            format,
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            cookies: Vec::new(),
            body: None,
        }
        .header("Host", "under-test.lambda-url.eu-central-1.on.aws")
    }

    /// Adds a header. A name may occur several times.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replaces the `Host` header.
    pub fn host(mut self, host: &str) -> Self {
        self.headers.retain(|(name, _)| name != "Host");
        self.header("Host", host)
    }

    /// Adds a cookie in the form `name=value`.
    pub fn cookie(mut self, cookie: &str) -> Self {
        self.cookies.push(cookie.to_owned());
        self
    }

    /// Sets the body. The event encodes it as base64 if it is not UTF-8.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = Some(body.as_ref().to_vec());
        self
    }

    /// Returns the event, which can then be scripted.
    pub fn event(self) -> Event {
        let json = match self.format {
            Format::FunctionUrl => self.payload_v2(),
            Format::RestApi => self.payload_v1(),
            Format::Alb { multi_value } => self.alb_payload(multi_value),
        };
        Event::json(json.to_string())
    }

    fn payload_v2(&self) -> Value {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.clone()));
        let query = self.query();
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": join_values(headers),
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "under-test",
                "domainName": "under-test.lambda-url.eu-central-1.on.aws",
                "domainPrefix": "under-test",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "lambda-stream-tests",
                },
                "requestId": "00000000-0000-4000-8000-00000000000a",
                "routeKey": "$default",
                "stage": "$default",
                "time": "01/Jan/2025:00:00:00 +0000",
                "timeEpoch": 1_735_689_600_000_u64,
            },
            "isBase64Encoded": false,
        });
        if !query.is_empty() {
            event["queryStringParameters"] = json!(join_values(query));
        }
        if !self.cookies.is_empty() {
            event["cookies"] = json!(self.cookies);
        }
        self.put_body(&mut event);
        event
    }

    fn payload_v1(&self) -> Value {
        let mut headers = self.headers.clone();
        if !self.cookies.is_empty() {
            headers.push(("Cookie".to_owned(), self.cookies.join("; ")));
        }
        let query = self.query();
        let mut event = json!({
            "resource": "/{proxy+}",
            "path": self.path,
            "httpMethod": self.method,
            "headers": last_values(&headers),
            "multiValueHeaders": all_values(&headers),
            "queryStringParameters": null,
            "multiValueQueryStringParameters": null,
            "pathParameters": {"proxy": self.path.trim_start_matches('/')},
            "stageVariables": null,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "under-test",
                "domainName": "under-test.execute-api.eu-central-1.amazonaws.com",
                "httpMethod": self.method,
                "identity": {"sourceIp": "192.0.2.1", "userAgent": "lambda-stream-tests"},
                "path": format!("/test{}", self.path),
                "protocol": "HTTP/1.1",
                "requestId": "00000000-0000-4000-8000-00000000000b",
                "requestTimeEpoch": 1_735_689_600_000_u64,
                "resourceId": "abc123",
                "resourcePath": "/{proxy+}",
                "stage": "test",
            },
            "body": null,
            "isBase64Encoded": false,
        });
        if !query.is_empty() {
            event["queryStringParameters"] = json!(last_values(&query));
            event["multiValueQueryStringParameters"] = json!(all_values(&query));
        }
        self.put_body(&mut event);
        event
    }

    fn alb_payload(&self, multi_value: bool) -> Value {
        let headers = self.headers.iter();
        let mut headers: Vec<_> = headers
            .map(|(name, value)| (name.to_lowercase(), value.clone()))
            .collect();
        if !self.cookies.is_empty() {
            headers.push(("cookie".to_owned(), self.cookies.join("; ")));
        }
        // An ALB does not decode the query.
        let query: Vec<_> = self
            .raw_query()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut event = json!({
            "requestContext": {"elb": {
                "targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/under-test/abc",
            }},
            "httpMethod": self.method,
            "path": self.path,
            "body": "",
            "isBase64Encoded": false,
        });
        if multi_value {
            event["multiValueHeaders"] = json!(all_values(&headers));
            event["multiValueQueryStringParameters"] = json!(all_values(&query));
        } else {
            event["headers"] = json!(last_values(&headers));
            event["queryStringParameters"] = json!(last_values(&query));
        }
        self.put_body(&mut event);
        event
    }

    fn put_body(&self, event: &mut Value) {
        let Some(body) = &self.body else { return };
        match std::str::from_utf8(body) {
            Ok(text) => event["body"] = json!(text),
            Err(_) => {
                event["body"] = json!(STANDARD.encode(body));
                event["isBase64Encoded"] = json!(true);
            }
        }
    }

    /// Returns the decoded names and values of the query.
    fn query(&self) -> Vec<(String, String)> {
        let decoded = |text: &str| percent::decode(&text.replace('+', " "));
        let pairs = self.raw_query();
        pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
    }

    /// Returns the names and values of the query as received.
    fn raw_query(&self) -> impl Iterator<Item = (&str, &str)> {
        let parts = self.query.split('&').filter(|part| !part.is_empty());
        parts.map(|part| part.split_once('=').unwrap_or((part, "")))
    }
}

/// Joins the values of each name with commas, as payload format 2.0 does.
fn join_values(pairs: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut map = BTreeMap::<String, String>::new();
    for (name, value) in pairs {
        map.entry(name)
            .and_modify(|earlier| *earlier = format!("{earlier},{value}"))
            .or_insert(value);
    }
    map
}

/// Keeps the last value of each name, as the single-value fields of payload format 1.0 do.
fn last_values(pairs: &[(String, String)]) -> BTreeMap<&str, &str> {
    let pairs = pairs.iter();
    pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Collects all values of each name, as the multi-value fields of payload format 1.0 do.
fn all_values(pairs: &[(String, String)]) -> BTreeMap<&str, Vec<&str>> {
    let mut map = BTreeMap::<&str, Vec<&str>>::new();
    for (name, value) in pairs {
        map.entry(name).or_default().push(value);
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_v2_joins_values_and_separates_cookies() {
        let event = HttpEvent::function_url("POST", "/a%20b?x=1&x=%26+2&y")
            .header("Accept", "a")
            .header("accept", "b")
            .cookie("c=1")
            .body("hé");
        let json = event.payload_v2();
        assert_eq!(json["rawPath"], "/a%20b");
        assert_eq!(json["rawQueryString"], "x=1&x=%26+2&y");
        assert_eq!(json["headers"]["accept"], "a,b");
        assert_eq!(json["queryStringParameters"], json!({"x": "1,& 2", "y": ""}));
        assert_eq!(json["cookies"], json!(["c=1"]));
        assert_eq!((&json["body"], &json["isBase64Encoded"]), (&json!("hé"), &json!(false)));
    }

    #[test]
    fn payload_v1_has_last_values_and_all_values() {
        let event = HttpEvent::rest_api("GET", "/a?x=1&x=2")
            .header("Accept", "a")
            .header("Accept", "b")
            .body([0xff, 0]);
        let json = event.payload_v1();
        assert_eq!((&json["httpMethod"], &json["path"]), (&json!("GET"), &json!("/a")));
        assert_eq!(json["headers"]["Accept"], "b");
        assert_eq!(json["multiValueHeaders"]["Accept"], json!(["a", "b"]));
        assert_eq!(json["multiValueQueryStringParameters"], json!({"x": ["1", "2"]}));
        assert_eq!(
            (&json["body"], &json["isBase64Encoded"]),
            (&json!("/wA="), &json!(true))
        );
    }

    #[test]
    fn alb_query_is_not_decoded_and_has_lists_or_last_values() {
        let event = |multi_value| {
            let event = HttpEvent::alb("GET", "/a?x=%26&x=2", multi_value);
            event
                .header("Accept", "a")
                .header("accept", "b")
                .alb_payload(multi_value)
        };
        let lists = event(true);
        assert_eq!(lists["multiValueHeaders"]["accept"], json!(["a", "b"]));
        assert_eq!(lists["multiValueQueryStringParameters"], json!({"x": ["%26", "2"]}));
        assert_eq!(
            (&lists["headers"], &lists["queryStringParameters"]),
            (&Value::Null, &Value::Null)
        );
        let last = event(false);
        assert_eq!(last["headers"]["accept"], "b");
        assert_eq!(last["queryStringParameters"], json!({"x": "2"}));
        assert_eq!(last["multiValueHeaders"], Value::Null);
    }
}
