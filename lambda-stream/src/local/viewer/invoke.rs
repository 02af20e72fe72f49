//! `POST /_stream/invoke`: sends an event or an HTTP request to the function.
//!
//! The response is `{"id": REQUEST_ID}`. The page receives the function's response as records of the activity.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::super::activity::event::{RequestInfo, Source};
use super::super::broker::invocation::{InvocationHandle, NewInvocation};
use super::super::broker::response::FunctionResponse;
use super::super::function_url::prelude::{self, HeadError, HeadRules};
use super::super::identifiers::RequestId;
use super::super::server::body::{ResponseBody, boxed};
use super::super::server::connection::ConnectionState;
use super::super::server::rejection::{ErrorResponse, drain_body, json_response};
use super::super::shared::{MAX_VIEWER_INVOCATIONS, Shared};
use super::super::variables;
use crate::event::encode::payload_v2;

/// The body of the request.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// The text of an event, which is delivered without a change.
    Event(String),
    /// A request, which the function receives as a Function URL does.
    Http(HttpRequest),
}

#[derive(Deserialize)]
struct HttpRequest {
    method: String,
    /// With the query.
    path: String,
    headers: Vec<(String, String)>,
    body: String,
    /// The body is base64.
    #[serde(default)]
    is_base64: bool,
}

/// Invokes the function.
pub(super) async fn respond(
    mut body: Incoming,
    client: SocketAddr,
    connection: &ConnectionState,
    shared: Shared,
) -> Response<ResponseBody> {
    let order = match shared.budget.read_body(&mut body).await {
        Ok(order) => order,
        Err(error) => {
            drain_body(body);
            return error.to_response().into_response().map(boxed);
        }
    };
    connection.set_request_received();
    let invoked = invoke(order.as_ref(), client, &shared);
    let response = match invoked {
        Ok(id) => {
            let mut response = json_response(json!({ "id": id.as_str() }).to_string().into());
            *response.status_mut() = StatusCode::ACCEPTED;
            response
        }
        Err(error) => error.into_response(),
    };
    response.map(boxed)
}

fn invoke(order: &[u8], client: SocketAddr, shared: &Shared) -> Result<RequestId, ErrorResponse> {
    let Ok(permit) = Arc::clone(&shared.viewer_invocations).try_acquire_owned() else {
        let message =
            format!("{MAX_VIEWER_INVOCATIONS} invocations of the viewer are running: retry when some have finished");
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Err(ErrorResponse::new(status, "TooManyRequestsException", &message));
    };
    let order = serde_json::from_slice(order).map_err(|error| bad_request(&format!("invalid request: {error}")))?;
    let id = RequestId::random();
    let event: Bytes = match order {
        Order::Event(text) => {
            serde_json::from_str::<IgnoredAny>(&text)
                .map_err(|error| bad_request(&format!("the event is not valid JSON: {error}")))?;
            text.into()
        }
        Order::Http(request) => encode(request, &id, client)?.into(),
    };
    let event = shared
        .budget
        .reserve_event(event)
        .map_err(|error| error.to_response())?;
    let http = describe_http(&event);
    let is_http = http.is_some();
    let (method, path) = http.unwrap_or_else(|| ("INVOKE".to_owned(), variables::function_name()));
    let request = RequestInfo {
        source: Source::Viewer,
        method,
        path,
        event,
    };
    let invocation = shared.broker.invoke(NewInvocation::new(id.clone(), request));
    tokio::spawn(async move {
        discard_response(invocation, is_http).await;
        drop(permit);
    });
    Ok(id)
}

/// Encodes the request as the event of a Function URL.
fn encode(request: HttpRequest, id: &RequestId, client: SocketAddr) -> Result<String, ErrorResponse> {
    let body = match request.is_base64 {
        true => STANDARD
            .decode(request.body)
            .map_err(|error| bad_request(&format!("the body is not valid base64: {error}")))?,
        false => request.body.into_bytes(),
    };
    let builder = Request::builder().method(request.method.as_str()).uri(request.path);
    let builder = request
        .headers
        .iter()
        .fold(builder, |builder, (name, value)| builder.header(name, value));
    let (parts, ()) = builder
        .body(())
        .map_err(|error| bad_request(&format!("the request is not valid HTTP: {error}")))?
        .into_parts();
    let source = payload_v2::Source {
        account_id: "anonymous",
        api_id: "local",
        domain_name: "localhost",
        request_id: id.as_str(),
        client: client.ip(),
        time: SystemTime::now(),
    };
    Ok(payload_v2::encode(&parts, &body, &source).to_string())
}

/// The fields of an event that describe its HTTP request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpEvent {
    // Payload format 2.0.
    raw_path: Option<String>,
    #[serde(default)]
    raw_query_string: String,
    request_context: RequestContext,
    // Payload format 1.0 and Application Load Balancers.
    http_method: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Option<HttpDescription>,
}

#[derive(Deserialize)]
struct HttpDescription {
    method: String,
}

/// Returns the method and the path of an HTTP event, or `None` for any other event.
fn describe_http(event: &[u8]) -> Option<(String, String)> {
    let event: HttpEvent = serde_json::from_slice(event).ok()?;
    match (
        event.request_context.http,
        event.raw_path,
        event.http_method,
        event.path,
    ) {
        (Some(http), Some(path), ..) => {
            let query = event.raw_query_string;
            let separator = if query.is_empty() { "" } else { "?" };
            Some((http.method, format!("{path}{separator}{query}")))
        }
        (_, _, Some(method), Some(path)) => Some((method, path)),
        _ => None,
    }
}

/// Reads the response to its end, so that the function is not held up, and records its status.
async fn discard_response(mut invocation: InvocationHandle, is_http: bool) {
    let (status, rest) = match invocation.response().await {
        FunctionResponse::Buffered(payload) if is_http => {
            let head = prelude::decode_buffered(&payload, HeadRules::AnySource);
            let status = head.map(|head| head.map_or(StatusCode::OK, |(head, _)| head.status));
            (status.unwrap_or_else(status_of), None)
        }
        FunctionResponse::Streaming { content_type, mut body } if prelude::is_expected(&content_type) => {
            match prelude::read(&mut body, HeadRules::AnySource).await {
                Ok((head, _)) => (head.status, Some(body)),
                Err(error) => (status_of(error), Some(body)),
            }
        }
        FunctionResponse::Buffered(_) => (StatusCode::OK, None),
        FunctionResponse::Streaming { body, .. } => (StatusCode::OK, Some(body)),
        FunctionResponse::Failed(_) if is_http => (StatusCode::BAD_GATEWAY, None),
        // As `Invoke` responds.
        FunctionResponse::Failed(_) => (StatusCode::OK, None),
    };
    invocation.set_status(status);
    if let Some(mut body) = rest {
        while let Some(Ok(_)) = body.next().await {}
    }
}

fn status_of(error: HeadError) -> StatusCode {
    match error {
        HeadError::Invocation(_) => StatusCode::BAD_GATEWAY,
        HeadError::Invalid { status, .. } => status,
    }
}

fn bad_request(message: &str) -> ErrorResponse {
    ErrorResponse::new(StatusCode::BAD_REQUEST, "BadRequest", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_events_are_described_by_method_and_path() {
        let describe = |event: &str| describe_http(event.as_bytes());
        let v2 = r#"{"rawPath":"/a","rawQueryString":"b=1","requestContext":{"http":{"method":"PUT","path":"/a"}}}"#;
        assert_eq!(describe(v2), Some(("PUT".to_owned(), "/a?b=1".to_owned())));
        let v1 = r#"{"httpMethod":"GET","path":"/a","requestContext":{"stage":"x"}}"#;
        assert_eq!(describe(v1), Some(("GET".to_owned(), "/a".to_owned())));
        for other in [r#"{"Records":[]}"#, "7", "null", r#"{"requestContext":{}}"#] {
            assert_eq!(describe(other), None, "{other}");
        }
    }
}
