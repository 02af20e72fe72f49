//! The requests that are running, and the line of each when it has ended.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use super::response::Response;
use super::style::{Color, Style};
use super::units::{self, shorten, time_of_day};
use super::{environment_name, origin, short};
use crate::local::activity::event::{EnvironmentId, Event, InvocationError, Record, RequestInfo};
use crate::local::identifiers::RequestId;
use crate::stderr::OneLine;

/// The number of running requests of which the course is kept. Further requests get no line.
pub(super) const MAX_RUNNING: usize = 10_000;

/// The number of characters of a method and a path, and the width of their column.
const MAX_TARGET_LENGTH: usize = 70;
const TARGET_WIDTH: usize = 28;

const ENVIRONMENT_WIDTH: usize = 6;

/// The number of characters of an error type and of an error message.
const MAX_ERROR_TYPE_LENGTH: usize = 100;
const MAX_ERROR_LENGTH: usize = 300;

/// The method of a request that is not HTTP.
const INVOKE: &str = "INVOKE";

/// The requests that have not ended.
#[derive(Default)]
pub(super) struct Requests {
    running: HashMap<RequestId, Request>,
    /// How long the environments that have received no event took to initialize.
    inits: HashMap<EnvironmentId, Duration>,
}

/// The course of one request.
#[derive(Debug)]
pub(super) struct Request {
    id: RequestId,
    /// The method and the path, or the operation and the function.
    target: String,
    /// All times count from the start of local mode.
    started: Duration,
    environment: Option<EnvironmentId>,
    cold_start: Option<ColdStart>,
    response: Option<Response>,
    ended: Option<End>,
    status: Option<Status>,
}

/// The request is the first one of its environment.
#[derive(Debug)]
struct ColdStart {
    init: Option<Duration>,
}

#[derive(Debug)]
struct End {
    at: Duration,
    /// The error type and the message.
    error: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Status {
    Sent(u16),
    CallerDisconnected,
}

impl Requests {
    /// Adds a record. Returns the request if it has ended with this record: its response has ended, and its status is
    /// known.
    pub(super) fn update(&mut self, record: &Record) -> Option<Request> {
        match &record.event {
            Event::EnvironmentReady { environment, init } => {
                self.inits.insert(*environment, *init);
                return None;
            }
            Event::Invoked { id, request, .. } => {
                if self.running.len() < MAX_RUNNING {
                    let request = Request::new(id, request, record.at);
                    self.running.insert(id.clone(), request);
                }
                return None;
            }
            _ => {}
        }
        let id = record.event.id()?;
        let request = self.running.get_mut(id)?;
        match &record.event {
            Event::Delivered {
                environment,
                is_cold_start,
                ..
            } => {
                request.environment = Some(*environment);
                if *is_cold_start {
                    let init = self.inits.remove(environment);
                    request.cold_start = Some(ColdStart { init });
                }
            }
            Event::ResponseStarted { content_type, .. } => {
                request.response = Some(Response::new(content_type.as_deref()));
            }
            Event::Chunk { data, .. } => {
                if let Some(response) = &mut request.response {
                    response.add_chunk(data, record.at);
                }
            }
            Event::ResponseEnded { error, .. } => {
                let error = error.as_ref().map(describe_error);
                request.ended = Some(End { at: record.at, error });
            }
            Event::StatusSent { status, .. } => {
                request.status = Some(match status {
                    Some(status) => Status::Sent(*status),
                    None => Status::CallerDisconnected,
                });
            }
            _ => {}
        }
        match (&request.ended, request.status) {
            (Some(_), Some(_)) => self.running.remove(id),
            _ => None,
        }
    }

    /// Removes what is kept for an environment.
    pub(super) fn remove_environment(&mut self, environment: EnvironmentId) {
        self.inits.remove(&environment);
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty() && self.inits.is_empty()
    }
}

impl Request {
    fn new(id: &RequestId, request: &RequestInfo, started: Duration) -> Self {
        let (first, second) = match request.method.as_str() {
            INVOKE => (request.source.name(), &request.path),
            method => (method, &request.path),
        };
        // A target may be as long as a request head. The event of the request is not kept.
        let first = shorten(first, MAX_TARGET_LENGTH);
        let target = format!("{} {}", first, shorten(second, MAX_TARGET_LENGTH));
        Self {
            id: id.clone(),
            target: shorten(&OneLine(&target).to_string(), MAX_TARGET_LENGTH),
            started,
            environment: None,
            cold_start: None,
            response: None,
            ended: None,
            status: None,
        }
    }

    /// Returns the line of the request. `now` is the time of its end.
    pub(super) fn line(&self, style: Style, now: SystemTime) -> String {
        let since_start = |at: Duration| units::duration(at.saturating_sub(self.started));
        let unknown = || "-".to_owned();
        let first_byte = self.response.as_ref().and_then(|response| response.first_byte);
        let first_byte = first_byte.map_or_else(unknown, since_start);
        let total = self.ended.as_ref().map_or_else(unknown, |end| since_start(end.at));
        let (size, chunks) = match &self.response {
            Some(response) => (response.size(), response.chunks()),
            None => (unknown(), unknown()),
        };
        let (status, target) = (self.colored_status(style), &self.target);
        let mut line = style.dim(format_args!("{} {}", origin(short(&self.id)), time_of_day(now)));
        // Writing to a `String` does not fail.
        let _ = write!(line, " {status} {target:<TARGET_WIDTH$}");
        let _ = write!(line, "  {} {first_byte:>6}", style.dim("first byte"));
        let _ = write!(line, "  {} {total:>6}", style.dim("total"));
        let _ = write!(line, "  {size:>8}  {chunks:>10}");
        let notes = self.notes(style);
        if let Some(environment) = self.environment {
            let name = environment_name(environment);
            // The notes are aligned for up to 99 environments.
            let width = if notes.is_empty() { 0 } else { ENVIRONMENT_WIDTH };
            let _ = write!(line, "  {}", style.dim(format_args!("{name:<width$}")));
        }
        for note in notes {
            let _ = write!(line, "  {note}");
        }
        line
    }

    /// Returns the status with the width of its column.
    fn colored_status(&self, style: Style) -> String {
        let Some(Status::Sent(status)) = self.status else {
            return style.paint(Color::Yellow, "---");
        };
        let has_failed = self.ended.as_ref().is_some_and(|end| end.error.is_some());
        let color = match status {
            _ if has_failed => Color::Red,
            ..300 => Color::Green,
            300..400 => Color::Cyan,
            400..500 => Color::Yellow,
            500.. => Color::Red,
        };
        style.paint(color, format_args!("{status:>3}"))
    }

    /// Returns what is unusual.
    fn notes(&self, style: Style) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(ColdStart { init }) = self.cold_start {
            let note = match init {
                Some(init) => format!("cold start (init {})", units::duration(init)),
                None => "cold start".to_owned(),
            };
            notes.push(style.paint(Color::Cyan, note));
        }
        if let Some(Status::CallerDisconnected) = self.status {
            notes.push(style.paint(Color::Yellow, "caller disconnected"));
        }
        if let Some(End { error: Some(error), .. }) = &self.ended {
            let kind = match &self.response {
                Some(response) if response.has_begun_to_stream() => "mid-stream error",
                _ => "error",
            };
            notes.push(style.paint(Color::Red, format_args!("{kind}: {error}")));
        }
        notes
    }
}

fn describe_error(error: &InvocationError) -> String {
    let error_type = shorten(&error.error_type, MAX_ERROR_TYPE_LENGTH);
    let message = shorten(&error.message, MAX_ERROR_LENGTH);
    let description = match message.is_empty() {
        true => error_type,
        false => format!("{error_type}: {message}"),
    };
    OneLine(&description).to_string()
}
