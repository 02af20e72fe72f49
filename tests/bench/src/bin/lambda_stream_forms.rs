//! `lambda-stream` with the handler that the argument names.

use lambda_stream::{Runtime, RuntimeError};
use lambda_stream_bench::{lambda_stream_handlers as handlers, router};
use tokio::runtime::Builder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).unwrap_or_default();
    // axum applications are started as the documentation of `http::run` shows, handlers as by the attribute.
    let mut builder = match name.as_str() {
        "axum" => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    Ok(builder.enable_all().build()?.block_on(run(&name))?)
}

async fn run(name: &str) -> Result<(), RuntimeError> {
    if let Some(kib) = name.strip_prefix("buffer ").and_then(|kib| kib.parse::<usize>().ok()) {
        return Runtime::new().buffer_size(kib * 1024).run(handlers::write).await;
    }
    match name {
        "sse write" => lambda_stream::run(handlers::sse_write).await,
        "sse items" => lambda_stream::run(handlers::sse_items).await,
        "ndjson write" => lambda_stream::run(handlers::ndjson_write).await,
        "ndjson items" => lambda_stream::run(handlers::ndjson_items).await,
        "event" => lambda_stream::run(handlers::large_event).await,
        "raw event" => lambda_stream::run(handlers::raw_event).await,
        _ => lambda_stream::http::run(router()).await,
    }
}
