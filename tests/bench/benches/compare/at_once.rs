//! Several invocations at once, as on Lambda Managed Instances: how many a second, against one at a time.

use std::time::{Duration, Instant};

use lambda_stream_bench::Shape;

use crate::answer::Reading;
use crate::contestant::{Contestant, Running};
use crate::statistic::Seen;

/// How many at once.
pub(crate) const AT_ONCE: usize = 8;

const TURNS: usize = 7;

/// What events of a kind ask for, and how many of them a turn has.
pub(crate) struct Events {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    count: usize,
}

/// The kinds of events.
pub(crate) fn all() -> [Events; 3] {
    let single = Shape::new(1, 16);
    [
        Events {
            name: "8 at once: 1 × 16 B",
            shape: single,
            count: 400,
        },
        Events {
            name: "8 at once: 1,000 × 16 B",
            shape: Shape::new(1_000, 16),
            count: 400,
        },
        Events {
            name: "8 at once: about 1 ms of computing, then 1 × 16 B",
            shape: Shape {
                work: 500_000,
                ..single
            },
            count: 200,
        },
    ]
}

/// What was seen of one contestant: the time of an invocation, as a turn's time divided by its invocations.
pub(crate) struct Measured {
    pub(crate) contestant: Contestant,
    pub(crate) single: Seen,
    pub(crate) at_once: Seen,
}

impl Events {
    /// Lets each contestant answer in turn, one event at a time and several at once.
    pub(crate) fn measure(&self) -> Result<Vec<Measured>, String> {
        let mut all = Vec::new();
        for contestant in Contestant::concurrent() {
            let (single, at_once) = (contestant.start()?, contestant.start_concurrent(AT_ONCE)?);
            for running in [&single, &at_once] {
                self.burst(running, 2 * AT_ONCE)?;
            }
            let measured = Measured {
                contestant,
                single: Seen::default(),
                at_once: Seen::default(),
            };
            all.push((single, at_once, measured));
        }
        for _ in 0..TURNS {
            for (single, at_once, measured) in &mut all {
                // One at a time, `lambda_runtime` may take 43 ms for each.
                measured.single.push(self.burst(single, self.count / 8)?);
                measured.at_once.push(self.burst(at_once, self.count)?);
            }
        }
        Ok(all.into_iter().map(|(.., measured)| measured).collect())
    }

    /// So many events, queued together; the time of each, in the mean.
    pub(crate) fn burst(&self, running: &Running, count: usize) -> Result<Duration, String> {
        let begin = Instant::now();
        let pending: Vec<_> = (0..count)
            .map(|_| running.queue(&self.shape, Reading::Count))
            .collect::<Result<_, _>>()?;
        for pending in pending {
            running.finish(&self.shape, pending)?;
        }
        Ok(begin.elapsed() / count as u32)
    }
}
