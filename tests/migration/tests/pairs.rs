//! Compares the programs before and after a migration: the same event, and what Lambda receives.

use lambda_stream_migration_tests::{Event, Process, invoke};

/// Returns the commands of a pair.
macro_rules! pair {
    ($name:literal) => {
        (
            Process::command(env!(concat!("CARGO_BIN_EXE_", $name, "_before"))),
            Process::command(env!(concat!("CARGO_BIN_EXE_", $name, "_after"))),
        )
    };
}

#[test]
fn json_responses_are_equal() {
    let event = Event::json(r#"{"name":"Ada"}"#).request_id("8476a536-e9f4-11e8-9739-2dfe598c3fcd");
    let (before, after) = pair!("json");
    let after = invoke(after, event.clone());
    assert_eq!(
        after.body,
        r#"{"message":"Hello, Ada!","request_id":"8476a536-e9f4-11e8-9739-2dfe598c3fcd"}"#
    );
    assert_eq!(after.error, None);
    assert_eq!(invoke(before, event), after);
}
