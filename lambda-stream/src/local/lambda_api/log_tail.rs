//! The end of an invocation's log, for callers that request it with `LogType: Tail`.
//!
//! The lines of the function are between the lines `START`, `END` and `REPORT`, as in the log that Lambda writes. The
//! report has no figures about memory, which local mode does not limit.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::activity::Activity;
use super::super::activity::log_collector::{InvocationLog, LogCollector, MAX_LOG_BYTES, end_of};
use super::super::broker::invocation::InvocationHandle;
use super::super::identifiers::RequestId;
use super::super::variables::FUNCTION_VERSION;

/// How long the response waits until the function polls for the next event. A function that works on after its response
/// does not delay its caller longer than this.
const COMPLETION_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the function must have written no line until its output counts as read. Local mode may receive the poll for the
/// next event before it reads the lines that the function wrote earlier.
const QUIET_TIME: Duration = Duration::from_millis(10);

/// The maximum number of times that the response waits for [`QUIET_TIME`].
const MAX_WAITS: usize = 20;

/// The log of an invocation.
pub(super) struct LogTail {
    id: RequestId,
    collector: LogCollector,
}

impl LogTail {
    /// Starts to collect the log of an invocation that will be queued next.
    pub(super) fn start(activity: &Arc<Activity>, id: RequestId) -> Self {
        let collector = LogCollector::start(activity, id.clone());
        Self { id, collector }
    }

    /// Waits until the log of an invocation whose response has ended is complete. Returns its end in base64.
    pub(super) async fn result(&self, invocation: &mut InvocationHandle) -> String {
        let _ = tokio::time::timeout(COMPLETION_TIMEOUT, invocation.completed()).await;
        let mut log = self.collector.log();
        for _ in 0..MAX_WAITS {
            tokio::time::sleep(QUIET_TIME).await;
            let line_count = log.line_count;
            log = self.collector.log();
            if log.line_count == line_count {
                break;
            }
        }
        let text = format(self.id.as_str(), &log);
        STANDARD.encode(end_of(&text, MAX_LOG_BYTES))
    }
}

fn format(id: &str, log: &InvocationLog) -> String {
    let mut text = format!("START RequestId: {id} Version: {FUNCTION_VERSION}\n");
    for line in &log.lines {
        text.push_str(line);
        text.push('\n');
    }
    if let Some(completed) = log.completed {
        // An invocation that failed in the queue was not delivered.
        let duration = completed.saturating_sub(log.delivered.unwrap_or(completed));
        let init = log.init.unwrap_or_default();
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
        text.push_str(&format!(
            "END RequestId: {id}\nREPORT RequestId: {id}\tDuration: {:.2} ms\tBilled Duration: {} ms",
            milliseconds(duration),
            // Lambda charges for the initialization of functions that bring their own runtime.
            milliseconds(duration + init).ceil()
        ));
        if log.init.is_some() {
            text.push_str(&format!("\tInit Duration: {:.2} ms", milliseconds(init)));
        }
        match log.error_type.as_deref() {
            Some("Sandbox.Timedout") => text.push_str("\tStatus: timeout"),
            Some(error_type) => text.push_str(&format!("\tStatus: error\tError Type: {error_type}")),
            None => {}
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> InvocationLog {
        InvocationLog {
            lines: ["one".to_owned(), String::new()].into(),
            delivered: Some(Duration::from_millis(1000)),
            completed: Some(Duration::from_micros(1_001_234)),
            ..InvocationLog::default()
        }
    }

    #[test]
    fn lines_are_between_those_of_lambda() {
        assert_eq!(
            format("1-2", &log()),
            "START RequestId: 1-2 Version: $LATEST\none\n\nEND RequestId: 1-2\n\
             REPORT RequestId: 1-2\tDuration: 1.23 ms\tBilled Duration: 2 ms\n"
        );
    }

    #[test]
    fn report_contains_init_and_status() {
        let init = Some(Duration::from_millis(20));
        for (error_type, status) in [
            (None, ""),
            (Some("Sandbox.Timedout"), "\tStatus: timeout"),
            (Some("Function.A"), "\tStatus: error\tError Type: Function.A"),
        ] {
            let error_type = error_type.map(str::to_owned);
            let text = format(
                "1",
                &InvocationLog {
                    init,
                    error_type,
                    ..log()
                },
            );
            let end = format!("\tBilled Duration: 22 ms\tInit Duration: 20.00 ms{status}\n");
            assert!(text.ends_with(&end), "{text}");
        }
    }

    #[test]
    fn incomplete_invocation_has_no_report() {
        let log = InvocationLog {
            completed: None,
            ..log()
        };
        assert!(format("1", &log).ends_with("\none\n\n"));
    }
}
