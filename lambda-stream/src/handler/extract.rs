//! The parameters of handlers, and how they are extracted from an invocation.

use std::any::type_name;
use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::payload::{self, short_type_name};
use super::{HandlerResponse, Invocation, LambdaEvent, marker};
use crate::context::Context;
use crate::error::Error;
use crate::event::{EventFormat, EventInfo};
use crate::protocol::INVALID_EVENT;
use crate::stream::ResponseStream;

/// A type that can be a parameter of a handler.
///
/// It is implemented for [`Payload<T>`](crate::Payload), the event (any `T: DeserializeOwned`), [`RawEvent`],
/// [`LambdaEvent<T>`], `http::Request<Bytes>` (feature `http`), [`ResponseStream`], [`Context`], and `&S`, the state that
/// `init` created. The trait is sealed: it cannot be implemented outside of this crate.
///
/// # Examples
/// ```
/// use lambda_stream::{Context, Payload};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Order {
///     id: u32,
/// }
///
/// // Each parameter implements the trait.
/// async fn handler(Payload(order): Payload<Order>, context: Context) -> String {
///     format!("order {} in invocation {}", order.id, context.request_id())
/// }
/// ```
pub trait FromInvocation<S, M>: Sized {
    /// Extracts the argument from the invocation.
    ///
    /// # Errors
    /// The event does not have the form that the handler takes.
    #[doc(hidden)]
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection>;
}

#[diagnostic::do_not_recommend]
impl<S, T, M> FromInvocation<S, M> for T
where
    T: ParameterForm<S, M, Event: Event>,
{
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        T::extract(invocation)
    }
}

/// A parameter in one of the supported forms.
///
/// The type alone selects the form: a `Payload<T>` is one whatever `T` is. That the event can be deserialized is required
/// apart, so that the compiler names the type that cannot.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler",
    label = "not an event, `Payload<T>`, `ResponseStream`, `Context`, the state, or another type that a handler takes",
    note = "to take the event as `{Self}`, add `#[derive(serde::Deserialize)]` to it and to the types in it; it must borrow nothing",
    note = "to take a state of this type, write `&{Self}` and `#[lambda_stream::main(init = setup)]`, with an `async fn setup() -> Result<{Self}, lambda_stream::Error>`",
    note = "a handler takes events, `Payload<T>`, `RawEvent`, `LambdaEvent<T>`, `http::Request<Bytes>` (feature `http`), `ResponseStream` and `Context` by value, and the state by reference"
)]
pub trait ParameterForm<S, M>: Sized {
    /// The type as which the event is deserialized; `()` if it is not.
    type Event;

    /// See [`FromInvocation::from_invocation`].
    ///
    /// # Errors
    /// The event does not have the form that the handler takes.
    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection>
    where
        Self::Event: Event;
}

/// A type as which an event can be deserialized.
#[diagnostic::on_unimplemented(
    message = "the event cannot be deserialized as `{Self}`",
    label = "`{Self}` does not implement `serde::Deserialize`, or borrows from the event",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`; it must borrow nothing"
)]
pub trait Event: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Event for T {}

/// Ends an invocation before the handler is called: with an error, or with a response that the caller gets instead of the
/// handler's.
pub struct Rejection(pub(super) Box<Result<HandlerResponse, Error>>);

impl Rejection {
    pub(super) fn response(response: HandlerResponse) -> Self {
        Self(Box::new(Ok(response)))
    }
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self(Box::new(Err(error)))
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejection").field(&self.0).finish()
    }
}

/// The event's bytes, unchanged.
///
/// # Examples
/// ```
/// use lambda_stream::{RawEvent, ResponseStream, StreamError};
///
/// async fn handler(event: RawEvent, mut stream: ResponseStream) -> Result<(), StreamError> {
///     stream.write(format!("the event has {} bytes\n", event.len())).await
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent(pub Bytes);

impl Deref for RawEvent {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: DeserializeOwned> ParameterForm<S, marker::EventArg> for T {
    type Event = T;

    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        Ok(deserialize(&invocation.event, invocation.event_info)?)
    }
}

/// Deserializes the whole event.
///
/// # Errors
/// `Function.InvalidEvent`, with a message that names the field and its position.
pub(super) fn deserialize<T: DeserializeOwned>(event: &[u8], event_info: EventInfo) -> Result<T, Error> {
    payload::from_json(event).map_err(|reason| {
        let hint = match event_info.format {
            EventFormat::NotHttp => "",
            EventFormat::PayloadV1 | EventFormat::PayloadV2 | EventFormat::Alb { .. } => {
                "; the event is an HTTP request: take `Payload<T>` to deserialize its body"
            }
        };
        let message = format!(
            "failed to deserialize the event as `{}`: {reason}{hint}",
            short_type_name(type_name::<T>())
        );
        Error::of_type(INVALID_EVENT, message, Vec::new())
    })
}

#[diagnostic::do_not_recommend]
impl<S> ParameterForm<S, marker::RawEventArg> for RawEvent {
    type Event = ();

    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        Ok(Self(invocation.event.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<S, T> ParameterForm<S, marker::LambdaEventArg> for LambdaEvent<T> {
    type Event = T;

    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection>
    where
        T: Event,
    {
        let payload = deserialize(&invocation.event, invocation.event_info)?;
        Ok(Self::new(payload, invocation.context.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<S> ParameterForm<S, marker::StreamArg> for ResponseStream {
    type Event = ();

    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        // `CompatibleWith` rejects handlers with two `ResponseStream` parameters at compile time.
        let stream = invocation.stream.take();
        stream.ok_or_else(|| Error::new("the response stream was already extracted").into())
    }
}

#[diagnostic::do_not_recommend]
impl<S> ParameterForm<S, marker::ContextArg> for Context {
    type Event = ();

    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        Ok(invocation.context.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<S> ParameterForm<S, marker::StateArg> for &'static S {
    type Event = ();

    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        Ok(invocation.state)
    }
}

#[diagnostic::do_not_recommend]
impl<S, T> ParameterForm<S, marker::StateTargetArg> for &'static T
where
    S: Deref<Target = T>,
    T: ?Sized,
{
    type Event = ();

    fn extract(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        Ok(invocation.state)
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: marker::Never> ParameterForm<S, marker::Unsupported> for T {
    type Event = ();

    fn extract(_: &mut Invocation<S>) -> Result<Self, Rejection> {
        Err(Error::new("no type implements `Never`").into())
    }
}

/// A parameter that is written as a reference: the state, or what it dereferences to. It is never an event, although the
/// compiler takes `&'static str` for one that can be deserialized.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler",
    label = "the state is taken as `&{S}`",
    note = "to take the state, which `init` creates, write `&{S}`; to take several values, make them fields of one struct that `init` returns",
    note = "all invocations share the state: keep data that changes in a `Mutex` or an atomic",
    note = "to take the event, take it by value, and let it borrow nothing: `String` in place of `&str`, for example"
)]
pub trait StateReference<S, M>: ParameterForm<S, M, Event = ()> {}

#[diagnostic::do_not_recommend]
impl<S> StateReference<S, marker::StateArg> for &'static S {}

#[diagnostic::do_not_recommend]
impl<S: Deref<Target = T>, T: ?Sized> StateReference<S, marker::StateTargetArg> for &'static T {}

#[diagnostic::do_not_recommend]
impl<S, T: marker::Never> StateReference<S, marker::Unsupported> for T {}

/// A type that is the state, or an `Arc` of it, but the type of a parameter.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is the state, which a handler takes by reference",
    label = "write `&{S}`",
    note = "to take an event of this type, let `init` return another type: a struct with a field of this type, for example"
)]
pub trait StateByValue<S, M>: ParameterForm<S, M> {}

/// Implemented for pairs of parameter markers that one handler may have: every pair of different markers.
#[diagnostic::on_unimplemented(
    message = "a handler takes at most one parameter of each kind",
    label = "the same kind as an earlier parameter",
    note = "remove one of the two; to take several values from the event, make them fields of one struct with `#[derive(serde::Deserialize)]`; from the state, fields of the struct that `init` returns",
    note = "the kinds are `Payload<T>`, the event, `RawEvent`, `LambdaEvent<T>`, `http::Request<Bytes>`, `ResponseStream`, `Context` and the state `&S`"
)]
pub trait CompatibleWith<M> {}

macro_rules! impl_compatible_with {
    ($first:ident $($other:ident)*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl CompatibleWith<marker::$first> for marker::$other {}
            #[diagnostic::do_not_recommend]
            impl CompatibleWith<marker::$other> for marker::$first {}
        )*
        impl_compatible_with!($($other)*);
    };
    () => {};
}
impl_compatible_with!(PayloadArg EventArg RawEventArg LambdaEventArg HttpRequestArg StreamArg ContextArg StateArg);

macro_rules! impl_compatible_with_state_target {
    ($($other:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl CompatibleWith<marker::StateTargetArg> for marker::$other {}
        #[diagnostic::do_not_recommend]
        impl CompatibleWith<marker::$other> for marker::StateTargetArg {}
    )*};
}
impl_compatible_with_state_target!(PayloadArg EventArg RawEventArg LambdaEventArg HttpRequestArg StreamArg ContextArg);
