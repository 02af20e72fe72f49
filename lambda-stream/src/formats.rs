//! Formats of response streams: server-sent events and newline-delimited JSON.

pub mod ndjson;
pub mod sse;
