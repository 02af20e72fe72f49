//! Pseudorandom numbers (SplitMix64). The mock and the function generate the same numbers from the same seed.

pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Returns a number less than `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Returns a number from 1 to `2^bits`. Each order of magnitude has the same probability.
    pub(crate) fn size(&mut self, bits: usize) -> usize {
        let limit = 1 << self.below(bits + 1);
        1 + self.below(limit)
    }
}

fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// The bytes of a response with this seed. Bytes of another response or at another position differ.
#[derive(Clone, Copy)]
pub(crate) struct Content(pub(crate) u64);

impl Content {
    /// Fills a slice with the bytes from `start` on.
    pub(crate) fn fill(self, start: usize, slice: &mut [u8]) {
        let mut position = start;
        let mut filled = 0;
        while filled < slice.len() {
            let block = mix(self.0.wrapping_add((position / 8) as u64)).to_le_bytes();
            let part = &block[position % 8..];
            let length = part.len().min(slice.len() - filled);
            slice[filled..filled + length].copy_from_slice(&part[..length]);
            filled += length;
            position += length;
        }
    }
}
