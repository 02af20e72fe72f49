//! Numbers from a seed (SplitMix64), so that both sides know what was asked for without telling each other.

pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// Less than `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// At least one, at most `2^bits`; each order of magnitude is as likely as any other.
    pub(crate) fn size(&mut self, bits: usize) -> usize {
        let most = 1 << self.below(bits + 1);
        1 + self.below(most)
    }
}

fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// The bytes of an answer, so that one of another answer, or of another place, shows.
#[derive(Clone, Copy)]
pub(crate) struct Content(pub(crate) u64);

impl Content {
    /// Its bytes from there on, as many as there is room for.
    pub(crate) fn fill(self, start: usize, room: &mut [u8]) {
        let mut at = start;
        let mut filled = 0;
        while filled < room.len() {
            let block = mixed(self.0.wrapping_add((at / 8) as u64)).to_le_bytes();
            let part = &block[at % 8..];
            let length = part.len().min(room.len() - filled);
            room[filled..filled + length].copy_from_slice(&part[..length]);
            filled += length;
            at += length;
        }
    }
}
