//! One process of a function answers invocations by the hundred thousand: `cargo run --release -p lambda-stream-soak`.
//!
//! Sizes, errors, panics and slow readers come at random, from a seed that is printed. Each byte of each answer is
//! compared with what its event asked for; at the end the process must be as large as it was near the beginning. The
//! exit status is 1 where anything was otherwise.
//!
//! | module | is |
//! |---|---|
//! | `arguments` | the command line |
//! | `event`, `random` | what an invocation is to do, made from the seed |
//! | `function` | the function: this program, where it finds a Runtime API |
//! | `lambda`, `connection`, `checked` | the stand-in Runtime API, which is fast, and what it expects of an answer |
//! | `soak` | the run: rounds, measures, the report |
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic,
    reason = "this is what it is for"
)]

mod arguments;
mod checked;
// Two files that the benchmark has as well.
#[path = "../../bench/benches/compare/chunked.rs"]
mod chunked;
mod connection;
mod event;
mod function;
mod lambda;
#[path = "../../bench/benches/compare/process.rs"]
mod process;
mod random;
mod soak;

use std::process::ExitCode;

use arguments::Arguments;

fn main() -> ExitCode {
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return function::run();
    }
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}: there are --invocations N, --at-once N and --seed N");
            return ExitCode::from(2);
        }
    };
    match soak::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(breaches) => {
            for breach in breaches {
                eprintln!("{breach}");
            }
            eprintln!("again: {arguments}");
            ExitCode::FAILURE
        }
    }
}
