//! A function that returns the values of the environment variables that its payload names, the arguments of its process, and
//! its ARN.
//!
//! `init` never returns if the variable `INIT` is `hang`.
#![allow(clippy::print_stderr, reason = "the test waits for the line")]

use std::collections::BTreeMap;
use std::convert::Infallible;

use lambda_stream::{Context, Json, Payload};
use serde_json::{Value, json};

async fn init() -> Result<(), Infallible> {
    if std::env::var("INIT").is_ok_and(|init| init == "hang") {
        eprintln!("hanging");
        std::future::pending::<()>().await;
    }
    Ok(())
}

#[lambda_stream::main(init = init)]
async fn environment(Payload(names): Payload<Vec<String>>, context: Context) -> Json<Value> {
    let variables: BTreeMap<_, _> = names
        .into_iter()
        .map(|name| {
            let value = std::env::var(&name).ok();
            (name, value)
        })
        .collect();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    Json(json!({ "variables": variables, "arguments": arguments, "arn": context.invoked_function_arn() }))
}
