//! What stands behind the program's name: ports, help, and what cannot be understood.

use test_support::{Process, example};

use crate::{fetched, serve};

fn run(arguments: &[&str]) -> Process {
    let mut command = Process::command(example("hello"));
    command.args(arguments);
    Process::spawn(command)
}

#[test]
fn help_names_every_argument() {
    for flag in ["--help", "-h"] {
        let function = run(&[flag]);
        assert_eq!(function.exit_code(), Some(0));
        let help = function.stdout();
        assert!(
            ["--port", "--host", "--event", "@", "9000"]
                .iter()
                .all(|word| help.contains(word)),
            "{help}"
        );
    }
}

#[test]
fn what_cannot_be_understood_is_named_and_the_exit_status_is_2() {
    let faults: [(&[&str], &str); 8] = [
        (&["--prot", "1"], "--prot"),
        (&["serve"], "serve"),
        (&["--port"], "--port"),
        (&["--port", "many"], "many"),
        (&["--port", "70000"], "70000"),
        (&["--event", "{not json"], "JSON"),
        (&["--event", "@/no/such/file"], "/no/such/file"),
        (&["--port", "0", "--event", "{}"], "--event"),
    ];
    for (arguments, named) in faults {
        let function = run(arguments);
        let status = function.exit_code();
        let said = function.stderr();
        assert_eq!(status, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(named), "{arguments:?}: {said}");
        assert!(said.contains("--help"), "{arguments:?}: {said}");
    }
}

#[test]
fn the_default_port_gives_way_to_the_next_free_one() {
    let first = run(&[]);
    let second = run(&[]);
    let (first_url, second_url) = (first.wait_for_url(), second.wait_for_url());
    assert_ne!(first_url, second_url);
    for url in [&first_url, &second_url] {
        assert!(url.starts_with("http://127.0.0.1:90"), "{url}");
        assert_eq!(fetched(&[url]).1, Some(0));
    }
}

#[test]
fn a_port_that_was_asked_for_is_that_port_or_an_error() {
    let (_first, url) = serve(example("hello"));
    let port = url.rsplit(':').next().unwrap();
    let second = run(&["--port", port]);
    assert_eq!(second.exit_code(), Some(1));
    let said = second.stderr();
    assert!(said.contains(port), "{said}");
}

#[test]
#[cfg(target_os = "linux")]
fn ctrl_c_ends_it() {
    // A shell starts what it puts into the background with the signal ignored, and so this test perhaps; a terminal
    // does not.
    let mut command = Process::command("env");
    command
        .arg("--default-signal=INT")
        .arg(example("hello"))
        .args(["--port", "0"]);
    let function = Process::spawn(command);
    // Once it has answered, it hears signals.
    fetched(&[&function.wait_for_url()]);
    function.signal("INT");
    assert_eq!(function.exit_code(), Some(0));
}
