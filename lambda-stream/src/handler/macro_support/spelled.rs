//! Parameters whose type is written like one that a handler does not take: an extractor of axum, or a `ResponseStream` in an
//! `Option`.
//!
//! The attribute selects these functions by the name of the type. They require the same as
//! [`parameter`](super::parameter), so the name selects only the message: a type of the program with the same name is an
//! event if it can be deserialized.

use std::marker::PhantomData;

use super::{CompatibleWithAll, Parameter};
use crate::handler::extract::{Event, ParameterForm};

/// The first argument of a type.
#[derive(Debug)]
pub struct Argument<A>(PhantomData<fn() -> A>);

/// Returns the first argument of a type, for the message.
// Not a turbofish of the functions below: the compiler would mark its part for `T`.
#[must_use]
pub fn argument<A>() -> Argument<A> {
    Argument(PhantomData)
}

/// Defines a function for a parameter, and its bound with the message. `{A}` is the first argument of the type.
macro_rules! parameters {
    ($($function:ident $bound:ident: $label:literal, $($note:literal),*;)*) => {$(
        #[doc = concat!("The bound of [`", stringify!($function), "`].")]
        #[diagnostic::on_unimplemented(
            message = "`{Self}` cannot be a parameter of a handler",
            label = $label,
            $(note = $note),*
        )]
        pub trait $bound<S, M, A>: ParameterForm<S, M> {}

        #[diagnostic::do_not_recommend]
        impl<S, T: ParameterForm<S, M>, M, A> $bound<S, M, A> for T {}

        /// Returns a parameter of the handler.
        #[must_use]
        pub fn $function<S, T, M, E, Earlier, A>(_: Argument<A>) -> Parameter<S, T, M, Earlier>
        where
            T: $bound<S, M, A, Event = E> + 'static,
            E: Event + 'static,
            M: CompatibleWithAll<Earlier>,
        {
            Parameter::new()
        }
    )*};
}

parameters! {
    body_parameter BodyParameter:
        "write `lambda_stream::Payload<{A}>`",
        "`Payload` is the JSON body of an HTTP request, or its query string if it has no body; `Json` is a response",
        "an extractor of axum is a parameter of functions in an `axum::Router`: call `lambda_stream::http::run(router)` in `main`, without this attribute";
    extractor_parameter ExtractorParameter:
        "an extractor of axum, which only functions in an `axum::Router` take",
        "call `lambda_stream::http::run(router)` in `main`, without this attribute; or take the whole request as `http::Request<bytes::Bytes>`";
    state_parameter StateParameter:
        "the state is taken as `&{S}`",
        "write `&{S}`: a handler takes the state, which `init` creates, by reference";
    state_without_init_parameter StateWithoutInitParameter:
        "the state is taken as `&{A}`",
        "write `&{A}` and `#[lambda_stream::main(init = setup)]`, with an `async fn setup() -> Result<{A}, lambda_stream::Error>`";
    request_parameter RequestParameter:
        "write `http::Request<bytes::Bytes>`",
        "an `http::Request<bytes::Bytes>` (feature `http`) has the methods `method`, `uri`, `headers`, `body` and `into_parts`";
    stream_parameter StreamParameter:
        "write `ResponseStream`",
        "each invocation has one stream, which the handler owns: write `mut stream: ResponseStream`";
    optional_payload_parameter OptionalPayloadParameter:
        "write `Payload<Option<{A}>>`",
        "to take a payload that may be `null`, write `Payload(payload): Payload<Option<{A}>>`";
    payload_parameter PayloadParameter:
        "write `Payload<{A}>`",
        "the handler is called only if the payload is valid; if it is not, an HTTP caller gets status 400 and the reason";
    result_parameter ResultParameter:
        "write `{A}`, or `lambda_stream::RawEvent`",
        "the handler is called only if the event is valid; to handle invalid events, take a `RawEvent` and call `serde_json::from_slice::<{A}>(&event)`";
    lambda_event_parameter LambdaEventParameter:
        "write `lambda_stream::LambdaEvent<{A}>`",
        "the type of the same name in the crate `lambda_runtime` is another one: write `use lambda_stream::LambdaEvent`";
    tuple_parameter TupleParameter:
        "write one parameter for each",
        "a tuple is the event as a JSON array; add `#[derive(serde::Deserialize)]` to the types in it, or take each as a parameter of its own";
    trait_object_parameter TraitObjectParameter:
        "write the type as which the event is deserialized",
        "an event of several kinds is an `enum`";
}
