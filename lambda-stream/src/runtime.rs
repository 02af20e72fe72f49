//! The lifecycle of a function's process: [`Runtime`] and its settings, and the steps that it runs.
//!
//! `process` runs the steps in their order; each step is a module. Requests to the Runtime API are made by
//! [`client`](crate::client); arguments and return values of the handler are converted by [`handler`](crate::handler).

mod concurrency;
pub(crate) mod deadline;
mod endpoint;
pub(crate) mod entry_point;
mod error;
mod event_loop;
mod extension;
mod hook;
mod init;
pub(crate) mod invocation;
pub(crate) mod limits;
mod process;
pub(crate) mod service;
mod shutdown;
mod snapstart;
pub(crate) mod state;

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use tower_layer::{Identity, Stack};

pub use self::error::RuntimeError;
pub use self::hook::Hook;
use self::hook::Hooks;
#[cfg_attr(not(feature = "testing"), allow(unreachable_pub, reason = "`testing` exports it"))]
pub use self::init::BoxedInit;
pub use self::init::Init;
use self::limits::Limits;
pub use self::service::{HandlerService, InvocationLayer, InvocationService};
use crate::error::Error;
use crate::handler::Handler;
#[cfg(feature = "metrics")]
use crate::metrics;
use crate::protocol::DEFAULT_DEADLINE_MARGIN;
use crate::{panic, stderr};

/// The default of [`Runtime::buffer_size`], in bytes. `docs/performance.md` has the measurement by which it was chosen.
const DEFAULT_BUFFER_SIZE: usize = 256 * 1024;

/// Configures and runs a function. The attribute [`main`](macro@crate::main) generates code that uses it; use it directly
/// in a `main` function of your own.
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
/// # Settings
/// | setting | default | limit |
/// |---|---|---|
/// | [`init`](Self::init) | the state is `()` | the [init phase] of Lambda: 10 s, after which it continues in the first invocation; longer for SnapStart and provisioned concurrency |
/// | [`before_snapshot`](Self::before_snapshot) | no hook | part of the init phase |
/// | [`after_restore`](Self::after_restore) | no hook | 10 s, set by Lambda |
/// | [`on_shutdown`](Self::on_shutdown) | no hook | 450 ms, since Lambda kills the process 500 ms after SIGTERM |
/// | [`buffer_size`](Self::buffer_size) | 256 KiB | at least 1 byte |
/// | [`deadline_margin`](Self::deadline_margin) | 200 ms | at most half of the time that the invocation has |
/// | [`fill_empty_body`](Self::fill_empty_body) | off | |
/// | [`layer`](Self::layer) | no layer | |
///
/// # Lifecycle
/// 1. [`init`](Self::init) creates the state.
/// 2. With SnapStart, [`before_snapshot`](Self::before_snapshot) runs and Lambda takes the snapshot. In each execution
///    environment that is restored from it, [`after_restore`](Self::after_restore) runs.
/// 3. The runtime polls for events and invokes the handler: one invocation after another, or several concurrent
///    invocations on Lambda Managed Instances.
/// 4. After SIGTERM or SIGINT the runtime stops polling and waits for the invocations that are running. Then
///    [`on_shutdown`](Self::on_shutdown) runs, and [`run`](Self::run) returns.
///
/// # Panics require `panic = "unwind"`
/// The runtime catches a panic of the handler, of `init` or of a hook, and treats it like an error of the type
/// `Function.Panic`. After a panic of the handler it continues with the next event.
///
/// This requires `panic = "unwind"`, the default of Cargo. With `panic = "abort"` in the Cargo profile a panic ends the
/// process immediately: no error is reported, a response that was started is truncated, and all concurrent invocations
/// of the process fail. [`run`](Self::run) logs a warning in this case.
///
/// [init phase]: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
pub struct Runtime<S: 'static = (), L = Identity> {
    init: BoxedInit<S>,
    hooks: Hooks<S>,
    limits: Limits,
    layer: L,
    #[cfg(feature = "metrics")]
    metrics_namespace: Option<String>,
}

impl Runtime {
    /// Creates a runtime with the default settings.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{ResponseStream, Runtime, RuntimeError, StreamError};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.write("hello").await
    /// }
    ///
    /// async fn serve() -> Result<(), RuntimeError> {
    ///     Runtime::new().buffer_size(64 * 1024).run(handler).await
    /// }
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            init: BoxedInit::new(|| ready(Ok::<_, Error>(()))),
            hooks: Hooks::default(),
            limits: Limits {
                buffer_size: DEFAULT_BUFFER_SIZE,
                deadline_margin: Some(DEFAULT_DEADLINE_MARGIN),
                fill_empty_body: false,
            },
            layer: Identity::new(),
            #[cfg(feature = "metrics")]
            metrics_namespace: None,
        }
    }
}

impl<L> Runtime<(), L> {
    /// Sets the function that creates the state, an `async fn() -> Result<S, E>`.
    ///
    /// It runs once, before the first event is polled. Handlers and hooks take the state as `&S`; the state lives as
    /// long as the process. If the function returns an error or panics, the runtime reports that to Lambda and
    /// [`run`](Self::run) returns an error.
    ///
    /// Lambda kills the process if the init phase takes longer than 10 s, except with provisioned concurrency, SnapStart
    /// and Lambda Managed Instances, and starts it again at the first invocation. To keep what the function has done, the
    /// runtime polls for an event after 9 s while the function is still running. The process may then be frozen until the
    /// first event arrives. The first invocations wait until the function has returned, at most until their deadline. If it
    /// fails, they fail with its error, and `run` returns an error. A function that blocks its thread cannot continue in
    /// this way.
    ///
    /// With the attribute: `#[lambda_stream::main(init = setup)]`.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, ResponseStream, Runtime, RuntimeError, StreamError};
    ///
    /// struct State {
    ///     greeting: String,
    /// }
    ///
    /// async fn setup() -> Result<State, Error> {
    ///     Ok(State { greeting: std::env::var("GREETING")? })
    /// }
    ///
    /// async fn handler(state: &State, mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.write(&state.greeting).await
    /// }
    ///
    /// async fn serve() -> Result<(), RuntimeError> {
    ///     Runtime::new().init(setup).run(handler).await
    /// }
    /// ```
    #[must_use]
    pub fn init<S: 'static, M>(self, init: impl Init<S, M>) -> Runtime<S, L> {
        Runtime {
            init: init.boxed(),
            hooks: self.hooks.ignoring_state(),
            limits: self.limits,
            layer: self.layer,
            #[cfg(feature = "metrics")]
            metrics_namespace: self.metrics_namespace,
        }
    }
}

impl<S: Send + Sync + 'static, L> Runtime<S, L> {
    /// Wraps the handler in a [`tower` layer][tower], for code that all invocations have in common: metrics, time limits,
    /// checks.
    ///
    /// The layer gets a service whose request is an [`Invocation`](crate::Invocation) and whose response is `()`: the
    /// response of the function goes to the caller while the service runs. The service returns when the handler has
    /// returned and everything that it wrote is in the buffer. If it returns an error, the invocation fails with it: an
    /// error of the handler stays what it is, another error has the type `Function.Error`. The code of the layer runs in
    /// the span of the invocation, and a panic in it counts as a panic of the handler.
    ///
    /// Of several layers, the one that was added last is the outermost. Each event loop has a clone of the service, so the
    /// service must be `Clone`; concurrent invocations run in different clones.
    ///
    /// ```
    /// use std::task::{Context, Poll};
    ///
    /// use lambda_stream::{Invocation, Runtime};
    /// use tower_layer::layer_fn;
    /// use tower_service::Service;
    ///
    /// #[derive(Clone)]
    /// struct PrintRequestId<T>(T);
    ///
    /// impl<T: Service<Invocation>> Service<Invocation> for PrintRequestId<T> {
    ///     type Response = T::Response;
    ///     type Error = T::Error;
    ///     type Future = T::Future;
    ///
    ///     fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
    ///         self.0.poll_ready(cx)
    ///     }
    ///
    ///     fn call(&mut self, invocation: Invocation) -> T::Future {
    ///         println!("{}", invocation.context().request_id());
    ///         self.0.call(invocation)
    ///     }
    /// }
    ///
    /// # async fn handler() {}
    /// # async fn run() -> Result<(), lambda_stream::RuntimeError> {
    /// Runtime::new().layer(layer_fn(PrintRequestId)).run(handler).await
    /// # }
    /// ```
    ///
    /// [tower]: https://docs.rs/tower
    #[must_use]
    pub fn layer<T>(self, layer: T) -> Runtime<S, Stack<L, T>> {
        Runtime {
            init: self.init,
            hooks: self.hooks,
            limits: self.limits,
            layer: Stack::new(self.layer, layer),
            #[cfg(feature = "metrics")]
            metrics_namespace: self.metrics_namespace,
        }
    }

    /// Sets how many bytes of a response the runtime buffers before they are sent. Default: 256 KiB; 0 counts as 1.
    ///
    /// While the buffer is full, writes to the [`ResponseStream`](crate::ResponseStream) wait. Each concurrent
    /// invocation has its own buffer, which takes memory only as it fills. A smaller one saves memory where many invocations
    /// run at the same time. A larger one can shorten a response of many megabytes by a fifth.
    ///
    /// ```
    /// # use lambda_stream::Runtime;
    /// let runtime = Runtime::new().buffer_size(64 * 1024);
    /// ```
    #[must_use]
    pub fn buffer_size(mut self, bytes: usize) -> Self {
        self.limits.buffer_size = bytes;
        self
    }

    /// Sets how long before the deadline of an invocation the runtime stops its handler. Default: 200 ms.
    ///
    /// The runtime drops the handler's future and reports the error `Function.Timeout`; a response that was started
    /// ends with error trailers. Without the margin Lambda kills the process at the deadline, and the caller gets a
    /// truncated response without an error. If less than twice the margin is left when the event arrives, the handler
    /// runs for half of that time.
    ///
    /// `None` lets the handler run without limit. On Lambda Managed Instances, where Lambda does not kill the process
    /// at the deadline, a handler that never returns then blocks one of the concurrent invocations forever.
    ///
    /// With the attribute: `#[lambda_stream::main(deadline_margin = "1500ms")]`.
    ///
    /// ```no_run
    /// # use lambda_stream::{ResponseStream, Runtime, RuntimeError};
    /// # async fn handler(_: ResponseStream) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), RuntimeError> {
    /// use std::time::Duration;
    ///
    /// // Dropping the values that this handler holds takes up to one second.
    /// let margin = Duration::from_millis(1_500);
    /// Runtime::new().deadline_margin(Some(margin)).run(handler).await
    /// # }
    /// ```
    #[must_use]
    pub fn deadline_margin(mut self, margin: Option<Duration>) -> Self {
        self.limits.deadline_margin = margin;
        self
    }

    /// Sets whether an HTTP response that ends without a body byte gets one line feed (`\n`) as its body. Default:
    /// `false`.
    ///
    /// Set it if responses without a body, such as redirects, reach the callers of a Function URL only after the
    /// function's timeout, or with status 200. [Responses without a body] describes the symptom and lists the reports.
    ///
    /// It applies to every streamed response that has a prelude, whether the handler writes or returns it. It does not
    /// apply if HTTP allows no body (the response to a HEAD request, or status 204, 205 or 304), if the response is an
    /// error, or if the event is not an HTTP event and the handler sends no prelude.
    ///
    /// The environment variable `LAMBDA_STREAM_FILL_EMPTY_BODY`, with the value `true` or `false`, overrides this
    /// setting. With the attribute [`main`](macro@crate::main), use the variable.
    ///
    /// ```
    /// # use lambda_stream::Runtime;
    /// let runtime = Runtime::new().fill_empty_body(true);
    /// ```
    ///
    /// [Responses without a body]: https://github.com/lambda-stream/lambda-stream/blob/main/docs/http.md#responses-without-a-body
    #[must_use]
    pub fn fill_empty_body(mut self, fill: bool) -> Self {
        self.limits.fill_empty_body = fill;
        self
    }

    /// Sets the namespace of the [metrics](crate::metrics) in CloudWatch. Default: `lambda-stream`.
    ///
    /// It has 1 to 255 ASCII letters, digits, spaces and characters of `.-_/#:`, and starts with neither `:` nor `AWS/`. An
    /// invalid namespace is logged and ignored. The environment variable `LAMBDA_STREAM_METRICS_NAMESPACE` overrides this
    /// setting. With the attribute [`main`](macro@crate::main), use the variable.
    ///
    /// ```
    /// # use lambda_stream::Runtime;
    /// let runtime = Runtime::new().metrics_namespace("Shop/Orders");
    /// ```
    #[cfg(feature = "metrics")]
    #[must_use]
    pub fn metrics_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.metrics_namespace = Some(namespace.into());
        self
    }

    /// Sets the hook that runs at shutdown, an `async fn()` or `async fn(&S)` that returns `()` or `Result<(), E>`.
    ///
    /// After SIGTERM (sent by Lambda or a container) or SIGINT (Ctrl-C) the runtime stops polling for events. It waits
    /// until all running invocations have ended, including tasks that hold a stream, within their deadlines. An event that
    /// is still incomplete two seconds after the signal is dropped. Then the hook runs. In local mode it also runs after the invocation of `--event`. It does not run if [`run`](Self::run)
    /// returns an error for another reason: a failed `init`, or a Runtime API that delivers no further events.
    ///
    /// The hook may take 450 ms, because Lambda kills the process [500 ms after SIGTERM][shutdown phase]. If it returns
    /// an error, panics or takes longer, [`run`](Self::run) returns an error. If it blocks its thread for longer, the
    /// runtime logs that and exits the process with status 1, because `run` cannot return.
    ///
    /// Lambda sends SIGTERM only to processes with a registered extension. If this hook is set, the runtime registers
    /// an internal extension named `lambda-stream` that subscribes to no events. If the registration fails or takes
    /// longer than one second, the runtime logs that and continues without the extension.
    ///
    /// ```no_run
    /// # use lambda_stream::{Error, ResponseStream, Runtime, RuntimeError};
    /// # async fn handler(_: &Metrics, _: ResponseStream) {}
    /// struct Metrics(std::sync::Mutex<Vec<String>>);
    ///
    /// async fn setup() -> Result<Metrics, Error> {
    ///     Ok(Metrics(Default::default()))
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
    /// [shutdown phase]: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
    #[must_use]
    pub fn on_shutdown<M>(mut self, hook: impl Hook<S, M>) -> Self {
        self.hooks.on_shutdown = Some(hook.boxed());
        self
    }

    /// Sets the hook that runs after `init` and before Lambda takes the [SnapStart] snapshot, an `async fn()` or
    /// `async fn(&S)` that returns `()` or `Result<(), E>`. Without SnapStart it does not run.
    ///
    /// Use it to close connections, which do not survive the snapshot. It is part of the init phase: if it returns an
    /// error or panics, the runtime reports that to Lambda as an init error, Lambda does not publish the version, and
    /// [`run`](Self::run) returns an error. For an example see [`after_restore`](Self::after_restore).
    ///
    /// [SnapStart]: https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{ResponseStream, Runtime, RuntimeError, StreamError};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.write("hello").await
    /// }
    ///
    /// async fn close_connections() {}
    ///
    /// async fn serve() -> Result<(), RuntimeError> {
    ///     Runtime::new().before_snapshot(close_connections).run(handler).await
    /// }
    /// ```
    #[must_use]
    pub fn before_snapshot<M>(mut self, hook: impl Hook<S, M>) -> Self {
        self.hooks.before_snapshot = Some(hook.boxed());
        self
    }

    /// Sets the hook that runs after the process is restored from its SnapStart snapshot and before the first event is
    /// polled, an `async fn()` or `async fn(&S)` that returns `()` or `Result<(), E>`. Without SnapStart it does not
    /// run.
    ///
    /// All execution environments are copies of the same snapshot. Use the hook to open connections, renew credentials
    /// and create values that must be unique or random. Lambda limits it to [10 seconds][restore timeout]. If it
    /// returns an error or panics, the runtime reports that to Lambda and [`run`](Self::run) returns an error.
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
    /// [restore timeout]: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-troubleshooting.html
    #[must_use]
    pub fn after_restore<M>(mut self, hook: impl Hook<S, M>) -> Self {
        self.hooks.after_restore = Some(hook.boxed());
        self
    }

    /// Polls for events and invokes `handler` for each, until SIGTERM or SIGINT. Call it in a tokio runtime that has
    /// its I/O and time drivers enabled.
    ///
    /// A second SIGINT exits the process immediately with status 130.
    ///
    /// `AWS_LAMBDA_RUNTIME_API` is `host:port`, as Lambda sets it, or a URL with the scheme `http` and optionally a base
    /// path, as `cargo lambda watch` sets it. `AWS_LAMBDA_MAX_CONCURRENCY`, which Lambda Managed Instances set, is the
    /// number of concurrent invocations, at most 1,600.
    ///
    /// Without the environment variable `AWS_LAMBDA_RUNTIME_API` and with the feature `local`, the process serves the
    /// function on this machine instead, as its command-line arguments say (`--help` lists them). The method also
    /// returns when the one invocation of `--event` has ended.
    ///
    /// # Errors
    /// - `init` or a hook returned an error or panicked.
    /// - The Runtime API delivers no further events: it rejected a request, or the connection failed.
    /// - In local mode: the arguments are invalid, the port is taken, or the invocation of `--event` failed.
    ///
    /// Exit with a status other than 0 in these cases. Lambda then starts a new process.
    ///
    /// # Examples
    /// ```no_run
    /// use lambda_stream::{Context, ResponseStream, Runtime, StreamError};
    ///
    /// async fn handler(context: Context, mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.write(context.request_id()).await
    /// }
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), lambda_stream::RuntimeError> {
    ///     Runtime::new().run(handler).await
    /// }
    /// ```
    // Not an `async fn`: its opaque type would contain `H` and `M`, so that the compiler would report a handler that is
    // none at the argument, at the call and at the `.await`.
    pub fn run<H, M>(self, handler: H) -> LocalBoxFuture<'static, Result<(), RuntimeError>>
    where
        H: Handler<S, M> + 'static,
        M: 'static,
        L: InvocationLayer<S, H, M> + 'static,
    {
        let running = async move {
            panic::install_hook();
            #[cfg(feature = "metrics")]
            metrics::Destination::init(self.metrics_namespace);
            let handler = Arc::new(handler);
            let service = self.layer.wrap(HandlerService::new(Arc::clone(&handler)));
            let result = process::run(self.init, self.hooks, self.limits, &service).await;
            stderr::flush();
            // The handler and the layers may own values whose destructors panic.
            panic::drop_caught(service);
            panic::drop_caught(self.layer);
            panic::drop_caught(handler);
            result
        };
        running.boxed_local()
    }

    /// Returns what determines how an invocation runs.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn into_parts(self) -> (BoxedInit<S>, Limits, L) {
        (self.init, self.limits, self.layer)
    }
}

impl Default for Runtime {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, L> fmt::Debug for Runtime<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Polls for events and invokes `handler` for each, until SIGTERM or SIGINT: [`Runtime::run`] with the default
/// settings.
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
/// The same as [`Runtime::run`].
pub fn run<M: 'static>(handler: impl Handler<(), M> + 'static) -> LocalBoxFuture<'static, Result<(), RuntimeError>> {
    Runtime::new().run(handler)
}
