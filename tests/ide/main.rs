//! Tests what tools say about annotated functions: the lints of the compiler and of Clippy, and the pages of rustdoc.
//!
//! The functions in `functions` are those of `check`, which runs rust-analyzer. Each is compiled twice in most tests: as
//! it is, and without the attribute.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "test code panics on failure and prints why it is skipped"
)]

mod lints;
mod package;
mod rustdoc;
