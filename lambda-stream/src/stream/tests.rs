//! Tests of [`ResponseStream`] with an HTTP client that reads every frame immediately. They use no process and no
//! network.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join;
use futures::{SinkExt, StreamExt};
use http_body::Body;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::*;
use crate::error::Closed;
use crate::event::EventInfo;
use crate::response::ResponseHead;

/// How long a test may hang before it fails.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);

/// What the HTTP client has received so far.
#[derive(Clone, Default)]
struct Client(Arc<Mutex<Received>>);

#[derive(Default, Clone)]
struct Received {
    content_type: String,
    chunks: Vec<String>,
    trailers: usize,
    has_ended: bool,
    is_accepted: bool,
}

impl Client {
    fn received(&self) -> Received {
        self.0.lock().unwrap().clone()
    }

    fn body(&self) -> String {
        self.received().chunks.concat()
    }
}

/// Runs `handler` as the runtime does. Lambda responds with `delivery_result` when the response has ended.
async fn run<T>(
    capacity: usize,
    delivery_result: Result<(), Closed>,
    handler: impl AsyncFnOnce(ResponseStream, Client) -> T,
) -> (T, Received) {
    let (writer, control) = pipe(capacity, ResponseHead::new(EventInfo::from_event(b"{}")));
    let client = Client::default();
    let handle = async {
        let handler = handler(ResponseStream::new(writer), client.clone());
        let returned = control.poll_writing(handler).await;
        match control.writer_closed().await {
            Ok(()) => control.end(),
            Err(panic) => control.fail(panic),
        };
        returned
    };
    let deliver = async {
        let ResponseStart::Streaming { content_type, reader } = control.response_start().await else {
            panic!("the response is not a stream");
        };
        client.0.lock().unwrap().content_type = content_type.to_str().unwrap().to_owned();
        let mut body = pin!(ResponseBody::new(reader));
        while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            assert!(!body.is_end_stream());
            let mut received = client.0.lock().unwrap();
            match frame.unwrap().into_data() {
                Ok(data) => received.chunks.push(String::from_utf8(data.to_vec()).unwrap()),
                Err(frame) => received.trailers += frame.trailers_ref().unwrap().len(),
            }
        }
        let after_end = poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
        assert!(after_end.is_none(), "a frame after the end of the body");
        client.0.lock().unwrap().has_ended = true;
        let result = control.set_delivery_result(delivery_result);
        client.0.lock().unwrap().is_accepted = result.is_ok();
    };
    let both = timeout(TEST_TIMEOUT, join(handle, deliver)).await;
    let (returned, ()) = both.expect("the handler and the client complete");
    (returned, client.received())
}

#[tokio::test]
async fn writes_larger_than_capacity_arrive_in_order() {
    let text: String = (0..1000).map(|n| format!("{n} ")).collect();
    let (bytes_written, received) = run(100, Ok(()), async |mut stream, _| {
        stream.write(&text).await.unwrap();
        stream.send(text.clone()).await.unwrap();
        AsyncWriteExt::write_all(&mut stream, text.as_bytes()).await.unwrap();
        for chunk in text.as_bytes().chunks(300) {
            stream.feed(Bytes::copy_from_slice(chunk)).await.unwrap();
        }
        stream.bytes_written()
    })
    .await;
    assert_eq!(received.chunks.concat(), text.repeat(4));
    assert_eq!(bytes_written, 4 * text.len() as u64);
    assert!(received.has_ended && received.is_accepted && received.trailers == 0);
}

#[tokio::test]
async fn poll_functions_do_not_yield_before_due() {
    let ((), received) = run(100, Ok(()), async |mut stream, _| {
        let is_ready = |polled: Poll<Result<(), StreamError>>| Poll::Ready(polled.is_ready());
        assert!(poll_fn(|cx| is_ready(stream.poll_ready_unpin(cx))).await);
        stream.start_send_unpin(Bytes::from_static(b"a")).unwrap();
    })
    .await;
    assert_eq!(received.chunks, ["a"]);
}

#[tokio::test]
async fn write_yields_to_transport_when_due() {
    let ((), received) = run(100, Ok(()), async |mut stream, client| {
        stream.write("a").await.unwrap();
        assert_eq!(client.body(), "a", "the reader was never polled, so a yield was due");
    })
    .await;
    assert_eq!(received.content_type, "application/octet-stream");
    let async_write = async |mut stream: ResponseStream, client: Client| {
        AsyncWriteExt::write_all(&mut stream, b"a").await.unwrap();
        AsyncWriteExt::write_all(&mut stream, b"b").await.unwrap();
        assert_eq!(client.body(), "a", "`poll_write` yields before it writes");
    };
    run(100, Ok(()), async_write).await;
}

/// Polls `operation` repeatedly, and asserts that another task of the same thread runs in between.
async fn assert_yields(name: &str, mut operation: impl AsyncFnMut()) {
    let other = tokio::spawn(async {});
    for _ in 0..1000 {
        operation().await;
        if other.is_finished() {
            return;
        }
    }
    panic!("{name} did not yield");
}

/// Each method is called in a loop, on a response in each state. Errors are ignored.
#[tokio::test]
async fn every_method_yields_in_a_loop() {
    for state in [
        "not started",
        "started",
        "failed before start",
        "failed after start",
        "rejected",
    ] {
        let (writer, control) = pipe(100, ResponseHead::new(EventInfo::from_event(b"{}")));
        let mut stream = ResponseStream::new(writer);
        if !state.contains("before") && state != "not started" {
            stream.write("a").await.unwrap();
            let ResponseStart::Streaming { reader, .. } = control.response_start().await else {
                panic!("the response is not a stream");
            };
            let mut body = pin!(ResponseBody::new(reader));
            poll_fn(|cx| body.as_mut().poll_frame(cx)).await.unwrap().unwrap();
        }
        if state.contains("failed") {
            control.fail(crate::Error::new("broken"));
        } else if state == "rejected" {
            let _rejected = control.set_delivery_result(Err(Closed::new(None, "rejected")));
        }
        let invalid = || Err(StreamError::Invalid(String::new()));
        let context = |name: &str| format!("{name}, {state}");
        assert_yields(&context("write"), async || drop(stream.write("").await)).await;
        assert_yields(&context("send"), async || {
            drop(ResponseStream::send(&mut stream, "").await)
        })
        .await;
        assert_yields(&context("async write"), async || {
            drop(AsyncWriteExt::write(&mut stream, b"").await)
        })
        .await;
        assert_yields(&context("send_atomic"), async || {
            drop(stream.send_atomic(invalid()).await)
        })
        .await;
        let invalid = || HttpPrelude::new(0);
        assert_yields(&context("prelude"), async || drop(stream.send_prelude(invalid()).await)).await;
        assert_yields(&context("ready"), async || {
            drop(poll_fn(|cx| std::pin::Pin::new(&mut stream).poll_ready_unpin(cx)).await);
        })
        .await;
        if state.contains("failed") || state == "rejected" {
            assert_yields(&context("write"), async || drop(stream.write("x").await)).await;
            assert_yields(&context("flush"), async || {
                drop(ResponseStream::flush(&mut stream).await)
            })
            .await;
            assert_yields(&context("sink"), async || drop(SinkExt::flush(&mut stream).await)).await;
            assert_yields(&context("shutdown"), async || drop(stream.shutdown().await)).await;
            let chunk = || Bytes::from_static(b":");
            assert_yields(&context("keep_alive"), async || {
                drop(stream.keep_alive(TEST_TIMEOUT, chunk()).await)
            })
            .await;
        }
    }
}

#[tokio::test]
async fn every_flush_method_waits_for_socket() {
    let ((), received) = run(100, Ok(()), async |mut stream, client| {
        ResponseStream::flush(&mut stream).await.unwrap();
        assert_ne!(
            client.received().content_type,
            "",
            "a flush starts the response without a write"
        );
        stream.write("a").await.unwrap();
        stream.write("b").await.unwrap();
        ResponseStream::flush(&mut stream).await.unwrap();
        assert_eq!(client.body(), "ab");
        stream.write("c").await.unwrap();
        AsyncWriteExt::flush(&mut stream).await.unwrap();
        assert_eq!(client.body(), "abc");
        stream.feed(Bytes::from("d")).await.unwrap();
        SinkExt::flush(&mut stream).await.unwrap();
        assert_eq!(client.body(), "abcd");
    })
    .await;
    assert!(received.has_ended);
}

#[tokio::test]
async fn sink_exceeds_capacity_by_less_than_one_item() {
    run(10, Ok(()), async |mut stream, client| {
        for n in 1..=20 {
            stream.feed(Bytes::from("12345678")).await.unwrap();
            assert!(8 * n - client.body().len() < 10 + 8);
        }
    })
    .await;
}

#[tokio::test]
async fn finish_shutdown_and_close_return_delivery_result() {
    for delivery_result in [Ok(()), Err(Closed::new(None, "rejected"))] {
        let is_accepted = delivery_result.is_ok();
        let check = |client: Client| {
            let received = client.received();
            assert_eq!((received.has_ended, received.is_accepted), (true, is_accepted));
        };
        let finish = async |mut stream: ResponseStream, client: Client| {
            stream.write("a").await.unwrap();
            assert_eq!(stream.finish().await.is_ok(), is_accepted);
            check(client);
        };
        let shutdown = async |mut stream: ResponseStream, client: Client| {
            stream.write("a").await.unwrap();
            assert_eq!(stream.shutdown().await.is_ok(), is_accepted);
            check(client);
        };
        let close = async |mut stream: ResponseStream, client: Client| {
            stream.write("a").await.unwrap();
            assert_eq!(SinkExt::close(&mut stream).await.is_ok(), is_accepted);
            check(client);
        };
        assert_eq!(run(100, delivery_result.clone(), finish).await.1.chunks, ["a"]);
        assert_eq!(run(100, delivery_result.clone(), shutdown).await.1.chunks, ["a"]);
        assert_eq!(run(100, delivery_result, close).await.1.chunks, ["a"]);
    }
}

#[tokio::test]
async fn head_after_first_byte_is_rejected() {
    let ((), received) = run(1000, Ok(()), async |mut stream, _| {
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
        (received.content_type.as_str(), received.chunks.concat().as_str()),
        ("text/plain", "a")
    );
}

#[tokio::test]
async fn send_prelude_sends_json_and_delimiter() {
    let (bytes_written, received) = run(1000, Ok(()), async |mut stream, client| {
        stream.send_prelude(HttpPrelude::new(204)).await.unwrap();
        assert_eq!(
            client.received().chunks.len(),
            2,
            "the prelude is sent before the handler returns"
        );
        stream.bytes_written()
    })
    .await;
    assert_eq!(
        received.content_type,
        "application/vnd.awslambda.http-integration-response"
    );
    assert_eq!(
        received.chunks,
        [r#"{"statusCode":204,"headers":{},"cookies":[]}"#, "\0\0\0\0\0\0\0\0"]
    );
    assert_eq!(bytes_written, 0);
}

#[tokio::test]
async fn stream_dropped_by_panic_fails_response() {
    let ((), received) = run(100, Ok(()), async |mut stream, _| {
        stream.write("a").await.unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(move || {
            let _dropped = stream;
            panic!("boom");
        }));
        assert!(panicked.is_err());
    })
    .await;
    assert_eq!((received.chunks.concat().as_str(), received.trailers), ("a", 2));
}

/// Returns a stream of these items, after each of which it is pending once.
fn pending_between(items: &'static [&'static str]) -> impl Items {
    futures::stream::iter(items).then(async |item| {
        tokio::task::yield_now().await;
        Ok(Bytes::from(*item))
    })
}

#[tokio::test]
async fn items_of_any_length_arrive_in_order() {
    // Lengths around zero, the threshold between copy and chunk, and the capacity.
    let lengths = [
        0,
        1,
        16,
        0,
        COPY_THRESHOLD,
        COPY_THRESHOLD + 1,
        7,
        5 * COPY_THRESHOLD,
        3,
    ];
    for capacity in [1, 100, 3 * COPY_THRESHOLD] {
        let texts: Vec<String> = (0..500)
            .map(|n| {
                format!("{n:05}")
                    .chars()
                    .cycle()
                    .take(lengths[n % lengths.len()])
                    .collect()
            })
            .collect();
        let expected = texts.concat();
        let length = expected.len() as u64;
        let (bytes_written, received) = run(capacity, Ok(()), async |mut stream, _| {
            let items = futures::stream::iter(texts).map(|text| Ok(Bytes::from(text)));
            stream.send_all(pin!(items)).await.unwrap();
            stream.bytes_written()
        })
        .await;
        assert!(received.chunks.concat() == expected, "capacity {capacity}");
        assert_eq!(bytes_written, length);
    }
}

#[tokio::test]
async fn items_before_a_pending_one_are_sent() {
    let (texts, received) = run(1000, Ok(()), async |mut stream, client| {
        let mut bodies = Vec::new();
        let items = pending_between(&["a", "b", "c"]).inspect(|_| bodies.push(client.body()));
        stream.send_all(pin!(items)).await.unwrap();
        bodies
    })
    .await;
    // The client reads while the next item is pending.
    assert_eq!(texts, ["", "a", "ab"]);
    assert_eq!(received.chunks, ["a", "b", "c"]);
}

#[tokio::test]
async fn items_before_an_error_or_a_panic_are_sent() {
    let items = |last: fn() -> Result<Bytes, Error>| {
        let texts = futures::stream::iter(["a", "b", "c"]).map(|text| Ok(Bytes::from(text)));
        texts.chain(futures::stream::iter([last]).map(|last| last()))
    };
    let (error, received) = run(1000, Ok(()), async |mut stream, _| {
        let failed = stream.send_all(pin!(items(|| Err(Error::new("broken"))))).await;
        failed.unwrap_err().to_string()
    })
    .await;
    assert_eq!((error.as_str(), received.chunks.concat().as_str()), ("broken", "abc"));
    let (panicked, received) = run(1000, Ok(()), async |mut stream, _| {
        let items = pin!(items(|| panic!("boom")));
        panic::catch(async { stream.send_all(items).await }).await.is_err()
    })
    .await;
    assert!(panicked);
    assert_eq!(received.chunks.concat(), "abc");
}

#[tokio::test]
async fn items_after_the_end_of_the_response_are_not_polled_on_and_on() {
    let (writer, control) = pipe(100, ResponseHead::new(EventInfo::from_event(b"{}")));
    let mut stream = ResponseStream::new(writer);
    control.fail(Error::new("late"));
    let sent = stream
        .send_all(pin!(futures::stream::repeat_with(|| Ok(Bytes::from("a")))))
        .await;
    assert!(sent.unwrap_err().to_string().contains("late"));
}

/// The handler blocks its thread for longer than the yield interval.
#[tokio::test]
async fn writes_and_items_before_blocking_code_are_sent() {
    let block = || std::thread::sleep(Duration::from_millis(1));
    let (bodies, _) = run(1000, Ok(()), async |mut stream, client| {
        let mut bodies = Vec::new();
        for text in ["a", "b", "c"] {
            stream.write(text).await.unwrap();
            bodies.push(client.body());
            block();
        }
        let items = futures::stream::iter(["d", "e", "f"]).map(|text| {
            bodies.push(client.body());
            block();
            Ok(Bytes::from(text))
        });
        stream.send_all(pin!(items)).await.unwrap();
        bodies
    })
    .await;
    assert_eq!(bodies, ["a", "ab", "abc", "abc", "abcd", "abcde"]);
}

#[tokio::test]
async fn endless_items_yield() {
    for item in ["", "a"] {
        let ((), _) = run(1000, Ok(()), async |mut stream, _| {
            let first = futures::stream::iter([Ok(Bytes::from("first"))]);
            let items = first.chain(futures::stream::repeat_with(|| Ok(Bytes::from(item))));
            let sending = async { stream.send_all(pin!(items)).await };
            // `select` completes only if `sending` returns `Pending` again and again.
            let yields = async {
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
            };
            futures::future::select(pin!(sending), pin!(yields)).await;
        })
        .await;
    }
}

/// Handlers write from blocking code on another thread.
#[tokio::test]
async fn writes_of_another_thread_follow_those_of_the_handler() {
    let large = "L".repeat(2 * COPY_THRESHOLD);
    let expected = format!("start a b c d {large}end");
    let (bytes_written, received) = run(10 * COPY_THRESHOLD, Ok(()), async |mut stream, client| {
        stream.write("start ").await.unwrap();
        while client.body().is_empty() {
            tokio::task::yield_now().await;
        }
        stream.write("a ").await.unwrap();
        stream.write("b ").await.unwrap();
        // The handler waits in this poll until the other thread has written.
        let runtime = tokio::runtime::Handle::current();
        let writing = std::thread::spawn(move || {
            runtime.block_on(async {
                stream.write("c ").await.unwrap();
                stream.send("d ").await.unwrap();
                stream.send(large).await.unwrap();
                stream
            })
        });
        let mut stream = writing.join().unwrap();
        stream.write("end").await.unwrap();
        stream.bytes_written()
    })
    .await;
    assert_eq!(received.chunks.concat(), expected);
    assert_eq!(bytes_written, expected.len() as u64);
}
