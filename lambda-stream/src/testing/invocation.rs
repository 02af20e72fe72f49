//! [`Invocation`]: an event, the metadata that Lambda sends with it, and how its handler runs.

use std::fmt;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use tokio::time::sleep;
use tower_layer::{Identity, Layer};

use super::caller::Caller;
use super::misuse::misuse;
use super::recorder::Recorder;
use super::response::Response;
use super::state::InvocationState;
use crate::client::NextEvent;
use crate::context::Context;
use crate::handler::Handler;
use crate::panic;
use crate::protocol::{
    CLIENT_CONTEXT, COGNITO_IDENTITY, DEADLINE_MS, INVOKED_FUNCTION_ARN, REQUEST_ID, TENANT_ID, TRACE_ID,
};
use crate::runtime::deadline::Deadline;
use crate::runtime::limits::Limits;
use crate::runtime::service::{HandlerService, InvocationService};
use crate::runtime::state::StateSource;
use crate::runtime::{BoxedInit, Runtime, invocation};

/// The request id, unless a test sets one.
const DEFAULT_REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// The ARN, unless a test sets one.
const DEFAULT_FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:test";

/// The timeout, unless a test sets one. A slow machine does not reach it, and a handler that never returns ends with it.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Lambda's shortest timeout. Much shorter ones could pass before the invocation starts, which the runtime takes for no
/// deadline.
const MIN_TIMEOUT: Duration = Duration::from_secs(1);

/// An invocation of a handler in a test.
///
/// | what Lambda sends | default |
/// |---|---|
/// | [`timeout`](Self::timeout) | 60 seconds |
/// | [`request_id`](Self::request_id) | `8476a536-e9f4-11e8-9739-2dfe598c3fcd` |
/// | [`function_arn`](Self::function_arn) | `arn:aws:lambda:us-east-1:123456789012:function:test` |
/// | [`trace_id`](Self::trace_id), [`tenant_id`](Self::tenant_id), [`client_context`](Self::client_context), [`identity`](Self::identity) | none |
///
/// The defaults are constants, so that a response that contains them is the same in every run.
///
/// ```
/// use lambda_stream::testing::Invocation;
/// use lambda_stream::{Context, Json};
/// use serde_json::{Value, json};
///
/// async fn handler(event: Value, context: Context) -> Json<Value> {
///     Json(json!({"order": event["id"], "tenant": context.tenant_id()}))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let response = Invocation::new(json!({"id": 7})).tenant_id("blue").run(handler).await;
/// assert_eq!(response.json::<Value>(), json!({"order": 7, "tenant": "blue"}));
/// # }
/// ```
///
/// The type parameters follow from [`state`](Self::state) and [`runtime`](Self::runtime): `S` is the type of the state, `L`
/// the layers, `I` where the state comes from.
#[must_use = "an invocation does nothing until it is run"]
pub struct Invocation<S: 'static = (), L = Identity, I = &'static S> {
    request: Request,
    limits: Limits,
    layer: L,
    state: I,
    marker: PhantomData<fn() -> S>,
}

/// What Lambda sends, and how the response is read.
struct Request {
    event: Bytes,
    /// The headers of the response to `GET invocation/next`, without the deadline.
    headers: HeaderMap,
    timeout: Duration,
    caller: Caller,
}

impl Invocation {
    /// Creates an invocation whose event is `event` as JSON.
    ///
    /// # Panics
    /// Panics if `event` cannot be serialized as JSON.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::testing::Invocation;
    /// use serde_json::json;
    ///
    /// let invocation = Invocation::new(json!({"text": "one two"}));
    /// ```
    #[track_caller]
    pub fn new(event: impl Serialize) -> Self {
        Self::from_bytes(json(&event, "event"))
    }

    /// Creates an invocation whose event consists of these bytes, which need not be JSON.
    ///
    /// ```
    /// # use lambda_stream::testing::Invocation;
    /// # use lambda_stream::ResponseStream;
    /// # async fn handler(event: serde_json::Value, _: ResponseStream) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let response = Invocation::from_bytes("{\"id\":").run(handler).await;
    /// assert_eq!(response.error().unwrap().error_type(), "Function.InvalidEvent");
    /// # }
    /// ```
    pub fn from_bytes(event: impl Into<Bytes>) -> Self {
        let (_, limits, layer) = Runtime::new().into_parts();
        let request = Request {
            event: event.into(),
            headers: HeaderMap::from_iter([
                (REQUEST_ID, HeaderValue::from_static(DEFAULT_REQUEST_ID)),
                (INVOKED_FUNCTION_ARN, HeaderValue::from_static(DEFAULT_FUNCTION_ARN)),
            ]),
            timeout: DEFAULT_TIMEOUT,
            caller: Caller::default(),
        };
        Self {
            request,
            limits,
            layer,
            state: &(),
            marker: PhantomData,
        }
    }
}

impl<S, L, I> Invocation<S, L, I> {
    /// Sets the timeout of the function. [`Context::deadline`] is this long after the start of the invocation.
    ///
    /// As in production, the handler is stopped 200 ms earlier, or the [`deadline_margin`](Runtime::deadline_margin) of the
    /// [runtime](Self::runtime), and the invocation fails with `Function.Timeout`. Lambda sends the deadline in milliseconds,
    /// so the handler may be stopped a millisecond or two away from the exact time.
    ///
    /// # Panics
    /// Panics if `timeout` is shorter than one second, Lambda's minimum.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lambda_stream::testing::Invocation;
    /// # use lambda_stream::ResponseStream;
    /// async fn handler(_: ResponseStream) {
    ///     std::future::pending().await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let response = Invocation::new(()).timeout(Duration::from_secs(3)).run(handler).await;
    /// assert_eq!(response.error().unwrap().error_type(), "Function.Timeout");
    /// # }
    /// ```
    #[track_caller]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if timeout < MIN_TIMEOUT {
            misuse(format_args!(
                "invalid timeout {timeout:?}: must be one second or longer, as on Lambda"
            ));
        }
        self.request.timeout = timeout;
        self
    }

    /// Sets [`Context::request_id`].
    ///
    /// # Panics
    /// Panics if `id` is empty, or is not visible ASCII.
    #[track_caller]
    pub fn request_id(self, id: impl AsRef<str>) -> Self {
        let id = id.as_ref();
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            misuse(format_args!(
                "invalid request id {id:?}: must be one or more visible ASCII characters"
            ));
        }
        self.header(REQUEST_ID, id.as_bytes())
    }

    /// Sets [`Context::invoked_function_arn`].
    ///
    /// # Panics
    /// Panics if `arn` contains a control character.
    #[track_caller]
    pub fn function_arn(self, arn: impl AsRef<str>) -> Self {
        self.header(INVOKED_FUNCTION_ARN, arn.as_ref().as_bytes())
    }

    /// Sets [`Context::trace_id`].
    ///
    /// # Panics
    /// Panics if `id` contains a control character.
    #[track_caller]
    pub fn trace_id(self, id: impl AsRef<str>) -> Self {
        self.header(TRACE_ID, id.as_ref().as_bytes())
    }

    /// Sets [`Context::tenant_id`].
    ///
    /// # Panics
    /// Panics if `id` contains a control character.
    #[track_caller]
    pub fn tenant_id(self, id: impl AsRef<str>) -> Self {
        self.header(TENANT_ID, id.as_ref().as_bytes())
    }

    /// Sets [`Context::client_context`] to `context` as JSON.
    ///
    /// # Panics
    /// Panics if `context` cannot be serialized as JSON.
    #[track_caller]
    pub fn client_context(self, context: impl Serialize) -> Self {
        self.header(CLIENT_CONTEXT, &json(&context, "client context"))
    }

    /// Sets [`Context::identity`] to `identity` as JSON.
    ///
    /// # Panics
    /// Panics if `identity` cannot be serialized as JSON.
    #[track_caller]
    pub fn identity(self, identity: impl Serialize) -> Self {
        self.header(COGNITO_IDENTITY, &json(&identity, "identity"))
    }

    /// Sets how the response is read. Default: [`Caller::Reads`].
    pub fn caller(mut self, caller: Caller) -> Self {
        self.request.caller = caller;
        self
    }

    /// Sets the state that the handler takes as `&S`, in place of what `init` creates.
    ///
    /// Like in production, the state lives as long as the process: it is a `static`, or a box that was
    /// [leaked](Box::leak).
    ///
    /// ```
    /// # use lambda_stream::testing::Invocation;
    /// # use lambda_stream::{ResponseStream, StreamError};
    /// struct Greeting(String);
    ///
    /// async fn handler(greeting: &Greeting, mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.write(&greeting.0).await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let greeting = Box::leak(Box::new(Greeting("hello".to_owned())));
    /// let response = Invocation::new(()).state(greeting).run(handler).await;
    /// response.assert_body("hello");
    /// # }
    /// ```
    pub fn state<T>(self, state: &'static T) -> Invocation<T, L, &'static T> {
        Invocation {
            request: self.request,
            limits: self.limits,
            layer: self.layer,
            state,
            marker: PhantomData,
        }
    }

    /// Applies the settings of `runtime`: its buffer size, deadline margin, `fill_empty_body`, layers, and its `init`, which
    /// creates the state before the handler is called. Its hooks do not run.
    ///
    /// If `init` returns an error or panics, the invocation fails with this error, as it does for a caller of Lambda, and
    /// the handler is not called. Call [`state`](Self::state) after this method to replace `init`.
    ///
    /// A future of [`run`](Self::run) that runs `init` is not `Send`, because `init` need not be.
    ///
    /// ```
    /// # use lambda_stream::testing::Invocation;
    /// # use lambda_stream::{Error, ResponseStream, Runtime};
    /// # async fn handler(_: &u32, _: ResponseStream) {}
    /// async fn init() -> Result<u32, Error> {
    ///     Ok("many".parse()?)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let runtime = Runtime::new().init(init).buffer_size(1024);
    /// let response = Invocation::new(()).runtime(runtime).run(handler).await;
    /// assert_eq!(response.error().unwrap().error_type(), "Function.ParseIntError");
    /// # }
    /// ```
    pub fn runtime<T, M>(self, runtime: Runtime<T, M>) -> Invocation<T, M, BoxedInit<T>>
    where
        T: Send + Sync + 'static,
    {
        let (state, limits, layer) = runtime.into_parts();
        Invocation {
            request: self.request,
            limits,
            layer,
            state,
            marker: PhantomData,
        }
    }

    /// Returns the context of an invocation that starts now, for a handler that a test calls itself.
    ///
    /// ```
    /// # use lambda_stream::testing::Invocation;
    /// # use lambda_stream::{Context, Json};
    /// async fn handler(context: Context) -> Json<String> {
    ///     Json(context.request_id().to_owned())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let Json(id) = handler(Invocation::new(()).request_id("17").context()).await;
    /// assert_eq!(id, "17");
    /// # }
    /// ```
    #[must_use]
    pub fn context(&self) -> Context {
        self.request.context()
    }

    /// Calls `handler`, and returns the response when the invocation has ended: when the handler has returned, its stream is
    /// dropped, and the caller has read the response.
    ///
    /// `handler` is everything that [`Runtime::run`] takes: an async function or closure of any form, or a `tower` service
    /// in `lambda_stream::http::service`.
    ///
    /// ```
    /// # use lambda_stream::testing::Invocation;
    /// use futures::stream;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let response = Invocation::new(()).run(async || stream::iter(["one", "two"])).await;
    /// response.assert_body("onetwo");
    /// # }
    /// ```
    pub async fn run<H, M>(self, handler: H) -> Response
    where
        S: Send + Sync,
        H: Handler<S, M> + 'static,
        L: Layer<HandlerService<H, S, M>, Service: InvocationService<S>>,
        I: InvocationState<S>,
    {
        panic::install_hook();
        let state = panic::catch(self.state.state()).await;
        let recorder = Recorder::new(self.request.caller, &self.request.event);
        let state = match state {
            Ok(state) => state,
            Err(error) => {
                recorder.record_report(&error);
                return recorder.into_response();
            }
        };
        let mut service = self.layer.layer(HandlerService::new(Arc::new(handler)));
        let timer = pin!(sleep(Duration::ZERO));
        let mut deadline = Deadline::new(self.limits.deadline_margin, timer);
        let next_event = NextEvent {
            context: self.request.context(),
            event: self.request.event,
        };
        invocation::handle(
            &recorder,
            &mut service,
            &StateSource::Ready(state),
            self.limits,
            &mut deadline,
            next_event,
        )
        .await;
        // The handler and the layers may own values whose destructors panic.
        panic::drop_caught(service);
        panic::drop_caught(self.layer);
        recorder.into_response()
    }

    #[track_caller]
    fn header(mut self, name: HeaderName, value: &[u8]) -> Self {
        match HeaderValue::from_bytes(value) {
            Ok(value) => drop(self.request.headers.insert(name, value)),
            Err(_) => misuse(format_args!(
                "invalid value {:?} for the header {name}: contains a control character",
                String::from_utf8_lossy(value)
            )),
        }
        self
    }

    /// Returns an invocation of the same event, without a state and layers.
    pub(super) fn without_state(self) -> Invocation {
        Invocation {
            request: self.request,
            limits: self.limits,
            layer: Identity::new(),
            state: &(),
            marker: PhantomData,
        }
    }
}

impl Request {
    fn context(&self) -> Context {
        let mut headers = self.headers.clone();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let deadline = now.saturating_add(self.timeout).as_millis();
        headers.insert(
            DEADLINE_MS,
            HeaderValue::from(u64::try_from(deadline).unwrap_or(u64::MAX)),
        );
        // The request id has a default, and was checked where it was set.
        Context::from_headers(headers).unwrap_or_else(|| misuse("the request id is missing"))
    }
}

/// Serializes `value`, which is called `name` in the message of the panic.
#[track_caller]
fn json(value: &impl Serialize, name: &str) -> Vec<u8> {
    match serde_json::to_vec(value) {
        Ok(json) => json,
        Err(error) => misuse(format_args!("failed to serialize the {name} as JSON: {error}")),
    }
}

impl<S, L, I> fmt::Debug for Invocation<S, L, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("event", &self.request.event)
            .finish_non_exhaustive()
    }
}
