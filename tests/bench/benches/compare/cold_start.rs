//! The cold start: the time from the creation of a process to its first `next`, its memory then, and the size of its binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::implementation::{BEFORE, Implementation};
use crate::rotation::{self, Row};
use crate::samples::Samples;

pub(crate) const NAME: &str = "cold start and size";

const TURNS: usize = 100;

/// The measurements of one implementation. Memory and size are in KiB.
pub(crate) struct Measured {
    implementation: Implementation,
    pub(crate) start: Samples,
    pub(crate) idle: u64,
    pub(crate) size: u64,
}

/// The features with which the example `hello` is built.
const FEATURES: [(&str, &str); 7] = [
    ("`hello`, default features", "local,logging,multi-thread"),
    ("`hello`, no features", ""),
    ("`hello`, `local`", "local"),
    ("`hello`, `logging`", "logging"),
    ("`hello`, `multi-thread`", "multi-thread"),
    ("`hello`, `metrics`", "metrics"),
    ("`hello`, `logging` and `otel`", "logging,otel"),
];

/// Builds the example `hello` in release mode, with different features. Another build has one, with the features that it
/// was built with.
pub(crate) fn build(before: Option<&Path>) -> Result<Vec<Implementation>, String> {
    let mut all = Vec::new();
    for (name, features) in FEATURES {
        all.push(Implementation::new(name, hello(features)?));
    }
    let before = before.map(|directory| directory.join("hello"));
    let before = before.filter(|program| program.exists());
    all.extend(before.map(|program| Implementation::new(&format!("`hello`{BEFORE}"), program)));
    all.push(Implementation::lambda_runtime());
    all.push(Implementation::baseline());
    Ok(all)
}

/// Measures implementations, which take turns.
pub(crate) fn measure(implementations: Vec<Implementation>) -> Vec<Row<Measured>> {
    let mut rows = rotation::rows(implementations, |implementation| {
        let file = fs::metadata(&implementation.program).map_err(|error| error.to_string())?;
        Ok(Measured {
            implementation,
            start: Samples::default(),
            idle: 0,
            size: file.len() / 1024,
        })
    });
    rotation::turns(&mut rows, TURNS, |measured| {
        let running = measured.implementation.start()?;
        measured.start.push(running.start);
        measured.idle = running.resident_memory()?;
        Ok(())
    });
    rows
}

/// Builds the example separately, so that the features of other packages are not enabled in it.
fn hello(features: &str) -> Result<PathBuf, String> {
    // The example is built into the same directory as the implementations: `target/release`.
    let built = Path::new(env!("CARGO_BIN_EXE_bare_socket")).with_file_name("hello");
    let target = built.ancestors().nth(2).ok_or("no target directory")?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "build",
            "--quiet",
            "--release",
            "-p",
            "lambda-stream-examples",
            "--bin",
            "hello",
            "--no-default-features",
            "--features",
            features,
        ])
        .arg("--target-dir")
        .arg(target);
    match cargo.status() {
        Ok(status) if status.success() => {}
        failed => return Err(format!("failed to build the example: {failed:?}")),
    }
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hello-{}", features.replace(',', "-")));
    fs::copy(&built, &copy).map_err(|error| format!("{}: {error}", built.display()))?;
    Ok(copy)
}
