//! A running process of an implementation. Waiting for it is limited, so that one that stalls does not end the run.

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use test_support::Resources;

use crate::implementation::Implementation;
use crate::measured_response::{MeasuredResponse, ReadMode};
use crate::workload::{RuntimeApi, TestEvent};

/// The time to wait for a response, a `next` or a start. The slowest response without pauses takes a second.
pub(crate) const LIMIT: Duration = Duration::from_secs(15);

/// The time between two checks whether the process has exited.
const EXIT_CHECK: Duration = Duration::from_millis(50);

/// How a process is started.
pub(crate) struct Start {
    /// The program that runs the implementation, such as `strace`.
    pub(crate) front: Option<Command>,
    /// The number of concurrent invocations.
    pub(crate) concurrency: Option<usize>,
    /// The time to wait for a response, a `next` or the start.
    pub(crate) limit: Duration,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            front: None,
            concurrency: None,
            limit: LIMIT,
        }
    }
}

/// A running process. Dropping it kills the process.
pub(crate) struct Running {
    child: RefCell<KilledOnDrop>,
    server: Option<KilledOnDrop>,
    lambda: RuntimeApi,
    limit: Duration,
    /// The number of queued events.
    invocations: Cell<u64>,
    /// The time from the creation of the process to its first `next`.
    pub(crate) start: Duration,
}

struct KilledOnDrop(Child);

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts a process and waits for its first `next`.
    pub(crate) fn start(implementation: &Implementation, start: Start) -> Result<Self, String> {
        if let Some(reason) = &implementation.missing {
            return Err(reason.clone());
        }
        let lambda = RuntimeApi::start().map_err(|error| error.to_string())?;
        let mut command = implementation.command(start.front);
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
        if let Some(concurrency) = start.concurrency {
            command.env("AWS_LAMBDA_MAX_CONCURRENCY", concurrency.to_string());
        }
        let server = implementation.server().map(start_server).transpose()?;
        if let Some((_, port)) = &server {
            command
                .env("AWS_LWA_PORT", port)
                .env("AWS_LWA_INVOKE_MODE", "response_stream")
                .env("AWS_LWA_READINESS_CHECK_PROTOCOL", "tcp");
        }
        let spawned_at = Instant::now();
        let child = spawn(&mut command)?;
        let mut running = Self {
            child: RefCell::new(child),
            server: server.map(|(server, _)| server),
            lambda,
            limit: start.limit,
            invocations: Cell::new(0),
            start: Duration::ZERO,
        };
        running.start = running.wait(running.lambda.polls(), "the first `next`")? - spawned_at;
        Ok(running)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.borrow().0.id()
    }

    /// Returns the sum of a reading of all processes.
    fn sum<T: std::ops::Add<Output = T>>(&self, reading: fn(Resources) -> Result<T, String>) -> Result<T, String> {
        let own = reading(Resources::of(self.id()))?;
        match &self.server {
            Some(server) => Ok(own + reading(Resources::of(server.0.id()))?),
            None => Ok(own),
        }
    }

    /// Returns the processor time of the running threads.
    pub(crate) fn thread_time(&self) -> Result<Duration, String> {
        self.sum(Resources::thread_time)
    }

    /// Returns the resident memory in KiB.
    pub(crate) fn resident_memory(&self) -> Result<u64, String> {
        self.sum(Resources::resident_memory)
    }

    /// Returns the highest resident memory so far, in KiB.
    pub(crate) fn peak_memory(&self) -> Result<u64, String> {
        self.sum(Resources::peak_memory)
    }

    /// Sends one event, and waits for the response and the following `next`.
    pub(crate) fn invoke(&self, event: &TestEvent, mode: ReadMode) -> Result<MeasuredResponse, String> {
        let response = self.finish(event, &self.queue(event, mode))?;
        self.wait(self.lambda.polls(), "the following `next`")?;
        Ok(response)
    }

    /// Queues an event and returns the receiver of its response.
    pub(crate) fn queue(&self, event: &TestEvent, mode: ReadMode) -> Receiver<MeasuredResponse> {
        self.invocations.set(self.invocations.get() + 1);
        self.lambda.queue(event, mode)
    }

    /// Waits for a complete response and checks its length.
    pub(crate) fn finish(
        &self,
        event: &TestEvent,
        pending: &Receiver<MeasuredResponse>,
    ) -> Result<MeasuredResponse, String> {
        let response = self.wait(pending, "the end of the response")?;
        match &response.error {
            Some(error) => Err(format!("invalid response: {error}")),
            None if response.length != event.response_length => Err(format!(
                "{} bytes received, {} expected",
                response.length, event.response_length
            )),
            None => Ok(response),
        }
    }

    /// Waits for a value of a channel, or until the process has exited or the time is over.
    fn wait<T>(&self, receiver: &Receiver<T>, waiting_for: &str) -> Result<T, String> {
        let deadline = Instant::now() + self.limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let problem = match receiver.recv_timeout(left.min(EXIT_CHECK)) {
                Ok(value) => return Ok(value),
                Err(RecvTimeoutError::Disconnected) => "lost the connection".to_owned(),
                Err(RecvTimeoutError::Timeout) => match self.child.borrow_mut().0.try_wait() {
                    Ok(None) if left.is_zero() => format!("stalled after {} s", self.limit.as_secs_f32()),
                    Ok(None) => continue,
                    Ok(Some(status)) => format!("exited ({status})"),
                    Err(error) => error.to_string(),
                },
            };
            let failure = self
                .lambda
                .failure()
                .map_or_else(String::new, |error| format!("; {error}"));
            let invocation = self.invocations.get();
            return Err(format!(
                "{problem}, before {waiting_for}, in invocation {invocation}{failure}"
            ));
        }
    }

    /// Waits for the exit of the process.
    pub(crate) fn wait_for_exit(&mut self) -> Result<(), String> {
        let exited = self.child.borrow_mut().0.wait();
        exited.map(drop).map_err(|error| error.to_string())
    }
}

fn spawn(command: &mut Command) -> Result<KilledOnDrop, String> {
    let child = command.spawn();
    child
        .map(KilledOnDrop)
        .map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))
}

/// Starts a server, and returns it with its port.
fn start_server(program: &Path) -> Result<(KilledOnDrop, String), String> {
    let mut command = Command::new(program);
    let mut server = spawn(command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let mut port = String::new();
    if let Some(output) = server.0.stdout.take() {
        let read = BufReader::new(output).read_line(&mut port);
        read.map_err(|error| format!("{}: {error}", program.display()))?;
    }
    Ok((server, port.trim().to_owned()))
}
