//! A stand-in Lambda Runtime API that is fast: one thread a connection. It hands out the events of a run, up to a number
//! that the run sets, and checks each answer.

use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::checked::Checked;
use crate::connection::{Connection, Head};
use crate::event::{End, Event};

/// How long an event says that it may take.
const DEADLINE: Duration = Duration::from_secs(900);

/// After so many wrong answers a run is over.
const BREACHES: usize = 5;

pub(crate) struct Lambda {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    seed: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The events that were handed out so far, and up to where they may be.
    delivered: u64,
    until: u64,
    /// Polls that wait for an event.
    waiting: usize,
    under_way: HashSet<u64>,
    seen: Seen,
    breaches: Vec<String>,
}

/// What was seen of all answers so far.
#[derive(Default, Clone)]
pub(crate) struct Seen {
    pub(crate) answers: u64,
    pub(crate) failed_at_once: u64,
    pub(crate) failed_later: u64,
    pub(crate) panics: u64,
    pub(crate) read_slowly: u64,
    pub(crate) bytes: u64,
    pub(crate) chunks: u64,
    pub(crate) connections: u64,
}

impl Lambda {
    /// One on a port of its own.
    pub(crate) fn start(seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            seed,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let lambda = Self {
            address,
            shared: Arc::clone(&shared),
        };
        // Both end with this program.
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                shared.lock().seen.connections += 1;
                thread::spawn(move || {
                    if let Err(error) = shared.serve(socket) {
                        shared.breach(format!("a connection failed: {error}"));
                    }
                });
            }
        });
        Ok(lambda)
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is to be.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Hands out events up to this number, and waits until all are answered and `polls` wait for more. Gives up after
    /// `patience` without an answer.
    pub(crate) fn answer_until(&self, until: u64, polls: usize, patience: Duration) -> Result<Seen, Vec<String>> {
        let mut state = self.shared.lock();
        state.until = until;
        self.shared.changed.notify_all();
        loop {
            if !state.breaches.is_empty() && (state.breaches.len() >= BREACHES || state.under_way.is_empty()) {
                return Err(state.breaches.clone());
            }
            if state.seen.answers == until && state.waiting == polls {
                return Ok(state.seen.clone());
            }
            let before = (state.seen.answers, state.waiting);
            let waited = self.shared.changed.wait_timeout_while(state, patience, |state| {
                (state.seen.answers, state.waiting) == before && state.breaches.is_empty()
            });
            let (now, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = now;
            if timeout.timed_out() {
                let mut breaches = state.breaches.clone();
                breaches.push(format!(
                    "nothing came for {patience:?}, after {} answers, with {} events under way and {} polls",
                    state.seen.answers,
                    state.under_way.len(),
                    state.waiting
                ));
                return Err(breaches);
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn breach(&self, what: String) {
        self.lock().breaches.push(what);
        self.changed.notify_all();
    }

    fn serve(&self, socket: TcpStream) -> io::Result<()> {
        let mut connection = Connection::new(socket)?;
        while let Some(head) = connection.head()? {
            let path = head.line.split(' ').nth(1).unwrap_or_default();
            let call = path.strip_prefix("/2018-06-01/runtime/invocation/").unwrap_or_default();
            match call.split_once('/') {
                None if call == "next" => {
                    let event = self.next();
                    connection.write(delivery(&event).as_bytes())?;
                }
                Some((id, "response")) => self.answered(&mut connection, &head, id, false)?,
                Some((id, "error")) => self.answered(&mut connection, &head, id, true)?,
                _ => return Err(io::Error::other(format!("there is no call {:?}", head.line))),
            }
        }
        Ok(())
    }

    fn next(&self) -> Event {
        let mut state = self.lock();
        state.waiting += 1;
        self.changed.notify_all();
        state = self
            .changed
            .wait_while(state, |state| state.delivered == state.until)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        let number = state.delivered;
        state.delivered += 1;
        state.under_way.insert(number);
        Event::of(self.seed, number)
    }

    fn answered(&self, connection: &mut Connection, head: &Head, id: &str, is_error: bool) -> io::Result<()> {
        let number = id.rsplit('-').next().and_then(|number| number.parse().ok());
        let number = number.filter(|number| self.lock().under_way.remove(number));
        let number = number.ok_or_else(|| io::Error::other(format!("{:?} answers no event under way", head.line)))?;
        let event = Event::of(self.seed, number);
        let mut checked = Checked::new(event, head, is_error);
        connection.body(head, event.is_read_slowly, |found| checked.take(found))?;
        connection.write(TAKEN)?;
        let (length, chunks) = (checked.length, checked.chunks);
        let result = checked.finish();
        let mut state = self.lock();
        state.breaches.extend(result.err());
        let seen = &mut state.seen;
        seen.answers += 1;
        seen.failed_at_once += u64::from(event.end != End::Clean && !event.is_started());
        seen.failed_later += u64::from(event.end != End::Clean && event.is_started());
        seen.panics += u64::from(event.end == End::Panic);
        seen.read_slowly += u64::from(event.is_read_slowly);
        seen.bytes += length as u64;
        seen.chunks += chunks;
        self.changed.notify_all();
        Ok(())
    }
}

const TAKEN: &[u8] =
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";

fn delivery(event: &Event) -> String {
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + DEADLINE;
    let body = event.to_json();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-{:012}\r\n\
         Lambda-Runtime-Deadline-Ms: {}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        event.number,
        deadline.as_millis(),
        body.len()
    )
}
