//! From a process's creation to its first question for an event; its memory then, and the size of its program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::contestant::Contestant;
use crate::process;
use crate::statistic::Seen;

pub(crate) const NAME: &str = "cold start and size";

const TURNS: usize = 100;

/// What was seen of one contestant; memory and size in KiB.
pub(crate) struct Measured {
    pub(crate) contestant: Contestant,
    pub(crate) start: Seen,
    pub(crate) idle: u64,
    pub(crate) size: u64,
}

/// Builds this crate's contestants: the example `hello`, as it would be deployed, with the feature `local` and without.
pub(crate) fn build() -> Result<[Contestant; 2], String> {
    Ok([
        Contestant::new("`hello` with `local`", hello(true)?),
        Contestant::new("`hello` without `local`", hello(false)?),
    ])
}

/// Starts each contestant in turn.
pub(crate) fn measure(examples: [Contestant; 2]) -> Result<Vec<Measured>, String> {
    let contestants = examples.into_iter().chain([Contestant::peer(), Contestant::floor()]);
    let mut all = Vec::new();
    for contestant in contestants {
        let bytes = fs::metadata(&contestant.program)
            .map_err(|error| error.to_string())?
            .len();
        all.push(Measured {
            contestant,
            start: Seen::default(),
            idle: 0,
            size: bytes / 1024,
        });
    }
    for _ in 0..TURNS {
        for measured in &mut all {
            let running = measured.contestant.start()?;
            measured.start.push(running.start);
            measured.idle = process::memory(running.id(), "VmRSS")?;
        }
    }
    Ok(all)
}

/// Builds the example by itself, so that it has no features that only its neighbours here want.
fn hello(local: bool) -> Result<PathBuf, String> {
    // Beside which the contestants lie: `target/release`.
    let built = Path::new(env!("CARGO_BIN_EXE_floor")).with_file_name("hello");
    let target = built.ancestors().nth(2).ok_or("there is no target directory")?;
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
        ])
        .arg("--target-dir")
        .arg(target);
    if !local {
        cargo.arg("--no-default-features");
    }
    match cargo.status() {
        Ok(status) if status.success() => {}
        failed => return Err(format!("the example did not build: {failed:?}")),
    }
    let name = if local { "hello-local" } else { "hello-lambda" };
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::copy(&built, &copy).map_err(|error| format!("{}: {error}", built.display()))?;
    Ok(copy)
}
