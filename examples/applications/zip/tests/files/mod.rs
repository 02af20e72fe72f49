//! The served files, and the programs that check an archive of them.
#![allow(dead_code, reason = "each test target uses a part of it")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use test_support::{Event, HttpEvent, MockRuntimeApi, Process, TemporaryDirectory};

/// A temporary directory with the served directory and, next to it, a file that must not be served.
pub(crate) struct Files(pub(crate) TemporaryDirectory);

impl Files {
    pub(crate) fn new() -> Self {
        let files = Self(TemporaryDirectory::new("zip"));
        fs::create_dir(files.served()).unwrap();
        fs::write(files.0.file("secret"), "not to be served").unwrap();
        files
    }

    pub(crate) fn served(&self) -> PathBuf {
        self.0.file("served")
    }

    /// Returns the path of a served file, whose directory exists then.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let path = self.served().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// Writes a served file.
    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Creates a served file of zeros that needs no space on the disk.
    pub(crate) fn put_zeros(&self, name: &str, length: u64) -> PathBuf {
        let path = self.path(name);
        File::create(&path).unwrap().set_len(length).unwrap();
        path
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Process::command(env!("CARGO_BIN_EXE_zip"));
        command.env("DIRECTORY", self.served());
        command
    }

    pub(crate) fn start(&self) -> (MockRuntimeApi, Process) {
        let lambda = MockRuntimeApi::start();
        let function = Process::spawn_function_with(self.command(), &lambda);
        (lambda, function)
    }

    /// Writes an archive next to the served directory.
    pub(crate) fn archive(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.file("archive.zip");
        fs::write(&path, bytes).unwrap();
        path
    }
}

pub(crate) fn get(target: &str) -> HttpEvent {
    Event::function_url("GET", target)
}

/// Runs a program and returns its output. An error tells which one to install.
pub(crate) fn run(program: &str, arguments: &[&str], path: &Path) -> Output {
    let output = Command::new(program).args(arguments).arg(path).output();
    output.unwrap_or_else(|error| panic!("failed to start {program}, which this test needs: {error}"))
}

pub(crate) fn stdout(output: &Output) -> &str {
    assert!(output.status.success(), "{output:?}");
    std::str::from_utf8(&output.stdout).unwrap()
}

/// Checks each entry of an archive with `unzip` and with Python, and returns the names, one per line.
#[track_caller]
pub(crate) fn assert_valid(archive: &Path) -> String {
    let unzip = run("unzip", &["-tqq"], archive);
    assert!(unzip.status.success(), "{unzip:?}");
    let script = "import sys, zipfile\n\
                  archive = zipfile.ZipFile(sys.argv[1])\n\
                  assert archive.testzip() is None\n\
                  print('\\n'.join(archive.namelist()))";
    stdout(&run("python3", &["-c", script], archive)).to_owned()
}
