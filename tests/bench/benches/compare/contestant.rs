//! Who takes part, and a running process of each.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lambda_stream_bench::Shape;

use crate::answer::{Answer, Reading};
use crate::lambda::{Lambda, Pending};

/// What others are compared with: the peer, by its name in the report…
pub(crate) const PEER: &str = "`lambda_runtime` (b)";

/// …and the floor.
pub(crate) const FLOOR: &str = "bare socket (c)";

/// A program that answers events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
}

impl Contestant {
    pub(crate) fn new(name: &'static str, program: impl AsRef<Path>) -> Self {
        Self {
            name,
            program: program.as_ref().to_owned(),
        }
    }

    /// All of them: this crate in its forms, then the peer, then the floor.
    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self::new("write, one thread", env!("CARGO_BIN_EXE_ours_write")),
            Self::new("write, several threads", env!("CARGO_BIN_EXE_ours_write_multi")),
            Self::new("items, one thread", env!("CARGO_BIN_EXE_ours_items")),
            Self::new("items, several threads", env!("CARGO_BIN_EXE_ours_items_multi")),
            Self::peer(),
            Self::floor(),
        ]
    }

    pub(crate) fn peer() -> Self {
        Self::new(PEER, env!("CARGO_BIN_EXE_peer"))
    }

    pub(crate) fn floor() -> Self {
        Self::new(FLOOR, env!("CARGO_BIN_EXE_floor"))
    }

    /// Those that answer several events at once.
    pub(crate) fn concurrent() -> Vec<Self> {
        vec![
            Self::new("write, several threads", env!("CARGO_BIN_EXE_ours_write_multi")),
            Self::new(PEER, env!("CARGO_BIN_EXE_peer_concurrent")),
            Self::floor(),
        ]
    }

    /// Starts it, and waits until it asks for its first event.
    pub(crate) fn start(&self) -> Result<Running, String> {
        self.start_as(Command::new(&self.program), None)
    }

    /// Starts it for so many events at once.
    pub(crate) fn start_concurrent(&self, at_once: usize) -> Result<Running, String> {
        self.start_as(Command::new(&self.program), Some(at_once))
    }

    /// Starts it by a command that has its program as an argument, or is its program.
    pub(crate) fn start_as(&self, mut command: Command, at_once: Option<usize>) -> Result<Running, String> {
        let mut started = || -> io::Result<_> {
            let lambda = Lambda::start()?;
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
            if let Some(at_once) = at_once {
                command.env("AWS_LAMBDA_MAX_CONCURRENCY", at_once.to_string());
            }
            let spawned = Instant::now();
            Ok((lambda, spawned, command.spawn()?))
        };
        let (lambda, spawned, child) = started().map_err(|error| self.blame(error))?;
        let mut running = Running {
            contestant: self.clone(),
            child,
            lambda,
            start: Duration::ZERO,
        };
        let asked = running.lambda.wait_for_poll().map_err(|error| self.blame(error))?;
        running.start = asked - spawned;
        Ok(running)
    }

    fn blame(&self, error: impl std::fmt::Display) -> String {
        format!("{} ({}): {error}", self.name, self.program.display())
    }
}

/// A process that takes part, killed when this is dropped.
pub(crate) struct Running {
    pub(crate) contestant: Contestant,
    child: Child,
    lambda: Lambda,
    /// From the process's creation to its first question for an event.
    pub(crate) start: Duration,
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets it answer one event, and waits until it asks for the next.
    pub(crate) fn invoke(&self, shape: &Shape, reading: Reading) -> Result<Answer, String> {
        let answer = self.finish(shape, self.queue(shape, reading)?)?;
        self.lambda
            .wait_for_poll()
            .map_err(|error| self.contestant.blame(error))?;
        Ok(answer)
    }

    /// Gives it an event for when it asks.
    pub(crate) fn queue(&self, shape: &Shape, reading: Reading) -> Result<Pending, String> {
        self.lambda
            .queue(shape, reading)
            .map_err(|error| self.contestant.blame(error))
    }

    /// Waits for the end of an answer, which must be as long as it was to be.
    pub(crate) fn finish(&self, shape: &Shape, pending: Pending) -> Result<Answer, String> {
        let answer = pending.wait().map_err(|error| self.contestant.blame(error))?;
        if answer.length != shape.length() {
            let message = format!("{} bytes where {} were to be", answer.length, shape.length());
            return Err(self.contestant.blame(message));
        }
        Ok(answer)
    }

    /// Waits until the process has ended by itself.
    pub(crate) fn wait(&mut self) -> Result<(), String> {
        self.child
            .wait()
            .map(drop)
            .map_err(|error| self.contestant.blame(error))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
