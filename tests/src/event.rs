//! An event: what `GET next` is answered with, and how Lambda then receives the answer to it. Knows nothing of
//! connections.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::broken::Broken;
use crate::http_event::HttpEvent;
use crate::reply::{Reaction, Reply, http_answer};

const REQUEST_ID: &str = "Lambda-Runtime-Aws-Request-Id";
const DEADLINE: &str = "Lambda-Runtime-Deadline-Ms";

/// An event for the runtime, with the headers that come with it and the script by which its answer is received.
///
/// Unless told otherwise, it carries a request id of its own, a deadline 30 seconds after it was handed out, an ARN
/// and a trace id, and its answer is received with `202 {"status":"OK"}` when it is whole.
#[derive(Clone, Debug)]
pub struct Event {
    body: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
    /// Counted from the moment when the event is handed out.
    deadline: Option<Duration>,
    pub(crate) delivery: Delivery,
    pub(crate) reception: Reception,
}

/// How an event is handed out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delivery {
    /// After so many bytes of the answer to `next`, so long.
    pub(crate) pause: Option<(usize, Duration)>,
    /// What befalls the connection then.
    pub(crate) then: Option<Broken>,
}

/// How the answer to an event is received.
#[derive(Clone, Debug)]
pub(crate) struct Reception {
    pub(crate) bytes_per_second: Option<u32>,
    /// Whether bytes are only counted.
    pub(crate) forgets: bool,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Answered when the request is whole, and then only after the delay.
    AtTheEnd { reaction: Reaction, delay: Duration },
    /// Answered as soon as so many bytes of the body have come; the rest is read all the same.
    Early { reply: Reply, after_bytes: usize },
    /// Read as far as so many bytes of the body, and not a byte further.
    Breaks { broken: Broken, after_bytes: usize },
}

impl Reception {
    /// Answered as soon as the request is whole.
    pub(crate) fn at_the_end(reply: Reply) -> Self {
        Self::reacting(Reaction::Whole(reply))
    }

    /// As [`at_the_end`](Self::at_the_end), with whatever comes in place of an answer.
    pub(crate) fn reacting(reaction: Reaction) -> Self {
        Self {
            bytes_per_second: None,
            forgets: false,
            outcome: Outcome::AtTheEnd {
                reaction,
                delay: Duration::ZERO,
            },
        }
    }
}

impl Event {
    /// An event of these bytes, JSON or not.
    pub fn json(body: impl AsRef<[u8]>) -> Self {
        static EVENTS: AtomicU64 = AtomicU64::new(1);
        let number = EVENTS.fetch_add(1, Ordering::Relaxed);
        Self {
            body: body.as_ref().to_vec(),
            headers: Vec::new(),
            deadline: Some(Duration::from_secs(30)),
            delivery: Delivery::default(),
            reception: Reception::at_the_end(Reply::accepted()),
        }
        .header(REQUEST_ID, format!("00000000-0000-4000-8000-{number:012x}"))
        .header(
            "Lambda-Runtime-Invoked-Function-Arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:under-test",
        )
        .header(
            "Lambda-Runtime-Trace-Id",
            format!("Root=1-00000000-{number:024x};Parent={number:016x};Sampled=0"),
        )
    }

    /// The event of a Function URL (payload format 2.0); `target` is a path with or without a query.
    pub fn function_url(method: &str, target: &str) -> HttpEvent {
        HttpEvent::function_url(method, target)
    }

    /// The event of a REST API (payload format 1.0); `target` is a path with or without a query.
    pub fn rest_api(method: &str, target: &str) -> HttpEvent {
        HttpEvent::rest_api(method, target)
    }

    /// The event of a load balancer; `target` is a path with or without a query. Headers and query are lists where the
    /// target group has multi-value headers on.
    pub fn load_balancer(method: &str, target: &str, lists: bool) -> HttpEvent {
        HttpEvent::load_balancer(method, target, lists)
    }

    /// Sets a header of the answer to `next`, in place of one of the same name. The bytes go out as they are.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let mut event = self.without(name);
        let value = value.as_ref().to_vec();
        event.headers.push((name.to_owned(), value));
        event
    }

    /// Leaves a header out of the answer to `next`.
    pub fn without(mut self, name: &str) -> Self {
        if name.eq_ignore_ascii_case(DEADLINE) {
            self.deadline = None;
        }
        self.headers.retain(|(header, _)| !header.eq_ignore_ascii_case(name));
        self
    }

    /// The request id of the event, in place of the one that it was given.
    pub fn request_id(self, id: &str) -> Self {
        self.header(REQUEST_ID, id)
    }

    /// Puts the deadline so long after the moment when the event is handed out.
    pub fn deadline_in(self, time: Duration) -> Self {
        let mut event = self.without(DEADLINE);
        event.deadline = Some(time);
        event
    }

    /// The answer is refused when it is whole.
    pub fn refused(mut self, status: u16, error_type: &str, message: &str) -> Self {
        self.reception.outcome = Outcome::AtTheEnd {
            reaction: Reaction::Whole(Reply::refusal(status, error_type, message)),
            delay: Duration::ZERO,
        };
        self
    }

    /// The answer is received whole, and then this comes.
    pub fn answered_by(mut self, broken: Broken) -> Self {
        self.reception.outcome = Outcome::AtTheEnd {
            reaction: Reaction::Broken(broken),
            delay: Duration::ZERO,
        };
        self
    }

    /// When `after_bytes` bytes of the answer's body have come, or at its end if that is earlier, this comes, and nothing
    /// more is read.
    pub fn broken_after(mut self, after_bytes: usize, broken: Broken) -> Self {
        self.reception.outcome = Outcome::Breaks { broken, after_bytes };
        self
    }

    /// When the event has been handed out, this befalls the connection.
    pub fn and_then(mut self, broken: Broken) -> Self {
        self.delivery.then = Some(broken);
        self
    }

    /// The event is handed out with a pause after so many bytes, of head and body together.
    pub fn pausing(mut self, after_bytes: usize, time: Duration) -> Self {
        self.delivery.pause = Some((after_bytes, time));
        self
    }

    /// The bytes of the answer are counted and not kept, so that it can be of any size: no read, chunk or body is there to be
    /// looked at.
    pub fn forgetting(mut self) -> Self {
        self.reception.forgets = true;
        self
    }

    /// The answer is refused as soon as `after_bytes` bytes of its body have come, or at its end if that is
    /// earlier. What follows is read all the same.
    pub fn refused_early(mut self, after_bytes: usize, status: u16, error_type: &str, message: &str) -> Self {
        self.reception.outcome = Outcome::Early {
            reply: Reply::refusal(status, error_type, message),
            after_bytes,
        };
        self
    }

    /// The answer is accepted, but only so long after its end: a runtime that asks for the next event before is
    /// seen to do so.
    pub fn accepted_late(mut self, delay: Duration) -> Self {
        self.reception.outcome = Outcome::AtTheEnd {
            reaction: Reaction::Whole(Reply::accepted()),
            delay,
        };
        self
    }

    /// The connection is reset (a TCP RST, no FIN) when `after_bytes` bytes of the body have come.
    pub fn reset_after(self, after_bytes: usize) -> Self {
        self.broken_after(after_bytes, Broken::reset())
    }

    /// The answer is read no faster than this. The kernels' socket buffers take some megabytes at once, so the
    /// writer notices only past these.
    ///
    /// # Panics
    /// With zero.
    pub fn read_slowly(mut self, bytes_per_second: u32) -> Self {
        assert_ne!(bytes_per_second, 0, "an answer that is never read");
        self.reception.bytes_per_second = Some(bytes_per_second);
        self
    }

    /// The request id that goes out, if any does.
    pub(crate) fn id(&self) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(name, _)| name == REQUEST_ID)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// Whether body bytes that come together with the head may be read at once with it.
    pub(crate) fn reads_at_will(&self) -> bool {
        let breaks = matches!(self.reception.outcome, Outcome::Breaks { .. });
        !breaks && self.reception.bytes_per_second.is_none()
    }

    /// The answer to `next`, when it goes out now.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut headers = self.headers.clone();
        if let Some(left) = self.deadline {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
            let deadline = since_epoch.unwrap_or_default() + left;
            let value = deadline.as_millis().to_string().into_bytes();
            headers.push((DEADLINE.to_owned(), value));
        }
        http_answer(200, &headers, &self.body)
    }
}

impl From<HttpEvent> for Event {
    fn from(event: HttpEvent) -> Self {
        event.event()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Event;

    fn text(event: &Event) -> String {
        String::from_utf8(event.to_bytes()).expect("UTF-8")
    }

    #[test]
    fn headers_are_replaced_and_left_out_whatever_their_case() {
        let event = Event::json("{}")
            .request_id("one")
            .header("lambda-runtime-trace-id", "mine")
            .without("LAMBDA-RUNTIME-INVOKED-FUNCTION-ARN")
            .header("Lambda-Runtime-Deadline-Ms", "soon");
        assert_eq!(
            text(&event),
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: one\r\nlambda-runtime-trace-id: mine\r\n\
             Lambda-Runtime-Deadline-Ms: soon\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        );
    }

    #[test]
    fn a_deadline_counts_from_the_moment_when_the_event_goes_out() {
        let deadline = |event: &Event| -> u128 {
            let text = text(event);
            let (_, rest) = text.split_once("Lambda-Runtime-Deadline-Ms: ").expect("it");
            rest.lines().next().expect("a line").parse().expect("a number")
        };
        let near = deadline(&Event::json("{}"));
        let far = deadline(&Event::json("{}").deadline_in(Duration::from_secs(3600)));
        assert!(far - near >= 3_570_000, "{near} and {far}");
        assert!(!text(&Event::json("{}").without("lambda-runtime-deadline-ms")).contains("Deadline"));
    }

    #[test]
    fn each_event_has_a_request_id_of_its_own() {
        assert_ne!(Event::json("{}").id(), Event::json("{}").id());
    }
}
