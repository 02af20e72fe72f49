//! A process under test: its output, its standard input, signals, and its exit.
//!
//! Unix only: signals are sent with `kill`.

mod examples;
mod resources;

use std::ffi::OsStr;
use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;

use crate::WAIT_TIMEOUT;
use crate::mock_runtime_api::MockRuntimeApi;
use crate::retry::retry_interrupted;
use crate::watched::Watched;
pub use examples::example;
pub use resources::Resources;

/// A running process. Dropping it kills the process, and prints its output if the test panics.
pub struct Process {
    id: u32,
    stdin: Option<std::process::ChildStdin>,
    observed: Arc<Watched<Observed>>,
}

/// The observed state of a process.
#[derive(Default)]
struct Observed {
    stdout: Output,
    stderr: Output,
    status: Option<ExitStatus>,
}

#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    ended: bool,
}

impl Output {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Process {
    /// Starts the function at this path against the mock.
    ///
    /// # Panics
    /// If the program does not exist.
    #[track_caller]
    pub fn spawn_function(path: impl AsRef<OsStr>, lambda: &MockRuntimeApi) -> Self {
        Self::spawn_function_with(Self::command(path), lambda)
    }

    /// Returns a command for [`spawn`](Self::spawn) or [`spawn_function_with`](Self::spawn_function_with).
    ///
    /// It has no standard input and none of the variables that Lambda sets. Backtraces are off, because a debug build takes
    /// a second for each.
    pub fn command(path: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(path);
        command.stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
        for (name, _) in std::env::vars_os() {
            if is_lambda_variable(&name.to_string_lossy()) {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Starts a function against the mock.
    ///
    /// # Panics
    /// If the program does not exist.
    #[track_caller]
    pub fn spawn_function_with(mut command: Command, lambda: &MockRuntimeApi) -> Self {
        command.env("AWS_LAMBDA_RUNTIME_API", lambda.address());
        Self::spawn(command)
    }

    /// Starts a command without a Runtime API.
    ///
    /// # Panics
    /// If the program does not exist.
    #[track_caller]
    pub fn spawn(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => panic!("failed to start {:?}: {error}", command.get_program()),
        };
        let observed = Arc::new(Watched::new(Observed::default()));
        collect_output(child.stdout.take(), &observed, |observed| &mut observed.stdout);
        collect_output(child.stderr.take(), &observed, |observed| &mut observed.stderr);
        let process = Self {
            id: child.id(),
            stdin: child.stdin.take(),
            observed: Arc::clone(&observed),
        };
        thread::spawn(move || wait_for_child(child, &observed));
        process
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Returns the readings of the operating system for this process.
    pub fn resources(&self) -> Resources {
        Resources::of(self.id)
    }

    /// Waits until a function in local mode prints the URL at which it serves, and returns the URL without a trailing slash.
    #[track_caller]
    pub fn wait_for_url(&self) -> String {
        let url = |text: &str| {
            let (_, rest) = text.split_once("http://")?;
            let (address, _) = rest.split_once(char::is_whitespace)?;
            Some(format!("http://{}", address.trim_end_matches([',', '/', '.'])))
        };
        let text = self.wait_for_stderr(|text| url(text).is_some());
        url(&text).unwrap_or_default()
    }

    /// Writes to the standard input and closes it. The command needs `Stdio::piped()` as its standard input.
    ///
    /// # Panics
    /// If the standard input is not a pipe, is closed, or the process does not read it.
    #[track_caller]
    pub fn write_stdin(&mut self, bytes: impl AsRef<[u8]>) {
        let stdin = self.stdin.take();
        let mut stdin = stdin.expect("an open standard input: call command.stdin(Stdio::piped()) and write once");
        let written = stdin.write_all(bytes.as_ref());
        written.expect("a process that reads its standard input");
    }

    /// Returns the standard output so far.
    pub fn stdout(&self) -> String {
        self.observed.read(|observed| observed.stdout.text())
    }

    /// Returns the standard error so far.
    pub fn stderr(&self) -> String {
        self.observed.read(|observed| observed.stderr.text())
    }

    /// Waits until `condition` holds for the standard output so far, and returns that output. Panics if the output ends
    /// before, or after 20 seconds.
    #[track_caller]
    pub fn wait_for_stdout(&self, condition: impl FnMut(&str) -> bool) -> String {
        self.wait_for_output("standard output", condition, |observed| &observed.stdout)
    }

    /// Waits until `condition` holds for the standard error so far, and returns that output. Panics if the output ends
    /// before, or after 20 seconds.
    #[track_caller]
    pub fn wait_for_stderr(&self, condition: impl FnMut(&str) -> bool) -> String {
        self.wait_for_output("standard error", condition, |observed| &observed.stderr)
    }

    /// Waits for the exit of the process and the end of its output. Panics after 20 seconds.
    #[track_caller]
    pub fn wait_for_exit(&self) -> ExitStatus {
        let status = self.observed.wait_until(WAIT_TIMEOUT, |observed| {
            observed
                .status
                .filter(|_| observed.stdout.ended && observed.stderr.ended)
        });
        status.unwrap_or_else(|| panic!("the process did not exit\n{}", self.summary()))
    }

    /// Waits for the exit of the process and returns its exit code, or `None` if a signal ended it.
    #[track_caller]
    pub fn exit_code(&self) -> Option<i32> {
        self.wait_for_exit().code()
    }

    /// Whether the process is still running.
    pub fn is_running(&self) -> bool {
        self.observed.read(|observed| observed.status.is_none())
    }

    /// Kills the process and waits for its exit.
    #[track_caller]
    pub fn kill(&self) -> ExitStatus {
        self.signal("KILL");
        self.wait_for_exit()
    }

    /// Ends a function with SIGTERM, on which it writes the log lines that are still queued, and waits for its exit.
    /// Returns the standard error.
    #[track_caller]
    pub fn shut_down(&self) -> String {
        self.signal("TERM");
        self.wait_for_exit();
        self.stderr()
    }

    /// Sends a signal, such as `TERM`. Does nothing if the process has exited.
    ///
    /// # Panics
    /// If the signal does not exist.
    #[track_caller]
    pub fn signal(&self, name: &str) {
        if self.is_running() {
            let exited = || {
                self.observed
                    .wait_until(WAIT_TIMEOUT, |observed| observed.status)
                    .is_some()
            };
            assert!(self.send_signal(name) || exited(), "failed to send {name}");
        }
    }

    /// Uses `kill`, because `Child::kill` needs the `Child` that a thread waits for, and sends one signal only.
    fn send_signal(&self, name: &str) -> bool {
        let kill = format!("kill -s {name} {}", self.id);
        let output = Command::new("sh").args(["-c", &kill]).output();
        output.is_ok_and(|output| output.status.success())
    }

    #[track_caller]
    fn wait_for_output(
        &self,
        name: &str,
        mut condition: impl FnMut(&str) -> bool,
        output: impl Fn(&Observed) -> &Output,
    ) -> String {
        let found = self.observed.wait_until(WAIT_TIMEOUT, |observed| {
            let output = output(observed);
            let text = output.text();
            match condition(&text) {
                true => Some(Some(text)),
                false => output.ended.then_some(None),
            }
        });
        match found {
            Some(Some(text)) => text,
            Some(None) => panic!("{name} ended before it met the condition\n{}", self.summary()),
            None => panic!("{name} did not meet the condition in time\n{}", self.summary()),
        }
    }

    fn summary(&self) -> String {
        self.observed.read(|observed| {
            format!(
                "process {}, {:?}\n--- standard output\n{}\n--- standard error\n{}\n---",
                self.id,
                observed.status,
                observed.stdout.text(),
                observed.stderr.text()
            )
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.summary());
        }
        // Not `kill`, whose assertions would abort the test run if the test already panics.
        if self.is_running() {
            let _ = self.send_signal("KILL");
            self.observed.wait_until(WAIT_TIMEOUT, |observed| observed.status);
        }
    }
}

/// Whether Lambda, a tool of AWS or an OpenTelemetry environment sets the variable with this name.
fn is_lambda_variable(name: &str) -> bool {
    let prefixes = ["AWS_", "_AWS_", "LAMBDA_", "_LAMBDA_", "_X_AMZN_", "OTEL_"];
    name == "_HANDLER" || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// Reads an output to its end on a new thread.
fn collect_output(
    pipe: Option<impl Read + Send + 'static>,
    observed: &Arc<Watched<Observed>>,
    output: impl Fn(&mut Observed) -> &mut Output + Send + 'static,
) {
    let observed = Arc::clone(observed);
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        let mut pipe = pipe;
        while let Some(Ok(size @ 1..)) = pipe.as_mut().map(|pipe| retry_interrupted(|| pipe.read(&mut buffer))) {
            observed.change(|observed| output(observed).bytes.extend_from_slice(&buffer[..size]));
        }
        observed.change(|observed| output(observed).ended = true);
    });
}

fn wait_for_child(mut child: Child, observed: &Watched<Observed>) {
    let status = child.wait();
    observed.change(|observed| observed.status = status.ok());
}

#[cfg(test)]
mod tests;
