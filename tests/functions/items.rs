//! A function that returns a stream: `{"items": ["a", "b"], "then": "fail"}`, or `{"refuse": "why"}` in its place.
#![allow(clippy::panic, reason = "it may be asked to")]

use std::fmt;

use futures::{Stream, stream};
use lambda_stream::Error;
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    #[serde(default)]
    items: Vec<String>,
    #[serde(default)]
    then: Option<Then>,
    #[serde(default)]
    refuse: Option<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Then {
    Fail,
    Panic,
}

#[derive(Debug)]
struct OutOfItems;

impl fmt::Display for OutOfItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there are no more items")
    }
}

impl std::error::Error for OutOfItems {}

#[lambda_stream::main]
async fn items(order: Order) -> Result<impl Stream<Item = Result<String, OutOfItems>>, Error> {
    if let Some(why) = order.refuse {
        return Err(Error::new(why));
    }
    let mut rest = order.items.into_iter();
    Ok(stream::poll_fn(move |cx| match (rest.next(), order.then) {
        (Some(item), _) => std::task::Poll::Ready(Some(Ok(item))),
        (None, None) => std::task::Poll::Ready(None),
        (None, Some(Then::Fail)) => std::task::Poll::Ready(Some(Err(OutOfItems))),
        (None, Some(Then::Panic)) => {
            let _ = cx;
            panic!("no item was left")
        }
    }))
}
