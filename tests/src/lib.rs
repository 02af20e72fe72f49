//! Compiles the Rust blocks of the guides in `docs/` as documentation tests.

#[cfg(doctest)]
#[doc = include_str!("../../docs/coming-from-lambda-runtime.md")]
pub mod coming_from_lambda_runtime {}
