//! Checks which parameters of a handler take the state, if none is written as a reference.
//!
//! A trait cannot tell whether two types are the same. The resolution of a method can: the compiler prefers an inherent
//! method of `Compared<S, S>` to a trait's method of `Compared<T, S>`. So the attribute generates a call per parameter.

use std::marker::PhantomData;
use std::ops::BitOr;
use std::sync::Arc;

use crate::handler::extract::StateByValue;
use crate::handler::marker;
use crate::runtime::Runtime;

/// Checks the parameters of a handler if `init` creates a state and none of them is written as a reference. Nothing runs: the
/// closure only gives the compiler a value of the type `S`.
pub fn check_state<S, T>(_: &Runtime<S>, _: impl FnOnce(S) -> T) {}

/// The comparisons of a parameter's type with the state's type, for all types of state.
pub trait CompareState: Sized {
    /// Returns the result for a handler without parameters.
    fn __lambda_stream_unused(&self) -> Unused<Self> {
        Unused(PhantomData)
    }

    /// Compares with the parameter type `T`.
    fn __lambda_stream_compare<T>(&self) -> Compared<T, Self> {
        Compared(PhantomData)
    }
}

impl<S> CompareState for S {}

/// The type `T` of a parameter, and the state's type `S`. The compiler prefers the inherent methods, which exist only if the
/// parameter takes the state, to that of [`OtherType`].
#[derive(Debug)]
pub struct Compared<T, S>(PhantomData<fn() -> (T, S)>);

impl<S> Compared<&S, S> {
    /// The parameter is the state, by a type alias for the reference.
    #[must_use]
    pub fn result(self) -> Used {
        Used
    }
}

impl<S> Compared<S, S> {
    /// The parameter has the type of the state.
    #[must_use]
    pub fn result(self) -> ByValue<S, S> {
        ByValue(PhantomData)
    }
}

impl<S> Compared<Arc<S>, S> {
    /// The parameter has the type of an `Arc` of the state.
    #[must_use]
    pub fn result(self) -> ByValue<Arc<S>, S> {
        ByValue(PhantomData)
    }
}

/// The result for a parameter that does not take the state.
pub trait OtherType<S>: Sized {
    /// The parameter has another type.
    fn result(self) -> Unused<S> {
        Unused(PhantomData)
    }
}

impl<T, S> OtherType<S> for Compared<T, S> {}

/// A parameter takes the state.
#[derive(Debug)]
pub struct Used;

/// A parameter of the type `T` is the state by value.
#[derive(Debug)]
pub struct ByValue<T, S>(PhantomData<fn() -> (T, S)>);

/// No parameter takes the state.
#[derive(Debug)]
pub struct Unused<S>(PhantomData<fn() -> S>);

/// Checks the result for one parameter.
pub fn compared<C, M>(comparison: C) -> C
where
    C: Comparison,
    C::Parameter: StateByValue<C::State, M>,
{
    comparison
}

/// The result for one parameter, as types.
pub trait Comparison {
    /// The type of a parameter that is the state by value, or `()`.
    type Parameter;
    /// The type of the state, or [`Unchecked`] for a parameter that is not the state by value.
    type State;
}

/// See [`Comparison::State`].
#[derive(Debug)]
pub struct Unchecked;

#[diagnostic::do_not_recommend]
impl StateByValue<Unchecked, marker::EventArg> for () {}

impl Comparison for Used {
    type Parameter = ();
    type State = Unchecked;
}

impl<S> Comparison for Unused<S> {
    type Parameter = ();
    type State = Unchecked;
}

impl<T, S> Comparison for ByValue<T, S> {
    type Parameter = T;
    type State = S;
}

impl<S, T> BitOr<T> for Unused<S> {
    type Output = T;

    fn bitor(self, other: T) -> T {
        other
    }
}

impl<T> BitOr<T> for Used {
    type Output = Self;

    fn bitor(self, _: T) -> Self {
        self
    }
}

impl<P, S, T> BitOr<T> for ByValue<P, S> {
    type Output = Self;

    fn bitor(self, _: T) -> Self {
        self
    }
}

impl Used {
    /// The state is used.
    pub fn warn(self) {}
}

impl<T, S> ByValue<T, S> {
    /// The error has been reported.
    pub fn warn(self) {}
}

impl Unused<()> {
    /// There is no state: `init` runs for its effects.
    pub fn warn(self) {}
}

/// A state that no parameter takes.
///
/// The compiler warns about the unused value. In contrast to a deprecated item, it does so only if there is no error.
#[must_use = "no parameter takes the state that `init` creates: add a parameter with the type `&S`, where `init` returns `Result<S, E>`; or let `init` return `Result<(), E>`"]
#[derive(Debug)]
pub struct State;

/// Returns the argument. The call has the span of `init`, where the compiler reports an unused [`State`].
pub fn checked<T>(result: T) -> T {
    result
}

/// The result for a state that no parameter takes.
pub trait UnusedState: Sized {
    /// Warns at compile time.
    // For a value that is not in a `Box`, the compiler suggests to write `let _ =`.
    fn warn(self) -> Box<State> {
        Box::new(State)
    }
}

impl<S> UnusedState for Unused<S> {}
