//! The pipe's parties on threads of their own, in every order in which they can take turns, by `loom`:
//! `RUSTFLAGS="--cfg pipe_loom" cargo test -p lambda-stream --lib interleavings --target-dir target/loom`.
//!
//! A party that waits for what is already there is a deadlock, and loom finds it. It explores the pipe's own code: only
//! the lock is loom's instead of the standard library's.

use std::future::Future;

use futures::future::join;
use loom::future::block_on;
use loom::model::Builder;
use loom::thread::{self, JoinHandle};

use super::*;
use crate::event::EventInfo;

/// Runs the parties in every order in which a thread is interrupted at most three times where it could go on: bugs need
/// few, and the number of all orders has no end.
fn model(parties: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(3));
    builder.check(parties);
}

/// A pipe with room for so many bytes, for an event that is not HTTP.
fn narrow(capacity: usize) -> (PipeWriter, Arc<PipeControl>) {
    let (writer, control) = pipe(capacity, ResponseHead::new(EventInfo::from_event(b"{}")));
    (writer, Arc::new(control))
}

/// Lets a party do its work on a thread of its own.
fn party<T: 'static>(work: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    thread::spawn(|| block_on(work))
}

/// Writes all of it, however many turns that takes; says how much was accepted, and why no more was.
async fn write(writer: &PipeWriter, text: &str) -> (usize, Result<(), String>) {
    let mut accepted = 0;
    while accepted < text.len() {
        match poll_fn(|cx| writer.poll_write(cx, &text.as_bytes()[accepted..])).await {
            Ok(more) => accepted += more.length,
            Err(error) => return (accepted, Err(error.to_string())),
        }
    }
    (accepted, Ok(()))
}

/// What the socket saw: the bytes, and how they ended.
#[derive(Debug, PartialEq)]
enum Seen {
    Ended(String),
    Failed(String, String),
    Closed(String),
    Buffered,
    NotStarted(String),
}

/// Takes what comes until it ends, as the connection does. What is taken is let go with the next turn.
async fn receive(control: Arc<PipeControl>) -> Seen {
    let transport = match control.beginning().await {
        ResponseStart::Streaming { transport, .. } => transport,
        ResponseStart::Buffered(_) => return Seen::Buffered,
        ResponseStart::Failed(error) => return Seen::NotStarted(error.to_string()),
    };
    let mut text = String::new();
    loop {
        match poll_fn(|cx| transport.poll_next(cx)).await {
            Ok(Next::Bytes(bytes)) => text += std::str::from_utf8(&bytes).expect("text was written"),
            Ok(Next::Failed(error)) => return Seen::Failed(text, error.to_string()),
            Ok(Next::End) => return Seen::Ended(text),
            Err(_) => return Seen::Closed(text),
        }
    }
}

#[test]
fn a_write_always_reaches_the_transport_and_room_the_writer() {
    model(|| {
        let (writer, control) = narrow(1);
        let writing = party(async move {
            let written = write(&writer, "ab").await;
            writer.end();
            written
        });
        assert_eq!(block_on(receive(control)), Seen::Ended("ab".to_owned()));
        assert_eq!(writing.join().expect("the writer"), (2, Ok(())));
    });
}

#[test]
fn flushed_is_always_told() {
    model(|| {
        let (writer, control) = narrow(2 * COPY_THRESHOLD);
        let writing = party(async move {
            let mut large = Bytes::from(vec![b'x'; COPY_THRESHOLD + 1]);
            poll_fn(|cx| writer.poll_send(cx, &mut large)).await.map(drop)?;
            poll_fn(|cx| writer.poll_empty(cx)).await?;
            writer.end();
            Ok::<_, StreamError>(large.len())
        });
        assert_eq!(block_on(receive(control)), Seen::Ended("x".repeat(COPY_THRESHOLD + 1)));
        assert_eq!(writing.join().expect("the writer").expect("an open response"), 0);
    });
}

#[test]
fn a_response_whose_writer_is_gone_ends() {
    model(|| {
        let (writer, control) = narrow(8);
        let receiving = party(receive(Arc::clone(&control)));
        let writing = party(async move { write(&writer, "a").await });
        block_on(control.writer_gone()).expect("no panic");
        assert!(control.end());
        assert_eq!(writing.join().expect("the writer"), (1, Ok(())));
        assert_eq!(receiving.join().expect("the transport"), Seen::Ended("a".to_owned()));
    });
}

#[test]
fn a_finished_response_ends_and_its_writer_gets_lambdas_answer() {
    for taken in [true, false] {
        model(move || {
            let (writer, control) = narrow(8);
            let finishing = party(async move {
                write(&writer, "a").await.1.expect("room");
                writer.end();
                poll_fn(|cx| writer.poll_delivered(cx)).await
            });
            // As the runtime does: what the socket saw, and then what Lambda said.
            let answering = async {
                let seen = receive(Arc::clone(&control)).await;
                let said = if taken {
                    Ok(())
                } else {
                    Err(Closed::new(None, "refused"))
                };
                (seen, control.answered(said).is_ok())
            };
            let (gone, answered) = block_on(join(control.writer_gone(), answering));
            assert!(gone.is_ok() && !control.end(), "the writer has ended it");
            assert_eq!(answered, (Seen::Ended("a".to_owned()), taken));
            assert_eq!(finishing.join().expect("the writer").is_ok(), taken);
        });
    }
}

#[test]
fn a_failure_frees_a_writer_whose_bytes_nobody_takes() {
    model(|| {
        let (writer, control) = narrow(1);
        let writing = party(async move { write(&writer, "ab").await });
        assert!(control.fail(Error::new("late")));
        let (accepted, written) = writing.join().expect("the writer");
        assert!(accepted <= 1 && written.is_err_and(|why| why.contains("late")));
    });
}

#[test]
fn a_failure_comes_after_just_what_was_accepted() {
    model(|| {
        let (writer, control) = narrow(1);
        let receiving = party(receive(Arc::clone(&control)));
        let writing = party(async move { write(&writer, "ab").await });
        assert!(control.fail(Error::new("late")));
        let (accepted, _) = writing.join().expect("the writer");
        let expected = match accepted {
            0 => Seen::NotStarted("late".to_owned()),
            accepted => Seen::Failed("ab"[..accepted].to_owned(), "late".to_owned()),
        };
        assert_eq!(receiving.join().expect("the transport"), expected);
    });
}

#[test]
fn a_lost_connection_frees_a_writer_that_waits_for_room() {
    model(|| {
        let (writer, control) = narrow(1);
        let writing = party(async move { write(&writer, "abc").await });
        let losing = async {
            let ResponseStart::Streaming { transport, .. } = control.beginning().await else {
                panic!("it was written to");
            };
            // One piece is on its way when the connection breaks.
            let _taken = poll_fn(|cx| transport.poll_next(cx)).await;
            drop(transport);
            control.answered(Err(Closed::new(None, "reset"))).is_err()
        };
        // The runtime waits no longer: nobody takes what a writer kept elsewhere may still write.
        let (gone, lost) = block_on(join(control.writer_gone(), losing));
        assert!(gone.is_ok() && lost);
        let (_, written) = writing.join().expect("the writer");
        assert!(written.is_err_and(|why| why.contains("reset")));
    });
}

#[test]
fn of_two_ends_one_stands_and_all_see_the_same() {
    model(|| {
        let (writer, control) = narrow(8);
        let receiving = party(receive(Arc::clone(&control)));
        let failing = party({
            let control = Arc::clone(&control);
            async move { control.fail(Error::new("late")) }
        });
        let buffered = writer.respond_buffered(BufferedResponse {
            content_type: HeaderValue::from_static("a/b"),
            body: Bytes::new(),
        });
        let failed = failing.join().expect("the deadline");
        assert_ne!(failed, buffered);
        let expected = if failed {
            Seen::NotStarted("late".to_owned())
        } else {
            Seen::Buffered
        };
        assert_eq!(receiving.join().expect("the transport"), expected);
    });
}

#[test]
fn a_panic_of_the_writer_always_reaches_the_runtime() {
    model(|| {
        let (writer, control) = narrow(8);
        let panicking = party(async move {
            write(&writer, "a").await.1.expect("room");
            writer.panicked(Error::new("boom"));
        });
        let told = async {
            let panicked = control.writer_gone().await.expect_err("a panic");
            assert!(control.fail(panicked));
        };
        let ((), seen) = block_on(join(told, receive(Arc::clone(&control))));
        assert_eq!(seen, Seen::Failed("a".to_owned(), "boom".to_owned()));
        panicking.join().expect("the writer");
    });
}
