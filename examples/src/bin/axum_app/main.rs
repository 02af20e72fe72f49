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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::Request;
    use lambda_stream::http::service;
    use lambda_stream::testing::{Invocation, Response};
    use serde_json::{Value, json};

    use super::*;

    async fn send(request: Request<&'static str>) -> Response {
        let application = application::application(&static_files());
        Invocation::function_url(request).run(service(application)).await
    }

    #[tokio::test]
    async fn item_is_json() {
        let response = send(Request::get("/items/tea").body("").unwrap()).await;
        assert_eq!(response.status(), Some(200));
        assert_eq!(response.json::<Value>(), json!({"name": "tea", "cents": 300}));
    }

    #[tokio::test]
    async fn login_sets_cookies() {
        let request = Request::post("/login").header("content-type", "application/x-www-form-urlencoded");
        let response = send(request.body("name=ada").unwrap()).await;
        assert!(response.cookies()[0].starts_with("name=ada"), "{response:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn events_are_sent_at_their_time() {
        let response = send(Request::get("/events?count=2&milliseconds=700").body("").unwrap()).await;
        let events = response.sse_events();
        assert_eq!(events.len(), 2);
        assert_eq!(
            (events[1].id.as_deref(), events[1].data.as_str()),
            (Some("1"), "tick 1")
        );
        assert_eq!(response.chunks()[1].elapsed(), Duration::from_millis(1400));
    }

    #[tokio::test]
    async fn unknown_path_is_status_404() {
        let response = send(Request::get("/missing").body("").unwrap()).await;
        assert_eq!(response.status(), Some(404));
    }
}
