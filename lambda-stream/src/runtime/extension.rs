//! The internal extension that makes Lambda send SIGTERM at shutdown.
//!
//! Lambda sends SIGTERM only if an extension is registered. The extension does nothing else.

use std::fmt::Display;

use tokio::time::timeout;

use crate::client::Client;
use crate::protocol::REGISTRATION_TIMEOUT;

/// Registers the extension, which Lambda accepts only before the first event is polled.
///
/// If the registration fails, the function runs without it: the shutdown hook is less important than the function.
pub(super) async fn register(client: &Client) {
    let extension = match timeout(REGISTRATION_TIMEOUT, client.register_extension()).await {
        Ok(Ok(extension)) => extension,
        Ok(Err(error)) => return log_failure(error),
        Err(_) => {
            return log_failure(format_args!("no response within {} s", REGISTRATION_TIMEOUT.as_secs()));
        }
    };
    // Lambda's init phase ends when every extension polls for an event. This one subscribed to none, so the poll never
    // returns.
    let client = client.clone();
    tokio::spawn(async move {
        if let Err(error) = client.wait_for_extension_event(&extension).await {
            log!(ERROR, "{error}");
        }
    });
}

fn log_failure(reason: impl Display) {
    log!(
        ERROR,
        "failed to register an extension, so Lambda does not send SIGTERM and `on_shutdown` will not run: {reason}"
    );
}
