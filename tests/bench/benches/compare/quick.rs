//! The quick mode: small responses of each kind, whose bytes are checked. Continuous integration runs it.

use std::ops::AddAssign;

use lambda_stream_bench::ResponseSpec;

use crate::implementation::Implementation;
use crate::measured_response::ReadMode;
use crate::{concurrency, responses, slow_reader, tokens};

/// The maximum size of a response, in bytes.
const LIMIT: u64 = 4_000_000;

#[derive(Default)]
struct Score {
    passed: usize,
    failed: usize,
}

impl AddAssign<bool> for Score {
    fn add_assign(&mut self, passed: bool) {
        self.passed += usize::from(passed);
        self.failed += usize::from(!passed);
    }
}

/// Whether the responses of all implementations are correct.
pub(crate) fn check() -> bool {
    let mut score = Score::default();
    for benchmark in responses::all() {
        let mut spec = benchmark.spec;
        spec.chunks = spec.chunks.min((LIMIT / spec.size as u64) as usize);
        score += check_responses(benchmark.name, &spec, ReadMode::Keep);
    }
    for kind in tokens::KINDS {
        score += check_responses(kind.name, &kind.spec(5), ReadMode::Tokens);
    }
    let slow = ReadMode::Slow(slow_reader::BYTES_PER_SECOND);
    score += check_responses(slow_reader::NAME, &slow_reader::spec(32), slow);
    for benchmark in concurrency::all() {
        let burst = |implementation: &Implementation| {
            let running = implementation.start_concurrent(concurrency::CONCURRENCY)?;
            benchmark.burst(&running, 4 * concurrency::CONCURRENCY).map(drop)
        };
        score += check_all(benchmark.name, &Implementation::concurrent(), burst);
    }
    println!("\n{} passed, {} failed", score.passed, score.failed);
    score.failed == 0
}

fn check_responses(name: &str, spec: &ResponseSpec, mode: ReadMode) -> bool {
    check_all(name, &Implementation::all(), |implementation| {
        let running = implementation.start()?;
        // Twice, because the second response reuses the connection.
        for _ in 0..2 {
            let response = running.invoke(spec, mode)?;
            if mode == ReadMode::Keep && response.body != body(spec) {
                return Err(format!("{}: wrong body", implementation.name));
            }
        }
        Ok(())
    })
}

fn check_all(
    name: &str,
    implementations: &[Implementation],
    check: impl Fn(&Implementation) -> Result<(), String>,
) -> bool {
    let errors: Vec<String> = implementations
        .iter()
        .filter_map(|implementation| check(implementation).err())
        .collect();
    println!("{name} … {}", if errors.is_empty() { "ok" } else { "FAILED" });
    for error in &errors {
        println!("    {error}");
    }
    errors.is_empty()
}

fn body(spec: &ResponseSpec) -> Vec<u8> {
    (0..spec.chunks).flat_map(|index| spec.slice(index)).copied().collect()
}
