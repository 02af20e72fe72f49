//! Tokens with pauses of 1 ms: the delay of each token, and whether it arrived in a chunk without other tokens.

use lambda_stream_bench::{Pause, ResponseSpec, TOKEN_SIZE};

use crate::adapter;
use crate::implementation::Implementation;
use crate::measured_response::ReadMode;
use crate::rotation::{self, Row};
use crate::running::Running;
use crate::samples::Samples;
use crate::workload::TestEvent;

/// The number of tokens in a response.
const TOKENS: usize = 20;

const TURNS: usize = 40;

/// A kind of pause between tokens, and how the tokens differ in length.
pub(crate) struct TokenBenchmark {
    pub(crate) name: &'static str,
    pub(crate) is_axum: bool,
    pause: Pause,
    padding: usize,
}

/// The kinds of tokens in the order of the table.
///
/// Without `TCP_NODELAY`, a token stalls depending on what the TCP stack of the reader considers a full segment, and so on
/// the lengths of the tokens before it. Tokens of equal length would hide this.
pub(crate) const KINDS: [TokenBenchmark; 4] = [
    TokenBenchmark {
        name: "tokens of 16 B, awaiting 1 ms between two",
        is_axum: false,
        pause: Pause::Await,
        padding: 0,
    },
    TokenBenchmark {
        name: "tokens of 16 to 40 B, awaiting 1 ms between two",
        is_axum: false,
        pause: Pause::Await,
        padding: 8,
    },
    TokenBenchmark {
        name: "tokens of 16 B, blocking the thread for 1 ms between two",
        is_axum: false,
        pause: Pause::Block,
        padding: 0,
    },
    TokenBenchmark {
        name: "axum: tokens of 16 B, awaiting 1 ms between two",
        is_axum: true,
        pause: Pause::Await,
        padding: 0,
    },
];

/// The measurements of one implementation.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) first_byte: Samples,
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

    /// Returns the implementations.
    pub(crate) fn implementations(&self, adapter: &adapter::Program) -> Vec<Implementation> {
        match self.is_axum {
            true => Implementation::of_axum(adapter),
            false => Implementation::all(),
        }
    }

    /// Measures implementations, which take turns.
    pub(crate) fn measure(&self, implementations: Vec<Implementation>) -> Vec<Row<Measured>> {
        let spec = self.spec(TOKENS);
        let mut rows = rotation::rows(implementations, |implementation| {
            let running = implementation.start()?;
            let event = implementation.event(&spec);
            running.invoke(&event, ReadMode::Tokens)?;
            Ok((running, event, Measured::default()))
        });
        rotation::turns(&mut rows, TURNS, turn);
        rows.into_iter()
            .map(|row| row.and_then(|(_, _, measured)| Ok(measured)))
            .collect()
    }
}

fn turn((running, event, measured): &mut (Running, TestEvent, Measured)) -> Result<(), String> {
    let response = running.invoke(event, ReadMode::Tokens)?;
    measured.first_byte.extend(response.first_byte);
    measured.longest.extend(response.delays.iter().max().copied());
    measured.delays.extend(response.delays);
    measured.sharing += response.sharing;
    Ok(())
}
