//! Tokens with pauses of 1 ms: the delay of each token, and whether it arrived in a chunk without other tokens.

use lambda_stream_bench::{Pause, ResponseSpec, TOKEN_SIZE};

use crate::implementation::Implementation;
use crate::measured_response::ReadMode;
use crate::samples::Samples;

/// The number of tokens in a response.
const TOKENS: usize = 20;

const TURNS: usize = 40;

/// A kind of pause between tokens, and how the tokens differ in length.
pub(crate) struct TokenBenchmark {
    pub(crate) name: &'static str,
    pause: Pause,
    padding: usize,
}

/// The kinds of tokens in the order of the table.
///
/// Without `TCP_NODELAY`, a token stalls depending on what the TCP stack of the reader considers a full segment, and so on
/// the lengths of the tokens before it. Tokens of equal length would hide this.
pub(crate) const KINDS: [TokenBenchmark; 3] = [
    TokenBenchmark {
        name: "tokens of 16 B, awaiting 1 ms between two",
        pause: Pause::Await,
        padding: 0,
    },
    TokenBenchmark {
        name: "tokens of 16 to 40 B, awaiting 1 ms between two",
        pause: Pause::Await,
        padding: 8,
    },
    TokenBenchmark {
        name: "tokens of 16 B, blocking the thread for 1 ms between two",
        pause: Pause::Block,
        padding: 0,
    },
];

/// The measurements of one implementation.
pub(crate) struct Measured {
    pub(crate) implementation: Implementation,
    pub(crate) delays: Samples,
    /// The longest delay in each response.
    pub(crate) longest: Samples,
    /// The number of tokens that arrived in a chunk with another token.
    pub(crate) sharing: usize,
}

impl TokenBenchmark {
    /// Specifies a response with this number of tokens.
    pub(crate) fn spec(&self, tokens: usize) -> ResponseSpec {
        ResponseSpec {
            pause: self.pause,
            padding: self.padding,
            ..ResponseSpec::new(tokens, TOKEN_SIZE)
        }
    }

    /// Measures all implementations, which take turns.
    pub(crate) fn measure(&self) -> Result<Vec<Measured>, String> {
        let spec = self.spec(TOKENS);
        let mut all = Vec::new();
        for implementation in Implementation::all() {
            let running = implementation.start()?;
            running.invoke(&spec, ReadMode::Tokens)?;
            let measured = Measured {
                implementation,
                delays: Samples::default(),
                longest: Samples::default(),
                sharing: 0,
            };
            all.push((running, measured));
        }
        for _ in 0..TURNS {
            for (running, measured) in &mut all {
                let response = running.invoke(&spec, ReadMode::Tokens)?;
                measured.longest.extend(response.delays.iter().max().copied());
                measured.delays.extend(response.delays);
                measured.sharing += response.sharing;
            }
        }
        Ok(all.into_iter().map(|(_, measured)| measured).collect())
    }
}
