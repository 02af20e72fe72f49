//! Where and when the figures were taken, for the report's head.

use std::fs;
use std::process::Command;
use std::thread;

/// One line for each thing that moves the figures.
pub(crate) fn describe() -> Vec<String> {
    let cores = thread::available_parallelism().map_or_else(|_| "?".to_owned(), |cores| cores.to_string());
    vec![
        format!("{}, {cores} cores, Linux {}", processor(), kernel()),
        said("rustc", &["-V"]),
        format!("lambda_runtime {}", peer_version()),
        said("date", &["-u", "+%Y-%m-%d"]),
    ]
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": "));
    model.map_or("an unknown processor", |(_, model)| model).to_owned()
}

fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What a distributor appends tells a reader nothing.
    release.trim().split('-').next().unwrap_or_default().to_owned()
}

/// As the lock file has it.
fn peer_version() -> &'static str {
    include_str!("../../../../Cargo.lock")
        .split_once("name = \"lambda_runtime\"\nversion = \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("?", |(version, _)| version)
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| format!("{program}: ?"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
