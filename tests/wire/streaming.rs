//! Streamed bodies: chunk boundaries, order, the limit of the buffer, and the connection.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, example, script};

use crate::start_scripted;

/// Returns steps that write `count` chunks and pause for a millisecond after each.
fn chunks_with_pauses(count: usize, pause: &str) -> Value {
    (0..count)
        .flat_map(|n| [json!({"write": format!("chunk {n:02}")}), json!({ pause: 1 })])
        .collect()
}

#[test]
fn writes_with_pauses_are_separate_chunks() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(chunks_with_pauses(20, "sleep_ms")));
    let chunks: Vec<_> = response
        .chunks()
        .into_iter()
        .map(|chunk| String::from_utf8(chunk.bytes).unwrap())
        .collect();
    assert_eq!(chunks, (0..20).map(|n| format!("chunk {n:02}")).collect::<Vec<_>>());
}

#[test]
fn handler_that_blocks_between_writes_streams() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(chunks_with_pauses(20, "block_ms")));
    assert_eq!(response.chunks().len(), 20);
}

#[test]
fn first_byte_is_sent_while_handler_runs() {
    let (lambda, _function) = start_scripted();
    let event = script(json!([{"write": "first"}, "hang"])).deadline_in(Duration::from_secs(2));
    let pending = lambda.queue(event);
    assert_eq!(pending.wait_for_body(|body| body.len() >= 5), b"first");
    assert_eq!(pending.wait().error().header_type, "Function.Timeout");
}

#[test]
fn writes_without_pauses_share_chunks() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(
        (0..10_000).map(|_| json!({"write": "0123456789abcdef"})).collect(),
    ));
    assert_eq!(response.body(), b"0123456789abcdef".repeat(10_000));
    assert!(response.chunks().len() < 9_000, "{} chunks", response.chunks().len());
}

#[test]
fn large_writes_are_complete_and_in_order() {
    let (lambda, function) = start_scripted();
    let response = lambda.invoke(script(json!([
        {"write_bytes": 1_000_000}, {"send": "middle"}, {"send_chunks": 20}, {"write": "end"}, "flush", "print_bytes_written"
    ])));
    let body = response.body();
    assert_eq!(body.len(), 1_000_000 + 6 + 20 * 65_536 + 3);
    assert_eq!(&body[1_000_000..1_000_006], b"middle");
    assert!(body.ends_with(b"xend"));
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    function.wait_for_stderr(|text| text.contains(&format!("{} bytes were written", body.len())));
    // A chunk is as large as the buffer if the handler writes faster than the runtime sends.
    let largest = response.chunks().iter().map(|chunk| chunk.bytes.len()).max();
    assert_eq!(largest, Some(256 * 1024));
}

#[test]
fn response_stream_is_async_write_and_sink() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!([{"copy": "through a writer"}])));
    assert_eq!(
        (response.text(), response.body_end()),
        ("through a writer", BodyEnd::LastChunk)
    );
    let response = lambda.invoke(script(
        json!([{"feed": ["through ", "a ", "sink"]}, {"fail": "mid-stream"}]),
    ));
    assert_eq!(
        (response.text(), response.error().message.as_str()),
        ("through a sink", "mid-stream")
    );
    let response = lambda.invoke(script(json!([{"copy": "shut down"}, {"fail": "not reported"}])));
    assert_eq!((response.text(), response.failed()), ("shut down", false));
    let response = lambda.invoke(script(json!([{"copy": "shut down"}, {"write": "more"}])));
    assert_eq!((response.text(), response.failed()), ("shut down", false));
}

#[test]
fn flush_without_write_starts_response() {
    let (lambda, _function) = start_scripted();
    let response = lambda.invoke(script(json!(["flush", {"content_type": "text/plain"}])));
    assert_eq!(response.content_type(), Some("application/octet-stream"));
    assert!(response.error().message.contains("already started"));
}

#[test]
fn all_invocations_use_one_connection() {
    let (lambda, _function) = start_scripted();
    for n in 0..50 {
        let text = format!("response {n}");
        let response = match n % 3 {
            0 => lambda.invoke(script(json!([{"write": text}]))),
            1 => lambda.invoke(script(
                json!([{"write": text}, {"sleep_ms": 1}, {"fail": "on purpose"}]),
            )),
            _ => lambda.invoke(script(json!([{"fail": text}]))),
        };
        assert!(String::from_utf8_lossy(response.body()).contains(&text));
    }
    assert_eq!(lambda.connections(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn large_export_with_slow_reader_uses_little_memory() {
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function(example("export"), &lambda);
    // The export is about twenty times as large as the socket buffers.
    let response = lambda.invoke(Event::json(r#"{"megabytes": 60}"#).read_slowly(12_000_000));
    let body = response.body();
    assert!(body.len() >= 60_000_000, "{} bytes", body.len());
    assert!(body.starts_with(b"order,customer,cents\n0,customer-0,0\n1,customer-1,37\n"));
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    let peak = function.resources().peak_memory().unwrap();
    assert!(peak < 16 * 1024, "{peak} KiB");
}
