//! One answer of several forms, chosen when the invocation is there.

use futures::Stream;
use serde::Serialize;

use super::{IntoItem, IntoReply, Json, Reply, kind};
use crate::error::Error;

/// Whichever form of an answer this invocation gets: [`Json`], a stream, or an `http::Response` (feature `http`).
///
/// ```
/// use lambda_stream::{Answer, Json};
///
/// async fn handler(question: String) -> Answer {
///     match question.as_str() {
///         "how many" => Json(3).into(),
///         _ => Answer::stream(futures::stream::iter(["one ", "two ", "three"])),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Answer(pub(crate) Result<Reply, Error>);

impl Answer {
    /// The items of a stream, as a handler may return it: what turns into [`Bytes`](bytes::Bytes), an event of a format
    /// such as [`sse`](crate::sse), or a `Result` of either.
    pub fn stream<T, K: 'static>(items: T) -> Self
    where
        T: Stream<Item: IntoItem<K>> + Send + 'static,
    {
        Self(items.into_reply())
    }
}

impl<T: Serialize> From<Json<T>> for Answer {
    fn from(json: Json<T>) -> Self {
        Self(json.into_reply())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply<kind::Chosen> for Answer {
    type Answer = kind::Own;

    fn into_reply(self) -> Result<Reply, Error> {
        self.0
    }
}
