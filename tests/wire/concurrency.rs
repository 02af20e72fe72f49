//! Several invocations at once, as on Lambda Managed Instances.

use std::time::Duration;

use lambda_stream_tests::{Function, StandIn};
use serde_json::json;

use crate::script;

fn start(at_once: usize) -> (StandIn, Function) {
    let lambda = StandIn::start();
    let mut command = Function::command(env!("CARGO_BIN_EXE_scripted"));
    command.env("AWS_LAMBDA_MAX_CONCURRENCY", at_once.to_string());
    let function = Function::spawn_with(command, &lambda);
    lambda.wait_for_nexts(at_once);
    (lambda, function)
}

#[test]
fn so_many_are_answered_at_the_same_time_and_none_disturbs_another() {
    let (lambda, function) = start(4);
    let hanging = |text: &str| script(json!([{"write": text}, "hang"])).deadline_in(Duration::from_secs(2));
    let hanging: Vec<_> = ["one", "two", "three"]
        .iter()
        .map(|text| (text, lambda.queue(hanging(text))))
        .collect();
    for (text, pending) in &hanging {
        assert_eq!(pending.wait_for_body(|body| body.len() >= text.len()), text.as_bytes());
    }
    // All three are under way, and the fourth loop answers whatever comes.
    assert_eq!(
        lambda
            .invoke(script(json!([{"write": "a"}, {"panic": "boom"}])))
            .error()
            .message,
        "boom"
    );
    assert_eq!(
        lambda.invoke(script(json!([{"fail": "no luck"}]))).error().message,
        "no luck"
    );
    assert_eq!(lambda.invoke(script(json!([{"write": "fine"}]))).text(), "fine");
    for (text, pending) in hanging {
        let answer = pending.wait();
        assert_eq!(
            (answer.text(), answer.error().header_type.as_str()),
            (*text, "Function.Timeout")
        );
    }
    lambda.wait_for_nexts(4);
    assert!(function.is_running());
}

#[test]
fn the_process_ends_with_its_last_loop() {
    let (lambda, function) = start(2);
    lambda.next_answers(500, "{}");
    function.wait_for_stderr(|text| text.contains("was refused with 500") && text.contains("of 2 loops, 1 go on"));
    assert_eq!(lambda.invoke(script(json!([{"write": "alive"}]))).text(), "alive");
    lambda.next_answers(500, "{}");
    assert_eq!(function.exit_code(), Some(1));
}
