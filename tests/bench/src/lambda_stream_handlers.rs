//! The handlers for `lambda-stream`: one that writes, and one that returns a stream.

use bytes::Bytes;
use futures::future::Either;
use futures::{Stream, stream};
use lambda_stream::{Error, ResponseStream};

use crate::response_spec::{ResponseSpec, Source};

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
