//! The part that the counted functions share: the event, and the data of a chunk.

use serde::Deserialize;

/// The data of each chunk.
pub const CHUNK: &str = "0123456789abcdef";

/// The event: how many chunks the response has.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Request {
    /// The number of chunks.
    pub chunks: usize,
}
