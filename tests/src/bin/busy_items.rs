//! A function that returns a stream that never ends and is always ready, or uses up tokio's cooperative budget at every
//! poll: `{"items": "empty"}`.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderMap, Response};
use http_body::{Body as HttpBody, Frame};
use lambda_stream::http::Body;
use lambda_stream::sse::{self, Event};
use lambda_stream::{AnyResponse, Error};
use serde::Deserialize;
use serde_json::Value;
use tokio::task::coop::consume_budget;

#[derive(Deserialize)]
struct Request {
    items: Items,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Items {
    /// No item: the stream ends.
    None,
    /// Items of no bytes.
    Empty,
    /// Items of one byte.
    Ready,
    /// Items of no bytes. Each consumes budget.
    EmptyWithBudget,
    /// No item. Each poll uses up the budget.
    Budget,
    /// Keep-alive comments of a stream that yields no item. Each poll uses up the budget.
    KeepAlive,
    /// An HTTP body of chunks of no bytes.
    HttpEmpty,
    /// An HTTP body that consists of trailers.
    HttpTrailers,
}

/// A body that consists of trailers without end.
struct Trailers;

impl HttpBody for Trailers {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::trailers(HeaderMap::new()))))
    }
}

/// Never completes. Each poll uses up the budget.
async fn use_up_budget<T>() -> T {
    loop {
        consume_budget().await;
    }
}

#[lambda_stream::main(flavor = "current_thread")]
async fn busy_items(event: Value) -> Result<AnyResponse, Error> {
    let request: Request = match event["body"].as_str() {
        Some(body) => serde_json::from_str(body)?,
        None => serde_json::from_value(event)?,
    };
    let empty = stream::repeat(Bytes::new());
    Ok(match request.items {
        Items::None => AnyResponse::stream(stream::empty::<Bytes>()),
        Items::Empty => AnyResponse::stream(empty),
        Items::Ready => AnyResponse::stream(stream::repeat("x")),
        Items::EmptyWithBudget => AnyResponse::stream(Box::pin(empty.then(async |item| {
            consume_budget().await;
            item
        }))),
        Items::Budget => AnyResponse::stream(stream::once(use_up_budget::<Bytes>())),
        Items::KeepAlive => AnyResponse::stream(sse::keep_alive(
            stream::once(use_up_budget::<Event>()),
            Duration::from_millis(5),
        )),
        Items::HttpEmpty => Response::new(Body::stream(empty.map(Ok::<_, Infallible>))).into(),
        Items::HttpTrailers => Response::new(Trailers).into(),
    })
}
