//! Servers in Python, with packages of PyPI.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use test_support::{Process, packages};

/// A running script of this directory. It exits when its standard input is closed, at the latest when the test process
/// exits.
pub(crate) struct Script {
    pub(crate) url: String,
    child: Child,
}

impl Script {
    /// Starts a script and waits until it prints its URL. Returns `None` if the packages cannot be installed.
    #[track_caller]
    pub(crate) fn start(name: &str, argument: Option<&Path>) -> Option<Self> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/s3_function");
        let python = packages::python("moto", directory.join("requirements.txt"))?;
        let mut command = Process::command(python);
        command.arg(directory.join(name)).args(argument);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut url).unwrap();
        assert!(url.starts_with("http"), "{name} did not start: {url:?}");
        Some(Self {
            url: url.trim().to_owned(),
            child,
        })
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
