//! The body of an object, which survives broken and stalled connections to S3.

use std::error::Error as StdError;
use std::ops::Range;

use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::{ByteStream, ByteStreamError};
use bytes::Bytes;
use futures::{Stream, stream};
use http::StatusCode;
use lambda_stream::Error;

use crate::error;
use crate::object::Object;

/// How many connections in a row may break before the next byte arrives.
const MAX_FAILURES: u32 = 3;

/// The part of an object that the caller has not received.
pub(crate) struct Download {
    object: Object,
    body: ByteStream,
    e_tag: Option<String>,
    /// The positions of the bytes that are left.
    rest: Range<u64>,
    sent: u64,
    failures: u32,
}

impl Download {
    pub(crate) fn new(object: Object, output: GetObjectOutput) -> Self {
        let first = output.content_range().and_then(first_position).unwrap_or(0);
        // Without a length, the object cannot be continued. S3 always sends it.
        let length = output.content_length().and_then(|length| length.try_into().ok());
        Self {
            object,
            e_tag: output.e_tag,
            body: output.body,
            rest: first..first.saturating_add(length.unwrap_or(0)),
            sent: 0,
            failures: 0,
        }
    }

    /// Returns the chunks. The next one is read from S3 when the caller has room for it.
    pub(crate) fn into_stream(self) -> impl Stream<Item = Result<Bytes, Error>> {
        stream::try_unfold(self, |mut download| async move {
            let chunk = download.next_chunk().await?;
            Ok(chunk.map(|chunk| (chunk, download)))
        })
    }

    async fn next_chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            match self.body.next().await {
                Some(Ok(chunk)) => {
                    let length = chunk.len() as u64;
                    self.rest.start += length;
                    self.sent += length;
                    self.failures = 0;
                    return Ok(Some(chunk));
                }
                Some(Err(error)) => self.resume(&error).await?,
                None if !self.rest.is_empty() => return Err(self.incomplete("S3 sent too few bytes")),
                None => {
                    tracing::info!(key = self.object.key, bytes = self.sent, "sent the object");
                    return Ok(None);
                }
            }
        }
    }

    /// Requests the rest of the object after an error, if it is still the same version.
    ///
    /// The SDK compares the checksum of a whole object at its end, while the chunks pass. It cannot do so for a part.
    async fn resume(&mut self, error: &ByteStreamError) -> Result<(), Error> {
        self.failures += 1;
        let e_tag = match &self.e_tag {
            // The checksum differs if no byte is left.
            Some(e_tag) if !self.rest.is_empty() && self.failures <= MAX_FAILURES => e_tag,
            _ => return Err(self.incomplete(root_cause(error))),
        };
        let error = DisplayErrorContext(error);
        tracing::warn!(key = self.object.key, bytes = self.sent, %error, "the connection to S3 failed: continuing");
        // Closes the connection, which may be open but silent.
        self.body = ByteStream::default();
        let range = format!("bytes={}-{}", self.rest.start, self.rest.end - 1);
        let get = self.object.get_object().range(range).if_match(e_tag);
        match self.object.send(get).await {
            Ok(output) if output.content_range().and_then(first_position) == Some(self.rest.start) => {
                self.body = output.body;
                Ok(())
            }
            Ok(_) => Err(self.incomplete("S3 sent another range")),
            Err(error) if error::status(&error) == Some(StatusCode::PRECONDITION_FAILED) => {
                Err(self.incomplete("the object was replaced"))
            }
            Err(error) => {
                let error = DisplayErrorContext(&error);
                tracing::error!(key = self.object.key, %error, "the request for the rest of the object failed");
                Err(self.incomplete("the request for the rest failed"))
            }
        }
    }

    fn incomplete(&self, reason: impl std::fmt::Display) -> Error {
        let message = format!("the object ended after {} bytes: {reason}", self.sent);
        Error::new(message).with_type("Function.IncompleteObject")
    }
}

/// Parses the first position of `Content-Range`, such as `bytes 100-199/1000`.
fn first_position(content_range: &str) -> Option<u64> {
    let (first, _) = content_range.strip_prefix("bytes ")?.split_once('-')?;
    first.parse().ok()
}

/// Returns the innermost source of an error, which says what happened.
fn root_cause(error: &dyn StdError) -> &dyn StdError {
    match error.source() {
        Some(source) => root_cause(source),
        None => error,
    }
}
