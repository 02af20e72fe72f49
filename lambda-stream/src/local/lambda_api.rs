//! The Lambda API, which AWS SDKs and the `aws` command call: `Invoke` and `InvokeWithResponseStream`.
//!
//! There is one function, so it is invoked under any name. Signatures are not checked. If all environments are in use, a
//! request waits in the queue, where Lambda would respond with 429.

mod client_context;
mod error;
mod event_stream;
mod function_name;
mod invoke;
mod log_tail;
mod request;
mod response_stream;

use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use self::error::ApiError;
use self::function_name::FunctionName;
use self::request::InvokeRequest;
use super::identifiers::RequestId;
use super::server::Peer;
use super::server::body::{ResponseBody, boxed};
use super::server::rejection::drain_body;
use super::shared::Shared;

/// The path of `Invoke` starts with this version of the API.
const INVOKE_VERSION: &str = "/2015-03-31/functions";

/// The path of `InvokeWithResponseStream` starts with this version of the API.
const RESPONSE_STREAM_VERSION: &str = "/2021-11-15/functions";

/// An operation of the Lambda API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Invoke,
    InvokeWithResponseStream,
}

/// Returns whether the path belongs to the Lambda API.
pub(crate) fn is_path(path: &str) -> bool {
    [INVOKE_VERSION, RESPONSE_STREAM_VERSION].iter().any(|version| {
        path.strip_prefix(version)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Responds to a request.
pub(crate) async fn respond(request: Request<Incoming>, peer: Peer, shared: Shared) -> Response<ResponseBody> {
    let id = RequestId::random();
    let (parts, mut body) = request.into_parts();
    let accepted = async {
        let (operation, name) = route(&parts.method, parts.uri.path())?;
        let name = FunctionName::parse(name, parts.uri.query())?;
        let request = InvokeRequest::read(operation, name, &parts.headers, &mut body, &shared).await?;
        peer.connection.set_request_received();
        Ok::<_, ApiError>((operation, request))
    };
    let mut response = match accepted.await {
        Ok((Operation::Invoke, request)) => invoke::respond(id.clone(), request, &shared).await,
        Ok((Operation::InvokeWithResponseStream, request)) => {
            response_stream::respond(id.clone(), request, &shared).await
        }
        Err(error) => {
            drain_body(body);
            error.into_response().map(boxed)
        }
    };
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

/// Returns the operation, and the percent-encoded function name.
fn route<'path>(method: &Method, path: &'path str) -> Result<(Operation, &'path str), ApiError> {
    let name = |version, operation| {
        let name = path.strip_prefix(version)?.strip_prefix('/')?.strip_suffix(operation)?;
        (method == Method::POST && !name.contains('/')).then_some(name)
    };
    if let Some(name) = name(INVOKE_VERSION, "/invocations") {
        return Ok((Operation::Invoke, name));
    }
    if let Some(name) = name(RESPONSE_STREAM_VERSION, "/response-streaming-invocations") {
        return Ok((Operation::InvokeWithResponseStream, name));
    }
    // Not `ResourceNotFoundException`: it would mean that the function does not exist, for which some SDK functions wait.
    Err(ApiError::new(
        StatusCode::NOT_FOUND,
        "UnknownOperationException",
        format!(
            "local mode has no operation {method} {path}: it has Invoke (POST {INVOKE_VERSION}/NAME/invocations) and \
             InvokeWithResponseStream (POST {RESPONSE_STREAM_VERSION}/NAME/response-streaming-invocations)",
            path = path.escape_debug()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_both_versions_belong_to_the_api() {
        for path in [
            "/2015-03-31/functions",
            "/2015-03-31/functions/",
            "/2021-11-15/functions/a/response-streaming-invocations",
        ] {
            assert!(is_path(path), "{path}");
        }
        for path in ["/", "/2015-03-31", "/2015-03-31/functions2", "/2015-03-31/layers/"] {
            assert!(!is_path(path), "{path}");
        }
    }

    #[test]
    fn route_returns_operation_and_name() {
        let route = |method, path| route(&method, path).ok();
        assert_eq!(
            route(Method::POST, "/2015-03-31/functions/a%3Ab/invocations"),
            Some((Operation::Invoke, "a%3Ab"))
        );
        assert_eq!(
            route(Method::POST, "/2021-11-15/functions/a/response-streaming-invocations"),
            Some((Operation::InvokeWithResponseStream, "a"))
        );
        for (method, path) in [
            (Method::GET, "/2015-03-31/functions/a/invocations"),
            (Method::POST, "/2021-11-15/functions/a/invocations"),
            (Method::POST, "/2015-03-31/functions/a/response-streaming-invocations"),
            (Method::POST, "/2015-03-31/functions/a/b/invocations"),
            (Method::POST, "/2015-03-31/functions/invocations"),
            (Method::GET, "/2015-03-31/functions/"),
        ] {
            assert_eq!(route(method.clone(), path), None, "{method} {path}");
        }
    }
}
