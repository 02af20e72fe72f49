//! Functions whose handlers fail with errors of different types. The variable `ERROR` selects one. If the event is `true`,
//! the handler writes `one` before it fails.
#![allow(clippy::panic, reason = "an unknown selection is a bug in the test")]

use std::{env, fmt, io};

use lambda_stream::{ResponseStream, RuntimeError, run};

/// A type whose name consists of `Error` only.
#[derive(Debug)]
struct Error;

#[derive(Debug)]
#[allow(non_camel_case_types, reason = "the name contains an underscore on purpose")]
struct Upstream2_Gone;

macro_rules! impl_error {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no such order")
            }
        }

        impl std::error::Error for $type {}
    )*};
}
impl_error!(Error Upstream2_Gone);

async fn fail<E>(write_first: bool, mut stream: ResponseStream, error: E) -> Result<(), E> {
    if write_first && let Err(error) = stream.send("one").await {
        panic!("{error}");
    }
    Err(error)
}

async fn crate_error(write_first: bool, stream: ResponseStream) -> Result<(), serde_json::Error> {
    match serde_json::from_str::<u8>("seven") {
        Ok(number) => panic!("seven is {number}"),
        Err(error) => fail(write_first, stream, error).await,
    }
}

async fn std_error(write_first: bool, stream: ResponseStream) -> Result<(), io::Error> {
    fail(write_first, stream, io::Error::other("disk full")).await
}

async fn own_error(write_first: bool, stream: ResponseStream) -> Result<(), Error> {
    fail(write_first, stream, Error).await
}

async fn digit_and_underscore(write_first: bool, stream: ResponseStream) -> Result<(), Upstream2_Gone> {
    fail(write_first, stream, Upstream2_Gone).await
}

async fn static_str(write_first: bool, stream: ResponseStream) -> Result<(), &'static str> {
    fail(write_first, stream, "no such order").await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    match env::var("ERROR").as_deref() {
        Ok("crate_error") => run(crate_error).await,
        Ok("std_error") => run(std_error).await,
        Ok("own_error") => run(own_error).await,
        Ok("digit_and_underscore") => run(digit_and_underscore).await,
        Ok("static_str") => run(static_str).await,
        selection => panic!("unknown error: {selection:?}"),
    }
}
