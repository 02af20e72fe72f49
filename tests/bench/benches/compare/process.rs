//! What the operating system knows of a process: Linux, by its `/proc`.

use std::fs;
use std::time::Duration;

/// The processor time of all its threads so far.
pub(crate) fn processor_time(id: u32) -> Result<Duration, String> {
    let mut sum = Duration::ZERO;
    let tasks = format!("/proc/{id}/task");
    for task in fs::read_dir(&tasks)
        .map_err(|error| format!("{tasks}: {error}"))?
        .flatten()
    {
        // A thread may end meanwhile.
        let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else {
            continue;
        };
        let nanoseconds = text.split(' ').next().and_then(|field| field.parse().ok());
        sum += Duration::from_nanos(nanoseconds.unwrap_or(0));
    }
    Ok(sum)
}

/// Its memory in KiB, by the name of the line in `status`: `VmRSS` now, `VmHWM` at most so far.
pub(crate) fn memory(id: u32, line: &str) -> Result<u64, String> {
    let path = format!("/proc/{id}/status");
    let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    status
        .lines()
        .find_map(|found| found.strip_prefix(line)?.strip_prefix(':'))
        .and_then(|value| value.trim().strip_suffix(" kB")?.parse().ok())
        .ok_or_else(|| format!("{path} has no {line}"))
}
