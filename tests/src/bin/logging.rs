//! Logs as its event says. `INIT` says what `init` does.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures::{StreamExt as _, stream};
use lambda_stream::{AnyResponse, Context, Error, Json};
use tracing::{Instrument as _, info, info_span};

#[derive(Debug)]
struct OrderLost(io::Error);

impl fmt::Display for OrderLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the order is lost")
    }
}

impl std::error::Error for OrderLost {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn order_lost() -> OrderLost {
    OrderLost(io::Error::other("disk \"full\"\nretry later"))
}

/// A value whose destructor panics.
struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    #[expect(clippy::panic, reason = "the test is about this panic")]
    fn drop(&mut self) {
        panic!("from a destructor");
    }
}

async fn init() -> Result<(), Error> {
    let action = std::env::var("INIT").unwrap_or_default();
    info!("init has started");
    match action.as_str() {
        "subscriber" => {
            tracing_subscriber::fmt()
                .with_ansi(false)
                .with_writer(io::stderr)
                .without_time()
                .init();
            tokio::time::sleep(Duration::from_millis(1)).await;
            info!("init has a subscriber");
        }
        "fail" => return Err(order_lost().into()),
        #[expect(clippy::panic, reason = "the test is about this panic")]
        "panic" => panic!("from init"),
        "spawn" => {
            let task = tokio::spawn(async { info!("init has a task") });
            task.await?;
        }
        _ => {}
    }
    Ok(())
}

#[lambda_stream::main(init = init)]
#[expect(clippy::panic, reason = "the tests are about these panics")]
async fn handler(action: String, context: Context) -> Result<AnyResponse, Error> {
    match action.as_str() {
        "levels" => {
            tracing::trace!("at trace");
            tracing::debug!("at debug");
            tracing::info!("at info");
            tracing::warn!("at warn");
            tracing::error!("at error");
        }
        "handler" => {
            let span = info_span!("order", number = 7, paid = true);
            async { info!(amount = 1.5, "in the handler") }.instrument(span).await;
        }
        "stream" => {
            let items = stream::iter(["one", "two"]).inspect(|item| info!("in the stream: {item}"));
            return Ok(AnyResponse::stream(items));
        }
        "task" => {
            let task = async { info!("in a task") };
            tokio::spawn(task.in_current_span()).await?;
        }
        "error" => {
            let error = order_lost();
            tracing::error!(error = &error as &dyn std::error::Error, "not found");
        }
        "forge" => info!("first\n{{\"level\":\"ERROR\"}}\r\u{1b}[31m"),
        "fail" => return Err(order_lost().into()),
        "panic" => panic!("from the handler"),
        "caught_panic" => {
            let _ = catch_unwind(|| panic!("caught"));
        }
        "panic_after_caught_panic" => {
            let _ = catch_unwind(|| panic!("caught"));
            panic!("from the handler");
        }
        "task_panic" => {
            let task = async { panic!("from a task") };
            let _ = tokio::spawn(task.in_current_span()).await;
        }
        "thread_panic" => {
            let _ = std::thread::spawn(|| panic!("from a thread")).join();
        }
        "destructor_panic" => {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(PanicsOnDrop)));
        }
        "value_panic" => {
            struct Panics;
            impl fmt::Display for Panics {
                fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                    panic!("from a value")
                }
            }
            info!(value = %Panics, "not written");
        }
        "abort" => {
            // A panic in a destructor that runs because of another panic aborts the process.
            let _value = PanicsOnDrop;
            panic!("from the handler");
        }
        "flood" => {
            for number in 0..5_000 {
                info!(number, "one of many lines");
            }
        }
        "long" => {
            for _ in 0..200 {
                info!("{}", "x".repeat(200_000));
            }
        }
        _ => {}
    }
    Ok(Json(context.request_id().to_owned()).into())
}
