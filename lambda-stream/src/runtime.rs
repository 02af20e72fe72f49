//! The life of a function's process: start-up, then one invocation after the other.
//!
//! It decides what comes after what. How a call looks on the wire is the client's business, how a handler is called the
//! handler's.

mod concurrency;
mod deadline;
mod endpoint;
mod error;
mod init;
mod invocation;
pub(crate) mod start;

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;

use futures::FutureExt;

use self::deadline::Deadline;
use self::endpoint::Endpoint;
pub use self::error::RuntimeError;
pub use self::init::Init;
use crate::client::Client;
use crate::error::Error;
use crate::handler::Handler;
use crate::panic;

/// How many bytes of a response may be unsent, unless [`Runtime::buffer_size`] says otherwise.
const BUFFER_SIZE: usize = 64 * 1024;

/// Runs a function without the attribute: what its `main` does, in parts.
///
/// ```no_run
/// use lambda_stream::{Error, ResponseStream, Runtime};
///
/// struct Greeting(String);
///
/// async fn setup() -> Result<Greeting, Error> {
///     Ok(Greeting(std::env::var("GREETING")?))
/// }
///
/// async fn handler(greeting: &Greeting, mut stream: ResponseStream) -> Result<(), Error> {
///     stream.write(&greeting.0).await?;
///     Ok(())
/// }
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), lambda_stream::RuntimeError> {
///     Runtime::new().init(setup).run(handler).await
/// }
/// ```
pub struct Runtime<S = ()> {
    init: init::BoxedInit<S>,
    buffer_size: usize,
}

impl Runtime {
    /// A runtime without start-up work.
    #[expect(clippy::new_without_default, reason = "a default would say nothing of what it runs")]
    pub fn new() -> Self {
        Self {
            init: Box::new(|| ready(Ok(())).boxed_local()),
            buffer_size: BUFFER_SIZE,
        }
    }

    /// Names the start-up work, `async fn() -> Result<S, E>`: it runs once, before the first event is asked for.
    ///
    /// A handler that takes `&S` gets what it made, which lives as long as the process. If it fails or panics, Lambda is
    /// told and the process ends.
    pub fn init<S, K>(self, init: impl Init<S, K>) -> Runtime<S> {
        Runtime {
            init: init.boxed(),
            buffer_size: self.buffer_size,
        }
    }
}

impl<S: Send + Sync + 'static> Runtime<S> {
    /// How many bytes of a response may be written and not yet sent, 64 KiB unless set. At least one byte.
    #[must_use]
    pub fn buffer_size(self, bytes: usize) -> Self {
        Self {
            buffer_size: bytes,
            ..self
        }
    }

    /// Answers events with `handler` until the process ends.
    ///
    /// Where `AWS_LAMBDA_RUNTIME_API` is not set and the feature `local` is on, it serves the function on this machine
    /// as the program's arguments say, and returns when what they asked for is done.
    ///
    /// # Errors
    /// When no further event can be got: the Runtime API refused or dropped the call, or the start-up work failed. The
    /// process should then end with a status other than 0, and Lambda starts another.
    pub async fn run<K: 'static>(self, handler: impl Handler<S, K> + 'static) -> Result<(), RuntimeError> {
        panic::install();
        let Some(endpoint) = Endpoint::find()? else {
            return Ok(());
        };
        let at_once = concurrency::at_once();
        let client = Client::new(endpoint.runtime_api(), at_once)?;
        let serving = async {
            let state = init(&client, (self.init)()).await?;
            let handler = Arc::new(handler);
            let serve = || serve(client.clone(), Arc::clone(&handler), state, self.buffer_size);
            concurrency::run(at_once, serve).await
        };
        endpoint.unless_ended(serving).await
    }
}

impl<S> fmt::Debug for Runtime<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("buffer_size", &self.buffer_size)
            .finish_non_exhaustive()
    }
}

/// Answers events with `handler` until the process ends: [`Runtime::run`] without start-up work.
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

/// Makes the state. Where that fails, Lambda is told.
async fn init<S: 'static>(
    client: &Client,
    init: impl Future<Output = Result<S, Error>>,
) -> Result<&'static S, RuntimeError> {
    match panic::caught(init).await {
        // Once a process: this is what lets a handler keep `&'static S`, in a spawned task as well.
        Ok(state) => Ok(Box::leak(Box::new(state))),
        Err(error) => {
            let untold = client.report_init(&error).await.err();
            Err(RuntimeError::init(error, untold))
        }
    }
}

/// Answers one event after the other.
async fn serve<S, K>(
    client: Client,
    handler: Arc<impl Handler<S, K>>,
    state: &'static S,
    buffer_size: usize,
) -> Result<Infallible, RuntimeError>
where
    S: Send + Sync + 'static,
{
    let mut deadline = Deadline::new();
    loop {
        if let Some(arrived) = client.next().await? {
            invocation::answer(&client, &*handler, state, buffer_size, &mut deadline, arrived).await;
        }
    }
}
