//! The servers of the example `axum_app`: `axum::serve`, local mode, and Lambda behind each event source.

use std::ffi::OsStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use test_support::{
    BodyEnd, Event, HttpConnection, HttpEvent, MockRuntimeApi, Process, Response, ResponseKind, example, start,
};

use crate::observed::{Fidelity, ObservedResponse};
use crate::requests::Request;

/// A running application that receives one request at a time.
pub(crate) trait Server {
    /// What the server preserves of requests and responses.
    const FIDELITY: Fidelity;

    /// Sends the request and returns the complete response, or `None` if the server does not support the request.
    fn send(&self, request: &Request) -> Option<ObservedResponse>;
}

/// A process that listens on a port.
pub(crate) struct HttpServer {
    _process: Process,
    pub(crate) address: String,
}

impl HttpServer {
    /// `axum::serve`: the reference of all comparisons.
    pub(crate) fn axum_serve() -> Self {
        Self::spawn(Process::command(env!("CARGO_BIN_EXE_axum_serve")))
    }

    /// The example in local mode.
    pub(crate) fn local_mode() -> Self {
        let mut command = Process::command(example("axum_app"));
        // The example serves files of its package.
        command.env("LAMBDA_TASK_ROOT", concat!(env!("CARGO_MANIFEST_DIR"), "/../examples"));
        command.args(["--port", "0"]);
        Self::spawn(command)
    }

    /// Any function in local mode.
    pub(crate) fn local_mode_of(path: impl AsRef<OsStr>) -> Self {
        let mut command = Process::command(path);
        command.args(["--port", "0"]);
        Self::spawn(command)
    }

    fn spawn(command: std::process::Command) -> Self {
        let process = Process::spawn(command);
        let address = process.wait_for_url();
        Self {
            _process: process,
            address,
        }
    }
}

impl Server for HttpServer {
    /// Of local mode, which passes events of payload format 2.0 to the function. `axum::serve` preserves everything.
    const FIDELITY: Fidelity = Fidelity {
        header_lists: false,
        raw_query: true,
    };

    fn send(&self, request: &Request) -> Option<ObservedResponse> {
        let mut connection = HttpConnection::open(&self.address);
        connection.send(request.to_bytes());
        let response = connection.read_response(request.method);
        connection.assert_no_more_bytes();
        let head = response.head;
        Some(ObservedResponse::new(head.status, head.headers.iter(), response.body))
    }
}

/// The example against the mock Runtime API.
struct LambdaFunction {
    lambda: MockRuntimeApi,
    _function: Process,
}

impl LambdaFunction {
    fn start() -> Self {
        let (lambda, function) = start(example("axum_app"));
        Self {
            lambda,
            _function: function,
        }
    }

    /// Adds the headers and the body of `request` to `event`, and invokes the function.
    fn invoke(&self, mut event: HttpEvent, request: &Request) -> Response {
        for (name, value) in request.headers() {
            event = match name.as_str() {
                "Host" => event.host(&value),
                "Cookie" => value.split("; ").fold(event, HttpEvent::cookie),
                _ => event.header(&name, &value),
            };
        }
        if let Some(body) = &request.body {
            event = event.body(body);
        }
        let response = self.lambda.invoke(event);
        assert_eq!(
            response.kind(),
            ResponseKind::Response,
            "{}: {response:?}",
            request.name
        );
        assert!(!response.failed(), "{}: {:?}", request.name, response.error());
        response
    }
}

/// A Function URL.
pub(crate) struct FunctionUrl(LambdaFunction);

impl FunctionUrl {
    pub(crate) fn start() -> Self {
        Self(LambdaFunction::start())
    }
}

impl Server for FunctionUrl {
    const FIDELITY: Fidelity = Fidelity {
        header_lists: false,
        raw_query: true,
    };

    fn send(&self, request: &Request) -> Option<ObservedResponse> {
        let event = Event::function_url(request.method, request.target);
        Some(from_stream(&self.0.invoke(event, request)))
    }
}

/// An API Gateway REST API.
pub(crate) struct RestApi(LambdaFunction);

impl RestApi {
    pub(crate) fn start() -> Self {
        Self(LambdaFunction::start())
    }
}

impl Server for RestApi {
    const FIDELITY: Fidelity = Fidelity {
        header_lists: true,
        raw_query: false,
    };

    fn send(&self, request: &Request) -> Option<ObservedResponse> {
        let event = Event::rest_api(request.method, request.target);
        Some(from_stream(&self.0.invoke(event, request)))
    }
}

/// An ALB whose target group has multi-value headers enabled.
pub(crate) struct Alb(LambdaFunction);

impl Alb {
    pub(crate) fn start() -> Self {
        Self(LambdaFunction::start())
    }
}

impl Server for Alb {
    const FIDELITY: Fidelity = Fidelity {
        header_lists: true,
        raw_query: false,
    };

    fn send(&self, request: &Request) -> Option<ObservedResponse> {
        if request.exceeds_alb_limit {
            return None;
        }
        let event = Event::alb(request.method, request.target, true);
        Some(from_document(&self.0.invoke(event, request)))
    }
}

/// Decodes a prelude and the body that follows it.
fn from_stream(response: &Response) -> ObservedResponse {
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    let (prelude, body) = response.prelude();
    let mut headers = pairs(&prelude["headers"]);
    headers.extend(pairs(&prelude["multiValueHeaders"]));
    headers.extend(strings(&prelude["cookies"]).map(|cookie| ("set-cookie", cookie)));
    ObservedResponse::new(status(&prelude), headers.into_iter(), body.to_vec())
}

/// Decodes a response that is one JSON document.
fn from_document(response: &Response) -> ObservedResponse {
    assert_eq!(response.body_end(), BodyEnd::ContentLength);
    let document = response.json();
    let body = document["body"].as_str().unwrap();
    let body = match document["isBase64Encoded"].as_bool().unwrap() {
        true => STANDARD.decode(body).unwrap(),
        false => body.as_bytes().to_vec(),
    };
    let headers = pairs(&document["multiValueHeaders"]);
    ObservedResponse::new(status(&document), headers.into_iter(), body)
}

fn status(prelude: &Value) -> u16 {
    prelude["statusCode"].as_u64().unwrap().try_into().unwrap()
}

/// Returns each name with each of its values. A value that is not an object has none.
fn pairs(object: &Value) -> Vec<(&str, &str)> {
    let fields = object.as_object().into_iter().flatten();
    fields
        .flat_map(|(name, value)| strings(value).map(move |value| (name.as_str(), value)))
        .collect()
}

/// Returns a string, or the strings of a list.
fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().map(|value| value.as_str().unwrap())
}
