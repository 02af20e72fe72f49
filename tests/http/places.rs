//! Where the application answers: on a port, or behind Lambda's events.

use std::ffi::OsStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use test_support::{
    BodyEnd, Event, HttpConnection, HttpEvent, MockRuntimeApi, Process, Response, ResponseKind, example,
};

use crate::observed::{Format, Observed};
use crate::requests::Request;

/// The application somewhere, asked one request at a time.
pub(crate) trait Place {
    /// What its events can say.
    const FORMAT: Format;

    /// Sends the request and gives its whole answer; `None` for a request or an answer that this place cannot have.
    fn ask(&self, request: &Request) -> Option<Observed>;
}

/// On a port, in a process that listens by itself.
pub(crate) struct Port {
    _function: Process,
    pub(crate) address: String,
}

impl Port {
    /// `axum::serve`: what everything else is compared with.
    pub(crate) fn axum_serve() -> Self {
        Self::of(Process::command(env!("CARGO_BIN_EXE_axum_serve")))
    }

    /// The local mode of the function.
    pub(crate) fn local() -> Self {
        Self::local_of(example("axum_app"))
    }

    /// The local mode of any function.
    pub(crate) fn local_of(path: impl AsRef<OsStr>) -> Self {
        let mut command = Process::command(path);
        command.args(["--port", "0"]);
        Self::of(command)
    }

    fn of(command: std::process::Command) -> Self {
        let function = Process::spawn(command);
        let address = |text: &str| {
            let (_, rest) = text.split_once("http://")?;
            let end = rest.find(|character: char| !(character.is_ascii_digit() || ".:".contains(character)))?;
            Some(rest[..end].to_owned())
        };
        let said = function.wait_for_stderr(|text| address(text).is_some());
        Self {
            _function: function,
            address: address(&said).unwrap(),
        }
    }
}

impl Place for Port {
    /// Of `axum::serve` nothing needs to be folded; the local mode passes events of payload format 2.0 on.
    const FORMAT: Format = Format {
        header_lists: false,
        raw_query: true,
    };

    fn ask(&self, request: &Request) -> Option<Observed> {
        let mut connection = HttpConnection::open(&self.address);
        connection.send(request.to_bytes());
        let response = connection.read_response(request.method);
        connection.assert_no_more_bytes();
        let head = response.head;
        Some(Observed::new(head.status, head.headers.iter(), response.body))
    }
}

/// Behind the stand-in for Lambda, with events of one source.
struct Behind {
    lambda: MockRuntimeApi,
    _function: Process,
}

impl Behind {
    fn start() -> Self {
        let lambda = MockRuntimeApi::start();
        let function = Process::spawn_function(example("axum_app"), &lambda);
        Self {
            lambda,
            _function: function,
        }
    }

    fn ask(&self, mut event: HttpEvent, request: &Request) -> Response {
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
        let answer = self.lambda.invoke(event);
        assert_eq!(answer.kind(), ResponseKind::Response, "{}: {answer:?}", request.name);
        assert!(!answer.failed(), "{}: {:?}", request.name, answer.error());
        answer
    }
}

/// A Function URL.
pub(crate) struct FunctionUrl(Behind);

impl FunctionUrl {
    pub(crate) fn start() -> Self {
        Self(Behind::start())
    }
}

impl Place for FunctionUrl {
    const FORMAT: Format = Format {
        header_lists: false,
        raw_query: true,
    };

    fn ask(&self, request: &Request) -> Option<Observed> {
        let answer = self.0.ask(Event::function_url(request.method, request.target), request);
        Some(streamed(&answer))
    }
}

/// A REST API.
pub(crate) struct RestApi(Behind);

impl RestApi {
    pub(crate) fn start() -> Self {
        Self(Behind::start())
    }
}

impl Place for RestApi {
    const FORMAT: Format = Format {
        header_lists: true,
        raw_query: false,
    };

    fn ask(&self, request: &Request) -> Option<Observed> {
        let answer = self.0.ask(Event::rest_api(request.method, request.target), request);
        Some(streamed(&answer))
    }
}

/// A load balancer, its target group with multi-value headers on.
pub(crate) struct LoadBalancer(Behind);

impl LoadBalancer {
    pub(crate) fn start() -> Self {
        Self(Behind::start())
    }
}

impl Place for LoadBalancer {
    const FORMAT: Format = Format {
        header_lists: true,
        raw_query: false,
    };

    fn ask(&self, request: &Request) -> Option<Observed> {
        if request.is_large {
            return None;
        }
        let answer = self.0.ask(Event::alb(request.method, request.target, true), request);
        Some(document(&answer))
    }
}

/// A prelude, and the body behind it.
fn streamed(answer: &Response) -> Observed {
    assert_eq!(answer.body_end(), BodyEnd::LastChunk);
    let (prelude, body) = answer.prelude();
    let mut headers = lists(&prelude["headers"]);
    headers.extend(lists(&prelude["multiValueHeaders"]));
    headers.extend(strings(&prelude["cookies"]).map(|cookie| ("set-cookie", cookie)));
    Observed::new(status(&prelude), headers.into_iter(), body.to_vec())
}

/// One JSON document with the whole answer in it.
fn document(answer: &Response) -> Observed {
    assert_eq!(answer.body_end(), BodyEnd::ContentLength);
    let document = answer.json();
    let body = document["body"].as_str().unwrap();
    let body = match document["isBase64Encoded"].as_bool().unwrap() {
        true => STANDARD.decode(body).unwrap(),
        false => body.as_bytes().to_vec(),
    };
    let headers = lists(&document["multiValueHeaders"]);
    Observed::new(status(&document), headers.into_iter(), body)
}

fn status(answer: &Value) -> u16 {
    answer["statusCode"].as_u64().unwrap().try_into().unwrap()
}

/// Each name with each of its values; none where there is no object.
fn lists(object: &Value) -> Vec<(&str, &str)> {
    let pairs = object.as_object().into_iter().flatten();
    pairs
        .flat_map(|(name, value)| strings(value).map(move |value| (name.as_str(), value)))
        .collect()
}

/// A string, or the strings of a list.
fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().map(|value| value.as_str().unwrap())
}
