//! Local mode in this process: the function polls the local Runtime API instead of child processes.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::activity::event::{EnvironmentId, Event, InvocationError};
use super::broker::Broker;
use super::error::LocalError;
use super::front_end::{self, FrontEnd};
use super::one_shot::{self, OneShotResult};
use super::recording::Recording;
use super::replay;
use super::servers::{Servers, block_on_thread};
use super::shutdown::{self, ServerShutdown};

/// The environment of this process.
const THIS_PROCESS: EnvironmentId = EnvironmentId(1);

/// Local mode while it runs. Dropping the session does not stop the servers: they run until the process exits.
pub(crate) struct Session {
    runtime_api: String,
    one_shot: Option<oneshot::Receiver<OneShotResult>>,
    broker: Arc<Broker>,
    front_end: ServerShutdown,
    _recording: Option<Recording>,
}

impl Session {
    /// Returns the endpoint in the form of `AWS_LAMBDA_RUNTIME_API`: `127.0.0.1:PORT`, followed by a secret path that
    /// only this process knows.
    pub(crate) fn runtime_api(&self) -> &str {
        &self.runtime_api
    }

    /// Keeps the recording until the session ends, which waits until it is written.
    pub(crate) fn with_recording(self, recording: Option<Recording>) -> Self {
        Self {
            _recording: recording,
            ..self
        }
    }

    /// Waits until the invocations of `--event` or `--replay` are complete. Never returns in a session that serves HTTP.
    ///
    /// The invocation is complete when its output is flushed and the function has polled for the next event. The event
    /// loop must therefore run while the caller waits.
    pub(crate) async fn one_shot_result(&mut self) -> OneShotResult {
        match &mut self.one_shot {
            Some(result) => result.await.unwrap_or(OneShotResult::Failed),
            None => std::future::pending().await,
        }
    }

    /// Shuts the front end down after the function has stopped polling, and waits until all clients have their
    /// responses.
    ///
    /// Invocations that the function has not received fail with `Runtime.ExitError`. The result is that of the
    /// `--event` invocation, and `Succeeded` for a Function URL.
    pub(crate) async fn shut_down(mut self) -> OneShotResult {
        let error = InvocationError::new(
            "Runtime.ExitError",
            "the function shut down before it received this event",
        );
        self.broker.close(error.clone());
        self.broker.remove_environment(THIS_PROCESS, &error);
        match self.one_shot {
            Some(_) => self.one_shot_result().await,
            None => {
                self.front_end.run().await;
                OneShotResult::Succeeded
            }
        }
    }
}

/// The source of the events.
pub(crate) enum EventSource {
    /// The HTTP front ends.
    Http(FrontEnd),
    /// The event of `--event`.
    OneShot {
        event: Bytes,
        output: Box<dyn Write + Send>,
    },
    /// The invocations of `--replay`.
    Replay {
        invocations: Vec<replay::Invocation>,
        output: Box<dyn Write + Send>,
    },
}

/// Starts the servers and the front end on a separate thread. A handler that blocks its thread therefore does not stop
/// the servers.
pub(crate) fn launch(servers: Servers, source: EventSource, concurrency: usize) -> Result<Session, LocalError> {
    let broker = Arc::clone(&servers.broker);
    broker.add_environment(THIS_PROCESS, concurrency, broker.build());
    broker.activity().record(Event::EnvironmentStarted {
        environment: THIS_PROCESS,
        process_id: std::process::id(),
        build: broker.build(),
    });
    let runtime_api = servers.endpoint.of(THIS_PROCESS);
    let (front_end_shutdown, shutdown_token) = shutdown::channel();
    let one_shot = match source {
        EventSource::Http(front_end) => {
            let broker = Arc::clone(&broker);
            servers.runtime.spawn(async move {
                // Connections that are accepted earlier could use up the file descriptors that the function needs to
                // initialize.
                broker.ready().await;
                front_end::serve(front_end, shutdown_token).await;
            });
            None
        }
        EventSource::OneShot { event, output } => {
            let (sender, result) = oneshot::channel();
            let broker = Arc::clone(&broker);
            servers.runtime.spawn(async move {
                let _ = sender.send(one_shot::run(&broker, event, output).await);
            });
            Some(result)
        }
        EventSource::Replay { invocations, output } => {
            let (sender, result) = oneshot::channel();
            let broker = Arc::clone(&broker);
            servers.runtime.spawn(async move {
                let _ = sender.send(replay::run(&broker, invocations, output).await);
            });
            Some(result)
        }
    };
    // The thread outlives a one-shot invocation, so that the function's poll stays open and the event loop sees no error
    // before the process exits.
    block_on_thread(servers.runtime, std::future::pending::<()>()).map_err(LocalError::Start)?;
    Ok(Session {
        runtime_api,
        one_shot,
        broker,
        front_end: front_end_shutdown,
        _recording: None,
    })
}
