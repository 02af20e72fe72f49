//! Functions that answer with the threads that they have: the attribute of each says something else of them, and the
//! variable `ATTRIBUTE` says which it is.
#![allow(clippy::panic, reason = "a test that asks for no function cannot go on")]

use std::process::ExitCode;

use lambda_stream::Json;
use serde_json::{Value, json};
use tokio::runtime::Handle;

fn threads() -> Json<Value> {
    let runtime = Handle::current();
    Json(json!({
        "flavor": format!("{:?}", runtime.runtime_flavor()),
        "workers": runtime.metrics().num_workers(),
    }))
}

fn main() -> ExitCode {
    match std::env::var("ATTRIBUTE").as_deref() {
        Ok("nothing said") => {
            #[lambda_stream::main]
            async fn function() -> Json<Value> {
                threads()
            }
            main()
        }
        Ok("one thread") => {
            #[lambda_stream::main(flavor = "current_thread")]
            async fn function() -> Json<Value> {
                threads()
            }
            main()
        }
        Ok("three threads") => {
            #[lambda_stream::main(flavor = "multi_thread", worker_threads = 3)]
            async fn function() -> Json<Value> {
                threads()
            }
            main()
        }
        which => panic!("no such function: {which:?}"),
    }
}
