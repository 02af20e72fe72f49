//! Encodes responses for HTTP callers: the prelude, Lambda's payload formats, documents for load balancers, and error
//! trailers.
//!
//! This module only encodes. It does not send, and does not depend on handlers or connections.

pub(crate) mod alb;
mod head;
mod prelude;
mod trailers;

use bytes::Bytes;
use http::HeaderValue;

pub(crate) use self::head::ResponseHead;
pub use self::prelude::HttpPrelude;
pub(crate) use self::trailers::{error_trailers, error_type};

/// A complete response that is not streamed.
#[derive(Debug, Clone)]
pub(crate) struct BufferedResponse {
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
}
