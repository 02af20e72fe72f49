//! The handler for `lambda_runtime`, after the example in its documentation: a task fills a channel, and the other end is
//! the response.

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent};

use crate::shape::Shape;

/// Streams the answer.
///
/// # Errors
/// Never: a caller that has gone ends the task.
pub async fn answer(event: LambdaEvent<Shape>) -> Result<Response<Body>, Error> {
    let shape = event.payload;
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        shape.work();
        for index in 0..shape.pieces {
            shape.pause(index).await;
            if sender.send_data(shape.bytes(index)).await.is_err() {
                return;
            }
        }
    });
    Ok(Response::from(body))
}
