//! How responses look to HTTP callers: the prelude, Lambda's payload formats, documents for load balancers, and the
//! trailers of a response that fails.
//!
//! This module encodes. It sends nothing and knows neither handlers nor connections.

pub(crate) mod alb;
mod head;
mod prelude;
mod trailers;

use bytes::Bytes;
use http::HeaderValue;

pub(crate) use self::head::ResponseHead;
pub use self::prelude::HttpPrelude;
pub(crate) use self::trailers::{error_type, trailers};

/// A whole response that is not streamed.
#[derive(Debug, Clone)]
pub(crate) struct BufferedResponse {
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
}
