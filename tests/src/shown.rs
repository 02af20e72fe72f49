//! Bytes as people can read them, in faults and reports.

/// The start of the bytes, escaped, and how many are left out.
pub(crate) fn shown(bytes: &[u8], most: usize) -> String {
    let start = bytes[..bytes.len().min(most)].escape_ascii();
    match bytes.len().saturating_sub(most) {
        0 => start.to_string(),
        more => format!("{start} … and {more} bytes more"),
    }
}
