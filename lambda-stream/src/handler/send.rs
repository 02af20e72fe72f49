//! Writes a handler's return value to the invocation's response stream.

use bytes::Bytes;
use futures::StreamExt;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use tokio::task::coop::consume_budget;

use super::response::{BoxItems, HandlerResponse};
use super::{Invocation, Rejection};
use crate::error::Error;
use crate::event::{EventFormat, EventInfo};
use crate::protocol::{JSON, OCTET_STREAM};
use crate::response::{BufferedResponse, HttpPrelude, alb};
use crate::stream::ResponseStream;

/// Writes `response` to the stream of `invocation`, encoded for the source of the event.
///
/// # Errors
/// The handler's error, a response that cannot be encoded, or [`StreamError::Closed`](crate::StreamError::Closed).
pub(crate) async fn send_response<S>(
    invocation: Invocation<S>,
    response: Result<HandlerResponse, Rejection>,
) -> Result<(), Error> {
    let response = match response {
        Ok(response) => response,
        Err(rejection) => (*rejection.0)?,
    };
    let Invocation { event_info, stream, .. } = invocation;
    let stream = || {
        // `ResponseCompatibleWith` rejects handlers that take the stream and return a response at compile time.
        stream.ok_or_else(|| Error::new("the response stream was already extracted"))
    };
    match response {
        HandlerResponse::Written => Ok(()),
        HandlerResponse::Json(json) => send_json(stream()?, event_info, json).await,
        HandlerResponse::Items { content_type, items } => send_items(stream()?, event_info, content_type, items).await,
        HandlerResponse::Http { prelude, body } => send_http(stream()?, event_info, prelude, body).await,
    }
}

/// Sends a JSON document. A REST API and a load balancer do not take one as it is: there it becomes the body of an HTTP
/// response.
async fn send_json(stream: ResponseStream, event_info: EventInfo, json: Vec<u8>) -> Result<(), Error> {
    match event_info.format {
        EventFormat::NotHttp | EventFormat::PayloadV2 => stream.send_buffered(BufferedResponse {
            content_type: JSON,
            body: json.into(),
        }),
        EventFormat::PayloadV1 | EventFormat::Alb { .. } => {
            let prelude = HttpPrelude::new(200).header(CONTENT_TYPE, JSON);
            let body = Box::pin(futures::stream::iter([Ok(Bytes::from(json))]));
            return send_http(stream, event_info, prelude, body).await;
        }
    }
    Ok(())
}

async fn send_items(
    mut stream: ResponseStream,
    event_info: EventInfo,
    content_type: Option<&'static str>,
    items: BoxItems,
) -> Result<(), Error> {
    if let EventFormat::Alb { .. } = event_info.format {
        let content_type = content_type.map_or(OCTET_STREAM, HeaderValue::from_static);
        let prelude = HttpPrelude::new(200).header(CONTENT_TYPE, content_type);
        return send_http(stream, event_info, prelude, items).await;
    }
    if let Some(content_type) = content_type {
        stream.set_content_type(content_type)?;
    }
    send_body(stream, event_info, items).await
}

async fn send_http(
    mut stream: ResponseStream,
    event_info: EventInfo,
    prelude: HttpPrelude,
    body: BoxItems,
) -> Result<(), Error> {
    if let EventFormat::Alb { multi_value_headers } = event_info.format {
        let body = match prelude.is_bodiless(event_info) {
            true => Vec::new(),
            false => collect(body).await?,
        };
        stream.send_buffered(alb::encode(prelude, body, multi_value_headers)?);
        return Ok(());
    }
    // The prelude is sent before the first chunk is polled, because that may take long.
    stream.send_prelude(prelude).await?;
    send_body(stream, event_info, body).await
}

/// Sends the chunks of a body. A body that would be discarded is not polled.
async fn send_body(mut stream: ResponseStream, event_info: EventInfo, mut items: BoxItems) -> Result<(), Error> {
    if event_info.is_head || stream.is_bodiless() {
        return Ok(());
    }
    stream.send_all(items.as_mut()).await
}

/// Collects a body for a load balancer, which takes no stream.
async fn collect(mut items: BoxItems) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(item) = items.next().await {
        body.extend_from_slice(&item?);
        alb::check_length(body.len())?;
        // Items that are always ready must not hold the thread.
        consume_budget().await;
    }
    Ok(body)
}
