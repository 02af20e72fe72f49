//! The Function URL front end: any path, any method, one invocation a request, answered as it streams.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::net::TcpListener;

use super::answer::{self, ResponseBody};
use super::broker::Broker;
use super::closing::Closing;
use super::cross_site::{self, Reach, Refusal};
use super::event;
use super::identifiers::RequestId;
use super::request_body::{Room, Unusable};
use super::server::{self, Caller, Callers};
use crate::logging;

/// Serves callers, until it is closed.
pub(super) async fn serve(listener: TcpListener, reach: Reach, broker: Arc<Broker>, closing: Closing) {
    // Before that, callers could take the files that the function needs to start.
    broker.heard().await;
    let room = Room::new();
    let handler = move |request, caller| respond(request, caller, reach, room.clone(), Arc::clone(&broker));
    server::serve(listener, Callers::Anybody, handler, closing).await;
}

async fn respond(
    request: Request<Incoming>,
    caller: Caller,
    reach: Reach,
    room: Room,
    broker: Arc<Broker>,
) -> Response<ResponseBody> {
    let (parts, mut body) = request.into_parts();
    let refused = match cross_site::check(&parts, reach) {
        Ok(()) => {
            let id = RequestId::unique();
            match event(&parts, &mut body, &id, caller.address, &room).await {
                Ok(event) => {
                    caller.connection.has_request();
                    let answer = broker.invoke(id, event).answer().await;
                    return answer::response(answer, caller.connection).await;
                }
                Err(unusable) => unusable.response(),
            }
        }
        Err(refusal) => refusal_response(refusal),
    };
    server::discard(body);
    refused
}

async fn event(
    parts: &Parts,
    body: &mut Incoming,
    id: &RequestId,
    caller: SocketAddr,
    room: &Room,
) -> Result<Bytes, Unusable> {
    let time = SystemTime::now();
    let body = room.take_in(body).await?;
    let event = event::event(parts, body.as_ref(), id, caller, time);
    drop(body);
    room.keep(event)
}

fn refusal_response(refusal: Refusal) -> Response<ResponseBody> {
    match refusal {
        Refusal::Malformed(message) => answer::error_response(StatusCode::BAD_REQUEST, "BadRequest", &message),
        Refusal::Foreign(message) => {
            // A page is told only that its request failed; here its author can read why.
            logging::line(format_args!("refused: {message}"));
            answer::error_response(StatusCode::FORBIDDEN, "AccessDeniedException", &message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake_runtime::{Upload, rest, send, served, until};
    use super::super::request_body::LARGEST_EVENT;
    use std::net::{SocketAddr, TcpStream};

    const PRELUDE: &str = "application/vnd.awslambda.http-integration-response";

    fn get(url: SocketAddr) -> TcpStream {
        send(url, b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    }

    /// What a caller gets for a streamed answer that begins with `start`.
    fn streamed(start: &[u8]) -> String {
        let (function, url) = served();
        let caller = get(url);
        let mut stream = function.stream(&function.next(), PRELUDE);
        stream.chunk(start);
        stream.end();
        rest(caller)
    }

    /// What a caller gets for a buffered answer.
    fn buffered(payload: &str) -> String {
        let (function, url) = served();
        let caller = get(url);
        let id = function.next();
        function.post(&format!("invocation/{id}/response"), "", payload);
        rest(caller)
    }

    fn assert_has(answer: &str, lines: &[&str]) {
        for line in lines {
            let line = format!("{line}\r\n");
            assert!(answer.contains(&line), "{line:?} in {answer}");
        }
    }

    #[test]
    fn a_stream_with_a_prelude_arrives_piece_by_piece() {
        let (function, url) = served();
        let mut caller = get(url);
        let mut stream = function.stream(&function.next(), PRELUDE);
        stream.chunk(r#"{"statusCode":201,"headers":{"X-A":"é"},"cookies":["a=1","b=2"]}"#);
        stream.chunk([0; 8]);
        let head = until(&mut caller, "\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{head}");
        assert_has(&head, &["x-a: é", "set-cookie: a=1", "set-cookie: b=2"]);
        assert_has(&head, &["transfer-encoding: chunked"]);
        // Each is read before the next is sent: nothing may hold a piece back.
        for piece in ["one", "two", "three"] {
            stream.chunk(piece);
            let chunk = format!("{:X}\r\n{piece}\r\n", piece.len());
            assert_eq!(until(&mut caller, &chunk), chunk);
        }
        assert!(stream.end().starts_with("HTTP/1.1 202 "));
        assert_eq!(rest(caller), "0\r\n\r\n");
    }

    #[test]
    fn a_prelude_may_be_cut_anywhere() {
        let (function, url) = served();
        let mut caller = get(url);
        let mut stream = function.stream(&function.next(), PRELUDE);
        for byte in b"{\"statusCode\":204}\0\0\0\0\0\0\0" {
            stream.chunk([*byte]);
        }
        stream.chunk("\0");
        let head = until(&mut caller, "\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 204 No Content\r\n"), "{head}");
        assert!(stream.end().starts_with("HTTP/1.1 202 "));

        // The ninth NUL is the body's.
        let answer = streamed(b"{}\0\0\0\0\0\0\0\0\0body");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("5\r\n\0body\r\n0\r\n\r\n"), "{answer}");
    }

    #[test]
    fn a_bad_prelude_is_a_clear_error() {
        let delimited = |json: &str| format!("{json}\0\0\0\0\0\0\0\0body").into_bytes();
        let oversize = format!("{{\"headers\":{{\"a\":\"{}\"}}}}", "x".repeat(16 * 1024));
        for (start, status, fault) in [
            (
                b"{\"statusCode\":200}".to_vec(),
                502,
                "ended before the eight NUL bytes",
            ),
            (delimited("hello"), 502, "not what it should be"),
            (delimited(&oversize), 502, "first 16384 bytes"),
            (delimited(r#"{"statusCode":101}"#), 502, "`statusCode` is 101"),
            (
                delimited(r#"{"headers":{"a":"b\nc"}}"#),
                502,
                "HTTP cannot carry the header",
            ),
            (
                delimited(r#"{"cookies":["b\nc"]}"#),
                502,
                "HTTP cannot carry the cookie",
            ),
            (
                delimited(r#"{"headers":{"content-length":"4"}}"#),
                502,
                "`content-length`",
            ),
            (
                delimited(r#"{"multiValueHeaders":{"a":["b"]}}"#),
                500,
                "`multiValueHeaders`",
            ),
        ] {
            let answer = streamed(&start);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            assert_has(&answer, &["x-amzn-errortype: Runtime.InvalidResponse"]);
            assert!(answer.contains(fault), "{fault:?} in {answer}");
        }
    }

    #[test]
    fn a_prelude_of_just_the_cap_passes() {
        let longest = 16 * 1024 - r#"{"headers":{"a":""}}"#.len() - 8;
        for (length, status) in [(longest, 200), (longest + 1, 502)] {
            let value = "x".repeat(length);
            let start = format!("{{\"headers\":{{\"a\":\"{value}\"}}}}\0\0\0\0\0\0\0\0");
            let answer = streamed(start.as_bytes());
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")));
        }
    }

    #[test]
    fn other_content_types_pass_as_they_are() {
        let (function, url) = served();
        let caller = get(url);
        let mut stream = function.stream(&function.next(), "text/event-stream");
        stream.chunk("{}\0\0\0\0\0\0\0\0");
        stream.end();
        let answer = rest(caller);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert_has(&answer, &["content-type: text/event-stream"]);
        assert!(
            answer.ends_with("\r\n\r\nA\r\n{}\0\0\0\0\0\0\0\0\r\n0\r\n\r\n"),
            "{answer:?}"
        );
    }

    /// Streams `length` bytes, ends them by `end`, and checks that all of them and no zero chunk reach the caller.
    fn assert_cut(length: usize, end: fn(Upload)) {
        let (function, url) = served();
        let caller = get(url);
        let function = std::thread::spawn(move || {
            let mut stream = function.stream(&function.next(), "text/plain");
            if length > 0 {
                stream.chunk("x".repeat(length));
            }
            end(stream);
        });
        let answer = rest(caller);
        function.join().unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_has(head, &["transfer-encoding: chunked"]);
        assert_eq!(body.matches('x').count(), length);
        assert!(!body.ends_with("0\r\n\r\n"), "{}", body.len());
    }

    #[test]
    fn a_failure_in_mid_stream_cuts_the_response_after_all_of_its_bytes() {
        for length in [0, 5, 8 * 1024 * 1024] {
            assert_cut(length, |stream| {
                let answer = stream.fail();
                assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
            });
        }
    }

    #[test]
    fn a_truncated_response_cuts_the_response() {
        assert_cut(5, |stream| stream.abandon());
    }

    #[test]
    fn a_failure_before_the_prelude_is_whole_is_a_bad_gateway() {
        let (function, url) = served();
        let caller = get(url);
        let mut stream = function.stream(&function.next(), PRELUDE);
        stream.chunk("{}");
        stream.fail();
        let answer = rest(caller);
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        assert_has(&answer, &["x-amzn-errortype: Function.Boom"]);
        assert!(answer.ends_with(r#"{"errorMessage":"bang","errorType":"Function.Boom"}"#));
    }

    #[test]
    fn a_failed_invocation_is_a_bad_gateway() {
        let (function, url) = served();
        let caller = get(url);
        let id = function.next();
        let error = r#"{"errorMessage":"bang","errorType":"Boom","stackTrace":[]}"#;
        function.post(&format!("invocation/{id}/error"), "", error);
        let answer = rest(caller);
        assert!(answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{answer}");
        assert_has(&answer, &["x-amzn-errortype: Boom", "content-type: application/json"]);
        assert!(answer.ends_with(r#"{"errorMessage":"bang","errorType":"Boom"}"#));
    }

    #[test]
    fn a_buffered_payload_is_the_body_of_a_json_response() {
        for payload in ["\"hi\"", "{\"status\":1}", "[1]", "not JSON"] {
            let answer = buffered(payload);
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert_has(&answer, &["content-type: application/json"]);
            assert!(answer.ends_with(&format!("\r\n\r\n{payload}")), "{answer}");
        }
    }

    #[test]
    fn a_buffered_payload_with_a_status_is_the_response_itself() {
        let answer = buffered(
            r#"{"statusCode":404,"headers":{"Content-Type":"text/plain","content-length":"99"},
                "multiValueHeaders":{},"cookies":["a=1"],"body":"aGk=","isBase64Encoded":true}"#,
        );
        assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
        assert_has(
            &answer,
            &["content-type: text/plain", "content-length: 2", "set-cookie: a=1"],
        );
        assert!(answer.ends_with("\r\n\r\nhi"), "{answer}");

        let answer = buffered(r#"{"statusCode":200,"body":null}"#);
        assert_has(&answer, &["content-type: application/json", "content-length: 0"]);

        for (payload, fault) in [
            (r#"{"statusCode":200,"body":{}}"#, "`body` is not a string"),
            (r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#, "not base64"),
            (r#"{"statusCode":"ok"}"#, "invalid type: string"),
        ] {
            let answer = buffered(payload);
            assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
            assert!(answer.contains(fault), "{fault:?} in {answer}");
        }
    }

    #[test]
    fn the_answer_to_head_has_no_body_and_the_connection_stays() {
        let (function, url) = served();
        let mut caller = send(url, b"HEAD /a HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let mut stream = function.stream(&function.next(), "text/plain");
        stream.chunk("unseen");
        assert!(stream.end().starts_with("HTTP/1.1 202 "));
        let head = until(&mut caller, "\r\n\r\n");
        assert_has(&head, &["content-type: text/plain"]);

        std::io::Write::write_all(
            &mut caller,
            b"GET /b HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        )
        .unwrap();
        let id = function.next();
        function.post(&format!("invocation/{id}/response"), "", "2");
        let answer = rest(caller);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer:?}");
        assert!(answer.ends_with("\r\n\r\n2"), "{answer}");
    }

    #[test]
    fn a_body_past_the_cap_is_refused_unseen_by_the_function() {
        let (function, url) = served();
        std::thread::spawn(move || function.poll());
        let length = LARGEST_EVENT + 1;
        let mut request =
            format!("POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")
                .into_bytes();
        request.resize(request.len() + length, b'x');
        let answer = rest(send(url, &request));
        assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{answer}");
        assert!(answer.contains("larger than 6291456 bytes"), "{answer}");
    }
}
