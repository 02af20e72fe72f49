//! Runs a function under callgrind, and counts its instructions.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use test_support::fast_runtime_api::FastRuntimeApi;

use crate::shapes::{Load, Shape};
use crate::workload::Events;

/// The time after which a process counts as blocked. It takes a few seconds.
const TIMEOUT: Duration = Duration::from_secs(120);

/// callgrind, and the library that stops the clocks of a function.
pub(crate) struct Callgrind {
    folder: PathBuf,
    fixed_clock: PathBuf,
}

impl Callgrind {
    /// Compiles the library. `folder` holds it, and the output of callgrind.
    pub(crate) fn new(folder: &Path) -> Result<Self, String> {
        let callgrind = Self {
            folder: folder.to_owned(),
            fixed_clock: folder.join("fixed_clock.so"),
        };
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions/fixed_clock.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O2", "-o"]);
        compiler.arg(&callgrind.fixed_clock).arg(source);
        let status = compiler
            .status()
            .map_err(|error| format!("failed to run `cc`: {error}"))?;
        match status.success() {
            true => Ok(callgrind),
            false => Err(format!("`cc` failed to compile {source}")),
        }
    }

    /// Returns the number of instructions of one unit of the shape.
    pub(crate) fn count(&self, shape: &Shape) -> Result<u64, String> {
        let [low, high] = [shape.low, shape.high].map(|load| self.total(shape, load));
        let (low, high) = (low?, high?);
        let difference = high.checked_sub(low).ok_or("the larger load has fewer instructions")?;
        Ok(difference / shape.units() as u64)
    }

    /// Returns the number of instructions of a whole process.
    fn total(&self, shape: &Shape, load: Load) -> Result<u64, String> {
        let failed =
            |error: io::Error| format!("failed to run a function under valgrind, which this check requires: {error}");
        let lambda = FastRuntimeApi::start(Arc::new(Events::new(shape.kind, load))).map_err(failed)?;
        let output = self.folder.join("callgrind.out");
        let errors = self.folder.join("stderr");
        let mut command = Command::new("valgrind");
        command
            .arg("--tool=callgrind")
            .arg(format!("--callgrind-out-file={}", output.display()))
            .arg(shape.program)
            .env_clear()
            .env("LD_PRELOAD", &self.fixed_clock)
            .env("AWS_LAMBDA_RUNTIME_API", lambda.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", "instructions")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/instructions")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "instructions")
            .env("AWS_REGION", "eu-central-1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&errors).map_err(failed)?);
        let child = command.spawn().map_err(failed)?;
        lambda.workload().started(child.id());
        let status = wait(child).map_err(failed)?;
        // The function exits with an error, because the Runtime API closes its connections.
        lambda.workload().check().map_err(|error| {
            let errors = fs::read_to_string(&errors).unwrap_or_default();
            format!("{} ({status}): {error}\n{errors}", shape.program)
        })?;
        let output = fs::read_to_string(output).map_err(failed)?;
        totals(&output).ok_or_else(|| "the output of callgrind has no line `totals:`".to_owned())
    }
}

/// Waits for the exit of a process, and kills it after the timeout.
fn wait(mut child: Child) -> io::Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > TIMEOUT {
            child.kill()?;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn totals(output: &str) -> Option<u64> {
    let totals = output.lines().find_map(|line| line.strip_prefix("totals:"))?;
    totals.trim().parse().ok()
}
