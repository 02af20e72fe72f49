//! The implementation of the attribute [`#[lambda_stream::main]`](macro@main).
//!
//! The crate `lambda-stream` re-exports and documents the attribute. Depend on [`lambda-stream`], not on this crate: the
//! generated code uses private items of the `lambda-stream` release with the same version.
//!
//! [`lambda-stream`]: https://docs.rs/lambda-stream
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod args;
mod check;
mod compiler;
mod expand;
mod parse;
mod spelled;
mod types;

use proc_macro::TokenStream;

// rustdoc appends this text to the documentation of the re-export.
/// Implements `#[lambda_stream::main]`, which turns an async function into a Lambda function. The crate `lambda-stream`
/// documents it: see [`lambda_stream::main`].
///
/// [`lambda_stream::main`]: https://docs.rs/lambda-stream/latest/lambda_stream/attr.main.html
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, function: TokenStream) -> TokenStream {
    let compiler = compiler::CompilerArguments::of_process();
    expand::main(arguments.into(), function.into(), &compiler).into()
}
