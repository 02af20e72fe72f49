#![deny(warnings)]

use std::sync::Arc;

use lambda_stream::{Error, Hook, ResponseStream, Runtime};

struct State;

async fn setup() -> Result<State, Error> {
    Ok(State)
}

async fn bare() {}

async fn bare_result() -> Result<(), std::io::Error> {
    Ok(())
}

async fn with_state(_: &State) {}

async fn with_state_result(_: &State) -> Result<(), String> {
    Ok(())
}

async fn handler(_: ResponseStream) {}

fn any_order<K>(hook: impl Hook<State, K>) -> Runtime<State> {
    // A hook without a state may stand before the state is known.
    Runtime::new().on_shutdown(bare).before_snapshot(bare_result).init(setup).after_restore(hook)
}

fn main() {
    let held = Arc::new(1);
    let closures = Runtime::new()
        .init(setup)
        .on_shutdown(async move || drop(held))
        .before_snapshot(async |_: &State| {})
        .after_restore(|| async { Err("no").map_err(Error::new) });
    let runtimes = [any_order(bare), any_order(bare_result), any_order(with_state), any_order(with_state_result), closures];
    for runtime in runtimes {
        drop(runtime.run(handler));
    }
}
