//! The handler for `lambda_runtime`, after the example in its documentation: a task writes to a channel, and the other end
//! of the channel is the response.

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent};

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
