//! The limits of Lambda and of API Gateway that `--limits` selects.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::settings::{FrontEndSettings, LimitSettings};
use crate::protocol::{MAX_EVENT_LENGTH, MAX_PRELUDE_LENGTH};

/// Lambda's limit for a buffered response, in bytes.
pub(crate) const MAX_BUFFERED_BYTES: usize = 6 * MIB;

/// Lambda's limit for a streaming response, in bytes.
pub(crate) const MAX_STREAMED_BYTES: usize = 200 * MIB;

/// The length of the start of a streaming response that Lambda sends as fast as the function writes it, in bytes.
pub(crate) const UNTHROTTLED_BYTES: usize = 6 * MIB;

/// The rate of the rest, in bytes per second.
pub(crate) const BYTES_PER_SECOND: usize = 2 * MIB;

/// The idle timeout of a Regional REST API. That of an edge-optimized one is 30 s.
pub(crate) const REST_API_IDLE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// The most that is read of a prelude if its length is not limited, in bytes. A stream without a delimiter must not be
/// collected in memory.
const MAX_UNLIMITED_PRELUDE_BYTES: usize = 6 * MIB;

/// How late a timer may be without an effect on the rate. tokio's timers are up to 1 ms late.
const MAX_TIMER_DELAY: Duration = Duration::from_millis(10);

const MIB: usize = 1024 * 1024;

impl LimitSettings {
    /// Returns the limit for an event, in bytes.
    pub(crate) fn max_event(self) -> Option<usize> {
        self.size.then_some(MAX_EVENT_LENGTH)
    }

    /// Returns the limit for a buffered response, in bytes.
    pub(crate) fn max_buffered(self) -> Option<usize> {
        self.size.then_some(MAX_BUFFERED_BYTES)
    }

    /// Returns the limit for a streaming response, in bytes.
    pub(crate) fn max_streamed(self) -> Option<usize> {
        self.size.then_some(MAX_STREAMED_BYTES)
    }

    /// Returns the limit for a prelude and its delimiter, in bytes.
    pub(crate) fn max_prelude(self) -> usize {
        match self.prelude {
            true => MAX_PRELUDE_LENGTH,
            false => MAX_UNLIMITED_PRELUDE_BYTES,
        }
    }

    /// Returns the bandwidth of a new streaming response.
    pub(crate) fn bandwidth(self) -> Bandwidth {
        Bandwidth {
            is_limited: self.bandwidth,
            sent: 0,
            free_at: None,
        }
    }

    /// Returns the time without a byte after which a front end ends a response. AWS documents none for Function URLs: the
    /// connection stays open while the function runs.
    pub(crate) fn idle_timeout(self, front_end: &FrontEndSettings) -> Option<Duration> {
        match front_end {
            FrontEndSettings::RestApi if self.idle => Some(REST_API_IDLE_TIMEOUT),
            FrontEndSettings::RestApi | FrontEndSettings::FunctionUrl { .. } => None,
        }
    }
}

/// Delays the chunks of one streaming response, so that they do not exceed Lambda's bandwidth.
#[derive(Debug)]
pub(crate) struct Bandwidth {
    is_limited: bool,
    /// The bytes that were sent.
    sent: usize,
    /// When the next chunk may be sent. `None`: immediately.
    free_at: Option<Instant>,
}

impl Bandwidth {
    /// Waits until the next chunk, which has this length, may be sent. Each chunk delays only the one after it.
    pub(crate) async fn acquire(&mut self, length: usize) {
        if !self.is_limited {
            return;
        }
        if let Some(free_at) = self.free_at {
            sleep_until(free_at).await;
        }
        let unthrottled = UNTHROTTLED_BYTES.saturating_sub(self.sent);
        let throttled = length.saturating_sub(unthrottled);
        self.sent = self.sent.saturating_add(length);
        if throttled > 0 {
            let duration = Duration::from_secs_f64(throttled as f64 / BYTES_PER_SECOND as f64);
            // A caller that reads more slowly saves up no bandwidth.
            let now = Instant::now();
            let earliest = now.checked_sub(MAX_TIMER_DELAY).unwrap_or(now);
            let start = self.free_at.map_or(now, |free_at| free_at.max(earliest));
            self.free_at = Some(start + duration);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: LimitSettings = LimitSettings {
        size: true,
        prelude: true,
        bandwidth: true,
        idle: true,
    };
    const NONE: LimitSettings = LimitSettings {
        size: false,
        prelude: false,
        bandwidth: false,
        idle: false,
    };

    #[test]
    fn limits_have_the_values_of_lambda() {
        assert_eq!(ALL.max_event(), Some(6_291_456));
        assert_eq!(ALL.max_buffered(), Some(6_291_456));
        assert_eq!(ALL.max_streamed(), Some(209_715_200));
        assert_eq!(ALL.max_prelude(), 16_384);
        let five_minutes = Some(Duration::from_secs(300));
        assert_eq!(ALL.idle_timeout(&FrontEndSettings::RestApi), five_minutes);
        assert_eq!(
            (NONE.max_event(), NONE.max_buffered(), NONE.max_streamed()),
            (None, None, None)
        );
        assert_eq!(NONE.idle_timeout(&FrontEndSettings::RestApi), None);
    }

    /// Returns the time that a response takes whose caller reads each chunk immediately.
    async fn duration(settings: LimitSettings, chunk: usize, count: usize) -> Duration {
        let start = Instant::now();
        let mut bandwidth = settings.bandwidth();
        for _ in 0..count {
            bandwidth.acquire(chunk).await;
        }
        // The time after which the response could continue.
        bandwidth.acquire(0).await;
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn first_6_mib_are_not_delayed() {
        assert_eq!(duration(ALL, 64 * 1024, 96).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn rest_is_sent_at_2_mib_per_second() {
        for (chunk, count) in [(64 * 1024, 96 + 160), (1, 6 * MIB + 1000), (16 * MIB, 1)] {
            let expected = (chunk * count - 6 * MIB) as f64 / (2 * MIB) as f64;
            let elapsed = duration(ALL, chunk, count).await.as_secs_f64();
            // The resolution of tokio's clock is 1 ms.
            assert!((elapsed - expected).abs() < 0.002, "{chunk} × {count}: {elapsed} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn chunks_are_delayed_evenly() {
        let mut bandwidth = ALL.bandwidth();
        bandwidth.acquire(UNTHROTTLED_BYTES).await;
        bandwidth.acquire(64 * 1024).await;
        for _ in 0..10 {
            let start = Instant::now();
            bandwidth.acquire(64 * 1024).await;
            // 64 KiB at 2 MiB/s.
            let delay = start.elapsed().as_secs_f64();
            assert!((delay - 0.03125).abs() < 0.002, "{delay}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pause_saves_up_no_bandwidth() {
        let mut bandwidth = ALL.bandwidth();
        bandwidth.acquire(UNTHROTTLED_BYTES).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        let start = Instant::now();
        bandwidth.acquire(MIB).await;
        bandwidth.acquire(MIB).await;
        assert!(start.elapsed() >= Duration::from_millis(490), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn no_limit_means_no_delay() {
        assert_eq!(duration(NONE, MIB, 300).await, Duration::ZERO);
    }
}
