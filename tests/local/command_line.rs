//! Command-line arguments: help, ports, `--host`, and errors in arguments.

use test_support::{Process, example};

use crate::{run_curl, serve};

/// Starts the example `hello` with these arguments.
fn start_hello(arguments: &[&str]) -> Process {
    let mut command = Process::command(example("hello"));
    command.args(arguments);
    Process::spawn(command)
}

#[test]
fn help_is_printed_to_standard_output() {
    for flag in ["--help", "-h"] {
        let function = start_hello(&[flag]);
        assert_eq!(function.exit_code(), Some(0));
        let help = function.stdout();
        assert!(
            ["Usage: hello", "Serving:", "--port", "--event", "@", "9000"]
                .iter()
                .all(|word| help.contains(word)),
            "{help}"
        );
    }
}

#[test]
fn invalid_arguments_exit_with_status_2() {
    let cases: [(&[&str], &str); 11] = [
        (&["--prot", "1"], "unknown argument `--prot`, did you mean `--port`?"),
        (&["--limits", "bandwith"], "did you mean `bandwidth`?"),
        (&["--rest-api", "--auth=none"], "cannot be combined"),
        (&["--cors", "{\"AllowOrigin\": []}"], "expected one of `AllowOrigins`"),
        (&["serve"], "serve"),
        (&["--port"], "--port"),
        (&["--port", "many"], "many"),
        (&["--port", "70000"], "70000"),
        (&["--event", "{not json"], "JSON"),
        (&["--event", "@/no/such/file"], "/no/such/file"),
        (&["--port", "0", "--event", "{}"], "--event"),
    ];
    for (arguments, named) in cases {
        let function = start_hello(arguments);
        let exit_code = function.exit_code();
        let stderr = function.stderr();
        assert_eq!(exit_code, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(named), "{arguments:?}: {stderr}");
        assert!(stderr.contains("--help"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn completion_script_is_printed_to_standard_output() {
    let function = start_hello(&["--completions", "bash"]);
    assert_eq!(function.exit_code(), Some(0));
    let script = function.stdout();
    assert!(script.contains("complete -F _hello"), "{script}");
}

#[test]
fn invalid_host_argument_exits_with_error() {
    let run = |arguments: &[&str]| {
        let function = start_hello(arguments);
        (function.exit_code(), function.stderr())
    };
    // An address for documentation (RFC 5737), which no machine has.
    let (exit_code, stderr) = run(&["--host", "192.0.2.1", "--port", "0"]);
    assert_eq!(exit_code, Some(1), "{stderr}");
    assert!(
        stderr.contains("failed to listen on 192.0.2.1:0") && stderr.contains("another IP address of this machine"),
        "{stderr}"
    );
    for (arguments, named) in [
        (&["--host", "my-laptop"][..], "`my-laptop`"),
        (&["--host", "0.0.0.0:80"], "`0.0.0.0:80`"),
        (&["--host"], "--host needs a value"),
        (&["--host", "0.0.0.0", "--event", "{}"], "--event"),
    ] {
        let (exit_code, stderr) = run(arguments);
        assert_eq!(exit_code, Some(2), "{stderr}");
        assert!(stderr.contains(named), "{stderr}");
    }
}

#[test]
fn default_port_in_use_selects_next_free_port() {
    let first = start_hello(&[]);
    let second = start_hello(&[]);
    let (first_url, second_url) = (first.wait_for_url(), second.wait_for_url());
    assert_ne!(first_url, second_url);
    for url in [&first_url, &second_url] {
        assert!(url.starts_with("http://127.0.0.1:90"), "{url}");
        assert_eq!(run_curl(&[url]).1, Some(0));
    }
}

#[test]
fn explicit_port_in_use_exits_with_error() {
    let (_first, url) = serve(example("hello"));
    let port = url.rsplit(':').next().unwrap();
    let second = start_hello(&["--port", port]);
    assert_eq!(second.exit_code(), Some(1));
    let stderr = second.stderr();
    assert!(stderr.contains(port), "{stderr}");
}

#[test]
#[cfg(target_os = "linux")]
fn ctrl_c_exits_with_status_0() {
    // If a shell runs this test in the background, the test and its children ignore SIGINT. `env` restores the default.
    let mut command = Process::command("env");
    command
        .arg("--default-signal=INT")
        .arg(example("hello"))
        .args(["--port", "0"]);
    let function = Process::spawn(command);
    // The signal handlers are installed before the first response.
    run_curl(&[&function.wait_for_url()]);
    function.signal("INT");
    assert_eq!(function.exit_code(), Some(0));
}
