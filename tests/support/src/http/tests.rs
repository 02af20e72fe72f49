use std::time::Instant;

use super::head::SECTION_LIMIT;
use super::{BodyEnd, Fields, RecordedRequest};

const HEAD: &str = "POST /x HTTP/1.1\r\nHost: lambda\r\nTransfer-Encoding: chunked\r\nTrailer: Reason\r\n\r\n";

fn parse(bytes: &[u8]) -> Result<RecordedRequest, String> {
    let mut request = RecordedRequest::default();
    request.push(bytes, Instant::now())?;
    Ok(request)
}

fn violation(bytes: impl AsRef<[u8]>) -> String {
    parse(bytes.as_ref()).expect_err("a violation")
}

fn pairs(fields: &Fields) -> Vec<(&str, &str)> {
    fields.iter().collect()
}

#[test]
fn chunked_request_split_anywhere_parses_the_same() {
    let bytes = format!("{HEAD}5\r\nhello\r\nA\r\n, \r\nworld\0\r\n0\r\nReason: over \r\n\r\n");
    let bytes = bytes.as_bytes();
    for split in 0..=bytes.len() {
        let mut request = RecordedRequest::default();
        for part in [&bytes[..split], &bytes[split..]] {
            request.push(part, Instant::now()).expect("no violation");
        }
        assert_eq!(request.raw(), bytes);
        assert_eq!(request.body(), b"hello, \r\nworld\0");
        let chunks: Vec<_> = request.chunks().map(|(chunk, _)| chunk).collect();
        assert_eq!(chunks, [b"hello".as_slice(), b", \r\nworld\0"]);
        assert_eq!(pairs(request.trailers()), [("Reason", "over")]);
        assert_eq!(request.body_end(), Some(BodyEnd::LastChunk));
        let reads: Vec<_> = request.reads().map(|(read, _)| read).collect();
        assert_eq!(reads, [&bytes[..split], &bytes[split..]]);
        let head = request.head().expect("a head");
        assert_eq!((&*head.method, &*head.path), ("POST", "/x"));
        assert_eq!(head.headers.get("HOST"), Some("lambda"));
    }
}

#[test]
fn incomplete_request_is_never_complete() {
    let bytes = format!("{HEAD}5\r\nhello\r\n0\r\nReason: over\r\n\r\n");
    for size in 0..bytes.len() {
        let mut request = parse(&bytes.as_bytes()[..size]).expect("no violation");
        assert_eq!(request.body_end(), None, "after {size} bytes");
        match size < HEAD.len() {
            true => assert!(request.truncate().is_err(), "after {size} bytes"),
            false => {
                request.truncate().expect("no violation");
                assert_eq!(request.body_end(), Some(BodyEnd::Truncated));
            }
        }
    }
}

#[test]
fn counted_body_ends_at_content_length() {
    let head = "POST /x HTTP/1.1\r\nHost: lambda\r\nContent-Length: 5\r\n\r\n";
    let request = parse(format!("{head}hello").as_bytes()).expect("no violation");
    assert_eq!(request.body(), b"hello");
    assert_eq!(request.body_end(), Some(BodyEnd::ContentLength));
    let request = parse(format!("{head}hell").as_bytes()).expect("no violation");
    assert_eq!(request.body_end(), None);
}

#[test]
fn invalid_head_is_a_violation() {
    for (head, words) in [
        ("GET /x HTTP/1.1\nHost: a\n\n", "without CR"),
        ("GET /x HTTP/1.0\r\n", "invalid request line"),
        ("GET  /x HTTP/1.1\r\n", "invalid request line"),
        ("GET x HTTP/1.1\r\n", "invalid request line"),
        ("G\u{e9}T /x HTTP/1.1\r\n", "invalid request line"),
        ("GET /x HTTP/1.1\r\nHost\r\n", "without a colon"),
        ("GET /x HTTP/1.1\r\nHost : a\r\n", "not a token"),
        ("GET /x HTTP/1.1\r\nHost: a\r\n folded: b\r\n", "not a token"),
        ("GET /x HTTP/1.1\r\nHost: a\rb\r\n", "control character"),
        ("GET /x HTTP/1.1\r\nHost: a\0\r\n", "control character"),
        ("GET /x HTTP/1.1\r\n\r\n", "exactly one Host"),
        ("GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "exactly one Host"),
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
            "ambiguous framing",
        ),
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
            "invalid Content-Length",
        ),
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "ambiguous framing",
        ),
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            "ambiguous framing",
        ),
    ] {
        let violation = violation(head);
        assert!(violation.contains(words), "{head:?}: {violation}");
    }
}

#[test]
fn invalid_chunk_is_a_violation() {
    for (body, words) in [
        ("hello", "invalid chunk size"),
        ("0x5\r\nhello", "invalid chunk size"),
        ("5;name=value\r\nhello", "invalid chunk size"),
        ("\r\n", "invalid chunk size"),
        ("5\nhello", "without CR"),
        ("11112222333344445\r\n", "no line end within 18 bytes"),
        ("5\r\nhello!\r\n", "no CRLF after chunk data"),
        ("5\r\nhello\r!", "no CRLF after chunk data"),
        ("0\r\nReason over\r\n", "without a colon"),
    ] {
        let violation = violation(format!("{HEAD}{body}"));
        assert!(violation.contains(words), "{body:?}: {violation}");
    }
}

#[test]
fn head_of_maximum_size_is_accepted() {
    let before = "GET /x HTTP/1.1\r\nHost: a\r\nLong: ";
    let padded = |size: usize| format!("{before}{}\r\n\r\n", "x".repeat(size - before.len() - 4));
    let request = parse(padded(SECTION_LIMIT).as_bytes()).expect("no violation");
    assert_eq!(request.body_end(), Some(BodyEnd::ContentLength));
    assert!(violation(padded(SECTION_LIMIT + 1)).contains("no line end within"));
}

#[test]
fn bytes_after_the_request_are_returned() {
    for body in [
        "Content-Length: 2\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let message = format!("POST /x HTTP/1.1\r\nHost: lambda\r\n{body}");
        let mut request = RecordedRequest::default();
        let rest = request.push(format!("{message}GET /").as_bytes(), Instant::now());
        assert_eq!(rest, Ok(b"GET /".to_vec()));
        assert_eq!(request.raw(), message.as_bytes());
        let reads: Vec<_> = request.reads().map(|(read, _)| read).collect();
        assert_eq!(reads, [message.as_bytes()]);
    }
}

#[test]
fn trailer_section_has_its_own_size_limit() {
    let body = "x".repeat(SECTION_LIMIT);
    let before_trailers = format!("{HEAD}{SECTION_LIMIT:x}\r\n{body}\r\n0\r\n");
    let request = parse(format!("{before_trailers}Reason: over\r\n\r\n").as_bytes());
    let request = request.expect("no violation");
    assert_eq!(pairs(request.trailers()), [("Reason", "over")]);
    assert!(violation(format!("{before_trailers}Reason: {body}\r\n")).contains("no line end within"));
}

#[test]
fn discarded_body_is_counted() {
    let bytes = format!("{HEAD}5\r\nhello\r\nA\r\n, \r\nworld\0\r\n0\r\nReason: over\r\n\r\nnext");
    let bytes = bytes.as_bytes();
    for split in HEAD.len()..bytes.len() - 4 {
        let mut request = parse(&bytes[..split]).expect("no violation");
        request.discard_body();
        let rest = request.push(&bytes[split..], Instant::now()).expect("no violation");
        assert_eq!(
            (request.body_length(), request.body(), &*rest),
            (15, &[][..], &b"next"[..])
        );
        assert_eq!(pairs(request.trailers()), [("Reason", "over")]);
        assert_eq!(request.body_end(), Some(BodyEnd::LastChunk));
    }
}
