//! Logs rejected requests. A client that sends thousands of them does not write thousands of lines.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The time in which each reason is logged once.
const INTERVAL: Duration = Duration::from_secs(1);

/// The number of different reasons that are logged in an interval. A client can put any text into a reason.
const MAX_REASONS: usize = 10;

/// Logs the reasons of rejections, and counts those that it does not log.
#[derive(Default)]
pub(crate) struct RejectionLog(Mutex<Interval>);

/// What happened in the current interval.
#[derive(Debug, Default)]
struct Interval {
    reasons: Vec<String>,
    unlogged: u64,
}

impl RejectionLog {
    /// Logs a rejection, unless its reason was logged less than an interval ago.
    pub(crate) fn add(self: &Arc<Self>, reason: String) {
        let is_first = {
            let mut interval = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if interval.reasons.len() == MAX_REASONS || interval.reasons.contains(&reason) {
                interval.unlogged += 1;
                return;
            }
            interval.reasons.push(reason.clone());
            interval.reasons.len() == 1
        };
        log!(WARN, "request rejected: {reason}");
        if is_first {
            let log = Arc::clone(self);
            tokio::spawn(async move {
                tokio::time::sleep(INTERVAL).await;
                log.end_interval();
            });
        }
    }

    fn end_interval(&self) {
        let mut interval = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Interval { unlogged, .. } = std::mem::take(&mut *interval);
        drop(interval);
        if unlogged > 0 {
            log!(
                WARN,
                "{unlogged} more requests rejected within {} s for such reasons",
                INTERVAL.as_secs()
            );
        }
    }
}
