//! Writes a zip archive to a response.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use lambda_stream::{Error, ResponseStream};
use time::{OffsetDateTime, PrimitiveDateTime};
use tokio_util::io::SyncIoBridge;
use zip::write::{FullFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::selection::{Entry, Kind};

/// How many bytes of a file are read at a time.
const CHUNK: usize = 64 * 1024;

/// A file of this length gets the fields of the extension Zip64, because its compressed length may need them. Other
/// files do not, because some readers do not support the extension.
const LARGE_FILE: u64 = 0xFF00_0000;

/// What an archive contains.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) files: u64,
    /// The number of symbolic links and special files, which are left out.
    pub(crate) skipped: u64,
    /// The length of all files.
    pub(crate) bytes: u64,
}

/// Sends an archive of these entries. Blocks the thread while files are read, and while the buffer of the stream is full.
///
/// An error ends the archive before its central directory, so no program takes it for a valid one.
pub(crate) fn send(entries: impl Iterator<Item = io::Result<Entry>>, stream: ResponseStream) -> Result<Summary, Error> {
    let failed = Rc::new(Cell::new(false));
    let mut archive = ZipWriter::new_stream(Output {
        stream: SyncIoBridge::new(stream),
        failed: Rc::clone(&failed),
    });
    let mut summary = Summary::default();
    for entry in entries {
        let added = match entry {
            Ok(entry) => add(&mut archive, &entry, &mut summary)
                .map_err(|error| Error::new(format!("failed to add {:?} to the archive: {error}", entry.name))),
            Err(error) => Err(Error::new(format!("failed to read a directory: {error}"))),
        };
        if let Err(error) = added {
            failed.set(true);
            return Err(error);
        }
    }
    archive.finish()?;
    Ok(summary)
}

fn add(archive: &mut ZipWriter<StreamWriter<Output>>, entry: &Entry, summary: &mut Summary) -> io::Result<()> {
    match entry.kind {
        Kind::Directory => {
            let modified = entry.path.metadata()?.modified()?;
            archive.add_directory(&entry.name, options(modified)?)?;
        }
        Kind::Other => summary.skipped += 1,
        Kind::File => {
            let file = File::open(&entry.path)?;
            let metadata = file.metadata()?;
            if !metadata.is_file() {
                return Err(io::Error::other("it is no longer a file"));
            }
            let length = metadata.len();
            let options = options(metadata.modified()?)?.large_file(length >= LARGE_FILE);
            archive.start_file(&entry.name, options.unix_permissions(permissions(&metadata)))?;
            // A file that grows, such as a log, is archived with the length that it had.
            let mut content = BufReader::with_capacity(CHUNK, file.take(length));
            let copied = io::copy(&mut content, archive)?;
            if copied < length {
                let message = format!("it became shorter while it was read: {copied} bytes, and not {length}");
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
            }
            summary.files += 1;
            summary.bytes += length;
        }
    }
    Ok(())
}

/// Returns the options of an entry with this time of its last modification.
fn options(modified: SystemTime) -> io::Result<FullFileOptions<'static, 'static>> {
    let options = FullFileOptions::default()
        // Also for files that are compressed already: a program that reads an archive from its start finds the end of an
        // entry only if the entry is compressed.
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(dos_time(modified));
    // The field above has no time zone, and a resolution of two seconds. This one has seconds since 1970.
    let seconds = modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    match i32::try_from(seconds) {
        Ok(seconds) => Ok(options.with_extended_timestamp(Some(seconds.unsigned_abs()), None, None)?),
        Err(_) => Ok(options),
    }
}

/// Returns the time in UTC, or 1980-01-01 if archives cannot represent it.
fn dos_time(time: SystemTime) -> DateTime {
    let time = OffsetDateTime::from(time);
    DateTime::try_from(PrimitiveDateTime::new(time.date(), time.time())).unwrap_or_default()
}

#[cfg(unix)]
fn permissions(metadata: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode()
}

#[cfg(not(unix))]
fn permissions(_: &std::fs::Metadata) -> u32 {
    0o644
}

/// The response, as a blocking writer.
///
/// [`ZipWriter`] completes the archive when it is dropped, also after an error, and the archive would then be valid and
/// lack files. Therefore this writer discards bytes after an error or a panic.
struct Output {
    stream: SyncIoBridge<ResponseStream>,
    failed: Rc<Cell<bool>>,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.failed.get() || std::thread::panicking() {
            true => Ok(bytes.len()),
            false => self.stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
