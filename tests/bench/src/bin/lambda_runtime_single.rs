//! `lambda_runtime`, started as its documentation shows.

use lambda_runtime::{Error, run, service_fn};
use lambda_stream_bench::lambda_runtime_handlers;

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(lambda_runtime_handlers::stream)).await
}
