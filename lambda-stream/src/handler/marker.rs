//! Marker types: one for each supported form of a parameter, a return value or an item of a stream.
//!
//! None has the name of a public type: in an error about such a type, the compiler would warn that two versions of this
//! crate may be in use.

use std::marker::PhantomData;

macro_rules! markers {
    ($($(#[$doc:meta])* $name:ident)*) => {$($(#[$doc])* #[derive(Debug)] pub enum $name {})*};
}

markers! {
    /// Parameter: `Payload<T>`.
    PayloadArg
    /// Parameter: the event, deserialized.
    EventArg
    /// Parameter: the event's bytes.
    RawEventArg
    /// Parameter: `LambdaEvent<T>`.
    LambdaEventArg
    /// Parameter: the HTTP request in the event.
    HttpRequestArg
    /// Parameter: the response stream.
    StreamArg
    /// Parameter: the context.
    ContextArg
    /// Parameter: the state.
    StateArg
    /// Parameter: what the state dereferences to.
    StateTargetArg

    /// Return value: `()`.
    Unit
    /// Return value: a JSON document.
    JsonDocument
    /// Return value: an HTTP response.
    #[cfg(feature = "http")]
    Http
    /// Handler: a function that `service_fn` adapts.
    Adapted
    /// Handler: none. Every event fails.
    #[cfg(feature = "http")]
    Absent
    /// Return value or item: a `Result`.
    Fallible
    /// `init`: a function.
    Function
    /// `init`: boxed.
    Boxed
    /// Return value: one of several forms.
    Any
    /// The response is the handler's return value.
    Returned
    /// The handler writes the response to its `ResponseStream`.
    Written

    /// Return value: a stream of items.
    Items
    /// Item of a stream: bytes.
    Chunk
    /// Item of a stream: an element of a format, with its own content type.
    Formatted
    /// No supported form: see [`Never`].
    Unsupported
}

/// Return value or item: one of the form `M`.
#[derive(Debug)]
pub struct Plain<M>(PhantomData<M>);

/// Return value: its own marker, and the markers of its response, of the items and of the error.
#[derive(Debug)]
pub struct Parts<M, K, MI, ME>(PhantomData<(M, K, MI, ME)>);

/// Item of a stream: its own marker, and the markers of its value and of its error.
#[derive(Debug)]
pub struct ItemParts<K, M, ME>(PhantomData<(K, M, ME)>);

/// Handler: the code that the attribute generates.
#[derive(Debug)]
pub(crate) enum Generated {}

/// Handler: an HTTP service, with a handler of the kind `M` for other events.
#[cfg(feature = "http")]
#[derive(Debug)]
pub struct Service<M>(PhantomData<M>);

/// Handler: the HTTP service that is the state, with a handler of the kind `M` for other events.
#[cfg(feature = "http")]
#[derive(Debug)]
pub struct StateService<M>(PhantomData<M>);

/// A trait that no type implements.
///
/// `ParameterForm`, `StateReference` and `ResponseForm` each have a further blanket implementation, for `T: Never`. With a
/// single blanket implementation, the compiler would select it for a type that has no supported form (an event without `Deserialize`,
/// for example) and also report what follows from that choice, such as a conflict with the real event parameter. With two,
/// it selects neither, and reports only the type.
pub trait Never {}
