//! The markers: one for each form that a parameter, an answer or an item may have.
//!
//! None has the name of a public type: the compiler would then warn, in the midst of an error, of two versions of this
//! crate.

use std::marker::PhantomData;

macro_rules! markers {
    ($($(#[$doc:meta])* $name:ident)*) => {$($(#[$doc])* #[derive(Debug)] pub enum $name {})*};
}

markers! {
    /// Parameter: the event, deserialised.
    TheEvent
    /// Parameter: the event's bytes.
    TheRawEvent
    /// Parameter: the HTTP request that the event stands for.
    TheRequest
    /// Parameter: the stream.
    TheStream
    /// Parameter: the context.
    TheContext
    /// Parameter: the state.
    TheState

    /// Answer: nothing.
    Unit
    /// Answer: one buffered document.
    Json
    /// Answer: an HTTP response.
    Http
    /// Answer: one of several forms.
    Chosen
    /// What an answer is: one of its own.
    Own
    /// What an answer is: written to the stream, by the handler.
    Written

    /// Item: the bytes themselves.
    Plain
    /// Item: a piece of a format of its own.
    Formatted
    /// No form at all: see [`Never`].
    Nothing
    /// Handler: what the attribute made of a function.
    Expanded
}

/// Answer: the items of a stream.
#[derive(Debug)]
pub struct Items<K>(PhantomData<K>);

/// Answer or item: a `Result`.
#[derive(Debug)]
pub struct Fallible<K, E>(PhantomData<(K, E)>);

/// Implemented by nothing.
///
/// `FromInvocation` and `IntoResponse` each have a second blanket implementation, for `T: Never`. Were there only one, the
/// compiler would take a type that has no form at all (an event without `Deserialize`, a stream that is none) for that
/// one, and report what follows from it too, such as a clash with the real event. With two it settles on neither, and
/// reports the type alone.
pub trait Never {}
