use super::*;
use crate::local::activity::Activity;
use crate::local::activity::event::{EnvironmentId, InvocationError, RequestInfo, Source};
use bytes::Bytes;
use serde_json::{Value, json};

/// A recording in a temporary file, which is removed at the end.
struct TestRecording {
    path: PathBuf,
    activity: Activity,
    recording: Recording,
}

impl TestRecording {
    fn start(name: &str) -> Self {
        Self::start_with(name, MAX_UNWRITTEN_BYTES)
    }

    fn start_with(name: &str, max_unwritten_bytes: usize) -> Self {
        let path = std::env::temp_dir().join(format!("lambda-stream-{name}-{}.ndjson", std::process::id()));
        let (observer, recording) = start_with(&path, max_unwritten_bytes).unwrap();
        Self {
            path,
            activity: Activity::new(vec![observer]),
            recording,
        }
    }

    fn invoke(&self, event: impl Into<Bytes>) -> RequestId {
        let id = RequestId::random();
        let request = RequestInfo {
            source: Source::FunctionUrl,
            method: "POST".to_owned(),
            path: "/a?b=c".to_owned(),
            event: event.into(),
        };
        self.activity.record(Event::Invoked {
            id: id.clone(),
            request: Arc::new(request),
            function_arn: "arn:1".to_owned(),
            client_context: Some("{}".to_owned()),
            tenant_id: None,
        });
        id
    }

    fn chunk(&self, id: &RequestId, data: &'static [u8]) {
        self.activity.record(Event::Chunk {
            id: id.clone(),
            data: Bytes::from_static(data),
            size: data.len(),
        });
    }

    fn end(&self, id: &RequestId, error: Option<InvocationError>) {
        let id = id.clone();
        self.activity.record(Event::ResponseEnded { id, error });
    }

    fn status(&self, id: &RequestId, status: Option<u16>) {
        let id = id.clone();
        self.activity.record(Event::StatusSent { id, status });
    }

    /// Returns the lines after a flush.
    fn lines(&self) -> Vec<Value> {
        self.recording.flush();
        let text = std::fs::read_to_string(&self.path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for TestRecording {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[test]
fn ended_invocation_is_one_line() {
    let test = TestRecording::start("ended");
    let id = test.invoke("{\n}");
    test.activity.record(Event::Delivered {
        id: id.clone(),
        environment: EnvironmentId(1),
        is_cold_start: true,
        deadline: 0,
    });
    test.activity.record(Event::ResponseStarted {
        id: id.clone(),
        content_type: Some("text/plain".to_owned()),
    });
    test.status(&id, Some(200));
    test.chunk(&id, b"one");
    test.chunk(&id, b"\xff");
    assert!(test.lines().is_empty());
    test.end(&id, None);
    let [line] = &test.lines()[..] else { panic!("one line") };
    assert_eq!(line["requestId"], id.as_str());
    assert_eq!(
        line["request"],
        json!({"source": "Function URL", "method": "POST", "path": "/a?b=c", "event": {}, "functionArn": "arn:1",
            "clientContext": "{}"})
    );
    assert_eq!(line["status"], 200);
    assert_eq!(line["response"]["contentType"], "text/plain");
    let chunks = line["response"]["chunks"].as_array().unwrap();
    assert_eq!(
        (&chunks[0]["text"], &chunks[1]["base64"]),
        (&json!("one"), &json!("/w=="))
    );
    let times = [&chunks[0]["ms"], &chunks[1]["ms"], &line["durationMs"]].map(|time| time.as_f64().unwrap());
    assert!(times.is_sorted(), "{times:?}");
    assert!(line.get("error").is_none());
    assert!(line["timeEpoch"].as_u64().unwrap() > 1_600_000_000_000);
}

#[test]
fn failed_invocation_has_error_and_no_response() {
    let test = TestRecording::start("failed");
    let id = test.invoke("1");
    test.end(&id, Some(InvocationError::new("Function.Boom", "no luck")));
    // The front end has not sent a status yet.
    assert!(test.lines().is_empty());
    test.status(&id, None);
    let [line] = &test.lines()[..] else { panic!("one line") };
    assert_eq!(
        line["error"],
        json!({"errorType": "Function.Boom", "errorMessage": "no luck"})
    );
    assert!(line.get("response").is_none() && line.get("status").is_none(), "{line}");
}

#[test]
fn concurrent_invocations_are_separate_lines_in_order_of_end() {
    let test = TestRecording::start("concurrent");
    let ids = [test.invoke("1"), test.invoke("2")];
    for id in ids.iter().rev() {
        test.end(id, None);
        test.status(id, Some(200));
    }
    let events: Vec<Value> = test
        .lines()
        .iter()
        .map(|line| line["request"]["event"].clone())
        .collect();
    assert_eq!(events, [2, 1]);
}

#[test]
fn what_does_not_fit_in_memory_is_not_recorded() {
    let test = TestRecording::start_with("memory", 1000);
    let id = test.invoke(vec![b' '; 1000 - 2 * OVERHEAD_BYTES - 1]);
    let rejected = test.invoke("1234567890");
    test.activity.record(Event::ResponseStarted {
        id: id.clone(),
        content_type: None,
    });
    for chunk in [&b"a"[..], b"b", b"c"] {
        test.chunk(&id, chunk);
    }
    for id in [&id, &rejected] {
        test.end(id, None);
        test.status(id, Some(200));
    }
    let lines = test.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["response"]["isTruncated"], true);
    let after = test.invoke("1");
    test.end(&after, None);
    test.status(&after, Some(200));
    assert_eq!(test.lines().len(), 2);
}

#[test]
#[cfg(target_os = "linux")]
fn full_disk_does_not_stop_the_service() {
    let (observer, recording) = start(Path::new("/dev/full")).unwrap();
    let test = TestRecording {
        path: PathBuf::new(),
        activity: Activity::new(vec![observer]),
        recording,
    };
    for _ in 0..2 {
        let id = test.invoke("1");
        test.end(&id, None);
        test.status(&id, None);
    }
    test.recording.flush();
}
