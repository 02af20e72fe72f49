//! Writes lines to standard output and standard error without waiting for their readers.

use std::io::{self, IsTerminal, Write as _};
use std::sync::OnceLock;

use super::super::activity::event::Output;
use crate::line_writer::LineWriter;
use crate::stderr;

static STDOUT: LineWriter = LineWriter::new("lambda-stream-output", write_to_stdout, report_dropped);

/// What a line may be longer than the line of the function that it shows.
const PREFIX_ALLOWANCE: usize = 64;

/// Adds a line to the queue of an output, or drops it if the queue is full because the output is not read.
pub(super) fn print(output: Output, line: String) {
    writer(output).add(line + "\n");
}

/// Waits until the queue of an output has room for a line of this length, so that the function writes no faster than the
/// output is read. Does not wait for a reader that does not read.
pub(crate) async fn wait_for_room(output: Output, length: usize) {
    writer(output).wait_for_room(length + PREFIX_ALLOWANCE).await;
}

/// Waits until all lines are written. Does not wait for a reader that does not read.
pub(crate) fn drain() {
    STDOUT.drain();
    stderr::writer().drain();
}

/// Returns the writer of an output. Two outputs with the same reader have the same writer, which keeps the order of lines.
fn writer(output: Output) -> &'static LineWriter {
    static IS_ONE_READER: OnceLock<bool> = OnceLock::new();
    match output {
        Output::Stdout if !IS_ONE_READER.get_or_init(have_one_reader) => &STDOUT,
        _ => stderr::writer(),
    }
}

fn write_to_stdout(line: &str) {
    let mut stdout = io::stdout().lock();
    // There is no place to report an error: standard output was probably closed.
    let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
}

fn report_dropped(count: usize) {
    stderr::enqueue(format_args!(
        "{count} lines of the function were dropped, because standard output was not read"
    ));
}

/// Returns whether standard output and standard error are the same terminal, pipe or socket.
#[cfg(unix)]
fn have_one_reader() -> bool {
    use std::fs::File;
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;

    let metadata = |file: &dyn AsFd| File::from(file.as_fd().try_clone_to_owned()?).metadata();
    if io::stdout().is_terminal() != io::stderr().is_terminal() {
        return false;
    }
    match (metadata(&io::stdout()), metadata(&io::stderr())) {
        // Two handles of a regular file have their own positions.
        (Ok(stdout), Ok(stderr)) if !stdout.is_file() => (stdout.dev(), stdout.ino()) == (stderr.dev(), stderr.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn have_one_reader() -> bool {
    io::stdout().is_terminal() && io::stderr().is_terminal()
}
