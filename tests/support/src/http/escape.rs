//! Escapes bytes for messages.

/// Returns the first `limit` bytes, escaped, and the number of bytes left out.
pub(crate) fn escape(bytes: &[u8], limit: usize) -> String {
    let start = bytes[..bytes.len().min(limit)].escape_ascii();
    match bytes.len().saturating_sub(limit) {
        0 => start.to_string(),
        omitted => format!("{start} … ({omitted} more bytes)"),
    }
}
