//! Panics in code that owns the response stream.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lambda_stream::{Error, ResponseStream};
use tracing::Instrument as _;

#[lambda_stream::main]
#[expect(clippy::panic, reason = "the tests are about these panics")]
async fn handler(action: String, stream: ResponseStream) -> Result<(), Error> {
    let task = async move {
        let _stream = stream;
        panic!("with the stream");
    };
    match action.as_str() {
        "task_in_span" => drop(tokio::spawn(task.in_current_span())),
        "task" => drop(tokio::spawn(task)),
        "handler" => task.await,
        "caught" => {
            use futures::FutureExt as _;
            let _ = catch_unwind(AssertUnwindSafe(|| task.now_or_never()));
        }
        _ => {}
    }
    Ok(())
}
