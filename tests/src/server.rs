//! The stand-in's connections: a thread each, which reads requests and answers POSTs by their script. `next` is
//! answered from wherever the event comes from, so that a reader always sees at once what the peer does.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::broken::{Broken, Fate};
use crate::event::{Outcome, Reception};
use crate::ledger::{Delivery, Ledger, Plan};
use crate::reply::{Reaction, Reply};
use crate::wire::Incoming;

const READ_SIZE: usize = 64 * 1024;

/// So many reads a second make a slow reader.
const SLOW_READS: f64 = 20.0;

/// The connection is of no more use.
struct Ended;

/// Accepts connections for as long as the ledger does.
pub(crate) fn accept(listener: &TcpListener, ledger: &Arc<Ledger>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let _ = stream.set_nodelay(true);
        let stream = Arc::new(stream);
        let Some(number) = ledger.connected(&stream) else {
            return;
        };
        let connection = Connection {
            number,
            stream,
            ledger: Arc::clone(ledger),
            unread: Vec::new(),
        };
        thread::spawn(move || connection.serve());
    }
}

/// Answers waiting `next`s with what is there for them.
pub(crate) fn deliver(ledger: &Arc<Ledger>) {
    hand_out(ledger, ledger.take_deliveries());
}

/// Writes what is to be written, each in its time.
pub(crate) fn hand_out(ledger: &Arc<Ledger>, deliveries: Vec<Delivery>) {
    for delivery in deliveries {
        let ledger = Arc::clone(ledger);
        // In a thread of its own: a peer that does not read must not hold up the test that queued the event.
        thread::spawn(move || {
            let (after_bytes, time) = delivery.pause.unwrap_or_default();
            let (front, rest) = delivery.bytes.split_at(after_bytes.min(delivery.bytes.len()));
            write(&delivery.stream, front);
            thread::sleep(time);
            write(&delivery.stream, rest);
            if let Some(broken) = delivery.then {
                broken.befall(&delivery.stream);
            }
            if let Some(invocation) = delivery.invocation {
                ledger.sent(invocation);
            }
        });
    }
}

struct Connection {
    number: usize,
    stream: Arc<TcpStream>,
    ledger: Arc<Ledger>,
    /// Read along with the request before, and of the next one.
    unread: Vec<u8>,
}

impl Connection {
    fn serve(mut self) {
        while let Ok(()) = self.serve_one() {}
        self.ledger.disconnected(self.number);
    }

    fn serve_one(&mut self) -> Result<(), Ended> {
        // Only now may be decided how much to read at once: the event, and with it the script, came after the last
        // request.
        self.await_byte()?;
        let exchange = self.ledger.begin(self.number).ok_or(Ended)?;
        let read_size = match self.ledger.reads_at_will() {
            true => READ_SIZE,
            false => 1,
        };
        while self.ledger.look(exchange, |incoming| incoming.head().is_none()) {
            self.read(exchange, read_size)?;
        }
        match self.ledger.plan(exchange) {
            Plan::AwaitEvent => {
                self.ledger.await_event(exchange);
                deliver(&self.ledger);
                Ok(())
            }
            Plan::Hold => {
                self.ledger.hold(exchange);
                Ok(())
            }
            Plan::Receive(reception) => self.receive(exchange, &reception),
        }
    }

    /// Reads the rest of the request and answers it, as scripted.
    fn receive(&mut self, exchange: usize, reception: &Reception) -> Result<(), Ended> {
        let mut early = None;
        loop {
            let progress = |incoming: &Incoming| (incoming.body_length(), incoming.ending().is_some());
            let (body, whole) = self.ledger.look(exchange, progress);
            match &reception.outcome {
                Outcome::Breaks { broken, after_bytes } if whole || body >= *after_bytes => {
                    return self.break_off(broken, whole);
                }
                Outcome::Early { reply, after_bytes } if whole || body >= *after_bytes => {
                    early.get_or_insert_with(|| self.answer(exchange, reply));
                }
                Outcome::AtTheEnd { reaction, delay } if whole => {
                    thread::sleep(*delay);
                    match reaction {
                        Reaction::Whole(reply) => self.answer(exchange, reply),
                        Reaction::Broken(broken) => return self.break_off(broken, whole),
                    }
                }
                _ => {}
            }
            if whole {
                self.ledger.finished(exchange);
                return Ok(());
            }
            self.read_paced(exchange, reception)?;
        }
    }

    fn read_paced(&mut self, exchange: usize, reception: &Reception) -> Result<(), Ended> {
        match (&reception.outcome, reception.bytes_per_second) {
            (Outcome::Breaks { .. }, _) => self.read(exchange, 1).map(drop),
            (_, None) => self.read(exchange, READ_SIZE).map(drop),
            (_, Some(rate)) => {
                let rate = f64::from(rate);
                let size = (rate / SLOW_READS).max(1.0);
                let read = self.read(exchange, (size as usize).min(READ_SIZE))?;
                thread::sleep(Duration::from_secs_f64(read as f64 / rate));
                Ok(())
            }
        }
    }

    /// Nothing more comes of this connection.
    fn break_off(&self, broken: &Broken, whole: bool) -> Result<(), Ended> {
        broken.befall(&self.stream);
        match broken.fate {
            Fate::Closed | Fate::Reset => {}
            // Until the peer gives up. What it sends before is of no matter.
            Fate::HalfClosed => while let Ok(1..) = (&*self.stream).read(&mut [0; READ_SIZE]) {},
            Fate::Stalled if whole => drop(self.await_byte()),
            // That the peer gave up would be seen only behind what is not to be read.
            Fate::Stalled => self.ledger.wait_for_close(),
        }
        Err(Ended)
    }

    fn answer(&self, exchange: usize, reply: &Reply) {
        self.ledger.answered(exchange, reply.status);
        write(&self.stream, &reply.to_bytes());
    }

    /// Waits until there is a byte to be read, and leaves it there.
    fn await_byte(&self) -> Result<(), Ended> {
        if !self.unread.is_empty() {
            return Ok(());
        }
        match self.stream.peek(&mut [0]) {
            Ok(1..) => Ok(()),
            Ok(0) | Err(_) => Err(Ended),
        }
    }

    /// One read; gives its size.
    fn read(&mut self, exchange: usize, most: usize) -> Result<usize, Ended> {
        let mut bytes = std::mem::take(&mut self.unread);
        if bytes.is_empty() {
            bytes.resize(most, 0);
            let size = (&*self.stream).read(&mut bytes).unwrap_or(0);
            bytes.truncate(size);
        } else {
            self.unread = bytes.split_off(most.min(bytes.len()));
        }
        if bytes.is_empty() {
            return Err(Ended);
        }
        match self.ledger.push(exchange, &bytes) {
            Some(next) => {
                self.unread.splice(..0, next);
                Ok(bytes.len())
            }
            None => {
                let refusal = Reply::refusal(400, "BadRequest", "a protocol fault: see the test");
                self.answer(exchange, &refusal);
                Err(Ended)
            }
        }
    }
}

/// In one write. A peer that has gone is seen by the reader.
fn write(mut stream: &TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}
