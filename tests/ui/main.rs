//! Compile-time tests: which handlers compile, and the compiler's output for those that do not.
//!
//! Each folder in `src/bin` is one misuse: `wrong.rs`, and `wrong.stderr`, which is the complete output of the compiler. The output depends
//! on the version of the compiler, so it is compared with one version only. In continuous integration (`CI` is set) it is
//! always compared, so that a new compiler version is noticed.
//!
//! `TRYBUILD=overwrite` rewrites the `.stderr` files.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "test code panics on failure and prints what it compared"
)]

mod catalogue;
mod corrected;
mod diagnostics;
mod diff;
mod page;
mod verdicts;

use std::process::Command;

/// The version of the compiler that wrote the `.stderr` files.
const STDERR_VERSION: &str = "rustc 1.95.";

#[test]
fn valid_handlers_compile() {
    trybuild::TestCases::new().pass("pass/*.rs");
}

#[test]
fn invalid_handlers_report_expected_errors() {
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()))
        .arg("--version")
        .output();
    let version = String::from_utf8(output.expect("failed to run the compiler").stdout).expect("version is not UTF-8");
    if version.starts_with(STDERR_VERSION) || std::env::var_os("CI").is_some() {
        trybuild::TestCases::new().compile_fail("src/bin/*/wrong.rs");
    } else {
        println!("skipped: the .stderr files require {STDERR_VERSION}x, found {version}");
    }
}
