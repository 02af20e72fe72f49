//! Compares the responses of this crate, of `lambda_runtime` (b) and of a bare socket (c), which take turns in one run:
//! `cargo bench -p lambda-stream-bench`. Prints Markdown and asserts no time.
//!
//! `-- WORD…` measures only the rows whose name contains one of the words. `-- --quick` measures nothing and checks that
//! all responses are correct.
//!
//! | module | contents |
//! |---|---|
//! | `responses`, `tokens`, `slow_reader`, `concurrency`, `cold_start` | the measurements |
//! | `quick` | the checks of the quick mode |
//! | `report`, `machine`, `samples` | the tables, the head of the report, medians |
//! | `implementation`, `trace` | the processes under comparison, and `strace` |
//! | `workload`, `measured_response` | events and responses on the fast mock Runtime API |
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic,
    reason = "a command-line program prints"
)]

mod cold_start;
mod concurrency;
mod implementation;
mod machine;
mod measured_response;
mod quick;
mod report;
mod responses;
mod samples;
mod slow_reader;
mod tokens;
mod trace;
mod workload;

use std::process::ExitCode;

use implementation::Implementation;

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if arguments == ["--quick"] {
        return if quick::check() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    if let Some(option) = arguments.iter().find(|argument| argument.starts_with('-')) {
        eprintln!("unknown option {option}: pass `--quick` alone, or words that the names of rows contain");
        return ExitCode::FAILURE;
    }
    match measure(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures all rows, or those whose name contains one of the words.
fn measure(words: &[String]) -> Result<(), String> {
    let is_selected = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    // Before the measurements, because the machine stays busy for a while after a build.
    let examples = match is_selected(cold_start::NAME) {
        true => Some(cold_start::build()?),
        false => None,
    };
    for line in machine::describe() {
        println!("- {line}");
    }
    let benchmarks: Vec<_> = responses::all()
        .into_iter()
        .filter(|benchmark| is_selected(benchmark.name))
        .collect();
    if !benchmarks.is_empty() {
        let table = report::responses();
        for benchmark in benchmarks {
            report::response_rows(&table, benchmark.name, &benchmark.measure(&Implementation::all())?);
        }
    }
    let kinds: Vec<_> = tokens::KINDS
        .into_iter()
        .filter(|kind| is_selected(kind.name))
        .collect();
    if !kinds.is_empty() {
        let table = report::tokens();
        for kind in kinds {
            report::token_rows(&table, kind.name, &kind.measure()?);
        }
    }
    if is_selected(slow_reader::NAME) {
        report::slow_reader(&slow_reader::measure()?);
    }
    let benchmarks: Vec<_> = concurrency::all()
        .into_iter()
        .filter(|benchmark| is_selected(benchmark.name))
        .collect();
    if !benchmarks.is_empty() {
        let table = report::concurrency();
        for benchmark in benchmarks {
            report::concurrency_rows(&table, benchmark.name, &benchmark.measure()?);
        }
    }
    if let Some(examples) = examples {
        report::cold_start(&cold_start::measure(examples)?);
    }
    Ok(())
}
