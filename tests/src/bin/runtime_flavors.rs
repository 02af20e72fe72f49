//! Functions whose attributes request different tokio runtimes. The variable `ATTRIBUTE` selects one. The response
//! describes the runtime.
#![allow(clippy::panic, reason = "an unknown selection is a bug in the test")]

use std::process::ExitCode;

use lambda_stream::Json;
use serde_json::{Value, json};
use tokio::runtime::Handle;

fn describe_runtime() -> Json<Value> {
    let runtime = Handle::current();
    Json(json!({
        "flavor": format!("{:?}", runtime.runtime_flavor()),
        "workers": runtime.metrics().num_workers(),
    }))
}

fn main() -> ExitCode {
    match std::env::var("ATTRIBUTE").as_deref() {
        Ok("default") => {
            #[lambda_stream::main]
            async fn function() -> Json<Value> {
                describe_runtime()
            }
            main()
        }
        Ok("current_thread") => {
            #[lambda_stream::main(flavor = "current_thread")]
            async fn function() -> Json<Value> {
                describe_runtime()
            }
            main()
        }
        Ok("three_workers") => {
            #[lambda_stream::main(flavor = "multi_thread", worker_threads = 3)]
            async fn function() -> Json<Value> {
                describe_runtime()
            }
            main()
        }
        selection => panic!("unknown attribute: {selection:?}"),
    }
}
