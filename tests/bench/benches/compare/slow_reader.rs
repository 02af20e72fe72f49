//! A response of 200 MB to a reader of 10 MB/s: the memory of the function.

use std::time::Duration;

use lambda_stream_bench::{CHUNK_LIMIT, ResponseSpec, Source};

use crate::implementation::Implementation;
use crate::measured_response::ReadMode;

pub(crate) const NAME: &str = "200 MB to a reader of 10 MB/s";

/// The rate of the reader.
pub(crate) const BYTES_PER_SECOND: u64 = 10_000_000;

/// The number of small responses before the idle memory is read, which load the code into memory.
const WARM_UP: usize = 100;

/// The measurements of one implementation. Memory is in KiB.
pub(crate) struct Measured {
    pub(crate) implementation: Implementation,
    pub(crate) idle: u64,
    pub(crate) peak: u64,
    pub(crate) total: Duration,
    pub(crate) processor: Duration,
}

/// Specifies a response whose chunks are copied, so that the handler holds no other copy.
pub(crate) fn spec(chunks: usize) -> ResponseSpec {
    ResponseSpec {
        source: Source::Copied,
        ..ResponseSpec::new(chunks, CHUNK_LIMIT)
    }
}

/// Measures all implementations at the same time, because they only wait for their readers.
pub(crate) fn measure() -> Result<Vec<Measured>, String> {
    let (spec, small) = (spec(3200), spec(1));
    let mut all = Vec::new();
    for implementation in Implementation::all() {
        let running = implementation.start()?;
        for _ in 0..WARM_UP {
            running.invoke(&small, ReadMode::Count)?;
        }
        let idle = running.resources().resident_memory()?;
        let before = running.resources().thread_time()?;
        let pending = running.queue(&spec, ReadMode::Slow(BYTES_PER_SECOND))?;
        all.push((running, idle, before, pending));
    }
    all.into_iter()
        .map(|(running, idle, before, pending)| {
            let response = running.finish(&spec, pending)?;
            Ok(Measured {
                implementation: running.implementation.clone(),
                idle,
                peak: running.resources().peak_memory()?,
                total: response.total,
                processor: running.resources().thread_time()? - before,
            })
        })
        .collect()
}
