//! The lines that an environment writes to its standard output and standard error.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use super::super::activity::event::{EnvironmentId, Event, Output};
use super::super::broker::Broker;
use super::super::terminal;

/// The maximum length of a line, in bytes. Longer lines are split, as on Lambda, which splits at 256 KiB.
const MAX_LINE_BYTES: u64 = 256 * 1024;

/// Records each line until the output is closed.
pub(super) async fn record_lines(
    output: Output,
    source: impl AsyncRead + Unpin,
    environment: EnvironmentId,
    broker: Arc<Broker>,
) {
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut source).take(MAX_LINE_BYTES).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        terminal::wait_for_room(output, text.len()).await;
        broker.activity().record(Event::Log {
            environment,
            // The poll that completes an invocation may arrive before the lines that the function wrote earlier are read.
            id: broker.log_owner(environment),
            output,
            line: String::from_utf8_lossy(text).into_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::activity::Activity;
    use super::*;

    async fn lines(source: &[u8]) -> Vec<String> {
        let activity = Arc::new(Activity::new(Vec::new()));
        let broker = Arc::new(Broker::new(Arc::clone(&activity), Duration::from_secs(1), None));
        record_lines(Output::Stdout, source, EnvironmentId(1), broker).await;
        let records = activity.read(0, usize::MAX);
        let lines = records.iter().filter_map(|record| match &record.event {
            Event::Log { line, .. } => Some(line.clone()),
            _ => None,
        });
        lines.collect()
    }

    #[tokio::test]
    async fn output_is_split_into_lines() {
        assert_eq!(
            lines(b"one\r\n\ntwo \xff\nend").await,
            ["one", "", "two \u{fffd}", "end"]
        );
    }

    #[tokio::test]
    async fn long_line_is_split() {
        let limit = usize::try_from(MAX_LINE_BYTES).unwrap();
        let lines = lines(&vec![b'x'; limit + 1]).await;
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [limit, 1]);
    }
}
