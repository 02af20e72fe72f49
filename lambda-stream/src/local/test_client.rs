//! HTTP clients over raw sockets for the unit tests: the function's side of the Runtime API, and callers.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::activity::Activity;
use super::activity::event::{EnvironmentId, RequestInfo, Source};
use super::broker::Broker;
use super::broker::invocation::{CompletionGuard, NewInvocation};
use super::broker::response::{FunctionResponse, ResponseChunks, ResponseSender};
use super::identifiers::RequestId;
use super::session::{EventSource, Session, launch};
use super::settings::{Execution, Settings};
use super::{front_end, servers};

/// A client of the Runtime API, used instead of the runtime's event loop.
#[derive(Clone)]
pub(super) struct RuntimeApiClient {
    address: String,
    /// The secret and the number of the environment.
    path: String,
}

/// Starts a Function URL. Returns the Runtime API client for its function, and the address of the URL.
pub(super) fn start_function_url() -> (RuntimeApiClient, SocketAddr) {
    start(Settings::default())
}

/// Starts the front ends with these settings. Returns the Runtime API client for the function, and the address of the front
/// ends.
pub(super) fn start(settings: Settings) -> (RuntimeApiClient, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = listener.local_addr().unwrap();
    let settings = Settings {
        execution: Execution::InProcess,
        ..settings
    };
    let servers = servers::bind(broker(&settings)).unwrap();
    let source = EventSource::Http(front_end(&servers, listener, settings).unwrap());
    let session = launch(servers, source, 1).unwrap();
    (RuntimeApiClient::new(&session), url)
}

/// Returns a broker whose function runs in this process.
pub(super) fn broker(settings: &Settings) -> Arc<Broker> {
    let activity = Arc::new(Activity::new(Vec::new()));
    Arc::new(Broker::new(activity, settings.timeout(), None).with_limits(settings.limits))
}

/// A function in the middle of a streaming response, without a Runtime API.
pub(super) struct StreamingFunction {
    sender: ResponseSender,
    _guard: CompletionGuard,
}

impl StreamingFunction {
    /// Starts a response. Returns the function, and the chunks that the front end receives.
    pub(super) async fn start() -> (Self, ResponseChunks) {
        let broker = broker(&Settings::default());
        let environment = EnvironmentId(1);
        broker.add_environment(environment, 1, broker.build());
        let request = RequestInfo {
            source: Source::CommandLine,
            method: String::new(),
            path: String::new(),
            event: Bytes::new(),
        };
        let id = RequestId::random();
        let mut invocation = broker.invoke(NewInvocation::new(id.clone(), request));
        broker.next(environment).await;
        let responder = broker
            .claim(environment, id.as_str())
            .unwrap_or_else(|_| panic!("{id:?}"));
        let (sender, guard) = responder.stream(String::new());
        match invocation.response().await {
            FunctionResponse::Streaming { body, .. } => (Self { sender, _guard: guard }, body),
            other => panic!("{other:?}"),
        }
    }

    /// Sends a chunk. Waits if the front end does not read.
    pub(super) async fn send(&self, data: &'static str) {
        self.sender.data(Bytes::from_static(data.as_bytes())).await;
    }
}

/// Connects and sends a request.
pub(super) fn send(address: impl ToString, request: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(address.to_string()).unwrap();
    // The timeout turns a hang into a failure. It is long enough for slow machines.
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    socket.write_all(request).unwrap();
    socket
}

/// Reads until the server closes the connection.
pub(super) fn read_to_end(mut socket: TcpStream) -> String {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads up to and including `end`, and leaves later bytes unread.
pub(super) fn read_until(socket: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        let count = socket.read(&mut byte).unwrap();
        let read = String::from_utf8_lossy(&bytes);
        assert_eq!(count, 1, "closed before {end:?}: {read}");
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

impl RuntimeApiClient {
    pub(super) fn new(session: &Session) -> Self {
        let (address, path) = session.runtime_api().split_once('/').unwrap();
        Self {
            address: address.to_owned(),
            path: path.to_owned(),
        }
    }

    /// Sends a request to the Extensions API. Each line of `headers` must end with CRLF. Returns the open connection.
    pub(super) fn extension_request(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        let base = &self.path;
        let length = body.len();
        let request = format!(
            "{method} /{base}/2020-01-01/extension/{path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        );
        send(&self.address, request.as_bytes())
    }

    /// Sends the head of a request. Each line of `headers` must end with CRLF.
    pub(super) fn request(&self, method: &str, path: &str, headers: &str) -> TcpStream {
        let base = &self.path;
        let head = format!("{method} /{base}/2018-06-01/runtime/{path} HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
        send(&self.address, head.as_bytes())
    }

    /// Polls for an event. Returns the raw response, including the event.
    pub(super) fn poll(&self) -> String {
        read_to_end(self.request("GET", "invocation/next", "connection: close\r\n"))
    }

    /// Polls for an event. Returns its request id.
    pub(super) fn next_id(&self) -> String {
        let response = self.poll();
        let (_, id) = response.split_once("lambda-runtime-aws-request-id: ").unwrap();
        id.lines().next().unwrap().to_owned()
    }

    /// Posts a body with `Content-Length`. Returns the raw reply.
    pub(super) fn post(&self, path: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        let headers = format!("connection: close\r\ncontent-length: {length}\r\n{headers}");
        let mut socket = self.request("POST", path, &headers);
        socket.write_all(body.as_bytes()).unwrap();
        read_to_end(socket)
    }

    /// Starts a streaming response.
    pub(super) fn start_response(&self, id: &str, content_type: &str) -> StreamingResponse {
        let headers = format!(
            "connection: close\r\nlambda-runtime-function-response-mode: streaming\r\n\
             transfer-encoding: chunked\r\ncontent-type: {content_type}\r\n\
             trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n"
        );
        StreamingResponse(self.request("POST", &format!("invocation/{id}/response"), &headers))
    }
}

/// A streaming response that has started.
pub(super) struct StreamingResponse(TcpStream);

impl StreamingResponse {
    pub(super) fn chunk(&mut self, data: impl AsRef<[u8]>) {
        let data = data.as_ref();
        let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
        chunk.extend_from_slice(data);
        chunk.extend_from_slice(b"\r\n");
        self.0.write_all(&chunk).unwrap();
    }

    /// Ends the response cleanly. Returns the raw reply.
    pub(super) fn end(self) -> String {
        self.end_with("")
    }

    /// Ends the response with error trailers. Returns the raw reply.
    pub(super) fn fail(self) -> String {
        // {"errorType":"Boom","errorMessage":"bang"}
        self.end_with(
            "Lambda-Runtime-Function-Error-Type: Function.Boom\r\n\
             Lambda-Runtime-Function-Error-Body: eyJlcnJvclR5cGUiOiJCb29tIiwiZXJyb3JNZXNzYWdlIjoiYmFuZyJ9\r\n",
        )
    }

    fn end_with(mut self, trailers: &str) -> String {
        write!(self.0, "0\r\n{trailers}\r\n").unwrap();
        read_to_end(self.0)
    }

    /// Closes the connection without the final zero chunk.
    pub(super) fn truncate(self) {
        self.0.shutdown(Shutdown::Write).unwrap();
    }
}
