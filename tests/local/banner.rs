//! The banner: what a function prints when it is initialized.

use test_support::{Process, example};

use crate::run_curl;

fn spawn(arguments: &[&str]) -> Process {
    let mut command = Process::command(example("hello"));
    command.args(["--port", "0"]).args(arguments);
    Process::spawn(command)
}

/// Returns the banner, which ends with an empty line.
fn banner_of(function: &Process) -> String {
    let text = function.wait_for_stderr(|text| text.contains("Hot reload") && text.ends_with("\n\n"));
    assert!(!text.contains('\x1b'), "escape sequences without a terminal: {text:?}");
    text
}

/// Returns the value in the row with this label.
fn row<'a>(banner: &'a str, label: &str) -> &'a str {
    let row = banner.lines().find_map(|line| line.trim_start().strip_prefix(label));
    row.unwrap_or_else(|| panic!("no row {label}: {banner}")).trim_start()
}

#[test]
fn banner_shows_urls_and_commands() {
    let function = spawn(&[]);
    let banner = banner_of(&function);
    let url = function.wait_for_url();
    assert!(
        banner.starts_with("lambda-stream: hello is ready, initialized in "),
        "{banner}"
    );
    assert_eq!(row(&banner, "Function URL"), format!("{url}/"));
    assert_eq!(row(&banner, "Viewer"), format!("{url}/_stream/"));
    assert!(row(&banner, "AWS SDKs").starts_with(&format!("AWS_ENDPOINT_URL_LAMBDA={url}, ")));
    assert!(row(&banner, "AWS CLI").contains("--function-name hello "));
    assert_eq!(row(&banner, "Runs in"), "up to 10 environments, timeout 30 s");
    // The command is the one to copy.
    let command: Vec<&str> = row(&banner, "Try").split(' ').collect();
    assert_eq!(command[..2], ["curl", "-N"]);
    let (response, exit_code) = run_curl(&command[1..]);
    assert_eq!(exit_code, Some(0));
    assert!(!response.is_empty());
}

#[test]
fn banner_follows_options() {
    let function = spawn(&["--in-process", "--rest-api", "--limits", "all", "--timeout", "5"]);
    let banner = banner_of(&function);
    assert_eq!(row(&banner, "REST API"), format!("{}/", function.wait_for_url()));
    assert_eq!(
        row(&banner, "Runs in"),
        "this process, timeout 5 s, limits: size, prelude, bandwidth, idle"
    );
    assert_eq!(row(&banner, "Hot reload"), "off, because of --in-process");
}

#[test]
fn failed_initialization_is_in_banner() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_all_parameters"));
    command.args(["--port", "0"]).env("INIT", "error");
    let function = Process::spawn(command);
    let banner = function.wait_for_stderr(|text| text.contains("Hot reload"));
    assert!(
        banner.contains("lambda-stream: all_parameters failed to initialize: ")
            && banner.contains("requests fail until it initializes"),
        "{banner}"
    );
    assert!(!banner.contains("is ready"), "{banner}");
    // The function says why.
    assert!(banner.contains("the database is not available"), "{banner}");
    assert!(function.is_running());
}

#[test]
fn signal_during_initialization_prints_no_banner() {
    let mut command = Process::command(env!("CARGO_BIN_EXE_environment"));
    command.args(["--port", "0", "--env", "INIT=hang"]);
    let function = Process::spawn(command);
    function.wait_for_stderr(|text| text.contains("hanging"));
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    let stderr = function.stderr();
    assert!(!stderr.contains("http://"), "{stderr}");
}
