//! The settings that apply to each invocation.

use std::time::Duration;

/// The settings that apply to each invocation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) buffer_size: usize,
    pub(crate) deadline_margin: Option<Duration>,
    pub(crate) fill_empty_body: bool,
}

/// Overrides [`Runtime::fill_empty_body`](crate::Runtime::fill_empty_body).
const FILL_EMPTY_BODY: &str = "LAMBDA_STREAM_FILL_EMPTY_BODY";

impl Limits {
    /// Applies the environment variables that override settings. An invalid value is logged and ignored.
    pub(super) fn with_environment(mut self) -> Self {
        let value = std::env::var_os(FILL_EMPTY_BODY).unwrap_or_default();
        match value.to_str() {
            Some("") => {}
            Some("true") => self.fill_empty_body = true,
            Some("false") => self.fill_empty_body = false,
            _ => log!(WARN, "ignored {FILL_EMPTY_BODY}={value:?}: must be `true` or `false`"),
        }
        self
    }
}
