//! `lambda_runtime` or `lambda_http` with the handler that the argument names, started as their documentation shows.

use lambda_http::run_with_streaming_response;
use lambda_runtime::{Error, run, service_fn};
use lambda_stream_bench::{lambda_runtime_handlers as handlers, router};

#[tokio::main]
async fn main() -> Result<(), Error> {
    match std::env::args().nth(1).as_deref() {
        Some("event") => run(service_fn(handlers::large_event)).await,
        Some("raw event") => run(service_fn(handlers::raw_event)).await,
        _ => run_with_streaming_response(router()).await,
    }
}
