//! `lambda_runtime`, started as its documentation shows for concurrent invocations.

use lambda_runtime::{Error, run_concurrent, service_fn};
use lambda_stream_bench::lambda_runtime_handlers;

#[tokio::main]
async fn main() -> Result<(), Error> {
    run_concurrent(service_fn(lambda_runtime_handlers::stream)).await
}
