//! The implementations under comparison, and a running process of one.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lambda_stream_bench::ResponseSpec;
use test_support::Resources;

use crate::measured_response::{MeasuredResponse, ReadMode};
use crate::workload::{PendingInvocation, RuntimeApi};

/// The name of `lambda_runtime` in the report. Ratios compare with it.
pub(crate) const LAMBDA_RUNTIME: &str = "`lambda_runtime` (b)";

/// The name of the baseline in the report. Ratios compare with it.
pub(crate) const BASELINE: &str = "bare socket (c)";

/// A program under comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Implementation {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
}

impl Implementation {
    pub(crate) fn new(name: &'static str, program: impl AsRef<Path>) -> Self {
        Self {
            name,
            program: program.as_ref().to_owned(),
        }
    }

    /// Returns all implementations: `lambda-stream` with each API, `lambda_runtime`, and the baseline.
    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self::new("write, one thread", env!("CARGO_BIN_EXE_lambda_stream_write")),
            Self::new(
                "write, several threads",
                env!("CARGO_BIN_EXE_lambda_stream_write_multi"),
            ),
            Self::new("items, one thread", env!("CARGO_BIN_EXE_lambda_stream_items")),
            Self::new(
                "items, several threads",
                env!("CARGO_BIN_EXE_lambda_stream_items_multi"),
            ),
            Self::lambda_runtime(),
            Self::baseline(),
        ]
    }

    pub(crate) fn lambda_runtime() -> Self {
        Self::new(LAMBDA_RUNTIME, env!("CARGO_BIN_EXE_lambda_runtime_single"))
    }

    pub(crate) fn baseline() -> Self {
        Self::new(BASELINE, env!("CARGO_BIN_EXE_bare_socket"))
    }

    /// Returns the implementations that support concurrent invocations.
    pub(crate) fn concurrent() -> Vec<Self> {
        vec![
            Self::new(
                "write, several threads",
                env!("CARGO_BIN_EXE_lambda_stream_write_multi"),
            ),
            Self::new(LAMBDA_RUNTIME, env!("CARGO_BIN_EXE_lambda_runtime_concurrent")),
            Self::baseline(),
        ]
    }

    /// Starts a process and waits for its first `next`.
    pub(crate) fn start(&self) -> Result<Running, String> {
        self.start_command(Command::new(&self.program), None)
    }

    /// Starts a process with this number of concurrent invocations.
    pub(crate) fn start_concurrent(&self, concurrency: usize) -> Result<Running, String> {
        self.start_command(Command::new(&self.program), Some(concurrency))
    }

    /// Starts a process with a command that runs the program.
    pub(crate) fn start_command(&self, mut command: Command, concurrency: Option<usize>) -> Result<Running, String> {
        let mut started = || -> io::Result<_> {
            let lambda = RuntimeApi::start()?;
            command
                .env_clear()
                .env("AWS_LAMBDA_RUNTIME_API", lambda.address())
                .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
                .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
                .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
                .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench")
                .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
                .env("AWS_REGION", "eu-central-1")
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            if let Some(concurrency) = concurrency {
                command.env("AWS_LAMBDA_MAX_CONCURRENCY", concurrency.to_string());
            }
            let spawned_at = Instant::now();
            Ok((lambda, spawned_at, command.spawn()?))
        };
        let (lambda, spawned_at, child) = started().map_err(|error| self.error(error))?;
        let mut running = Running {
            implementation: self.clone(),
            child,
            lambda,
            start: Duration::ZERO,
        };
        let next_at = running.lambda.wait_for_next().map_err(|error| self.error(error))?;
        running.start = next_at - spawned_at;
        Ok(running)
    }

    /// Adds the name of the implementation to an error.
    fn error(&self, error: impl std::fmt::Display) -> String {
        format!("{} ({}): {error}", self.name, self.program.display())
    }
}

/// A running process. Dropping it kills the process.
pub(crate) struct Running {
    pub(crate) implementation: Implementation,
    child: Child,
    lambda: RuntimeApi,
    /// The time from the creation of the process to its first `next`.
    pub(crate) start: Duration,
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn resources(&self) -> Resources {
        Resources::of(self.id())
    }

    /// Sends one event, and waits for the response and the following `next`.
    pub(crate) fn invoke(&self, spec: &ResponseSpec, mode: ReadMode) -> Result<MeasuredResponse, String> {
        let response = self.finish(spec, self.queue(spec, mode)?)?;
        self.lambda
            .wait_for_next()
            .map_err(|error| self.implementation.error(error))?;
        Ok(response)
    }

    /// Queues an event.
    pub(crate) fn queue(&self, spec: &ResponseSpec, mode: ReadMode) -> Result<PendingInvocation, String> {
        self.lambda
            .queue(spec, mode)
            .map_err(|error| self.implementation.error(error))
    }

    /// Waits for a complete response and checks its length.
    pub(crate) fn finish(&self, spec: &ResponseSpec, pending: PendingInvocation) -> Result<MeasuredResponse, String> {
        let response = pending.wait().map_err(|error| self.implementation.error(error))?;
        if response.length != spec.length() {
            let message = format!("{} bytes received, {} expected", response.length, spec.length());
            return Err(self.implementation.error(message));
        }
        Ok(response)
    }

    /// Waits for the exit of the process.
    pub(crate) fn wait_for_exit(&mut self) -> Result<(), String> {
        self.child
            .wait()
            .map(drop)
            .map_err(|error| self.implementation.error(error))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
