//! Reads the lines of a file that other programs append to.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use futures::{Stream, stream};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::time::sleep;

/// How many bytes are read at a time, and the length of the longest line.
const BLOCK: usize = 64 * 1024;

/// How many bytes of earlier lines a caller without a position gets.
const RECENT: u64 = 16 * 1024;

/// How long to wait for new lines. A network file system does not notify its clients of changes by other clients.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

pub(crate) struct Line {
    pub(crate) text: String,
    /// The position in the file after the line.
    pub(crate) end: u64,
}

pub(crate) struct Feed {
    path: PathBuf,
    position: u64,
    /// Lines that have been read and not yet returned.
    lines: VecDeque<Line>,
}

impl Feed {
    /// Opens the feed at the start of a line: at `position`, or without one at the recent lines. If no line starts at
    /// `position`, the file has been replaced, and the feed begins at its first line.
    pub(crate) async fn open(path: PathBuf, position: Option<u64>) -> io::Result<Self> {
        let mut feed = Self {
            path,
            position: 0,
            lines: VecDeque::new(),
        };
        let length = feed.length().await?;
        let wanted = position.unwrap_or_else(|| length.saturating_sub(RECENT));
        if wanted > 0 && wanted <= length {
            feed.position = wanted - 1;
            let before = feed.read_block().await?;
            let line_end = before.iter().position(|&byte| byte == b'\n');
            feed.position = match (line_end, position) {
                (Some(0), _) => wanted,
                (Some(line_end), None) => wanted + line_end as u64,
                _ => 0,
            };
        }
        Ok(feed)
    }

    /// Returns the lines from the position on. The stream does not end: after the last line it waits for more.
    pub(crate) fn lines(self) -> impl Stream<Item = io::Result<Line>> + Send {
        stream::try_unfold(self, |mut feed| async {
            let line = feed.next().await?;
            Ok(Some((line, feed)))
        })
    }

    async fn next(&mut self) -> io::Result<Line> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Ok(line);
            }
            self.read_lines().await?;
            if self.lines.is_empty() {
                sleep(POLL_INTERVAL).await;
            }
        }
    }

    /// Reads the complete lines of the next block.
    async fn read_lines(&mut self) -> io::Result<()> {
        if self.length().await? < self.position {
            // The file was replaced by a shorter one.
            self.position = 0;
        }
        let block = self.read_block().await?;
        for line in block.split_inclusive(|&byte| byte == b'\n') {
            let Some(text) = line.strip_suffix(b"\n") else {
                break;
            };
            self.position += line.len() as u64;
            self.lines.push_back(Line {
                text: String::from_utf8_lossy(text).into_owned(),
                end: self.position,
            });
        }
        if self.lines.is_empty() && block.len() == BLOCK {
            let (path, position) = (self.path.display(), self.position);
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                format!("the line at byte {position} of {path} has more than {BLOCK} bytes: shorten it"),
            ));
        }
        Ok(())
    }

    /// Returns the length of the file: 0 while it does not exist.
    async fn length(&self) -> io::Result<u64> {
        match tokio::fs::metadata(&self.path).await {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Reads at most one block from the position on: none if the file does not exist.
    async fn read_block(&self) -> io::Result<Vec<u8>> {
        let mut block = Vec::new();
        match File::open(&self.path).await {
            Ok(mut file) => {
                file.seek(SeekFrom::Start(self.position)).await?;
                file.take(BLOCK as u64).read_to_end(&mut block).await?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(block)
    }
}
