//! The layers of the application, around a service that does what each test needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt};
use lambda_stream::http::service;
use lambda_stream::testing::{Caller, Delivery, Invocation, Response};
use tokio::time::sleep;
use tonic::{Request, Status};

use super::*;
use crate::orders::{GetOrderRequest, Order, TrackOrderRequest};

const MESSAGE: &[u8] = b"\0\0\0\0\x05\x0a\x03A-1";

/// What the methods do.
#[derive(Clone)]
enum Behavior {
    Panic,
    /// One message per second, forever.
    Tick,
    /// Messages forever, without waiting. Counts them.
    Flood(Arc<AtomicUsize>),
}

fn order() -> Order {
    Order {
        order_id: "A-1".into(),
        ..Order::default()
    }
}

#[tonic::async_trait]
impl OrderTracker for Behavior {
    async fn get_order(&self, _: Request<GetOrderRequest>) -> Result<tonic::Response<Order>, Status> {
        match self {
            Self::Panic => panic!("no such shelf"),
            Self::Tick => sleep(Duration::from_secs(60)).await,
            Self::Flood(_) => {}
        }
        Ok(tonic::Response::new(order()))
    }

    type TrackOrderStream = BoxStream<'static, Result<Order, Status>>;

    async fn track_order(
        &self,
        _: Request<TrackOrderRequest>,
    ) -> Result<tonic::Response<Self::TrackOrderStream>, Status> {
        let behavior = self.clone();
        let orders = stream::iter(0_u64..).then(move |number| {
            let behavior = behavior.clone();
            async move {
                match behavior {
                    Self::Panic if number == 0 => {}
                    Self::Panic => {
                        // `tonic` sends messages that are ready at the same time together.
                        tokio::task::yield_now().await;
                        panic!("no such shelf");
                    }
                    Self::Tick => sleep(Duration::from_secs(1)).await,
                    Self::Flood(count) => _ = count.fetch_add(1, Ordering::Relaxed),
                }
                Ok(order())
            }
        });
        Ok(tonic::Response::new(orders.boxed()))
    }
}

fn invocation(method: &str, timeout: &str) -> Invocation {
    let request = http::Request::post(format!("/orders.v1.OrderTracker/{method}"))
        .header("content-type", "application/grpc-web+proto")
        .header("grpc-timeout", timeout);
    Invocation::function_url(request.body(MESSAGE).unwrap())
}

/// Asserts that the response ends with a trailers frame for `DEADLINE_EXCEEDED` at this time.
#[track_caller]
fn assert_exceeded(response: &Response, time: Duration) {
    assert_eq!(
        (response.error().map(ToString::to_string), response.is_complete()),
        (None, true)
    );
    let last = response.chunks().last().unwrap();
    assert_eq!(last.elapsed(), time);
    assert_eq!(status(last.bytes()), Some("4"));
}

/// Returns the status in a trailers frame.
#[track_caller]
fn status(frame: &[u8]) -> Option<&str> {
    assert_eq!(frame.first(), Some(&0x80), "{frame:?}");
    let text = std::str::from_utf8(&frame[5..]).unwrap();
    text.lines().find_map(|line| line.strip_prefix("grpc-status:"))
}

#[tokio::test(start_paused = true)]
async fn earlier_timeout_of_caller_ends_the_call() {
    let response = invocation("TrackOrder", "3500m")
        .timeout(Duration::from_secs(10))
        .run(service(application(Behavior::Tick)))
        .await;
    assert_exceeded(&response, Duration::from_millis(3500));
    assert_eq!(response.chunks().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn earlier_timeout_of_function_ends_the_call() {
    let response = invocation("TrackOrder", "30S")
        .timeout(Duration::from_secs(10))
        .run(service(application(Behavior::Tick)))
        .await;
    assert_exceeded(&response, Duration::from_millis(9500));
    assert_eq!(response.chunks().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn timeout_ends_a_unary_call() {
    let response = invocation("GetOrder", "2S")
        .run(service(application(Behavior::Tick)))
        .await;
    assert_exceeded(&response, Duration::from_secs(2));
}

/// The clock is not paused: the service never waits.
#[tokio::test]
async fn timeout_ends_a_call_that_never_waits() {
    let response = invocation("TrackOrder", "50m")
        .run(service(application(Behavior::Flood(Arc::default()))))
        .await;
    assert_eq!(status(response.chunks().last().unwrap().bytes()), Some("4"));
}

/// Asserts that the service stops when this caller stops reading: it produces no more than the buffers hold.
async fn assert_stops(caller: Caller) {
    let count = Arc::<AtomicUsize>::default();
    let service = service(application(Behavior::Flood(Arc::clone(&count))));
    let response = invocation("TrackOrder", "1M").caller(caller).run(service).await;
    assert!(!response.is_complete());
    let messages = count.load(Ordering::Relaxed);
    assert!(messages * MESSAGE.len() < 512 * 1024, "{messages}");
}

#[tokio::test(start_paused = true)]
async fn caller_that_stops_reading_stops_the_service() {
    assert_stops(Caller::StopsReading { after: 10 }).await;
}

#[tokio::test]
async fn caller_that_disconnects_ends_the_call() {
    assert_stops(Caller::Disconnected { after: 10 }).await;
}

#[track_caller]
fn assert_panic(response: &Response) {
    let error = response.error().unwrap();
    assert_eq!(
        (error.error_type(), error.to_string().as_str()),
        ("Function.Panic", "no such shelf")
    );
}

#[tokio::test]
async fn panic_before_response_fails_the_invocation() {
    let response = invocation("GetOrder", "1M")
        .run(service(application(Behavior::Panic)))
        .await;
    assert_eq!(response.delivery(), Delivery::Reported);
    assert_panic(&response);
    assert_eq!(response.body(), "");
}

/// The caller gets no trailers frame, so a client reports an error.
#[tokio::test]
async fn panic_mid_stream_fails_the_invocation() {
    let response = invocation("TrackOrder", "1M")
        .run(service(application(Behavior::Panic)))
        .await;
    assert_eq!(response.delivery(), Delivery::Streamed);
    assert_panic(&response);
    assert_eq!(response.body(), MESSAGE);
}

#[tokio::test]
async fn every_response_has_the_request_id() {
    let application = application(Behavior::Flood(Arc::default()));
    for timeout in ["1M", "0S", "invalid"] {
        let response = invocation("GetOrder", timeout)
            .request_id("id-7")
            .run(service(application.clone()))
            .await;
        assert_eq!(response.headers()["x-request-id"], "id-7", "{timeout}");
    }
}
