//! An event: the response to `GET next`, and the script by which the mock receives the function's response.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::api_response::{ApiResponse, Reaction, encode, encode_http_1_0};
use super::fault_injection::ConnectionFault;
use super::http_event::HttpEvent;

const REQUEST_ID: &str = "Lambda-Runtime-Aws-Request-Id";
const DEADLINE: &str = "Lambda-Runtime-Deadline-Ms";

/// An event for the runtime, its headers, and the script by which the mock receives the response.
///
/// By default it has a unique request id, a deadline 30 seconds after its delivery, an ARN and a trace id, and the mock
/// accepts the complete response with `202 {"status":"OK"}`.
#[derive(Clone, Debug)]
pub struct Event {
    body: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
    /// The time from the delivery to the deadline.
    deadline: Option<Duration>,
    pub(crate) delivery: DeliveryScript,
    pub(crate) reception: ReceptionScript,
}

/// How the mock delivers an event.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeliveryScript {
    /// The number of bytes after which the mock pauses, and for how long.
    pub(crate) pause: Option<(usize, Duration)>,
    /// The fault after the last byte.
    pub(crate) fault: Option<ConnectionFault>,
    /// Whether the event is an HTTP/1.0 response that keeps the connection open.
    pub(crate) http_1_0: bool,
}

/// How the mock receives the response to an event.
#[derive(Clone, Debug)]
pub(crate) struct ReceptionScript {
    pub(crate) bytes_per_second: Option<u32>,
    /// Whether the body is counted and not kept.
    pub(crate) discards_body: bool,
    pub(crate) reaction: ReactionTime,
}

/// When the mock reacts to a request, and how.
#[derive(Clone, Debug)]
pub(crate) enum ReactionTime {
    /// The delay after the request is complete.
    Complete { reaction: Reaction, delay: Duration },
    /// As soon as `body_bytes` bytes of the body have arrived. The mock reads the rest of the request.
    Early { response: ApiResponse, body_bytes: usize },
    /// As soon as `body_bytes` bytes of the body have arrived. The mock reads no further byte.
    Fault { fault: ConnectionFault, body_bytes: usize },
}

impl ReceptionScript {
    /// Responds when the request is complete.
    pub(crate) fn respond(response: ApiResponse) -> Self {
        Self::react(Reaction::Respond(response))
    }

    /// Reacts when the request is complete.
    pub(crate) fn react(reaction: Reaction) -> Self {
        Self {
            bytes_per_second: None,
            discards_body: false,
            reaction: ReactionTime::Complete {
                reaction,
                delay: Duration::ZERO,
            },
        }
    }
}

impl Event {
    /// Creates an event with this body, which need not be JSON.
    pub fn json(body: impl AsRef<[u8]>) -> Self {
        static EVENTS: AtomicU64 = AtomicU64::new(1);
        let number = EVENTS.fetch_add(1, Ordering::Relaxed);
        Self {
            body: body.as_ref().to_vec(),
            headers: Vec::new(),
            deadline: Some(Duration::from_secs(30)),
            delivery: DeliveryScript::default(),
            reception: ReceptionScript::respond(ApiResponse::accepted()),
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

    /// Creates the event of a Function URL (payload format 2.0). `target` is a path and an optional query.
    pub fn function_url(method: &str, target: &str) -> HttpEvent {
        HttpEvent::function_url(method, target)
    }

    /// Creates the event of a REST API (payload format 1.0). `target` is a path and an optional query.
    pub fn rest_api(method: &str, target: &str) -> HttpEvent {
        HttpEvent::rest_api(method, target)
    }

    /// Creates the event of an ALB. `target` is a path and an optional query.
    ///
    /// `multi_value` says whether the target group has multi-value headers enabled: headers and query are then lists.
    pub fn alb(method: &str, target: &str, multi_value: bool) -> HttpEvent {
        HttpEvent::alb(method, target, multi_value)
    }

    /// Sets a header of the response to `next`, and replaces one with the same name. The value is written unchecked.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let mut event = self.without_header(name);
        let value = value.as_ref().to_vec();
        event.headers.push((name.to_owned(), value));
        event
    }

    /// Removes a header from the response to `next`.
    pub fn without_header(mut self, name: &str) -> Self {
        if name.eq_ignore_ascii_case(DEADLINE) {
            self.deadline = None;
        }
        self.headers.retain(|(header, _)| !header.eq_ignore_ascii_case(name));
        self
    }

    /// Sets the request id.
    pub fn request_id(self, id: &str) -> Self {
        self.header(REQUEST_ID, id)
    }

    /// Sets the time from the delivery to the deadline.
    pub fn deadline_in(self, time: Duration) -> Self {
        let mut event = self.without_header(DEADLINE);
        event.deadline = Some(time);
        event
    }

    /// Pauses the delivery after `bytes` bytes of head and body.
    pub fn pause_delivery_after(mut self, bytes: usize, time: Duration) -> Self {
        self.delivery.pause = Some((bytes, time));
        self
    }

    /// Injects a fault after the delivery.
    pub fn fault_after_delivery(mut self, fault: ConnectionFault) -> Self {
        self.delivery.fault = Some(fault);
        self
    }

    /// Delivers the event as an HTTP/1.0 response that keeps the connection open.
    pub fn http_1_0(mut self) -> Self {
        self.delivery.http_1_0 = true;
        self
    }

    /// Accepts the response when `body_bytes` bytes of its body have arrived, or at its end if that is earlier. The mock
    /// then reads the rest of the response, as the emulator of `cargo lambda watch` does.
    pub fn accepted_early(mut self, body_bytes: usize) -> Self {
        self.reception.reaction = ReactionTime::Early {
            response: ApiResponse::accepted(),
            body_bytes,
        };
        self
    }

    /// Rejects the response when it is complete.
    pub fn rejected(mut self, status: u16, error_type: &str, message: &str) -> Self {
        self.reception.reaction = ReactionTime::Complete {
            reaction: Reaction::Respond(ApiResponse::rejection(status, error_type, message)),
            delay: Duration::ZERO,
        };
        self
    }

    /// Rejects the response when `body_bytes` bytes of its body have arrived, or at its end if that is earlier. The mock
    /// reads the rest of the response.
    pub fn rejected_early(mut self, body_bytes: usize, status: u16, error_type: &str, message: &str) -> Self {
        self.reception.reaction = ReactionTime::Early {
            response: ApiResponse::rejection(status, error_type, message),
            body_bytes,
        };
        self
    }

    /// Accepts the response after a delay, during which a premature `next` of the runtime would be a violation.
    pub fn accepted_after(mut self, delay: Duration) -> Self {
        self.reception.reaction = ReactionTime::Complete {
            reaction: Reaction::Respond(ApiResponse::accepted()),
            delay,
        };
        self
    }

    /// Reads the complete response, then injects a fault in place of Lambda's response.
    pub fn fault_after_response(mut self, fault: ConnectionFault) -> Self {
        self.reception.reaction = ReactionTime::Complete {
            reaction: Reaction::Fault(fault),
            delay: Duration::ZERO,
        };
        self
    }

    /// Injects a fault when `body_bytes` bytes of the response's body have arrived, or at its end if that is earlier. The
    /// mock reads no further byte.
    pub fn fault_after_body_bytes(mut self, body_bytes: usize, fault: ConnectionFault) -> Self {
        self.reception.reaction = ReactionTime::Fault { fault, body_bytes };
        self
    }

    /// Counts the bytes of the response and does not keep them, so that it can have any size. The response then has no
    /// reads, no chunks and no body.
    pub fn discard_body(mut self) -> Self {
        self.reception.discards_body = true;
        self
    }

    /// Limits the rate at which the mock reads the response. The socket buffers of the kernel hold some megabytes, so the
    /// runtime notices the limit only after these.
    ///
    /// # Panics
    /// If the rate is zero.
    pub fn read_slowly(mut self, bytes_per_second: u32) -> Self {
        assert_ne!(bytes_per_second, 0, "a response that is never read");
        self.reception.bytes_per_second = Some(bytes_per_second);
        self
    }

    /// Returns the request id, if the event has one.
    pub(crate) fn id(&self) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(name, _)| name == REQUEST_ID)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// Whether the mock may read body bytes together with the head.
    pub(crate) fn allows_large_reads(&self) -> bool {
        let has_fault = matches!(self.reception.reaction, ReactionTime::Fault { .. });
        !has_fault && self.reception.bytes_per_second.is_none()
    }

    /// Encodes the response to `next`. The deadline counts from now.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut headers = self.headers.clone();
        if let Some(left) = self.deadline {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
            let deadline = since_epoch.unwrap_or_default() + left;
            let value = deadline.as_millis().to_string().into_bytes();
            headers.push((DEADLINE.to_owned(), value));
        }
        match self.delivery.http_1_0 {
            true => encode_http_1_0(&headers, &self.body),
            false => encode(200, &headers, &self.body),
        }
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
    fn headers_are_replaced_and_removed_in_any_case() {
        let event = Event::json("{}")
            .request_id("one")
            .header("lambda-runtime-trace-id", "mine")
            .without_header("LAMBDA-RUNTIME-INVOKED-FUNCTION-ARN")
            .header("Lambda-Runtime-Deadline-Ms", "soon");
        assert_eq!(
            text(&event),
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: one\r\nlambda-runtime-trace-id: mine\r\n\
             Lambda-Runtime-Deadline-Ms: soon\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        );
    }

    #[test]
    fn deadline_counts_from_delivery() {
        let deadline = |event: &Event| -> u128 {
            let text = text(event);
            let (_, rest) = text.split_once("Lambda-Runtime-Deadline-Ms: ").expect("a deadline");
            rest.lines().next().expect("a line").parse().expect("a number")
        };
        let near = deadline(&Event::json("{}"));
        let far = deadline(&Event::json("{}").deadline_in(Duration::from_secs(3600)));
        assert!(far - near >= 3_570_000, "{near} and {far}");
        assert!(!text(&Event::json("{}").without_header("lambda-runtime-deadline-ms")).contains("Deadline"));
    }

    #[test]
    fn request_ids_are_unique() {
        assert_ne!(Event::json("{}").id(), Event::json("{}").id());
    }
}
