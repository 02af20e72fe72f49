//! HTTP/1.1 messages, parsed strictly from raw bytes.
//!
//! Input that violates RFC 9112 is an error here even where the RFC allows a recipient to repair it.

mod body;
mod client;
mod escape;
mod head;
pub(crate) mod percent;
mod request;

pub(crate) use body::{BodyDecoder, BodyPart};
pub use client::{HttpConnection, HttpResponse, connect, exchange, read_to_end, send_request};
pub(crate) use escape::escape;
pub use head::{Fields, RequestHead, ResponseHead};
pub(crate) use request::RecordedRequest;
pub use request::{BodyEnd, read_request};

#[cfg(test)]
mod tests;
