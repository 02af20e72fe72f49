//! `gzip`: a compressed stream that is flushed after each line, for clients that accept gzip.

use std::io::Write as _;

use flate2::write::GzDecoder;
use serde_json::{Value, json};
use test_support::{BodyEnd, Event, MockRuntimeApi, Process, example};

use crate::HttpResponse;

fn start() -> (MockRuntimeApi, Process) {
    test_support::start(example("gzip"))
}

/// Returns the text that a client can decode after each chunk.
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
fn each_line_is_flushed_separately() {
    let (lambda, _function) = start();
    let response = lambda.invoke(Event::function_url("GET", "/").header("Accept-Encoding", "gzip"));
    let http = HttpResponse::of(&response);
    assert_eq!(http.status, 200);
    assert_eq!(
        http.headers,
        json!({"content-type": "application/x-ndjson", "content-encoding": "gzip", "vary": "accept-encoding"})
    );
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    // The first two chunks are the prelude and its delimiter.
    let texts = decoded(response.chunks().into_iter().skip(2).map(|chunk| chunk.bytes));
    let complete = texts.last().unwrap();
    let lines: Vec<&str> = complete.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 10, "{complete}");
    for (n, line) in lines.iter().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&line["minute"], line["celsius"].is_number()), (&json!(n), true));
        let prefix = lines[..=n].concat();
        assert!(texts.contains(&prefix), "line {n} was not flushed before the next line");
    }
    let mut reader = flate2::read::GzDecoder::new(http.body);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut reader, &mut text).expect("a complete gzip file with a valid checksum");
    assert_eq!(&text, complete);
}

#[test]
fn accept_encoding_selects_compression() {
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
    // All functions run at the same time, because each response takes seconds.
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
        let response = pending.wait();
        let http = HttpResponse::of(&response);
        let encoding = http.header("content-encoding");
        assert_eq!(encoding, compressed.then_some("gzip"), "{accepted:?}");
        assert_eq!(http.header("vary"), Some("accept-encoding"), "{accepted:?}");
        if !compressed {
            assert!(http.body.starts_with(b"{\"minute\":0,"), "{accepted:?}");
            assert_eq!(http.body.split(|byte| *byte == b'\n').count(), 11, "{accepted:?}");
        }
    }
}
