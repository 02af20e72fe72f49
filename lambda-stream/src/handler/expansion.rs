//! What the code that the attribute writes calls, and nobody else.
//!
//! Each function here stands for one question to the compiler, so that its answer is one error at one type.

use std::future::Future;
use std::marker::PhantomData;

pub use super::deliver::deliver;
use super::{AnswerBeside, Beside, FromInvocation, Handler, IntoResponse, Invocation, Outcome, Reply, kind};
use crate::error::Error;

/// One argument: its value, which moves into the call, and its kind, which stays for the checks.
#[derive(Debug)]
pub struct Argument<T, K> {
    /// The value.
    pub value: T,
    /// Its kind.
    pub kind: Kind<K>,
}

/// What the handler returned, and its kind.
#[derive(Debug)]
pub struct Answer<K> {
    /// As a reply.
    pub reply: Result<Reply, Error>,
    /// Its kind.
    pub kind: Kind<K>,
}

/// A kind as a value: it names `K` for the compiler, and holds nothing.
#[derive(Debug)]
pub struct Kind<K>(PhantomData<fn() -> K>);

impl<K> Clone for Kind<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Kind<K> {}

/// Takes one argument out of the invocation.
///
/// # Errors
/// Where the event has not the form that the handler takes.
pub fn argument<T, S, K>(invocation: &mut Invocation<S>) -> Result<Argument<T, K>, Error>
where
    T: FromInvocation<S, K>,
{
    Ok(Argument {
        value: T::from_invocation(invocation)?,
        kind: Kind(PhantomData),
    })
}

/// Asks whether two arguments are of two kinds.
pub fn distinct<A, B>(_: Kind<A>, _: Kind<B>)
where
    B: Beside<A>,
{
}

/// Turns what the handler returned into a reply.
pub fn answer<R, K>(answer: R) -> Answer<R::Answer>
where
    R: IntoResponse<K>,
{
    Answer {
        reply: answer.into_response(),
        kind: Kind(PhantomData),
    }
}

/// Asks whether a handler that takes this argument may give this answer.
pub fn answer_beside<A, K>(_: Kind<A>, _: Kind<K>)
where
    K: AnswerBeside<A>,
{
}

/// A function with its arguments and its answer spelled out by the attribute.
#[derive(Debug)]
pub struct Expanded<F>(pub F);

impl<S, F, O> Handler<S, kind::Expanded> for Expanded<F>
where
    S: Send + Sync + 'static,
    F: Fn(Invocation<S>) -> O + Send + Sync,
    O: Future<Output = Result<Outcome, Error>> + Send,
{
    fn call(&self, invocation: Invocation<S>) -> impl Future<Output = Result<Outcome, Error>> + Send {
        (self.0)(invocation)
    }
}
