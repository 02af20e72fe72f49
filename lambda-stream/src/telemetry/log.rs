//! [`log!`]: the library's log events.

use std::fmt::Display;

use tracing::dispatcher::get_default;
use tracing::subscriber::NoSubscriber;

use crate::{panic, stderr};

/// Logs a message with fields: `log!(WARN, { call = name }, "the call {name} failed")`.
///
/// It is a `tracing` event if there is a subscriber, else a line on standard error that consists of the message. A line is
/// queued and may not yet be written when the macro returns: see [`stderr::flush`].
macro_rules! log {
    ($level:ident, { $($fields:tt)* }, $($message:tt)+) => {
        $crate::telemetry::emit(
            || ::tracing::event!(target: "lambda_stream", ::tracing::Level::$level, { $($fields)* }, $($message)+),
            format_args!($($message)+),
        )
    };
    ($level:ident, $($message:tt)+) => {
        $crate::telemetry::emit(
            || ::tracing::event!(target: "lambda_stream", ::tracing::Level::$level, $($message)+),
            format_args!($($message)+),
        )
    };
}

/// Emits `event` if there is a subscriber, else writes `line`.
pub(crate) fn emit(event: impl FnOnce(), line: impl Display) {
    match has_subscriber() {
        // The subscriber is the user's code.
        true => drop(panic::run_caught(event)),
        false => stderr::enqueue(line),
    }
}

fn has_subscriber() -> bool {
    get_default(|subscriber| !subscriber.is::<NoSubscriber>())
}
