//! The subscriber of a function with the attribute: it logs during `init`, and then becomes the global one unless `init`
//! has installed another.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;

use tracing::Dispatch;
use tracing::dispatcher::{self, DefaultGuard};
use tracing::subscriber::NoSubscriber;

use crate::{panic, stderr};

thread_local! {
    static STARTUP: RefCell<Option<Startup>> = const { RefCell::new(None) };
}

/// The time from the start of the process until `init` has returned.
struct Startup {
    dispatch: Dispatch,
    /// Makes the library's subscriber the default of this thread. `None` if `init` has installed a global subscriber.
    default: Option<DefaultGuard>,
}

/// Logs with the library's subscriber on this thread, until [`install`] is called. The thread must be the one that runs
/// the future of [`during_init`].
pub(crate) fn start() {
    let dispatch = super::dispatch();
    panic::report_as_events(dispatch.clone());
    let default = Some(dispatcher::set_default(&dispatch));
    STARTUP.set(Some(Startup { dispatch, default }));
}

/// Runs `init`, and then [`install`]s the library's subscriber.
///
/// A global subscriber that `init` installs replaces the default of this thread the next time that `init` is polled.
pub(crate) async fn during_init<T>(init: impl Future<Output = T>) -> T {
    let mut init = pin!(init);
    let result = poll_fn(|cx| {
        STARTUP.with_borrow_mut(|startup| {
            if let Some(startup) = startup {
                startup.prefer_global();
            }
        });
        init.as_mut().poll(cx)
    })
    .await;
    install();
    result
}

/// Makes the library's subscriber the global one, unless another is set. The second call does nothing.
pub(crate) fn install() {
    let Some(Startup { dispatch, default }) = STARTUP.take() else {
        return;
    };
    drop(default);
    if dispatcher::set_global_default(dispatch).is_err() {
        panic::stop_reporting_as_events();
    }
    // Lambda may freeze the process after the next request to the Runtime API.
    stderr::flush();
}

impl Startup {
    fn prefer_global(&mut self) {
        self.default = None;
        let has_global = dispatcher::get_default(|current| !current.is::<NoSubscriber>());
        if !has_global {
            self.default = Some(dispatcher::set_default(&self.dispatch));
        }
    }
}
