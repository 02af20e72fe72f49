//! A function that returns a stream: `{"items": ["a", "b"], "then": "fail"}`. With `{"error": "message"}` it returns an
//! error instead.
#![allow(clippy::panic, reason = "the event can request a panic")]

use std::fmt;

use futures::{Stream, stream};
use lambda_stream::Error;
use serde::Deserialize;

#[derive(Deserialize)]
struct Script {
    #[serde(default)]
    items: Vec<String>,
    #[serde(default)]
    then: Option<Then>,
    #[serde(default)]
    error: Option<String>,
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
async fn items(script: Script) -> Result<impl Stream<Item = Result<String, OutOfItems>>, Error> {
    if let Some(message) = script.error {
        return Err(Error::new(message));
    }
    let mut rest = script.items.into_iter();
    Ok(stream::poll_fn(move |cx| match (rest.next(), script.then) {
        (Some(item), _) => std::task::Poll::Ready(Some(Ok(item))),
        (None, None) => std::task::Poll::Ready(None),
        (None, Some(Then::Fail)) => std::task::Poll::Ready(Some(Err(OutOfItems))),
        (None, Some(Then::Panic)) => {
            let _ = cx;
            panic!("no item was left")
        }
    }))
}
