//! Records invocations in a file, for `--record`.
//!
//! An observer of [`Activity`](super::activity::Activity) collects what happens during an invocation. When the invocation has
//! ended, a thread writes it to the file, so a slow disk does not block the service.

pub(crate) mod format;
mod invocation;

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, SystemTime};

use self::invocation::Invocation;
use super::activity::Observer;
use super::activity::event::{Event, Record};
use super::identifiers::RequestId;

/// The total size of the events and responses that are not written yet, in bytes: of running invocations, and of ended ones
/// if the disk is slow. What does not fit is not recorded.
const MAX_UNWRITTEN_BYTES: usize = 256 * 1024 * 1024;

/// The memory that an invocation or a chunk takes in addition to its bytes, about.
const OVERHEAD_BYTES: usize = 128;

/// How long the end of a recording waits for the disk.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(10);

/// The writer of a recording. Dropping it waits until all invocations that have ended are written: at most 10 seconds.
pub(crate) struct Recording(Sender<Message>);

enum Message {
    Ended(Box<Invocation>),
    /// Notifies the sender when all earlier invocations are written.
    Flush(Sender<()>),
}

/// Opens the file, and starts the thread that writes to it. The observer must receive all records from the first on.
pub(crate) fn start(path: &Path) -> io::Result<(Observer, Recording)> {
    start_with(path, MAX_UNWRITTEN_BYTES)
}

fn start_with(path: &Path, max_unwritten_bytes: usize) -> io::Result<(Observer, Recording)> {
    let file = OpenOptions::new().append(true).create(true).open(path)?;
    let (sender, messages) = mpsc::channel();
    let memory = Memory {
        used: Arc::default(),
        limit: max_unwritten_bytes,
    };
    let writer = Writer {
        file: Some(file),
        path: path.to_owned(),
        memory: memory.clone(),
    };
    thread::Builder::new()
        .name("lambda-recording".to_owned())
        .spawn(move || writer.run(&messages))?;
    let mut collector = Collector {
        running: HashMap::new(),
        memory,
        sender: sender.clone(),
        is_incomplete: false,
    };
    Ok((Box::new(move |record| collector.add(record)), Recording(sender)))
}

impl Recording {
    fn flush(&self) {
        let (sender, flushed) = mpsc::channel();
        let _ = self.0.send(Message::Flush(sender));
        if flushed.recv_timeout(FLUSH_TIMEOUT) == Err(mpsc::RecvTimeoutError::Timeout) {
            log!(
                ERROR,
                "the recording is incomplete: its file cannot be written fast enough"
            );
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Counts the bytes that are not written yet.
#[derive(Clone)]
struct Memory {
    used: Arc<AtomicUsize>,
    limit: usize,
}

impl Memory {
    /// Reserves memory for `bytes` bytes of content. Returns how much was reserved, or `None` if there is not enough.
    fn reserve(&self, bytes: usize) -> Option<usize> {
        let size = bytes + OVERHEAD_BYTES;
        let add = |used: usize| used.checked_add(size).filter(|used| *used <= self.limit);
        let reserved = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        reserved.is_ok().then_some(size)
    }

    fn release(&self, size: usize) {
        self.used.fetch_sub(size, Ordering::Relaxed);
    }
}

/// Collects what happens during invocations.
struct Collector {
    running: HashMap<RequestId, Invocation>,
    memory: Memory,
    sender: Sender<Message>,
    /// Whether it was logged that something is missing in the recording.
    is_incomplete: bool,
}

impl Collector {
    fn add(&mut self, record: &Record) {
        if let Event::Invoked {
            id,
            request,
            function_arn,
            client_context,
            tenant_id,
        } = &record.event
        {
            let Some(size) = self.memory.reserve(request.event.len()) else {
                self.report_incomplete();
                return;
            };
            let invocation = Invocation {
                id: id.clone(),
                received_at: SystemTime::now(),
                start: record.at,
                end: None,
                request: Arc::clone(request),
                function_arn: function_arn.clone(),
                client_context: client_context.clone(),
                tenant_id: tenant_id.clone(),
                response: None,
                body: Vec::new(),
                chunks: Vec::new(),
                is_truncated: false,
                error: None,
                status: None,
                size,
            };
            self.running.insert(id.clone(), invocation);
            return;
        }
        let invocation = record.event.id().and_then(|id| self.running.get_mut(id));
        let Some(invocation) = invocation else { return };
        match &record.event {
            Event::ResponseStarted { content_type, .. } => invocation.response = Some(content_type.clone()),
            Event::Chunk { data, .. } if !invocation.is_truncated => match self.memory.reserve(data.len()) {
                Some(size) => {
                    invocation.size += size;
                    invocation.body.extend_from_slice(data);
                    invocation
                        .chunks
                        .push((invocation.body.len(), record.at.saturating_sub(invocation.start)));
                }
                None => {
                    invocation.is_truncated = true;
                    self.report_incomplete();
                }
            },
            Event::ResponseEnded { id, error } => {
                invocation.error.clone_from(error);
                invocation.end = Some(record.at);
                let id = id.clone();
                self.finish(&id);
            }
            Event::StatusSent { id, status } => {
                invocation.status = Some(*status);
                let id = id.clone();
                self.finish(&id);
            }
            _ => {}
        }
    }

    /// Sends the invocation to the writer if it has ended for the function and for the front end.
    fn finish(&mut self, id: &RequestId) {
        let has_ended = |invocation: &Invocation| invocation.end.is_some() && invocation.status.is_some();
        if self.running.get(id).is_some_and(has_ended) {
            if let Some(invocation) = self.running.remove(id) {
                let _ = self.sender.send(Message::Ended(Box::new(invocation)));
            }
        }
    }

    fn report_incomplete(&mut self) {
        if !std::mem::replace(&mut self.is_incomplete, true) {
            log!(
                ERROR,
                "the recording is incomplete: running invocations and those that wait for the disk are larger than \
                 {} bytes",
                self.memory.limit
            );
        }
    }
}

/// Writes to the file.
struct Writer {
    /// `None` after an error.
    file: Option<File>,
    path: PathBuf,
    memory: Memory,
}

impl Writer {
    fn run(mut self, messages: &Receiver<Message>) {
        for message in messages {
            match message {
                Message::Ended(invocation) => {
                    let size = invocation.size;
                    self.write(*invocation);
                    self.memory.release(size);
                }
                Message::Flush(sender) => {
                    let _ = sender.send(());
                }
            }
        }
    }

    fn write(&mut self, invocation: Invocation) {
        let Some(file) = &mut self.file else { return };
        let written = serde_json::to_string(&invocation.into_recorded())
            .map_err(io::Error::from)
            .and_then(|line| file.write_all((line + "\n").as_bytes()));
        if let Err(error) = written {
            log!(
                ERROR,
                "failed to write to the recording `{}`: {error}; no more invocations are recorded",
                self.path.display()
            );
            self.file = None;
        }
    }
}

#[cfg(test)]
mod tests;
