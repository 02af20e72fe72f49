//! The example `sdk_trace`, against a server on raw sockets in place of SQS.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test panics")]

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use test_support::{Event, MockRuntimeApi, Process, ResponseKind, read_request};

const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

const FIRST: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a5dbcd21:0";
const SECOND: &str = "Root=1-5759e989-000000000000000000000002;Parent=0000000000000002;Sampled=0";

/// A request that has not been responded to.
struct SqsRequest {
    head: String,
    body: serde_json::Value,
    socket: TcpStream,
}

impl SqsRequest {
    fn read(mut socket: TcpStream) -> Self {
        let request = String::from_utf8(read_request(&mut socket)).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        Self {
            head: head.to_ascii_lowercase(),
            body: serde_json::from_str(body).unwrap(),
            socket,
        }
    }

    /// Returns the values of the trace header.
    fn trace_ids(&self) -> Vec<&str> {
        let values = self
            .head
            .lines()
            .filter_map(|line| line.strip_prefix("x-amzn-trace-id:"));
        values.map(str::trim).collect()
    }

    fn respond(mut self) {
        let body = r#"{"MessageId":"7","MD5OfMessageBody":"-"}"#;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nConnection: close\r\n";
        let response = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        self.socket.write_all(response.as_bytes()).unwrap();
    }
}

/// Starts the server. Each connection carries one request.
fn sqs() -> (SocketAddr, Receiver<SqsRequest>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests): (Sender<SqsRequest>, _) = channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let (socket, sender) = (socket.unwrap(), sender.clone());
            thread::spawn(move || sender.send(SqsRequest::read(socket)));
        }
    });
    (address, requests)
}

fn start(variables: &[(&str, &str)]) -> (MockRuntimeApi, Process, Receiver<SqsRequest>) {
    let (address, requests) = sqs();
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_sdk_trace"));
    command
        .env("AWS_LAMBDA_FUNCTION_NAME", "sdk_trace")
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("QUEUE_URL", format!("http://{address}/123456789012/words"))
        .envs(variables.iter().copied());
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function, requests)
}

fn event(text: &str) -> Event {
    Event::json(serde_json::json!({ "text": text }).to_string())
}

fn traced_event(text: &str, trace_id: &str) -> Event {
    event(text).header("Lambda-Runtime-Trace-Id", trace_id)
}

#[track_caller]
fn next(requests: &Receiver<SqsRequest>) -> SqsRequest {
    requests.recv_timeout(WAIT_TIMEOUT).unwrap()
}

#[test]
fn request_carries_trace_id_of_its_invocation() {
    // The SDK itself would send the value of the environment variable.
    let (lambda, _function, requests) = start(&[("_X_AMZN_TRACE_ID", "Root=1-stale")]);
    for trace_id in [FIRST, SECOND] {
        let pending = lambda.queue(traced_event("one two", trace_id));
        for word in ["one", "two"] {
            let request = next(&requests);
            assert_eq!(request.body["MessageBody"], word);
            assert_eq!(request.trace_ids(), [trace_id.to_ascii_lowercase()]);
            assert!(
                request.head.contains("\r\nauthorization: aws4-hmac-sha256"),
                "{}",
                request.head
            );
            request.respond();
        }
        let response = pending.wait();
        assert_eq!(response.kind(), ResponseKind::Response, "{response:?}");
        assert_eq!(response.text(), "one: message 7\ntwo: message 7\n");
    }
}

#[test]
fn concurrent_invocations_send_their_own_trace_ids() {
    let (lambda, _function, requests) = start(&[("AWS_LAMBDA_MAX_CONCURRENCY", "2")]);
    lambda.wait_for_next_calls(2);
    let pending = [
        lambda.queue(traced_event("first", FIRST)),
        lambda.queue(traced_event("second", SECOND)),
    ];
    // Neither request is responded to before both have arrived, so the invocations are concurrent.
    for request in [next(&requests), next(&requests)] {
        let expected = match request.body["MessageBody"].as_str() {
            Some("first") => FIRST,
            Some("second") => SECOND,
            other => panic!("unexpected message {other:?}"),
        };
        assert_eq!(request.trace_ids(), [expected.to_ascii_lowercase()]);
        request.respond();
    }
    for pending in pending {
        assert_eq!(pending.wait().kind(), ResponseKind::Response);
    }
}

#[test]
fn event_without_trace_id_sends_no_trace_header() {
    let (lambda, _function, requests) = start(&[]);
    let pending = lambda.queue(event("one").without_header("Lambda-Runtime-Trace-Id"));
    let request = next(&requests);
    assert_eq!(request.trace_ids(), [""; 0]);
    request.respond();
    assert_eq!(pending.wait().text(), "one: message 7\n");
}
