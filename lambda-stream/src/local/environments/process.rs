//! The process of one execution environment: start, end and shutdown.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::future::{Either, join, select};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::super::activity::event::{EnvironmentId, Event, InvocationError, Output};
use super::super::broker::Broker;
use super::output::record_lines;

/// How long the start is retried while the program file is missing or being written, as during a build, and while this
/// process has no file descriptor, memory or process left.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause between two attempts to start.
const START_RETRY_DELAY: Duration = Duration::from_millis(20);

/// How long an environment with extensions may take for its shutdown, which is Lambda's limit.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the output and the requests of a process are processed after its end.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(200);

/// Why an environment is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    /// The program file is newer than the environment, which is idle.
    NewBuild,
    /// Local mode shuts down, and the environment is idle.
    Shutdown,
    /// An invocation exceeds its deadline.
    Timeout,
    /// The function has not polled for its first event in time.
    InitTimeout,
}

/// Stops a process.
pub(super) struct ProcessHandle(watch::Sender<Option<StopReason>>);

impl ProcessHandle {
    /// Stops the process, unless it is being stopped.
    pub(super) fn stop(&self, reason: StopReason) {
        self.0.send_if_modified(|current| {
            // A process that ignores its shutdown may still exceed a deadline.
            let is_new = current.is_none();
            current.get_or_insert(reason);
            is_new
        });
    }
}

/// The process of an environment.
pub(super) struct Process {
    id: EnvironmentId,
    build: u32,
    program: PathBuf,
    variables: Vec<(String, String)>,
    broker: Arc<Broker>,
    stop: watch::Receiver<Option<StopReason>>,
}

impl Process {
    pub(super) fn new(
        id: EnvironmentId,
        build: u32,
        program: PathBuf,
        variables: Vec<(String, String)>,
        broker: Arc<Broker>,
    ) -> (Self, ProcessHandle) {
        let (sender, stop) = watch::channel(None);
        let process = Self {
            id,
            build,
            program,
            variables,
            broker,
            stop,
        };
        (process, ProcessHandle(sender))
    }

    /// Starts the process and waits until it has ended. Then the environment no longer exists for the broker.
    pub(super) async fn run(mut self) -> EnvironmentId {
        let (error, reason) = match self.start().await {
            Ok(child) => self.supervise(child).await,
            Err(error) => {
                let message = format!("failed to start `{}`: {error}", self.program.display());
                (InvocationError::new("Runtime.ExitError", message.as_str()), message)
            }
        };
        self.broker.remove_environment(self.id, &error);
        self.broker.activity().record(Event::EnvironmentStopped {
            environment: self.id,
            reason,
            is_expected: matches!(*self.stop.borrow(), Some(StopReason::NewBuild | StopReason::Shutdown)),
        });
        self.id
    }

    async fn start(&self) -> io::Result<Child> {
        let end = Instant::now() + START_TIMEOUT;
        loop {
            match self.spawn() {
                Ok(child) => return Ok(child),
                Err(error) if is_temporary(&error) && Instant::now() < end => sleep(START_RETRY_DELAY).await,
                Err(error) => return Err(error),
            }
        }
    }

    fn spawn(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Ctrl-C in a terminal reaches all processes of its group. Local mode shuts the environments down itself.
        #[cfg(unix)]
        command.process_group(0);
        command.spawn()
    }

    /// Waits until the process has ended. Returns the error for its running invocations, and the reason.
    async fn supervise(&mut self, mut child: Child) -> (InvocationError, String) {
        self.broker.activity().record(Event::EnvironmentStarted {
            environment: self.id,
            process_id: child.id().unwrap_or_default(),
            build: self.build,
        });
        let lines = self.record_output(&mut child);
        let stopped = match select(std::pin::pin!(child.wait()), std::pin::pin!(requested(&mut self.stop))).await {
            Either::Left((status, _)) => Err(status),
            Either::Right((reason, _)) => Ok(reason),
        };
        let result = match stopped {
            Err(status) => {
                let reason = describe(&status);
                (InvocationError::new("Runtime.ExitError", reason.as_str()), reason)
            }
            Ok(reason @ (StopReason::Timeout | StopReason::InitTimeout)) => {
                let _ = child.kill().await;
                let seconds = self.broker.timeout().as_secs_f64();
                let reason = match reason {
                    StopReason::InitTimeout => {
                        "the initialization of the function timed out, and the process was killed".to_owned()
                    }
                    _ => format!("the invocation timed out after {seconds:.2} seconds, and the process was killed"),
                };
                (InvocationError::new("Sandbox.Timedout", reason.as_str()), reason)
            }
            Ok(reason) => {
                self.shut_down(child).await;
                let text = match reason {
                    StopReason::NewBuild => "replaced by a new build",
                    _ => "local mode shuts down",
                };
                (InvocationError::new("Runtime.ExitError", text), text.to_owned())
            }
        };
        self.drain(lines).await;
        result
    }

    fn record_output(&self, child: &mut Child) -> tokio::task::JoinHandle<()> {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (id, broker) = (self.id, Arc::clone(&self.broker));
        tokio::spawn(async move {
            let stdout = async {
                if let Some(source) = stdout {
                    record_lines(Output::Stdout, source, id, Arc::clone(&broker)).await;
                }
            };
            let stderr = async {
                if let Some(source) = stderr {
                    record_lines(Output::Stderr, source, id, Arc::clone(&broker)).await;
                }
            };
            join(stdout, stderr).await;
        })
    }

    /// Waits until the output of the ended process is recorded, and until the requests that it sent are processed. A
    /// process that it has started may keep its output open.
    async fn drain(&self, mut lines: tokio::task::JoinHandle<()>) {
        let drained = async {
            let _ = (&mut lines).await;
            while self.broker.has_unanswered(self.id) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let _ = timeout(DRAIN_TIMEOUT, drained).await;
    }

    /// Ends an idle process as Lambda does: an environment with extensions gets SIGTERM and some time, any other is killed.
    async fn shut_down(&self, mut child: Child) {
        let deadline = SystemTime::now() + SHUTDOWN_TIMEOUT;
        if self.broker.shut_down_extensions(self.id, "spindown", deadline) && terminate(&child) {
            let _ = timeout(SHUTDOWN_TIMEOUT, child.wait()).await;
        }
        let _ = child.kill().await;
    }
}

/// Waits until the process must be stopped.
async fn requested(stop: &mut watch::Receiver<Option<StopReason>>) -> StopReason {
    match stop.wait_for(Option::is_some).await.map(|reason| *reason) {
        Ok(Some(reason)) => reason,
        // The handle was dropped, because the pool has ended.
        _ => StopReason::Shutdown,
    }
}

/// Returns whether the start may succeed later: the program is being built, or a resource of the system is used up.
fn is_temporary(error: &io::Error) -> bool {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::ExecutableFileBusy
        | io::ErrorKind::WouldBlock
        | io::ErrorKind::OutOfMemory => true,
        _ => is_out_of_files(error),
    }
}

#[cfg(unix)]
fn is_out_of_files(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

#[cfg(not(unix))]
fn is_out_of_files(_: &io::Error) -> bool {
    false
}

fn describe(status: &io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => format!("the process of the function ended: {status}"),
        Err(error) => format!("the process of the function ended, and its exit status cannot be read: {error}"),
    }
}

/// Sends SIGTERM. Returns whether the process may react to it.
#[cfg(unix)]
fn terminate(child: &Child) -> bool {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let Some(id) = id.and_then(rustix::process::Pid::from_raw) else {
        return false;
    };
    rustix::process::kill_process(id, rustix::process::Signal::TERM).is_ok()
}

#[cfg(not(unix))]
fn terminate(_: &Child) -> bool {
    false
}
