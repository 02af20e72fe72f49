//! What was seen, in words: for the panics of tests.

use std::fmt::Write as _;

use super::Ledger;
use super::records::SHOWN;
use crate::shown::shown;

impl Ledger {
    /// Everything seen so far, for people.
    pub(crate) fn report(&self) -> String {
        self.records.look(|records| {
            let mut report = String::new();
            for fault in &records.faults {
                let _ = writeln!(report, "FAULT: {fault}");
            }
            let _ = writeln!(
                report,
                "seen so far: {} connections, {} requests; {} waiting `next`, {} answers to `next` queued",
                records.connections,
                records.exchanges.len(),
                records.polls.len(),
                records.upcoming.len(),
            );
            for (number, exchange) in records.exchanges.iter().enumerate() {
                let at = exchange.at.saturating_duration_since(self.started);
                let status = match exchange.answered {
                    Some((status, _)) => format!("answered {status}"),
                    None => "not answered".to_owned(),
                };
                let _ = writeln!(
                    report,
                    "{}. after {at:.1?}, connection {}, {status}, ending {:?}:\n   \"{}\"",
                    number + 1,
                    exchange.connection,
                    exchange.incoming.ending(),
                    shown(exchange.incoming.raw(), SHOWN),
                );
            }
            report
        })
    }
}
