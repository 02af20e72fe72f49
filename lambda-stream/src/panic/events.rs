//! Reports panics as events of the library's own subscriber, in place of the text that Rust's panic hook prints.
//!
//! A panic in a panic hook aborts the process. So the hook never calls a subscriber of the user, and the library's runs
//! no code of the user for these events.

#[cfg(not(feature = "logging"))]
pub(super) use disabled::*;
#[cfg(feature = "logging")]
pub(super) use enabled::*;
#[cfg(feature = "logging")]
pub(crate) use enabled::{report_as_events, stop_reporting_as_events};

#[cfg(feature = "logging")]
mod enabled {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    pub(crate) use tracing::Span;
    use tracing::{Dispatch, dispatcher};

    use crate::error::StackTrace;
    use crate::panic::Panic;

    static DISPATCH: OnceLock<Dispatch> = OnceLock::new();
    static IS_STOPPED: AtomicBool = AtomicBool::new(false);

    /// Reports panics to this subscriber, which must be the library's own. Called while the panic hook is Rust's default.
    pub(crate) fn report_as_events(dispatch: Dispatch) {
        let _ = DISPATCH.set(dispatch);
    }

    /// Leaves panics to the previous panic hook, because another subscriber is installed.
    pub(crate) fn stop_reporting_as_events() {
        IS_STOPPED.store(true, Ordering::Relaxed);
    }

    pub(crate) fn are_enabled() -> bool {
        DISPATCH.get().is_some() && !IS_STOPPED.load(Ordering::Relaxed)
    }

    /// Returns the span that is entered on this thread.
    pub(crate) fn current_span() -> Span {
        let span = DISPATCH
            .get()
            .map(|dispatch| dispatcher::with_default(dispatch, Span::current));
        span.unwrap_or_else(Span::none)
    }

    /// Reports `panic` in its span.
    pub(crate) fn report(panic: &Panic) {
        let Some(dispatch) = DISPATCH.get() else {
            return;
        };
        let location: Vec<String> = panic.location.iter().cloned().collect();
        let event = || {
            tracing::error!(
                target: "lambda_stream",
                error_type = "Function.Panic",
                error_message = panic.message,
                stack_trace = ?StackTrace(&location),
                backtrace = panic.backtrace,
                "panicked"
            );
        };
        dispatcher::with_default(dispatch, || panic.span.in_scope(event));
    }
}

#[cfg(not(feature = "logging"))]
mod disabled {
    use crate::panic::Panic;

    /// No span.
    #[derive(Clone)]
    pub(crate) struct Span;

    impl Span {
        pub(crate) fn none() -> Self {
            Self
        }

        pub(crate) fn is_none(&self) -> bool {
            true
        }
    }

    pub(crate) fn are_enabled() -> bool {
        false
    }

    pub(crate) fn current_span() -> Span {
        Span
    }

    pub(crate) fn report(_: &Panic) {}
}
