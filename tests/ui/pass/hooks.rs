#![deny(warnings)]

use std::sync::Arc;

use lambda_stream::{Error, Hook, ResponseStream, Runtime};

struct State;

async fn setup() -> Result<State, Error> {
    Ok(State)
}

async fn stateless() {}

async fn stateless_result() -> Result<(), std::io::Error> {
    Ok(())
}

async fn with_state(_: &State) {}

async fn with_state_result(_: &State) -> Result<(), String> {
    Ok(())
}

async fn handler(_: ResponseStream) {}

fn hooks_before_and_after_init<K>(hook: impl Hook<State, K>) -> Runtime<State> {
    // A hook without a state parameter can be added before `init` sets the type of the state.
    Runtime::new().on_shutdown(stateless).before_snapshot(stateless_result).init(setup).after_restore(hook)
}

fn main() {
    let held = Arc::new(1);
    let closures = Runtime::new()
        .init(setup)
        .on_shutdown(async move || drop(held))
        .before_snapshot(async |_: &State| {})
        .after_restore(|| async { Err("no").map_err(Error::new) });
    let runtimes = [hooks_before_and_after_init(stateless), hooks_before_and_after_init(stateless_result), hooks_before_and_after_init(with_state), hooks_before_and_after_init(with_state_result), closures];
    for runtime in runtimes {
        drop(runtime.run(handler));
    }
}
