//! [`ResponseStream`] as a handler uses it, with a socket's end that takes whatever comes. No process, no network: the
//! wire has tests of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::SinkExt;
use futures::future::join;
use http_body::Body;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::*;
use crate::error::Closed;
use crate::event::EventInfo;
use crate::response::ResponseHead;

/// Waited out by a test that fails anyway.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the caller has got so far.
#[derive(Clone, Default)]
struct Caller(Arc<Mutex<Got>>);

#[derive(Default, Clone)]
struct Got {
    content_type: String,
    chunks: Vec<String>,
    trailers: usize,
    has_ended: bool,
    is_answered: bool,
}

impl Caller {
    fn got(&self) -> Got {
        self.0.lock().unwrap().clone()
    }

    fn body(&self) -> String {
        self.got().chunks.concat()
    }
}

/// Runs a handler with so much room, as the runtime does, and lets Lambda answer.
async fn handled<T>(
    capacity: usize,
    answer: Result<(), Closed>,
    handler: impl AsyncFnOnce(ResponseStream, Caller) -> T,
) -> (T, Got) {
    let (writer, control) = pipe(capacity, ResponseHead::new(EventInfo::from_event(b"{}")));
    let caller = Caller::default();
    let handling = async {
        let returned = handler(ResponseStream::new(writer), caller.clone()).await;
        match control.writer_gone().await {
            Ok(()) => control.end(),
            Err(panic) => control.fail(panic),
        };
        returned
    };
    let delivering = async {
        let ResponseStart::Streaming {
            content_type,
            transport,
        } = control.beginning().await
        else {
            panic!("it is streamed");
        };
        caller.0.lock().unwrap().content_type = content_type.to_str().unwrap().to_owned();
        let mut body = pin!(ResponseBody::new(transport));
        while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            assert!(!body.is_end_stream());
            let mut got = caller.0.lock().unwrap();
            match frame.unwrap().into_data() {
                Ok(data) => got.chunks.push(String::from_utf8(data.to_vec()).unwrap()),
                Err(frame) => got.trailers += frame.trailers_ref().unwrap().len(),
            }
        }
        let again = poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
        assert!(again.is_none(), "a body ends once");
        caller.0.lock().unwrap().has_ended = true;
        let taken = control.answered(answer);
        caller.0.lock().unwrap().is_answered = taken.is_ok();
    };
    let both = timeout(PATIENCE, join(handling, delivering)).await;
    let (returned, ()) = both.expect("a handler that writes and a socket that takes all come to an end");
    (returned, caller.got())
}

#[tokio::test]
async fn what_is_larger_than_all_room_arrives_in_order() {
    let text: String = (0..1000).map(|n| format!("{n} ")).collect();
    let (written, got) = handled(100, Ok(()), async |mut stream, _| {
        stream.write(&text).await.unwrap();
        stream.send(text.clone()).await.unwrap();
        AsyncWriteExt::write_all(&mut stream, text.as_bytes()).await.unwrap();
        for piece in text.as_bytes().chunks(300) {
            stream.feed(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        stream.bytes_written()
    })
    .await;
    assert_eq!(got.chunks.concat(), text.repeat(4));
    assert_eq!(written, 4 * text.len() as u64);
    assert!(got.has_ended && got.is_answered && got.trailers == 0);
}

#[tokio::test]
async fn what_is_written_leaves_before_the_handler_awaits_anything_else() {
    let ((), got) = handled(100, Ok(()), async |mut stream, caller| {
        stream.write("a").await.unwrap();
        assert_eq!(caller.body(), "a", "the transport never had a turn, so it was due");
    })
    .await;
    assert_eq!(got.content_type, "application/octet-stream");
    let by_poll = async |mut stream: ResponseStream, caller: Caller| {
        AsyncWriteExt::write_all(&mut stream, b"a").await.unwrap();
        AsyncWriteExt::write_all(&mut stream, b"b").await.unwrap();
        assert_eq!(caller.body(), "a", "the turn comes before what is written next");
    };
    handled(100, Ok(()), by_poll).await;
}

#[tokio::test]
async fn flushed_is_on_the_socket_by_every_name() {
    let ((), got) = handled(100, Ok(()), async |mut stream, caller| {
        ResponseStream::flush(&mut stream).await.unwrap();
        assert_ne!(
            caller.got().content_type,
            "",
            "nothing was written, and the response has started"
        );
        stream.write("a").await.unwrap();
        stream.write("b").await.unwrap();
        ResponseStream::flush(&mut stream).await.unwrap();
        assert_eq!(caller.body(), "ab");
        stream.write("c").await.unwrap();
        AsyncWriteExt::flush(&mut stream).await.unwrap();
        assert_eq!(caller.body(), "abc");
        stream.feed(Bytes::from("d")).await.unwrap();
        SinkExt::flush(&mut stream).await.unwrap();
        assert_eq!(caller.body(), "abcd");
    })
    .await;
    assert!(got.has_ended);
}

#[tokio::test]
async fn a_sink_takes_no_more_than_there_is_room_for_and_one_piece() {
    handled(10, Ok(()), async |mut stream, caller| {
        for n in 1..=20 {
            stream.feed(Bytes::from("12345678")).await.unwrap();
            assert!(8 * n - caller.body().len() < 10 + 8);
        }
    })
    .await;
}

#[tokio::test]
async fn finished_is_answered_by_every_name() {
    for answer in [Ok(()), Err(Closed::new(None, "refused"))] {
        let is_taken = answer.is_ok();
        let finish = async |mut stream: ResponseStream, caller: Caller| {
            stream.write("a").await.unwrap();
            assert_eq!(stream.finish().await.is_ok(), is_taken);
            assert_eq!((caller.got().has_ended, caller.got().is_answered), (true, is_taken));
        };
        let shut_down = async |mut stream: ResponseStream, caller: Caller| {
            stream.write("a").await.unwrap();
            assert_eq!(stream.shutdown().await.is_ok(), is_taken);
            assert_eq!((caller.got().has_ended, caller.got().is_answered), (true, is_taken));
        };
        let close = async |mut stream: ResponseStream, caller: Caller| {
            stream.write("a").await.unwrap();
            assert_eq!(SinkExt::close(&mut stream).await.is_ok(), is_taken);
            assert_eq!((caller.got().has_ended, caller.got().is_answered), (true, is_taken));
        };
        assert_eq!(handled(100, answer.clone(), finish).await.1.chunks, ["a"]);
        assert_eq!(handled(100, answer.clone(), shut_down).await.1.chunks, ["a"]);
        assert_eq!(handled(100, answer, close).await.1.chunks, ["a"]);
    }
}

#[tokio::test]
async fn a_head_is_set_before_the_first_byte_only() {
    let ((), got) = handled(1000, Ok(()), async |mut stream, _| {
        assert!(matches!(stream.set_content_type("a\nb"), Err(StreamError::Invalid(_))));
        stream.set_content_type("text/plain").unwrap();
        stream.write("a").await.unwrap();
        assert!(matches!(
            stream.set_content_type("text/csv"),
            Err(StreamError::AlreadyStarted)
        ));
        assert!(matches!(
            stream.send_prelude(HttpPrelude::new(200)).await,
            Err(StreamError::AlreadyStarted)
        ));
    })
    .await;
    assert_eq!(
        (got.content_type.as_str(), got.chunks.concat().as_str()),
        ("text/plain", "a")
    );

    let (written, got) = handled(1000, Ok(()), async |mut stream, caller| {
        stream.send_prelude(HttpPrelude::new(204)).await.unwrap();
        assert_eq!(caller.got().chunks.len(), 2, "the prelude has left");
        stream.bytes_written()
    })
    .await;
    assert_eq!(got.content_type, "application/vnd.awslambda.http-integration-response");
    assert_eq!(
        got.chunks,
        [r#"{"statusCode":204,"headers":{},"cookies":[]}"#, "\0\0\0\0\0\0\0\0"]
    );
    assert_eq!(written, 0);
}

#[tokio::test]
async fn a_stream_that_a_panic_drops_fails_its_response() {
    let ((), got) = handled(100, Ok(()), async |mut stream, _| {
        stream.write("a").await.unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(move || {
            let _dropped = stream;
            panic!("boom");
        }));
        assert!(panicked.is_err());
    })
    .await;
    assert_eq!((got.chunks.concat().as_str(), got.trailers), ("a", 2));
}
