//! SnapStart: Lambda takes a snapshot of the process after init, and starts each execution environment from a copy.

use super::hook::BoxedHook;
use super::{RuntimeError, init};
use crate::client::{CallError, Client};
use crate::{panic, stderr};

/// Returns whether Lambda will take a snapshot of this process.
pub(super) fn is_enabled() -> bool {
    std::env::var("AWS_LAMBDA_INITIALIZATION_TYPE").is_ok_and(|value| value == "snap-start")
}

/// Runs `before_snapshot`, waits until the process is restored from the snapshot, and runs `after_restore`.
///
/// Returns a new client, because connections from before the snapshot may be dead.
pub(super) async fn snapshot_and_restore<S>(
    client: Client,
    connect: impl FnOnce() -> Result<Client, CallError>,
    state: &'static S,
    before_snapshot: Option<BoxedHook<S>>,
    after_restore: Option<BoxedHook<S>>,
) -> Result<Client, RuntimeError> {
    if let Some(hook) = before_snapshot {
        // The hook is part of the init phase, so its error is an init error.
        init::run_or_report(&client, "before_snapshot", hook.run(state)).await?;
    }
    // Each restored environment would write a queued line again.
    stderr::flush();
    client.wait_for_restore().await?;
    let client = connect()?;
    if let Some(hook) = after_restore {
        if let Err(error) = panic::catch(hook.run(state)).await {
            let report_error = client.report_restore_error(&error).await.err();
            return Err(RuntimeError::hook("after_restore", error, report_error));
        }
    }
    Ok(client)
}
