//! A file that was asked for: what tells its versions apart, and its bytes. Knows nothing of ranges and answers.

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

/// How much of a file is in memory at a time, besides what the response holds.
const PIECE: usize = 64 * 1024;

/// An open file.
pub(crate) struct Found {
    file: File,
    pub(crate) length: u64,
    pub(crate) etag: String,
    pub(crate) last_modified: String,
}

impl Found {
    /// The file of this path of a URI, if there is one below the directory.
    pub(crate) async fn open(directory: &Path, path: &str) -> io::Result<Option<Self>> {
        let Some(path) = below(directory, path) else {
            return Ok(None);
        };
        let file = match File::open(path).await {
            Ok(file) => file,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata().await?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let length = metadata.len();
        let modified = metadata.modified()?;
        let age = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Some(Self {
            file,
            length,
            etag: format!("\"{length:x}-{:x}\"", age.as_nanos()),
            last_modified: httpdate::fmt_http_date(UNIX_EPOCH + age),
        }))
    }

    /// Whether the caller has this version (RFC 9110, section 13.2.2).
    pub(crate) fn is_known(&self, headers: &HeaderMap) -> bool {
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

    /// Whether a part of this version goes with what the caller has. A date never tells: a file can change twice in a
    /// second (RFC 9110, section 13.1.5).
    pub(crate) fn may_continue(&self, headers: &HeaderMap) -> bool {
        headers.get(IF_RANGE).is_none_or(|tag| *tag == self.etag)
    }

    /// The bytes of a range, as they are read.
    pub(crate) async fn pieces(mut self, range: Range<u64>) -> io::Result<impl Stream<Item = io::Result<Bytes>>> {
        self.file.seek(SeekFrom::Start(range.start)).await?;
        let rest = self.file.take(range.end - range.start);
        Ok(stream::try_unfold(rest, |mut rest| async move {
            if rest.limit() == 0 {
                return Ok(None);
            }
            let mut piece = BytesMut::with_capacity(PIECE);
            if rest.read_buf(&mut piece).await? == 0 {
                // To end here would be to call half a file a whole one.
                return Err(io::Error::new(
                    ErrorKind::UnexpectedEof,
                    "the file became shorter while it was sent",
                ));
            }
            Ok(Some((piece.freeze(), rest)))
        }))
    }
}

/// The path of a URI as one below the directory: without `..`, encoded or not.
fn below(directory: &Path, path: &str) -> Option<PathBuf> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let path = Path::new(path.trim_start_matches('/'));
    let mut components = path.components();
    components
        .all(|component| matches!(component, Component::Normal(_)))
        .then(|| directory.join(path))
}

fn is_absence(error: &io::Error) -> bool {
    use ErrorKind::{InvalidInput, NotADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied | InvalidInput)
}
