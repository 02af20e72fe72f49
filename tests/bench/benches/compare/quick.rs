//! The quick mode: small responses of each kind, whose bytes are checked, and implementations that fail. Continuous
//! integration runs it.

use std::time::Duration;

use lambda_stream_bench::{Format, LargeEvent, Pause, ResponseSpec};

use crate::implementation::{self, Implementation};
use crate::measured_response::ReadMode;
use crate::responses::{self, ResponseBenchmark, Subject};
use crate::running::{Running, Start};
use crate::{Selection, adapter, concurrency, slow_reader, tokens};

/// The maximum size of a response, in bytes.
const MAX_SIZE: u64 = 4_000_000;

/// The time to wait for a response. It is longer than in a measurement, because correctness does not depend on time.
const LIMIT: Duration = Duration::from_secs(300);

/// The time after which an implementation stalls that never responds.
const STALL_LIMIT: Duration = Duration::from_secs(1);

/// The name of the check of failures.
const FAILURES: &str = "implementations that fail";

/// The maximum number of formatted chunks.
const FORMATTED: usize = 500;

struct Score<'a> {
    selection: &'a Selection,
    passed: usize,
    failed: usize,
}

/// Checks that the responses of all implementations are correct, and that failures are reported.
pub(crate) fn check(selection: &Selection) -> Result<(), String> {
    let mut score = Score {
        selection,
        passed: 0,
        failed: 0,
    };
    if let Err(reason) = adapter::installed() {
        println!("skipped: {}: {reason}", implementation::WEB_ADAPTER);
    }
    let benchmarks = responses::responses()
        .into_iter()
        .chain(responses::buffers())
        .chain(responses::axum());
    for benchmark in benchmarks.chain(responses::large_events()) {
        score.check_response(&benchmark);
    }
    for kind in tokens::KINDS {
        let implementations = kind.implementations(&adapter::installed());
        score.check_all(kind.name, implementations, |implementation| {
            respond(implementation, Subject::Response(kind.spec(5)), ReadMode::Tokens)
        });
    }
    let slow = ReadMode::Slow(slow_reader::BYTES_PER_SECOND);
    score.check_all(slow_reader::NAME, Implementation::all(), |implementation| {
        respond(implementation, Subject::Response(slow_reader::spec(32)), slow)
    });
    for benchmark in concurrency::all() {
        for number in concurrency::CONCURRENCIES {
            let name = format!("{number} {}", benchmark.name);
            score.check_all(&name, Implementation::concurrent(), |implementation| {
                let (running, event) = benchmark.start(implementation, number, LIMIT)?;
                concurrency::burst(&running, &event, 2 * number).map(drop)
            });
        }
    }
    if selection.contains(FAILURES) {
        score.check(FAILURES, check_failures().err());
    }
    println!("\n{} passed, {} failed", score.passed, score.failed);
    match score.passed {
        0 => Err("no check has passed".to_owned()),
        _ if score.failed > 0 => Err("a check has failed".to_owned()),
        _ => Ok(()),
    }
}

impl Score<'_> {
    fn check(&mut self, name: &str, errors: impl IntoIterator<Item = String>) {
        let errors: Vec<String> = errors.into_iter().collect();
        println!("{name} … {}", if errors.is_empty() { "ok" } else { "FAILED" });
        for error in &errors {
            println!("    {error}");
        }
        self.passed += usize::from(errors.is_empty());
        self.failed += usize::from(!errors.is_empty());
    }

    fn check_all(
        &mut self,
        name: &str,
        implementations: Vec<Implementation>,
        check: impl Fn(&Implementation) -> Result<(), String>,
    ) {
        if !self.selection.contains(name) {
            return;
        }
        let mut errors = Vec::new();
        for implementation in implementations {
            // Installing the adapter takes minutes.
            if implementation.missing.is_some() {
                continue;
            }
            let result = check(&implementation);
            errors.extend(result.err().map(|error| format!("{}: {error}", implementation.name)));
        }
        self.check(name, errors);
    }

    fn check_response(&mut self, benchmark: &ResponseBenchmark) {
        let subject = match benchmark.subject {
            Subject::Response(spec) => Subject::Response(shorter(spec)),
            Subject::Buffer(spec) => Subject::Buffer(shorter(spec)),
            Subject::Axum(spec) => Subject::Axum(shorter(spec)),
            Subject::LargeEvent(argument) => Subject::LargeEvent(argument),
        };
        let implementations = subject.implementations(&adapter::installed());
        self.check_all(benchmark.name, implementations, |implementation| {
            respond(implementation, subject, ReadMode::Keep)
        });
    }
}

fn shorter(spec: ResponseSpec) -> ResponseSpec {
    let chunks = match spec.format {
        Format::Bytes => (MAX_SIZE / spec.size as u64) as usize,
        Format::Sse | Format::Ndjson => FORMATTED,
    };
    ResponseSpec {
        chunks: spec.chunks.min(chunks),
        ..spec
    }
}

fn respond(implementation: &Implementation, subject: Subject, mode: ReadMode) -> Result<(), String> {
    let running = start(implementation, LIMIT)?;
    let event = subject.event(implementation);
    // Twice, because the second response reuses the connection.
    for _ in 0..2 {
        let response = running.invoke(&event, mode)?;
        let expected = match subject {
            Subject::Response(spec) | Subject::Buffer(spec) | Subject::Axum(spec) if spec.pause == Pause::No => {
                body(&spec)
            }
            Subject::LargeEvent("event") => LargeEvent::create().response().into(),
            Subject::LargeEvent(_) => LargeEvent::raw_response(event.body.as_bytes()).into(),
            _ => Vec::new(),
        };
        if mode == ReadMode::Keep && response.body != expected {
            return Err("wrong body".to_owned());
        }
    }
    Ok(())
}

fn start(implementation: &Implementation, limit: Duration) -> Result<Running, String> {
    let start = Start {
        limit,
        ..Start::default()
    };
    Running::start(implementation, start)
}

fn body(spec: &ResponseSpec) -> Vec<u8> {
    (0..spec.chunks).flat_map(|index| spec.bytes(index)).collect()
}

/// Checks that an implementation that stalls or exits has a row with the reason, and that the others are measured.
fn check_failures() -> Result<(), String> {
    let benchmarks = responses::responses();
    let [benchmark, ..] = benchmarks.as_slice() else {
        return Err("no benchmark".to_owned());
    };
    let implementations = vec![
        Implementation::faulty("stalls"),
        Implementation::faulty("exits"),
        Implementation::baseline(),
    ];
    let rows = benchmark.measure_turns(implementations, 2, |implementation| start(implementation, STALL_LIMIT));
    let outcomes: Vec<_> = rows.iter().map(|row| row.outcome.as_ref()).collect();
    let [Err(stalled), Err(exited), Ok(measured)] = outcomes.as_slice() else {
        let outcomes: Vec<_> = rows.iter().map(|row| row.outcome.as_ref().err()).collect();
        return Err(format!("unexpected failures: {outcomes:?}"));
    };
    let reason = "before the end of the response, in invocation 1";
    if **stalled != format!("stalled after 1 s, {reason}") {
        return Err(format!("the implementation that stalls: {stalled}"));
    }
    if !exited.contains("exit status: 3") || !exited.contains(reason) {
        return Err(format!("the implementation that exits: {exited}"));
    }
    if measured.total.count() < 2 || measured.processor.count() != 2 {
        return Err("the implementation after the failing ones was not measured".to_owned());
    }
    Ok(())
}
