//! A feed of server-sent events: a line that another program appends to a file becomes an event. A page shows the feed.
//!
//! ```sh
//! FEED=feed.txt cargo run --bin events
//! curl -N http://127.0.0.1:9000/events
//! echo 'the build has started' >> feed.txt
//! ```
//!
//! Or open `http://127.0.0.1:9000` in a browser. A browser that reconnects gets the lines that it missed. On Lambda, the
//! file is on a file system that the function mounts, such as Amazon EFS.

mod feed;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use lambda_stream::http::Body;
use lambda_stream::sse::{self, Event};
use lambda_stream::{AnyResponse, Context, Error};
use tokio::time::sleep;

use feed::Feed;

/// The interval of keep-alive comments: the HTML standard recommends 15 seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long before the deadline of the invocation the response ends. At the deadline it would end with an error.
const MARGIN: Duration = Duration::from_secs(1);

/// The time after which a browser reconnects.
const RETRY: Duration = Duration::from_secs(1);

struct Configuration {
    feed: PathBuf,
}

async fn configuration() -> Result<Configuration, Error> {
    match std::env::var_os("FEED") {
        Some(path) if !path.is_empty() => Ok(Configuration { feed: path.into() }),
        _ => Err(Error::new(
            "the variable FEED is not set: set it to the path of a text file, such as feed.txt",
        )),
    }
}

#[lambda_stream::main(init = configuration)]
async fn events(
    request: Request<Bytes>,
    context: Context,
    configuration: &Configuration,
) -> Result<AnyResponse, Error> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => buffered(StatusCode::OK, "text/html", include_str!("page.html")),
        (&Method::GET, "/events") => {
            let feed = Feed::open(configuration.feed.clone(), last_event_id(request.headers())).await?;
            let remaining = context.remaining().unwrap_or(Duration::MAX);
            // A browser reconnects after the end of a response, and a long feed is then a sequence of invocations.
            let events = events_of(feed).take_until(sleep(remaining.saturating_sub(MARGIN)));
            Ok(AnyResponse::stream(sse::keep_alive(events, KEEP_ALIVE)))
        }
        _ => buffered(StatusCode::NOT_FOUND, "text/plain", "not found: try GET /\n"),
    }
}

/// Returns each line as an event whose id is the position after the line.
fn events_of(feed: Feed) -> impl Stream<Item = Result<Event, Error>> + Send {
    let retry = Event::new().retry(RETRY);
    let lines = feed
        .lines()
        .map_ok(|line| Event::data(line.text).id(line.end.to_string()));
    stream::iter([Ok(retry)]).chain(lines.err_into())
}

/// Returns the position after the last line that the browser received, if the request is a reconnect.
fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

fn buffered(status: StatusCode, media_type: &str, body: &'static str) -> Result<AnyResponse, Error> {
    let response = Response::builder()
        .status(status)
        .header("content-type", format!("{media_type}; charset=utf-8"))
        .body(Body::from(body))?;
    Ok(response.into())
}
