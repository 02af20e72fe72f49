//! The handlers for `lambda-stream`: for each format one that writes and one that returns a stream, and handlers of large
//! events.

use std::hint::black_box;

use bytes::Bytes;
use futures::future::Either;
use futures::{Stream, stream};
use lambda_stream::ndjson::Line;
use lambda_stream::sse::Event;
use lambda_stream::{Error, RawEvent, ResponseStream};

use crate::large_event::LargeEvent;
use crate::response_spec::{Format, Record, ResponseSpec, Source};

/// Writes the response.
///
/// # Errors
/// If Lambda rejects the response.
pub async fn write(spec: ResponseSpec, mut stream: ResponseStream) -> Result<(), Error> {
    spec.compute();
    for index in 0..spec.chunks {
        spec.pause(index).await;
        if spec.has_tokens() {
            stream.write(spec.token(index)).await?;
        } else if spec.source == Source::Shared {
            stream.send(spec.bytes(index)).await?;
        } else {
            stream.write(spec.slice(index)).await?;
        }
    }
    Ok(())
}

/// Returns the response as a stream.
pub fn items(spec: ResponseSpec) -> impl Stream<Item = Bytes> + Send {
    spec.compute();
    if !spec.has_tokens() {
        return Either::Left(stream::iter((0..spec.chunks).map(move |index| spec.bytes(index))));
    }
    Either::Right(stream::unfold(0, move |index| async move {
        if index == spec.chunks {
            return None;
        }
        spec.pause(index).await;
        Some((spec.bytes(index), index + 1))
    }))
}

/// Writes server-sent events.
///
/// # Errors
/// If Lambda rejects the response.
pub async fn sse_write(spec: ResponseSpec, stream: ResponseStream) -> Result<(), Error> {
    let mut events = stream.sse()?;
    for index in 0..spec.chunks {
        events.send(sse_event(index)?).await?;
    }
    Ok(())
}

/// Returns server-sent events.
pub async fn sse_items(spec: ResponseSpec) -> impl Stream<Item = Result<Event, Error>> + Send {
    stream::iter((0..spec.chunks).map(sse_event))
}

fn sse_event(index: usize) -> Result<Event, Error> {
    Ok(Event::json(&Record::new(index))?.id(index.to_string()))
}

/// Writes lines of JSON.
///
/// # Errors
/// If Lambda rejects the response.
pub async fn ndjson_write(spec: ResponseSpec, stream: ResponseStream) -> Result<(), Error> {
    let mut lines = stream.ndjson()?;
    for index in 0..spec.chunks {
        lines.send(&Record::new(index)).await?;
    }
    Ok(())
}

/// Returns lines of JSON.
pub async fn ndjson_items(spec: ResponseSpec) -> impl Stream<Item = Line<Record>> + Send {
    stream::iter((0..spec.chunks).map(|index| Line(Record::new(index))))
}

/// Makes the items of a returned stream and drops them.
pub fn make_items(spec: &ResponseSpec) {
    for index in 0..spec.chunks {
        match spec.format {
            Format::Bytes => drop(black_box(spec.bytes(index))),
            Format::Sse => drop(black_box(sse_event(index))),
            Format::Ndjson => {
                black_box(Line(Record::new(index)));
            }
        }
    }
}

/// Deserializes an event of 6 MB.
///
/// # Errors
/// If Lambda rejects the response.
pub async fn large_event(event: LargeEvent, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(event.response()).await?;
    Ok(())
}

/// Receives an event of 6 MB without deserializing it.
///
/// # Errors
/// If Lambda rejects the response.
pub async fn raw_event(event: RawEvent, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(LargeEvent::raw_response(&event)).await?;
    Ok(())
}
