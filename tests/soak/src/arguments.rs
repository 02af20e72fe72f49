//! The command line.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) struct Arguments {
    pub(crate) invocations: u64,
    /// The number of concurrent invocations. Above one it is the value of `AWS_LAMBDA_MAX_CONCURRENCY`.
    pub(crate) concurrency: usize,
    pub(crate) seed: u64,
}

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut arguments = Self {
            invocations: 200_000,
            concurrency: 1,
            seed: now.as_secs(),
        };
        while let Some(name) = words.next() {
            let value = words.next().unwrap_or_default();
            let number: u64 = value
                .parse()
                .map_err(|_| format!("invalid value for {name}: {value:?} is not a number"))?;
            match name.as_str() {
                "--invocations" => arguments.invocations = number.max(2),
                "--concurrency" => arguments.concurrency = number.clamp(1, 64) as usize,
                "--seed" => arguments.seed = number,
                _ => return Err(format!("unknown option {name}")),
            }
        }
        Ok(arguments)
    }
}

impl fmt::Display for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "--invocations {} --concurrency {} --seed {}",
            self.invocations, self.concurrency, self.seed
        )
    }
}
