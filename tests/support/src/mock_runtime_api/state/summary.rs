//! A readable summary of the records, for panic messages.

use std::fmt::Write as _;

use super::State;
use super::records::QUOTE_LIMIT;
use crate::http::escape;

impl State {
    /// Describes all requests and violations so far.
    pub(crate) fn summary(&self) -> String {
        self.records.read(|records| {
            let mut summary = String::new();
            for violation in &records.violations {
                let _ = writeln!(summary, "VIOLATION: {violation}");
            }
            let _ = writeln!(
                summary,
                "so far: {} connections, {} requests; {} waiting `next` calls, {} queued responses to `next`",
                records.connections,
                records.exchanges.len(),
                records.polls.len(),
                records.next_responses.len(),
            );
            for (number, exchange) in records.exchanges.iter().enumerate() {
                let at = exchange.at.saturating_duration_since(self.started);
                let status = match exchange.response {
                    Some((status, _)) => format!("status {status}"),
                    None => "no response".to_owned(),
                };
                let _ = writeln!(
                    summary,
                    "{}. after {at:.1?}, connection {}, {status}, body end {:?}:\n   \"{}\"",
                    number + 1,
                    exchange.connection,
                    exchange.request.body_end(),
                    escape(exchange.request.raw(), QUOTE_LIMIT),
                );
            }
            summary
        })
    }
}
