//! For whom a binding holds, and which of several wins.

use crate::words::words;

words! {
    /// What a binding covers. The narrower wins: dealer, tier, region, company.
    ScopeKind: "scope" {
        /// Everybody.
        Company = "company",
        /// The dealers of a region.
        Region = "region",
        /// The dealers of a tier.
        Tier = "tier",
        /// One dealer.
        Dealer = "dealer",
    }
}

impl ScopeKind {
    /// The greater, the narrower.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Company => 0,
            Self::Region => 1,
            Self::Tier => 2,
            Self::Dealer => 3,
        }
    }
}

words! {
    /// What happens to a question when the plugin fails on it. Never a silent skip.
    OnFailure: "way to go on" {
        /// It is refused, with the reason.
        Refuse = "refuse",
        /// What held in the same place before answers it.
        LastGood = "last-good",
        /// Base prices, and somebody must agree. For pricing alone.
        BasePrice = "base-price",
    }
}

/// The share of a binding that covers everybody.
pub const WHOLE_SHARE: i64 = 100;

/// In which of a hundred equal parts a dealer falls, 0 to 99: a binding with a share of 20 holds for those below 20. It
/// rests on the dealer's code alone, so that who is in at 20 % is in at 50 % too.
#[must_use]
pub fn part_of(dealer: &str) -> i64 {
    // FNV-1a, whose low bits are even enough for a hundred parts and the same for ever.
    let hash = dealer.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    i64::try_from((hash ^ (hash >> 32)) % 100).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::part_of;

    #[test]
    fn dealers_fall_evenly_into_a_hundred_parts() {
        let parts: Vec<i64> = (0..10_000).map(|number| part_of(&format!("D-{number:04}"))).collect();
        assert!(parts.iter().all(|part| (0..100).contains(part)));
        for share in [5, 20, 50] {
            let within = parts.iter().filter(|part| **part < share).count();
            let expected = usize::try_from(share).unwrap() * 100;
            assert!(within.abs_diff(expected) < 300, "{share} %: {within} of 10,000");
        }
        // What is running must not be dealt anew.
        assert_eq!([part_of("D1"), part_of("D2")], [37, 12]);
    }
}
