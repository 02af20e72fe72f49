//! The quick mode: each answer once, small, and its bytes compared with what they must be. Continuous integration runs it.

use std::ops::AddAssign;

use lambda_stream_bench::Shape;

use crate::answer::Reading;
use crate::contestant::Contestant;
use crate::{answers, at_once, slow, tokens};

/// The largest answer that is asked for, in bytes.
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

/// Whether all contestants gave the answers that were asked for.
pub(crate) fn check() -> bool {
    let mut score = Score::default();
    for asked in answers::all() {
        let mut shape = asked.shape;
        shape.pieces = shape.pieces.min((LIMIT / shape.size as u64) as usize);
        score += all_answer(asked.name, &shape, Reading::Keep);
    }
    for kind in tokens::KINDS {
        score += all_answer(kind.name, &kind.shape(5), Reading::Tokens);
    }
    score += all_answer(slow::NAME, &slow::shape(32), Reading::Slowly(slow::BYTES_PER_SECOND));
    for events in at_once::all() {
        let burst = |contestant: &Contestant| {
            let running = contestant.start_concurrent(at_once::AT_ONCE)?;
            events.burst(&running, 4 * at_once::AT_ONCE).map(drop)
        };
        score += passes(events.name, &Contestant::concurrent(), burst);
    }
    println!("\n{} passed, {} failed", score.passed, score.failed);
    score.failed == 0
}

fn all_answer(name: &str, shape: &Shape, reading: Reading) -> bool {
    passes(name, &Contestant::all(), |contestant| {
        let running = contestant.start()?;
        // Twice, since the second answer goes over a connection that has been used.
        for _ in 0..2 {
            let answer = running.invoke(shape, reading)?;
            if reading == Reading::Keep && answer.body != body(shape) {
                return Err(format!("{}: the body is another one", contestant.name));
            }
        }
        Ok(())
    })
}

fn passes(name: &str, contestants: &[Contestant], check: impl Fn(&Contestant) -> Result<(), String>) -> bool {
    let faults: Vec<String> = contestants
        .iter()
        .filter_map(|contestant| check(contestant).err())
        .collect();
    println!("{name} … {}", if faults.is_empty() { "ok" } else { "FAILED" });
    for fault in &faults {
        println!("    {fault}");
    }
    faults.is_empty()
}

fn body(shape: &Shape) -> Vec<u8> {
    (0..shape.pieces)
        .flat_map(|index| shape.slice(index))
        .copied()
        .collect()
}
