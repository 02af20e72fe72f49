//! Compile-time tests: handlers that compile, and a catalogue of misuses.
//!
//! # Valid handlers
//! Each file in `pass` compiles.
//!
//! # The catalogue
//! Each folder in `examples` is one misuse, and is named after what is wrong, as in `state_by_value`:
//!
//! | file | contents |
//! |---|---|
//! | `wrong.rs` | what a user might write |
//! | `wrong.stderr` | the complete output of the compiler for it |
//! | `main.rs` | the corrected version, which follows the output literally and changes nothing else |
//!
//! The output depends on the version of the compiler, so it is compared with one version only. In continuous integration
//! (`CI` is set) it is always compared, so that a new compiler version is noticed. `TRYBUILD=overwrite` rewrites it.
//!
//! The corrected versions are examples of the package: cargo builds each once, and `cargo test -p lambda-stream-ui-tests`
//! builds them before it runs the tests.
//!
//! The tests read comments at the head of both files. A long value continues on the next line of the comment.
//!
//! ```text
//! // The stream is taken by mutable reference.      what the user wrote or believed, in one sentence
//! // group: parameters                              the section of the error page
//! // marked: &mut ResponseStream                    the text that the error underlines
//! // write: mut stream: ResponseStream              the text in the error that says what to write
//! // verdict: yes, yes, yes                         the answers to three questions
//! ```
//!
//! The groups are those of [`catalogue::GROUPS`]. The questions are those of [`verdicts::QUESTIONS`]: whether the error
//! underlines what must change and nothing else, whether its text says what to write in the names of the program, and
//! whether it is the only error. A `no` has a reason: `no (rustc marks the whole call)`.
//!
//! - A file with several mistakes has one `marked:` and `write:` per error, in order. Warnings count.
//! - Several underlined places are joined by ` … `. A span over several lines is written in one line, with one space for
//!   each run of white space. `marked: nothing` stands for an error without a span in this file, and for one
//!   behind the end of a line.
//! - The text of `write:` occurs in the error, outside of the lines that the compiler quotes, and in `main.rs`. Backquotes
//!   are ignored. A text that starts with `remove` need not be in `main.rs`.
//!
//! The comments of `main.rs` say how the test invokes it and what it then does:
//!
//! ```text
//! // event: {"name":"Ada"}                           the event in one line; by default `{}`
//! // request: POST /orders?id=7 {"quantity":1}       or the event of a Function URL: method, target, body
//! // env: TABLE=orders                               an environment variable; may occur several times
//! // response: data: Ada\n\n                         the body; `\n`, `\t`, `\r`, `\"` and `\\` are escapes
//! // status: 404                                     the status in the prelude; not compared without this line
//! // error: Order.NotFound                           or the type of the error that the function reports
//! // init error: Function.ConfigError                or of the error of its `init`
//! ```
//!
//! `tests/ui/show` prints misuses for a reader. The error page of the documentation is generated from the catalogue.
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
mod packages;
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
        trybuild::TestCases::new().compile_fail("examples/*/wrong.rs");
    } else {
        println!("skipped: the .stderr files require {STDERR_VERSION}x, found {version}");
    }
}
