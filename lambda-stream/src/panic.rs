//! Panics: catches them and converts them to an [`Error`] with message and location.
//!
//! Unwinding passes on only the message. The location is known to the panic hook, so [`install_hook`] adds one that
//! stores both for the thread that panics.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use futures::FutureExt;

use crate::Error;

thread_local! {
    static LAST_PANIC: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

#[derive(Clone)]
struct Panic {
    message: String,
    location: Option<String>,
}

/// Installs a panic hook that stores each panic, and then calls the previous hook, which prints it.
pub(crate) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            LAST_PANIC.set(Some(Panic::from_info(info)));
            previous(info);
        }));
    });
}

/// Returns the panic that is unwinding this thread.
pub(crate) fn current() -> Error {
    let stored = LAST_PANIC.with_borrow(Clone::clone);
    stored
        .unwrap_or_else(|| Panic {
            message: message(&()),
            location: None,
        })
        .into_error()
}

/// Runs `future`, and converts a panic in it to an error.
pub(crate) async fn catch<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    // Unwind safe: after a panic the future is dropped, so no code observes its state.
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(result) => result,
        Err(payload) => {
            let message = message(&*payload);
            // The payload may be of any type, and its destructor may panic. The payload of that second panic is leaked,
            // because its destructor may panic too.
            if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
            // `resume_unwind` does not call the panic hook. The stored panic is then an earlier one.
            let stored = LAST_PANIC.take().filter(|panic| panic.message == message);
            let panic = stored.unwrap_or(Panic {
                message,
                location: None,
            });
            Err(panic.into_error())
        }
    }
}

impl Panic {
    fn from_info(info: &PanicHookInfo<'_>) -> Self {
        Self {
            message: message(info.payload()),
            location: info.location().map(ToString::to_string),
        }
    }

    fn into_error(self) -> Error {
        Error::of_type("Function.Panic", self.message, self.location.into_iter().collect())
    }
}

/// Returns the message of a panic. Only payloads that are strings have one.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
