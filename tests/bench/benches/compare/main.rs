//! Compares the responses of this crate, of `lambda_runtime` (b) and of a bare socket (c), and an axum application on this
//! crate, on `lambda_http` (d) and behind AWS Lambda Web Adapter (e). They take turns in one run:
//! `cargo bench -p lambda-stream-bench`. Prints Markdown and asserts no time.
//!
//! `-- WORD…` measures only the rows whose name contains one of the words. `-- --before DIRECTORY` also measures the
//! programs of `lambda-stream` in this directory, from another build. `-- --quick` measures nothing and checks that all
//! responses are correct, or those of the rows with one of the words.
//!
//! | module | contents |
//! |---|---|
//! | `responses`, `tokens`, `slow_reader`, `concurrency`, `cold_start` | the measurements |
//! | `quick` | the checks of the quick mode |
//! | `report`, `machine`, `samples` | the tables, the head of the report, medians and percentiles |
//! | `implementation`, `adapter` | the programs under comparison |
//! | `running`, `rotation`, `trace` | their processes, the turns that they take, and `strace` |
//! | `workload`, `measured_response` | events and responses on the fast mock Runtime API |
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic,
    reason = "a command-line program prints"
)]

mod adapter;
mod cold_start;
mod concurrency;
mod implementation;
mod machine;
mod measured_response;
mod quick;
mod report;
mod responses;
mod rotation;
mod running;
mod samples;
mod slow_reader;
mod tokens;
mod trace;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use implementation::Implementation;
use report::{ConcurrencyTable, LargeEventTable, Report, TokenTable};
use responses::ResponseBenchmark;

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let run = Selection::parse(arguments).and_then(|selection| match selection.quick {
        true => quick::check(&selection),
        false => selection.measure(),
    });
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What is measured.
struct Selection {
    /// Words of which the name of a row contains one. Without words, all rows are measured.
    words: Vec<String>,
    /// The directory with the programs of another build.
    before: Option<PathBuf>,
    /// Whether nothing is measured.
    quick: bool,
}

impl Selection {
    fn parse(arguments: Vec<String>) -> Result<Self, String> {
        let mut selection = Self {
            words: Vec::new(),
            before: None,
            quick: false,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            if argument == "--before" {
                let directory = PathBuf::from(arguments.next().unwrap_or_default());
                // Cargo runs a benchmark in the directory of its package, where a relative path is rarely right.
                if !directory.join("lambda_stream_write").exists() {
                    return Err(format!(
                        "no program `lambda_stream_write` in {}: pass `--before` the absolute path of a directory such as \
                         `target/release`",
                        directory.display()
                    ));
                }
                selection.before = Some(directory);
            } else if argument == "--quick" {
                selection.quick = true;
            } else if argument.starts_with('-') {
                return Err(format!(
                    "unknown option {argument}: pass `--quick`, `--before DIRECTORY`, or words that the names of rows contain"
                ));
            } else {
                selection.words.push(argument);
            }
        }
        Ok(selection)
    }

    fn contains(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }

    /// Returns the selected kinds.
    fn of<T>(&self, all: impl IntoIterator<Item = T>, name: impl Fn(&T) -> &'static str) -> Vec<T> {
        all.into_iter().filter(|one| self.contains(name(one))).collect()
    }

    /// Copies the programs, and adds those of the other build.
    fn prepare(&self, implementations: Vec<Implementation>) -> Result<Vec<Implementation>, String> {
        Implementation::prepare(implementations, self.before.as_deref())
    }

    /// Measures the selected rows and prints the tables.
    fn measure(&self) -> Result<(), String> {
        let name = |benchmark: &ResponseBenchmark| benchmark.name;
        let responses = self.of(responses::responses(), name);
        let buffers = self.of(responses::buffers(), name);
        let axum = self.of(responses::axum(), name);
        let large_events = self.of(responses::large_events(), name);
        let (axum_tokens, tokens): (Vec<_>, Vec<_>) = self
            .of(tokens::KINDS, |kind| kind.name)
            .into_iter()
            .partition(|kind| kind.is_axum);
        let concurrency = self.of(concurrency::all(), |benchmark| benchmark.name);

        // Before the measurements, because the machine stays busy for a while after a build.
        let cold_starts = match self.contains(cold_start::NAME) {
            true => Some(cold_start::build(self.before.as_deref())?),
            false => None,
        };
        let adapter = match axum.is_empty() && axum_tokens.is_empty() {
            true => adapter::installed(),
            // If it fails, the rows of the adapter have the reason.
            false => adapter::install(),
        };

        for line in machine::describe() {
            println!("- {line}");
        }
        let mut report = Report::default();
        let tables = [
            (responses, report::responses as fn() -> _),
            (buffers, report::buffers),
            (axum, report::axum),
        ];
        for (benchmarks, begin) in tables {
            if benchmarks.is_empty() {
                continue;
            }
            let mut tables = begin();
            for benchmark in benchmarks {
                let implementations = self.prepare(benchmark.subject.implementations(&adapter))?;
                tables.rows(&mut report, benchmark.name, &benchmark.measure(implementations));
            }
            tables.end();
        }
        for kinds in [tokens, axum_tokens] {
            let Some(first) = kinds.first() else { continue };
            let table = TokenTable::begin(first.is_axum);
            for kind in kinds {
                let implementations = self.prepare(kind.implementations(&adapter))?;
                report.tokens(kind.name, &table, &kind.measure(implementations));
            }
        }
        if !large_events.is_empty() {
            let table = LargeEventTable::begin();
            for benchmark in large_events {
                let implementations = self.prepare(benchmark.subject.implementations(&adapter))?;
                report.large_events(&table, benchmark.name, &benchmark.measure(implementations));
            }
        }
        if self.contains(slow_reader::NAME) {
            report::slow_reader(&slow_reader::measure(self.prepare(Implementation::all())?));
        }
        if !concurrency.is_empty() {
            let table = ConcurrencyTable::begin();
            for benchmark in concurrency {
                let implementations = self.prepare(Implementation::concurrent())?;
                report.concurrency(&table, benchmark.name, &benchmark.measure(&implementations));
            }
        }
        if let Some(implementations) = cold_starts {
            report.cold_start(&cold_start::measure(Implementation::prepare(implementations, None)?));
        }
        report.both_builds();
        Ok(())
    }
}
