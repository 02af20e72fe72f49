//! An axum application with a base path, error statuses, and a handler of other events that `OTHER_EVENTS` selects.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use axum::body::Body as AxumBody;
use axum::extract::{ConnectInfo, Path};
use axum::routing::get;
use axum::{Extension, Json, Router};
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, Response, StatusCode, Uri};
use http_body::{Body, Frame, SizeHint};
use lambda_stream::http::{RawRequestContext, RequestContext};
use lambda_stream::{Context, Error, RawEvent, ResponseStream, Runtime, RuntimeError};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    let runtime = Runtime::new().init(|| async { Ok::<_, Error>("the state") });
    let service = lambda_stream::http::service(application())
        .base_path("/orders")
        .error_statuses(500..=599)
        .error_statuses(429..=429);
    match std::env::var("OTHER_EVENTS").as_deref() {
        Ok("document") => runtime.run(service.on_other_events(document)).await,
        Ok("stream") => runtime.run(service.on_other_events(stream_event)).await,
        Ok("failure") => runtime.run(service.on_other_events(failure)).await,
        _ => runtime.run(service).await,
    }
}

async fn document(event: Value, context: Context, state: &&str) -> lambda_stream::Json<Value> {
    lambda_stream::Json(json!({"event": event, "request_id": context.request_id(), "state": state}))
}

async fn stream_event(event: RawEvent, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write("event: ").await?;
    stream.write(&*event).await?;
    Ok(())
}

async fn failure() -> Result<(), String> {
    Err("no messages, please".to_owned())
}

fn application() -> Router {
    Router::new()
        .route("/connection", get(connection))
        .route("/status/{status}", get(complete))
        .route("/status/{status}/bytes", get(binary))
        .route(
            "/status/{status}/empty",
            get(async |Path(status): Path<u16>| code(status)),
        )
        .route("/status/{status}/stream", get(streamed))
        .route("/status/{status}/failing", get(failing))
        .route("/status/{status}/pending", get(pending))
        .fallback(describe)
}

/// Describes what the service got.
async fn describe(
    uri: Uri,
    headers: HeaderMap,
    Extension(context): Extension<Context>,
    raw: Option<Extension<RawRequestContext>>,
    typed: Option<Extension<RequestContext>>,
) -> Json<Value> {
    Json(json!({
        "uri": uri.to_string(),
        "headers": headers.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
        "tenant_id": context.tenant_id(),
        "request_context": raw.map(|Extension(RawRequestContext(context))| context),
        "is_typed": typed.is_some(),
    }))
}

async fn connection(ConnectInfo(address): ConnectInfo<SocketAddr>) -> String {
    address.to_string()
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST)
}

async fn complete(Path(status): Path<u16>) -> (StatusCode, String) {
    (code(status), format!("no tea: {status}"))
}

async fn binary(Path(status): Path<u16>) -> (StatusCode, Bytes) {
    (code(status), Bytes::from_static(&[0xff, 0]))
}

async fn streamed(Path(status): Path<u16>) -> (StatusCode, AxumBody) {
    let chunks = stream::iter(["no ", "tea"].map(Ok::<_, std::io::Error>));
    (code(status), AxumBody::from_stream(chunks))
}

async fn failing(Path(status): Path<u16>) -> (StatusCode, AxumBody) {
    let chunks = stream::iter([Ok("no "), Err(std::io::Error::other("the kettle broke"))]);
    (code(status), AxumBody::from_stream(chunks))
}

/// A body of a known length whose data never arrives.
struct Pending;

impl Body for Pending {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::convert::Infallible>>> {
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(7)
    }
}

async fn pending(Path(status): Path<u16>) -> Response<AxumBody> {
    let mut response = Response::new(AxumBody::new(Pending));
    *response.status_mut() = code(status);
    response
}
