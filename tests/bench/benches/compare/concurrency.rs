//! Concurrent invocations, as on Lambda Managed Instances: invocations per second, compared with one at a time.

use std::time::{Duration, Instant};

use lambda_stream_bench::ResponseSpec;

use crate::implementation::{Implementation, Running};
use crate::measured_response::ReadMode;
use crate::samples::Samples;

/// The number of concurrent invocations.
pub(crate) const CONCURRENCY: usize = 8;

const TURNS: usize = 7;

/// A kind of event, and the number of events in a turn.
pub(crate) struct ConcurrencyBenchmark {
    pub(crate) name: &'static str,
    pub(crate) spec: ResponseSpec,
    count: usize,
}

/// Returns the kinds of events in the order of the table.
pub(crate) fn all() -> [ConcurrencyBenchmark; 3] {
    let single = ResponseSpec::new(1, 16);
    [
        ConcurrencyBenchmark {
            name: "8 concurrent: 1 × 16 B",
            spec: single,
            count: 400,
        },
        ConcurrencyBenchmark {
            name: "8 concurrent: 1,000 × 16 B",
            spec: ResponseSpec::new(1_000, 16),
            count: 400,
        },
        ConcurrencyBenchmark {
            name: "8 concurrent: about 1 ms of computing, then 1 × 16 B",
            spec: ResponseSpec {
                work: 500_000,
                ..single
            },
            count: 200,
        },
    ]
}

/// The measurements of one implementation. Each sample is the time of a turn divided by its number of invocations.
pub(crate) struct Measured {
    pub(crate) implementation: Implementation,
    pub(crate) single: Samples,
    pub(crate) concurrent: Samples,
}

impl ConcurrencyBenchmark {
    /// Measures all implementations, which take turns, with one and with several invocations at a time.
    pub(crate) fn measure(&self) -> Result<Vec<Measured>, String> {
        let mut all = Vec::new();
        for implementation in Implementation::concurrent() {
            let single = implementation.start()?;
            let concurrent = implementation.start_concurrent(CONCURRENCY)?;
            for running in [&single, &concurrent] {
                self.burst(running, 2 * CONCURRENCY)?;
            }
            let measured = Measured {
                implementation,
                single: Samples::default(),
                concurrent: Samples::default(),
            };
            all.push((single, concurrent, measured));
        }
        for _ in 0..TURNS {
            for (single, concurrent, measured) in &mut all {
                // With one invocation at a time, `lambda_runtime` can take 43 ms for each.
                measured.single.push(self.burst(single, self.count / 8)?);
                measured.concurrent.push(self.burst(concurrent, self.count)?);
            }
        }
        Ok(all.into_iter().map(|(.., measured)| measured).collect())
    }

    /// Queues `count` events together and returns the mean time of an invocation.
    pub(crate) fn burst(&self, running: &Running, count: usize) -> Result<Duration, String> {
        let begin = Instant::now();
        let pending: Vec<_> = (0..count)
            .map(|_| running.queue(&self.spec, ReadMode::Count))
            .collect::<Result<_, _>>()?;
        for pending in pending {
            running.finish(&self.spec, pending)?;
        }
        Ok(begin.elapsed() / count as u32)
    }
}
