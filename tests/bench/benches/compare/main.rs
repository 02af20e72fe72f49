//! The same answers by this crate, by `lambda_runtime` (b) and by a bare socket (c), in turn, in one run:
//! `cargo bench -p lambda-stream-bench`. It prints Markdown and asserts no time.
//!
//! `-- WORD…` measures only what has one of these words in its name. `-- --quick` measures nothing: it checks that all
//! give the same answers, and that these are right.
//!
//! | module | is |
//! |---|---|
//! | `answers`, `tokens`, `slow`, `at_once`, `cold_start` | what is measured, a topic each |
//! | `quick` | what is checked |
//! | `report`, `machine`, `statistic` | tables, their head, medians |
//! | `contestant`, `process`, `trace` | processes that take part, and what the operating system knows of them |
//! | `lambda`, `request`, `chunked`, `answer` | the stand-in Runtime API |
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic,
    reason = "this is what it is for"
)]

mod answer;
mod answers;
mod at_once;
mod chunked;
mod cold_start;
mod contestant;
mod lambda;
mod machine;
mod process;
mod quick;
mod report;
mod request;
mod slow;
mod statistic;
mod tokens;
mod trace;

use std::process::ExitCode;

use contestant::Contestant;

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
        eprintln!("{option} is no option: there is `--quick`, alone, and words that names contain");
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

/// All topics, or those whose name contains one of the words.
fn measure(words: &[String]) -> Result<(), String> {
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    // Before anything is measured: a build leaves the machine busy for a while.
    let examples = match wanted(cold_start::NAME) {
        true => Some(cold_start::build()?),
        false => None,
    };
    for line in machine::describe() {
        println!("- {line}");
    }
    let asked: Vec<_> = answers::all().into_iter().filter(|asked| wanted(asked.name)).collect();
    if !asked.is_empty() {
        let table = report::answers();
        for asked in asked {
            report::answer(&table, asked.name, &asked.measure(&Contestant::all())?);
        }
    }
    let kinds: Vec<_> = tokens::KINDS.into_iter().filter(|kind| wanted(kind.name)).collect();
    if !kinds.is_empty() {
        let table = report::tokens();
        for kind in kinds {
            report::token(&table, kind.name, &kind.measure()?);
        }
    }
    if wanted(slow::NAME) {
        report::slow(&slow::measure()?);
    }
    let all: Vec<_> = at_once::all()
        .into_iter()
        .filter(|events| wanted(events.name))
        .collect();
    if !all.is_empty() {
        let table = report::at_once();
        for events in all {
            report::events(&table, events.name, &events.measure()?);
        }
    }
    if let Some(examples) = examples {
        report::cold_start(&cold_start::measure(examples)?);
    }
    Ok(())
}
