//! [`ClockReads`]: which writes of a burst read the clock.

/// How many writes of a burst read the clock each. With a yield interval of 50 µs, each of them took less than 2 µs.
const ALL: u32 = 32;

/// For how many writes after that the clock is read once. To read it takes longer than the rest of a small write.
const PER_READ: u32 = 8;

/// Counts the writes of a burst.
#[derive(Debug, Default)]
pub(super) struct ClockReads {
    writes: u32,
}

impl ClockReads {
    /// Counts a write. Returns whether it reads the clock.
    pub(super) fn is_due(&mut self) -> bool {
        self.writes = self.writes.wrapping_add(1);
        self.writes < ALL || self.writes % PER_READ == 0
    }
}
