//! The Lambda Runtime API (version 2018-06-01) and the Extensions API (version 2020-01-01) of the execution environments.
//!
//! Follows Lambda's own server: streaming responses are forwarded as they arrive, mid-stream errors arrive as HTTP
//! trailers, and a response without the final zero chunk is truncated. This module does not depend on the front ends.
//!
//! The only legitimate clients are the environments, but any local program and any web page can find the port. The APIs are
//! therefore served under a secret path, followed by the number of the environment; see [`Endpoint::of`].

mod extension;
mod replies;
mod reported_error;
mod response;
#[cfg(feature = "otel")]
mod traces;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::net::TcpListener;

use self::response::Call;
use super::activity::event::EnvironmentId;
use super::broker::environment::StateError;
use super::broker::{Broker, DeliveredInvocation};
use super::identifiers;
use super::server::rejection::drain_body;
use super::server::{self, Peer, ServerKind};
use super::shutdown::ShutdownToken;

/// The address of the APIs.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    address: SocketAddr,
    secret: String,
}

impl Endpoint {
    /// Returns the endpoint at the address of a listener, with a new secret.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            secret: identifiers::random_secret(),
        }
    }

    /// Returns the value of `AWS_LAMBDA_RUNTIME_API` for an environment. Spans are exported to the path `v1/traces` below it.
    pub(crate) fn of(&self, environment: EnvironmentId) -> String {
        format!("{}/{}/{environment}", self.address, self.secret)
    }
}

/// Serves the APIs until the process exits.
pub(crate) async fn serve(listener: TcpListener, endpoint: Endpoint, broker: Arc<Broker>) {
    let prefix: Arc<str> = format!("/{}/", endpoint.secret).into();
    let handler = move |request: Request<Incoming>, peer: Peer| {
        let broker = Arc::clone(&broker);
        let target = target(request.uri().path(), &prefix);
        if target.is_some() {
            peer.connection.trust();
        }
        async move {
            match target {
                Some((environment, path)) => route(request, environment, &path, &broker).await,
                None => reject_unknown_client(request.into_body()),
            }
        }
    };
    server::serve(listener, ServerKind::RuntimeApi, handler, ShutdownToken::never()).await;
}

/// Splits the path of a request into the environment and the path of the API. Returns `None` without the secret.
fn target(path: &str, prefix: &str) -> Option<(EnvironmentId, String)> {
    let (environment, path) = path.strip_prefix(prefix)?.split_once('/')?;
    Some((EnvironmentId(environment.parse().ok()?), path.to_owned()))
}

fn reject_unknown_client(body: Incoming) -> Response<Full<Bytes>> {
    drain_body(body);
    let message =
        "this port is only for the function itself: send requests to the URL that the function prints at startup";
    replies::error(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

async fn route(
    request: Request<Incoming>,
    environment: EnvironmentId,
    path: &str,
    broker: &Broker,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let segments: Vec<&str> = path.split('/').collect();
    match (&parts.method, segments.as_slice()) {
        (&Method::GET, ["2018-06-01", "runtime", "invocation", "next"]) => {
            // Lets the runtime read the lines that the function wrote before this poll, which completes their invocation.
            tokio::task::yield_now().await;
            next_event(broker.next(environment).await)
        }
        (&Method::POST, ["2018-06-01", "runtime", "invocation", id, "response"]) => {
            match broker.claim(environment, id) {
                Ok(responder) => {
                    let call = Call {
                        path,
                        headers: &parts.headers,
                        environment,
                        broker,
                    };
                    call.receive(body, responder).await
                }
                Err(error) => reject(path, body, error),
            }
        }
        (&Method::POST, ["2018-06-01", "runtime", "invocation", id, "error"]) => match broker.claim(environment, id) {
            Ok(responder) => {
                let error = response::read_error(&parts.headers, body).await;
                broker.complete_at_next_poll(environment, responder.fail(error));
                replies::accepted()
            }
            Err(error) => reject(path, body, error),
        },
        (&Method::POST, ["2018-06-01", "runtime", "init", "error"]) => {
            let error = response::read_error(&parts.headers, body).await;
            match broker.fail_init(environment, error) {
                Ok(()) => replies::accepted(),
                Err(error) => replies::state_error(path, error),
            }
        }
        (_, ["2020-01-01", "extension", ..]) => {
            extension::route(&parts, body, environment, &segments[2..], broker).await
        }
        #[cfg(feature = "otel")]
        (&Method::POST, ["v1", "traces"]) => traces::receive(body, environment, broker).await,
        (method, _) => {
            let message = format!("the Runtime API has no {method} {}", path.escape_debug());
            drain_body(body);
            replies::error(StatusCode::NOT_FOUND, "NotFound", &message)
        }
    }
}

/// Returns the response to a poll.
fn next_event(DeliveredInvocation { invocation, deadline }: DeliveredInvocation) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(invocation.request.event.clone()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("lambda-runtime-deadline-ms", deadline.into());
    let values = [
        ("lambda-runtime-aws-request-id", Some(invocation.id.as_str())),
        ("lambda-runtime-invoked-function-arn", Some(&invocation.function_arn)),
        ("lambda-runtime-trace-id", Some(&invocation.trace_id)),
        ("lambda-runtime-client-context", invocation.client_context.as_deref()),
        ("lambda-runtime-aws-tenant-id", invocation.tenant_id.as_deref()),
    ];
    for (name, value) in values {
        // The front ends accept only text that can be a header value.
        if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn reject(path: &str, body: Incoming, error: StateError) -> Response<Full<Bytes>> {
    drain_body(body);
    replies::state_error(path, error)
}

#[cfg(test)]
mod tests;
