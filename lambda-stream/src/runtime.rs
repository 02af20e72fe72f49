//! The life of a function's process: start-up, then one invocation after the other, then its end.
//!
//! It decides what comes after what. How a call looks on the wire is the client's business, how a handler is called the
//! handler's.

mod builder;
mod concurrency;
mod deadline;
mod endpoint;
mod error;
mod extension;
mod hook;
mod init;
mod invocation;
mod shutdown;
mod snapstart;
pub(crate) mod start;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, join, select};

pub use self::builder::Runtime;
use self::deadline::Deadline;
use self::endpoint::Endpoint;
pub use self::error::RuntimeError;
pub use self::hook::Hook;
pub use self::init::Init;
use self::shutdown::ShutdownListener;
use crate::client::Client;
use crate::handler::Handler;
use crate::panic;
use crate::signals::Signals;

impl<S: Send + Sync + 'static> Runtime<S> {
    /// Answers events with `handler` until the process is asked to end, by SIGTERM or SIGINT.
    ///
    /// Where `AWS_LAMBDA_RUNTIME_API` is not set and the feature `local` is on, it serves the function on this machine
    /// as the program's arguments say, and returns when what they asked for is done, or when it was asked to end. A second
    /// SIGINT ends the process at once, with exit status 130.
    ///
    /// # Errors
    /// When no further event can be got: the Runtime API refused or dropped the call, or the start-up work or a hook
    /// failed. The process should then end with a status other than 0, and Lambda starts another.
    pub async fn run<K: 'static>(self, handler: impl Handler<S, K> + 'static) -> Result<(), RuntimeError> {
        panic::install();
        let Some(endpoint) = Endpoint::find()? else {
            return Ok(());
        };
        let at_once = concurrency::at_once();
        let connect = || Client::new(endpoint.runtime_api(), at_once);
        let (mut client, hooks) = (connect()?, self.hooks);
        let registered = async {
            if endpoint.is_lambda() && hooks.on_shutdown.is_some() {
                extension::register(&client).await;
            }
        };
        let (state, ()) = join(init::run(&client, self.init), registered).await;
        let state = state?;
        if endpoint.is_lambda() && snapstart::is_on() {
            client = snapstart::pass(client, connect, state, hooks.before_snapshot, hooks.after_restore).await?;
        }

        let signals = Signals::listen().map_err(RuntimeError::signals)?;
        let (handler, limits) = (Arc::new(handler), self.limits);
        let serve = |stopped| serve(client.clone(), Arc::clone(&handler), state, limits, stopped);
        let done = endpoint.until_done(concurrency::run(at_once, signals, serve)).await?;
        if let Some(hook) = hooks.on_shutdown {
            shutdown::run(hook(state)).await?;
        }
        done
    }
}

/// Answers events with `handler` until the process is asked to end: [`Runtime::run`] without start-up work.
///
/// ```no_run
/// # use lambda_stream::ResponseStream;
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), lambda_stream::RuntimeError> {
///     lambda_stream::run(async |mut stream: ResponseStream| stream.write("hello").await).await
/// }
/// ```
///
/// # Errors
/// As [`Runtime::run`].
pub async fn run<K: 'static>(handler: impl Handler<(), K> + 'static) -> Result<(), RuntimeError> {
    Runtime::new().run(handler).await
}

/// What bounds an invocation.
#[derive(Debug, Clone, Copy)]
struct Limits {
    buffer_size: usize,
    deadline_margin: Option<Duration>,
}

/// A loop has ended because it was asked to.
struct Ended;

/// Answers one event after the other.
async fn serve<S, K>(
    client: Client,
    handler: Arc<impl Handler<S, K>>,
    state: &'static S,
    limits: Limits,
    mut stopped: ShutdownListener,
) -> Result<Ended, RuntimeError>
where
    S: Send + Sync + 'static,
{
    let mut deadline = Deadline::new(limits.deadline_margin);
    while !stopped.is_asked() {
        // An event that is already here goes before a wish to end.
        let arriving = match select(pin!(client.next()), pin!(stopped.asked())).await {
            Either::Left((arriving, _)) => arriving?,
            Either::Right(_) => break,
        };
        if let Some(arriving) = arriving {
            let arrived = arriving.event().await?;
            invocation::answer(&client, &*handler, state, limits.buffer_size, &mut deadline, arrived).await;
        }
    }
    Ok(Ended)
}
