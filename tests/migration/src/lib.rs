//! Starts programs of the migration guides against a mock Runtime API and returns what Lambda receives from them.
//!
//! ```no_run
//! use lambda_stream_migration_tests::{Event, Function, Process};
//!
//! let function = Function::start(Process::command("target/debug/json_after"));
//! let received = function.invoke(Event::json(r#"{"name":"Ada"}"#));
//! assert_eq!(received.body, r#"{"message":"Hello, Ada!"}"#);
//! assert_eq!(received.error, None);
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test panics"
)]

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;
pub use test_support::{Event, HttpEvent, MockRuntimeApi, Process, Response, ResponseKind};

/// The value of the request header that marks a streamed response.
const RESPONSE_MODE: &str = "Lambda-Runtime-Function-Response-Mode";

/// The delimiter between the prelude and the body.
const DELIMITER: [u8; 8] = [0; 8];

/// A running function and the mock Runtime API that it polls.
pub struct Function {
    lambda: MockRuntimeApi,
    process: Process,
}

impl Function {
    /// Starts a command with the environment variables that Lambda sets for every function.
    ///
    /// # Panics
    /// If the program does not exist.
    #[track_caller]
    pub fn start(mut command: Command) -> Self {
        command
            .env("AWS_LAMBDA_FUNCTION_NAME", "migration")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/migration")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0")
            .env("AWS_REGION", "eu-central-1");
        let lambda = MockRuntimeApi::start();
        let process = Process::spawn_function_with(command, &lambda);
        Self { lambda, process }
    }

    /// Delivers an event and returns what Lambda receives. Panics after 20 seconds.
    #[track_caller]
    pub fn invoke(&self, event: impl Into<Event>) -> Received {
        Received::new(&self.lambda.invoke(event))
    }

    /// Returns the mock Runtime API.
    pub fn lambda(&self) -> &MockRuntimeApi {
        &self.lambda
    }

    /// Returns the process.
    pub fn process(&self) -> &Process {
        &self.process
    }
}

/// Starts a command, delivers one event and returns what Lambda receives.
#[track_caller]
pub fn invoke(command: Command, event: impl Into<Event>) -> Received {
    Function::start(command).invoke(event)
}

/// The response to an event, or the error in place of it. Chunk boundaries are not part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// Whether the response has the response mode `streaming`.
    pub streamed: bool,
    /// The status, headers and cookies in the prelude of a streamed response.
    pub prelude: Option<Prelude>,
    /// The body after the prelude. It is empty if the function reported an error in place of a response.
    pub body: String,
    /// The error that the function reported.
    pub error: Option<ReportedError>,
}

/// The metadata of an HTTP response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prelude {
    /// The status.
    pub status: u64,
    /// The headers with lowercase names. Several values are joined with `, `.
    pub headers: BTreeMap<String, String>,
    /// The values of `Set-Cookie` headers.
    pub cookies: Vec<String>,
}

/// An error that a function reported.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedError {
    /// `errorType` in the JSON.
    pub error_type: String,
    /// `errorMessage` in the JSON.
    pub message: String,
    /// Whether the error is in the trailers of a response that has started.
    pub in_trailers: bool,
}

impl Received {
    /// Interprets a recorded request.
    ///
    /// # Panics
    /// If the request is neither a response nor an error, or its body is not UTF-8.
    #[track_caller]
    pub fn new(response: &Response) -> Self {
        let is_response = response.kind() == ResponseKind::Response;
        let error = response.failed().then(|| {
            let error = response.error();
            ReportedError {
                error_type: error.error_type,
                message: error.message,
                in_trailers: is_response,
            }
        });
        let has_prelude = response.body().windows(DELIMITER.len()).any(|part| part == DELIMITER);
        let (prelude, body) = match (is_response, has_prelude) {
            (false, _) => (None, ""),
            (true, false) => (None, response.text()),
            (true, true) => {
                let (prelude, body) = response.prelude();
                (
                    Some(Prelude::new(&prelude)),
                    std::str::from_utf8(body).expect("a UTF-8 body"),
                )
            }
        };
        Self {
            streamed: response.header(RESPONSE_MODE) == Some("streaming"),
            prelude,
            body: body.to_owned(),
            error,
        }
    }

    /// Returns the body as JSON.
    ///
    /// # Panics
    /// If it is not JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Returns the HTTP response that a Function URL sends to its caller: the prelude and the body of a streamed response,
    /// or the JSON document of a buffered response of payload format 2.0.
    ///
    /// # Panics
    /// If the response is neither.
    #[track_caller]
    pub fn http(&self) -> (Prelude, String) {
        match &self.prelude {
            Some(prelude) => (prelude.clone(), self.body.clone()),
            None => {
                let document = self.json();
                assert!(document["statusCode"].is_u64(), "no HTTP response: {self:?}");
                assert_ne!(
                    document["isBase64Encoded"],
                    Value::Bool(true),
                    "a binary body: {self:?}"
                );
                let body = document["body"].as_str().unwrap_or_default().to_owned();
                (Prelude::new(&document), body)
            }
        }
    }
}

impl Prelude {
    /// Reads `statusCode`, `headers`, `multiValueHeaders` and `cookies` of a JSON object.
    fn new(json: &Value) -> Self {
        let mut headers = BTreeMap::new();
        for field in ["headers", "multiValueHeaders"] {
            for (name, value) in json[field].as_object().into_iter().flatten() {
                let value = match value {
                    Value::Array(values) => {
                        let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
                        values.join(", ")
                    }
                    value => value.as_str().unwrap_or_default().to_owned(),
                };
                headers.insert(name.to_lowercase(), value);
            }
        }
        let cookies = json["cookies"].as_array().into_iter().flatten();
        Self {
            status: json["statusCode"].as_u64().unwrap_or_default(),
            headers,
            cookies: cookies.filter_map(|cookie| Some(cookie.as_str()?.to_owned())).collect(),
        }
    }

    /// Returns a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}
