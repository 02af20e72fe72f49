//! 2,000 random handlers: programs of random await points, which are ready, pending, use up tokio's cooperative budget,
//! or repeat calls of the library that have nothing to wait for. Each invocation ends by its deadline, and the next event
//! is handled.
//!
//! The programs have fixed seeds. A failed test prints the programs that were running. To run the program of one seed:
//! `RANDOM_HANDLER_SEED=17 cargo test -p lambda-stream-tests --test lifecycle random_handlers`
#![allow(clippy::print_stderr, reason = "the output of a failed test contains the programs")]

use std::ops::Range;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_support::{Event, MockRuntimeApi, PendingInvocation, Process};

const DEADLINE: Duration = Duration::from_millis(300);

/// An invocation may take this many times as long as the slowest invocation of a handler that only waits. The factor
/// covers a loaded machine; a handler that is not stopped never ends.
const TOLERANCE_FACTOR: u32 = 20;

/// How many programs one process runs.
const BATCH: u64 = 100;

/// How many programs are queued together with one control handler.
const GROUP: u64 = 20;

/// Pseudorandom numbers (SplitMix64).
struct Random(u64);

impl Random {
    /// Returns a number less than `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut state = self.0;
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (state ^ (state >> 31)) % end
    }

    fn steps(&mut self, depth: u64) -> Vec<Value> {
        (0..=self.below(3)).map(|_| self.step(depth)).collect()
    }

    fn step(&mut self, depth: u64) -> Value {
        // The deepest steps contain no other steps.
        match self.below(if depth == 0 { 15 } else { 24 }) {
            0 => json!("ready"),
            1 => json!("pending"),
            2 => json!({ "sleep_ms": self.below(40) }),
            3 => json!("tokio_yield"),
            4 if self.below(4) == 0 => json!("hang"),
            5 if self.below(4) == 0 => json!("fail"),
            4..=6 => json!({ "budget": self.below(400) }),
            7 => json!({ "semaphore": self.below(400) }),
            8 => json!({ "channel": self.below(400) }),
            9..=14 => self.library_step(),
            15 => json!({ "select": [self.steps(depth - 1), self.steps(depth - 1)] }),
            16 => json!({ "tokio_select": [self.steps(depth - 1), self.steps(depth - 1)] }),
            17 => json!({ "join": [self.steps(depth - 1), self.steps(depth - 1)] }),
            18 => json!({ "timeout_ms": [self.below(40), self.steps(depth - 1)] }),
            19..=20 => json!({ "spawn": self.steps(depth - 1) }),
            _ => self.forever(depth - 1),
        }
    }

    /// Returns a loop. It begins with an await point of the library or of tokio: a loop that has neither and never waits
    /// holds its thread, whatever the library does.
    fn forever(&mut self, depth: u64) -> Value {
        let mut steps = vec![match self.below(6) {
            0 => json!({ "budget": 1 + self.below(400) }),
            1 => json!({ "semaphore": 1 + self.below(400) }),
            2 => json!({ "channel": 1 + self.below(400) }),
            _ => self.library_step(),
        }];
        if self.below(2) == 0 {
            steps.extend(self.steps(depth));
        }
        json!({ "forever": steps })
    }

    /// Returns an await point of the library, which is called at least once.
    fn library_step(&mut self) -> Value {
        let names = [
            "write",
            "send",
            "write_empty",
            "send_empty",
            "flush",
            "async_write",
            "async_flush",
            "feed",
            "sink_flush",
            "send_prelude",
        ];
        let index = self.below(names.len() as u64) as usize;
        // The first two take a length. One in ten of them exceeds the buffer.
        let limit = if index < 2 && self.below(10) == 0 { 100_000 } else { 100 };
        json!({ names[index]: 1 + self.below(limit) })
    }
}

/// Returns the program with this seed. Two of three end with a loop or a wait, and are thus stopped at their deadline.
fn program(seed: u64) -> Value {
    let mut random = Random(seed);
    let mut steps = random.steps(3);
    match random.below(3) {
        0 => {}
        1 => steps.push(random.forever(2)),
        _ => steps.push(json!({ "spawn": [random.forever(2)] })),
    }
    json!({ "steps": steps })
}

/// Prints a program if the test fails while it runs.
struct Running {
    seed: Option<u64>,
    program: Value,
    pending: PendingInvocation,
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "the handler with the seed {:?} did not end: {}",
                self.seed, self.program
            );
        }
    }
}

/// A function process, and its programs.
struct Programs {
    lambda: MockRuntimeApi,
    function: Process,
    max_concurrency: usize,
    /// The longest time that a handler took which only waits for its deadline.
    control: Duration,
}

impl Programs {
    fn start(flavor: &str, max_concurrency: usize) -> Self {
        let lambda = MockRuntimeApi::start();
        let mut command = Process::command(env!("CARGO_BIN_EXE_random_handler"));
        command
            .env("FLAVOR", flavor)
            .env("AWS_LAMBDA_MAX_CONCURRENCY", max_concurrency.to_string());
        let function = Process::spawn_function_with(command, &lambda);
        lambda.wait_for_next_calls(max_concurrency);
        Self {
            lambda,
            function,
            max_concurrency,
            control: Duration::ZERO,
        }
    }

    fn queue(&self, seed: Option<u64>, program: Value) -> Running {
        let event = Event::json(program.to_string()).deadline_in(DEADLINE).discard_body();
        let pending = self.lambda.queue(event);
        Running { seed, program, pending }
    }

    /// Runs the control handler and the programs with these seeds, as concurrently as the function can, and asserts that
    /// each ends in time.
    #[track_caller]
    fn run(&mut self, seeds: Range<u64>) {
        let control = self.queue(None, json!({ "steps": ["hang"] }));
        let running: Vec<_> = seeds.map(|seed| self.queue(Some(seed), program(seed))).collect();
        self.control = self.control.max(duration(&control));
        for running in &running {
            let duration = duration(running);
            let limit = DEADLINE + TOLERANCE_FACTOR * self.control;
            assert!(duration <= limit, "{duration:?} of {limit:?}: seed {:?}", running.seed);
        }
        // All event loops poll for the next event.
        self.lambda.wait_for_next_calls(self.max_concurrency);
    }
}

/// Waits for the end of the invocation and returns its duration since the delivery of its event.
#[track_caller]
fn duration(running: &Running) -> Duration {
    let delivered_at = running.pending.wait_for_delivery();
    let response = running.pending.wait();
    response.received_at().saturating_duration_since(delivered_at)
}

/// Runs the programs with these seeds.
#[track_caller]
fn run_all(flavor: &str, seeds: Range<u64>, max_concurrency: usize) {
    let replay: Option<u64> = std::env::var("RANDOM_HANDLER_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seeds = replay.map_or(seeds, |seed| seed..seed + 1);
    let start = Instant::now();
    for batch in seeds.clone().step_by(BATCH as usize) {
        let batch = batch..(batch + BATCH).min(seeds.end);
        let mut programs = Programs::start(flavor, max_concurrency);
        for first in batch.clone().step_by(GROUP as usize) {
            programs.run(first..(first + GROUP).min(batch.end));
        }
        programs.function.signal("TERM");
        assert_eq!(programs.function.exit_code(), Some(0));
    }
    eprintln!("{flavor}, {max_concurrency} at a time: {:?}", start.elapsed());
}

#[test]
fn random_handlers_one_by_one_end_by_deadline() {
    run_all("current_thread", 0..100, 1);
    run_all("multi_thread", 100..200, 1);
}

#[test]
fn concurrent_random_handlers_on_one_thread_end_by_deadline() {
    run_all("current_thread", 200..1_100, GROUP as usize + 1);
}

#[test]
fn concurrent_random_handlers_on_two_threads_end_by_deadline() {
    run_all("multi_thread", 1_100..2_000, GROUP as usize + 1);
}
