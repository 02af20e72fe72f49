//! The extension that this process is to itself. It does nothing: Lambda sends SIGTERM only where an extension is
//! registered.

use tokio::time::timeout;

use crate::client::Client;
use crate::logging;
use crate::protocol::REGISTRATION_TIMEOUT;

/// Registers the extension, which Lambda takes only before the first event is asked for. Where that fails, the function
/// runs without: to end in order is not worth a function that does not run.
pub(super) async fn register(client: &Client) {
    let registered = match timeout(REGISTRATION_TIMEOUT, client.register_extension()).await {
        Ok(Ok(extension)) => extension,
        Ok(Err(failed)) => return without(failed),
        Err(_) => return without(format_args!("no answer within {} s", REGISTRATION_TIMEOUT.as_secs())),
    };
    // Lambda's start-up ends when every extension waits for an event. This one asked for none, so it waits for ever.
    let client = client.clone();
    tokio::spawn(async move {
        if let Err(failed) = client.extension_event(&registered).await {
            logging::line(failed);
        }
    });
}

fn without(why: impl std::fmt::Display) {
    logging::line(format_args!(
        "no extension is registered, so Lambda will not say when it ends the process, and `on_shutdown` will not run: {why}"
    ));
}
