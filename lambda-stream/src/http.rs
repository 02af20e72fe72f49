//! HTTP as its users know it (feature `http`): requests, responses, and services such as an `axum::Router`.
//!
//! A handler may take [`Request<Bytes>`](::http::Request) and return [`Response<B>`](::http::Response) of any
//! [`http_body::Body`]; the response's status and headers are sent before the body's first piece is asked for, and each
//! piece leaves as it comes. An error of the body reaches the caller as HTTP trailers; trailers of the body's own have no
//! place in Lambda's protocol, and are dropped.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//!
//! async fn handler(request: Request<Bytes>) -> Response<String> {
//!     Response::new(format!("You asked for {}", request.uri().path()))
//! }
//! ```
//!
//! [`run`] serves a whole [`tower_service::Service`] in place of a handler.
//!
//! # Where requests come from
//! | source | payload format | answer |
//! |---|---|---|
//! | Function URL | 2.0 | streamed, with `InvokeMode: RESPONSE_STREAM` |
//! | API Gateway, HTTP API | 2.0, 1.0 | whole: HTTP APIs stream nothing |
//! | API Gateway, REST API | 1.0 | streamed, with `responseTransferMode: STREAM` |
//! | Application Load Balancer | its own | whole, up to 1 MiB: load balancers stream nothing |
//!
//! An event of another source is an error of type `Function.InvalidEvent`.
//!
//! # What a request has
//! - **Method**, and **headers** with every value where the format has them all; `cookies` of format 2.0 are its `Cookie`.
//! - **URI** with scheme, host, path and query as they were asked for: percent-encoding, repeated keys and order are kept
//!   where the format keeps them. The name of a stage is no part of the path, so that routes are the same in every stage
//!   and on a laptop; [`RequestContext`] has it. A [service](service()) gets path and query alone, as from a server.
//! - **Body** as bytes, decoded from base64.
//! - **Extensions**: [`Context`](crate::Context), [`RequestContext`], [`PathParameters`], [`StageVariables`] and
//!   [`SourceAddress`], each where the event has it.

mod body;
mod encode;
mod event;
mod extensions;
mod request;
mod response;
mod service;

pub use self::body::{Body, BoxError};
pub use self::extensions::{PathParameters, RequestContext, SourceAddress, StageVariables};
pub use self::service::{ServiceHandler, run, service};
