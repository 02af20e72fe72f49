//! Requests to an upstream, and the limits of its responses.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::{BodyDataStream, BodyExt, Limited};
use lambda_stream::Error;
use sse_stream::SseStream;
use tokio::time::{Instant, timeout_at};

use crate::config::Route;
use crate::failure::Failure;

/// The longest event in bytes.
const MAX_EVENT: usize = 1024 * 1024;

/// The longest response without streaming, in bytes.
const MAX_DOCUMENT: usize = 6 * 1024 * 1024;

/// The longest body of an error, in bytes.
const MAX_ERROR: usize = 64 * 1024;

pub(crate) struct Client(reqwest::Client);

impl Client {
    pub(crate) fn new() -> Result<Self, Error> {
        let client = reqwest::Client::builder()
            // A redirect could send a prompt elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            // Lambda freezes the process between invocations. A pooled connection may have been closed when it resumes.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self(client))
    }

    /// Sends a request and waits for the head of the response. A response with another status than 200 or another type is
    /// a failure.
    pub(crate) async fn send(
        &self,
        route: &Route,
        body: Vec<u8>,
        content_type: &str,
    ) -> Result<reqwest::Body, Failure> {
        let mut request = self.0.post(route.url.clone());
        request = request
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, content_type);
        if let Some(authorization) = &route.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let response = request.body(body).send().await.map_err(|error| {
            let failure = match (error.is_timeout(), error.is_connect()) {
                (true, _) => Failure::timeout("the upstream did not accept the connection in time"),
                (false, true) => Failure::bad_gateway("the upstream is not reachable"),
                (false, false) => Failure::bad_gateway("the upstream closed the connection without a response"),
            };
            failure.caused_by(describe(&error))
        })?;
        let (head, body) = Response::from(response).into_parts();
        if head.status != StatusCode::OK {
            // A body that is too long or incomplete is left out.
            let body = collect(body, MAX_ERROR).await.unwrap_or_default();
            return Err(Failure::of_status(head.status, &head.headers, &body));
        }
        if !has_type(&head.headers, content_type) {
            let cause = format!("content type {:?}", head.headers.get(CONTENT_TYPE));
            return Err(
                Failure::bad_gateway(&format!("the upstream did not respond with `{content_type}`")).caused_by(cause),
            );
        }
        Ok(body)
    }
}

fn has_type(headers: &HeaderMap, expected: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(expected))
}

/// Returns a whole response.
pub(crate) async fn document(body: reqwest::Body) -> Result<Bytes, Failure> {
    let collected = collect(body, MAX_DOCUMENT).await;
    collected.map_err(|error| Failure::bad_gateway("the upstream did not send a complete response").caused_by(error))
}

async fn collect(body: reqwest::Body, limit: usize) -> Result<Bytes, String> {
    let collected = Limited::new(body, limit).collect().await;
    collected.map(|body| body.to_bytes()).map_err(|error| describe(&*error))
}

/// Returns the data of each event. Comments are left out.
pub(crate) fn events(body: reqwest::Body) -> impl Stream<Item = Result<String, Failure>> + Send {
    // The parser has no limit. These are the bytes that it has got since the last event.
    let unparsed = Arc::new(AtomicUsize::new(0));
    let bytes = BodyDataStream::new(body).map({
        let unparsed = Arc::clone(&unparsed);
        move |bytes| {
            let bytes = bytes.map_err(io::Error::other)?;
            match unparsed.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() {
                ..=MAX_EVENT => Ok(bytes),
                _ => Err(io::Error::other(format!("no end of an event in {MAX_EVENT} bytes"))),
            }
        }
    });
    SseStream::from_bytes_stream(bytes).filter_map(move |event| {
        unparsed.store(0, Ordering::Relaxed);
        std::future::ready(match event {
            Ok(event) => event.data.map(Ok),
            Err(error) => Some(Err(Failure::bad_gateway(match error {
                sse_stream::Error::Body(_) => "the upstream broke off its response",
                _ => "the upstream sent something other than events",
            })
            .caused_by(describe(&error)))),
        })
    })
}

/// Waits until the deadline at most.
pub(crate) async fn until<T>(
    deadline: Option<Instant>,
    result: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match deadline {
        None => result.await,
        Some(deadline) => timeout_at(deadline, result).await.unwrap_or_else(|_| {
            Err(Failure::timeout(
                "the upstream did not respond within the timeout of the gateway",
            ))
        }),
    }
}

/// Returns the messages of an error and its sources.
fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", describe(source)),
        None => error.to_string(),
    }
}
