//! Responses without pauses: time, processor time, memory and system calls.

use std::time::{Duration, Instant};

use lambda_stream_bench::{CHUNK_LIMIT, ResponseSpec, Source};

use crate::implementation::{Implementation, Running};
use crate::measured_response::ReadMode;
use crate::samples::Samples;
use crate::trace;

/// The duration of one turn of an implementation, unless one invocation takes longer.
const TURN: Duration = Duration::from_millis(100);

/// The maximum number of invocations in a turn.
const TURN_INVOCATIONS: u32 = 100;

/// The duration of the invocations before the measurement, which fill memory, caches and congestion windows.
const WARM_UP: Duration = Duration::from_millis(300);

/// A kind of response, the number of turns in which it is measured, and the number of invocations under the tracer.
pub(crate) struct ResponseBenchmark {
    pub(crate) name: &'static str,
    pub(crate) spec: ResponseSpec,
    turns: usize,
    traced: usize,
}

/// Returns the kinds of responses in the order of the table.
pub(crate) fn all() -> Vec<ResponseBenchmark> {
    let large = ResponseSpec::new(3200, CHUNK_LIMIT);
    vec![
        ResponseBenchmark {
            name: "1 × 16 B",
            spec: ResponseSpec::new(1, 16),
            turns: 50,
            traced: 100,
        },
        ResponseBenchmark {
            name: "1,000 × 16 B",
            spec: ResponseSpec::new(1_000, 16),
            turns: 50,
            traced: 50,
        },
        ResponseBenchmark {
            name: "100,000 × 16 B",
            spec: ResponseSpec::new(100_000, 16),
            turns: 20,
            traced: 3,
        },
        ResponseBenchmark {
            name: "200 MB in 64 KiB chunks, not copied",
            spec: ResponseSpec {
                source: Source::Shared,
                ..large
            },
            turns: 15,
            traced: 1,
        },
        ResponseBenchmark {
            name: "200 MB in 64 KiB chunks, copied",
            spec: ResponseSpec {
                source: Source::Copied,
                ..large
            },
            turns: 15,
            traced: 1,
        },
    ]
}

/// The measurements of one implementation with one kind of response.
pub(crate) struct Measured {
    pub(crate) implementation: Implementation,
    pub(crate) first_byte: Samples,
    pub(crate) total: Samples,
    /// The processor time of an invocation: one mean for each turn.
    pub(crate) processor: Samples,
    /// The peak memory in KiB.
    pub(crate) peak: u64,
    /// The system calls of an invocation.
    pub(crate) calls: Option<u64>,
}

impl ResponseBenchmark {
    /// Measures all implementations, which take turns.
    pub(crate) fn measure(&self, implementations: &[Implementation]) -> Result<Vec<Measured>, String> {
        let mut measured = Vec::new();
        for implementation in implementations {
            let running = implementation.start()?;
            let begin = Instant::now();
            while begin.elapsed() < WARM_UP {
                running.invoke(&self.spec, ReadMode::Count)?;
            }
            let empty = Measured {
                implementation: implementation.clone(),
                first_byte: Samples::default(),
                total: Samples::default(),
                processor: Samples::default(),
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
                measured.peak = running.resources().peak_memory()?;
                drop(running);
                measured.calls = trace::system_calls(&measured.implementation, &self.spec, self.traced)?;
                Ok(measured)
            })
            .collect()
    }

    fn turn(&self, running: &Running, measured: &mut Measured) -> Result<(), String> {
        let begin = Instant::now();
        let before = running.resources().thread_time()?;
        let mut invocations = 0;
        while invocations == 0 || (invocations < TURN_INVOCATIONS && begin.elapsed() < TURN) {
            let response = running.invoke(&self.spec, ReadMode::Count)?;
            measured.first_byte.extend(response.first_byte);
            measured.total.push(response.total);
            invocations += 1;
        }
        let used = running.resources().thread_time()? - before;
        measured.processor.push(used / invocations);
        Ok(())
    }
}
