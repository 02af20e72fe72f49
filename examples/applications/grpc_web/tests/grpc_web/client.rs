//! Calls by the clients for browsers, `@connectrpc/connect-web` and `grpc-web`, in Node.js.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use test_support::{Process, TemporaryDirectory, packages, serve};

use crate::function;

/// Runs a check of `client.mjs` against the function in local mode.
#[track_caller]
fn check(name: &str) {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(modules) = packages::node("grpc-web", package.join("tests/js")) else {
        return;
    };
    // Node.js looks for packages next to the script. Each check has a copy, because the checks run at the same time.
    let script = modules.join(format!("{name}.mjs"));
    fs::copy(package.join("tests/js/client.mjs"), &script).unwrap();
    let directory = TemporaryDirectory::new(name);
    let details = directory.file("details.bin");
    fs::write(&details, tonic_types::pb::FILE_DESCRIPTOR_SET).unwrap();

    let mut command = Process::command("node");
    command.arg(script).arg(name);
    command.args([Path::new(concat!(env!("OUT_DIR"), "/orders.bin")), &details]);
    command.stdin(Stdio::piped());
    let mut client = Process::spawn(command);
    let warehouse = client.wait_for_stdout(|text| text.ends_with('\n'));
    let mut command = function(warehouse.trim());
    command.arg(format!("--cors=@{}", package.join("cors.json").display()));
    let (function, url) = serve(command);
    client.write_stdin(format!("{url} {}\n", function.id()));
    let code = client.exit_code();
    assert!(
        code == Some(0) && client.stdout().ends_with("passed\n"),
        "{code:?}\n{}\n{}",
        client.stderr(),
        function.stderr()
    );
}

macro_rules! checks {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name));
        }
    )*};
}
checks! {
    binary_request_arrives_unchanged
    concurrent_calls_do_not_wait_for_each_other
    cors_settings_suffice_for_the_client
    crash_before_response_is_unavailable
    crash_mid_stream_is_an_error
    deadline_ends_the_call_and_the_next_call_continues
    error_details_are_decoded
    error_mid_stream_follows_its_messages
    google_client_decodes_text
    messages_arrive_while_the_call_runs
    metadata_is_sent_and_received
    timeout_of_client_is_sent
    unary_call_returns_order
}
