//! A gRPC service for browsers: an order tracker whose calls stream each change of an order (`tonic`, `tonic-web`).
//!
//! The orders are JSON documents of a warehouse's HTTP API. Here, it is a directory of files:
//!
//! ```sh
//! mkdir -p /tmp/warehouse/orders
//! echo '{"revision": 1, "stage": "packed", "place": "Graz"}' > /tmp/warehouse/orders/A-1
//! python3 -m http.server 8000 --directory /tmp/warehouse
//! ```
//!
//! In the directory of this example:
//!
//! ```sh
//! WAREHOUSE_URL=http://127.0.0.1:8000 cargo run
//! ```
//!
//! `POLL_INTERVAL_MS` (1000) is the time after which a call asks the warehouse again.
//!
//! `curl` calls `TrackOrder` with the base64 form of `{"orderId": "A-1"}`:
//!
//! ```sh
//! curl -sN http://127.0.0.1:9000/orders.v1.OrderTracker/TrackOrder \
//!     -H 'content-type: application/grpc-web-text' -H 'accept: application/grpc-web' -d AAAAAAUKA0EtMQ== | cat -v
//! ```
//!
//! It prints the order as the bytes of a message, and waits. The next change is the last one, and ends the call with
//! `grpc-status:0`:
//!
//! ```sh
//! echo '{"revision": 2, "stage": "delivered", "place": "Linz"}' > /tmp/warehouse/orders/A-1
//! ```
//!
//! With [Connect](https://connectrpc.com/docs/web/using-clients), a web page receives typed messages:
//!
//! ```js
//! const client = createClient(OrderTracker, createGrpcWebTransport({ baseUrl: "https://….on.aws" }));
//! for await (const order of client.trackOrder({ orderId: "A-1" })) show(order);
//! ```
//!
//! # What gRPC needs from HTTP
//! gRPC itself requires HTTP/2 and trailers, which Lambda does not offer. gRPC-Web sends the trailers, with the status
//! of the call, as the last part of the body.
//!
//! # Errors
//! A call that ends with an error status is a complete response: the invocation succeeds, and Lambda's metric `Errors`
//! does not count it. Each call logs its status, for a metric filter. A call without a status, after a panic or a
//! crash, is a failed invocation, and the caller gets an error.
//!
//! # Cross-origin requests
//! The function has no code for CORS, because a Function URL responds to preflight requests itself, without an
//! invocation: `aws lambda create-function-url-config … --invoke-mode RESPONSE_STREAM --cors file://cors.json`. So does
//! local mode, with `cargo run -- --cors @cors.json`. Behind API Gateway, add a `tower_http::cors::CorsLayer` with the
//! values of `cors.json`; a REST API also needs the binary media type `application/grpc-web+proto`.

mod call;
mod deadline;
mod tracker;
mod warehouse;

/// The code that `build.rs` generates.
mod orders {
    #![allow(missing_docs, unreachable_pub, clippy::all, reason = "generated code")]
    tonic::include_proto!("orders.v1");
}

use std::convert::Infallible;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use lambda_stream::http::Body;
use lambda_stream::{Runtime, RuntimeError};
use tonic_web::GrpcWebLayer;
use tower::{Service, ServiceBuilder};

use self::call::CallLayer;
use self::orders::order_tracker_server::{OrderTracker, OrderTrackerServer};
use self::tracker::Tracker;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::logging::init();
    let init = async || Tracker::from_environment().map(application);
    Runtime::new()
        .init(init)
        .run(lambda_stream::http::state_service())
        .await
}

/// Returns the HTTP service. For several gRPC services, pass `tonic::service::Routes` to `service`.
fn application<T: OrderTracker>(
    tracker: T,
) -> impl Service<Request<Body>, Response = Response<tonic::body::Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync {
    ServiceBuilder::new()
        .map_response(explain)
        .layer(GrpcWebLayer::new())
        .layer(CallLayer)
        .service(OrderTrackerServer::new(tracker))
}

/// Explains the rejection of a request that is not one of gRPC-Web, which `tonic-web` leaves without a body.
fn explain(response: Response<tonic::body::Body>) -> Response<tonic::body::Body> {
    if response.status() != StatusCode::BAD_REQUEST {
        return response;
    }
    let text = "This is a gRPC-Web service: send POST requests with the content type application/grpc-web+proto.\n";
    let mut response = Response::new(tonic::body::Body::new(text.to_owned()));
    *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

#[cfg(test)]
mod tests;
