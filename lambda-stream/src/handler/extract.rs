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
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler",
    label = "not `Payload<T>`, an event, `RawEvent`, `LambdaEvent<T>`, `http::Request<Bytes>` (feature `http`), `ResponseStream`, `Context` or the state",
    note = "an event is any type that implements `serde::Deserialize` and borrows nothing: add `#[derive(serde::Deserialize)]`",
    note = "the state is `&{S}` here: a reference to the value that `#[lambda_stream::main(init = …)]` creates, or to `()`"
)]
pub trait FromInvocation<S, M>: Sized {
    /// Extracts the argument from the invocation.
    ///
    /// # Errors
    /// The event does not have the form that the handler takes.
    #[doc(hidden)]
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection>;
}

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent(pub Bytes);

impl Deref for RawEvent {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: DeserializeOwned> FromInvocation<S, marker::EventArg> for T {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
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
impl<S> FromInvocation<S, marker::RawEventArg> for RawEvent {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        Ok(Self(invocation.event.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: DeserializeOwned> FromInvocation<S, marker::LambdaEventArg> for LambdaEvent<T> {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        let payload = deserialize(&invocation.event, invocation.event_info)?;
        Ok(Self::new(payload, invocation.context.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<S> FromInvocation<S, marker::StreamArg> for ResponseStream {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        // `CompatibleWith` rejects handlers with two `ResponseStream` parameters at compile time.
        let stream = invocation.stream.take();
        stream.ok_or_else(|| Error::new("the response stream was already extracted").into())
    }
}

#[diagnostic::do_not_recommend]
impl<S> FromInvocation<S, marker::ContextArg> for Context {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        Ok(invocation.context.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<S> FromInvocation<S, marker::StateArg> for &'static S {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Rejection> {
        Ok(invocation.state)
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: marker::Never> FromInvocation<S, marker::Unsupported> for T {
    fn from_invocation(_: &mut Invocation<S>) -> Result<Self, Rejection> {
        Err(Error::new("no type implements `Never`").into())
    }
}

/// Implemented for pairs of parameter markers that one handler may have: every pair of different markers.
#[diagnostic::on_unimplemented(
    message = "a handler takes at most one parameter of each kind",
    label = "the same kind as an earlier parameter",
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
