use super::*;

fn read_file(name: &str, content: &str) -> Result<Vec<Invocation>, String> {
    let path = std::env::temp_dir().join(format!("lambda-stream-replay-{name}-{}.ndjson", std::process::id()));
    std::fs::write(&path, content).unwrap();
    let result = read(&path).map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"));
    std::fs::remove_file(&path).unwrap();
    result
}

fn line(request_id: &str, event: &str) -> String {
    format!(
        r#"{{"timeEpoch":1,"requestId":"{request_id}","request":{{"source":"Invoke","method":"INVOKE","path":"f",{event}
        "functionArn":"arn:1","tenantId":"t"}},"response":{{"chunks":[{{"ms":1,"text":"x"}}]}},"durationMs":1}}"#
    )
    .replace('\n', "")
}

#[test]
fn recording_is_read_in_order() {
    let content = format!(
        "{}\n\n{}\r\n",
        line("a", "\"event\": [1.0],"),
        line("b", "\"eventBase64\":\"/w==\",")
    );
    let invocations = read_file("valid", &content).unwrap();
    let [first, second] = &invocations[..] else {
        panic!("{invocations:?}")
    };
    assert_eq!((first.id.as_str(), &first.request.event[..]), ("a", &b"[1.0]"[..]));
    assert_eq!(
        (first.tenant_id.as_deref(), first.function_arn.as_str()),
        (Some("t"), "arn:1")
    );
    assert_eq!(first.expected.bytes, b"x");
    assert_eq!(&second.request.event[..], b"\xff");
}

#[test]
fn malformed_recording_returns_error_with_line_number() {
    let valid = line("a", "\"event\":1,");
    for (second, message) in [
        ("{", "EOF while parsing an object at line 1 column"),
        ("{}", "missing field `timeEpoch`"),
        (&line("a", ""), "`request` needs either `event` or `eventBase64`"),
        (
            &line("a", "\"eventBase64\":\"?\","),
            "`eventBase64` is not valid base64",
        ),
        (&line("a b", "\"event\":1,"), "`requestId` must have 1 to 64 letters"),
        ("\u{fffd}", "expected value"),
    ] {
        let error = read_file("malformed", &format!("{valid}\n{second}\n{valid}\n")).unwrap_err();
        assert!(
            error.starts_with("line 2 of the recording `FILE` is not valid: "),
            "{error}"
        );
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn unreadable_or_empty_recording_returns_error() {
    let error = read(Path::new("no/such.ndjson")).unwrap_err().to_string();
    assert!(
        error.starts_with("failed to read the recording `no/such.ndjson`: "),
        "{error}"
    );
    assert_eq!(
        read_file("empty", "\n").unwrap_err(),
        "the recording `FILE` has no invocations"
    );
}
