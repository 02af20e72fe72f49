//! Bytes leave as they are written: order, chunks, the bound on what is unsent.

use serde_json::{Value, json};
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, example};

use crate::{script, scripted};

fn pieces(count: usize, pause: &str) -> Value {
    (0..count)
        .flat_map(|n| [json!({"write": format!("piece {n:02}")}), json!({ pause: 1 })])
        .collect()
}

#[test]
fn pieces_written_apart_are_chunks_of_their_own() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(pieces(20, "sleep_ms")));
    let chunks: Vec<_> = answer
        .chunks()
        .into_iter()
        .map(|chunk| String::from_utf8(chunk.bytes).unwrap())
        .collect();
    assert_eq!(chunks, (0..20).map(|n| format!("piece {n:02}")).collect::<Vec<_>>());
}

#[test]
fn a_handler_that_never_awaits_but_to_write_streams_too() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(pieces(20, "block_ms")));
    assert_eq!(answer.chunks().len(), 20);
}

#[test]
fn the_first_byte_leaves_while_the_handler_goes_on() {
    let (lambda, _function) = scripted();
    let pending =
        lambda.queue(script(json!([{"write": "first"}, "hang"])).deadline_in(std::time::Duration::from_secs(2)));
    assert_eq!(pending.wait_for_body(|body| body.len() >= 5), b"first");
    assert_eq!(pending.wait().error().header_type, "Function.Timeout");
}

#[test]
fn a_burst_gathers_into_few_chunks() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(
        (0..10_000).map(|_| json!({"write": "0123456789abcdef"})).collect(),
    ));
    assert_eq!(answer.body(), b"0123456789abcdef".repeat(10_000));
    assert!(answer.chunks().len() < 9_000, "{} chunks", answer.chunks().len());
}

#[test]
fn large_pieces_arrive_whole_and_in_order() {
    let (lambda, function) = scripted();
    let answer = lambda.invoke(script(json!([
        {"write_bytes": 1_000_000}, {"send": "middle"}, {"send_chunks": 20}, {"write": "end"}, "flush", "print_bytes_written"
    ])));
    let body = answer.body();
    assert_eq!(body.len(), 1_000_000 + 6 + 20 * 65_536 + 3);
    assert_eq!(&body[1_000_000..1_000_006], b"middle");
    assert!(body.ends_with(b"xend"));
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);
    function.wait_for_stderr(|text| text.contains(&format!("{} bytes were written", body.len())));
    // A chunk holds what the buffer holds, if there is as much.
    let largest = answer.chunks().iter().map(|chunk| chunk.bytes.len()).max();
    assert_eq!(largest, Some(64 * 1024));
}

#[test]
fn it_is_a_writer_and_a_sink() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!([{"copy": "through a writer"}])));
    assert_eq!(
        (answer.text(), answer.body_end()),
        ("through a writer", BodyEnd::LastChunk)
    );
    let answer = lambda.invoke(script(json!([{"feed": ["through ", "a ", "sink"]}, {"fail": "later"}])));
    assert_eq!(
        (answer.text(), answer.error().message.as_str()),
        ("through a sink", "later")
    );
    let answer = lambda.invoke(script(json!([{"copy": "shut down"}, {"fail": "unseen"}])));
    assert_eq!((answer.text(), answer.failed()), ("shut down", false));
    let answer = lambda.invoke(script(json!([{"copy": "shut down"}, {"write": "more"}])));
    assert_eq!((answer.text(), answer.failed()), ("shut down", false));
}

#[test]
fn flush_alone_starts_the_response() {
    let (lambda, _function) = scripted();
    let answer = lambda.invoke(script(json!(["flush", {"content_type": "text/plain"}])));
    assert_eq!(answer.content_type(), Some("application/octet-stream"));
    assert!(answer.error().message.contains("already started"));
}

#[test]
fn one_connection_serves_them_all() {
    let (lambda, _function) = scripted();
    for n in 0..50 {
        let text = format!("answer {n}");
        let answer = match n % 3 {
            0 => lambda.invoke(script(json!([{"write": text}]))),
            1 => lambda.invoke(script(
                json!([{"write": text}, {"sleep_ms": 1}, {"fail": "on purpose"}]),
            )),
            _ => lambda.invoke(script(json!([{"fail": text}]))),
        };
        assert!(String::from_utf8_lossy(answer.body()).contains(&text));
    }
    assert_eq!(lambda.connections(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_large_export_to_a_slow_reader_stays_small() {
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function(example("export"), &lambda);
    // Some twenty times what the sockets hold.
    let answer = lambda.invoke(Event::json(r#"{"megabytes": 60}"#).read_slowly(12_000_000));
    let body = answer.body();
    assert!(body.len() >= 60_000_000, "{} bytes", body.len());
    assert!(body.starts_with(b"order,customer,cents\n0,customer-0,0\n1,customer-1,37\n"));
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);
    let peak = function.resources().peak_memory().unwrap();
    assert!(peak < 16 * 1024, "{peak} KiB");
}
