//! Layers of `Runtime::layer`: their order, what they see, and their failures.

use serde_json::json;
use test_support::{Event, MockRuntimeApi, Process, script};

/// Starts the function `layers` with this value of `LAYER`.
fn start(layer: &str) -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let mut command = Process::command(env!("CARGO_BIN_EXE_layers"));
    command.env("LAYER", layer);
    let function = Process::spawn_function_with(command, &lambda);
    (lambda, function)
}

fn write(text: &str) -> Event {
    script(json!([{"write": text}]))
}

#[test]
fn last_layer_is_outermost() {
    let (lambda, function) = start("print");
    assert_eq!(lambda.invoke(write("a").request_id("id-1")).text(), "a");
    lambda.wait_for_next();
    let length = r#"{"steps":[{"write":"a"}]}"#.len();
    assert_eq!(
        function.shut_down(),
        format!(
            "outer starts id-1 with {length} bytes\ninner starts id-1 with {length} bytes\ninner ends id-1\nouter ends id-1\n"
        )
    );
}

#[test]
fn response_is_sent_while_layer_runs() {
    let (lambda, function) = start("print");
    let invocation = lambda.queue(script(json!([{"write": "a"}, "hang"])));
    invocation.wait_for_body(|body| body == b"a");
    assert!(!function.stderr().contains("ends"));
}

#[test]
fn handler_error_passes_layers_unchanged() {
    for layer in ["print", "time_limit", "none"] {
        let (lambda, _function) = start(layer);
        let error = lambda
            .invoke(script(json!([{"fail_typed": ["Function.Mine", "no luck"]}])))
            .error();
        assert_eq!(
            (error.header_type.as_str(), error.message.as_str()),
            ("Function.Mine", "no luck")
        );
        let response = lambda.invoke(script(
            json!([{"write": "a"}, {"fail_typed": ["Function.Mine", "no luck"]}]),
        ));
        assert_eq!(
            (response.text(), response.error().header_type.as_str()),
            ("a", "Function.Mine")
        );
    }
}

#[test]
fn time_limit_of_layer_fails_invocation() {
    let (lambda, _function) = start("time_limit");
    let response = lambda.invoke(script(json!([{"write": "a"}, "hang"])));
    let error = response.error();
    assert_eq!(
        (response.text(), error.header_type.as_str(), error.message.as_str()),
        ("a", "Function.Error", "request timed out")
    );
    assert_eq!(lambda.invoke(write("b")).text(), "b");
}

#[test]
fn failing_layer_fails_invocation() {
    for (layer, error_type, message) in [
        ("panic_in_call", "Function.Panic", "the layer panicked"),
        ("panic_in_ready", "Function.Panic", "the layer panicked"),
        ("reject", "Function.Error", "the layer rejects the invocation"),
    ] {
        let (lambda, function) = start(layer);
        for _ in 0..2 {
            let error = lambda.invoke(write("a")).error();
            assert_eq!(
                (error.header_type.as_str(), error.message.as_str()),
                (error_type, message)
            );
        }
        lambda.wait_for_next();
        function.signal("TERM");
        assert_eq!(function.exit_code(), Some(0));
    }
}

#[test]
fn panicking_destructor_of_layer_is_survived() {
    let (lambda, function) = start("panic_in_drop");
    assert_eq!(lambda.invoke(write("a")).text(), "a");
    lambda.wait_for_next();
    function.signal("TERM");
    assert_eq!(function.exit_code(), Some(0));
    assert!(function.stderr().contains("the destructor of the layer panicked"));
}
