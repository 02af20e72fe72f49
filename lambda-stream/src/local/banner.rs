//! The banner: what local mode prints when the function is initialized.

mod text;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::activity::event::{EnvironmentId, Event};
use super::broker::Broker;
use crate::stderr;
pub(crate) use text::Banner;
use text::Style;

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
    let mut builds = Builds::default();
    let mut last = 0;
    loop {
        for record in broker.activity().read(last, usize::MAX) {
            last = record.sequence;
            if let Some(start) = builds.start(&record.event) {
                return start;
            }
        }
        if changed.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// The builds that the records have named.
#[derive(Default)]
struct Builds {
    newest: u32,
    environments: BTreeMap<EnvironmentId, u32>,
}

impl Builds {
    /// Returns how the start ended, if the record says so.
    fn start(&mut self, event: &Event) -> Option<Start> {
        match event {
            Event::EnvironmentReady { init, .. } => return Some(Start::Ready(*init)),
            Event::BuildChanged { build } => self.newest = *build,
            Event::EnvironmentStarted { environment, build, .. } => {
                self.environments.insert(*environment, *build);
            }
            Event::EnvironmentStopped {
                environment, reason, ..
            } => {
                // An environment of an older build may have been replaced.
                let is_newest = self
                    .environments
                    .get(environment)
                    .is_none_or(|build| *build >= self.newest);
                return is_newest.then(|| Start::Failed(reason.clone()));
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_fails_only_with_environment_of_newest_build() {
        let started = |environment, build| Event::EnvironmentStarted {
            environment: EnvironmentId(environment),
            process_id: 1,
            build,
        };
        let stopped = |environment| Event::EnvironmentStopped {
            is_expected: false,
            environment: EnvironmentId(environment),
            reason: "ended".to_owned(),
        };
        let failed = || Some(Start::Failed("ended".to_owned()));
        let mut builds = Builds::default();
        for event in [
            started(1, 1),
            Event::BuildChanged { build: 2 },
            stopped(1),
            started(2, 2),
        ] {
            assert_eq!(builds.start(&event), None);
        }
        assert_eq!(builds.start(&stopped(2)), failed());
        assert_eq!(Builds::default().start(&stopped(1)), failed());
    }
}
