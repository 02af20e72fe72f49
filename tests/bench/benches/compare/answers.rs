//! The answers, as fast as they go: which there are, and what is measured of them, turn by turn.

use std::time::{Duration, Instant};

use lambda_stream_bench::{Given, PIECE_LIMIT, Shape};

use crate::answer::Reading;
use crate::contestant::{Contestant, Running};
use crate::process;
use crate::statistic::Seen;
use crate::trace;

/// How long a contestant's turn lasts, unless one invocation takes longer.
const TURN: Duration = Duration::from_millis(100);

/// Most invocations of a turn.
const TURN_INVOCATIONS: u32 = 100;

/// Invocations before the count begins, so that memory, caches and congestion windows are what they will be.
const WARM_UP: Duration = Duration::from_millis(300);

/// An answer, in how many turns it is asked for, and how often under the tracer.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    turns: usize,
    traced: usize,
}

/// The answers of the table.
pub(crate) fn all() -> Vec<Asked> {
    let large = Shape::new(3200, PIECE_LIMIT);
    vec![
        Asked {
            name: "1 × 16 B",
            shape: Shape::new(1, 16),
            turns: 50,
            traced: 100,
        },
        Asked {
            name: "1,000 × 16 B",
            shape: Shape::new(1_000, 16),
            turns: 50,
            traced: 50,
        },
        Asked {
            name: "100,000 × 16 B",
            shape: Shape::new(100_000, 16),
            turns: 20,
            traced: 3,
        },
        Asked {
            name: "200 MB in 64 KiB pieces, handed over",
            shape: Shape {
                given: Given::Shared,
                ..large
            },
            turns: 15,
            traced: 1,
        },
        Asked {
            name: "200 MB in 64 KiB pieces, copied",
            shape: Shape {
                given: Given::Copied,
                ..large
            },
            turns: 15,
            traced: 1,
        },
    ]
}

/// What was seen of one contestant with one answer.
pub(crate) struct Measured {
    pub(crate) contestant: Contestant,
    pub(crate) first_byte: Seen,
    pub(crate) total: Seen,
    /// Processor time of an invocation: one mean a turn.
    pub(crate) processor: Seen,
    /// The most memory it ever had, in KiB.
    pub(crate) peak: u64,
    /// System calls of an invocation.
    pub(crate) calls: Option<u64>,
}

impl Asked {
    /// Lets each contestant answer in turn, until all turns are over.
    pub(crate) fn measure(&self, contestants: &[Contestant]) -> Result<Vec<Measured>, String> {
        let mut measured = Vec::new();
        for contestant in contestants {
            let running = contestant.start()?;
            let begin = Instant::now();
            while begin.elapsed() < WARM_UP {
                running.invoke(&self.shape, Reading::Count)?;
            }
            let empty = Measured {
                contestant: contestant.clone(),
                first_byte: Seen::default(),
                total: Seen::default(),
                processor: Seen::default(),
                peak: 0,
                calls: None,
            };
            measured.push((running, empty));
        }
        for _ in 0..self.turns {
            for (running, measured) in &mut measured {
                self.turn(running, measured)?;
            }
        }
        measured
            .into_iter()
            .map(|(running, mut measured)| {
                measured.peak = process::memory(running.id(), "VmHWM")?;
                drop(running);
                measured.calls = trace::system_calls(&measured.contestant, &self.shape, self.traced)?;
                Ok(measured)
            })
            .collect()
    }

    fn turn(&self, running: &Running, measured: &mut Measured) -> Result<(), String> {
        let begin = Instant::now();
        let before = process::processor_time(running.id())?;
        let mut invocations = 0;
        while invocations == 0 || (invocations < TURN_INVOCATIONS && begin.elapsed() < TURN) {
            let answer = running.invoke(&self.shape, Reading::Count)?;
            measured.first_byte.extend(answer.first_byte);
            measured.total.push(answer.total);
            invocations += 1;
        }
        let used = process::processor_time(running.id())? - before;
        measured.processor.push(used / invocations);
        Ok(())
    }
}
