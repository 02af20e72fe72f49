//! The machine and the versions with which the report was made.

use std::fs;
use std::process::Command;
use std::thread;

use crate::adapter;

/// Returns the lines at the head of the report.
pub(crate) fn describe() -> Vec<String> {
    let cores = thread::available_parallelism().map_or_else(|_| "?".to_owned(), |cores| cores.to_string());
    vec![
        format!("{}, {cores} cores, Linux {}", processor(), kernel()),
        output_of("rustc", &["-V"]),
        format!(
            "lambda_runtime {}, lambda_http {}, lambda_web_adapter {}",
            version("lambda_runtime"),
            version("lambda_http"),
            adapter::VERSION
        ),
        output_of("date", &["-u", "+%Y-%m-%d"]),
    ]
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": "));
    model.map_or("unknown processor", |(_, model)| model).to_owned()
}

/// Returns the version of the kernel without the suffix of the distribution.
fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    release.trim().split('-').next().unwrap_or_default().to_owned()
}

/// Returns the version of a package in the lock file.
fn version(package: &str) -> &'static str {
    include_str!("../../../../Cargo.lock")
        .split_once(&format!("name = \"{package}\"\nversion = \""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("?", |(version, _)| version)
}

fn output_of(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| format!("{program}: ?"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
