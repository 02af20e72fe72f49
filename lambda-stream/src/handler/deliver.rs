//! From what a handler returned to the invocation's stream, or to one whole answer.

use bytes::Bytes;
use futures::StreamExt;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::reply::{Items, Opening, Streamed};
use super::{Answered, Invocation, Outcome, Reply};
use crate::error::Error;
use crate::stream::{self, Asked, Buffered, DEFAULT_CONTENT_TYPE, EventFormat, HttpPrelude, ResponseStream};

/// Sends what a reply holds to the invocation's stream.
///
/// # Errors
/// The handler's own, or that the stream is closed.
pub async fn deliver<S>(invocation: Invocation<S>, reply: Result<Reply, Error>) -> Result<Outcome, Error> {
    let answered = match reply? {
        Reply::Written => Answered::Streamed,
        Reply::Whole(json) => whole(invocation, json).await?,
        Reply::Streamed(streamed) => send(invocation, streamed).await?,
    };
    Ok(Outcome(answered))
}

/// One document. Where the event came over HTTP from somebody who takes none by itself, it is the body of a response.
async fn whole<S>(invocation: Invocation<S>, json: Vec<u8>) -> Result<Answered, Error> {
    const JSON: &str = "application/json";
    match invocation.asked.format {
        EventFormat::NotHttp | EventFormat::Http2 => Ok(Answered::Buffered(Buffered {
            content_type: HeaderValue::from_static(JSON),
            body: json.into(),
        })),
        EventFormat::Http1 | EventFormat::LoadBalancer { .. } => {
            let streamed = Streamed {
                opening: Opening::Http(HttpPrelude::new(200).header(CONTENT_TYPE, JSON)),
                items: Box::pin(futures::stream::iter([Ok(Bytes::from(json))])),
            };
            send(invocation, streamed).await
        }
    }
}

async fn send<S>(invocation: Invocation<S>, Streamed { opening, items }: Streamed) -> Result<Answered, Error> {
    let asked = invocation.asked;
    if let EventFormat::LoadBalancer { lists } = asked.format {
        return document(opening, items, asked, lists).await.map(Answered::Buffered);
    }
    // `AnswerBeside` lets no handler take the stream and return an answer.
    let mut stream = invocation
        .stream
        .ok_or_else(|| Error::new("the response stream was taken before"))?;
    match opening {
        // On its way before the first piece is asked for, which may be long in coming.
        Opening::Http(prelude) => stream.send_prelude(prelude).await?,
        Opening::ContentType(Some(content_type)) => stream.set_content_type(content_type)?,
        Opening::ContentType(None) => {}
    }
    // A piece that would be left out is not asked for.
    if !asked.is_head && !stream.is_bodiless() {
        stream_all(&mut stream, items).await?;
    }
    Ok(Answered::Streamed)
}

async fn stream_all(stream: &mut ResponseStream, mut items: Items) -> Result<(), Error> {
    while let Some(item) = items.next().await {
        stream.send(item?).await?;
    }
    Ok(())
}

/// All at once, for a load balancer, which takes no stream.
async fn document(opening: Opening, items: Items, asked: Asked, lists: bool) -> Result<Buffered, Error> {
    let prelude = match opening {
        Opening::Http(prelude) => prelude,
        Opening::ContentType(content_type) => {
            let content_type = content_type.map_or(DEFAULT_CONTENT_TYPE, HeaderValue::from_static);
            HttpPrelude::new(200).header(CONTENT_TYPE, content_type)
        }
    };
    let body = match prelude.is_bodiless(asked) {
        true => Vec::new(),
        false => collect(items).await?,
    };
    Ok(stream::whole_for_load_balancer(prelude, body, lists)?)
}

async fn collect(mut items: Items) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(item) = items.next().await {
        body.extend_from_slice(&item?);
        stream::fits_load_balancer(body.len())?;
    }
    Ok(body)
}
