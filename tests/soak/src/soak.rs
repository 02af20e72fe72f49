//! The run: rounds of invocations, the resources of the process after each round, and the report.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use test_support::Resources;
use test_support::fast_runtime_api::FastRuntimeApi;

use crate::arguments::Arguments;
use crate::workload::{SoakWorkload, Totals};

/// The number of invocations in the first round. The process may keep the memory that it allocates in this round.
const WARM_UP: u64 = 10_000;

/// The memory growth allowed after the first round, in KiB.
const GROWTH_LIMIT: u64 = 1024;

/// The limit if a short run has a shorter first round, after which the process still allocates memory.
const SHORT_RUN_GROWTH_LIMIT: u64 = 4 * 1024;

const ROUNDS: u64 = 10;

/// The time without progress after which a run fails.
const PROGRESS_TIMEOUT: Duration = Duration::from_secs(60);

/// The resources of the process while it waits for its next event.
struct Usage {
    /// The resident memory in KiB.
    resident: u64,
    descriptors: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Vec<String>> {
    println!("{arguments}");
    let begin = Instant::now();
    let workload = Arc::new(SoakWorkload::new(arguments.seed));
    let lambda = FastRuntimeApi::start(Arc::clone(&workload)).map_err(|error| vec![error.to_string()])?;
    let function =
        Function::spawn(&lambda.address(), arguments.concurrency).map_err(|error| vec![error.to_string()])?;
    let warm_up = WARM_UP.min(arguments.invocations / 2);
    let round = |limit: u64| -> Result<(Totals, Usage), Vec<String>> {
        let totals = workload.run_until(limit, arguments.concurrency, PROGRESS_TIMEOUT);
        let round = totals.and_then(|totals| Ok((totals, function.usage().map_err(|error| vec![error])?)));
        let (totals, usage) = round.map_err(|mut failures| {
            failures.extend(function.last_lines());
            failures
        })?;
        println!(
            "{limit} invocations, {:.0} per second: {} KiB resident, {} descriptors",
            limit as f64 / begin.elapsed().as_secs_f64(),
            usage.resident,
            usage.descriptors
        );
        Ok((totals, usage))
    };
    let (_, first) = round(warm_up)?;
    let mut last = None;
    for number in 1..=ROUNDS {
        last = Some(round(warm_up + (arguments.invocations - warm_up) * number / ROUNDS)?);
    }
    let Some((totals, last)) = last else {
        return Err(vec!["no round was run".to_owned()]);
    };
    let processor_time = function.resources().thread_time().map_err(|error| vec![error])?;
    report(&totals, (&first, warm_up), &last, begin.elapsed(), processor_time);
    let mut failures = Vec::new();
    let limit = if warm_up == WARM_UP {
        GROWTH_LIMIT
    } else {
        SHORT_RUN_GROWTH_LIMIT
    };
    if last.resident >= first.resident + limit {
        failures.push(format!(
            "the resident memory grew from {} to {} KiB",
            first.resident, last.resident
        ));
    }
    if last.descriptors != first.descriptors {
        failures.push(format!(
            "the number of open descriptors changed from {} to {}",
            first.descriptors, last.descriptors
        ));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

fn report(totals: &Totals, (first, warm_up): (&Usage, u64), last: &Usage, time: Duration, processor_time: Duration) {
    let successful = totals.responses - totals.failed_before_first_byte - totals.failed_mid_stream;
    println!();
    println!("| | |");
    println!("|---|---|");
    println!("| invocations, all with the expected response | {} |", totals.responses);
    println!("| successful | {successful} |");
    println!("| failed before the first byte | {} |", totals.failed_before_first_byte);
    println!(
        "| failed in mid-stream, with error trailers | {} |",
        totals.failed_mid_stream
    );
    println!("| panics among the failures | {} |", totals.panics);
    println!("| read slowly | {} |", totals.read_slowly);
    println!(
        "| bytes compared, and their chunks | {}, {} |",
        totals.bytes, totals.chunks
    );
    println!("| connections | {} |", totals.connections);
    println!(
        "| resident memory after {warm_up} invocations and at the end | {} KiB, {} KiB |",
        first.resident, last.resident
    );
    println!(
        "| open descriptors then and at the end | {}, {} |",
        first.descriptors, last.descriptors
    );
    println!(
        "| time, and processor time of the function | {:.0} s, {:.0} s |",
        time.as_secs_f64(),
        processor_time.as_secs_f64()
    );
}

/// The process of the function. Dropping it kills the process.
struct Function {
    child: Child,
    /// The last lines of its standard error.
    lines: Arc<Mutex<VecDeque<String>>>,
}

impl Function {
    fn spawn(address: &str, concurrency: usize) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.env_clear().env("AWS_LAMBDA_RUNTIME_API", address);
        if concurrency > 1 {
            command.env("AWS_LAMBDA_MAX_CONCURRENCY", concurrency.to_string());
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let lines = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(stderr) = child.stderr.take() {
            let lines = Arc::clone(&lines);
            thread::spawn(move || {
                for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                    lines.push_back(line);
                    if lines.len() > 10 {
                        lines.pop_front();
                    }
                }
            });
        }
        Ok(Self { child, lines })
    }

    fn resources(&self) -> Resources {
        Resources::of(self.child.id())
    }

    fn usage(&self) -> Result<Usage, String> {
        Ok(Usage {
            resident: self.resources().resident_memory()?,
            descriptors: self.resources().open_descriptors()?,
        })
    }

    fn last_lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("the function: {line}")).collect()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
