//! The Lambda Runtime API (version 2018-06-01): routes for polling, responses and errors.
//!
//! Follows Lambda's own server: streaming responses are forwarded as they arrive, mid-stream errors arrive as HTTP
//! trailers, and a response without the final zero chunk is truncated. This module does not depend on the front ends.
//!
//! The only legitimate client is the function in this process, but any local program and any web page can find the
//! port. The API is therefore served under a secret path, which is part of
//! [`Session::runtime_api`](super::Session::runtime_api).

mod replies;
mod response;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::net::TcpListener;

use super::broker::response::FunctionResponse;
use super::broker::{Broker, StateError};
use super::identifiers::{self, RequestId};
use super::server::rejection::drain_body;
use super::server::{self, Peer, ServerKind};
use super::shutdown::ShutdownToken;

/// Lambda's maximum function timeout. The deadline is sent to the function, but local mode does not enforce it.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// Serves the Runtime API under the path `/{secret}/` until the process exits.
pub(crate) async fn serve(listener: TcpListener, secret: String, broker: Arc<Broker>) {
    let prefix: Arc<str> = format!("/{secret}/").into();
    let function_arn: Arc<str> = identifiers::function_arn().into();
    let handler = move |request: Request<Incoming>, peer: Peer| {
        let (broker, function_arn) = (Arc::clone(&broker), Arc::clone(&function_arn));
        let is_function = request.uri().path().starts_with(&*prefix);
        if is_function {
            peer.connection.trust();
        }
        async move {
            match is_function {
                true => route(request, &broker, &function_arn).await,
                false => reject_unknown_client(request.into_body()),
            }
        }
    };
    server::serve(listener, ServerKind::RuntimeApi, handler, ShutdownToken::never()).await;
}

fn reject_unknown_client(body: Incoming) -> Response<Full<Bytes>> {
    drain_body(body);
    let message =
        "this port is only for the function itself: send requests to the URL that the function prints at startup";
    replies::error(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

async fn route(request: Request<Incoming>, broker: &Broker, function_arn: &str) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    // The part before the version is the secret.
    let path: Vec<&str> = match parts.uri.path().split_once("/2018-06-01/runtime/") {
        Some((_, path)) => path.split('/').collect(),
        None => Vec::new(),
    };
    match (&parts.method, path.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => {
            let (id, event) = broker.next().await;
            next_event(&id, event, function_arn)
        }
        (&Method::POST, ["invocation", id, "response"]) => match broker.claim(id) {
            Ok(responder) => response::receive(&parts.headers, body, responder, broker).await,
            Err(error) => reject(body, error),
        },
        (&Method::POST, ["invocation", id, "error"]) => match broker.claim(id) {
            Ok(responder) => {
                let error = response::read_error(&parts.headers, body).await;
                broker.complete_at_next_poll(responder.respond(FunctionResponse::Failed(error)));
                replies::accepted()
            }
            Err(error) => reject(body, error),
        },
        (&Method::POST, ["init", "error"]) => {
            let error = response::read_error(&parts.headers, body).await;
            match broker.fail_init(error) {
                Ok(()) => replies::accepted(),
                Err(error) => replies::state_error(error),
            }
        }
        (method, _) => {
            let message = format!("the Runtime API has no {method} {}", path.join("/").escape_debug());
            drain_body(body);
            replies::error(StatusCode::NOT_FOUND, "NotFound", &message)
        }
    }
}

/// Returns the response to a poll.
fn next_event(id: &RequestId, event: Bytes, function_arn: &str) -> Response<Full<Bytes>> {
    let deadline = identifiers::unix_millis(SystemTime::now() + FUNCTION_TIMEOUT);
    Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .header("lambda-runtime-aws-request-id", id.as_str())
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", function_arn)
        .header("lambda-runtime-trace-id", identifiers::trace_header())
        .body(Full::new(event))
        .unwrap_or_else(|error| {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            replies::error(status, "InternalServerError", &error.to_string())
        })
}

fn reject(body: Incoming, error: StateError) -> Response<Full<Bytes>> {
    drain_body(body);
    replies::state_error(error)
}

#[cfg(test)]
mod tests;
