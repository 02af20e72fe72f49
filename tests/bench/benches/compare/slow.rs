//! 200 MB to a reader of 10 MB a second: what a function keeps in memory meanwhile.

use std::time::Duration;

use lambda_stream_bench::{Given, PIECE_LIMIT, Shape};

use crate::answer::Reading;
use crate::contestant::Contestant;
use crate::process;

pub(crate) const NAME: &str = "200 MB to a reader of 10 MB/s";

/// How fast the reader is.
pub(crate) const BYTES_PER_SECOND: u64 = 10_000_000;

/// Small answers before the idle memory is looked at, so that the code of an answer is in memory.
const WARM_UP: usize = 100;

/// What was seen of one contestant; memory in KiB.
pub(crate) struct Measured {
    pub(crate) contestant: Contestant,
    pub(crate) idle: u64,
    pub(crate) peak: u64,
    pub(crate) total: Duration,
    pub(crate) processor: Duration,
}

/// So many pieces, each of which the handler has no other copy of.
pub(crate) fn shape(pieces: usize) -> Shape {
    Shape {
        given: Given::Copied,
        ..Shape::new(pieces, PIECE_LIMIT)
    }
}

/// Lets all contestants answer at the same time: they wait for their readers.
pub(crate) fn measure() -> Result<Vec<Measured>, String> {
    let (shape, small) = (shape(3200), shape(1));
    let mut all = Vec::new();
    for contestant in Contestant::all() {
        let running = contestant.start()?;
        for _ in 0..WARM_UP {
            running.invoke(&small, Reading::Count)?;
        }
        let idle = process::memory(running.id(), "VmRSS")?;
        let before = process::processor_time(running.id())?;
        let pending = running.queue(&shape, Reading::Slowly(BYTES_PER_SECOND))?;
        all.push((running, idle, before, pending));
    }
    all.into_iter()
        .map(|(running, idle, before, pending)| {
            let answer = running.finish(&shape, pending)?;
            Ok(Measured {
                contestant: running.contestant.clone(),
                idle,
                peak: process::memory(running.id(), "VmHWM")?,
                total: answer.total,
                processor: process::processor_time(running.id())? - before,
            })
        })
        .collect()
}
