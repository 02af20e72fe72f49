//! The Extensions API: registration, and the polls for INVOKE and SHUTDOWN events.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;

use super::super::activity::event::EnvironmentId;
use super::super::broker::Broker;
use super::super::broker::extension::{EventTypes, ExtensionEvent};
use super::super::server::rejection::{drain_body, json_response};
use super::super::variables;
use super::replies;

const NAME: &str = "lambda-extension-name";
const IDENTIFIER: HeaderName = HeaderName::from_static("lambda-extension-identifier");

/// The most that a registration may contain, in bytes.
const MAX_REGISTRATION_BYTES: usize = 64 * 1024;

/// Responds to a request whose path continues with `path` after `/2020-01-01/extension`.
pub(super) async fn route(
    parts: &Parts,
    body: Incoming,
    environment: EnvironmentId,
    path: &[&str],
    broker: &Broker,
) -> Response<Full<Bytes>> {
    match (&parts.method, path) {
        (&Method::POST, ["register"]) => register(&parts.headers, body, environment, broker).await,
        (&Method::GET, ["event", "next"]) => next(&parts.headers, environment, broker).await,
        // The extension exits next. If it is the function's own process, that fails the environment.
        (&Method::POST, ["init" | "exit", "error"]) => {
            drain_body(body);
            replies::accepted()
        }
        (method, _) => {
            let message = format!("the Extensions API has no {method} /{}", path.join("/").escape_debug());
            drain_body(body);
            replies::error(StatusCode::NOT_FOUND, "NotFound", &message)
        }
    }
}

async fn register(
    headers: &HeaderMap,
    body: Incoming,
    environment: EnvironmentId,
    broker: &Broker,
) -> Response<Full<Bytes>> {
    if headers.get(NAME).is_none_or(|name| name.is_empty()) {
        drain_body(body);
        let message = "missing header `Lambda-Extension-Name`: send the name of the extension";
        return replies::error(StatusCode::BAD_REQUEST, "Extension.InvalidExtensionName", message);
    }
    #[derive(Deserialize)]
    struct Registration {
        #[serde(default)]
        events: Vec<String>,
    }
    let read = Limited::new(body, MAX_REGISTRATION_BYTES).collect().await;
    let json = read.map(|read| read.to_bytes()).unwrap_or_default();
    let registration: Registration = match serde_json::from_slice(&json) {
        Ok(registration) => registration,
        Err(error) => {
            let message = format!("failed to deserialize the registration: {error}");
            return replies::error(StatusCode::BAD_REQUEST, "InvalidRequestFormat", &message);
        }
    };
    let mut events = EventTypes::default();
    for event in &registration.events {
        match event.as_str() {
            "INVOKE" => events.invoke = true,
            "SHUTDOWN" => events.shutdown = true,
            _ => {
                let message = format!(
                    "unknown event `{}`: an extension can register for INVOKE and SHUTDOWN",
                    event.escape_debug()
                );
                return replies::error(StatusCode::BAD_REQUEST, "Extension.InvalidEventType", &message);
            }
        }
    }
    let Some(identifier) = broker.register_extension(environment, events) else {
        return unknown_extension();
    };
    let json = json!({
        "functionName": variables::function_name(),
        "functionVersion": variables::FUNCTION_VERSION,
        "handler": variables::HANDLER,
    });
    let mut response = json_response(json.to_string().into());
    if let Ok(identifier) = HeaderValue::from_str(&identifier) {
        response.headers_mut().insert(IDENTIFIER, identifier);
    }
    response
}

async fn next(headers: &HeaderMap, environment: EnvironmentId, broker: &Broker) -> Response<Full<Bytes>> {
    let identifier = headers.get(IDENTIFIER).and_then(|value| value.to_str().ok());
    let event = match identifier {
        Some(identifier) => broker.next_extension_event(environment, identifier).await,
        None => None,
    };
    let json = match event {
        Some(ExtensionEvent::Invoke {
            request_id,
            function_arn,
            trace_id,
            deadline,
        }) => json!({
            "eventType": "INVOKE",
            "deadlineMs": deadline,
            "requestId": request_id,
            "invokedFunctionArn": function_arn,
            "tracing": { "type": "X-Amzn-Trace-Id", "value": trace_id },
        }),
        Some(ExtensionEvent::Shutdown { reason, deadline }) => json!({
            "eventType": "SHUTDOWN",
            "shutdownReason": reason,
            "deadlineMs": deadline,
        }),
        None => return unknown_extension(),
    };
    json_response(json.to_string().into())
}

fn unknown_extension() -> Response<Full<Bytes>> {
    replies::error(
        StatusCode::FORBIDDEN,
        "Extension.UnknownExtensionIdentifier",
        "no extension with this identifier is registered: send the `Lambda-Extension-Identifier` of the registration",
    )
}
