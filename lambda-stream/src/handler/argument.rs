//! What a handler may take.

use std::ops::Deref;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::{Invocation, kind};
use crate::context::Context;
use crate::error::Error;
use crate::stream::ResponseStream;

/// A parameter of a handler: the event (anything that is `DeserializeOwned`), [`RawEvent`], `http::Request<Bytes>`
/// (feature `http`), [`ResponseStream`], [`Context`], or `&S`, the state that `init` made.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler",
    label = "not an event, `RawEvent`, `http::Request<Bytes>` (feature `http`), `ResponseStream`, `Context` or the state",
    note = "an event is any type that is `serde::Deserialize` and borrows nothing: add `#[derive(serde::Deserialize)]`",
    note = "the state is `&{S}` here: a reference to what `#[lambda_stream::main(init = …)]` makes, or to `()`"
)]
pub trait FromInvocation<S, K>: Sized {
    /// Takes the argument out of the invocation.
    ///
    /// # Errors
    /// Where the event has not the form that the handler takes.
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Error>;
}

/// The event's bytes, as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent(pub Bytes);

impl Deref for RawEvent {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: DeserializeOwned> FromInvocation<S, kind::TheEvent> for T {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Error> {
        serde_json::from_slice(&invocation.event).map_err(|error| {
            let wanted = std::any::type_name::<T>();
            Error::of_type(
                "Function.InvalidEvent",
                format!("the event is no {wanted}: {error}"),
                Vec::new(),
            )
        })
    }
}

#[diagnostic::do_not_recommend]
impl<S> FromInvocation<S, kind::TheRawEvent> for RawEvent {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Error> {
        Ok(Self(invocation.event.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<S> FromInvocation<S, kind::TheStream> for ResponseStream {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Error> {
        // `Beside` lets no handler take two.
        invocation
            .stream
            .take()
            .ok_or_else(|| Error::new("the response stream was taken before"))
    }
}

#[diagnostic::do_not_recommend]
impl<S> FromInvocation<S, kind::TheContext> for Context {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Error> {
        Ok(invocation.context.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<S> FromInvocation<S, kind::TheState> for &'static S {
    fn from_invocation(invocation: &mut Invocation<S>) -> Result<Self, Error> {
        Ok(invocation.state)
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: kind::Never> FromInvocation<S, kind::Nothing> for T {
    fn from_invocation(_: &mut Invocation<S>) -> Result<Self, Error> {
        Err(Error::new("nothing is `Never`"))
    }
}

/// A kind of parameter that may stand beside one of the kind `K`: every other.
#[diagnostic::on_unimplemented(
    message = "a handler takes at most one parameter of each kind",
    label = "of the same kind as an earlier parameter",
    note = "the kinds are the event, `RawEvent`, `http::Request<Bytes>`, `ResponseStream`, `Context` and the state, `&S`"
)]
pub trait Beside<K> {}

macro_rules! kinds_of_arguments {
    ($first:ident $($other:ident)*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl Beside<kind::$first> for kind::$other {}
            #[diagnostic::do_not_recommend]
            impl Beside<kind::$other> for kind::$first {}
        )*
        kinds_of_arguments!($($other)*);
    };
    () => {};
}
kinds_of_arguments!(TheEvent TheRawEvent TheRequest TheStream TheContext TheState);
