//! A chat: a page that asks, and answers that appear token by token, as server-sent events. Where the connection is lost,
//! the browser comes back by itself, and the answer goes on with the token after the last one that it saw.
//!
//! `cargo run --bin chat`, then open `http://127.0.0.1:9000` in a browser; or
//! `curl -N 'http://127.0.0.1:9000/tokens?text=hello'`.

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
        "/" => whole(StatusCode::OK, "text/html", include_str!("page.html")),
        "/tokens" => match text(&request) {
            Some(text) => {
                let events = events(model::answer(&text, seen(&request)));
                Ok(AnyResponse::stream(sse::keep_alive(events, Duration::from_secs(15))))
            }
            None => whole(StatusCode::BAD_REQUEST, "text/plain", "ask with ?text=…\n"),
        },
        _ => whole(StatusCode::NOT_FOUND, "text/plain", "there is nothing here: try /\n"),
    }
}

/// Each token with its number as id, and then an end: without one, the browser would take the end of the response for a
/// lost connection, and ask again.
fn events(tokens: impl Stream<Item = (usize, String)> + Send) -> impl Stream<Item = Event> + Send {
    let come_back = Event::new().retry(Duration::from_secs(1));
    let tokens = tokens.map(|(number, token)| Event::data(token).id(number.to_string()));
    let end = Event::new().event("done");
    stream::iter([come_back]).chain(tokens).chain(stream::iter([end]))
}

/// What the browser said it saw last, where it comes back.
fn seen(request: &Request<Bytes>) -> usize {
    let id = request.headers().get("last-event-id");
    id.and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(0)
}

fn text(request: &Request<Bytes>) -> Option<String> {
    let mut query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let (_, text) = query.find(|(name, _)| name == "text")?;
    Some(text.into_owned())
}

fn whole(status: StatusCode, media_type: &str, body: &'static str) -> Result<AnyResponse, Error> {
    let response = Response::builder()
        .status(status)
        .header("content-type", format!("{media_type}; charset=utf-8"))
        .body(Body::from(body))?;
    Ok(response.into())
}
