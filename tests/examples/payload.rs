//! `hello` and `tokens`: `curl -d`, a query string and `--event` produce the same output.

use serde_json::json;
use test_support::{Event, Process, example, start};

use crate::HttpResponse;

/// The same payload in each form that a caller can send.
struct Payload {
    json: &'static str,
    query: &'static str,
}

/// Runs the example in local mode and returns its output for `curl -d`, for a query string, and for `--event`.
#[track_caller]
fn outputs(name: &str, payload: &Payload) -> [String; 3] {
    let mut command = Process::command(example(name));
    command.args(["--event", payload.json]);
    let event = Process::spawn(command);

    let mut command = Process::command(example(name));
    command.args(["--port", "0"]);
    let server = Process::spawn(command);
    let url = server.wait_for_url();
    // `-f` makes curl fail if the status is an error.
    let curl = |arguments: &[&str]| {
        let mut command = Process::command("curl");
        command.args(["-sSfN", "--noproxy", "*"]).args(arguments);
        Process::spawn(command)
    };
    let body = curl(&["-d", payload.json, &url]);
    let query = curl(&[&format!("{url}/?{}", payload.query)]);
    [body, query, event].map(|process| {
        assert_eq!(process.exit_code(), Some(0), "{}", process.stderr());
        process.stdout()
    })
}

/// Asserts that curl gets a 400 with this message for an invalid body.
#[track_caller]
fn assert_bad_request(name: &str, body: &str, message: &str) {
    let mut command = Process::command(example(name));
    command.args(["--port", "0"]);
    let server = Process::spawn(command);
    let mut curl = Process::command("curl");
    curl.args(["-sS", "--noproxy", "*", "-w", "\n%{http_code}", "-d", body]);
    curl.arg(server.wait_for_url());
    let curl = Process::spawn(curl);
    assert_eq!(curl.exit_code(), Some(0), "{}", curl.stderr());
    let document = json!({ "message": message });
    assert_eq!(curl.stdout(), format!("{document}\n400"));
}

#[test]
fn hello_output_is_equal_for_each_form_of_payload() {
    let payload = Payload {
        json: r#"{"name":"Ada"}"#,
        query: "name=Ada",
    };
    for output in outputs("hello", &payload) {
        assert_eq!(output, "Hello, Ada, this is a stream.\n");
    }
}

#[test]
fn hello_without_payload_greets_the_world() {
    let (lambda, _function) = start(example("hello"));
    let response = lambda.invoke(Event::function_url("GET", "/"));
    let http = HttpResponse::of(&response);
    assert_eq!(http.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(http.body, b"Hello, world, this is a stream.\n");
}

#[test]
fn tokens_output_is_equal_for_each_form_of_payload() {
    let payload = Payload {
        json: r#"{"text":"one two drei:ü"}"#,
        query: "text=one+two%20drei:%C3%BC",
    };
    for output in outputs("tokens", &payload) {
        assert_eq!(output, "one two drei:ü \n");
    }
}

#[test]
fn invalid_body_gets_400_from_examples() {
    assert_bad_request(
        "hello",
        r#"{"name":1}"#,
        "failed to deserialize the request body: name: invalid type: integer `1`, expected a string at line 1 column 9",
    );
    assert_bad_request(
        "tokens",
        "one two",
        "failed to deserialize the request body: expected value at line 1 column 1",
    );
}
