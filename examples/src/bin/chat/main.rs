//! A chat page with server-sent events: the response appears token by token. After a lost connection, the browser
//! reconnects and the response continues after the last token that it received.
//!
//! ```sh
//! cargo run --bin chat
//! curl -N 'http://127.0.0.1:9000/tokens?text=hello'
//! ```
//!
//! Or open `http://127.0.0.1:9000` in a browser.

mod model;

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::{Request, Response, StatusCode};
use lambda_stream::http::Body;
use lambda_stream::sse::{self, Event};
use lambda_stream::{AnyResponse, Error};

#[lambda_stream::main]
async fn chat(request: Request<Bytes>) -> Result<AnyResponse, Error> {
    match request.uri().path() {
        "/" => buffered(StatusCode::OK, "text/html", include_str!("page.html")),
        "/tokens" => match query_text(&request) {
            Some(text) => {
                let events = events(model::tokens(&text, last_event_id(&request)));
                Ok(AnyResponse::stream(sse::keep_alive(events, Duration::from_secs(15))))
            }
            None => buffered(
                StatusCode::BAD_REQUEST,
                "text/plain",
                "missing query parameter: add ?text=…\n",
            ),
        },
        _ => buffered(StatusCode::NOT_FOUND, "text/plain", "not found: try /\n"),
    }
}

/// Returns each token as an event whose id is the number of the token, then an event `done`. When the page receives `done`,
/// it closes the connection; otherwise the browser would reconnect.
fn events(tokens: impl Stream<Item = (usize, String)> + Send) -> impl Stream<Item = Event> + Send {
    let retry = Event::new().retry(Duration::from_secs(1));
    let tokens = tokens.map(|(number, token)| Event::data(token).id(number.to_string()));
    let done = Event::new().event("done");
    stream::iter([retry]).chain(tokens).chain(stream::iter([done]))
}

/// Returns the number of the last token that the browser received: 0 if the request is not a reconnect.
fn last_event_id(request: &Request<Bytes>) -> usize {
    let id = request.headers().get("last-event-id");
    id.and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(0)
}

fn query_text(request: &Request<Bytes>) -> Option<String> {
    let mut query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let (_, text) = query.find(|(name, _)| name == "text")?;
    Some(text.into_owned())
}

fn buffered(status: StatusCode, media_type: &str, body: &'static str) -> Result<AnyResponse, Error> {
    let response = Response::builder()
        .status(status)
        .header("content-type", format!("{media_type}; charset=utf-8"))
        .body(Body::from(body))?;
    Ok(response.into())
}
