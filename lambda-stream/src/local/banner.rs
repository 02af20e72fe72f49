//! The banner: what local mode prints when the function is initialized.

mod text;

use std::sync::Arc;
use std::time::Duration;

use super::activity::event::Event;
use super::broker::Broker;
use super::terminal::style::Style;
use crate::stderr;
pub(crate) use text::Banner;

/// How the start of the function ended.
#[derive(Debug, PartialEq)]
enum Start {
    /// The function is initialized after this time.
    Ready(Duration),
    /// The first environment has ended before, for this reason.
    Failed(String),
}

/// Prints the banner when the first environment is initialized, or has failed to.
pub(crate) async fn announce(broker: Arc<Broker>, banner: Banner) {
    let start = started(&broker).await;
    stderr::write_line(banner.text(&start, Style::of_stderr()));
    stderr::flush();
}

/// Waits until an environment is initialized, or has failed to.
async fn started(broker: &Broker) -> Start {
    let mut changed = broker.activity().changed();
    let mut last = 0;
    loop {
        for record in broker.activity().read(last, usize::MAX) {
            last = record.sequence;
            if let Some(start) = start_of(&record.event) {
                return start;
            }
        }
        if changed.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Returns how the start ended, if the event says so.
fn start_of(event: &Event) -> Option<Start> {
    match event {
        Event::EnvironmentReady { init, .. } => Some(Start::Ready(*init)),
        // Local mode itself stops environments of an older build, and all environments at its end.
        Event::EnvironmentStopped {
            reason,
            is_expected: false,
            ..
        } => Some(Start::Failed(reason.clone())),
        _ => None,
    }
}
