//! The stream of server-sent events: the records of the activity, in batches, from the oldest retained one.
//!
//! A batch is read from the history when the client has taken the previous one. A slow client thus delays only itself, and
//! misses the records that the history no longer has.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Response, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::super::activity::Activity;
use super::super::identifiers::unix_millis;
use super::super::server::body::{ResponseBody, boxed};
use super::super::server::connection::ConnectionState;
use super::super::settings::{Execution, Settings};
use super::super::shared::{MAX_VIEWERS, Shared};
use super::super::variables;
use super::{error, insert, records};

/// The number of records of a batch.
const MAX_BATCH_RECORDS: usize = 500;

/// A batch ends with the record that exceeds this size, in bytes.
const MAX_BATCH_BYTES: usize = 256 * 1024;

/// The time between two batches, one frame of the page: more messages would keep a browser from drawing. A full batch is
/// followed by the next one immediately.
const BATCH_INTERVAL: Duration = Duration::from_millis(16);

/// The time between comments while nothing happens. They show that the client is still connected.
const COMMENT_INTERVAL: Duration = Duration::from_secs(15);

/// Responds with the event stream, from the record after `Last-Event-ID` or `?after=`.
pub(super) fn respond(request: &Parts, connection: &ConnectionState, shared: &Shared) -> Response<ResponseBody> {
    let Ok(permit) = Arc::clone(&shared.viewers).try_acquire_owned() else {
        let message = format!("{MAX_VIEWERS} viewers are open: close one");
        return error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", &message);
    };
    // The stream does not end before the client disconnects.
    connection.close_at_shutdown();
    let activity = Arc::clone(shared.broker.activity());
    let start = unix_millis(activity.started_at());
    let reader = Reader {
        changed: activity.changed(),
        activity,
        start,
        last: last_sequence(request, start),
        hello: Some(hello(start, shared)),
        pause: None,
        _permit: permit,
    };
    let messages = stream::unfold(reader, |mut reader| async move {
        let message = reader.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(message)), reader))
    });
    let mut response = Response::new(boxed(StreamBody::new(messages)));
    insert(response.headers_mut(), CONTENT_TYPE, "text/event-stream");
    response
}

/// Returns the sequence number in `Last-Event-ID` or in the query, or 0 if it belongs to another start of local mode, whose
/// numbers have a different meaning.
fn last_sequence(request: &Parts, start: u64) -> u64 {
    let header = request.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    // The page cannot set the header when it opens a new stream.
    let query = request.uri.query().and_then(|query| query.strip_prefix("after="));
    match header.or(query).and_then(|id| id.split_once('-')) {
        Some((id_start, sequence)) if id_start.parse() == Ok(start) => sequence.parse().unwrap_or(0),
        _ => 0,
    }
}

/// Returns the first event of the stream: what the page shows besides the records.
fn hello(start: u64, shared: &Shared) -> Bytes {
    let settings: &Settings = &shared.settings;
    let hello = json!({
        "start": start,
        "function": variables::function_name(),
        "region": variables::region(),
        "timeout": settings.timeout().as_secs_f64(),
        "environments": match settings.execution {
            Execution::Environments(count) => Some(count),
            Execution::InProcess => None,
        },
        "version": env!("CARGO_PKG_VERSION"),
    });
    format!("event: hello\ndata: {hello}\n\n").into()
}

struct Reader {
    activity: Arc<Activity>,
    changed: watch::Receiver<u64>,
    start: u64,
    last: u64,
    hello: Option<Bytes>,
    /// The end of the pause before the next batch.
    pause: Option<Instant>,
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    /// Waits for the next message.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(hello) = self.hello.take() {
            return Some(hello);
        }
        if let Some(pause) = self.pause.take() {
            tokio::time::sleep_until(pause).await;
        }
        // Before the read, so that no record is missed.
        self.changed.mark_unchanged();
        if let Some(batch) = self.batch() {
            return Some(batch);
        }
        match tokio::time::timeout(COMMENT_INTERVAL, self.changed.changed()).await {
            Ok(Ok(())) => {
                self.changed.mark_unchanged();
                Some(self.batch().unwrap_or_else(comment))
            }
            Ok(Err(_)) => None,
            Err(_) => Some(comment()),
        }
    }

    /// Returns the message with the next records.
    fn batch(&mut self) -> Option<Bytes> {
        let records = self.activity.read(self.last, MAX_BATCH_RECORDS);
        if records.is_empty() {
            return None;
        }
        let mut is_full = records.len() == MAX_BATCH_RECORDS;
        let mut message = String::from("data: [");
        for record in records {
            if message.len() > MAX_BATCH_BYTES {
                is_full = true;
                break;
            }
            if !message.ends_with('[') {
                message.push(',');
            }
            let _ = write!(message, "{}", records::encode(&record));
            self.last = record.sequence;
        }
        let _ = write!(message, "]\nid: {}-{}\n\n", self.start, self.last);
        self.pause = (!is_full).then(|| Instant::now() + BATCH_INTERVAL);
        Some(message.into())
    }
}

fn comment() -> Bytes {
    Bytes::from_static(b":\n\n")
}
