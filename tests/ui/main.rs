//! What the compiler says to those who write a handler, right or wrong.
//!
//! Each file in `fail` is one misuse, and its `.stderr` all that the compiler says. The wording around the messages is
//! the compiler's own and changes with it, so they are compared with one version only, and in continuous integration,
//! which has to notice when that version is no longer the one in use.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "this is how a test fails, and how it says why it does not compare"
)]

use std::process::Command;

/// The compiler that wrote the snapshots.
const SNAPSHOTS_OF: &str = "rustc 1.95.";

#[test]
fn right_handlers_compile() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}

#[test]
fn each_misuse_is_told_at_its_place() {
    let version = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()))
        .arg("--version")
        .output();
    let version = String::from_utf8(version.expect("a compiler").stdout).expect("its version");
    if version.starts_with(SNAPSHOTS_OF) || std::env::var_os("CI").is_some() {
        trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
    } else {
        println!("not compared: the snapshots are of {SNAPSHOTS_OF}x, and this is {version}");
    }
}
