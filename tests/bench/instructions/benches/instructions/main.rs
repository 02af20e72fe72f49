//! Counts the instructions of invocations and writes with callgrind, and compares them with the recorded counts:
//! `cargo bench --profile instructions -p lambda-stream-instructions`. With `-- --update` it records them instead.
//!
//! A function runs twice, with two loads. The difference does not contain the start of the process.
//!
//! | module | contents |
//! |---|---|
//! | `shapes` | what is counted |
//! | `callgrind`, `workload` | a function under callgrind, its events, and the check of its responses |
//! | `record` | the file with the counts |
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program prints")]

mod callgrind;
mod record;
mod shapes;
mod workload;

use std::path::Path;
use std::process::ExitCode;

use callgrind::Callgrind;
use record::Record;
use shapes::SHAPES;

/// The folder of the profile with which the counts are recorded. Other profiles have other counts.
const PROFILE: &str = "instructions";

/// The command that records the counts.
const UPDATE: &str = "cargo bench --profile instructions -p lambda-stream-instructions -- --update";

/// How much a count may exceed the recorded one, in percent.
const LIMIT: u64 = 5;

/// The same for another compiler than the recorded one, whose optimizations differ.
const LIMIT_OTHER_COMPILER: u64 = 20;

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => check(),
        ["--update"] => update(),
        _ => Err(format!("unknown arguments {arguments:?}: pass `--update`, or none")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Counts the instructions of all shapes.
fn count() -> Result<Record, String> {
    let programs = Path::new(SHAPES[0].program).parent();
    if programs.and_then(Path::file_name) != Some(PROFILE.as_ref()) {
        return Err(format!(
            "add `--profile {PROFILE}`: the recorded counts are those of this profile"
        ));
    }
    let callgrind = Callgrind::new(Path::new(env!("CARGO_TARGET_TMPDIR")))?;
    let mut counts = Vec::new();
    for shape in &SHAPES {
        let count = callgrind
            .count(shape)
            .map_err(|error| format!("{}: {error}", shape.name))?;
        counts.push((shape.name.to_owned(), count));
    }
    Record::new(counts)
}

fn update() -> Result<(), String> {
    let record = count()?;
    for (name, count) in &record.counts {
        println!("{name}: {count}");
    }
    record.write()
}

fn check() -> Result<(), String> {
    let recorded = Record::read()?;
    let counted = count()?;
    let is_same_compiler = counted.compiler == recorded.compiler;
    let limit = match is_same_compiler {
        true => LIMIT,
        false => LIMIT_OTHER_COMPILER,
    };
    let mut errors = Vec::new();
    for (name, count) in &counted.counts {
        let Some(before) = recorded.count(name) else {
            errors.push(format!("{name}: {} has no count", record::NAME));
            continue;
        };
        let change = (*count as f64 / before as f64 - 1.0) * 100.0;
        println!("{name}: {count}, recorded {before} ({change:+.1} %)");
        if *count * 100 > before * (100 + limit) {
            errors.push(format!(
                "{name}: grew from {before} to {count} instructions, by more than {limit} %"
            ));
        }
    }
    if counted.architecture != recorded.architecture {
        println!(
            "not compared: {} has the counts of {}, not of {}",
            record::NAME,
            recorded.architecture,
            counted.architecture
        );
        return Ok(());
    }
    if !is_same_compiler {
        println!(
            "the limit is {limit} %, because {} has the counts of {}, not of {}; to record them for a new compiler, run \
             `{UPDATE}` before the change to be checked",
            record::NAME,
            recorded.compiler,
            counted.compiler
        );
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{}\nif the growth is intended, run `{UPDATE}` and commit {} with the reason",
            errors.join("\n"),
            record::NAME
        )),
    }
}
