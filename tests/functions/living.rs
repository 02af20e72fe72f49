//! A function with a life: start-up, hooks, and a state that notes what was called when.
//!
//! It does what its event says, as `scripted`, or, for the event `"story"`, tells what was called so far. A hook or `init`
//! is there when the variable of its name is, and does what that says: `ok`, `error`, `panic` or `hang`. `MARGIN` is the
//! deadline's margin, in milliseconds.
#![allow(clippy::panic, clippy::print_stderr, reason = "a variable may ask for it")]

// What the attribute was put on is a function as before.
#[allow(dead_code, reason = "its `main`")]
#[path = "scripted.rs"]
mod scripted;

use std::env;
use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lambda_stream::{Error, ResponseStream, Runtime, RuntimeError};
use serde_json::Value;

struct Life {
    story: Mutex<Vec<&'static str>>,
    /// Handlers that came to an end of their own.
    done: AtomicUsize,
}

impl Life {
    async fn goes_on(&self, with: &'static str) -> Result<(), Error> {
        if let Ok(mut story) = self.story.lock() {
            story.push(with);
        }
        act(with).await
    }
}

/// Does what the variable of this name says.
async fn act(name: &str) -> Result<(), Error> {
    match env::var(name).as_deref() {
        Ok("error") => Err(Error::new(format!("no luck with {name}")).with_type("Function.NoLuck")),
        Ok("panic") => panic!("{name} is confused"),
        Ok("hang") => pending().await,
        _ => Ok(()),
    }
}

async fn init() -> Result<Life, Error> {
    act("INIT").await?;
    Ok(Life {
        story: Mutex::new(vec!["INIT"]),
        done: AtomicUsize::new(0),
    })
}

async fn before_snapshot(life: &Life) -> Result<(), Error> {
    life.goes_on("BEFORE_SNAPSHOT").await
}

async fn after_restore(life: &Life) -> Result<(), Error> {
    life.goes_on("AFTER_RESTORE").await
}

async fn on_shutdown(life: &Life) -> Result<(), Error> {
    eprintln!("the hook runs after {} handlers", life.done.load(Ordering::Relaxed));
    life.goes_on("ON_SHUTDOWN").await
}

async fn handler(event: Value, life: &Life, mut stream: ResponseStream) -> Result<(), Error> {
    if event == "story" {
        let story = life.story.lock().map(|story| story.join(" ")).unwrap_or_default();
        stream.write(story).await?;
    } else {
        scripted::scripted(event, stream).await?;
    }
    life.done.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    let is_there = |name| env::var_os(name).is_some();
    let mut runtime = Runtime::new().init(init);
    if is_there("BEFORE_SNAPSHOT") {
        runtime = runtime.before_snapshot(before_snapshot);
    }
    if is_there("AFTER_RESTORE") {
        runtime = runtime.after_restore(after_restore);
    }
    if is_there("ON_SHUTDOWN") {
        runtime = runtime.on_shutdown(on_shutdown);
    }
    if let Some(margin) = env::var("MARGIN").ok().and_then(|margin| margin.parse().ok()) {
        runtime = runtime.deadline_margin(Some(Duration::from_millis(margin)));
    }
    runtime.run(handler).await
}
