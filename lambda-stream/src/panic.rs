//! Panics: where one happened, and what it said.
//!
//! What unwinding hands on is the message alone. The place is known only to the panic hook, so [`install`] puts one in
//! front of whichever is there; it notes both on the thread that panics.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use futures::FutureExt;

use crate::Error;

thread_local! {
    static LATEST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

#[derive(Clone)]
struct Panic {
    message: String,
    place: Option<String>,
}

/// Notes the panics of this process from here on; the hook that was there goes on printing them.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            LATEST.set(Some(Panic::of(info)));
            before(info);
        }));
    });
}

/// The panic that is unwinding this thread, as the error that the caller is told.
pub(crate) fn current() -> Error {
    let noted = LATEST.with_borrow(Clone::clone);
    noted
        .unwrap_or(Panic {
            message: message(&()),
            place: None,
        })
        .into_error()
}

/// Runs `future`; a panic in it is an error.
pub(crate) async fn caught<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    // The future is dropped after a panic, so nobody sees what it left half done.
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(result) => result,
        Err(payload) => {
            let message = message(&*payload);
            // A payload may be any value, and panic when it is dropped; what then comes of that is not looked into.
            if let Err(another) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(another);
            }
            // `resume_unwind` calls no hook: what was noted is then of another panic.
            let noted = LATEST.take().filter(|panic| panic.message == message);
            Err(noted.unwrap_or(Panic { message, place: None }).into_error())
        }
    }
}

impl Panic {
    fn of(info: &PanicHookInfo<'_>) -> Self {
        Self {
            message: message(info.payload()),
            place: info.location().map(ToString::to_string),
        }
    }

    fn into_error(self) -> Error {
        Error::of_type("Function.Panic", self.message, self.place.into_iter().collect())
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
