//! Graceful shutdown of a server: it accepts no new connections, and open connections finish their current response.

use std::future::pending;

use tokio::sync::watch;

/// Shuts a server down.
pub(crate) struct ServerShutdown(watch::Sender<bool>);

/// Signals the shutdown to the server and its connections. The server is down when the last token is dropped.
#[derive(Clone)]
pub(crate) struct ShutdownToken(watch::Receiver<bool>);

/// Returns a connected pair.
pub(crate) fn channel() -> (ServerShutdown, ShutdownToken) {
    let (sender, receiver) = watch::channel(false);
    (ServerShutdown(sender), ShutdownToken(receiver))
}

impl ServerShutdown {
    /// Requests the shutdown and waits until the last connection is closed.
    pub(crate) async fn run(&self) {
        self.0.send_replace(true);
        self.0.closed().await;
    }
}

impl ShutdownToken {
    /// Returns a token for a server that runs until the process exits.
    pub(crate) fn never() -> Self {
        channel().1
    }

    /// Waits until the shutdown is requested.
    pub(crate) async fn requested(&mut self) {
        if self.0.wait_for(|requested| *requested).await.is_err() {
            pending().await
        }
    }
}
