//! The handlers for `lambda_runtime`. A streamed response is written as in the example of its documentation: a task writes
//! to a channel, and the other end of the channel is the response.

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent};

use serde_json::value::RawValue;

use crate::large_event::LargeEvent;
use crate::response_spec::ResponseSpec;

/// Streams the response.
///
/// # Errors
/// Never. The task ends if the receiver of the channel is dropped.
pub async fn stream(event: LambdaEvent<ResponseSpec>) -> Result<Response<Body>, Error> {
    let spec = event.payload;
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        spec.compute();
        for index in 0..spec.chunks {
            spec.pause(index).await;
            if sender.send_data(spec.bytes(index)).await.is_err() {
                return;
            }
        }
    });
    Ok(Response::from(body))
}

/// Deserializes an event of 6 MB.
///
/// # Errors
/// Never.
pub async fn large_event(event: LambdaEvent<LargeEvent>) -> Result<Response<Body>, Error> {
    Ok(Response::from(Body::from(event.payload.response())))
}

/// Receives an event of 6 MB without deserializing it.
///
/// # Errors
/// Never.
pub async fn raw_event(event: LambdaEvent<Box<RawValue>>) -> Result<Response<Body>, Error> {
    let response = LargeEvent::raw_response(event.payload.get().as_bytes());
    Ok(Response::from(Body::from(response)))
}
