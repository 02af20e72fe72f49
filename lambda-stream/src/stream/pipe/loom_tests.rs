//! Loom tests of the pipe: its ends run on separate threads, and `loom` explores the interleavings.
//!
//! `RUSTFLAGS="--cfg pipe_loom" cargo test -p lambda-stream --lib loom_tests --target-dir target/loom`
//!
//! Loom reports a lost wake-up as a deadlock. The tests run the pipe's own code, with loom's mutex instead of the
//! standard library's.

use std::future::Future;

use futures::future::join;
use loom::future::block_on;
use loom::model::Builder;
use loom::thread::{self, JoinHandle};

use super::*;
use crate::event::EventInfo;

/// Runs `test` in every interleaving with at most three preemptions: bugs need few, and the number of all interleavings
/// is unbounded.
fn model(test: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(3));
    builder.check(test);
}

/// Creates a pipe of the given capacity for an event that is not HTTP.
fn raw_pipe(capacity: usize) -> (PipeWriter, Arc<PipeControl>) {
    let (writer, control) = pipe(capacity, ResponseHead::new(EventInfo::from_event(b"{}")));
    (writer, Arc::new(control))
}

/// Runs `future` on a new thread.
fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    thread::spawn(|| block_on(future))
}

/// Writes `text`. Returns how many bytes were accepted, and the error that stopped the write.
async fn write(writer: &PipeWriter, text: &str) -> (usize, Result<(), String>) {
    let mut accepted = 0;
    while accepted < text.len() {
        match poll_fn(|cx| writer.poll_write(cx, &text.as_bytes()[accepted..])).await {
            Ok(progress) => accepted += progress.length,
            Err(error) => return (accepted, Err(error.to_string())),
        }
    }
    (accepted, Ok(()))
}

/// What the HTTP client received: the body and how it ended, or the response that was not a stream.
#[derive(Debug, PartialEq)]
enum Received {
    Ended(String),
    Failed(String, String),
    Closed(String),
    Buffered,
    NotStarted(String),
}

/// Reads the response to its end, as the HTTP client does. Each chunk is dropped before the next one is read.
async fn receive(control: Arc<PipeControl>) -> Received {
    let reader = match control.response_start().await {
        ResponseStart::Streaming { reader, .. } => reader,
        ResponseStart::Buffered(_) => return Received::Buffered,
        ResponseStart::Failed(error) => return Received::NotStarted(error.to_string()),
    };
    let mut text = String::new();
    loop {
        match poll_fn(|cx| reader.poll_next(cx)).await {
            Ok(PipeItem::Chunk(bytes)) => text += std::str::from_utf8(&bytes).expect("the tests write text"),
            Ok(PipeItem::Failed(error)) => return Received::Failed(text, error.to_string()),
            Ok(PipeItem::End) => return Received::Ended(text),
            Err(_) => return Received::Closed(text),
        }
    }
}

#[test]
fn write_wakes_reader_and_capacity_wakes_writer() {
    model(|| {
        let (writer, control) = raw_pipe(1);
        let writing = spawn(async move {
            let written = write(&writer, "ab").await;
            writer.end();
            written
        });
        assert_eq!(block_on(receive(control)), Received::Ended("ab".to_owned()));
        assert_eq!(writing.join().expect("the writer's thread"), (2, Ok(())));
    });
}

#[test]
fn flush_is_always_woken() {
    model(|| {
        let (writer, control) = raw_pipe(2 * COPY_THRESHOLD);
        let writing = spawn(async move {
            let mut large = Bytes::from(vec![b'x'; COPY_THRESHOLD + 1]);
            poll_fn(|cx| writer.poll_send(cx, &mut large)).await.map(drop)?;
            poll_fn(|cx| writer.poll_flushed(cx)).await?;
            writer.end();
            Ok::<_, StreamError>(large.len())
        });
        assert_eq!(
            block_on(receive(control)),
            Received::Ended("x".repeat(COPY_THRESHOLD + 1))
        );
        let unsent = writing.join().expect("the writer's thread");
        assert_eq!(unsent.expect("an open response"), 0);
    });
}

#[test]
fn dropped_writer_ends_response() {
    model(|| {
        let (writer, control) = raw_pipe(8);
        let receiving = spawn(receive(Arc::clone(&control)));
        let writing = spawn(async move { write(&writer, "a").await });
        block_on(control.writer_closed()).expect("no panic");
        assert!(control.end());
        assert_eq!(writing.join().expect("the writer's thread"), (1, Ok(())));
        assert_eq!(
            receiving.join().expect("the reader's thread"),
            Received::Ended("a".to_owned())
        );
    });
}

#[test]
fn finish_ends_response_and_returns_delivery_result() {
    for is_accepted in [true, false] {
        model(move || {
            let (writer, control) = raw_pipe(8);
            let finishing = spawn(async move {
                write(&writer, "a").await.1.expect("an open response");
                writer.end();
                poll_fn(|cx| writer.poll_delivery(cx)).await
            });
            // In the order of the runtime: first the client reads the response, then Lambda accepts or rejects it.
            let deliver = async {
                let received = receive(Arc::clone(&control)).await;
                let result = if is_accepted {
                    Ok(())
                } else {
                    Err(Closed::new(None, "rejected"))
                };
                (received, control.set_delivery_result(result).is_ok())
            };
            let (writer_closed, delivered) = block_on(join(control.writer_closed(), deliver));
            assert!(writer_closed.is_ok());
            assert!(!control.end(), "the writer has ended the response");
            assert_eq!(delivered, (Received::Ended("a".to_owned()), is_accepted));
            assert_eq!(finishing.join().expect("the writer's thread").is_ok(), is_accepted);
        });
    }
}

#[test]
fn failure_unblocks_writer_without_reader() {
    model(|| {
        let (writer, control) = raw_pipe(1);
        let writing = spawn(async move { write(&writer, "ab").await });
        assert!(control.fail(Error::new("late")));
        let (accepted, written) = writing.join().expect("the writer's thread");
        assert!(accepted <= 1 && written.is_err_and(|error| error.contains("late")));
    });
}

#[test]
fn failure_follows_accepted_bytes() {
    model(|| {
        let (writer, control) = raw_pipe(1);
        let receiving = spawn(receive(Arc::clone(&control)));
        let writing = spawn(async move { write(&writer, "ab").await });
        assert!(control.fail(Error::new("late")));
        let (accepted, _) = writing.join().expect("the writer's thread");
        let expected = match accepted {
            0 => Received::NotStarted("late".to_owned()),
            accepted => Received::Failed("ab"[..accepted].to_owned(), "late".to_owned()),
        };
        assert_eq!(receiving.join().expect("the reader's thread"), expected);
    });
}

#[test]
fn lost_connection_unblocks_writer() {
    model(|| {
        let (writer, control) = raw_pipe(1);
        let writing = spawn(async move { write(&writer, "abc").await });
        let lose_connection = async {
            let ResponseStart::Streaming { reader, .. } = control.response_start().await else {
                panic!("the response is not a stream");
            };
            // The connection is lost while one chunk is unsent.
            let _chunk = poll_fn(|cx| reader.poll_next(cx)).await;
            drop(reader);
            control
                .set_delivery_result(Err(Closed::new(None, "connection reset")))
                .is_err()
        };
        // The runtime does not wait for the writer, which may have been moved elsewhere.
        let (writer_closed, is_lost) = block_on(join(control.writer_closed(), lose_connection));
        assert!(writer_closed.is_ok() && is_lost);
        let (_, written) = writing.join().expect("the writer's thread");
        assert!(written.is_err_and(|error| error.contains("reset")));
    });
}

#[test]
fn early_success_waits_for_end_of_body() {
    for is_lost in [true, false] {
        model(move || {
            let (writer, control) = raw_pipe(8);
            let writing = spawn(async move {
                write(&writer, "a").await.1.expect("an open response");
                writer.end();
            });
            let ResponseStart::Streaming { reader, .. } = block_on(control.response_start()) else {
                panic!("the response is not a stream");
            };
            let sending = spawn(async move {
                while let (false, Ok(PipeItem::Chunk(_))) = (is_lost, poll_fn(|cx| reader.poll_next(cx)).await) {}
            });
            block_on(control.body_ended());
            assert_eq!(control.set_delivery_result(Ok(())).is_ok(), !is_lost);
            sending.join().expect("the reader's thread");
            writing.join().expect("the writer's thread");
        });
    }
}

#[test]
fn concurrent_ends_agree_on_the_first() {
    model(|| {
        let (writer, control) = raw_pipe(8);
        let receiving = spawn(receive(Arc::clone(&control)));
        let failing = spawn({
            let control = Arc::clone(&control);
            async move { control.fail(Error::new("late")) }
        });
        let is_buffered = writer.respond_buffered(BufferedResponse {
            content_type: HeaderValue::from_static("a/b"),
            body: Bytes::new(),
        });
        let has_failed = failing.join().expect("the runtime's thread");
        assert_ne!(has_failed, is_buffered);
        let expected = if has_failed {
            Received::NotStarted("late".to_owned())
        } else {
            Received::Buffered
        };
        assert_eq!(receiving.join().expect("the reader's thread"), expected);
    });
}

#[test]
fn writer_panic_always_reaches_runtime() {
    model(|| {
        let (writer, control) = raw_pipe(8);
        let panicking = spawn(async move {
            write(&writer, "a").await.1.expect("an open response");
            writer.set_panicked(Error::new("boom"));
        });
        let fail = async {
            let panic = control.writer_closed().await.expect_err("a panic");
            assert!(control.fail(panic));
        };
        let ((), received) = block_on(join(fail, receive(Arc::clone(&control))));
        assert_eq!(received, Received::Failed("a".to_owned(), "boom".to_owned()));
        panicking.join().expect("the writer's thread");
    });
}
