//! The run: rounds of invocations, what the process holds after each, and the report.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::lambda::{Lambda, Seen};
use crate::process;

/// What a process takes for itself at first, it may keep: after so many invocations it has.
const WARM: u64 = 10_000;

/// By how much it may have grown after these, in KiB; and where a shorter run leaves it still taking.
const GROWTH: u64 = 1024;
const EARLY_GROWTH: u64 = 4 * 1024;

const ROUNDS: u64 = 10;

/// How long the process may be silent.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the process holds while it waits for its next event.
struct Held {
    /// In KiB.
    resident: u64,
    descriptors: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Vec<String>> {
    println!("{arguments}");
    let begin = Instant::now();
    let lambda = Lambda::start(arguments.seed).map_err(|error| vec![error.to_string()])?;
    let function = Function::spawn(&lambda, arguments.at_once).map_err(|error| vec![error.to_string()])?;
    let warm = WARM.min(arguments.invocations / 2);
    let round = |until: u64| -> Result<(Seen, Held), Vec<String>> {
        let seen = lambda.answer_until(until, arguments.at_once, PATIENCE);
        let round = seen.and_then(|seen| Ok((seen, function.held().map_err(|error| vec![error])?)));
        let (seen, held) = round.map_err(|mut breaches| {
            breaches.extend(function.last_lines());
            breaches
        })?;
        println!(
            "{until} answered, {:.0} a second: {} KiB resident, {} descriptors",
            until as f64 / begin.elapsed().as_secs_f64(),
            held.resident,
            held.descriptors
        );
        Ok((seen, held))
    };
    let (_, at_first) = round(warm)?;
    let mut last = None;
    for part in 1..=ROUNDS {
        last = Some(round(warm + (arguments.invocations - warm) * part / ROUNDS)?);
    }
    let Some((seen, at_last)) = last else {
        return Err(vec!["there was no round".to_owned()]);
    };
    let processor = process::processor_time(function.child.id()).map_err(|error| vec![error])?;
    report(&seen, (&at_first, warm), &at_last, begin.elapsed(), processor);
    let mut breaches = Vec::new();
    let growth = if warm == WARM { GROWTH } else { EARLY_GROWTH };
    if at_last.resident >= at_first.resident + growth {
        breaches.push(format!(
            "it grew from {} to {} KiB",
            at_first.resident, at_last.resident
        ));
    }
    if at_last.descriptors != at_first.descriptors {
        breaches.push(format!(
            "it had {} descriptors open, and then {}",
            at_first.descriptors, at_last.descriptors
        ));
    }
    if breaches.is_empty() { Ok(()) } else { Err(breaches) }
}

fn report(seen: &Seen, (at_first, warm): (&Held, u64), at_last: &Held, time: Duration, processor: Duration) {
    let clean = seen.answers - seen.failed_at_once - seen.failed_later;
    println!();
    println!("| | |");
    println!("|---|---|");
    println!("| invocations, each answered as its event asked | {} |", seen.answers);
    println!("| ended cleanly | {clean} |");
    println!("| failed before the first byte | {} |", seen.failed_at_once);
    println!("| failed in mid-stream, told in trailers | {} |", seen.failed_later);
    println!("| of the failures, panics | {} |", seen.panics);
    println!("| read slowly | {} |", seen.read_slowly);
    println!("| bytes compared, in chunks | {} in {} |", seen.bytes, seen.chunks);
    println!("| connections | {} |", seen.connections);
    println!(
        "| resident after {warm}, and at the end | {} KiB, {} KiB |",
        at_first.resident, at_last.resident
    );
    println!(
        "| descriptors then, and at the end | {}, {} |",
        at_first.descriptors, at_last.descriptors
    );
    println!(
        "| time; the function's processor time | {:.0} s; {:.0} s |",
        time.as_secs_f64(),
        processor.as_secs_f64()
    );
}

/// The process of the function, killed when this is dropped.
struct Function {
    child: Child,
    /// The last lines of its standard error.
    lines: Arc<Mutex<VecDeque<String>>>,
}

impl Function {
    fn spawn(lambda: &Lambda, at_once: usize) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.env_clear().env("AWS_LAMBDA_RUNTIME_API", lambda.address());
        if at_once > 1 {
            command.env("AWS_LAMBDA_MAX_CONCURRENCY", at_once.to_string());
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

    fn held(&self) -> Result<Held, String> {
        let id = self.child.id();
        let path = format!("/proc/{id}/fd");
        let descriptors = fs::read_dir(&path).map_err(|error| format!("{path}: {error}"))?;
        Ok(Held {
            resident: process::memory(id, "VmRSS")?,
            descriptors: descriptors.count(),
        })
    }

    fn last_lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("the function: {line}")).collect()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
