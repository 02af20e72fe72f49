//! Tests of the viewer over raw sockets, and of its sample events.

use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};

use http::Request;
use serde_json::{Value, json};

use super::super::shared::MAX_VIEWERS;
use super::super::test_client::{RuntimeApiClient, read_to_end, read_until, send, start_function_url};
use crate::testing::events;

/// Local mode, whose function has sent its first poll.
struct Local {
    function: RuntimeApiClient,
    poll: TcpStream,
    url: SocketAddr,
}

impl Local {
    fn start() -> Self {
        let (function, url) = start_function_url();
        // Requests are served from the first poll.
        let poll = function.request("GET", "invocation/next", "connection: close\r\n");
        Self { function, poll, url }
    }

    /// Responds to the first invocation. Returns the response to the poll, with the event.
    fn respond(self, payload: &str) -> String {
        let poll = read_to_end(self.poll);
        let (_, id) = poll.split_once("lambda-runtime-aws-request-id: ").unwrap();
        let id = id.lines().next().unwrap();
        self.function.post(&format!("invocation/{id}/response"), "", payload);
        poll
    }
}

fn get(url: SocketAddr, path: &str, headers: &str) -> TcpStream {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {url}\r\nconnection: close\r\n{headers}\r\n");
    send(url, request.as_bytes())
}

fn post(url: SocketAddr, headers: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "POST /_stream/invoke HTTP/1.1\r\nhost: {url}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    );
    read_to_end(send(url, request.as_bytes()))
}

fn invoke(url: SocketAddr, order: &Value) -> String {
    post(url, "x-lambda-stream-viewer: 1\r\n", &order.to_string())
}

/// An open event stream.
struct Events {
    socket: TcpStream,
    last_id: String,
}

impl Events {
    fn open(url: SocketAddr, headers: &str) -> Self {
        Self::open_path(url, "/_stream/events", headers)
    }

    fn open_path(url: SocketAddr, path: &str, headers: &str) -> Self {
        let mut socket = get(url, path, headers);
        let head = read_until(&mut socket, "\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let mut events = Self {
            socket,
            last_id: String::new(),
        };
        assert!(events.message().starts_with("event: hello\ndata: {"));
        events
    }

    fn message(&mut self) -> String {
        let message = read_until(&mut self.socket, "\n\n");
        // The head of the HTTP chunk, and the end of the previous chunk.
        let message = message.trim_start_matches("\r\n");
        message.split_once("\r\n").unwrap().1.to_owned()
    }

    /// Reads batches until one contains this event. Returns the names of all events.
    fn read_until(&mut self, name: &str) -> Vec<String> {
        let mut names = Vec::new();
        while !names.iter().any(|read| read == name) {
            names.extend(
                self.batch()
                    .iter()
                    .map(|record| record["e"].as_str().unwrap().to_owned()),
            );
        }
        names
    }

    fn batch(&mut self) -> Vec<Value> {
        let message = self.message();
        let (data, id) = message.split_once("\nid: ").unwrap();
        self.last_id = id.trim_end().to_owned();
        serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap()
    }
}

#[test]
fn page_is_compressed_and_isolated() {
    let local = Local::start();
    let url = local.url;
    let mut response = Vec::new();
    get(url, "/_stream/", "").read_to_end(&mut response).unwrap();
    let end = response.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(response[..end].to_vec()).unwrap();
    for line in [
        "HTTP/1.1 200 OK",
        "content-type: text/html; charset=utf-8",
        "content-encoding: gzip",
        "cache-control: no-store",
        "cross-origin-resource-policy: same-origin",
        "referrer-policy: no-referrer",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.lines().any(|read| read == line), "{line} in {head}");
    }
    let policy = head
        .lines()
        .find_map(|line| line.strip_prefix("content-security-policy: "))
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; "),
        "{policy}"
    );
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    // The magic number of gzip.
    assert_eq!(response[end + 4..end + 6], [0x1f, 0x8b]);
}

#[test]
fn path_without_slash_redirects_to_page() {
    let local = Local::start();
    let url = local.url;
    let response = read_to_end(get(url, "/_stream", ""));
    assert!(response.starts_with("HTTP/1.1 308 "), "{response}");
    assert!(response.contains("\r\nlocation: /_stream/\r\n"), "{response}");
    let response = read_to_end(get(url, "/_stream/missing", ""));
    assert!(response.starts_with("HTTP/1.1 404 "), "{response}");
}

#[test]
fn event_is_invoked_and_its_records_are_streamed() {
    let local = Local::start();
    let url = local.url;
    let mut events = Events::open(url, "");
    let response = invoke(url, &json!({ "event": "{\"id\": 1.0}" }));
    assert!(response.starts_with("HTTP/1.1 202 "), "{response}");
    // The event is delivered as it was sent.
    assert!(local.respond("\"done\"").ends_with("\r\n\r\n{\"id\": 1.0}"));
    let names = events.read_until("status");
    for name in ["ready", "invoked", "delivered", "started", "chunk", "ended", "status"] {
        assert!(names.iter().any(|read| read == name), "{name} in {names:?}");
    }
    let last = events.last_id;
    let by_header = Events::open(url, &format!("last-event-id: {last}\r\n"));
    let by_query = Events::open_path(url, &format!("/_stream/events?after={last}"), "");
    invoke(url, &json!({ "event": "2" }));
    let (_, last) = last.split_once('-').unwrap();
    let last: u64 = last.parse().unwrap();
    for mut events in [by_header, by_query] {
        let records = events.batch();
        assert!(records[0]["n"].as_u64().unwrap() > last, "{records:?}");
    }
}

#[test]
fn event_id_of_earlier_start_is_ignored() {
    let local = Local::start();
    let url = local.url;
    invoke(url, &json!({ "event": "1" }));
    read_to_end(local.poll);
    let mut events = Events::open(url, "last-event-id: 17-1000\r\n");
    assert_eq!(events.batch()[0]["n"], 1);
}

#[test]
fn http_request_is_invoked_as_function_url_event() {
    let local = Local::start();
    let url = local.url;
    let request = json!({ "method": "PUT", "path": "/a?b=1", "headers": [["X-C", "d"]], "body": "hi" });
    invoke(url, &json!({ "http": request }));
    let poll = local.respond(r#"{"statusCode":418}"#);
    let (_, event) = poll.split_once("\r\n\r\n").unwrap();
    let event: Value = serde_json::from_str(event).unwrap();
    assert_eq!(event["requestContext"]["http"]["method"], "PUT");
    assert_eq!(event["rawQueryString"], "b=1");
    assert_eq!(event["headers"]["x-c"], "d");
    let mut events = Events::open(url, "");
    let status = loop {
        let records = events.batch();
        if let Some(record) = records.iter().find(|record| record["e"] == "status") {
            break record["status"].clone();
        }
    };
    assert_eq!(status, 418);
}

#[test]
fn invalid_orders_are_rejected() {
    let local = Local::start();
    let url = local.url;
    let http =
        |method: &str, path: &str| json!({ "http": { "method": method, "path": path, "headers": [], "body": "" } });
    for order in [
        json!({ "event": "{" }),
        json!({ "event": 7 }),
        json!({}),
        json!([]),
        http("G T", "/"),
        http("GET", "no slash"),
        json!({ "http": { "method": "GET", "path": "/", "headers": [["a b", "c"]], "body": "" } }),
        json!({ "http": { "method": "GET", "path": "/", "headers": [], "body": "!", "is_base64": true } }),
    ] {
        let response = invoke(url, &order);
        assert!(response.starts_with("HTTP/1.1 400 "), "{order}: {response}");
        assert!(response.contains("errorMessage"), "{response}");
    }
}

#[test]
fn other_origins_cannot_read_or_trigger() {
    let local = Local::start();
    let url = local.url;
    let other = format!("origin: http://127.0.0.1:{}\r\n", url.port() ^ 1);
    for path in ["/_stream/", "/_stream/events", "/_stream/samples", "/_stream/script.js"] {
        for headers in [&*other, "origin: null\r\n", "sec-fetch-site: same-site\r\n"] {
            let response = read_to_end(get(url, path, headers));
            assert!(response.starts_with("HTTP/1.1 403 "), "{path} {headers}: {response}");
        }
    }
    let order = json!({ "event": "1" }).to_string();
    let marker = "x-lambda-stream-viewer: 1\r\n";
    for headers in [
        "",
        &format!("{marker}{other}"),
        &format!("{marker}sec-fetch-site: same-site\r\n"),
    ] {
        let response = post(url, headers, &order);
        assert!(response.starts_with("HTTP/1.1 403 "), "{headers}: {response}");
    }
    let preflight = format!("OPTIONS /_stream/invoke HTTP/1.1\r\nhost: {url}\r\nconnection: close\r\n{other}\r\n");
    let response = read_to_end(send(url, preflight.as_bytes()));
    assert!(response.starts_with("HTTP/1.1 403 "), "{response}");
    assert!(!response.contains("access-control-"), "{response}");
}

#[test]
fn event_streams_are_limited() {
    let local = Local::start();
    let url = local.url;
    let open: Vec<Events> = (0..MAX_VIEWERS).map(|_| Events::open(url, "")).collect();
    let response = read_to_end(get(url, "/_stream/events", ""));
    assert!(response.starts_with("HTTP/1.1 429 "), "{response}");
    drop(open);
}

#[test]
fn sample_events_are_those_of_the_testing_module() {
    let body = r#"{"text":"one two three"}"#;
    let request = |host: &str| {
        Request::post(format!("https://{host}/orders?dry-run=1"))
            .header("content-type", "application/json")
            .body(body)
            .unwrap()
    };
    let api = request("a1b2c3d4e5.execute-api.us-east-1.amazonaws.com");
    let detail = json!({ "instance-id": "i-0123456789abcdef0", "state": "running" });
    let keys = json!({ "id": { "N": "7" } });
    let expected: Vec<Value> = [
        (
            "Function URL",
            events::function_url(&request("abcdefghijklmnopqrstuvwxyz234567.lambda-url.us-east-1.on.aws")),
        ),
        ("HTTP API", events::http_api(&api)),
        ("REST API", events::rest_api(&api)),
        ("Application Load Balancer", events::alb(&request("example.com"))),
        ("SQS", events::sqs([body])),
        ("S3", events::s3("sample-bucket", "orders/7.json")),
        (
            "EventBridge",
            events::eventbridge("aws.ec2", "EC2 Instance State-change Notification", detail),
        ),
        ("EventBridge schedule", events::scheduled()),
        ("SNS", events::sns("Hello")),
        (
            "DynamoDB stream",
            events::dynamodb(keys, json!({ "id": { "N": "7" }, "state": { "S": "paid" } })),
        ),
        ("Kinesis stream", events::kinesis([body])),
    ]
    .into_iter()
    .map(|(source, event)| json!({ "source": source, "event": event }))
    .collect();
    let samples: Vec<Value> = serde_json::from_str(include_str!("assets/samples.json")).unwrap();
    assert!(
        samples == expected,
        "write this to assets/samples.json:\n{}",
        json!(expected)
    );
}

#[test]
fn unread_event_stream_does_not_delay_function() {
    let local = Local::start();
    let mut unread = Events::open(local.url, "");
    invoke(local.url, &json!({ "event": "1" }));
    let poll = read_to_end(local.poll);
    let (_, id) = poll.split_once("lambda-runtime-aws-request-id: ").unwrap();
    let id = id.lines().next().unwrap();
    let mut response = local.function.start_response(id, "text/plain");
    // More than the buffers of all sockets hold.
    for _ in 0..500 {
        response.chunk([b'x'; 64 * 1024]);
    }
    assert!(response.end().starts_with("HTTP/1.1 202 "));
    let (mut read, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    while !read.windows(11).any(|bytes| bytes == b"\"e\":\"ended\"") {
        // The name of the event may be at the end of the previous part.
        read.drain(..read.len().saturating_sub(10));
        let count = unread.socket.read(&mut buffer).unwrap();
        read.extend_from_slice(&buffer[..count]);
    }
}
