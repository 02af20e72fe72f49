//! Concurrent invocations, as on Lambda Managed Instances: invocations per second.

use std::time::{Duration, Instant};

use lambda_stream_bench::ResponseSpec;

use crate::implementation::Implementation;
use crate::measured_response::ReadMode;
use crate::rotation::{self, Row};
use crate::running::{LIMIT, Running, Start};
use crate::samples::Samples;
use crate::workload::TestEvent;

/// The numbers of concurrent invocations.
pub(crate) const CONCURRENCIES: [usize; 3] = [1, 8, 64];

const TURNS: usize = 9;

/// A kind of event, and the number of events in a turn of several concurrent invocations.
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
            name: "concurrent: 1 × 16 B",
            spec: single,
            count: 640,
        },
        ConcurrencyBenchmark {
            name: "concurrent: 1,000 × 16 B",
            spec: ResponseSpec::new(1_000, 16),
            count: 640,
        },
        ConcurrencyBenchmark {
            name: "concurrent: about 1 ms of computing, then 1 × 16 B",
            spec: ResponseSpec {
                work: 500_000,
                ..single
            },
            count: 320,
        },
    ]
}

/// A row of the report: the number of concurrent invocations, and for each turn its time divided by its number of
/// invocations.
pub(crate) type ConcurrencyRow = (usize, Row<Samples>);

impl ConcurrencyBenchmark {
    /// Measures implementations with each number of concurrent invocations. All take turns.
    pub(crate) fn measure(&self, implementations: &[Implementation]) -> Vec<ConcurrencyRow> {
        let mut rows = Vec::new();
        for implementation in implementations {
            for concurrency in CONCURRENCIES {
                let row = Row {
                    name: implementation.name.clone(),
                    outcome: Ok(()),
                };
                rows.push(row.and_then(|()| {
                    let (running, event) = self.start(implementation, concurrency, LIMIT)?;
                    Ok((running, event, concurrency, Samples::default()))
                }));
            }
        }
        rotation::turns(&mut rows, TURNS, |(running, event, concurrency, samples)| {
            // With one invocation at a time, `lambda_runtime` can take 43 ms for each.
            let count = if *concurrency == 1 { self.count / 8 } else { self.count };
            samples.push(burst(running, event, count)?);
            Ok(())
        });
        let rows = rows.into_iter().map(|row| row.and_then(|(.., samples)| Ok(samples)));
        CONCURRENCIES.into_iter().cycle().zip(rows).collect()
    }

    /// Starts a process, and warms up each of its connections.
    pub(crate) fn start(
        &self,
        implementation: &Implementation,
        concurrency: usize,
        limit: Duration,
    ) -> Result<(Running, TestEvent), String> {
        let start = Start {
            front: None,
            concurrency: Some(concurrency),
            limit,
        };
        let running = Running::start(implementation, start)?;
        let event = implementation.event(&self.spec);
        burst(&running, &event, 2 * concurrency)?;
        Ok((running, event))
    }
}

/// Queues `count` events together and returns the mean time of an invocation.
pub(crate) fn burst(running: &Running, event: &TestEvent, count: usize) -> Result<Duration, String> {
    let begin = Instant::now();
    let pending: Vec<_> = (0..count).map(|_| running.queue(event, ReadMode::Count)).collect();
    for pending in pending {
        running.finish(event, &pending)?;
    }
    Ok(begin.elapsed() / count as u32)
}
