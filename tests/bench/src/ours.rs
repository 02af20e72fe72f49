//! Handlers of this crate, in its two forms.

use bytes::Bytes;
use futures::future::Either;
use futures::{Stream, stream};
use lambda_stream::{Error, ResponseStream};

use crate::shape::{Given, Shape};

/// Writes the answer.
///
/// # Errors
/// When Lambda does not take it.
pub async fn write(shape: Shape, mut stream: ResponseStream) -> Result<(), Error> {
    shape.work();
    for index in 0..shape.pieces {
        shape.pause(index).await;
        if shape.is_stamped() {
            stream.write(shape.token(index)).await?;
        } else if shape.given == Given::Shared {
            stream.send(shape.bytes(index)).await?;
        } else {
            stream.write(shape.slice(index)).await?;
        }
    }
    Ok(())
}

/// Returns the answer as a stream.
pub fn items(shape: Shape) -> impl Stream<Item = Bytes> + Send {
    shape.work();
    if !shape.is_stamped() {
        return Either::Left(stream::iter((0..shape.pieces).map(move |index| shape.bytes(index))));
    }
    Either::Right(stream::unfold(0, move |index| async move {
        if index == shape.pieces {
            return None;
        }
        shape.pause(index).await;
        Some((shape.bytes(index), index + 1))
    }))
}
