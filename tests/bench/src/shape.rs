//! What an event asks for: so many pieces of such a size. Contestants make them, the report checks them.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The largest piece, in bytes.
pub const PIECE_LIMIT: usize = 64 * 1024;

/// The length of a token in bytes: nanoseconds since 1970 in hexadecimal.
pub const TOKEN: usize = 16;

/// How long a paused answer waits between two tokens.
const PAUSE: Duration = Duration::from_millis(1);

/// Pieces begin at so many places of the source in turn, so that a lost or doubled one shows.
const PLACES: usize = 251;

static SOURCE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mixed = |place: usize| place.wrapping_mul(0x9E37_79B9).to_le_bytes()[2];
    (0..PIECE_LIMIT + PLACES * TOKEN).map(mixed).collect()
});

static SHARED: LazyLock<Bytes> = LazyLock::new(|| Bytes::from_owner(SOURCE.as_slice()));

/// An event: what the answer is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// How many pieces the handler writes.
    pub pieces: usize,
    /// The bytes of a piece, at most [`PIECE_LIMIT`].
    pub size: usize,
    /// How the handler has its pieces.
    pub given: Given,
    /// What the handler does between two pieces. Unless it is nothing, the pieces are tokens.
    pub pause: Pause,
    /// Tokens in turn have no, one, two and three times so many spaces after them, so that they are of unequal length.
    pub spaces: usize,
    /// Rounds of arithmetic before the first piece.
    pub work: u64,
}

/// How a handler has its pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Given {
    /// As `&'static [u8]`: a writer takes that, others take `Bytes` that borrow it.
    Borrowed,
    /// As `Bytes` that are counted, handed over without a copy.
    Shared,
    /// As `&[u8]` that must be copied.
    Copied,
}

/// What a handler does between two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pause {
    /// Nothing.
    No,
    /// Awaits for 1 ms.
    Await,
    /// Holds the thread for 1 ms.
    Block,
}

impl Shape {
    /// So many borrowed pieces of such a size, as fast as it goes.
    pub fn new(pieces: usize, size: usize) -> Self {
        Self {
            pieces,
            size,
            given: Given::Borrowed,
            pause: Pause::No,
            spaces: 0,
            work: 0,
        }
    }

    /// The pieces are tokens: each says when it was written.
    pub fn is_stamped(&self) -> bool {
        self.pause != Pause::No
    }

    /// The bytes of the whole answer.
    pub fn length(&self) -> u64 {
        let spaces: usize = (0..self.pieces).map(|index| self.spaces_after(index)).sum();
        (self.pieces * self.size + spaces) as u64
    }

    fn spaces_after(&self, index: usize) -> usize {
        index % 4 * self.spaces
    }

    /// The present, as a token.
    pub fn token(&self, index: usize) -> String {
        format!(
            "{:016x}{:spaces$}",
            nanoseconds_since_1970(),
            "",
            spaces = self.spaces_after(index)
        )
    }

    /// A piece of an answer that is not stamped.
    pub fn slice(&self, index: usize) -> &'static [u8] {
        let start = index % PLACES * TOKEN;
        &SOURCE[start..start + self.size]
    }

    /// The same piece as those have it that take nothing but `Bytes`; of a stamped answer, a token.
    pub fn bytes(&self, index: usize) -> Bytes {
        if self.is_stamped() {
            return self.token(index).into();
        }
        match self.given {
            Given::Borrowed => Bytes::from_static(self.slice(index)),
            Given::Copied => Bytes::copy_from_slice(self.slice(index)),
            Given::Shared => {
                let start = index % PLACES * TOKEN;
                SHARED.slice(start..start + self.size)
            }
        }
    }

    /// Waits as the event asks, before each piece but the first.
    pub async fn pause(&self, index: usize) {
        if self.pause == Pause::Await && index > 0 {
            tokio::time::sleep(PAUSE).await;
        } else {
            self.block(index);
        }
    }

    /// [`pause`](Self::pause) for those who only can block.
    pub fn block(&self, index: usize) {
        if self.is_stamped() && index > 0 {
            std::thread::sleep(PAUSE);
        }
    }

    /// Computes as the event asks: always the same amount of work, however busy the machine is.
    pub fn work(&self) {
        let mut state = self.pieces as u64;
        for round in 0..self.work {
            state = black_box(state.rotate_left(5).wrapping_mul(0x517C_C1B7_2722_0A95) ^ round);
        }
    }
}

/// The clock of the tokens: both processes run on one machine.
pub fn nanoseconds_since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
