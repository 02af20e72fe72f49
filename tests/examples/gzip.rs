//! `gzip`: each line through the compressor as it is measured, for callers who take it.

use std::io::Write as _;

use flate2::write::GzDecoder;
use serde_json::{Value, json};
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, example};

use crate::HttpResponse;

fn start() -> (MockRuntimeApi, Process) {
    let lambda = MockRuntimeApi::start();
    let function = Process::spawn_function(example("gzip"), &lambda);
    (lambda, function)
}

/// The texts that can be read after each chunk.
fn decoded(chunks: impl Iterator<Item = Vec<u8>>) -> Vec<String> {
    let mut decoder = GzDecoder::new(Vec::new());
    let texts = chunks.map(|chunk| {
        decoder.write_all(&chunk).unwrap();
        decoder.flush().unwrap();
        String::from_utf8(decoder.get_ref().clone()).unwrap()
    });
    texts.collect()
}

#[test]
fn each_line_can_be_read_when_it_is_there() {
    let (lambda, _function) = start();
    let answer = lambda.invoke(Event::function_url("GET", "/").header("Accept-Encoding", "gzip"));
    let response = HttpResponse::of(&answer);
    assert_eq!(response.status, 200);
    assert_eq!(
        response.headers,
        json!({"content-type": "application/x-ndjson", "content-encoding": "gzip", "vary": "accept-encoding"})
    );
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);
    // Behind the prelude and its eight NUL bytes.
    let texts = decoded(answer.chunks().into_iter().skip(2).map(|chunk| chunk.bytes));
    let whole = texts.last().unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 10, "{whole}");
    for (n, line) in lines.iter().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&line["minute"], line["celsius"].is_number()), (&json!(n), true));
        let so_far = lines[..=n].concat();
        assert!(texts.contains(&so_far), "line {n} came together with the next");
    }
    let mut reader = flate2::read::GzDecoder::new(response.body);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut reader, &mut text).expect("a whole gzip file, checksum included");
    assert_eq!(&text, whole);
}

#[test]
fn the_caller_chooses() {
    let cases = [
        (None, false),
        (Some(""), false),
        (Some("identity"), false),
        (Some("br, deflate"), false),
        (Some("gzip"), true),
        (Some("GZIP"), true),
        (Some("x-gzip"), true),
        (Some("br, gzip;q=0.5"), true),
        (Some("gzip ; q=0.001"), true),
        (Some("gzip;q=0"), false),
        (Some("gzip;q=0.000, *"), false),
        (Some("gzip;q=many"), false),
        (Some("*"), true),
        (Some("*;q=0"), false),
        (Some("br;q=1.0, *;q=0.1"), true),
    ];
    // All at once: each takes its time.
    let functions: Vec<_> = cases.iter().map(|_| start()).collect();
    let pending: Vec<_> = cases
        .iter()
        .zip(&functions)
        .map(|((accepted, _), (lambda, _))| {
            let mut event = Event::function_url("GET", "/");
            if let Some(accepted) = accepted {
                event = event.header("Accept-Encoding", accepted);
            }
            lambda.queue(event)
        })
        .collect();
    for ((accepted, compressed), pending) in cases.iter().zip(pending) {
        let answer = pending.wait();
        let response = HttpResponse::of(&answer);
        let encoding = response.header("content-encoding");
        assert_eq!(encoding, compressed.then_some("gzip"), "{accepted:?}");
        assert_eq!(response.header("vary"), Some("accept-encoding"), "{accepted:?}");
        if !compressed {
            assert!(response.body.starts_with(b"{\"minute\":0,"), "{accepted:?}");
            assert_eq!(response.body.split(|byte| *byte == b'\n').count(), 11, "{accepted:?}");
        }
    }
}
