//! The connections of the mock. The thread of a connection reads requests and responds to POSTs by their script. The
//! response to `next` is written by the thread that queues the event, so a connection always has a reading thread.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::api_response::{ApiResponse, Reaction};
use super::event::{ReactionTime, ReceptionScript};
use super::fault_injection::{ConnectionFault, FaultKind};
use super::state::{Delivery, Plan, State};
use crate::http::RecordedRequest;
use crate::retry::retry_interrupted;

const READ_SIZE: usize = 64 * 1024;

/// The number of reads per second of a slow reception.
const SLOW_READS: f64 = 20.0;

/// The connection can no longer be used.
struct Ended;

/// Accepts connections until the state refuses them.
pub(crate) fn accept(listener: &TcpListener, state: &Arc<State>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let _ = stream.set_nodelay(true);
        let stream = Arc::new(stream);
        let Some(number) = state.connection_opened(&stream) else {
            return;
        };
        let connection = Connection {
            number,
            stream,
            state: Arc::clone(state),
            unread: Vec::new(),
        };
        thread::spawn(move || connection.serve());
    }
}

/// Responds to waiting `next` calls from the queue.
pub(crate) fn deliver_queued(state: &Arc<State>) {
    deliver(state, state.take_deliveries());
}

/// Writes each delivery as scripted.
pub(crate) fn deliver(state: &Arc<State>, deliveries: Vec<Delivery>) {
    for delivery in deliveries {
        let state = Arc::clone(state);
        // In a new thread, because a peer that does not read must not block the test that queued the event.
        thread::spawn(move || {
            let (after_bytes, time) = delivery.pause.unwrap_or_default();
            let (first, rest) = delivery.bytes.split_at(after_bytes.min(delivery.bytes.len()));
            for (part, pause) in [(first, time), (rest, Duration::ZERO)] {
                if !part.is_empty() {
                    write(&delivery.stream, part);
                    state.part_written();
                    thread::sleep(pause);
                }
            }
            if let Some(fault) = delivery.fault {
                fault.inject(&delivery.stream);
                state.part_written();
            }
            if let Some(invocation) = delivery.invocation {
                state.event_sent(invocation);
            }
        });
    }
}

struct Connection {
    number: usize,
    stream: Arc<TcpStream>,
    state: Arc<State>,
    /// Bytes of the next request that were read together with the previous one.
    unread: Vec<u8>,
}

impl Connection {
    fn serve(mut self) {
        while let Ok(()) = self.serve_request() {}
        self.state.connection_closed(self.number);
    }

    fn serve_request(&mut self) -> Result<(), Ended> {
        // The size of the reads depends on the script of the event, which was delivered after the previous request. So it
        // is chosen only once the first byte has arrived.
        self.await_byte()?;
        let exchange = self.state.request_started(self.number).ok_or(Ended)?;
        let read_size = match self.state.allows_large_reads() {
            true => READ_SIZE,
            false => 1,
        };
        while self.state.read_request(exchange, |request| request.head().is_none()) {
            self.read(exchange, read_size)?;
        }
        match self.state.plan(exchange) {
            Plan::AwaitEvent => {
                self.state.await_event(exchange);
                deliver_queued(&self.state);
                Ok(())
            }
            Plan::Hold => {
                self.state.hold(exchange);
                Ok(())
            }
            Plan::Receive(reception) => self.receive(exchange, &reception),
        }
    }

    /// Reads the rest of the request and responds as scripted.
    fn receive(&mut self, exchange: usize, reception: &ReceptionScript) -> Result<(), Ended> {
        let mut early_response = None;
        loop {
            let progress = |request: &RecordedRequest| (request.body_length(), request.body_end().is_some());
            let (received, is_complete) = self.state.read_request(exchange, progress);
            match &reception.reaction {
                ReactionTime::Fault { fault, body_bytes } if is_complete || received >= *body_bytes => {
                    return self.inject(fault, is_complete);
                }
                ReactionTime::Early { response, body_bytes } if is_complete || received >= *body_bytes => {
                    early_response.get_or_insert_with(|| self.respond(exchange, response));
                }
                ReactionTime::Complete { reaction, delay } if is_complete => {
                    thread::sleep(*delay);
                    match reaction {
                        Reaction::Respond(response) => self.respond(exchange, response),
                        Reaction::Fault(fault) => return self.inject(fault, is_complete),
                    }
                }
                _ => {}
            }
            if is_complete {
                self.state.exchange_finished(exchange);
                return Ok(());
            }
            self.read_paced(exchange, reception)?;
        }
    }

    fn read_paced(&mut self, exchange: usize, reception: &ReceptionScript) -> Result<(), Ended> {
        match (&reception.reaction, reception.bytes_per_second) {
            (ReactionTime::Fault { .. }, _) => self.read(exchange, 1).map(drop),
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

    /// Injects a fault and waits for the peer to close the connection, where the fault leaves it open.
    fn inject(&self, fault: &ConnectionFault, is_complete: bool) -> Result<(), Ended> {
        fault.inject(&self.stream);
        match fault.kind {
            FaultKind::Closed | FaultKind::Reset => {}
            // Reads and ignores what the peer still sends.
            FaultKind::HalfClosed => {
                while let Ok(1..) = retry_interrupted(|| (&*self.stream).read(&mut [0; READ_SIZE])) {}
            }
            FaultKind::Stalled if is_complete => drop(self.await_byte()),
            // The end of the connection would follow bytes that must stay unread, so the mock cannot notice it.
            FaultKind::Stalled => self.state.wait_for_close(),
        }
        Err(Ended)
    }

    fn respond(&self, exchange: usize, response: &ApiResponse) {
        self.state.responded(exchange, response.status);
        write(&self.stream, &response.to_bytes());
    }

    /// Waits until a byte can be read, and does not read it.
    fn await_byte(&self) -> Result<(), Ended> {
        if !self.unread.is_empty() {
            return Ok(());
        }
        match retry_interrupted(|| self.stream.peek(&mut [0])) {
            Ok(1..) => Ok(()),
            Ok(0) | Err(_) => Err(Ended),
        }
    }

    /// Reads once, up to `limit` bytes, and returns the number of bytes.
    fn read(&mut self, exchange: usize, limit: usize) -> Result<usize, Ended> {
        let mut bytes = std::mem::take(&mut self.unread);
        if bytes.is_empty() {
            bytes.resize(limit, 0);
            let size = retry_interrupted(|| (&*self.stream).read(&mut bytes)).unwrap_or(0);
            bytes.truncate(size);
        } else {
            self.unread = bytes.split_off(limit.min(bytes.len()));
        }
        if bytes.is_empty() {
            return Err(Ended);
        }
        match self.state.push(exchange, &bytes) {
            Some(rest) => {
                self.unread.splice(..0, rest);
                Ok(bytes.len())
            }
            None => {
                let rejection = ApiResponse::rejection(400, "BadRequest", "protocol violation: see the test");
                self.respond(exchange, &rejection);
                Err(Ended)
            }
        }
    }
}

/// Writes all bytes in one call. The reading thread notices if the peer has closed the connection.
fn write(mut stream: &TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}
