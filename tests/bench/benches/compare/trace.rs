//! System calls, counted by `strace` in a run of their own: it makes each of them many times slower.

use std::fs;
use std::process::{Command, Stdio};

use lambda_stream_bench::Shape;

use crate::answer::Reading;
use crate::contestant::Contestant;

/// The system calls of one invocation, as the mean of so many; `None` where there is no `strace`.
pub(crate) fn system_calls(contestant: &Contestant, shape: &Shape, invocations: usize) -> Result<Option<u64>, String> {
    let found = Command::new("strace")
        .arg("-V")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        return Ok(None);
    }
    // What the start and one invocation cost is in both.
    let few = count(contestant, shape, 1)?;
    let many = count(contestant, shape, 1 + invocations)?;
    Ok(Some(
        (many.saturating_sub(few) as f64 / invocations as f64).round() as u64
    ))
}

fn count(contestant: &Contestant, shape: &Shape, invocations: usize) -> Result<u64, String> {
    let summary = std::env::temp_dir().join(format!("lambda-stream-bench-{}", std::process::id()));
    let mut command = Command::new("strace");
    command.args(["-f", "-c", "-o"]).arg(&summary).arg(&contestant.program);
    let mut running = contestant.start_as(command, None)?;
    for _ in 0..invocations {
        running.invoke(shape, Reading::Count)?;
    }
    end_of_child(running.id())?;
    running.wait()?;
    let text = fs::read_to_string(&summary).map_err(|error| format!("{}: {error}", summary.display()))?;
    let _ = fs::remove_file(&summary);
    total(&text).ok_or_else(|| format!("strace counted nothing:\n{text}"))
}

/// Ends the program that `strace` has started; `strace` then writes its summary.
fn end_of_child(strace: u32) -> Result<(), String> {
    let path = format!("/proc/{strace}/task/{strace}/children");
    let children = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let child = children.split_whitespace().next().ok_or("strace has no child")?;
    let killed = Command::new("kill").args(["-KILL", child]).status();
    killed.map(drop).map_err(|error| format!("kill: {error}"))
}

/// From the last line: `100.00    0.001234           5       246         3 total`.
fn total(summary: &str) -> Option<u64> {
    let line = summary.lines().find(|line| line.ends_with(" total"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}
