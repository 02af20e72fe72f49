//! A function whose handler misuses the library. The event selects the misuse: `"forget"`, `{"error_chain": 3}`.
#![allow(clippy::panic, clippy::mem_forget, reason = "the event can request it")]

use std::error::Error as StdError;
use std::fmt;
use std::panic::panic_any;
use std::sync::{Arc, Mutex, PoisonError};

use lambda_stream::{Error, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Misuse {
    /// Writes, then leaks the stream with `mem::forget`.
    Forget,
    /// Writes, then stores the stream in a static.
    Store,
    /// Writes to the stored stream, and responds with the result.
    WriteToStored,
    /// Starts two tasks that write this many lines through a lock, and returns without waiting for them.
    Share(usize),
    /// Fails with an error of a generic type.
    GenericError(String),
    /// Fails with an error that has this many sources.
    ErrorChain(usize),
    /// Fails with an error that is its own source.
    CyclicError,
    /// Fails with an error whose `Display` panics.
    PanickingError,
    /// Panics with a value that is not a string.
    PanicWithNumber,
    /// Panics with a value whose `Drop` panics.
    PanicWithPanickingDrop,
    /// Never completes. Dropping the future panics.
    HangWithPanickingDrop,
    Write(String),
}

static STORED: Mutex<Option<ResponseStream>> = Mutex::new(None);

/// Replaces the stored stream and returns the previous one.
fn replace_stored(stream: Option<ResponseStream>) -> Option<ResponseStream> {
    let mut stored = STORED.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut stored, stream)
}

#[lambda_stream::main(logging = false)]
async fn misbehaving(misuse: Misuse, mut stream: ResponseStream) -> Result<(), Error> {
    match misuse {
        Misuse::Forget => {
            stream.write("one").await?;
            std::mem::forget(stream);
        }
        Misuse::Store => {
            stream.write("one").await?;
            replace_stored(Some(stream));
        }
        Misuse::WriteToStored => {
            let mut stored = replace_stored(None).ok_or_else(|| Error::new("no stream is stored"))?;
            let result = stored.write("two").await;
            stream.write(format!("{result:?}")).await?;
        }
        Misuse::Share(lines) => share(stream, lines),
        Misuse::GenericError(text) => return Err(Wrapped(text).into()),
        Misuse::ErrorChain(sources) => {
            let innermost = Box::new(Chained {
                depth: sources,
                source: None,
            });
            let chain = |source: Box<Chained>, depth| {
                Box::new(Chained {
                    depth,
                    source: Some(source),
                })
            };
            return Err((*(0..sources).rev().fold(innermost, chain)).into());
        }
        Misuse::CyclicError => return Err(Cyclic.into()),
        Misuse::PanickingError => return Err(PanickingDisplay.into()),
        Misuse::PanicWithNumber => panic_any(42),
        Misuse::PanicWithPanickingDrop => panic_any(PanickingDrop),
        Misuse::HangWithPanickingDrop => {
            let _guard = PanickingDrop;
            stream.write("one").await?;
            std::future::pending().await
        }
        Misuse::Write(text) => stream.write(text).await?,
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
    source: Option<Box<Chained>>,
}

impl fmt::Display for Chained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "source {}", self.depth)
    }
}

impl StdError for Chained {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[derive(Debug)]
struct Cyclic;

impl fmt::Display for Cyclic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cyclic error")
    }
}

impl StdError for Cyclic {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self)
    }
}

#[derive(Debug)]
struct PanickingDisplay;

impl fmt::Display for PanickingDisplay {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no message")
    }
}

impl StdError for PanickingDisplay {}

struct PanickingDrop;

impl Drop for PanickingDrop {
    fn drop(&mut self) {
        panic!("dropped")
    }
}
