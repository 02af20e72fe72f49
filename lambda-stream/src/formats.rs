//! Formats on top of the response stream: server-sent events and newline-delimited JSON.

pub mod ndjson;
pub mod sse;
