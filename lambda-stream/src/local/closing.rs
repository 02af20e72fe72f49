//! The orderly end of a front end: no new connection, and each open one ends with the answer that it carries.

use std::future::pending;

use tokio::sync::watch;

/// Ends a front end.
pub(super) struct Close(watch::Sender<bool>);

/// What a connection knows of it. The front end has ended when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Closing(watch::Receiver<bool>);

/// Both ends.
pub(super) fn close() -> (Close, Closing) {
    let (sender, receiver) = watch::channel(false);
    (Close(sender), Closing(receiver))
}

impl Close {
    /// Begins, and waits until the last connection has ended.
    pub(super) async fn begin(&self) {
        self.0.send_replace(true);
        self.0.closed().await;
    }
}

impl Closing {
    /// Of a server that runs as long as the process.
    pub(super) fn never() -> Self {
        close().1
    }

    /// Waits until it begins.
    pub(super) async fn begun(&mut self) {
        if self.0.wait_for(|begun| *begun).await.is_err() {
            pending().await
        }
    }
}
