//! The panic of a test that is wrong: an assertion that fails, or an argument that is invalid.

use std::fmt::Display;

/// Panics, at the location of the test's call.
#[expect(clippy::panic, reason = "a test that is wrong must fail")]
#[track_caller]
pub(super) fn misuse(message: impl Display) -> ! {
    panic!("{message}")
}
