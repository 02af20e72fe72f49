//! The forms of a handler, as they answer: streams, JSON, without the attribute, and the examples.

use serde_json::json;
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, ResponseKind, example};

use crate::start;

#[test]
fn the_items_of_a_returned_stream_are_the_body() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_items"));
    let answer = lambda.invoke(Event::json(json!({"items": ["one ", "two ", "three"]}).to_string()));
    assert_eq!(
        (answer.kind(), answer.text(), answer.body_end()),
        (ResponseKind::Response, "one two three", BodyEnd::LastChunk)
    );
    let answer = lambda.invoke(Event::json("{}"));
    assert_eq!((answer.kind(), answer.text()), (ResponseKind::Response, ""));
    assert_eq!(answer.header("Transfer-Encoding"), Some("chunked"));
}

#[test]
fn json_is_one_answer_with_its_length() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_sum"));
    let answer = lambda.invoke(Event::json("[1, 2, 39]"));
    assert_eq!(
        (answer.kind(), answer.text(), answer.body_end()),
        (ResponseKind::Response, "42", BodyEnd::ContentLength)
    );
    assert_eq!(answer.content_type(), Some("application/json"));
    assert_eq!(answer.header("Lambda-Runtime-Function-Response-Mode"), None);
    let answer = lambda.invoke(Event::json(format!("[1, {}]", u64::MAX)));
    assert_eq!(
        (answer.kind(), answer.error().message.as_str()),
        (ResponseKind::Error, "the sum is too large")
    );
    assert_eq!(answer.error().header_type, "Function.Error");
    assert_eq!(lambda.invoke(Event::json("[]")).text(), "0");
}

#[test]
fn without_the_attribute_it_is_the_same() {
    let (lambda, _function) = start(env!("CARGO_BIN_EXE_builder"));
    let answer = lambda.invoke(Event::json(r#""a longer text""#));
    assert_eq!(
        (answer.text(), answer.body_end()),
        (r#"> "a longer text""#, BodyEnd::LastChunk)
    );
    // Its buffer holds four bytes.
    assert!(answer.chunks().iter().all(|chunk| chunk.bytes.len() <= 4));

    let (lambda, _function) = start(env!("CARGO_BIN_EXE_closure"));
    let answer = lambda.invoke(Event::json(r#""Ada""#));
    assert_eq!((answer.text(), answer.body_end()), ("Hello, Ada", BodyEnd::LastChunk));
}

#[test]
fn the_attribute_says_how_many_threads_there_are() {
    let threads = |attribute: &str, at_once: &str| {
        let lambda = MockRuntimeApi::start();
        let mut command = Process::command(env!("CARGO_BIN_EXE_runtime_flavors"));
        command
            .env("ATTRIBUTE", attribute)
            .env("AWS_LAMBDA_MAX_CONCURRENCY", at_once);
        let _function = Process::spawn_function_with(command, &lambda);
        lambda.invoke(Event::json("{}")).json()
    };
    let one = json!({"flavor": "CurrentThread", "workers": 1});
    let three = json!({"flavor": "MultiThread", "workers": 3});
    // Nothing said: several only where several events come at once.
    assert_eq!(threads("default", "1"), one);
    assert_eq!(threads("default", "2")["flavor"], "MultiThread");
    assert_eq!(threads("current_thread", "2"), one);
    assert_eq!(threads("three_workers", "1"), three);
}

#[test]
fn the_examples_answer() {
    let lambda = MockRuntimeApi::start();
    let hello = Process::spawn_function(example("hello"), &lambda);
    let answer = lambda.invoke(Event::json(r#"{"name": "Ada"}"#));
    assert_eq!(answer.text(), "Hello, Ada, this is a stream.\n");
    assert_eq!(answer.chunks().len(), 7);
    drop(hello);

    let lambda = MockRuntimeApi::start();
    let tokens = Process::spawn_function(example("tokens"), &lambda);
    let answer = lambda.invoke(Event::json(r#"{"text": "one two  three"}"#));
    assert_eq!(answer.text(), "one two three \n");
    assert_eq!(answer.chunks()[1].bytes, b"two ");
    drop(tokens);

    let lambda = MockRuntimeApi::start();
    let failing = Process::spawn_function(example("failing"), &lambda);
    let answer = lambda.invoke(Event::function_url("GET", "/"));
    assert_eq!(answer.prelude().1, b"chunk 1\nchunk 2\nchunk 3\n");
    assert_eq!(answer.error().header_type, "Function.UpstreamGone");
    drop(failing);

    let lambda = MockRuntimeApi::start();
    let _with_state = Process::spawn_function(example("with_state"), &lambda);
    for visit in 1..=2 {
        let answer = lambda.invoke(Event::json("{}").request_id("id-9"));
        assert_eq!(
            answer.text(),
            format!("Welcome: visit {visit} since the cold start\nrequest id-9\n")
        );
    }
}
