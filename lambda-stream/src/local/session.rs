//! Starts the local servers and holds their handles.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::broker::Broker;
use super::error::LocalError;
use super::one_shot::{self, OneShotResult};
use super::server::listener;
use super::server::origin_check::Exposure;
use super::shutdown::{self, ServerShutdown};
use super::{function_url, identifiers, runtime_api};

/// Local mode while it runs. Dropping the session does not stop the servers: they run until the process exits.
pub(crate) struct Session {
    runtime_api: String,
    one_shot: Option<oneshot::Receiver<OneShotResult>>,
    broker: Arc<Broker>,
    front_end: ServerShutdown,
}

impl Session {
    /// Returns the endpoint in the form of `AWS_LAMBDA_RUNTIME_API`: `127.0.0.1:PORT`, followed by a secret path that
    /// only this process knows.
    pub(crate) fn runtime_api(&self) -> &str {
        &self.runtime_api
    }

    /// Waits until the `--event` invocation is complete. Never returns in a session that serves a Function URL.
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
        self.broker.close();
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
pub(crate) enum FrontEnd {
    /// HTTP requests to this listener.
    FunctionUrl(TcpListener, Exposure),
    /// The event of `--event`.
    OneShot {
        event: Bytes,
        output: Box<dyn Write + Send>,
    },
}

/// Starts the Runtime API and the front end on a separate thread. A handler that blocks its thread therefore does not
/// stop the servers.
pub(crate) fn launch(front_end: FrontEnd) -> Result<Session, LocalError> {
    let (api_listener, secret, runtime_api) = bind_runtime_api().map_err(LocalError::Start)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(LocalError::Start)?;
    let api_listener = listener::register(&runtime, api_listener).map_err(LocalError::Start)?;

    let broker = Arc::new(Broker::default());
    let (front_end_shutdown, shutdown_token) = shutdown::channel();
    runtime.spawn(runtime_api::serve(api_listener, secret, Arc::clone(&broker)));
    let one_shot = match front_end {
        FrontEnd::FunctionUrl(url_listener, exposure) => {
            let url_listener = listener::register(&runtime, url_listener).map_err(LocalError::Start)?;
            runtime.spawn(function_url::serve(
                url_listener,
                exposure,
                Arc::clone(&broker),
                shutdown_token,
            ));
            None
        }
        FrontEnd::OneShot { event, output } => {
            let (sender, result) = oneshot::channel();
            let broker = Arc::clone(&broker);
            runtime.spawn(async move {
                let _ = sender.send(one_shot::run(&broker, event, output).await);
            });
            Some(result)
        }
    };
    std::thread::Builder::new()
        .name("lambda-local".to_owned())
        // The thread outlives a one-shot invocation, so that the function's poll stays open and the event loop sees no
        // error before the process exits.
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .map_err(LocalError::Start)?;
    Ok(Session {
        runtime_api,
        one_shot,
        broker,
        front_end: front_end_shutdown,
    })
}

/// Binds the Runtime API to a free loopback port. Returns the listener, its secret and the endpoint.
fn bind_runtime_api() -> io::Result<(TcpListener, String, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let secret = identifiers::random_secret();
    let endpoint = format!("{}/{secret}", listener.local_addr()?);
    Ok((listener, secret, endpoint))
}
