//! One answer of several forms, chosen when the invocation is there.

use futures::Stream;
use serde::Serialize;

use super::{IntoItem, IntoResponse, Json, Reply, kind};
use crate::error::Error;

/// Whichever form of an answer this invocation gets: [`Json`], a stream, or an `http::Response` (feature `http`).
///
/// ```
/// use lambda_stream::{AnyResponse, Json};
///
/// async fn handler(question: String) -> AnyResponse {
///     match question.as_str() {
///         "how many" => Json(3).into(),
///         _ => AnyResponse::stream(futures::stream::iter(["one ", "two ", "three"])),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct AnyResponse(pub(crate) Result<Reply, Error>);

impl AnyResponse {
    /// The items of a stream, as a handler may return it: what turns into [`Bytes`](bytes::Bytes), an event of a format
    /// such as [`sse`](crate::sse), or a `Result` of either.
    pub fn stream<T, K: 'static>(items: T) -> Self
    where
        T: Stream<Item: IntoItem<K>> + Send + 'static,
    {
        Self(items.into_response())
    }
}

impl<T: Serialize> From<Json<T>> for AnyResponse {
    fn from(json: Json<T>) -> Self {
        Self(json.into_response())
    }
}

#[diagnostic::do_not_recommend]
impl IntoResponse<kind::Chosen> for AnyResponse {
    type Answer = kind::Own;

    fn into_response(self) -> Result<Reply, Error> {
        self.0
    }
}
