//! What a user says of a function besides its handler.

use std::fmt;
use std::future::ready;
use std::time::Duration;

use futures::FutureExt;

use super::Limits;
use super::hook::{Hook, Hooks};
use super::init::{BoxedInit, Init};
use crate::protocol::DEFAULT_DEADLINE_MARGIN;

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
///
/// # The life of a process
/// 1. [`init`](Self::init) makes the state;
/// 2. with SnapStart only: [`before_snapshot`](Self::before_snapshot), the snapshot, and in each environment that is
///    restored from it, [`after_restore`](Self::after_restore);
/// 3. events are answered, one after the other or, on Lambda Managed Instances, several at once, each within its
///    [deadline](Self::deadline_margin);
/// 4. on SIGTERM or SIGINT no further event is asked for, what is being answered ends, and last of all
///    [`on_shutdown`](Self::on_shutdown) runs.
pub struct Runtime<S: 'static = ()> {
    pub(super) init: BoxedInit<S>,
    pub(super) hooks: Hooks<S>,
    pub(super) limits: Limits,
}

impl Runtime {
    /// A runtime without start-up work.
    #[expect(clippy::new_without_default, reason = "a default would say nothing of what it runs")]
    pub fn new() -> Self {
        Self {
            init: Box::new(|| ready(Ok(())).boxed_local()),
            hooks: Hooks::none(),
            limits: Limits {
                buffer_size: BUFFER_SIZE,
                deadline_margin: Some(DEFAULT_DEADLINE_MARGIN),
            },
        }
    }

    /// Names the start-up work, `async fn() -> Result<S, E>`: it runs once, before the first event is asked for.
    ///
    /// A handler that takes `&S` gets what it made, which lives as long as the process; so does a hook. If it fails or
    /// panics, Lambda is told and the process ends.
    pub fn init<S: 'static, K>(self, init: impl Init<S, K>) -> Runtime<S> {
        Runtime {
            init: init.boxed(),
            hooks: self.hooks.beside(),
            limits: self.limits,
        }
    }
}

impl<S: Send + Sync + 'static> Runtime<S> {
    /// How many bytes of a response may be written and not yet sent, 64 KiB unless set. At least one byte.
    #[must_use]
    pub fn buffer_size(mut self, bytes: usize) -> Self {
        self.limits.buffer_size = bytes;
        self
    }

    /// How long before its deadline a handler that is still running is given up, 200 ms unless set. `None`: never.
    ///
    /// It is dropped then, and its caller told: the error `Function.Timeout`, after what was written. Past the deadline
    /// Lambda kills the process, and the caller sees a response that is cut off. Of very little time, at least half is
    /// the handler's. On Lambda Managed Instances, where nobody is killed, this is the only end that a handler has.
    ///
    /// ```no_run
    /// # use lambda_stream::{ResponseStream, Runtime, RuntimeError};
    /// # async fn handler(_: ResponseStream) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), RuntimeError> {
    /// use std::time::Duration;
    ///
    /// // To drop what this handler holds takes up to a second.
    /// let margin = Duration::from_millis(1_500);
    /// Runtime::new().deadline_margin(Some(margin)).run(handler).await
    /// # }
    /// ```
    /// With the attribute: `#[lambda_stream::main(deadline_margin = "1500ms")]`.
    #[must_use]
    pub fn deadline_margin(mut self, margin: Option<Duration>) -> Self {
        self.limits.deadline_margin = margin;
        self
    }

    /// Names what runs last of all, an `async fn()` or `async fn(&S)`, which may return a `Result<(), E>`.
    ///
    /// SIGTERM, from Lambda or a container, and SIGINT, from Ctrl-C, ask the process to end. It then asks for no further
    /// event, what is being answered may end, within its deadline and with all tasks that hold a stream, and then this
    /// runs. So it does after the one invocation of `--event`. It does not run where the process ends for another reason:
    /// a failed start-up, or no further event to be got.
    ///
    /// It has 450 ms: Lambda kills the process [500 ms after SIGTERM][phase]. If it fails, panics or takes longer, that is
    /// logged, and [`run`](Self::run) returns an error.
    ///
    /// Lambda sends SIGTERM only where an extension is registered. With this hook, and only then, the process registers
    /// itself as one, by the name of `lambda-stream`, which waits for no event. If that fails, it is logged, and the
    /// function runs without.
    ///
    /// ```no_run
    /// use std::sync::Mutex;
    ///
    /// use lambda_stream::{Error, ResponseStream, Runtime, RuntimeError};
    ///
    /// struct Metrics(Mutex<Vec<String>>);
    ///
    /// async fn setup() -> Result<Metrics, Error> {
    ///     Ok(Metrics(Mutex::default()))
    /// }
    ///
    /// async fn handler(metrics: &Metrics, mut stream: ResponseStream) -> Result<(), Error> {
    ///     metrics.0.lock().unwrap().push("one more".to_owned());
    ///     stream.write("hello").await?;
    ///     Ok(())
    /// }
    ///
    /// async fn flush(metrics: &Metrics) -> Result<(), std::io::Error> {
    ///     std::fs::write("/tmp/metrics", metrics.0.lock().unwrap().join("\n"))
    /// }
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), RuntimeError> {
    ///     Runtime::new().init(setup).on_shutdown(flush).run(handler).await
    /// }
    /// ```
    ///
    /// [phase]: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
    #[must_use]
    pub fn on_shutdown<K>(mut self, hook: impl Hook<S, K>) -> Self {
        self.hooks.on_shutdown = Some(hook.boxed());
        self
    }

    /// Names what runs before the snapshot of a function with [SnapStart], after `init`: an `async fn()` or `async fn(&S)`,
    /// which may return a `Result<(), E>`. Without SnapStart it does not run.
    ///
    /// It is the place to close connections that no copy of this process could use. If it fails or panics, Lambda is told,
    /// as of a failed `init`, and no version is published.
    ///
    /// [SnapStart]: https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
    #[must_use]
    pub fn before_snapshot<K>(mut self, hook: impl Hook<S, K>) -> Self {
        self.hooks.before_snapshot = Some(hook.boxed());
        self
    }

    /// Names what runs when the process was restored from its snapshot, before the first event is asked for: an
    /// `async fn()` or `async fn(&S)`, which may return a `Result<(), E>`. Without SnapStart it does not run.
    ///
    /// Every environment starts from the same snapshot. So this is the place to connect anew, to renew credentials, and to
    /// make what has to be unique or random. Lambda gives it [10 seconds][limit]. If it fails or panics, Lambda is told and
    /// the process ends.
    ///
    /// ```no_run
    /// # use lambda_stream::{Error, ResponseStream, Runtime, RuntimeError};
    /// # struct Pool;
    /// # impl Pool {
    /// #     async fn close(&self) {}
    /// #     async fn connect(&self) -> Result<(), Error> { Ok(()) }
    /// # }
    /// # async fn setup() -> Result<Pool, Error> { Ok(Pool) }
    /// # async fn handler(_: &Pool, _: ResponseStream) {}
    /// async fn disconnect(pool: &Pool) {
    ///     pool.close().await;
    /// }
    ///
    /// async fn reconnect(pool: &Pool) -> Result<(), Error> {
    ///     pool.connect().await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), RuntimeError> {
    /// let runtime = Runtime::new().init(setup);
    /// runtime.before_snapshot(disconnect).after_restore(reconnect).run(handler).await
    /// # }
    /// ```
    ///
    /// [limit]: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-troubleshooting.html
    #[must_use]
    pub fn after_restore<K>(mut self, hook: impl Hook<S, K>) -> Self {
        self.hooks.after_restore = Some(hook.boxed());
        self
    }
}

impl<S> fmt::Debug for Runtime<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
