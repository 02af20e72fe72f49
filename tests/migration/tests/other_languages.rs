//! Compares the programs of the guides for Node.js, .NET and Go with those of this crate.
//!
//! The programs for Node.js run in `aws-lambda-ric`, AWS's runtime for Node.js. Those for Go need Go and its modules, and are
//! skipped without them. Those for .NET are not run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lambda_stream_migration_tests::{Event, Function, HttpEvent, Prelude, Process, Received, ReportedError, invoke};
use test_support::{BodyEnd, TemporaryDirectory, packages};

const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// Returns the command of a program of this crate.
macro_rules! after {
    ($name:literal) => {
        Process::command(env!(concat!("CARGO_BIN_EXE_", $name, "_after")))
    };
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Returns the command of a program for Node.js, or `None` if npm cannot install its packages.
fn node(program: &str) -> Option<Command> {
    node_in(&sources().join("node"), program)
}

/// Returns the command of a program for Node.js in this directory.
fn node_in(programs: &Path, program: &str) -> Option<Command> {
    let packages = packages::node("migration-node", sources().join("node"))?;
    let runtime = packages.join("node_modules/aws-lambda-ric");
    // The package contains a native module whose build takes a minute. The runtime calls it for a `next`, for which the
    // variable below selects its HTTP client in JavaScript, and for buffered responses, which these programs do not send.
    // This empty module satisfies the import.
    fs::write(runtime.join("rapid-client.node.js"), "").unwrap();
    let mut command = Process::command("node");
    command
        .arg(runtime.join("index.mjs"))
        .env("AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1", "true")
        .env("LAMBDA_TASK_ROOT", programs)
        .env("_HANDLER", format!("{program}.handler"));
    Some(command)
}

/// Builds a program for Go and returns its command, or `None` without Go or its modules.
fn go(program: &str, output: &TemporaryDirectory) -> Option<Command> {
    let source = output.path().join("source");
    fs::create_dir_all(source.join(program)).unwrap();
    for file in ["go.mod".to_owned(), format!("{program}/main.go")] {
        fs::copy(sources().join("go").join(&file), source.join(&file)).unwrap();
    }
    let binary = output.path().join(program);
    let mut build = Command::new("go");
    build
        .args(["build", "-mod=mod", "-o"])
        .arg(&binary)
        .arg(format!("./{program}"));
    let built = build.current_dir(&source).stdin(Stdio::null()).output();
    let reason = match built {
        Ok(built) if built.status.success() => return Some(Process::command(binary)),
        Ok(built) => String::from_utf8_lossy(&built.stderr).into_owned(),
        Err(error) => format!("failed to start go: {error}"),
    };
    assert!(std::env::var_os("REQUIRE_GO").is_none(), "{reason}");
    eprintln!("skipped: {reason}");
    None
}

/// The response with one line for each word.
fn words(cookie: &str, body: &str) -> Received {
    let headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("x-request-id", REQUEST_ID),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Received {
        streamed: true,
        prelude: Some(Prelude {
            status: 201,
            headers: headers.into(),
            cookies: vec![cookie.to_owned()],
        }),
        body: body.to_owned(),
        error: None,
    }
}

/// The same without the header `x-request-id`.
fn words_without_id(cookie: &str, body: &str) -> Received {
    let mut expected = words(cookie, body);
    expected.prelude.as_mut().unwrap().headers.remove("x-request-id");
    expected
}

fn reported(error_type: &str, message: &str) -> Option<ReportedError> {
    Some(ReportedError {
        error_type: error_type.to_owned(),
        message: message.to_owned(),
        in_trailers: true,
    })
}

fn event(request: HttpEvent) -> Event {
    request.event().request_id(REQUEST_ID)
}

fn post(body: &str) -> Event {
    event(
        Event::function_url("POST", "/")
            .header("content-type", "application/json")
            .body(body),
    )
}

fn get(target: &str) -> Event {
    event(Event::function_url("GET", target))
}

const COOKIE: &str = "seen=1; Path=/; HttpOnly";
const HUNG_UP: &str = "the upstream hung up";

#[test]
fn node_words_are_equal() {
    let event = post(r#"{"text":"one two three"}"#);
    let after = invoke(after!("node_words"), event.clone());
    assert_eq!(after, words(COOKIE, "one\ntwo\nthree\n"));
    let Some(before) = node("words") else { return };
    assert_eq!(invoke(before, event), after);
}

#[test]
fn node_error_mid_stream_has_other_type() {
    let event = post(r#"{"text":"one fail two"}"#);
    let mut expected = words(COOKIE, "one\n");
    expected.error = reported("Function.UpstreamGone", HUNG_UP);
    assert_eq!(invoke(after!("node_words"), event.clone()), expected);
    let Some(before) = node("words") else { return };
    let before = Function::start(before);
    expected.error = reported("UpstreamGone", HUNG_UP);
    assert_eq!(before.invoke(event), expected);
    assert_eq!(before.invoke(post(r#"{"text":"one"}"#)), words(COOKIE, "one\n"));
}

#[test]
fn node_invalid_body_fails_without_status() {
    let event = post("no JSON");
    let after = invoke(after!("node_words"), event.clone());
    assert_eq!(after.http().0.status, 400);
    assert_eq!(after.error, None);
    let Some(before) = node("words") else { return };
    let before = invoke(before, event);
    assert_eq!(before.prelude, None);
    let error = before.error.expect("an error");
    assert_eq!((error.error_type.as_str(), error.in_trailers), ("SyntaxError", true));
}

#[test]
fn node_rows_are_equal() {
    let event = Event::json(r#"{"count":3}"#);
    let after = Function::start(after!("node_rows"));
    let after = after.lambda().invoke(event.clone());
    assert_eq!(after.text(), "id,square\n1,1\n2,4\n3,9\n");
    assert_eq!(after.content_type(), Some("text/csv"));
    let Some(before) = node("rows") else { return };
    let before = Function::start(before);
    let before = before.lambda().invoke(event);
    assert_eq!(before.content_type(), after.content_type());
    assert_eq!(Received::new(&before), Received::new(&after));
}

#[test]
fn node_error_in_pipeline_ends_the_process() {
    let event = Event::json(r#"{"count":1001}"#);
    let after = invoke(after!("node_rows"), event.clone());
    assert!(after.body.ends_with("1000,1000000\n"), "{}", after.body);
    assert_eq!(after.error, reported("Function.RangeError", "more than 1000 rows"));
    let Some(before) = node("rows") else { return };
    let before = Function::start(before);
    assert_eq!(before.lambda().invoke(event).body_end(), BodyEnd::Truncated);
    assert_eq!(before.process().exit_code(), Some(1));
}

#[test]
fn node_redirects_are_equal() {
    let event = get("/home");
    let after = invoke(after!("node_redirect"), event.clone());
    let prelude = after.prelude.as_ref().expect("a prelude");
    assert_eq!((prelude.status, after.body.as_str()), (302, ""));
    assert_eq!(prelude.header("location"), Some("https://example.com/home"));
    let Some(before) = node("redirect") else { return };
    assert_eq!(invoke(before, event), after);
}

#[test]
fn node_response_without_write_has_no_status() {
    let program = fs::read_to_string(sources().join("node/redirect.mjs")).unwrap();
    let (start, end) = program
        .split_once("  responseStream.write('');\n")
        .expect("the empty write");
    let directory = TemporaryDirectory::new("migration-node");
    fs::write(directory.file("redirect.mjs"), [start, end].concat()).unwrap();
    let Some(before) = node_in(directory.path(), "redirect") else {
        return;
    };
    let before = invoke(before, get("/home"));
    assert_eq!(
        (before.streamed, before.prelude, before.body.as_str()),
        (true, None, "")
    );
}

#[test]
fn go_words_are_equal() {
    let event = get("/?text=one%20two%20three");
    let expected = words(COOKIE, "one\ntwo\nthree\n");
    assert_eq!(invoke(after!("go_url"), event.clone()), expected);
    let output = TemporaryDirectory::new("migration-go");
    let Some(before) = go("url", &output) else { return };
    assert_eq!(invoke(before, event), without_response_mode(expected));
}

#[test]
fn go_error_mid_stream_has_other_type() {
    let event = get("/?text=one%20fail");
    let mut expected = words(COOKIE, "one\n");
    expected.error = reported("Function.UpstreamGone", HUNG_UP);
    assert_eq!(invoke(after!("go_url"), event.clone()), expected);
    let output = TemporaryDirectory::new("migration-go");
    let Some(before) = go("url", &output) else { return };
    expected.error = reported("UpstreamGone", HUNG_UP);
    assert_eq!(invoke(before, event), without_response_mode(expected));
}

#[test]
fn go_rows_are_equal() {
    let event = Event::json(r#"{"count":3}"#);
    let after = Function::start(after!("go_reader"));
    let after = after.lambda().invoke(event.clone());
    assert_eq!(after.text(), "id,square\n1,1\n2,4\n3,9\n");
    assert_eq!(after.content_type(), Some("text/csv"));
    let output = TemporaryDirectory::new("migration-go");
    let Some(before) = go("reader", &output) else { return };
    let before = Function::start(before);
    let before = before.lambda().invoke(event);
    assert_eq!(before.content_type(), after.content_type());
    assert_eq!(Received::new(&before), without_response_mode(Received::new(&after)));
}

#[test]
fn go_servers_are_equal() {
    let event = get("/words?text=one%20two");
    let expected = words_without_id(COOKIE, "one\ntwo\n");
    assert_eq!(invoke(after!("go_server"), event.clone()), expected);
    let output = TemporaryDirectory::new("migration-go");
    let Some(before) = go("server", &output) else { return };
    assert_eq!(invoke(before, event), without_response_mode(expected));
}

/// `lambda-go` sends the body in chunks, but not the header for the response mode.
fn without_response_mode(received: Received) -> Received {
    Received {
        streamed: false,
        ..received
    }
}

#[test]
fn dotnet_words_are_as_documented() {
    let after = Function::start(after!("dotnet_words"));
    let event = get("/?text=one%20two");
    assert_eq!(after.invoke(event), words(COOKIE, "one\ntwo\n"));
    let mut expected = words(COOKIE, "one\n");
    expected.error = reported("Function.UpstreamGone", HUNG_UP);
    assert_eq!(after.invoke(get("/?text=one%20fail")), expected);
}

#[test]
fn dotnet_application_is_as_documented() {
    let after = invoke(after!("dotnet_aspnetcore"), get("/words?text=one%20two"));
    assert_eq!(after, words_without_id("seen=1; path=/; httponly", "one\ntwo\n"));
}
