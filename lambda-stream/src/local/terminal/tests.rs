//! Tests of the lines for sequences of records.

use super::*;
use crate::local::activity::event::{InvocationError, RequestInfo, Source};
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

const ENVIRONMENT: EnvironmentId = EnvironmentId(3);

/// A terminal, and a clock that the test sets.
struct Fixture {
    terminal: Terminal,
    id: RequestId,
    milliseconds: u64,
}

impl Fixture {
    fn new() -> Self {
        Self {
            terminal: Terminal::new(Style::PLAIN, Style::PLAIN),
            id: RequestId::random(),
            milliseconds: 0,
        }
    }

    fn with_colors() -> Self {
        let mut fixture = Self::new();
        fixture.terminal = Terminal::new(Style::COLORS, Style::COLORS);
        fixture
    }

    /// Sets the time in milliseconds since the start.
    fn at(&mut self, milliseconds: u64) -> &mut Self {
        self.milliseconds = milliseconds;
        self
    }

    /// Adds a record that causes no line.
    #[track_caller]
    fn add(&mut self, event: Event) -> &mut Self {
        assert_eq!(self.line(event), None);
        self
    }

    /// Adds a record and returns its line. `ID` replaces the short request id.
    fn line(&mut self, event: Event) -> Option<String> {
        let record = Record {
            sequence: 1,
            at: Duration::from_millis(self.milliseconds),
            event,
        };
        let now = UNIX_EPOCH + Duration::from_secs(1_767_323_045);
        let (output, line) = self.terminal.line(&record, now)?;
        assert_eq!(output, Output::Stderr);
        Some(line.replace(short(&self.id), "ID"))
    }

    fn invoke(&mut self, source: Source, method: &str, path: &str) -> &mut Self {
        let request = RequestInfo {
            source,
            method: method.to_owned(),
            path: path.to_owned(),
            event: Bytes::from_static(b"{}"),
        };
        let id = self.id.clone();
        self.add(Event::Invoked {
            id,
            request: Arc::new(request),
            function_arn: String::new(),
            client_context: None,
            tenant_id: None,
        })
    }

    fn get(&mut self) -> &mut Self {
        self.invoke(Source::FunctionUrl, "GET", "/")
    }

    fn deliver(&mut self, is_cold_start: bool) -> &mut Self {
        let id = self.id.clone();
        self.add(Event::Delivered {
            id,
            environment: ENVIRONMENT,
            is_cold_start,
            deadline: 0,
        })
    }

    fn start(&mut self, content_type: Option<&str>) -> &mut Self {
        let id = self.id.clone();
        let content_type = content_type.map(str::to_owned);
        self.add(Event::ResponseStarted { id, content_type })
    }

    fn chunk(&mut self, size: usize) -> &mut Self {
        let id = self.id.clone();
        let data = vec![b'x'; size].into();
        self.add(Event::Chunk { id, data, size })
    }

    /// Ends the response.
    fn end(&mut self, error: Option<InvocationError>) -> Option<String> {
        let id = self.id.clone();
        self.line(Event::ResponseEnded { id, error })
    }

    /// Sends the status of the front end.
    fn status(&mut self, status: Option<u16>) -> Option<String> {
        let id = self.id.clone();
        self.line(Event::StatusSent { id, status })
    }

    fn log(&self, output: Output, line: &str, has_id: bool) -> (Output, String) {
        let id = has_id.then(|| self.id.clone());
        let (style, line) = (self.terminal.stdout, line.to_owned());
        let line = log_line(style, ENVIRONMENT, id.as_ref(), &line);
        (output, line.replace(short(&self.id), "ID"))
    }
}

#[test]
fn streaming_response_has_one_line_at_its_end() {
    let mut fixture = Fixture::new();
    let init = Duration::from_millis(85);
    fixture.add(Event::EnvironmentStarted {
        environment: ENVIRONMENT,
        process_id: 1,
        build: 1,
    });
    fixture.add(Event::EnvironmentReady {
        environment: ENVIRONMENT,
        init,
    });
    fixture.at(1_000).invoke(Source::FunctionUrl, "POST", "/chat?x=1");
    fixture.deliver(true);
    fixture.at(1_012).start(Some("text/plain"));
    fixture.chunk(0).chunk(200_000);
    assert_eq!(fixture.status(Some(200)), None);
    let line = fixture.at(2_400).chunk(3_000_000).end(None).unwrap();
    assert_eq!(
        line,
        "ID 03:04:05Z 200 POST /chat?x=1                first byte  12 ms  total  1.4 s    3.2 MB    2 chunks  env 3   \
         cold start (init 85 ms)"
    );
    assert!(fixture.terminal.requests.is_empty());
}

#[test]
fn buffered_response_ends_before_its_status() {
    let mut fixture = Fixture::new();
    fixture.get().deliver(false).start(None).at(3).chunk(512);
    assert_eq!(fixture.end(None), None);
    let line = fixture.at(9).status(Some(404)).unwrap();
    assert_eq!(
        line,
        "ID 03:04:05Z 404 GET /                         first byte 3.0 ms  total 3.0 ms     512 B    buffered  env 3"
    );
    let completed = Event::Completed { id: fixture.id.clone() };
    fixture.add(completed);
    assert!(fixture.terminal.requests.is_empty());
}

#[test]
fn error_before_first_byte_is_on_the_line() {
    let mut fixture = Fixture::new();
    let error = InvocationError::new("Order\x1b[2J", "no id\nin order");
    assert_eq!(fixture.get().deliver(false).at(20).end(Some(error)), None);
    let line = fixture.status(Some(502)).unwrap();
    assert_eq!(
        line,
        "ID 03:04:05Z 502 GET /                         first byte      -  total  20 ms         -           -  env 3   \
         error: Order\\u{1b}[2J: no id\\nin order"
    );
}

#[test]
fn error_after_first_byte_is_a_mid_stream_error() {
    let mut fixture = Fixture::new();
    fixture.get().deliver(false).start(Some("text/plain")).chunk(3);
    assert_eq!(fixture.status(Some(200)), None);
    let error = InvocationError::new("Runtime.TruncatedResponse", "");
    let line = fixture.end(Some(error)).unwrap();
    assert!(
        line.ends_with("3 B     1 chunk  env 3   mid-stream error: Runtime.TruncatedResponse"),
        "{line}"
    );
}

#[test]
fn caller_that_disconnects_has_no_status() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.get().status(None), None);
    let line = fixture.deliver(false).end(None).unwrap();
    assert!(line.contains(" --- GET / "), "{line}");
    assert!(line.ends_with("  env 3   caller disconnected"), "{line}");
}

#[test]
fn request_without_environment_has_none() {
    let mut fixture = Fixture::new();
    let error = InvocationError::new("Runtime.ExitError", "shut down");
    assert_eq!(fixture.get().end(Some(error)), None);
    let line = fixture.status(Some(502)).unwrap();
    assert!(
        line.ends_with("-           -  error: Runtime.ExitError: shut down"),
        "{line}"
    );
}

/// Returns the line of a request without a response.
fn request_line(source: Source, method: &str, path: &str) -> String {
    let mut fixture = Fixture::new();
    fixture.invoke(source, method, path).end(None);
    fixture.status(Some(200)).unwrap()
}

#[test]
fn target_is_escaped_and_shortened() {
    for (source, method, path, expected) in [
        (
            Source::FunctionUrl,
            "GET",
            "/\x1b]0;title\x07",
            r"GET /\u{1b}]0;title\u{7}  ",
        ),
        (Source::Invoke, "INVOKE", "name", "Invoke name  "),
        (
            Source::InvokeWithResponseStream,
            "INVOKE",
            "name",
            "InvokeWithResponseStream name  ",
        ),
        (Source::Viewer, "INVOKE", "name", "viewer name  "),
    ] {
        let line = request_line(source, method, path);
        assert!(line.contains(&format!(" 200 {expected}")), "{line}");
    }
    for long in ["/".repeat(100_000), "\x1b".repeat(100_000)] {
        let line = request_line(Source::RestApi, &long, &long);
        assert!(line.contains('…') && line.len() < 200, "{line}");
    }
}

#[test]
fn long_error_is_shortened() {
    let mut fixture = Fixture::new();
    let long = "x".repeat(100_000);
    let error = InvocationError::new(&long, long.as_str());
    fixture.get().end(Some(error));
    let line = fixture.status(Some(502)).unwrap();
    assert!(line.len() < 600, "{line}");
}

#[test]
fn running_requests_are_bounded() {
    let mut fixture = Fixture::new();
    let ids: Vec<RequestId> = (0..request::MAX_RUNNING + 10).map(|_| RequestId::random()).collect();
    for id in &ids {
        fixture.id = id.clone();
        fixture.get();
    }
    let mut lines = 0;
    for id in &ids {
        fixture.id = id.clone();
        fixture.end(None);
        lines += usize::from(fixture.status(Some(200)).is_some());
    }
    assert_eq!(lines, request::MAX_RUNNING);
    assert!(fixture.terminal.requests.is_empty());
}

#[test]
fn unexpected_end_of_environment_has_a_line() {
    let mut fixture = Fixture::new();
    let ready = |environment| Event::EnvironmentReady {
        environment,
        init: Duration::ZERO,
    };
    let stopped = |environment, is_expected| Event::EnvironmentStopped {
        environment,
        reason: "signal: 6 (SIGABRT)".to_owned(),
        is_expected,
    };
    fixture.add(ready(ENVIRONMENT)).add(ready(EnvironmentId(4)));
    assert_eq!(
        fixture.line(stopped(ENVIRONMENT, false)).unwrap(),
        "env 3    03:04:05Z environment ended: signal: 6 (SIGABRT)"
    );
    fixture.add(stopped(EnvironmentId(4), true));
    assert!(fixture.terminal.requests.is_empty());
    assert_eq!(
        fixture.line(Event::BuildChanged { build: 2 }).unwrap(),
        "build 2  03:04:05Z new build: new requests go to new environments"
    );
}

#[test]
fn log_line_has_short_request_id() {
    let fixture = Fixture::new();
    let full = fixture.id.as_str().to_owned();
    let rest = &full[SHORT_ID_LENGTH..];
    for (has_id, line, expected) in [
        (true, "hello", "ID hello".to_owned()),
        (true, "  \x1b[31mred\x1b[0m", "ID   \x1b[31mred\x1b[0m".to_owned()),
        (true, "", "ID ".to_owned()),
        (false, "hello", "env 3    hello".to_owned()),
        (true, "{\"a\": 1}", "{\"a\": 1}".to_owned()),
        (false, "{\"a\": 1}", "{\"a\": 1}".to_owned()),
        (true, &format!("INFO {full} hello"), format!("INFO ID{rest} hello")),
    ] {
        for output in [Output::Stdout, Output::Stderr] {
            assert_eq!(fixture.log(output, line, has_id), (output, expected.clone()));
        }
    }
}

#[test]
fn colors_are_only_in_colored_styles() {
    let mut fixture = Fixture::with_colors();
    fixture.get().end(Some(InvocationError::new("A", "b")));
    let line = fixture.status(Some(502)).unwrap();
    assert!(
        line.starts_with("\x1b[2mID 03:04:05Z\x1b[0m \x1b[31m502\x1b[0m GET / "),
        "{line}"
    );
    assert!(line.ends_with("\x1b[31merror: A: b\x1b[0m"), "{line}");
    let (_, line) = fixture.log(Output::Stdout, "hello", true);
    assert_eq!(line, "\x1b[2mID\x1b[0m hello");
}
