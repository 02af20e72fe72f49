//! The implementations under comparison.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lambda_stream_bench::{Format, ResponseSpec};

use crate::adapter;
use crate::running::{Running, Start};
use crate::workload::TestEvent;

/// The name of `lambda_runtime` in the report. Ratios compare with it.
pub(crate) const LAMBDA_RUNTIME: &str = "`lambda_runtime` (b)";

/// The name of the baseline in the report. Ratios compare with it.
pub(crate) const BASELINE: &str = "bare socket (c)";

/// The name of `lambda_http` in the report. Ratios compare with it.
pub(crate) const LAMBDA_HTTP: &str = "`lambda_http` (d)";

/// The name of the adapter in the report. Ratios compare with it.
pub(crate) const WEB_ADAPTER: &str = "Lambda Web Adapter (e)";

/// The suffix of the name of an implementation from another build.
pub(crate) const BEFORE: &str = " (before)";

const STREAM_FORMS: &str = env!("CARGO_BIN_EXE_lambda_stream_forms");
const RUNTIME_FORMS: &str = env!("CARGO_BIN_EXE_lambda_runtime_forms");
const BARE_SOCKET: &str = env!("CARGO_BIN_EXE_bare_socket");

/// A program under comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Implementation {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    /// The argument of the program.
    argument: Option<&'static str>,
    /// Whether the events are those of a Function URL.
    is_http: bool,
    /// The server to which the program forwards requests. It prints its port.
    server: Option<PathBuf>,
    /// Why the program does not exist.
    pub(crate) missing: Option<String>,
}

impl Implementation {
    pub(crate) fn new(name: &str, program: impl AsRef<Path>) -> Self {
        Self {
            name: name.to_owned(),
            program: program.as_ref().to_owned(),
            argument: None,
            is_http: false,
            server: None,
            missing: None,
        }
    }

    fn form(name: &str, program: &str, argument: &'static str) -> Self {
        Self {
            argument: Some(argument),
            ..Self::new(name, program)
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
        Self::new(BASELINE, BARE_SOCKET)
    }

    /// Returns the implementations of this format.
    pub(crate) fn of_format(format: Format) -> Vec<Self> {
        let (write, items) = match format {
            Format::Bytes => return Self::all(),
            Format::Sse => ("sse write", "sse items"),
            Format::Ndjson => ("ndjson write", "ndjson items"),
        };
        vec![
            Self::form("write, one thread", STREAM_FORMS, write),
            Self::form("items, one thread", STREAM_FORMS, items),
            Self::lambda_runtime(),
            Self::baseline(),
        ]
    }

    /// Returns the implementations that receive an event of 6 MB, and deserialize it or not.
    pub(crate) fn of_large_events(argument: &'static str) -> Vec<Self> {
        vec![
            Self::form("`lambda-stream`, one thread", STREAM_FORMS, argument),
            Self::form(LAMBDA_RUNTIME, RUNTIME_FORMS, argument),
            Self::form(BASELINE, BARE_SOCKET, argument),
        ]
    }

    /// Returns this crate with buffers of different sizes, and the references.
    pub(crate) fn of_buffers() -> Vec<Self> {
        vec![
            Self::form("buffer of 64 KiB", STREAM_FORMS, "buffer 64"),
            Self::form("buffer of 128 KiB", STREAM_FORMS, "buffer 128"),
            Self::form("buffer of 256 KiB", STREAM_FORMS, "buffer 256"),
            Self::form("buffer of 512 KiB", STREAM_FORMS, "buffer 512"),
            Self::form("buffer of 1 MiB", STREAM_FORMS, "buffer 1024"),
            Self::lambda_runtime(),
            Self::baseline(),
        ]
    }

    /// Returns the ways to run the same axum application.
    pub(crate) fn of_axum(adapter: &adapter::Program) -> Vec<Self> {
        let adapter = Self {
            server: Some(env!("CARGO_BIN_EXE_axum_server").into()),
            missing: adapter.as_ref().err().cloned(),
            ..Self::new(WEB_ADAPTER, adapter.as_deref().unwrap_or(Path::new("")))
        };
        let all = [
            Self::form("`lambda_stream::http::run`", STREAM_FORMS, "axum"),
            Self::form(LAMBDA_HTTP, RUNTIME_FORMS, "axum"),
            adapter,
        ];
        all.map(|implementation| Self {
            is_http: true,
            ..implementation
        })
        .into()
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

    /// Returns an implementation that fails at its first event: it `stalls` or `exits`.
    pub(crate) fn faulty(argument: &'static str) -> Self {
        Self::form(argument, env!("CARGO_BIN_EXE_faulty"), argument)
    }

    /// Returns implementations whose programs are copies, including those of `lambda-stream` from another build, each after
    /// the program of this build with the same name.
    ///
    /// A debug build took 1.5 times the processor time of its own copy on a busy machine. The cause is not established; the
    /// linker writes a file in another order than a copy is written. Copies of all programs are written in the same way.
    pub(crate) fn prepare(all: Vec<Self>, before: Option<&Path>) -> Result<Vec<Self>, String> {
        let mut prepared = Vec::new();
        for implementation in all {
            let other = before.and_then(|directory| implementation.from(directory));
            prepared.push(implementation.copied("this")?);
            if let Some(other) = other {
                prepared.push(other.copied("before")?);
            }
        }
        Ok(prepared)
    }

    /// Returns the same implementation from another build, if it is one of `lambda-stream` and that build has it.
    fn from(&self, directory: &Path) -> Option<Self> {
        let file = self.program.file_name()?;
        let program = directory.join(file);
        let is_ours = file.to_string_lossy().starts_with("lambda_stream");
        (is_ours && program.exists()).then(|| Self {
            name: format!("{}{BEFORE}", self.name),
            program,
            ..self.clone()
        })
    }

    fn copied(self, build: &str) -> Result<Self, String> {
        if self.missing.is_some() {
            return Ok(self);
        }
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs").join(build);
        fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        let copy = |program: &Path| {
            let copy = directory.join(program.file_name().unwrap_or_default());
            match fs::copy(program, &copy) {
                Ok(_) => Ok(copy),
                Err(error) => Err(format!("{}: {error}", program.display())),
            }
        };
        Ok(Self {
            program: copy(&self.program)?,
            server: self.server.as_deref().map(copy).transpose()?,
            ..self
        })
    }

    /// Returns the event with this specification.
    pub(crate) fn event(&self, spec: &ResponseSpec) -> TestEvent {
        match self.is_http {
            true => TestEvent::function_url(spec),
            false => TestEvent::specification(spec),
        }
    }

    /// Whether its system calls are those of one process.
    pub(crate) fn is_one_process(&self) -> bool {
        self.server.is_none()
    }

    /// Returns the command that runs the program, with a program such as `strace` in front.
    pub(crate) fn command(&self, front: Option<Command>) -> Command {
        let mut command = match front {
            None => Command::new(&self.program),
            Some(mut front) => {
                front.arg(&self.program);
                front
            }
        };
        command.args(self.argument);
        command
    }

    /// Returns the server to which the program forwards requests.
    pub(crate) fn server(&self) -> Option<&Path> {
        self.server.as_deref()
    }

    /// Starts a process and waits for its first `next`.
    pub(crate) fn start(&self) -> Result<Running, String> {
        Running::start(self, Start::default())
    }
}
