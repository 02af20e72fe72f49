//! The line of the log about a completion.

use std::time::{Duration, Instant};

use serde::Deserialize;
use tracing::Span;

/// The tokens of a completion, as the upstream counts them.
#[derive(Clone, Copy, Default, Deserialize)]
pub(crate) struct Usage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    total_tokens: Option<u64>,
}

/// Collects the figures of a completion, and logs them when it is dropped: the runtime drops a stream whose caller has
/// gone.
pub(crate) struct Record {
    model: String,
    upstream: String,
    started: Instant,
    first_token: Option<Duration>,
    chunks: u64,
    usage: Usage,
    outcome: &'static str,
    /// The span of the invocation, which has the request id.
    span: Span,
}

impl Record {
    pub(crate) fn new(model: &str, upstream: &str) -> Self {
        Self {
            model: model.to_owned(),
            upstream: upstream.to_owned(),
            started: Instant::now(),
            first_token: None,
            chunks: 0,
            usage: Usage::default(),
            outcome: "cancelled",
            span: Span::current(),
        }
    }

    /// Counts a chunk of the completion, or the whole.
    pub(crate) fn add_chunk(&mut self) {
        self.chunks += 1;
        self.first_token.get_or_insert_with(|| self.started.elapsed());
    }

    /// Keeps the last usage that the upstream sends.
    pub(crate) fn set_usage(&mut self, usage: Option<Usage>) {
        self.usage = usage.unwrap_or(self.usage);
    }

    pub(crate) fn set_complete(&mut self) {
        self.outcome = "complete";
    }

    pub(crate) fn set_failed(&mut self) {
        self.outcome = "failed";
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let milliseconds = |time: Duration| time.as_micros() as f64 / 1000.0;
        self.span.in_scope(|| {
            tracing::info!(
                model = self.model,
                upstream = self.upstream,
                outcome = self.outcome,
                prompt_tokens = self.usage.prompt_tokens,
                completion_tokens = self.usage.completion_tokens,
                total_tokens = self.usage.total_tokens,
                chunks = self.chunks,
                first_token_ms = self.first_token.map(milliseconds),
                duration_ms = milliseconds(self.started.elapsed()),
                "completion"
            );
        });
    }
}
