//! Replaced in a later commit.
fn main() {}
