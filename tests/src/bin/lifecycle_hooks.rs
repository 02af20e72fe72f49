//! A function with `init` and all hooks, which record their calls in the state.
//!
//! It runs the steps in its event, as `scripted` does. For the event `"recorded_calls"` it writes the recorded calls.
//!
//! The variables `INIT`, `BEFORE_SNAPSHOT`, `AFTER_RESTORE` and `ON_SHUTDOWN` say what `init` and the hooks do: `ok`,
//! `error`, `panic`, `hang`, `busy`, `block_600_ms`, `block_1_h`, or `read_input`: what the standard input says. A hook without its variable is not registered.
//! `MARGIN` is the deadline margin in milliseconds.
#![allow(clippy::panic, clippy::print_stderr, reason = "a variable can request it")]

use std::env;
use std::future::pending;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use lambda_stream::{Error, ResponseStream, Runtime, RuntimeError};
use lambda_stream_tests::scripted::scripted;
use serde_json::Value;

struct State {
    calls: Mutex<Vec<&'static str>>,
    /// The number of handlers that completed. A cancelled handler does not complete.
    completed: AtomicUsize,
}

impl State {
    async fn call(&self, name: &'static str) -> Result<(), Error> {
        if let Ok(mut calls) = self.calls.lock() {
            calls.push(name);
        }
        act(name).await
    }
}

/// Does what the variable with this name says.
async fn act(name: &str) -> Result<(), Error> {
    let mut action = env::var(name);
    if action.as_deref() == Ok("read_input") {
        action = Ok(tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin())).await??);
    }
    match action.as_deref() {
        Ok("error") => Err(Error::new(format!("{name} failed")).with_type("Function.HookError")),
        Ok("panic") => panic!("{name} panicked"),
        Ok("hang") => pending().await,
        Ok("block_600_ms") => {
            thread::sleep(Duration::from_millis(600));
            Ok(())
        }
        Ok("block_1_h") => {
            thread::sleep(Duration::from_secs(3600));
            Ok(())
        }
        Ok("busy") => loop {
            // Each poll uses up tokio's cooperative budget.
            tokio::task::coop::consume_budget().await;
        },
        _ => Ok(()),
    }
}

async fn init() -> Result<State, Error> {
    act("INIT").await?;
    Ok(State {
        calls: Mutex::new(vec!["INIT"]),
        completed: AtomicUsize::new(0),
    })
}

async fn before_snapshot(state: &State) -> Result<(), Error> {
    state.call("BEFORE_SNAPSHOT").await
}

async fn after_restore(state: &State) -> Result<(), Error> {
    state.call("AFTER_RESTORE").await
}

async fn on_shutdown(state: &State) -> Result<(), Error> {
    let completed = state.completed.load(Ordering::Relaxed);
    eprintln!("the hook runs after {completed} handlers");
    state.call("ON_SHUTDOWN").await
}

async fn handler(event: Value, state: &State, mut stream: ResponseStream) -> Result<(), Error> {
    if event == "recorded_calls" {
        let calls = state.calls.lock().map(|calls| calls.join(" ")).unwrap_or_default();
        stream.write(calls).await?;
    } else {
        scripted(event, stream).await?;
    }
    state.completed.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), RuntimeError> {
    let is_set = |name| env::var_os(name).is_some();
    let mut runtime = Runtime::new().init(init);
    if is_set("BEFORE_SNAPSHOT") {
        runtime = runtime.before_snapshot(before_snapshot);
    }
    if is_set("AFTER_RESTORE") {
        runtime = runtime.after_restore(after_restore);
    }
    if is_set("ON_SHUTDOWN") {
        runtime = runtime.on_shutdown(on_shutdown);
    }
    if let Some(margin) = env::var("MARGIN").ok().and_then(|margin| margin.parse().ok()) {
        runtime = runtime.deadline_margin(Some(Duration::from_millis(margin)));
    }
    runtime.run(handler).await
}
