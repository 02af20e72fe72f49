//! A stand-in Lambda Runtime API that is fast: one thread a connection, large reads, and no look at a byte that nobody
//! asks for. It keeps the clock: from just before an event's head is written to the read that brought the bytes.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lambda_stream_bench::Shape;

use crate::answer::{Answer, Reading};
use crate::request::{Call, Connection};

/// How long an answer, a poll or a start may take before the run fails for it. Under `strace` an answer of 300,000 system
/// calls takes half a minute where nothing else runs.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long an event says that it may take.
const DEADLINE: Duration = Duration::from_secs(900);

/// A Runtime API for one function.
pub(crate) struct Lambda {
    address: SocketAddr,
    shared: Arc<Shared>,
    polls: Receiver<Instant>,
}

/// An event that was handed out or is about to be.
pub(crate) struct Pending(Receiver<Answer>);

struct Shared {
    /// Events that no function has asked for yet.
    queue: Mutex<VecDeque<Event>>,
    queued: Condvar,
    /// Events that were handed out, by request number.
    delivered: Mutex<HashMap<u64, (Instant, Event)>>,
    requests: AtomicU64,
    closed: AtomicBool,
}

struct Event {
    body: String,
    reading: Reading,
    answer: Sender<Answer>,
}

impl Lambda {
    /// One on a port of its own.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (asked, polls) = mpsc::channel();
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            queued: Condvar::new(),
            delivered: Mutex::default(),
            requests: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        });
        let lambda = Self {
            address,
            shared: Arc::clone(&shared),
            polls,
        };
        thread::spawn(move || {
            for socket in listener.incoming() {
                if shared.closed.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(socket), shared, asked) = (socket, Arc::clone(&shared), asked.clone()) else {
                    continue;
                };
                // A connection ends with its function.
                thread::spawn(move || serve(socket, &shared, &asked));
            }
        });
        Ok(lambda)
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is to be.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Hands an event to the function as soon as it asks.
    pub(crate) fn queue(&self, shape: &Shape, reading: Reading) -> Result<Pending, String> {
        let body = serde_json::to_string(shape).map_err(|error| error.to_string())?;
        let (answer, answered) = mpsc::channel();
        lock(&self.shared.queue).push_back(Event { body, reading, answer });
        self.shared.queued.notify_one();
        Ok(Pending(answered))
    }

    /// Waits until the function asks for its next event, and says when it did.
    pub(crate) fn wait_for_poll(&self) -> Result<Instant, String> {
        self.polls
            .recv_timeout(PATIENCE)
            .map_err(|_| "it did not ask for an event".to_owned())
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        self.shared.queued.notify_all();
        // Wakes the thread that accepts, which then sees that all is over.
        drop(TcpStream::connect(self.address));
    }
}

impl Pending {
    /// Waits for the end of the answer.
    pub(crate) fn wait(self) -> Result<Answer, String> {
        let answer = self.0.recv_timeout(PATIENCE);
        let answer = answer.map_err(|_| "it did not answer, or not to the end".to_owned())?;
        match &answer.fault {
            Some(fault) => Err(format!("it answered with {fault}")),
            None => Ok(answer),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(socket: TcpStream, shared: &Shared, asked: &Sender<Instant>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut connection = Connection::new(socket);
    loop {
        let request = connection.request()?;
        match request.call {
            Call::Next => {
                // Whoever does not count polls has dropped the receiver, at worst.
                let _ = asked.send(Instant::now());
                let Some(event) = next_event(shared) else {
                    return Ok(());
                };
                deliver(connection.socket(), shared, event)?;
            }
            Call::Response(number) | Call::Error(number) => {
                let found = lock(&shared.delivered).remove(&number);
                let (at, event) = found.ok_or_else(|| io::Error::other("an answer to no event"))?;
                let answer = connection.answer(&request, at, event.reading)?;
                connection.socket().write_all(TAKEN)?;
                let _ = event.answer.send(answer);
            }
            Call::Unknown => return Err(io::Error::other("an unknown call")),
        }
    }
}

const TAKEN: &[u8] =
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";

fn next_event(shared: &Shared) -> Option<Event> {
    let mut queue = lock(&shared.queue);
    loop {
        if shared.closed.load(Ordering::Relaxed) {
            return None;
        }
        if let Some(event) = queue.pop_front() {
            return Some(event);
        }
        queue = shared.queued.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

fn deliver(socket: &mut TcpStream, shared: &Shared, event: Event) -> io::Result<()> {
    let number = shared.requests.fetch_add(1, Ordering::Relaxed);
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + DEADLINE;
    let message = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-{number:012}\r\n\
         Lambda-Runtime-Deadline-Ms: {}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:123456789012:function:bench\r\n\
         Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\
         Content-Length: {}\r\n\r\n{}",
        deadline.as_millis(),
        event.body.len(),
        event.body
    );
    let mut delivered = lock(&shared.delivered);
    delivered.insert(number, (Instant::now(), event));
    drop(delivered);
    socket.write_all(message.as_bytes())
}
