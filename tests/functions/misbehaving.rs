//! A function that does what no handler should: `"forget"`, `{"chain": 3}`.
#![allow(clippy::panic, clippy::mem_forget, reason = "an event asks for it")]

use std::error::Error as StdError;
use std::fmt;
use std::panic::panic_any;
use std::sync::{Arc, Mutex, PoisonError};

use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Deed {
    /// Writes, and forgets the stream, so that nobody ever drops it.
    Forget,
    /// Writes, and keeps the stream past the invocation.
    Park,
    /// Writes to the stream that was kept, and answers with what came of it.
    WriteToParked,
    /// Lets two tasks write so many lines through a lock, and returns at once.
    Share(usize),
    /// Fails with an error of a generic type.
    FailGeneric(String),
    /// Fails with an error that has so many causes.
    Chain(usize),
    /// Fails with an error that is its own cause.
    OwnCause,
    /// Fails with an error that panics when it is asked for its text.
    MuteError,
    /// Panics with a value that is no text.
    PanicWithNumber,
    /// Panics with a value that panics when it is dropped.
    PanicWithBomb,
    /// Never ends, and panics when it is dropped.
    HangWithBomb,
    Write(String),
}

static PARKED: Mutex<Option<ResponseStream>> = Mutex::new(None);

fn parked(stream: Option<ResponseStream>) -> Option<ResponseStream> {
    let mut place = PARKED.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut place, stream)
}

#[lambda_stream::main]
async fn misbehaving(deed: Deed, mut stream: ResponseStream) -> Result<(), Error> {
    match deed {
        Deed::Forget => {
            stream.write("one").await?;
            std::mem::forget(stream);
        }
        Deed::Park => {
            stream.write("one").await?;
            parked(Some(stream));
        }
        Deed::WriteToParked => {
            let mut kept = parked(None).ok_or_else(|| Error::new("nothing was kept"))?;
            let written = kept.write("two").await;
            stream.write(format!("{written:?}")).await?;
        }
        Deed::Share(lines) => share(stream, lines),
        Deed::FailGeneric(text) => return Err(Wrapped(text).into()),
        Deed::Chain(causes) => {
            let innermost = Box::new(Chained {
                depth: causes,
                cause: None,
            });
            let chain = |cause: Box<Chained>, depth| {
                Box::new(Chained {
                    depth,
                    cause: Some(cause),
                })
            };
            return Err((*(0..causes).rev().fold(innermost, chain)).into());
        }
        Deed::OwnCause => return Err(OwnCause.into()),
        Deed::MuteError => return Err(Mute.into()),
        Deed::PanicWithNumber => panic_any(42),
        Deed::PanicWithBomb => panic_any(Bomb),
        Deed::HangWithBomb => {
            let _bomb = Bomb;
            stream.write("one").await?;
            std::future::pending().await
        }
        Deed::Write(text) => stream.write(text).await?,
    }
    Ok(())
}

fn share(stream: ResponseStream, lines: usize) {
    let shared = Arc::new(tokio::sync::Mutex::new(stream));
    for name in ["a", "b"] {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            for n in 0..lines {
                if shared.lock().await.write(format!("{name}{n}\n")).await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        });
    }
}

#[derive(Debug)]
struct Wrapped<T>(T);

impl<T: fmt::Display> fmt::Display for Wrapped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Debug + fmt::Display> StdError for Wrapped<T> {}

#[derive(Debug)]
struct Chained {
    depth: usize,
    cause: Option<Box<Chained>>,
}

impl fmt::Display for Chained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cause {}", self.depth)
    }
}

impl StdError for Chained {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

#[derive(Debug)]
struct OwnCause;

impl fmt::Display for OwnCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it comes of itself")
    }
}

impl StdError for OwnCause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self)
    }
}

#[derive(Debug)]
struct Mute;

impl fmt::Display for Mute {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("it has no words")
    }
}

impl StdError for Mute {}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped")
    }
}
