//! A response of 200 MB to a reader of 10 MB/s: the memory of the function.

use std::time::Duration;

use lambda_stream_bench::{LARGE_CHUNK, ResponseSpec, Source};

use crate::implementation::Implementation;
use crate::measured_response::ReadMode;
use crate::rotation::{self, Row};
use crate::running::{Running, Start};

pub(crate) const NAME: &str = "200 MB to a reader of 10 MB/s";

/// The rate of the reader.
pub(crate) const BYTES_PER_SECOND: u64 = 10_000_000;

/// The time to wait for the response, which takes 21 s.
const LIMIT: Duration = Duration::from_secs(60);

/// The number of small responses before the idle memory is read, which load the code into memory.
const WARM_UP: usize = 100;

/// The measurements of one implementation. Memory is in KiB.
pub(crate) struct Measured {
    pub(crate) idle: u64,
    pub(crate) peak: u64,
    pub(crate) total: Duration,
    pub(crate) processor: Duration,
}

/// Specifies a response whose chunks are copied, so that the handler holds no other copy.
pub(crate) fn spec(chunks: usize) -> ResponseSpec {
    ResponseSpec {
        source: Source::Copied,
        ..ResponseSpec::new(chunks, LARGE_CHUNK)
    }
}

/// Measures implementations at the same time, because they only wait for their readers.
pub(crate) fn measure(implementations: Vec<Implementation>) -> Vec<Row<Measured>> {
    let rows = rotation::rows(implementations, |implementation| {
        let start = Start {
            limit: LIMIT,
            ..Start::default()
        };
        let running = Running::start(&implementation, start)?;
        let small = implementation.event(&spec(1));
        for _ in 0..WARM_UP {
            running.invoke(&small, ReadMode::Count)?;
        }
        let idle = running.resident_memory()?;
        let before = running.thread_time()?;
        let event = implementation.event(&spec(3200));
        let pending = running.queue(&event, ReadMode::Slow(BYTES_PER_SECOND));
        Ok((running, event, pending, idle, before))
    });
    rows.into_iter()
        .map(|row| {
            row.and_then(|(running, event, pending, idle, before)| {
                let response = running.finish(&event, &pending)?;
                Ok(Measured {
                    idle,
                    peak: running.peak_memory()?,
                    total: response.total,
                    processor: running.thread_time()? - before,
                })
            })
        })
        .collect()
}
