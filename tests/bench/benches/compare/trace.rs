//! System calls, counted with `strace` in a separate run, because `strace` makes each call many times slower.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::implementation::Implementation;
use crate::measured_response::ReadMode;
use crate::running::{Running, Start};
use crate::workload::TestEvent;

/// The time to wait for a response. One with 300,000 system calls takes half a minute on an idle machine.
const LIMIT: Duration = Duration::from_secs(300);

/// Returns the mean number of system calls per invocation, or `None` without `strace`.
pub(crate) fn system_calls(
    implementation: &Implementation,
    event: &TestEvent,
    invocations: usize,
) -> Result<Option<u64>, String> {
    let version = Command::new("strace")
        .arg("-V")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !version.is_ok_and(|status| status.success()) {
        return Ok(None);
    }
    // Both counts include the start of the process and one invocation.
    let few = count(implementation, event, 1)?;
    let many = count(implementation, event, 1 + invocations)?;
    Ok(Some(
        (many.saturating_sub(few) as f64 / invocations as f64).round() as u64
    ))
}

fn count(implementation: &Implementation, event: &TestEvent, invocations: usize) -> Result<u64, String> {
    let summary = std::env::temp_dir().join(format!("lambda-stream-bench-{}", std::process::id()));
    let mut strace = Command::new("strace");
    strace.args(["-f", "-c", "-o"]).arg(&summary);
    let start = Start {
        front: Some(strace),
        concurrency: None,
        limit: LIMIT,
    };
    let mut running = Running::start(implementation, start)?;
    for _ in 0..invocations {
        running.invoke(event, ReadMode::Count)?;
    }
    kill_child(running.id())?;
    running.wait_for_exit()?;
    let text = fs::read_to_string(&summary).map_err(|error| format!("{}: {error}", summary.display()))?;
    let _ = fs::remove_file(&summary);
    total(&text).ok_or_else(|| format!("no total in the summary of strace:\n{text}"))
}

/// Kills the program that `strace` runs, after which `strace` writes its summary.
fn kill_child(strace: u32) -> Result<(), String> {
    let path = format!("/proc/{strace}/task/{strace}/children");
    let children = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let child = children.split_whitespace().next().ok_or("strace has no child")?;
    let killed = Command::new("kill").args(["-KILL", child]).status();
    killed.map(drop).map_err(|error| format!("kill: {error}"))
}

/// Returns the total in the last line: `100.00    0.001234           5       246         3 total`.
fn total(summary: &str) -> Option<u64> {
    let line = summary.lines().find(|line| line.ends_with(" total"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}
