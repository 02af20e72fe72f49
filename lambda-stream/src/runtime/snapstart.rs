//! SnapStart: Lambda takes a snapshot of the process after its start-up, and each environment begins as a copy of it.

use super::hook::BoxedHook;
use super::{RuntimeError, init};
use crate::client::{CallError, Client};
use crate::panic;

/// Whether Lambda is going to take one.
pub(super) fn is_on() -> bool {
    std::env::var("AWS_LAMBDA_INITIALIZATION_TYPE").is_ok_and(|how| how == "snap-start")
}

/// Goes through the snapshot, and gives the client of the restored process: what was connected before may be connected to
/// nothing any more.
pub(super) async fn pass<S>(
    client: Client,
    anew: impl FnOnce() -> Result<Client, CallError>,
    state: &'static S,
    before: Option<BoxedHook<S>>,
    after: Option<BoxedHook<S>>,
) -> Result<Client, RuntimeError> {
    if let Some(hook) = before {
        // To Lambda, this is a part of the start-up.
        init::told(&client, "before_snapshot", hook(state)).await?;
    }
    client.restored().await?;
    let client = anew()?;
    if let Some(hook) = after {
        if let Err(error) = panic::caught(hook(state)).await {
            let untold = client.report_restore(&error).await.err();
            return Err(RuntimeError::hook("after_restore", error, untold));
        }
    }
    Ok(client)
}
