//! Responses without pauses, and large events: time, processor time, memory and system calls.

use std::time::{Duration, Instant};

use lambda_stream_bench::lambda_stream_handlers::make_items;
use lambda_stream_bench::{Format, LARGE_CHUNK, MIXED_LIMIT, ResponseSpec, Source};

use crate::adapter;
use crate::implementation::Implementation;
use crate::measured_response::ReadMode;
use crate::rotation::{self, Row};
use crate::running::Running;
use crate::samples::Samples;
use crate::trace;
use crate::workload::TestEvent;

/// The name of the row with the cost of the items themselves.
pub(crate) const MAKING_ITEMS: &str = "only making the items";

/// The number of chunks from which that cost is measured. Below, it is less than a clock reading.
const MAKING_ITEMS_MIN: usize = 1_000;

/// The duration of one turn of an implementation, unless one invocation takes longer.
const TURN: Duration = Duration::from_millis(100);

/// The maximum number of invocations in a turn.
const TURN_INVOCATIONS: u32 = 100;

/// The duration of the invocations before the measurement, which fill memory, caches and congestion windows.
const WARM_UP: Duration = Duration::from_millis(300);

/// A kind of response, the number of turns in which it is measured, and the number of invocations under the tracer.
pub(crate) struct ResponseBenchmark {
    pub(crate) name: &'static str,
    pub(crate) subject: Subject,
    turns: usize,
    traced: usize,
}

/// What an invocation consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A response to an event that specifies it.
    Response(ResponseSpec),
    /// The same response with buffers of different sizes.
    Buffer(ResponseSpec),
    /// The same response by an axum application.
    Axum(ResponseSpec),
    /// An event of 6 MB for the handler that this argument selects.
    LargeEvent(&'static str),
}

fn benchmark(name: &'static str, subject: Subject, turns: usize, traced: usize) -> ResponseBenchmark {
    ResponseBenchmark {
        name,
        subject,
        turns,
        traced,
    }
}

/// 200 MB in large chunks.
fn large(source: Source) -> ResponseSpec {
    ResponseSpec {
        source,
        ..ResponseSpec::new(3200, LARGE_CHUNK)
    }
}

/// 20 MB in chunks from 1 B to 100 KiB.
fn mixed(source: Source) -> ResponseSpec {
    ResponseSpec {
        mixed: true,
        source,
        ..ResponseSpec::new(3_000, MIXED_LIMIT)
    }
}

fn formatted(format: Format) -> ResponseSpec {
    ResponseSpec {
        format,
        ..ResponseSpec::new(10_000, 64)
    }
}

/// Returns the kinds of responses in the order of the table.
pub(crate) fn responses() -> Vec<ResponseBenchmark> {
    let response = |name, spec, turns, traced| benchmark(name, Subject::Response(spec), turns, traced);
    vec![
        response("1 × 16 B", ResponseSpec::new(1, 16), 50, 100),
        response("1,000 × 16 B", ResponseSpec::new(1_000, 16), 50, 50),
        response("100,000 × 16 B", ResponseSpec::new(100_000, 16), 20, 3),
        response("3,000 × 1 B to 100 KiB, not copied", mixed(Source::Shared), 20, 3),
        response("3,000 × 1 B to 100 KiB, copied", mixed(Source::Copied), 20, 3),
        response("10,000 server-sent events", formatted(Format::Sse), 20, 3),
        response("10,000 lines of NDJSON", formatted(Format::Ndjson), 20, 3),
        response("200 MB in 64 KiB chunks, not copied", large(Source::Shared), 15, 1),
        response("200 MB in 64 KiB chunks, copied", large(Source::Copied), 15, 1),
    ]
}

/// Returns the kinds of responses for buffers of different sizes, in the order of the table.
pub(crate) fn buffers() -> Vec<ResponseBenchmark> {
    let response = |name, spec, turns| benchmark(name, Subject::Buffer(spec), turns, 1);
    vec![
        response("buffer: 200 MB in 64 KiB chunks, not copied", large(Source::Shared), 10),
        response("buffer: 200 MB in 64 KiB chunks, copied", large(Source::Copied), 10),
        response("buffer: 100,000 × 16 B", ResponseSpec::new(100_000, 16), 10),
    ]
}

/// Returns the kinds of responses of the axum application, in the order of the table.
pub(crate) fn axum() -> Vec<ResponseBenchmark> {
    let response = |name, spec, turns, traced| benchmark(name, Subject::Axum(spec), turns, traced);
    vec![
        response("axum: 1 × 16 B", ResponseSpec::new(1, 16), 30, 50),
        response("axum: 1,000 × 16 B", ResponseSpec::new(1_000, 16), 30, 50),
        response("axum: 100,000 × 16 B", ResponseSpec::new(100_000, 16), 10, 3),
        response("axum: 200 MB in 64 KiB chunks", large(Source::Shared), 15, 1),
    ]
}

/// Returns the kinds of events in the order of the table.
pub(crate) fn large_events() -> [ResponseBenchmark; 2] {
    [
        benchmark("6 MB event, deserialized", Subject::LargeEvent("event"), 10, 3),
        benchmark("6 MB event, raw", Subject::LargeEvent("raw event"), 10, 3),
    ]
}

/// The measurements of one implementation with one kind of response.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) first_byte: Samples,
    pub(crate) total: Samples,
    /// The processor time of an invocation: one mean for each turn.
    pub(crate) processor: Samples,
    /// The memory before the first invocation, and the peak, in KiB.
    pub(crate) idle: Option<u64>,
    pub(crate) peak: Option<u64>,
    /// The system calls of an invocation.
    pub(crate) calls: Option<u64>,
}

/// An implementation that is being measured.
struct Contestant {
    implementation: Implementation,
    running: Running,
    event: TestEvent,
    measured: Measured,
}

impl Subject {
    /// Returns the implementations.
    pub(crate) fn implementations(self, adapter: &adapter::Program) -> Vec<Implementation> {
        match self {
            Self::Response(spec) => Implementation::of_format(spec.format),
            Self::Buffer(_) => Implementation::of_buffers(),
            Self::Axum(_) => Implementation::of_axum(adapter),
            Self::LargeEvent(argument) => Implementation::of_large_events(argument),
        }
    }

    /// Returns the event for an implementation.
    pub(crate) fn event(self, implementation: &Implementation) -> TestEvent {
        match self {
            Self::Response(spec) | Self::Buffer(spec) | Self::Axum(spec) => implementation.event(&spec),
            Self::LargeEvent(_) => TestEvent::large(),
        }
    }
}

impl ResponseBenchmark {
    /// Measures implementations, which take turns, and the items alone.
    pub(crate) fn measure(&self, implementations: Vec<Implementation>) -> Vec<Row<Measured>> {
        let mut rows = self.measure_turns(implementations, self.turns, Implementation::start);
        rows.extend(self.making_items());
        rows
    }

    /// Measures implementations, which take turns.
    pub(crate) fn measure_turns(
        &self,
        implementations: Vec<Implementation>,
        turns: usize,
        start: impl Fn(&Implementation) -> Result<Running, String>,
    ) -> Vec<Row<Measured>> {
        let mut rows = rotation::rows(implementations, |implementation| {
            let running = start(&implementation)?;
            Contestant::warm_up(implementation, running, self.subject)
        });
        rotation::turns(&mut rows, turns, Contestant::turn);
        rows.into_iter()
            .map(|row| row.and_then(|contestant| contestant.finish(self.traced)))
            .collect()
    }

    /// Measures the loop of a handler that returns items, without the library.
    fn making_items(&self) -> Option<Row<Measured>> {
        let Subject::Response(spec) = self.subject else {
            return None;
        };
        if spec.chunks < MAKING_ITEMS_MIN {
            return None;
        }
        let mut measured = Measured::default();
        for _ in 0..self.turns {
            repeat(|| {
                let begin = Instant::now();
                make_items(&spec);
                measured.total.push(begin.elapsed());
                Ok(())
            })
            .ok()?;
        }
        Some(Row {
            name: MAKING_ITEMS.to_owned(),
            outcome: Ok(measured),
        })
    }
}

impl Contestant {
    fn warm_up(implementation: Implementation, running: Running, subject: Subject) -> Result<Self, String> {
        let event = subject.event(&implementation);
        let measured = Measured {
            idle: Some(running.resident_memory()?),
            ..Measured::default()
        };
        let begin = Instant::now();
        while begin.elapsed() < WARM_UP {
            running.invoke(&event, ReadMode::Count)?;
        }
        Ok(Self {
            implementation,
            running,
            event,
            measured,
        })
    }

    fn turn(&mut self) -> Result<(), String> {
        let before = self.running.thread_time()?;
        let invocations = repeat(|| {
            let response = self.running.invoke(&self.event, ReadMode::Count)?;
            self.measured.first_byte.extend(response.first_byte);
            self.measured.total.push(response.total);
            Ok(())
        })?;
        let used = self.running.thread_time()? - before;
        self.measured.processor.push(used / invocations);
        Ok(())
    }

    fn finish(self, traced: usize) -> Result<Measured, String> {
        let mut measured = self.measured;
        measured.peak = Some(self.running.peak_memory()?);
        drop(self.running);
        if self.implementation.is_one_process() {
            measured.calls = trace::system_calls(&self.implementation, &self.event, traced).unwrap_or_else(|error| {
                // The other measurements are valid.
                eprintln!("{}: with strace: {error}", self.implementation.name);
                None
            });
        }
        Ok(measured)
    }
}

/// Repeats a measurement for the duration of a turn, and returns how often.
fn repeat(mut measure: impl FnMut() -> Result<(), String>) -> Result<u32, String> {
    let begin = Instant::now();
    let mut count = 0;
    while count == 0 || (count < TURN_INVOCATIONS && begin.elapsed() < TURN) {
        measure()?;
        count += 1;
    }
    Ok(count)
}
