//! `--record` and `--replay`.

use serde_json::{Value, json};
use test_support::Process;

use crate::run_curl;
use crate::test_file::TestFile;

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

/// Returns the lines of a recording.
fn lines(file: &TestFile) -> Vec<Value> {
    let text = file.text();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn spawn(program: &str, arguments: &[&str]) -> Process {
    let mut command = Process::command(program);
    command.args(arguments);
    Process::spawn(command)
}

/// Records one request for each body, and stops the function with SIGTERM.
fn record(arguments: &[&str], bodies: &[Value]) {
    let function = spawn(SCRIPTED, arguments);
    let url = format!("{}/path?query=1", function.wait_for_url());
    for body in bodies {
        run_curl(&["-H", "Content-Type: application/json", "-d", &body.to_string(), &url]);
    }
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
}

fn steps(steps: Value) -> Value {
    json!({ "steps": steps })
}

#[test]
fn recorded_invocations_are_replayed() {
    let prelude = json!({"prelude": {"status": 418, "headers": [["x-a", "b"]], "cookies": ["c=d"]}});
    let bodies = [
        steps(json!([{"write": "one"}, "flush", {"write": "two"}])),
        steps(json!([prelude, {"write": "short and stout"}])),
        steps(json!([{"write": "start"}, "flush", {"fail": "no luck"}])),
        steps(json!([{"fail": "no response"}])),
    ];
    for mode in ["--environments=2", "--in-process"] {
        let file = TestFile::new(&format!("replay{mode}"));
        record(&["--port=0", mode, "--record", file.path()], &bodies);

        let lines = lines(&file);
        let statuses: Vec<_> = lines.iter().map(|line| line["status"].as_u64()).collect();
        assert_eq!(statuses, [Some(200), Some(418), Some(200), Some(502)]);
        for (line, body) in lines.iter().zip(&bodies) {
            let request = &line["request"];
            assert_eq!(
                (&request["source"], &request["method"]),
                (&json!("Function URL"), &json!("POST"))
            );
            assert_eq!(request["path"], "/path?query=1");
            assert_eq!(request["event"]["body"], body.to_string());
            assert!(line["durationMs"].is_f64(), "{line}");
        }
        let texts = |line: &Value| -> Vec<Value> {
            let chunks = line["response"]["chunks"].as_array().unwrap().iter();
            chunks.map(|chunk| chunk["text"].clone()).collect()
        };
        assert_eq!(texts(&lines[0])[2..], ["one", "two"]);
        assert_eq!(lines[2]["error"]["errorMessage"], "no luck");
        assert!(lines[3].get("response").is_none(), "{}", lines[3]);

        let replay = spawn(SCRIPTED, &["--replay", file.path()]);
        assert_eq!(replay.exit_code(), Some(0), "{}", replay.stdout());
        let stdout = replay.stdout();
        let results: Vec<_> = stdout
            .lines()
            .map(|line| line.split_once(" (").map_or(line, |(line, _)| line))
            .collect();
        assert_eq!(
            results,
            [
                "   1  ok       POST /path?query=1",
                "   2  ok       POST /path?query=1",
                "   3  ok       POST /path?query=1",
                "   4  ok       POST /path?query=1",
                "4 replayed, 0 differ from the recording",
            ]
        );
    }
}

#[test]
fn differing_response_exits_with_status_1() {
    let file = TestFile::new("differs");
    let bodies = [
        steps(json!([{"write": "one"}])),
        steps(json!([{"prelude": {"status": 200}}, {"write": "two"}])),
    ];
    record(&["--port=0", "--record", file.path()], &bodies);
    let text = file.text();
    // As if the function had changed: the first event now has another response.
    let changed = text.replacen(
        r#"{\"write\":\"one\"}"#,
        r#"{\"prelude\":{\"status\":500}},{\"write\":\"oh\"}"#,
        1,
    );
    assert_ne!(changed, text);
    file.write(&changed);

    let replay = spawn(SCRIPTED, &["--replay", file.path()]);
    assert_eq!(replay.exit_code(), Some(1));
    let stdout = replay.stdout();
    let lines: Vec<_> = stdout.lines().collect();
    assert!(
        lines[0].starts_with("   1  differs  POST /path?query=1: status 500 instead of 200; ")
            && lines[0].ends_with("; body differs from byte 1 on (2 bytes instead of 3)"),
        "{stdout}"
    );
    assert!(lines[1].starts_with("   2  ok "), "{stdout}");
    assert_eq!(lines[2], "2 replayed, 1 differ from the recording");
    assert!(
        replay.stderr().contains("a response differs from the recording"),
        "{}",
        replay.stderr()
    );
}

#[test]
fn event_is_recorded_and_appended() {
    let file = TestFile::new("event");
    for event in [r#"{"steps": [{"write": "a"}]}"#, r#"{"steps": [{"fail": "b"}]}"#] {
        spawn(SCRIPTED, &["--event", event, "--record", file.path()]).wait_for_exit();
    }
    let lines = lines(&file);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["request"]["source"], "command line");
    assert_eq!(lines[0]["response"]["chunks"][0]["text"], "a");
    assert_eq!(lines[1]["error"]["errorMessage"], "b");
    assert!(lines[1].get("status").is_none());
    // The event is verbatim.
    let text = file.text();
    assert!(text.contains(r#""event":{"steps": [{"write": "a"}]},"#), "{text}");
}

#[test]
fn unusable_file_exits_with_error() {
    let function = spawn(SCRIPTED, &["--port=0", "--record", "/no/such/directory/file"]);
    assert_eq!(function.exit_code(), Some(1));
    assert!(
        function
            .stderr()
            .contains("failed to open the recording `/no/such/directory/file`")
    );

    let file = TestFile::with("malformed", "{\n");
    for (path, message) in [
        ("/no/such/file", "failed to read the recording `/no/such/file`"),
        (file.path(), "line 1 of the recording"),
    ] {
        let function = spawn(SCRIPTED, &["--replay", path]);
        assert_eq!(function.exit_code(), Some(2));
        assert!(function.stderr().contains(message), "{}", function.stderr());
    }
}

/// A disk that is full is reported once, and requests still succeed.
#[test]
#[cfg(target_os = "linux")]
fn full_disk_is_reported_once() {
    let function = spawn(SCRIPTED, &["--port=0", "--record", "/dev/full"]);
    let url = function.wait_for_url();
    let body = steps(json!([{"write": "one"}])).to_string();
    for _ in 0..3 {
        assert_eq!(run_curl(&["-d", &body, &url]).0, "one");
    }
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    let stderr = function.stderr();
    assert_eq!(
        stderr.matches("failed to write to the recording `/dev/full`").count(),
        1,
        "{stderr}"
    );
}
