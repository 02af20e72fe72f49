//! The soak test: sends hundreds of thousands of events to one process of a function:
//! `cargo run --release -p lambda-stream-soak`.
//!
//! Response sizes, errors, panics and slow readers are random. Their seed is printed. Each byte of each response is compared
//! with the event. At the end, the process must use as much memory and as many descriptors as after the first round. The
//! exit status is 1 if a check failed.
//!
//! | module | contents |
//! |---|---|
//! | `arguments` | the command line |
//! | `event`, `random` | the events, generated from the seed |
//! | `function` | the function: this program, if `AWS_LAMBDA_RUNTIME_API` is set |
//! | `workload`, `response_check` | events and checks on the fast mock Runtime API |
//! | `soak` | the run: rounds, resources, report |
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic,
    reason = "a command-line program prints, and its events request panics"
)]

mod arguments;
mod event;
mod function;
mod random;
mod response_check;
mod soak;
mod workload;

use std::process::ExitCode;

use arguments::Arguments;

fn main() -> ExitCode {
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return match function::run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}: the options are --invocations N, --concurrency N and --seed N");
            return ExitCode::from(2);
        }
    };
    match soak::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failures) => {
            for failure in failures {
                eprintln!("{failure}");
            }
            eprintln!("to repeat the run, pass {arguments}");
            ExitCode::FAILURE
        }
    }
}
