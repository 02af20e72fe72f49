//! A fast mock Runtime API for benchmarks and soak tests.
//!
//! It uses one thread per connection and large reads, keeps no request, and passes each part of a response to the test as
//! it arrives. It shares the parsers with the strict mock, so it also rejects malformed HTTP.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::http::{BodyDecoder, BodyPart, RequestHead};
use crate::mock_runtime_api::call::Call;
use crate::retry::retry_interrupted;

/// The size of one read, in bytes. A smaller size would make the mock the bottleneck of a large response.
const READ_SIZE: usize = 1024 * 1024;

/// The size of one read of a slow receiver, in bytes.
const SLOW_READ_SIZE: usize = 64 * 1024;

/// The time from the delivery of an event to its deadline.
const DEADLINE: Duration = Duration::from_secs(900);

const ACCEPTED: &[u8] =
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";

const REGISTERED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Extension-Identifier: 1\r\n\
    Content-Length: 2\r\n\r\n{}";

/// Supplies the events of a test and receives the responses.
pub trait Workload: Send + Sync + 'static {
    /// What the workload needs to know about an event when its response arrives.
    type Invocation: Send;

    /// The receiver of one response.
    type Receiver: Receiver;

    /// Waits for the next event and returns it with its body. Called once for each `GET next`. `None` closes the
    /// connection.
    fn next_event(&self) -> Option<(Self::Invocation, String)>;

    /// Returns the receiver of a response whose head has arrived.
    fn receive(&self, invocation: Self::Invocation, head: &ResponseStart<'_>) -> Self::Receiver;

    /// Handles a complete response. The mock has accepted it.
    fn finish(&self, receiver: Self::Receiver);

    /// Handles a new connection.
    fn connected(&self) {}

    /// Handles a connection that failed or violated the protocol.
    fn connection_failed(&self, _error: io::Error) {}

    /// Wakes all threads that wait in [`next_event`](Self::next_event), which must then return `None`.
    fn close(&self) {}
}

/// The start of a response: its head, and when its event was delivered.
pub struct ResponseStart<'a> {
    /// The head of the POST.
    pub head: &'a RequestHead,
    /// Whether the runtime called `/error` and not `/response`.
    pub is_error: bool,
    /// When the mock started to write the event.
    pub delivered_at: Instant,
}

/// Receives the parts of one response as they arrive.
pub trait Receiver {
    /// Returns the maximum rate at which the mock reads the response, in bytes per second.
    fn read_rate(&self) -> Option<u64> {
        None
    }

    /// Handles the return of a socket read. The parts that follow were in that read.
    fn read_returned(&mut self, _at: Instant) {}

    /// Handles the start of a chunk.
    fn chunk_started(&mut self) {}

    /// Handles data of the body.
    fn data(&mut self, data: &[u8]);

    /// Handles a trailer.
    fn trailer(&mut self, name: String, value: String);

    /// Handles the end of the response, before the mock accepts it.
    fn ended(&mut self) {}
}

/// The receiver of a body that nothing depends on.
struct Ignored;

impl Receiver for Ignored {
    fn data(&mut self, _data: &[u8]) {}

    fn trailer(&mut self, _name: String, _value: String) {}
}

/// A mock Runtime API for one function.
pub struct FastRuntimeApi<W: Workload> {
    address: SocketAddr,
    shared: Arc<Shared<W>>,
}

struct Shared<W: Workload> {
    workload: Arc<W>,
    /// The delivered events whose response has not arrived, by number.
    pending: Mutex<HashMap<u64, (Instant, W::Invocation)>>,
    deliveries: AtomicU64,
    closed: AtomicBool,
}

impl<W: Workload> FastRuntimeApi<W> {
    /// Starts a mock on a free port of the loopback interface.
    ///
    /// # Errors
    /// If there is no free port.
    pub fn start(workload: Arc<W>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            workload,
            pending: Mutex::default(),
            deliveries: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        });
        let api = Self {
            address,
            shared: Arc::clone(&shared),
        };
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.closed.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let shared = Arc::clone(&shared);
                shared.workload.connected();
                // The thread ends with the connection, and the connection with the function.
                thread::spawn(move || {
                    if let Err(error) = shared.serve(stream) {
                        shared.workload.connection_failed(error);
                    }
                });
            }
        });
        Ok(api)
    }

    /// Returns the value of `AWS_LAMBDA_RUNTIME_API`: host and port.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Returns the workload.
    pub fn workload(&self) -> &W {
        &self.shared.workload
    }
}

impl<W: Workload> Drop for FastRuntimeApi<W> {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        self.shared.workload.close();
        // Wakes the accepting thread.
        drop(TcpStream::connect(self.address));
    }
}

impl<W: Workload> Shared<W> {
    fn pending(&self) -> MutexGuard<'_, HashMap<u64, (Instant, W::Invocation)>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut connection = Connection::new(stream)?;
        while let Some(head) = connection.read_head()? {
            match Call::parse(&head.method, &head.path) {
                Some(Call::Next) => {
                    let Some((invocation, body)) = self.workload.next_event() else {
                        return Ok(());
                    };
                    self.deliver(&mut connection, invocation, &body)?;
                }
                Some(Call::Response(id)) => self.receive(&mut connection, &head, &id, false)?,
                Some(Call::Error(id)) => self.receive(&mut connection, &head, &id, true)?,
                Some(Call::RegisterExtension) => {
                    connection.read_body(&head, Instant::now(), &mut Ignored)?;
                    connection.stream.write_all(REGISTERED)?;
                }
                // Never delivered. The read ends with the connection.
                Some(Call::ExtensionEvent) => {}
                _ => return Err(violation(format!("unexpected call: {} {}", head.method, head.path))),
            }
        }
        Ok(())
    }

    fn deliver(&self, connection: &mut Connection, invocation: W::Invocation, body: &str) -> io::Result<()> {
        let number = self.deliveries.fetch_add(1, Ordering::Relaxed);
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + DEADLINE;
        let message = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
             Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-{number:012}\r\n\
             Lambda-Runtime-Deadline-Ms: {}\r\n\
             Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:123456789012:function:under-test\r\n\
             Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\
             Content-Length: {}\r\n\r\n{body}",
            deadline.as_millis(),
            body.len(),
        );
        self.pending().insert(number, (Instant::now(), invocation));
        connection.stream.write_all(message.as_bytes())
    }

    fn receive(&self, connection: &mut Connection, head: &RequestHead, id: &str, is_error: bool) -> io::Result<()> {
        let number = id.rsplit('-').next().and_then(|number| number.parse().ok());
        let pending = number.and_then(|number: u64| self.pending().remove(&number));
        let Some((delivered_at, invocation)) = pending else {
            return Err(violation(format!("no invocation with the request id {id} is pending")));
        };
        let start = ResponseStart {
            head,
            is_error,
            delivered_at,
        };
        let mut receiver = self.workload.receive(invocation, &start);
        connection.read_body(head, delivered_at, &mut receiver)?;
        receiver.ended();
        connection.stream.write_all(ACCEPTED)?;
        self.workload.finish(receiver);
        Ok(())
    }
}

fn violation(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// The unread bytes of the buffer: from here…
    start: usize,
    /// …to here.
    end: usize,
    last_read_at: Instant,
}

impl Connection {
    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; READ_SIZE],
            start: 0,
            end: 0,
            last_read_at: Instant::now(),
        })
    }

    /// Reads the head of the next request, or returns `None` at the end of the connection.
    fn read_head(&mut self) -> io::Result<Option<RequestHead>> {
        loop {
            let input = &self.buffer[self.start..self.end];
            let is_between_requests = input.is_empty();
            if !is_between_requests && let Some((head, size)) = RequestHead::parse(input).map_err(violation)? {
                self.start += size;
                return Ok(Some(head));
            }
            if self.read(READ_SIZE)? == 0 {
                return match is_between_requests {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        }
    }

    /// Reads the body of a request and passes its parts to the receiver.
    fn read_body(&mut self, head: &RequestHead, delivered_at: Instant, receiver: &mut impl Receiver) -> io::Result<()> {
        let mut decoder = BodyDecoder::new(head.framing);
        let rate = receiver.read_rate();
        let mut total: u64 = 0;
        loop {
            receiver.read_returned(self.last_read_at);
            loop {
                let (used, part) = decoder.decode(&self.buffer[self.start..self.end]).map_err(violation)?;
                self.start += used;
                match part {
                    Some(BodyPart::ChunkStart) => receiver.chunk_started(),
                    Some(BodyPart::Data { bytes, .. }) => receiver.data(bytes),
                    Some(BodyPart::Trailer { name, value }) => receiver.trailer(name, value),
                    Some(BodyPart::End) => return Ok(()),
                    None => break,
                }
            }
            let limit = match rate {
                Some(rate) => {
                    let due = delivered_at + Duration::from_micros(total * 1_000_000 / rate);
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    SLOW_READ_SIZE
                }
                None => READ_SIZE,
            };
            match self.read(limit)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                size => total += size as u64,
            }
        }
    }

    /// Reads up to `limit` bytes into the buffer and returns their number.
    fn read(&mut self, limit: usize) -> io::Result<usize> {
        // The decoder leaves at most an incomplete line.
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let end = (self.end + limit).min(self.buffer.len());
        let size = retry_interrupted(|| self.stream.read(&mut self.buffer[self.end..end]))?;
        self.last_read_at = Instant::now();
        self.end += size;
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Sender};

    use super::*;
    use crate::HttpConnection;

    /// Delivers one event and sends what arrives to a channel.
    struct OneEvent {
        event: Mutex<Option<&'static str>>,
        events: Sender<String>,
    }

    struct Parts {
        text: String,
        events: Sender<String>,
    }

    impl Workload for OneEvent {
        type Invocation = ();
        type Receiver = Parts;

        fn next_event(&self) -> Option<((), String)> {
            let event = self.event.lock().expect("no panic").take()?;
            Some(((), event.to_owned()))
        }

        fn receive(&self, (): (), start: &ResponseStart<'_>) -> Parts {
            let text = format!("{}{}", start.head.method, if start.is_error { " error" } else { "" });
            let events = self.events.clone();
            Parts { text, events }
        }

        fn finish(&self, parts: Parts) {
            parts.events.send(parts.text).expect("a receiver");
        }

        fn connection_failed(&self, error: io::Error) {
            self.events.send(error.to_string()).expect("a receiver");
        }
    }

    impl Receiver for Parts {
        fn chunk_started(&mut self) {
            self.text += " chunk";
        }

        fn data(&mut self, data: &[u8]) {
            self.text += &format!(" {}", data.escape_ascii());
        }

        fn trailer(&mut self, name: String, value: String) {
            self.text += &format!(" {name}={value}");
        }
    }

    /// Starts a mock and a runtime that has received its event. Returns the request id of the event.
    fn delivered() -> (FastRuntimeApi<OneEvent>, mpsc::Receiver<String>, HttpConnection, String) {
        let (events, received) = mpsc::channel();
        let workload = OneEvent {
            event: Mutex::new(Some("{}")),
            events,
        };
        let lambda = FastRuntimeApi::start(Arc::new(workload)).expect("a free port");
        let mut runtime = HttpConnection::open(&lambda.address());
        runtime.send("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: lambda\r\n\r\n");
        let event = runtime.read_response("GET");
        assert_eq!(event.text(), "{}");
        let id = event.header("Lambda-Runtime-Aws-Request-Id").expect("a request id");
        let id = id.to_owned();
        (lambda, received, runtime, id)
    }

    fn post(id: &str, call: &str, rest: &str) -> String {
        format!("POST /2018-06-01/runtime/invocation/{id}/{call} HTTP/1.1\r\nHost: lambda\r\n{rest}")
    }

    const WAIT: Duration = Duration::from_secs(20);

    #[test]
    fn parts_of_a_response_reach_the_receiver() {
        let (_lambda, received, mut runtime, id) = delivered();
        let rest = "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\nReason: over\r\n\r\n";
        runtime.send(post(&id, "response", rest));
        assert_eq!(runtime.read_response("POST").status(), 202);
        assert_eq!(
            received.recv_timeout(WAIT).as_deref(),
            Ok("POST chunk one chunk two Reason=over")
        );
    }

    #[test]
    fn error_reaches_the_receiver() {
        let (_lambda, received, mut runtime, id) = delivered();
        runtime.send(post(&id, "error", "Content-Length: 2\r\n\r\n{}"));
        assert_eq!(runtime.read_response("POST").status(), 202);
        assert_eq!(received.recv_timeout(WAIT).as_deref(), Ok("POST error {}"));
    }

    #[test]
    fn extension_is_registered_and_waits() {
        let (lambda, received, _runtime, _) = delivered();
        let mut extension = HttpConnection::open(&lambda.address());
        let register = "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: lambda\r\nContent-Length: 14\r\n\r\n";
        extension.send(format!("{register}{{\"events\": []}}"));
        let registered = extension.read_response("POST");
        assert_eq!(registered.status(), 200);
        assert_eq!(registered.header("Lambda-Extension-Identifier"), Some("1"));
        extension.send("GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: lambda\r\n\r\n");
        drop(extension);
        // Closing the connection is not an error.
        assert_eq!(
            received.recv_timeout(Duration::from_millis(200)),
            Err(mpsc::RecvTimeoutError::Timeout)
        );
    }

    #[test]
    fn violation_ends_the_connection() {
        for rest in ["Transfer-Encoding: chunked\r\n\r\nhello", "Content-Length: x\r\n\r\n"] {
            let (_lambda, received, mut runtime, id) = delivered();
            runtime.send(post(&id, "response", rest));
            let error = received.recv_timeout(WAIT).expect("an error");
            assert!(
                error.contains("invalid chunk size") || error.contains("ambiguous framing"),
                "{error}"
            );
        }
    }

    #[test]
    fn response_without_event_is_a_violation() {
        let (_lambda, received, mut runtime, id) = delivered();
        runtime.send(post(&format!("{id}9"), "response", "Content-Length: 0\r\n\r\n"));
        let error = received.recv_timeout(WAIT).expect("an error");
        assert!(error.contains("is pending"), "{error}");
    }
}
