//! Tokens, 1 ms apart: how long each takes from its write to its arrival, and whether it came by itself.

use lambda_stream_bench::{Pause, Shape, TOKEN};

use crate::answer::Reading;
use crate::contestant::Contestant;
use crate::statistic::Seen;

/// Tokens of one answer.
const TOKENS: usize = 20;

const TURNS: usize = 40;

/// A name for people, what the handler does between two tokens, and by how much they differ in length.
pub(crate) struct Tokens {
    pub(crate) name: &'static str,
    pause: Pause,
    spaces: usize,
}

/// The kinds of tokens.
///
/// Without `TCP_NODELAY`, whether a token stalls depends on what the reader's TCP stack took for a full segment, and so on
/// the lengths of those before it: equal ones alone would hide it.
pub(crate) const KINDS: [Tokens; 3] = [
    Tokens {
        name: "tokens of 16 B, awaiting 1 ms between two",
        pause: Pause::Await,
        spaces: 0,
    },
    Tokens {
        name: "tokens of 16 to 40 B, awaiting 1 ms between two",
        pause: Pause::Await,
        spaces: 8,
    },
    Tokens {
        name: "tokens of 16 B, blocking the thread for 1 ms between two",
        pause: Pause::Block,
        spaces: 0,
    },
];

/// What was seen of one contestant.
pub(crate) struct Measured {
    pub(crate) contestant: Contestant,
    pub(crate) delays: Seen,
    /// The longest delay of each answer.
    pub(crate) longest: Seen,
    /// Tokens that came in one chunk with another.
    pub(crate) sharing: usize,
}

impl Tokens {
    /// An answer of so many tokens.
    pub(crate) fn shape(&self, tokens: usize) -> Shape {
        Shape {
            pause: self.pause,
            spaces: self.spaces,
            ..Shape::new(tokens, TOKEN)
        }
    }

    /// Lets each contestant answer in turn, until all turns are over.
    pub(crate) fn measure(&self) -> Result<Vec<Measured>, String> {
        let shape = self.shape(TOKENS);
        let mut all = Vec::new();
        for contestant in Contestant::all() {
            let running = contestant.start()?;
            running.invoke(&shape, Reading::Tokens)?;
            let measured = Measured {
                contestant,
                delays: Seen::default(),
                longest: Seen::default(),
                sharing: 0,
            };
            all.push((running, measured));
        }
        for _ in 0..TURNS {
            for (running, measured) in &mut all {
                let answer = running.invoke(&shape, Reading::Tokens)?;
                measured.longest.extend(answer.delays.iter().max().copied());
                measured.delays.extend(answer.delays);
                measured.sharing += answer.sharing;
            }
        }
        Ok(all.into_iter().map(|(_, measured)| measured).collect())
    }
}
