//! A process under test: its outputs, collected as they come, and its end. Knows the stand-in's address only.
//!
//! For Unix: signals go through `kill`.

use std::ffi::OsStr;
use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;

use crate::PATIENCE;
use crate::stand_in::StandIn;
use crate::watched::Watched;

/// A running process, killed when this is dropped. A test that panics shows the outputs of its functions.
pub struct Function {
    id: u32,
    stdin: Option<std::process::ChildStdin>,
    seen: Arc<Watched<Seen>>,
}

/// What was seen of a process.
#[derive(Default)]
struct Seen {
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

impl Function {
    /// Starts a function against the stand-in.
    ///
    /// # Panics
    /// When there is no such program.
    #[track_caller]
    pub fn spawn(path: impl AsRef<OsStr>, lambda: &StandIn) -> Self {
        Self::spawn_with(Self::command(path), lambda)
    }

    /// A command for [`spawn_with`](Self::spawn_with) or [`spawn_alone`](Self::spawn_alone), to be given arguments
    /// and variables: without standard input, without whatever Lambda would set, and without backtraces, which take a second
    /// of a debug build's time.
    pub fn command(path: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(path);
        command.stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
        for (name, _) in std::env::vars_os() {
            if is_of_lambda(&name.to_string_lossy()) {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Starts a command against the stand-in.
    ///
    /// # Panics
    /// When there is no such program.
    #[track_caller]
    pub fn spawn_with(mut command: Command, lambda: &StandIn) -> Self {
        command.env("AWS_LAMBDA_RUNTIME_API", lambda.address());
        Self::spawn_alone(command)
    }

    /// Starts a command as it is, with no stand-in: as on a laptop.
    ///
    /// # Panics
    /// When there is no such program.
    #[track_caller]
    pub fn spawn_alone(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => panic!("{:?} does not start: {error}", command.get_program()),
        };
        let seen = Arc::new(Watched::new(Seen::default()));
        collect(child.stdout.take(), &seen, |seen| &mut seen.stdout);
        collect(child.stderr.take(), &seen, |seen| &mut seen.stderr);
        let function = Self {
            id: child.id(),
            stdin: child.stdin.take(),
            seen: Arc::clone(&seen),
        };
        thread::spawn(move || await_exit(child, &seen));
        function
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Waits until a function on a laptop says the URL at which it serves, and gives it, without a slash at its end.
    #[track_caller]
    pub fn url(&self) -> String {
        let url = |text: &str| {
            let (_, rest) = text.split_once("http://")?;
            let (address, _) = rest.split_once(char::is_whitespace)?;
            Some(format!("http://{}", address.trim_end_matches([',', '/', '.'])))
        };
        let said = self.wait_for_stderr(|text| url(text).is_some());
        url(&said).unwrap_or_default()
    }

    /// The most memory that the process ever had, in KiB.
    ///
    /// # Panics
    /// When it has ended.
    #[cfg(target_os = "linux")]
    #[track_caller]
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id)).expect("a running process");
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let peak = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        peak.expect("a line VmHWM")
    }

    /// How many sockets the process has open, where the operating system tells.
    pub fn sockets(&self) -> Option<usize> {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.id)).ok()?;
        let targets = open.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        Some(
            targets
                .filter(|target| target.to_string_lossy().starts_with("socket:"))
                .count(),
        )
    }

    /// Writes to the standard input and ends it. The command must have been given one: `Stdio::piped()`.
    ///
    /// # Panics
    /// When it was not, or when the process takes no more.
    #[track_caller]
    pub fn feed_stdin(&mut self, bytes: impl AsRef<[u8]>) {
        let stdin = self.stdin.take();
        let mut stdin = stdin.expect("standard input: command.stdin(Stdio::piped()), fed once");
        let written = stdin.write_all(bytes.as_ref());
        written.expect("the process reads its standard input");
    }

    /// Standard output so far.
    pub fn stdout_so_far(&self) -> String {
        self.seen.look(|seen| seen.stdout.text())
    }

    /// Standard error so far.
    pub fn stderr_so_far(&self) -> String {
        self.seen.look(|seen| seen.stderr.text())
    }

    /// Waits until the standard output so far is `enough`, and gives it. Panics when it ends before, or after 20
    /// seconds.
    #[track_caller]
    pub fn wait_for_stdout(&self, enough: impl FnMut(&str) -> bool) -> String {
        self.wait_for_output("standard output", enough, |seen| &seen.stdout)
    }

    /// Waits until the standard error so far is `enough`, and gives it. Panics when it ends before, or after 20
    /// seconds.
    #[track_caller]
    pub fn wait_for_stderr(&self, enough: impl FnMut(&str) -> bool) -> String {
        self.wait_for_output("standard error", enough, |seen| &seen.stderr)
    }

    /// Waits for the end of the process and of its outputs. Panics after 20 seconds.
    #[track_caller]
    pub fn wait(&self) -> ExitStatus {
        let status = self.seen.wait_until(PATIENCE, |seen| {
            seen.status.filter(|_| seen.stdout.ended && seen.stderr.ended)
        });
        status.unwrap_or_else(|| panic!("the process did not end\n{}", self.report()))
    }

    /// Waits for the end of the process; its exit code, or `None` when a signal ended it.
    #[track_caller]
    pub fn exit_code(&self) -> Option<i32> {
        self.wait().code()
    }

    /// Whether the process has not ended yet.
    pub fn is_running(&self) -> bool {
        self.seen.look(|seen| seen.status.is_none())
    }

    /// Kills the process and waits for its end.
    #[track_caller]
    pub fn kill(&self) -> ExitStatus {
        self.signal("KILL");
        self.wait()
    }

    /// Sends a signal, such as `TERM`; nothing happens when the process has ended.
    ///
    /// # Panics
    /// When there is no such signal.
    #[track_caller]
    pub fn signal(&self, name: &str) {
        if self.is_running() {
            let ended = || self.seen.wait_until(PATIENCE, |seen| seen.status).is_some();
            assert!(self.send(name) || ended(), "{name} was not sent");
        }
    }

    /// Through `kill`, since `Child::kill` needs the `Child` that a thread waits on, and knows one signal only.
    fn send(&self, signal: &str) -> bool {
        let kill = format!("kill -s {signal} {}", self.id);
        let output = Command::new("sh").args(["-c", &kill]).output();
        output.is_ok_and(|output| output.status.success())
    }

    #[track_caller]
    fn wait_for_output(
        &self,
        name: &str,
        mut enough: impl FnMut(&str) -> bool,
        output: impl Fn(&Seen) -> &Output,
    ) -> String {
        let found = self.seen.wait_until(PATIENCE, |seen| {
            let output = output(seen);
            let text = output.text();
            match enough(&text) {
                true => Some(Some(text)),
                false => output.ended.then_some(None),
            }
        });
        match found {
            Some(Some(text)) => text,
            Some(None) => panic!("{name} ended before it was as awaited\n{}", self.report()),
            None => panic!("{name} was never as awaited\n{}", self.report()),
        }
    }

    fn report(&self) -> String {
        self.seen.look(|seen| {
            format!(
                "process {}, {:?}\n--- standard output\n{}\n--- standard error\n{}\n---",
                self.id,
                seen.status,
                seen.stdout.text(),
                seen.stderr.text()
            )
        })
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.report());
        }
        // Without the assertions of `kill`: a second panic would abort the test run.
        if self.is_running() {
            let _ = self.send("KILL");
            self.seen.wait_until(PATIENCE, |seen| seen.status);
        }
    }
}

/// Whether Lambda, or a tool of AWS, sets the variable of this name.
fn is_of_lambda(name: &str) -> bool {
    let prefixes = ["AWS_", "_AWS_", "LAMBDA_", "_LAMBDA_", "_X_AMZN_"];
    name == "_HANDLER" || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// Reads an output to its end, in a thread.
fn collect(
    pipe: Option<impl Read + Send + 'static>,
    seen: &Arc<Watched<Seen>>,
    output: impl Fn(&mut Seen) -> &mut Output + Send + 'static,
) {
    let seen = Arc::clone(seen);
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        let mut pipe = pipe;
        while let Some(Ok(size @ 1..)) = pipe.as_mut().map(|pipe| pipe.read(&mut buffer)) {
            seen.change(|seen| output(seen).bytes.extend_from_slice(&buffer[..size]));
        }
        seen.change(|seen| output(seen).ended = true);
    });
}

fn await_exit(mut child: Child, seen: &Watched<Seen>) {
    let status = child.wait();
    seen.change(|seen| seen.status = status.ok());
}

#[cfg(test)]
mod tests;
