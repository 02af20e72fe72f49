//! The steps of a function's process, in their order: init, SnapStart, event loops, shutdown.

use std::pin::pin;

use futures::future::{Either, join, select};
use tokio::task::coop::unconstrained;

use super::concurrency;
use super::endpoint::Endpoint;
use super::event_loop;
use super::hook::Hooks;
use super::init::{self, BoxedInit, Initialized};
use super::limits::Limits;
use super::service::InvocationService;
use super::state::StateSource;
use super::{RuntimeError, extension, shutdown, snapstart};
use crate::client::Client;
use crate::concurrency::Concurrency;
use crate::protocol::MAX_INIT_PHASE;
use crate::signals::Signals;

/// Runs `init`, the event loops and the hooks, until the process ends.
pub(super) async fn run<S: Send + Sync + 'static>(
    init: BoxedInit<S>,
    hooks: Hooks<S>,
    limits: Limits,
    service: &impl InvocationService<S>,
) -> Result<(), RuntimeError> {
    let Some(endpoint) = Endpoint::find().await? else {
        return Ok(());
    };
    if cfg!(panic = "abort") {
        log!(
            WARN,
            "warning: this program is built with `panic = \"abort\"`, so a panic ends the process and is not reported; \
             set `panic = \"unwind\"` in the Cargo profile"
        );
    }
    let concurrency = Concurrency::from_env();
    concurrency.log_if_capped();
    let max_concurrency = concurrency.event_loops();
    let connect = || Client::new(endpoint.runtime_api(), max_concurrency);
    let mut client = connect()?;
    let register = async {
        if endpoint.is_lambda() && hooks.on_shutdown.is_some() {
            extension::register(&client).await;
        }
    };
    let limit = (endpoint.is_lambda() && is_init_phase_limited()).then_some(MAX_INIT_PHASE);
    // `init` may use up the task's cooperative budget at each poll, which must not delay the registration.
    let (initialized, ()) = join(init::run(&client, init, limit), unconstrained(register)).await;
    let (state, pending_init) = match initialized? {
        Initialized::Done(state) => {
            if endpoint.is_lambda() && snapstart::is_enabled() {
                let (before, after) = (hooks.before_snapshot, hooks.after_restore);
                client = snapstart::snapshot_and_restore(client, connect, state, before, after).await?;
            }
            (StateSource::Ready(state), None)
        }
        Initialized::Running(init) => {
            // The first invocation is logged while `init` is still running.
            #[cfg(feature = "logging")]
            crate::logging::attribute::install();
            let (state, pending_init) = StateSource::pending(init);
            (state, Some(pending_init))
        }
    };

    let signals = Signals::listen().map_err(RuntimeError::signals)?;
    let limits = limits.with_environment();
    let event_loop = |shutdown| event_loop::run(client.clone(), service.clone(), state.clone(), limits, shutdown);
    let serving = endpoint.serve(concurrency::run(max_concurrency, signals, event_loop));
    let result = match pending_init {
        None => serving.await?,
        Some(init) => match select(pin!(serving), pin!(init.finish())).await {
            Either::Left((result, _)) => result?,
            Either::Right(((), serving)) => serving.await?,
        },
    };
    #[cfg(feature = "otel")]
    let end = std::time::SystemTime::now() + crate::protocol::SHUTDOWN_HOOK_TIMEOUT;
    let shutdown = match (hooks.on_shutdown, state.created()) {
        (Some(hook), Some(state)) => shutdown::run_hook(hook.run(state)).await,
        _ => Ok(()),
    };
    #[cfg(feature = "otel")]
    crate::otel::flush(Some(end)).await;
    shutdown.and(result)
}

/// Returns whether Lambda limits the init phase to 10 seconds. Provisioned concurrency, SnapStart and Lambda Managed
/// Instances have other limits, of minutes.
fn is_init_phase_limited() -> bool {
    std::env::var("AWS_LAMBDA_INITIALIZATION_TYPE").is_ok_and(|value| value == "on-demand")
}
