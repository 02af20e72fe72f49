//! Panics of the user's code: catches them and converts them to an [`Error`] with message and location.
//!
//! The payload of a panic contains only the message. The location is known to the panic hook, so [`install_hook`] adds
//! one that stores both for the thread that panics. `resume_unwind` does not call the hook, so the stored panic may be an
//! earlier one, and of another invocation: one that the handler or tokio caught. It is used only if it is known to belong
//! to the current invocation.
//!
//! The previous hook prints a panic as text. If the library's own subscriber is installed, `events` reports each panic
//! once, as an event, in its place.

mod events;

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use crate::Error;
use crate::stderr;
#[cfg(feature = "logging")]
pub(crate) use events::{report_as_events, stop_reporting_as_events};

/// How many panics the hook has stored in this process.
static STORED_PANICS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static LAST_PANIC: RefCell<Option<Panic>> = const { RefCell::new(None) };

    /// Whether [`catch`] polls a future on this thread.
    static IS_CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// A point in time, relative to the panics of this process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(usize);

#[derive(Clone)]
struct Panic {
    /// When the hook stored it.
    mark: Mark,
    /// The task that panicked.
    task: Option<tokio::task::Id>,
    message: String,
    location: Option<String>,
    /// Captured if an event reports the panic and `RUST_BACKTRACE` requests it.
    backtrace: Option<String>,
    report: Report,
    /// The span in which an event reports it, until then.
    span: events::Span,
}

/// Whether an event reports the panic.
#[derive(Clone, Copy, PartialEq)]
enum Report {
    /// The previous hook has printed it.
    Printed,
    /// The panic occurred in [`catch`]: either its error reports the panic, or an event does when `catch` finds that the
    /// user's code has caught it.
    Pending,
    /// An event has reported it: in the span of an invocation, or in none.
    Logged { in_span: bool },
}

/// Installs a panic hook that stores each panic. It then reports the panic as an event, or calls the previous hook, which
/// prints it.
pub(crate) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let mut panic = Panic::from_info(info);
            // Fails only while the thread ends. A panic during unwinding may abort the process, and the earlier panic would
            // not be reported later.
            let earlier = LAST_PANIC
                .try_with(RefCell::take)
                .ok()
                .flatten()
                .filter(Panic::is_pending);
            let now = Some(&panic).filter(|panic| matches!(panic.report, Report::Logged { .. }));
            if earlier.is_some() || now.is_some() {
                earlier.iter().chain(now).for_each(events::report);
                // The process may end.
                stderr::flush();
            }
            if panic.report == Report::Printed {
                previous(info);
            }
            if !panic.is_pending() {
                panic.span = events::Span::none();
            }
            let _ = LAST_PANIC.try_with(|last| last.replace(Some(panic)));
        }));
    });
}

impl Mark {
    /// Returns the current point in time.
    pub(crate) fn now() -> Self {
        Self(STORED_PANICS.load(Ordering::Relaxed))
    }
}

/// Returns the panic that is unwinding the current task, which belongs to an invocation that started at `start`.
///
/// The message is known only if the hook stored a panic of this task, on this thread and since `start`. A destructor
/// cannot access the payload to compare it.
pub(crate) fn current(start: Mark) -> Error {
    let stored = LAST_PANIC.try_with(|last| last.borrow().clone()).ok().flatten();
    let task = tokio::task::try_id();
    stored
        .filter(|panic| panic.mark.0 >= start.0 && task.is_some() && panic.task == task)
        .map_or_else(|| error(message(&()), None, None), Panic::into_error)
}

/// Runs `future`, and converts a panic in it to an error. Its destructor may panic, too.
pub(crate) async fn catch<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut future = pin!(Some(future));
    let mut future = Guarded(future.as_mut());
    poll_fn(|cx| {
        let start = Mark::now();
        let was_catching = IS_CATCHING.replace(true);
        // Unwind safe: after a panic the future is dropped, so no code observes its state.
        let polled = catch_unwind(AssertUnwindSafe(|| future.poll(cx)));
        IS_CATCHING.set(was_catching);
        match polled {
            Ok(polled) => {
                report_pending(start);
                polled
            }
            Err(payload) => Poll::Ready(Err(caught(payload, start))),
        }
    })
    .await
}

/// Converts the payload of a panic that was caught in code which started at `start` on this thread.
fn caught(payload: Box<dyn Any + Send>, start: Mark) -> Error {
    let message = message(&*payload);
    // A panic that the code caught itself, before it called `resume_unwind`, has another message.
    let stored =
        LAST_PANIC.with_borrow_mut(|last| last.take_if(|panic| panic.mark.0 >= start.0 && panic.message == message));
    report_pending(start);
    drop_caught(payload);
    let (location, backtrace) = stored.map_or((None, None), |panic| (panic.location, panic.backtrace));
    error(message, location, backtrace)
}

/// Reports the last panic since `start` as an event, if no error reports it.
fn report_pending(start: Mark) {
    // A poll without a panic costs no more than this.
    if Mark::now().0 == start.0 {
        return;
    }
    let pending = LAST_PANIC.with_borrow_mut(|last| {
        let panic = last
            .as_mut()
            .filter(|panic| panic.mark.0 >= start.0 && panic.is_pending())?;
        let pending = panic.clone();
        panic.report = Report::Logged { in_span: true };
        panic.span = events::Span::none();
        Some(pending)
    });
    if let Some(panic) = pending {
        events::report(&panic);
    }
}

/// Drops `value`, and catches a panic of its destructor. The panic hook has printed the message.
pub(crate) fn drop_caught<T>(value: T) {
    run_caught(|| drop(value));
}

/// Runs code of the user whose panic can be reported to no caller, and catches the panic: returns `None`. The panic hook
/// has printed the message.
pub(crate) fn run_caught<T>(run: impl FnOnce() -> T) -> Option<T> {
    // Unwind safe: nothing that the code leaves behind is observed.
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(value) => Some(value),
        Err(payload) => {
            // The payload may be of any type, and its destructor may panic. The payload of that second panic is leaked,
            // because its destructor may panic too.
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
            None
        }
    }
}

/// A future that is dropped with [`drop_caught`].
struct Guarded<'a, F>(Pin<&'a mut Option<F>>);

impl<F: Future> Guarded<'_, F> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.0.as_mut().as_pin_mut() {
            Some(future) => future.poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<F> Drop for Guarded<'_, F> {
    fn drop(&mut self) {
        run_caught(|| self.0.set(None));
    }
}

impl Panic {
    fn from_info(info: &PanicHookInfo<'_>) -> Self {
        let span = events::current_span();
        // With `panic = "abort"` no code runs after the hook.
        let is_catching = cfg!(panic = "unwind") && IS_CATCHING.try_with(Cell::get).unwrap_or(false);
        let report = match (events::are_enabled(), is_catching) {
            (false, _) => Report::Printed,
            (true, true) => Report::Pending,
            (true, false) => Report::Logged {
                in_span: !span.is_none(),
            },
        };
        Self {
            mark: Mark(STORED_PANICS.fetch_add(1, Ordering::Relaxed)),
            task: tokio::task::try_id(),
            message: message(info.payload()),
            location: info.location().map(ToString::to_string),
            backtrace: (report != Report::Printed).then(backtrace).flatten(),
            report,
            span,
        }
    }

    fn is_pending(&self) -> bool {
        self.report == Report::Pending
    }

    /// Converts a panic that is unwinding through the owner of the stream. A pending event will report it, or another
    /// error: that of the handler.
    fn into_error(self) -> Error {
        let error = error(self.message, self.location, self.backtrace);
        match self.report {
            // The log of the error has the request id.
            Report::Printed | Report::Logged { in_span: false } => error,
            Report::Pending | Report::Logged { in_span: true } => error.logged(),
        }
    }
}

fn error(message: String, location: Option<String>, backtrace: Option<String>) -> Error {
    Error::of_type("Function.Panic", message, location.into_iter().collect()).with_backtrace(backtrace)
}

/// Captures a backtrace if `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` requests it.
fn backtrace() -> Option<String> {
    let backtrace = Backtrace::capture();
    (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string())
}

/// Returns the message of a panic. Only payloads that are strings have one.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
