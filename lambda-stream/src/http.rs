//! HTTP requests, responses and `tower` services (feature `http`).
//!
//! A handler can take a [`Request<Bytes>`](::http::Request) and return a [`Response<B>`](::http::Response) with any
//! [`http_body::Body`]. The status and the headers of the response are sent before its body is polled, and each data frame
//! is sent when the body yields it. An error of the body is sent to the caller as HTTP trailers. Trailers of the body itself
//! are dropped: Lambda's protocol has trailers only for errors.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//!
//! async fn handler(request: Request<Bytes>) -> Response<String> {
//!     Response::new(format!("You requested {}", request.uri().path()))
//! }
//! ```
//!
//! [`run`] serves a [`tower_service::Service`], such as an `axum::Router`, instead of a handler. [`service()`] does the same
//! with [settings](ServiceHandler): a base path, statuses that count as errors, and a handler of events that are not HTTP.
//!
//! # Sources of requests
//! | source | payload format | response |
//! |---|---|---|
//! | Function URL | 2.0 | streamed, with `InvokeMode: RESPONSE_STREAM` |
//! | API Gateway HTTP API | 2.0 or 1.0 | buffered: HTTP APIs do not stream |
//! | API Gateway REST API | 1.0 | streamed, with `responseTransferMode: STREAM` |
//! | Application Load Balancer | its own | buffered, up to 1 MiB: load balancers do not stream |
//!
//! An event of any other source fails with an error of the type `Function.InvalidEvent`. A service passes it to
//! [another handler](ServiceHandler::on_other_events), if there is one.
//!
//! # Parts of a request
//! - **Method**.
//! - **Headers**, with every value where the payload format has all of them. The `cookies` of payload format 2.0 become the
//!   `Cookie` header.
//! - **URI** with scheme, host, path and query as the client sent them. Percent-encoding, repeated keys and their order are
//!   kept where the payload format keeps them. The path does not contain the name of the stage, so that routes are the same in
//!   every stage and in local mode; [`RequestContext`] has the name. A [service](service()) gets only path and query, as it
//!   does from an HTTP server.
//! - **Body** as bytes, decoded from base64.
//! - **Extensions**: [`Context`](crate::Context), [`RequestContext`], [`RawRequestContext`], [`PathParameters`],
//!   [`StageVariables`] and [`SourceAddress`], each if the event has it. With the feature `axum`, a request with a
//!   [`SourceAddress`] also has `axum::extract::ConnectInfo<SocketAddr>` with that address and port 0, so axum's extractor
//!   of this name works. If the event has no address, the extractor rejects the request with status 500.

mod base_path;
mod body;
mod encode;
mod error_status;
mod event;
mod extensions;
mod request;
mod response;
mod service;

pub use self::body::Body;
pub use self::extensions::{PathParameters, RawRequestContext, RequestContext, SourceAddress, StageVariables};
pub use self::service::{HttpService, ServiceHandler, StateService, run, service, state_service};
