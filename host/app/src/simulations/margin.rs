//! What is left of amounts once the costs of what was sold are taken off, over those lines whose product has a cost.

use qudao_domain::decimal::Decimal;
use rust_decimal::RoundingStrategy::ToNegativeInfinity;
use serde::{Deserialize, Serialize};

/// Decimals of a share that is shown, as of one: hundredths of a percent.
const SHARE_SCALE: u32 = 4;

/// Margins as they were and as they would be, in minor units. An amount is its margin and its cost together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Margin {
    /// What was left.
    pub before_minor: i64,
    /// What would be left.
    pub after_minor: i64,
    /// What was sold costs so much; the same before and after.
    pub cost_minor: i64,
}

impl Margin {
    /// Of a line whose cost is known.
    pub(super) fn of_line(before_minor: i64, after_minor: i64, cost_minor: i64) -> Self {
        Self {
            before_minor: before_minor.saturating_sub(cost_minor),
            after_minor: after_minor.saturating_sub(cost_minor),
            cost_minor,
        }
    }

    /// What the lines came to whose cost is known, in minor units.
    #[must_use]
    pub fn known_before_minor(&self) -> i64 {
        self.before_minor.saturating_add(self.cost_minor)
    }

    /// What they would come to, in minor units.
    #[must_use]
    pub fn known_after_minor(&self) -> i64 {
        self.after_minor.saturating_add(self.cost_minor)
    }

    /// How much more would be left; negative for less.
    #[must_use]
    pub fn change_minor(&self) -> i64 {
        self.after_minor.saturating_sub(self.before_minor)
    }

    /// The share of the amount that was left, as of one, rounded down for display; none where nothing was paid.
    #[must_use]
    pub fn share_before(&self) -> Option<Decimal> {
        share(self.before_minor, self.known_before_minor())
    }

    /// The share of the amount that would be left, as of one, rounded down for display; none where nothing is paid.
    #[must_use]
    pub fn share_after(&self) -> Option<Decimal> {
        share(self.after_minor, self.known_after_minor())
    }

    /// The share of `turnover_minor`, as it was, whose cost is known, as of one, rounded down for display.
    #[must_use]
    pub fn known_share(&self, turnover_minor: i64) -> Option<Decimal> {
        share(self.known_before_minor(), turnover_minor)
    }

    /// Whether at least so many percent of the amount would be left: exactly, by the minor unit.
    pub(super) fn leaves(&self, least_percent: Decimal) -> bool {
        let hundredfold = Decimal::from(self.after_minor) * Decimal::ONE_HUNDRED;
        // Both have at most 19 + 7 digits, since a limit has at most four decimals.
        hundredfold >= least_percent * Decimal::from(self.known_after_minor())
    }
}

/// Both together; none where neither knows a cost.
pub(super) fn together(one: Option<Margin>, other: Option<Margin>) -> Option<Margin> {
    let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
    Some(Margin {
        before_minor: one.before_minor.saturating_add(other.before_minor),
        after_minor: one.after_minor.saturating_add(other.after_minor),
        cost_minor: one.cost_minor.saturating_add(other.cost_minor),
    })
}

/// Rounded down, so that a share never looks as large as a limit that it misses.
fn share(part: i64, whole: i64) -> Option<Decimal> {
    let exact = Decimal::from(part).checked_div(Decimal::from(whole))?;
    Some(exact.round_dp_with_strategy(SHARE_SCALE, ToNegativeInfinity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_held_to_the_minor_unit_and_a_share_never_looks_larger() {
        // 199,999 left of 1,000,000 is 19.9999 %.
        let margin = Margin::of_line(1_000_000, 1_000_000, 800_001);
        assert_eq!(margin.after_minor, 199_999);
        assert!(!margin.leaves(Decimal::from(20)));
        assert!(margin.leaves(Decimal::new(199_999, 4)));
        assert_eq!(margin.share_after(), Some(Decimal::new(1_999, 4)));
        let loss = Margin::of_line(100, 0, 70);
        assert_eq!((loss.share_before(), loss.share_after()), (Some(Decimal::new(3, 1)), None));
        assert!(
            !loss.leaves(Decimal::ZERO),
            "what is given away and costs something leaves less than nothing"
        );
        assert_eq!(Margin::of_line(300, 300, 400).share_after(), Some(Decimal::new(-3_334, 4)));
    }

    #[test]
    fn the_largest_amounts_are_compared() {
        let margin = Margin::of_line(i64::MAX, i64::MAX, 1);
        assert!(margin.leaves(Decimal::new(999_999, 4)));
        assert!(!margin.leaves(Decimal::from(100)));
    }

    #[test]
    fn what_has_no_cost_adds_nothing() {
        let margin = Margin::of_line(500, 400, 100);
        assert_eq!(together(None, None), None);
        assert_eq!(together(Some(margin), None), Some(margin));
        let both = together(Some(margin), Some(Margin::of_line(50, 60, 70))).unwrap();
        assert_eq!((both.before_minor, both.after_minor, both.cost_minor), (380, 290, 170));
        assert_eq!((both.known_before_minor(), both.known_share(1_100)), (550, Some(Decimal::new(5, 1))));
    }
}
