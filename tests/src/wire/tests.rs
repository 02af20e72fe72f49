use std::time::Instant;

use super::{Ending, Fields, HEAD_LIMIT, Incoming};

const HEAD: &str = "POST /x HTTP/1.1\r\nHost: lambda\r\nTransfer-Encoding: chunked\r\nTrailer: Reason\r\n\r\n";

fn taken(bytes: &[u8]) -> Result<Incoming, String> {
    let mut incoming = Incoming::default();
    incoming.push(bytes, Instant::now())?;
    Ok(incoming)
}

fn fault(bytes: impl AsRef<[u8]>) -> String {
    taken(bytes.as_ref()).expect_err("a fault")
}

fn pairs(fields: &Fields) -> Vec<(&str, &str)> {
    fields.iter().collect()
}

#[test]
fn a_chunked_request_is_the_same_however_it_is_cut() {
    let bytes = format!("{HEAD}5\r\nhello\r\nA\r\n, \r\nworld\0\r\n0\r\nReason: over \r\n\r\n");
    let bytes = bytes.as_bytes();
    for cut in 0..=bytes.len() {
        let mut incoming = Incoming::default();
        for part in [&bytes[..cut], &bytes[cut..]] {
            incoming.push(part, Instant::now()).expect("no fault");
        }
        assert_eq!(incoming.raw(), bytes);
        assert_eq!(incoming.body(), b"hello, \r\nworld\0");
        let chunks: Vec<_> = incoming.chunks().map(|(chunk, _)| chunk).collect();
        assert_eq!(chunks, [b"hello".as_slice(), b", \r\nworld\0"]);
        assert_eq!(pairs(incoming.trailers()), [("Reason", "over")]);
        assert_eq!(incoming.ending(), Some(Ending::Clean));
        let reads: Vec<_> = incoming.reads().map(|(read, _)| read).collect();
        assert_eq!(reads, [&bytes[..cut], &bytes[cut..]]);
        let head = incoming.head().expect("a head");
        assert_eq!((&*head.method, &*head.path), ("POST", "/x"));
        assert_eq!(head.headers.get("HOST"), Some("lambda"));
    }
}

#[test]
fn no_part_of_a_request_passes_for_a_whole_one() {
    let bytes = format!("{HEAD}5\r\nhello\r\n0\r\nReason: over\r\n\r\n");
    for cut in 0..bytes.len() {
        let mut incoming = taken(&bytes.as_bytes()[..cut]).expect("no fault");
        assert_eq!(incoming.ending(), None, "after {cut} bytes");
        match cut < HEAD.len() {
            true => assert!(incoming.cut().is_err(), "after {cut} bytes"),
            false => {
                incoming.cut().expect("no fault");
                assert_eq!(incoming.ending(), Some(Ending::Truncated));
            }
        }
    }
}

#[test]
fn a_counted_body_ends_at_its_count() {
    let head = "POST /x HTTP/1.1\r\nHost: lambda\r\nContent-Length: 5\r\n\r\n";
    let incoming = taken(format!("{head}hello").as_bytes()).expect("no fault");
    assert_eq!(incoming.body(), b"hello");
    assert_eq!(incoming.ending(), Some(Ending::ContentLength));
    let incoming = taken(format!("{head}hell").as_bytes()).expect("no fault");
    assert_eq!(incoming.ending(), None);
}

#[test]
fn heads_that_are_not_to_the_letter_are_faults() {
    for (head, words) in [
        ("GET /x HTTP/1.1\nHost: a\n\n", "without CR"),
        ("GET /x HTTP/1.0\r\n", "not a request line"),
        ("GET  /x HTTP/1.1\r\n", "not a request line"),
        ("GET x HTTP/1.1\r\n", "not a request line"),
        ("G\u{e9}T /x HTTP/1.1\r\n", "not a request line"),
        ("GET /x HTTP/1.1\r\nHost\r\n", "without a colon"),
        ("GET /x HTTP/1.1\r\nHost : a\r\n", "no token"),
        ("GET /x HTTP/1.1\r\nHost: a\r\n folded: b\r\n", "no token"),
        ("GET /x HTTP/1.1\r\nHost: a\rb\r\n", "control character"),
        ("GET /x HTTP/1.1\r\nHost: a\0\r\n", "control character"),
        ("GET /x HTTP/1.1\r\n\r\n", "exactly one Host"),
        ("GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "exactly one Host"),
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
            "no clear framing",
        ),
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
            "not a Content-Length",
        ),
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "no clear framing",
        ),
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            "no clear framing",
        ),
    ] {
        let fault = fault(head);
        assert!(fault.contains(words), "{head:?} gave {fault}");
    }
}

#[test]
fn chunks_that_are_not_to_the_letter_are_faults() {
    for (body, words) in [
        ("hello", "not a chunk size"),
        ("0x5\r\nhello", "not a chunk size"),
        ("5;name=value\r\nhello", "not a chunk size"),
        ("\r\n", "not a chunk size"),
        ("5\nhello", "without CR"),
        ("11112222333344445\r\n", "no line end within 18 bytes"),
        ("5\r\nhello!\r\n", "no CR LF after a chunk's data"),
        ("5\r\nhello\r!", "no CR LF after a chunk's data"),
        ("0\r\nReason over\r\n", "without a colon"),
    ] {
        let fault = fault(format!("{HEAD}{body}"));
        assert!(fault.contains(words), "{body:?} gave {fault}");
    }
}

#[test]
fn a_head_has_a_limit_and_may_reach_it() {
    let before = "GET /x HTTP/1.1\r\nHost: a\r\nLong: ";
    let padded = |size: usize| format!("{before}{}\r\n\r\n", "x".repeat(size - before.len() - 4));
    let whole = taken(padded(HEAD_LIMIT).as_bytes()).expect("no fault");
    assert_eq!(whole.ending(), Some(Ending::ContentLength));
    assert!(fault(padded(HEAD_LIMIT + 1)).contains("no line end within"));
}

#[test]
fn what_follows_a_request_is_given_back() {
    for body in [
        "Content-Length: 2\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let request = format!("POST /x HTTP/1.1\r\nHost: lambda\r\n{body}");
        let mut incoming = Incoming::default();
        let rest = incoming.push(format!("{request}GET /").as_bytes(), Instant::now());
        assert_eq!(rest, Ok(b"GET /".to_vec()));
        assert_eq!(incoming.raw(), request.as_bytes());
        let reads: Vec<_> = incoming.reads().map(|(read, _)| read).collect();
        assert_eq!(reads, [request.as_bytes()]);
    }
}

#[test]
fn trailers_have_a_limit_of_their_own() {
    let body = "x".repeat(HEAD_LIMIT);
    let until_trailers = format!("{HEAD}{HEAD_LIMIT:x}\r\n{body}\r\n0\r\n");
    let incoming = taken(format!("{until_trailers}Reason: over\r\n\r\n").as_bytes());
    let incoming = incoming.expect("no fault");
    assert_eq!(pairs(incoming.trailers()), [("Reason", "over")]);
    assert!(fault(format!("{until_trailers}Reason: {body}\r\n")).contains("no line end within"));
}

#[test]
fn what_is_forgotten_is_counted_all_the_same() {
    let bytes = format!("{HEAD}5\r\nhello\r\nA\r\n, \r\nworld\0\r\n0\r\nReason: over\r\n\r\nnext");
    let bytes = bytes.as_bytes();
    for cut in HEAD.len()..bytes.len() - 4 {
        let mut incoming = taken(&bytes[..cut]).expect("no fault");
        incoming.forget();
        let rest = incoming.push(&bytes[cut..], Instant::now()).expect("no fault");
        assert_eq!(
            (incoming.body_length(), incoming.body(), &*rest),
            (15, &[][..], &b"next"[..])
        );
        assert_eq!(pairs(incoming.trailers()), [("Reason", "over")]);
        assert_eq!(incoming.ending(), Some(Ending::Clean));
    }
}
