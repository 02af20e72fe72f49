//! Local mode with child processes: serves requests until a signal ends the process.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::activity::event::Event;
use super::broker::Broker;
use super::environments::{self, Template};
use super::error::LocalError;
use super::front_end::{self, FrontEnd};
use super::servers::{Servers, block_on_thread};
use super::shutdown;
use super::terminal;
use crate::signals::{self, ShutdownSignal, Signals};
use crate::stderr;

/// The service while it runs.
pub(crate) struct Service(oneshot::Receiver<()>);

impl Service {
    /// Waits until the service has shut down after a signal.
    pub(crate) async fn ended(self) {
        let _ = self.0.await;
    }
}

/// Starts the service on a separate thread. `announcement` is printed when the function is initialized.
pub(crate) fn start(
    servers: Servers,
    front_end: FrontEnd,
    template: Template,
    announcement: String,
) -> Result<Service, LocalError> {
    signals::start_exit_thread().map_err(LocalError::Start)?;
    let signals = {
        let _context = servers.runtime.enter();
        Signals::listen().map_err(LocalError::Start)?
    };
    let (sender, ended) = oneshot::channel();
    let broker = Arc::clone(&servers.broker);
    let run = async move {
        run(broker, front_end, template, announcement, signals).await;
        let _ = sender.send(());
    };
    block_on_thread(servers.runtime, run).map_err(LocalError::Start)?;
    Ok(Service(ended))
}

async fn run(broker: Arc<Broker>, front_end: FrontEnd, template: Template, announcement: String, mut signals: Signals) {
    let (front_end_shutdown, front_end_token) = shutdown::channel();
    let (environments_shutdown, environments_token) = shutdown::channel();
    tokio::spawn(environments::run(template, Arc::clone(&broker), environments_token));
    tokio::spawn(front_end::serve(front_end, front_end_token));
    tokio::spawn(announce(Arc::clone(&broker), announcement));
    if signals.recv().await == ShutdownSignal::Interrupt {
        log!(
            INFO,
            "interrupted: waiting for running invocations to end; press Ctrl-C again to exit immediately"
        );
    }
    front_end_shutdown.run().await;
    environments_shutdown.run().await;
    terminal::drain();
}

/// Prints the announcement when the first environment is initialized, or has failed.
async fn announce(broker: Arc<Broker>, announcement: String) {
    let mut changed = broker.activity().changed();
    let mut last = 0;
    loop {
        for record in broker.activity().read(last, usize::MAX) {
            last = record.sequence;
            if matches!(
                record.event,
                Event::EnvironmentReady { .. } | Event::EnvironmentStopped { .. }
            ) {
                stderr::line(announcement);
                return;
            }
        }
        if changed.changed().await.is_err() {
            return;
        }
    }
}
