//! The lines that the service prints: one for each request, and those of the function with the id of their request.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::thread;

use serde_json::{Value, json};
use test_support::{Process, connect, send_request};

use crate::echo_function::{request_head, scripted_request};
use crate::serve;

const SCRIPTED: &str = env!("CARGO_BIN_EXE_scripted");

/// Returns a request with these steps and this path.
fn request_to(path: &str, steps: Value) -> Vec<u8> {
    let request = String::from_utf8(scripted_request(steps)).unwrap();
    request.replacen("POST /", &format!("POST {path}"), 1).into_bytes()
}

/// Waits for the line of the request to `path`.
#[track_caller]
fn request_line(service: &Process, path: &str) -> String {
    let is_line = |line: &&str| line.contains(&format!(" POST {path} ")) && line.contains("  total ");
    let complete_lines = |text: &str| text.rsplit_once('\n').unwrap_or_default().0.to_owned();
    let text = service.wait_for_stderr(|text| complete_lines(text).lines().any(|line| is_line(&line)));
    complete_lines(&text).lines().find(is_line).unwrap().to_owned()
}

/// Returns the path of a file that does not exist yet.
fn new_file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("lambda-stream-terminal-{name}-{}", std::process::id()))
}

#[test]
fn successful_request_has_one_line() {
    let (service, url) = serve(SCRIPTED);
    let steps = json!([{"content_type": "text/plain"}, {"write": "one"}, "flush", {"write": "two"}]);
    assert_eq!(send_request(&url, request_to("/chat?x=1", steps)).text(), "onetwo");
    let line = request_line(&service, "/chat?x=1");
    for part in [
        " 200 POST ",
        "  first byte ",
        "  total ",
        " 6 B ",
        " 2 chunks  env 1 ",
        "  cold start (init ",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!line.contains('\x1b'), "{line}");
    send_request(&url, request_to("/second", json!([{"write": "one"}])));
    let line = request_line(&service, "/second");
    assert!(line.contains("  env 1") && !line.contains("cold start"), "{line}");
    assert_eq!(service.stderr().matches("  total ").count(), 2);
}

#[test]
fn failed_request_shows_error() {
    let (service, url) = serve(SCRIPTED);
    let steps = json!([{"fail_typed": ["Order.Missing", "no order\nwith this id"]}]);
    assert_eq!(send_request(&url, request_to("/early", steps)).status(), 502);
    let line = request_line(&service, "/early");
    assert!(line.contains(" 502 POST /early "), "{line}");
    assert!(
        line.ends_with(r"  error: Order.Missing: no order\nwith this id"),
        "{line}"
    );

    let steps = json!([{"write": "one"}, "flush", {"fail": "too late"}]);
    assert_eq!(send_request(&url, request_to("/late", steps)).status(), 200);
    let line = request_line(&service, "/late");
    assert!(line.contains(" 200 POST /late "), "{line}");
    assert!(line.ends_with("  mid-stream error: Function.Error: too late"), "{line}");
}

#[test]
fn aborted_process_has_a_line() {
    let (service, url) = serve(SCRIPTED);
    assert_eq!(send_request(&url, request_to("/abort", json!(["abort"]))).status(), 502);
    let line = request_line(&service, "/abort");
    assert!(
        line.contains(" 502 ") && line.contains("  error: Runtime.ExitError: "),
        "{line}"
    );
    let stderr = service.wait_for_stderr(|text| text.contains(" environment ended: ") && text.ends_with('\n'));
    let line = stderr
        .lines()
        .find(|line| line.contains(" environment ended: "))
        .unwrap();
    assert!(line.starts_with("env 1    ") && line.contains("SIGABRT"), "{line}");

    // The environment ends by itself at the shutdown, which has no line.
    assert_eq!(
        send_request(&url, request_to("/next", json!([{"write": "one"}]))).status(),
        200
    );
    assert!(request_line(&service, "/next").contains("  env 2 "));
    service.signal("TERM");
    assert_eq!(service.exit_code(), Some(0));
    assert_eq!(service.stderr().matches(" environment ended: ").count(), 1);
}

#[test]
fn disconnected_caller_has_no_status() {
    let (service, url) = serve(SCRIPTED);
    let file = new_file("disconnect");
    let script = json!({"steps": [{"print": "running"}, {"await_file": file}, {"write": "one"}]}).to_string();
    let length = format!("Content-Length: {}", script.len());
    let head = request_head(
        "POST /gone",
        &[&length, "Content-Type: application/json", "Expect: 100-continue"],
    );
    let mut client = connect(&url);
    client.write_all(head.as_bytes()).unwrap();
    // The bytes stay unread, so that the system resets the connection when it is closed.
    assert_eq!(client.peek(&mut [0]).unwrap(), 1);
    client.write_all(script.as_bytes()).unwrap();
    service.wait_for_stdout(|text| text.contains("running"));
    drop(client);
    // The server processes the disconnection before it serves another request.
    send_request(&url, request_to("/other", json!([{"write": "one"}])));
    fs::write(&file, "").unwrap();
    let line = request_line(&service, "/gone");
    fs::remove_file(&file).unwrap();
    assert!(
        line.contains(" --- POST /gone ") && line.ends_with("caller disconnected"),
        "{line}"
    );
}

#[test]
fn log_lines_have_id_of_their_request() {
    let (service, url) = serve(SCRIPTED);
    let file = new_file("logs");
    let clients: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|name| {
            let steps = json!([
                {"print": format!("{name} begins\n{name} waits")},
                {"await_file": file},
                {"print": format!("{{\"name\": \"{name}\"}}")},
                {"print_error": format!("\x1b[31m{name}\x1b[0m ends")},
                {"write": "one"}
            ]);
            let (url, request) = (url.clone(), request_to(&format!("/{name}"), steps));
            thread::spawn(move || send_request(&url, request).status())
        })
        .collect();
    service.wait_for_stdout(|text| text.matches("waits\n").count() == 3);
    fs::write(&file, "").unwrap();
    for client in clients {
        assert_eq!(client.join().unwrap(), 200);
    }
    for name in ["a", "b", "c"] {
        let line = request_line(&service, &format!("/{name}"));
        let (id, _) = line.split_once(' ').unwrap();
        assert_eq!(id.len(), 8, "{line}");
        let expected = [
            format!("{id} {name} begins"),
            format!("{id} {name} waits"),
            format!("{{\"name\": \"{name}\"}}"),
        ];
        let has_all = |text: &str| expected.iter().all(|line| text.lines().any(|other| other == line));
        service.wait_for_stdout(has_all);
        let expected = format!("{id} \x1b[31m{name}\x1b[0m ends");
        service.wait_for_stderr(|text| text.lines().any(|line| line == expected));
    }
    fs::remove_file(&file).unwrap();
}

#[test]
fn shutdown_prints_all_lines() {
    let (service, url) = serve(SCRIPTED);
    let text: Vec<String> = (0..5_000).map(|number| format!("line {number}")).collect();
    let steps = json!([{"print": text.join("\n")}, {"write": "one"}]);
    send_request(&url, scripted_request(steps));
    service.signal("TERM");
    assert_eq!(service.exit_code(), Some(0));
    let stdout = service.stdout();
    let lines: Vec<&str> = stdout
        .lines()
        .filter_map(|line| Some(line.split_once(' ')?.1))
        .collect();
    assert!(lines == text, "{} lines", lines.len());
}

#[test]
fn in_process_mode_prints_request_lines() {
    let mut command = Process::command(SCRIPTED);
    command.args(["--port", "0", "--in-process"]);
    let service = Process::spawn(command);
    let url = service.wait_for_url();
    let steps = json!([{"print": "hello"}, {"write": "one"}]);
    assert_eq!(send_request(&url, request_to("/here", steps)).text(), "one");
    assert!(request_line(&service, "/here").contains(" 200 POST /here "));
    assert_eq!(service.stdout(), "hello\n");
}
