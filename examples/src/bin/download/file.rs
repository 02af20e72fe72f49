//! Opens a file of a directory, compares its version with the one that the caller has, and reads it in chunks.

use std::io::{self, ErrorKind, SeekFrom};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::{Bytes, BytesMut};
use futures::{Stream, stream};
use http::HeaderMap;
use http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE};
use percent_encoding::percent_decode_str;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// How many bytes are read at a time.
const CHUNK: usize = 64 * 1024;

/// An open file with the headers that identify its version.
pub(crate) struct OpenFile {
    file: File,
    pub(crate) length: u64,
    pub(crate) etag: String,
    pub(crate) last_modified: String,
}

impl OpenFile {
    /// Opens the file for the path of a URI. Returns `None` if the directory contains no such file.
    pub(crate) async fn open(directory: &Path, uri_path: &str) -> io::Result<Option<Self>> {
        let Some(path) = path_in(directory, uri_path) else {
            return Ok(None);
        };
        let file = match File::open(path).await {
            Ok(file) => file,
            Err(error) if is_not_found(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata().await?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let length = metadata.len();
        let modified = metadata.modified()?;
        let since_epoch = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Some(Self {
            file,
            length,
            etag: format!("\"{length:x}-{:x}\"", since_epoch.as_nanos()),
            last_modified: httpdate::fmt_http_date(UNIX_EPOCH + since_epoch),
        }))
    }

    /// Returns whether the caller has this version (RFC 9110, section 13.2.2).
    pub(crate) fn is_unmodified(&self, headers: &HeaderMap) -> bool {
        let mut tags = headers.get_all(IF_NONE_MATCH).iter().peekable();
        if tags.peek().is_none() {
            return headers
                .get(IF_MODIFIED_SINCE)
                .is_some_and(|since| *since == self.last_modified);
        }
        tags.flat_map(|tags| tags.as_bytes().split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == self.etag.as_bytes())
    }

    /// Returns whether the part that the caller has is of this version. Only the tag is compared: a file can change twice
    /// within one second, the resolution of a date (RFC 9110, section 13.1.5).
    pub(crate) fn matches_if_range(&self, headers: &HeaderMap) -> bool {
        headers.get(IF_RANGE).is_none_or(|tag| *tag == self.etag)
    }

    /// Reads a range of the file in chunks.
    pub(crate) async fn chunks(mut self, range: Range<u64>) -> io::Result<impl Stream<Item = io::Result<Bytes>>> {
        self.file.seek(SeekFrom::Start(range.start)).await?;
        let rest = self.file.take(range.end - range.start);
        Ok(stream::try_unfold(rest, |mut rest| async move {
            if rest.limit() == 0 {
                return Ok(None);
            }
            let mut chunk = BytesMut::with_capacity(CHUNK);
            if rest.read_buf(&mut chunk).await? == 0 {
                // Without an error, the caller would take the truncated file for a complete one.
                return Err(io::Error::new(
                    ErrorKind::UnexpectedEof,
                    "the file became shorter while it was sent",
                ));
            }
            Ok(Some((chunk.freeze(), rest)))
        }))
    }
}

/// Converts the path of a URI to a path in the directory. Returns `None` if it contains `..`, encoded or not.
fn path_in(directory: &Path, uri_path: &str) -> Option<PathBuf> {
    let path = percent_decode_str(uri_path).decode_utf8().ok()?;
    let path = Path::new(path.trim_start_matches('/'));
    let mut components = path.components();
    components
        .all(|component| matches!(component, Component::Normal(_)))
        .then(|| directory.join(path))
}

fn is_not_found(error: &io::Error) -> bool {
    use ErrorKind::{InvalidInput, NotADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied | InvalidInput)
}
