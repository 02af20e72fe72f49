//! Median and percentiles of samples.

use std::time::Duration;

/// The samples of one quantity.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn push(&mut self, value: Duration) {
        self.0.push(value);
    }

    pub(crate) fn extend(&mut self, values: impl IntoIterator<Item = Duration>) {
        self.0.extend(values);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn median(&self) -> Duration {
        self.percentile(50)
    }

    /// Returns the 99th percentile, which is the maximum of up to 100 samples.
    pub(crate) fn percentile_99(&self) -> Duration {
        self.percentile(99)
    }

    /// Returns the 10th and the 90th percentile.
    pub(crate) fn spread(&self) -> [Duration; 2] {
        [self.percentile(10), self.percentile(90)]
    }

    fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(index).copied().unwrap_or_default()
    }
}
