//! Handlers: async functions that take parts of an invocation and return or write a response.
//!
//! Parameters are extracted from an [`Invocation`] ([`extract`], [`payload`]); the return value is converted to a
//! [`HandlerResponse`] ([`response`]) and written to the invocation's [`ResponseStream`] ([`send`]). The supported forms
//! of parameters and return values are distinguished by marker types ([`marker`]), which the compiler infers.

mod any_response;
mod extract;
mod lambda_event;
pub(crate) mod macro_support;
pub(crate) mod marker;
mod payload;
mod response;
mod send;
mod service_fn;

use std::fmt;
use std::future::Future;

use bytes::Bytes;

pub use self::any_response::AnyResponse;
#[cfg(feature = "http")]
pub(crate) use self::extract::ParameterForm;
pub(crate) use self::extract::{CompatibleWith, Rejection};
pub use self::extract::{FromInvocation, RawEvent};
pub use self::lambda_event::LambdaEvent;
pub use self::payload::Payload;
#[cfg(feature = "http")]
pub(crate) use self::response::{BoxItems, ItemConversion, ResponseBody, ResponseForm};
pub(crate) use self::response::{HandlerResponse, ResponseCompatibleWith};
pub use self::response::{IntoItem, IntoResponse, Json, StreamItem};
#[cfg(feature = "http")]
pub(crate) use self::send::send_response;
pub use self::service_fn::{ServiceFnHandler, service_fn};
use crate::context::Context;
use crate::error::Error;
use crate::event::EventInfo;
use crate::stream::ResponseStream;

/// One invocation: the request of the services that [`Runtime::layer`](crate::Runtime::layer) wraps.
///
/// The handler's arguments are extracted from it. A layer can read it, and passes it on.
///
/// # Examples
/// ```
/// use lambda_stream::Invocation;
///
/// /// What a `tower` layer can log before the handler runs.
/// fn describe<S>(invocation: &Invocation<S>) -> String {
///     let id = invocation.context().request_id();
///     format!("{id}: {} bytes", invocation.event().len())
/// }
/// ```
pub struct Invocation<S: 'static = ()> {
    context: Context,
    event: Bytes,
    event_info: EventInfo,
    /// `None` after a `ResponseStream` argument was extracted.
    stream: Option<ResponseStream>,
    state: &'static S,
}

impl<S> Invocation<S> {
    pub(crate) fn new(
        context: Context,
        event: Bytes,
        event_info: EventInfo,
        stream: ResponseStream,
        state: &'static S,
    ) -> Self {
        Self {
            context,
            event,
            event_info,
            stream: Some(stream),
            state,
        }
    }

    #[cfg(feature = "http")]
    pub(crate) fn state(&self) -> &'static S {
        self.state
    }

    /// Returns the metadata of the invocation.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Returns the event's bytes, which are JSON.
    #[must_use]
    pub fn event(&self) -> &Bytes {
        &self.event
    }

    #[cfg(feature = "http")]
    pub(crate) fn event_info(&self) -> EventInfo {
        self.event_info
    }

    /// Drops the event, of which the arguments of the handler hold what it needs: the handler may run for minutes, and an
    /// event has up to 6 MB.
    fn release_event(&mut self) {
        self.event = Bytes::new();
    }
}

impl<S> fmt::Debug for Invocation<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("context", &self.context)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// An async function that handles invocations: the argument of [`run`](crate::run).
///
/// It is implemented for functions and closures with up to five parameters, whose types and return type are listed at
/// [`main`](macro@crate::main). The returned futures are [`Send`]. The trait is sealed: it cannot be implemented outside
/// of this crate.
///
/// # Examples
/// ```
/// use lambda_stream::{Handler, ResponseStream, RuntimeError, StreamError};
///
/// /// Runs any handler without a state, and reports how the process ended.
/// async fn run<M: 'static>(handler: impl Handler<(), M> + 'static) -> Result<(), RuntimeError> {
///     let result = lambda_stream::run(handler).await;
///     eprintln!("the event loop has ended");
///     result
/// }
///
/// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
///     stream.write("hello").await
/// }
/// # let _ = run(handler);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler for the state `{S}`",
    label = "not an async function whose parameters and return type are supported",
    note = "pass the function itself, `run(handler)`, and not a call of it: remove the parentheses behind its name",
    note = "a handler that takes the state `&S` requires a function that creates it: write `Runtime::new().init(setup).run(handler)`",
    note = "put `#[lambda_stream::main]` on the function to see which parameter or return type is not supported",
    note = "the `service_fn` of `lambda_runtime` or `tower` makes no handler: call `lambda_stream::service_fn`, or pass the function itself, which can take a `LambdaEvent<T>`",
    note = "a `tower::Service` of HTTP requests, such as an `axum::Router`, is run by `lambda_stream::http::run(…)`, or passed to `Runtime::run` as `lambda_stream::http::service(…)` (feature `http`)"
)]
pub trait Handler<S: 'static, M>: Send + Sync {
    /// Handles one invocation. Everything of the response that is not sent yet is in the invocation's pipe afterwards.
    #[doc(hidden)]
    fn call(&self, invocation: Invocation<S>) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Implements [`Handler`] for functions of each number of parameters. Each row lists the parameters with their markers
/// and, after a colon, the pairs of markers that must differ.
macro_rules! impl_handler {
    ($([$($argument:ident $marker:ident)*: $($later:ident $earlier:ident),*])*) => {$(
        // Hidden: the bounds name private traits, and the documentation of `Handler` describes them.
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        impl<S, F, O, R, MR, $($argument, $marker),*> Handler<S, (MR, $(($argument, $marker)),*)> for F
        where
            S: Send + Sync + 'static,
            F: Fn($($argument),*) -> O + Send + Sync,
            O: Future<Output = R> + Send,
            R: IntoResponse<MR, Marker: $(ResponseCompatibleWith<$marker> +)*>,
            $($argument: FromInvocation<S, $marker> + Send,)*
            $($later: CompatibleWith<$earlier>,)*
        {
            #[allow(
                non_snake_case,
                unused_mut,
                reason = "each argument has the name of its type parameter, and there may be none"
            )]
            async fn call(&self, mut invocation: Invocation<S>) -> Result<(), Error> {
                let response = async {
                    let returned = {
                        $(let $argument = $argument::from_invocation(&mut invocation)?;)*
                        invocation.release_event();
                        self($($argument),*)
                    };
                    returned.await.into_response().map_err(Rejection::from)
                };
                let response = response.await;
                send::send_response(invocation, response).await
            }
        }
    )*};
}

impl_handler! {
    [:]
    [A MA: ]
    [A MA B MB: MB MA]
    [A MA B MB C MC: MB MA, MC MA, MC MB]
    [A MA B MB C MC D MD: MB MA, MC MA, MC MB, MD MA, MD MB, MD MC]
    [A MA B MB C MC D MD E ME: MB MA, MC MA, MC MB, MD MA, MD MB, MD MC, ME MA, ME MB, ME MC, ME MD]
}
