//! What the code that the attribute generates calls: `start` functions, one for each number of parameters, and a function
//! for each part of the handler's signature.
//!
//! Each of these functions requires of its part what [`Handler`] requires. The attribute gives the call the span of the
//! part, so the compiler marks the part that does not fit, and no other. The compiler infers all types.

mod init;
mod root_module;
mod spelled;
mod state_check;

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::process::ExitCode;

pub use self::init::{InitFunction, InitFuture, InitResult, init};
pub use self::root_module::assert_root_module;
pub use self::spelled::*;
pub use self::state_check::{CompareState, OtherType, State, UnusedState, check_state, checked, compared};
use super::extract::{Event, ParameterForm, StateReference};
use super::response::{Document, ItemConversion, ItemValue, ResponseBody, ResponseForm, ReturnValue};
use super::send::send_response;
use super::{
    CompatibleWith, Handler, HandlerResponse, IntoItem, Invocation, Rejection, ResponseCompatibleWith, marker,
};
use crate::error::{Error, IntoError};
use crate::runtime::Runtime;
use crate::runtime::entry_point::{self, Settings};

/// A parameter of the type `T`. `M` is its marker, and `Earlier` the list of the markers of the earlier parameters.
pub struct Parameter<S: 'static, T, M, Earlier> {
    extract: fn(&mut Invocation<S>) -> Result<T, Rejection>,
    markers: PhantomData<fn() -> (M, Earlier)>,
}

impl<S, T, M, Earlier> Clone for Parameter<S, T, M, Earlier> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, T, M, Earlier> Copy for Parameter<S, T, M, Earlier> {}

impl<S, T, M, Earlier> fmt::Debug for Parameter<S, T, M, Earlier> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameter").finish_non_exhaustive()
    }
}

impl<S, T, M, Earlier> Parameter<S, T, M, Earlier>
where
    T: ParameterForm<S, M, Event: Event>,
    M: CompatibleWithAll<Earlier>,
{
    fn new() -> Self {
        Self {
            extract: T::extract,
            markers: PhantomData,
        }
    }
}

/// Returns a parameter of the handler.
#[must_use]
pub fn parameter<S, T, M, E, Earlier>() -> Parameter<S, T, M, Earlier>
where
    T: ParameterForm<S, M, Event = E> + 'static,
    E: Event + 'static,
    M: CompatibleWithAll<Earlier>,
{
    Parameter::new()
}

/// Returns a parameter of the handler that is written as a reference: the state.
#[must_use]
pub fn state<S, T, M, Earlier>() -> Parameter<S, T, M, Earlier>
where
    T: StateReference<S, M>,
    M: CompatibleWithAll<Earlier>,
{
    Parameter::new()
}

/// Implemented for the marker of a parameter that a handler may have together with all parameters of a list.
#[diagnostic::on_unimplemented(
    message = "a handler takes at most one parameter of each kind",
    label = "the same kind as an earlier parameter",
    note = "remove one of the two; to take several values from the event, make them fields of one struct with `#[derive(serde::Deserialize)]`; from the state, fields of the struct that `init` returns",
    note = "the kinds are `Payload<T>`, the event, `RawEvent`, `LambdaEvent<T>`, `http::Request<Bytes>`, `ResponseStream`, `Context` and the state `&S`"
)]
pub trait CompatibleWithAll<Markers> {}

impl<M> CompatibleWithAll<()> for M {}

#[diagnostic::do_not_recommend]
impl<M, First, Rest> CompatibleWithAll<(First, Rest)> for M where M: CompatibleWith<First> + CompatibleWithAll<Rest> {}

/// The conversion of a return value `R` with the item `I`, the error `EI` of the items, and the error `E`. `Parameters` is the
/// list of the markers of all parameters.
pub struct Response<R, I, EI, E, Parameters> {
    // A function pointer: an opaque type would repeat the errors about `R` at the call of `start`.
    convert: Convert<R, I, EI, E>,
    parameters: PhantomData<fn() -> Parameters>,
}

type Convert<R, I, EI, E> = fn(R, ItemConversion<I, EI>, fn(E) -> Error) -> Result<HandlerResponse, Error>;

impl<R, I, EI, E, Parameters> fmt::Debug for Response<R, I, EI, E, Parameters> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").finish_non_exhaustive()
    }
}

/// Returns the conversion of the handler's return value.
#[must_use]
pub fn response<R, M, P, K, I, EI, E, Parameters>() -> Response<R, I, EI, E, Parameters>
where
    R: ReturnValue<M, Response = P, Error = E>,
    P: ResponseForm<K, Document: Document, Body: ResponseBody, Item = I, Sent: Send + 'static>,
    P::Marker: ResponseCompatibleWithAll<Parameters>,
    EI: 'static,
{
    Response {
        convert: |returned, convert_item, convert_error| {
            returned.into_result().map_err(convert_error)?.convert(convert_item)
        },
        parameters: PhantomData,
    }
}

/// Implemented for the responses that a handler with all parameters of a list may return.
#[diagnostic::on_unimplemented(
    message = "this handler takes a `ResponseStream` and also returns a response",
    label = "a second response",
    note = "write to the stream, and return `()` or `Result<(), lambda_stream::Error>`; or remove the `ResponseStream` parameter",
    note = "to send status and headers, call `stream.send_prelude(…)`"
)]
pub trait ResponseCompatibleWithAll<Markers> {}

impl<M> ResponseCompatibleWithAll<()> for M {}

#[diagnostic::do_not_recommend]
impl<M, First, Rest> ResponseCompatibleWithAll<(First, Rest)> for M where
    M: ResponseCompatibleWith<First> + ResponseCompatibleWithAll<Rest>
{
}

/// Returns the conversion of the items of the returned stream, with that of their error. For other responses, the item is
/// `Bytes`.
#[must_use]
pub fn item<I, K, T, M, E>(convert_error: fn(E) -> Error) -> ItemConversion<I, E>
where
    I: ItemValue<K, Value = T, Error = E>,
    T: IntoItem<M>,
{
    ItemConversion::new(convert_error)
}

/// Returns the conversion of the error of the returned `Result` or of its items. Without a `Result`, the error is
/// `Infallible`.
#[must_use]
pub fn error<E, M>() -> fn(E) -> Error
where
    E: IntoError<M>,
{
    E::into_error
}

/// The handler `F`, whose future is `O`.
#[derive(Debug)]
pub struct Function<F, O> {
    function: F,
    future: PhantomData<fn() -> O>,
}

/// Returns the handler. The call has the span of its name, where the compiler reports a future that is not `Send`.
pub fn handler<F, O>(function: F) -> Function<F, O> {
    Function {
        function,
        future: PhantomData,
    }
}

/// A handler whose extraction and conversion the attribute has generated.
struct MacroHandler<F>(F);

impl<S, F, O> Handler<S, marker::Generated> for MacroHandler<F>
where
    S: Send + Sync + 'static,
    F: Fn(Invocation<S>) -> O + Send + Sync,
    O: Future<Output = Result<(), Error>> + Send,
{
    fn call(&self, invocation: Invocation<S>) -> impl Future<Output = Result<(), Error>> + Send {
        (self.0)(invocation)
    }
}

/// Defines the `start` functions. Each row lists the parameters with their markers and the list of earlier markers; the
/// last is the list of all.
macro_rules! start_functions {
    ($($start:ident [$($parameter:ident: $marker:ident after $earlier:ty),*] $all:ty)*) => {$(
        /// Runs a handler with this number of parameters, and returns the exit status of the process.
        #[allow(
            non_snake_case,
            unused_mut,
            clippy::too_many_arguments,
            reason = "each argument has the name of its type parameter, and there may be none"
        )]
        pub fn $start<S, F, O, R, X, Y, Z, $($parameter, $marker),*>(
            settings: Settings,
            runtime: Runtime<S>,
            handler: Function<F, O>,
            $($parameter: Parameter<S, $parameter, $marker, $earlier>,)*
            response: Response<R, X, Y, Z, $all>,
            convert_item: ItemConversion<X, Y>,
            convert_error: fn(Z) -> Error,
        ) -> ExitCode
        where
            S: Send + Sync + 'static,
            F: Fn($($parameter),*) -> O + Copy + Send + Sync + 'static,
            O: Future<Output = R> + Send,
            R: 'static,
            $($parameter: Send + 'static, $marker: 'static,)*
            (X, Y, Z): 'static,
        {
            let (handler, convert) = (handler.function, response.convert);
            entry_point::start(settings, runtime, MacroHandler(move |mut invocation: Invocation<S>| async move {
                let response = async {
                    let returned = {
                        $(let $parameter = ($parameter.extract)(&mut invocation)?;)*
                        invocation.release_event();
                        handler($($parameter),*)
                    };
                    convert(returned.await, convert_item, convert_error).map_err(Rejection::from)
                };
                let response = response.await;
                send_response(invocation, response).await
            }))
        }
    )*};
}

start_functions! {
    start0 [] ()
    start1 [A: MA after ()] (MA, ())
    start2 [A: MA after (), B: MB after (MA, ())] (MB, (MA, ()))
    start3 [A: MA after (), B: MB after (MA, ()), C: MC after (MB, (MA, ()))] (MC, (MB, (MA, ())))
    start4 [A: MA after (), B: MB after (MA, ()), C: MC after (MB, (MA, ())), D: MD after (MC, (MB, (MA, ())))] (MD, (MC, (MB, (MA, ()))))
    start5 [A: MA after (), B: MB after (MA, ()), C: MC after (MB, (MA, ())), D: MD after (MC, (MB, (MA, ()))), E: ME after (MD, (MC, (MB, (MA, ()))))] (ME, (MD, (MC, (MB, (MA, ())))))
    start6 [A: MA after (), B: MB after (MA, ()), C: MC after (MB, (MA, ())), D: MD after (MC, (MB, (MA, ()))), E: ME after (MD, (MC, (MB, (MA, ())))), G: MG after (ME, (MD, (MC, (MB, (MA, ())))))] (MG, (ME, (MD, (MC, (MB, (MA, ()))))))
    start7 [A: MA after (), B: MB after (MA, ()), C: MC after (MB, (MA, ())), D: MD after (MC, (MB, (MA, ()))), E: ME after (MD, (MC, (MB, (MA, ())))), G: MG after (ME, (MD, (MC, (MB, (MA, ()))))), H: MH after (MG, (ME, (MD, (MC, (MB, (MA, ()))))))] (MH, (MG, (ME, (MD, (MC, (MB, (MA, ())))))))
    start8 [A: MA after (), B: MB after (MA, ()), C: MC after (MB, (MA, ())), D: MD after (MC, (MB, (MA, ()))), E: ME after (MD, (MC, (MB, (MA, ())))), G: MG after (ME, (MD, (MC, (MB, (MA, ()))))), H: MH after (MG, (ME, (MD, (MC, (MB, (MA, ())))))), I: MI after (MH, (MG, (ME, (MD, (MC, (MB, (MA, ())))))))] (MI, (MH, (MG, (ME, (MD, (MC, (MB, (MA, ()))))))))
}
