//! A web application in axum: routes, JSON, cookies, server-sent events, static files and middleware.
//!
//! ```sh
//! cargo run --bin axum_app
//! curl http://127.0.0.1:9000/
//! curl -N 'http://127.0.0.1:9000/events?count=5&milliseconds=200'
//! ```
//!
//! One line differs from an application with its own server: `lambda_stream::http::run(application).await` replaces
//! `axum::serve(listener, application).await`.

mod application;

use std::path::PathBuf;

use lambda_stream::RuntimeError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    let application = application::application(&static_files());
    lambda_stream::http::run(application).await
}

/// Returns the directory `static`: next to the binary in the deployment package on Lambda, else in the package of this
/// example.
fn static_files() -> PathBuf {
    let package = std::env::var_os("LAMBDA_TASK_ROOT").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(package).join("static")
}
