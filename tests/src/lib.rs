//! The handler that several functions under test share, and the Rust blocks of the guides in `docs/` as documentation
//! tests. Each block is a complete program.

pub mod scripted;

#[cfg(doctest)]
#[doc = include_str!("../../docs/coming-from-lambda-runtime.md")]
pub mod coming_from_lambda_runtime {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/coming-from-lambda-web-adapter.md")]
pub mod coming_from_lambda_web_adapter {}
