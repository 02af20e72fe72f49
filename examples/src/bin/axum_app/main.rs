//! A web application in axum: routes, JSON, cookies, server-sent events, static files and middleware, from Lambda.
//!
//! `cargo run --bin axum_app`, then `curl http://127.0.0.1:9000/`. Of an application that runs elsewhere, one line
//! changes: where that has `axum::serve(listener, application).await`, this has `lambda_stream::http::run(application).await`.

mod application;

use std::path::PathBuf;

use lambda_stream::RuntimeError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    let application = application::application(&static_files());
    lambda_stream::http::run(application).await
}

/// On Lambda, beside the program in its archive.
fn static_files() -> PathBuf {
    let package = std::env::var_os("LAMBDA_TASK_ROOT").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(package).join("static")
}
