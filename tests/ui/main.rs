//! What the compiler says to those who write a handler, right or wrong.
//!
//! Each file in `fail` is one misuse, and its `.stderr` all that the compiler says. The wording around the messages is
//! the compiler's own and changes with it: the snapshots are of Rust 1.95.

#[test]
fn handlers() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}
