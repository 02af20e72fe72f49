//! A function without a runtime, which violates the protocol of the Runtime API. The path of the request selects the
//! violation.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use lambda_stream::{ResponseStream, RuntimeError};
use serde_json::Value;

const HTTP: &str = "application/vnd.awslambda.http-integration-response";
const DECLARED: &str = "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    let Ok(endpoint) = std::env::var("AWS_LAMBDA_RUNTIME_API") else {
        // Starts the service of local mode, which starts this program again.
        return lambda_stream::run(async |_: Value, stream: ResponseStream| stream.finish().await).await;
    };
    // The loop ends when the service does.
    while let Ok((id, path)) = next(&endpoint) {
        if violate(&endpoint, &id, &path).is_err() {
            break;
        }
    }
    Ok(())
}

/// Connects to the Runtime API and sends the head of a request.
fn send_head(endpoint: &str, method: &str, path: &str, headers: &str) -> io::Result<TcpStream> {
    let (address, base) = endpoint.split_once('/').unwrap_or((endpoint, ""));
    let mut socket = TcpStream::connect(address)?;
    let head = format!("{method} /{base}/2018-06-01/runtime/invocation/{path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
    socket.write_all(head.as_bytes())?;
    Ok(socket)
}

/// Polls for an event. Returns the request id, and the path of the request.
fn next(endpoint: &str) -> io::Result<(String, String)> {
    let mut text = String::new();
    send_head(endpoint, "GET", "next", "Connection: close\r\n")?.read_to_string(&mut text)?;
    let id = text
        .lines()
        .find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: "));
    let event = text
        .split_once("\r\n\r\n")
        .map(|(_, event)| serde_json::from_str::<Value>(event));
    match (id, event) {
        (Some(id), Some(Ok(event))) => Ok((id.to_owned(), event["rawPath"].as_str().unwrap_or_default().to_owned())),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// A streaming response that has started.
struct Stream(TcpStream);

impl Stream {
    fn start(endpoint: &str, id: &str, content_type: &str, trailer: &str) -> io::Result<Self> {
        let headers = format!(
            "Connection: close\r\nLambda-Runtime-Function-Response-Mode: streaming\r\nContent-Type: {content_type}\r\n\
             Transfer-Encoding: chunked\r\n{trailer}"
        );
        send_head(endpoint, "POST", &format!("{id}/response"), &headers).map(Self)
    }

    fn chunk(&mut self, data: &str) -> io::Result<()> {
        write!(self.0, "{:x}\r\n{data}\r\n", data.len())
    }

    /// Sends the final chunk and these trailers, and reads the reply.
    fn end(mut self, trailers: &str) -> io::Result<String> {
        write!(self.0, "0\r\n{trailers}\r\n")?;
        read_reply(self.0)
    }
}

fn read_reply(mut socket: TcpStream) -> io::Result<String> {
    let mut reply = String::new();
    socket.read_to_string(&mut reply)?;
    Ok(reply)
}

fn post(endpoint: &str, path: &str, headers: &str, body: &str) -> io::Result<String> {
    let headers = format!("Connection: close\r\nContent-Length: {}\r\n{headers}", body.len());
    let mut socket = send_head(endpoint, "POST", path, &headers)?;
    // The server may reject a large body early.
    let _ = socket.write_all(body.as_bytes());
    read_reply(socket)
}

fn violate(endpoint: &str, id: &str, path: &str) -> io::Result<()> {
    let response = format!("{id}/response");
    let stream = |content_type, trailer| Stream::start(endpoint, id, content_type, trailer);
    let prelude = |start: &str| {
        let mut stream = stream(HTTP, DECLARED)?;
        stream.chunk(start)?;
        stream.chunk("body")?;
        stream.end("")
    };
    let trailers = |declared, trailers: &str| {
        let mut stream = stream("text/plain", declared)?;
        stream.chunk("body")?;
        stream.end(trailers)
    };
    match path {
        "/second-response" => {
            post(endpoint, &response, "", "1")?;
            post(endpoint, &response, "", "2")?;
        }
        "/unknown-request-id" => {
            post(endpoint, "no-such-id/response", "", "1")?;
            post(endpoint, &response, "", "1")?;
        }
        "/error-after-start" => {
            let mut stream = stream("text/plain", DECLARED)?;
            stream.chunk("body")?;
            post(endpoint, &format!("{id}/error"), "", "{}")?;
            stream.end("")?;
        }
        "/response-mode" => {
            post(
                endpoint,
                &response,
                "Lambda-Runtime-Function-Response-Mode: stream\r\n",
                "1",
            )?;
        }
        "/buffered-too-large" => {
            post(endpoint, &response, "", &"x".repeat(6 * 1024 * 1024 + 1))?;
        }
        "/no-final-chunk" => {
            let mut stream = stream("text/plain", DECLARED)?;
            stream.chunk("body")?;
            stream.0.shutdown(std::net::Shutdown::Write)?;
            read_reply(stream.0)?;
        }
        "/undeclared-trailers" => {
            trailers("", "Lambda-Runtime-Function-Error-Type: Function.A\r\n")?;
        }
        "/oversized-trailers" => {
            let body = "x".repeat(4096);
            trailers(
                DECLARED,
                &format!(
                    "Lambda-Runtime-Function-Error-Type: Function.A\r\nLambda-Runtime-Function-Error-Body: {body}\r\n"
                ),
            )?;
        }
        "/no-error-type" => {
            trailers(DECLARED, "Lambda-Runtime-Function-Error-Body: e30=\r\n")?;
        }
        "/error-body-not-base64" => {
            trailers(
                DECLARED,
                "Lambda-Runtime-Function-Error-Type: Function.A\r\nLambda-Runtime-Function-Error-Body: {}\r\n",
            )?;
        }
        "/no-delimiter" => {
            prelude("{\"statusCode\":200}")?;
        }
        "/prelude-not-json" => {
            prelude("hello\0\0\0\0\0\0\0\0")?;
        }
        "/prelude-too-large" => {
            prelude(&format!(
                "{{\"headers\":{{\"a\":\"{}\"}}}}\0\0\0\0\0\0\0\0",
                "x".repeat(16 * 1024)
            ))?;
        }
        "/multi-value-headers" => {
            prelude("{\"multiValueHeaders\":{\"a\":[\"b\"]}}\0\0\0\0\0\0\0\0")?;
        }
        "/forbidden-header" => {
            prelude("{\"headers\":{\"Content-Length\":\"4\"}}\0\0\0\0\0\0\0\0")?;
        }
        _ => {
            post(endpoint, &response, "", "\"valid\"")?;
        }
    }
    Ok(())
}
