//! Medians and 99th percentiles.

use std::time::Duration;

/// Values that were seen of one thing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Vec<Duration>);

impl Seen {
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
        self.at(50)
    }

    /// Of few values, the greatest.
    pub(crate) fn percentile_99(&self) -> Duration {
        self.at(99)
    }

    fn at(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(place).copied().unwrap_or_default()
    }
}
