//! The test toolkit of the workspace: a mock Lambda Runtime API and a harness for processes.
//!
//! The servers and the client here work on raw sockets and use no HTTP library, so a test can inspect the exact bytes,
//! socket reads, chunks and trailers. [`MockRuntimeApi`] treats each violation of HTTP/1.1 or of the Runtime API's rules
//! as a test failure, whether or not the test checks for it.
//!
//! ```no_run
//! use test_support::{BodyEnd, Event, MockRuntimeApi, Process, example};
//!
//! let lambda = MockRuntimeApi::start();
//! let _function = Process::spawn_function(example("hello"), &lambda);
//! let response = lambda.invoke(Event::json(r#"{"text":"hi"}"#));
//! assert_eq!(response.text(), "hi");
//! assert_eq!(response.body_end(), BodyEnd::LastChunk);
//! lambda.wait_for_next();
//! assert_eq!(lambda.calls(), ["next", "response", "next"]);
//! ```
//!
//! | module | contents |
//! |---|---|
//! | `mock_runtime_api` | the strict mock: records all bytes, scripts responses, injects connection faults |
//! | [`fast_runtime_api`] | the fast mock for benchmarks and soak tests: records nothing |
//! | `otlp_collector` | an OpenTelemetry collector that accepts, holds or rejects exports |
//! | `http` | parsers of HTTP/1.1 messages, and a client for tests that call a local server |
//! | `process` | processes under test: output, signals, exit status, resource usage |
//! | [`packages`] | packages of PyPI and npm that tests use as stock clients and servers |
//! | `temporary_directory` | a directory for the files of one test |
//! | `harness` | the setup that most tests start with |
//! | `viewer` | what the viewer of local mode shows |
//! | `watched` | a value that threads wait for |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failing test panics and prints"
)]

pub mod fast_runtime_api;
mod harness;
mod http;
mod mock_runtime_api;
mod otlp_collector;
pub mod packages;
mod process;
mod retry;
mod temporary_directory;
mod viewer;
mod watched;

pub use harness::{script, serve, start};
pub use http::{
    BodyEnd, Fields, HttpConnection, HttpResponse, RequestHead, ResponseHead, connect, exchange, read_request,
    read_to_end, send_request,
};
pub use mock_runtime_api::{
    Chunk, ConnectionFault, Event, FunctionError, HttpEvent, MockRuntimeApi, PendingInvocation, Read, Request,
    Response, ResponseKind,
};
pub use otlp_collector::{CollectedSpan, CollectorMode, Export, OtlpCollector};
pub use process::{Process, Resources, example};
pub use temporary_directory::TemporaryDirectory;
pub use viewer::wait_for_invocations;

/// The time that a test waits for any event before it fails.
const WAIT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(20);
