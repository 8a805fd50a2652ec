//! Choices that look random and are the same for the same seed on every machine.

/// SplitMix64: small, quick, and fixed for ever.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low) + 1;
        low + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// True so many times out of a hundred.
    pub(super) fn percent(&mut self, chance: i64) -> bool {
        self.between(1, 100) <= chance
    }

    /// One of several.
    pub(super) fn pick<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        let at = self.next() % u64::try_from(of.len()).unwrap_or(1).max(1);
        of.get(usize::try_from(at).unwrap_or(0))
    }

    /// Letters and digits that cannot be taken for one another.
    pub(super) fn word(&mut self, length: usize) -> String {
        const LETTERS: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
        (0..length).map(|_| char::from(LETTERS[usize::try_from(self.next() & 31).unwrap_or(0)])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn the_same_seed_falls_the_same_way() {
        let mut dice = Dice::new(7);
        let first: Vec<i64> = (0..5).map(|_| dice.between(1, 6)).collect();
        let mut again = Dice::new(7);
        assert_eq!(first, (0..5).map(|_| again.between(1, 6)).collect::<Vec<_>>());
        assert!((0..1_000).map(|_| dice.between(-3, 3)).all(|number| (-3..=3).contains(&number)));
        assert_ne!(Dice::new(1).word(10), Dice::new(2).word(10));
    }
}
