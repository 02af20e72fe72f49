//! What a handler is: a function of what came in, that returns or writes an answer.
//!
//! The forms that a parameter or an answer may have are told apart by marker types ([`kind`]), which the compiler
//! infers. `on_unimplemented` words each misuse; `do_not_recommend` keeps the compiler from naming a condition of one of
//! the implementations instead.

mod answer;
mod argument;
mod deliver;
pub(crate) mod expansion;
pub mod kind;
mod reply;

use std::future::Future;

use bytes::Bytes;

pub use self::answer::AnyResponse;
pub use self::argument::{Beside, FromInvocation, RawEvent};
#[cfg(feature = "http")]
pub(crate) use self::deliver::deliver;
pub use self::expansion::Expanded;
#[cfg(feature = "http")]
pub(crate) use self::reply::Opening;
pub use self::reply::{AnswerBeside, IntoItem, IntoResponse, Json, Reply, Streamed};
use crate::context::Context;
use crate::error::Error;
use crate::stream::{Asked, Buffered, ResponseStream};

/// One invocation, from which a handler's arguments are taken.
#[derive(Debug)]
pub struct Invocation<S: 'static> {
    context: Context,
    event: Bytes,
    asked: Asked,
    stream: Option<ResponseStream>,
    state: &'static S,
}

impl<S> Invocation<S> {
    pub(crate) fn new(context: Context, event: Bytes, asked: Asked, stream: ResponseStream, state: &'static S) -> Self {
        Self {
            context,
            event,
            asked,
            stream: Some(stream),
            state,
        }
    }

    #[cfg(feature = "http")]
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    #[cfg(feature = "http")]
    pub(crate) fn asked(&self) -> Asked {
        self.asked
    }

    #[cfg(feature = "http")]
    pub(crate) fn event(&self) -> &Bytes {
        &self.event
    }
}

/// How a handler has answered.
#[derive(Debug)]
pub struct Outcome(pub(crate) Answered);

#[derive(Debug)]
pub(crate) enum Answered {
    /// By what was written to the stream, wherever that is now.
    Streamed,
    /// By one whole answer.
    Buffered(Buffered),
}

/// An async function that answers invocations: what [`run`](crate::run) takes.
///
/// It is implemented for the functions and closures of up to five parameters whose forms
/// [`main`](macro@crate::main) lists. Their futures are [`Send`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler for the state `{S}`",
    label = "not an async function whose parameters and answer have the forms of a handler",
    note = "`#[lambda_stream::main]` on the function says which of them has not"
)]
pub trait Handler<S: 'static, K>: Send + Sync {
    /// Answers one invocation.
    fn call(&self, invocation: Invocation<S>) -> impl Future<Output = Result<Outcome, Error>> + Send;
}

/// For functions of each number of parameters: `argument kind` in turn, and after a colon the pairs that must differ.
macro_rules! handlers {
    ($([$($argument:ident $kind:ident)*: $($later:ident $earlier:ident),*])*) => {$(
        #[diagnostic::do_not_recommend]
        impl<S, F, O, R, KR, $($argument, $kind),*> Handler<S, (KR, $(($argument, $kind)),*)> for F
        where
            S: Send + Sync + 'static,
            F: Fn($($argument),*) -> O + Send + Sync,
            O: Future<Output = R> + Send,
            R: IntoResponse<KR, Answer: $(AnswerBeside<$kind> +)*>,
            $($argument: FromInvocation<S, $kind> + Send,)*
            $($later: Beside<$earlier>,)*
        {
            #[allow(non_snake_case, unused_mut, reason = "an argument is named as its type, and there may be none")]
            async fn call(&self, mut invocation: Invocation<S>) -> Result<Outcome, Error> {
                let answer = {
                    $(let $argument = $argument::from_invocation(&mut invocation)?;)*
                    self($($argument),*)
                };
                let reply = answer.await.into_response();
                deliver::deliver(invocation, reply).await
            }
        }
    )*};
}

handlers! {
    [:]
    [A KA: ]
    [A KA B KB: KB KA]
    [A KA B KB C KC: KB KA, KC KA, KC KB]
    [A KA B KB C KC D KD: KB KA, KC KA, KC KB, KD KA, KD KB, KD KC]
    [A KA B KB C KC D KD E KE: KB KA, KC KA, KC KB, KD KA, KD KB, KD KC, KE KA, KE KB, KE KC, KE KD]
}
