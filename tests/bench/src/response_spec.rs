//! The event of the benchmark. It specifies the response: the number, size and timing of its chunks.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The size of a large chunk, in bytes.
pub const LARGE_CHUNK: usize = 64 * 1024;

/// The maximum size of a chunk of mixed size, in bytes.
pub const MIXED_LIMIT: usize = 100 * 1024;

/// The size of a token, in bytes: nanoseconds since 1970 in hexadecimal.
pub const TOKEN_SIZE: usize = 16;

/// The pause between two tokens.
const PAUSE: Duration = Duration::from_millis(1);

/// The number of offsets in the source data at which successive chunks start, so that a lost or repeated chunk changes the
/// body.
const OFFSETS: usize = 251;

static SOURCE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let byte = |index: usize| index.wrapping_mul(0x9E37_79B9).to_le_bytes()[2];
    (0..MIXED_LIMIT + OFFSETS * TOKEN_SIZE).map(byte).collect()
});

static SHARED: LazyLock<Bytes> = LazyLock::new(|| Bytes::from_owner(SOURCE.as_slice()));

/// The specification of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseSpec {
    /// The number of chunks that the handler writes.
    pub chunks: usize,
    /// The size of a chunk in bytes, at most [`MIXED_LIMIT`]. If the sizes are mixed, the maximum.
    pub size: usize,
    /// Whether the sizes are mixed: a repeatable sequence, in which each power of two is about equally frequent.
    pub mixed: bool,
    /// What the chunks contain.
    pub format: Format,
    /// How the handler holds the data of its chunks.
    pub source: Source,
    /// What the handler does between two chunks. With a pause, the chunks are tokens.
    pub pause: Pause,
    /// Successive tokens are followed by zero, one, two and three times this number of spaces, which varies their length.
    pub padding: usize,
    /// The number of rounds of arithmetic before the first chunk.
    pub work: u64,
}

/// How a handler holds the data of its chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// As `&'static [u8]`. APIs that need `Bytes` receive `Bytes` that borrow it.
    Borrowed,
    /// As reference-counted `Bytes`, which are sent without a copy.
    Shared,
    /// As `&[u8]` that must be copied.
    Copied,
}

/// What the chunks of a response contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Bytes, or tokens.
    Bytes,
    /// Server-sent events, each with a [`Record`] as JSON and an id.
    Sse,
    /// Lines, each with a [`Record`] as JSON.
    Ndjson,
}

/// The value in a server-sent event or in a line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Record {
    id: usize,
    name: &'static str,
    text: &'static str,
    score: f64,
}

impl Record {
    /// Returns the record with this index.
    pub fn new(index: usize) -> Self {
        Self {
            id: index,
            name: ["delta", "usage", "message"][index % 3],
            text: ["one ", "\"two\" ", "three\n", "four and five "][index % 4],
            score: (index % 100) as f64 / 4.0,
        }
    }

    fn json(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }
}

/// What a handler does between two chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pause {
    /// Nothing.
    No,
    /// Awaits for 1 ms.
    Await,
    /// Blocks the thread for 1 ms.
    Block,
}

impl ResponseSpec {
    /// Specifies borrowed chunks of bytes of equal size, without pauses.
    pub fn new(chunks: usize, size: usize) -> Self {
        Self {
            chunks,
            size,
            mixed: false,
            format: Format::Bytes,
            source: Source::Borrowed,
            pause: Pause::No,
            padding: 0,
            work: 0,
        }
    }

    /// Whether the chunks are tokens, which contain the time at which they were written.
    pub fn has_tokens(&self) -> bool {
        self.pause != Pause::No
    }

    /// Returns the length of the response in bytes.
    pub fn length(&self) -> u64 {
        let length = |index| match self.format {
            Format::Bytes => self.size_of(index) + self.padding_after(index),
            Format::Sse | Format::Ndjson => self.bytes(index).len(),
        };
        (0..self.chunks).map(length).sum::<usize>() as u64
    }

    /// Returns the size of a chunk without its padding.
    fn size_of(&self, index: usize) -> usize {
        if !self.mixed {
            return self.size;
        }
        let hash = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let limit = 1_usize << ((hash >> 32) % 18);
        (1 + (hash >> 40) as usize % limit).min(self.size)
    }

    fn padding_after(&self, index: usize) -> usize {
        index % 4 * self.padding
    }

    /// Returns a token with the current time.
    pub fn token(&self, index: usize) -> String {
        format!(
            "{:016x}{:padding$}",
            nanoseconds_since_1970(),
            "",
            padding = self.padding_after(index)
        )
    }

    /// Returns a chunk of bytes.
    pub fn slice(&self, index: usize) -> &'static [u8] {
        let start = index % OFFSETS * TOKEN_SIZE;
        &SOURCE[start..start + self.size_of(index)]
    }

    /// Returns a chunk for APIs that need `Bytes`. If the response has tokens, the chunk is a token.
    pub fn bytes(&self, index: usize) -> Bytes {
        match self.format {
            Format::Bytes => {}
            Format::Sse => return format!("data: {}\nid: {index}\n\n", Record::new(index).json()).into(),
            Format::Ndjson => return (Record::new(index).json() + "\n").into(),
        }
        if self.has_tokens() {
            return self.token(index).into();
        }
        match self.source {
            Source::Borrowed => Bytes::from_static(self.slice(index)),
            Source::Copied => Bytes::copy_from_slice(self.slice(index)),
            Source::Shared => {
                let start = index % OFFSETS * TOKEN_SIZE;
                SHARED.slice(start..start + self.size_of(index))
            }
        }
    }

    /// Pauses before each chunk but the first.
    pub async fn pause(&self, index: usize) {
        if self.pause == Pause::Await && index > 0 {
            tokio::time::sleep(PAUSE).await;
        } else {
            self.block(index);
        }
    }

    /// Pauses like [`pause`](Self::pause), but always blocks the thread.
    pub fn block(&self, index: usize) {
        if self.has_tokens() && index > 0 {
            std::thread::sleep(PAUSE);
        }
    }

    /// Computes for `work` rounds. The amount of work does not depend on the load of the machine.
    pub fn compute(&self) {
        let mut state = self.chunks as u64;
        for round in 0..self.work {
            state = black_box(state.rotate_left(5).wrapping_mul(0x517C_C1B7_2722_0A95) ^ round);
        }
    }
}

/// Returns the time for tokens. All processes run on the same machine, so they share this clock.
pub fn nanoseconds_since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
