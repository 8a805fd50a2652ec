//! How a period's incentives become postings: a payout is shared over the facts it rests on, and what is posted
//! already is taken off.

use crate::incentive::{FactKind, StreamedFact};
use crate::money::{MoneyError, allocate};
use crate::time::Period;
use crate::words::words;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, HashMap};

words! {
    /// Into which periods a program's time is cut.
    Calendar: "calendar" {
        /// Calendar quarters.
        Quarter = "quarter",
        /// Calendar months.
        Month = "month",
    }
}

impl Calendar {
    /// The period of this calendar in which a day falls.
    #[must_use]
    pub fn period_of(self, day: NaiveDate) -> Period {
        match self {
            Self::Quarter => Period::quarter_of(day),
            Self::Month => {
                let first = day.with_day(1).unwrap_or(day);
                let next = first.checked_add_months(chrono::Months::new(1));
                Period { first, last: next.and_then(|next| next.pred_opt()).unwrap_or(day) }
            }
        }
    }

    /// The periods that have a day in a range of days, in time's order: both ends are widened to whole periods.
    #[must_use]
    pub fn periods(self, first: NaiveDate, last: NaiveDate) -> Vec<Period> {
        let mut periods = Vec::new();
        let mut period = self.period_of(first);
        while period.first <= last {
            periods.push(period);
            let next = period.last.succ_opt().map(|day| self.period_of(day));
            match next.filter(|next| next.first > period.first) {
                Some(next) => period = next,
                None => break,
            }
        }
        periods
    }

    /// Whether a period is one of this calendar.
    #[must_use]
    pub fn has(self, period: Period) -> bool {
        self.period_of(period.first) == period
    }
}

/// Bytes of one fact in the form that is hashed.
pub const FACT_BYTES: usize = 49;

/// The byte form of a fact, over which a stream's SHA-256 is taken: big-endian, in this order: sequence (8),
/// kind (1: 0 shipped, 1 returned), participant (4), product (4), day (4, counted from 1 January of year 1 as 1),
/// day of payment (4, 0 for none), quantity (8), amount (8), the sequence that it reverses (8, 0 for none).
#[must_use]
pub fn fact_bytes(fact: &StreamedFact) -> [u8; FACT_BYTES] {
    let kind = match fact.kind {
        FactKind::Shipped => 0,
        FactKind::Returned => 1,
    };
    let mut bytes = [0; FACT_BYTES];
    let mut at = 0;
    let mut put = |part: &[u8]| {
        bytes[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    };
    put(&fact.seq.to_be_bytes());
    put(&[kind]);
    put(&fact.participant.to_be_bytes());
    put(&fact.product.to_be_bytes());
    put(&fact.on.num_days_from_ce().to_be_bytes());
    put(&fact.paid_on.map_or(0, |day| day.num_days_from_ce()).to_be_bytes());
    put(&fact.quantity.to_be_bytes());
    put(&fact.amount_minor.to_be_bytes());
    put(&fact.reverses.unwrap_or(0).to_be_bytes());
    bytes
}

/// A fact that a payout rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasisFact {
    /// Its place in the company's record.
    pub seq: i64,
    /// Net, in minor units; negative for a return.
    pub amount_minor: i64,
    /// The fact that a return takes back.
    pub reverses: Option<i64>,
}

/// Shares a payout over the facts it rests on, exactly, by [`allocate`]. The weight of a fact is its amount less
/// what other facts of the basis take back of it, and never below nothing; so a return bears no share of its own.
/// Where no fact has weight (only returns: a clawback) the weights are the sizes of the amounts. Without facts
/// the whole payout stands alone. Shares of nothing are left out.
#[must_use]
pub fn share(amount_minor: i64, basis: &[BasisFact]) -> Vec<(Option<i64>, i64)> {
    if amount_minor == 0 {
        return Vec::new();
    }
    if basis.is_empty() {
        return vec![(None, amount_minor)];
    }
    let mut weights = net_weights(basis);
    if weights.iter().all(|weight| *weight == 0) {
        weights = basis.iter().map(|fact| fact.amount_minor.unsigned_abs()).collect();
    }
    let shares = basis.iter().map(|fact| Some(fact.seq)).zip(allocate(amount_minor, &weights));
    shares.filter(|(_, share)| *share != 0).collect()
}

fn net_weights(basis: &[BasisFact]) -> Vec<u64> {
    let mut taken_back: HashMap<i64, i128> = HashMap::new();
    for fact in basis {
        if let Some(reversed) = fact.reverses {
            *taken_back.entry(reversed).or_default() += i128::from(fact.amount_minor);
        }
    }
    let weight = |fact: &BasisFact| {
        let net = i128::from(fact.amount_minor) + taken_back.get(&fact.seq).copied().unwrap_or(0);
        u64::try_from(net.clamp(0, i128::from(i64::MAX))).unwrap_or(0)
    };
    basis.iter().map(|fact| if fact.reverses.is_some() { 0 } else { weight(fact) }).collect()
}

/// Where an amount of one dealer's settlement is posted: under which payout code, for which fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The payout's code.
    pub code: String,
    /// The fact, by its sequence; none where the payout rests on no fact.
    pub fact_seq: Option<i64>,
}

/// One dealer's amounts of a program and period, in minor units, by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts(BTreeMap<Place, i64>);

impl Amounts {
    /// Adds to the amount of a place.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when it does not fit.
    pub fn add(&mut self, code: &str, fact_seq: Option<i64>, amount_minor: i64) -> Result<(), MoneyError> {
        let amount = self.0.entry(Place { code: code.to_owned(), fact_seq }).or_default();
        *amount = amount.checked_add(amount_minor).ok_or(MoneyError::TooLarge)?;
        Ok(())
    }

    /// Adds a payout, shared over its basis.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when an amount does not fit.
    pub fn add_payout(
        &mut self,
        code: &str,
        amount_minor: i64,
        basis: &[BasisFact],
    ) -> Result<(), MoneyError> {
        share(amount_minor, basis).into_iter().try_for_each(|(seq, share)| self.add(code, seq, share))
    }

    /// What must be posted so that `posted` becomes this: the computed amounts less those posted already, by place.
    /// Places where nothing changes are left out, so that a second run posts nothing.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when a difference does not fit.
    pub fn less(mut self, posted: &Self) -> Result<Vec<(Place, i64)>, MoneyError> {
        for (place, amount) in &posted.0 {
            let left = self.0.entry(place.clone()).or_default();
            *left = left.checked_sub(*amount).ok_or(MoneyError::TooLarge)?;
        }
        Ok(self.0.into_iter().filter(|(_, amount)| *amount != 0).collect())
    }

    /// The sum over every place.
    #[must_use]
    pub fn total(&self) -> i128 {
        self.0.values().map(|amount| i128::from(*amount)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fact(seq: i64, amount_minor: i64, reverses: Option<i64>) -> BasisFact {
        BasisFact { seq, amount_minor, reverses }
    }

    #[test]
    fn a_return_lightens_the_fact_that_it_takes_back() {
        let basis = [fact(1, 10_000, None), fact(2, 10_000, None), fact(3, -5_000, Some(1))];
        assert_eq!(share(300, &basis), [(Some(1), 100), (Some(2), 200)]);
    }

    #[test]
    fn a_clawback_over_returns_alone_goes_by_their_size() {
        let basis = [fact(8, -3_000, Some(1)), fact(9, -1_000, Some(2))];
        assert_eq!(share(-40, &basis), [(Some(8), -30), (Some(9), -10)]);
        assert_eq!(share(7, &[]), [(None, 7)]);
        assert_eq!(share(0, &basis), []);
    }

    #[test]
    fn a_month_and_a_quarter_know_their_days() {
        let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert_eq!(Calendar::Month.period_of(day).to_string(), "2024-02");
        assert_eq!(Calendar::Quarter.period_of(day).to_string(), "2024-Q1");
        assert!(Calendar::Month.has("2024-02".parse().unwrap()));
        assert!(!Calendar::Month.has("2024-Q1".parse().unwrap()));
        assert!(!Calendar::Quarter.has("2024".parse().unwrap()));
    }

    #[test]
    fn a_range_of_days_is_widened_to_whole_periods() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let names = |calendar: Calendar, first, last| -> Vec<String> {
            calendar.periods(day(first), day(last)).iter().map(ToString::to_string).collect()
        };
        assert_eq!(names(Calendar::Quarter, "2025-12-31", "2026-04-01"), ["2025-Q4", "2026-Q1", "2026-Q2"]);
        assert_eq!(names(Calendar::Month, "2026-01-31", "2026-02-01"), ["2026-01", "2026-02"]);
        assert_eq!(names(Calendar::Month, "2026-02-02", "2026-02-03"), ["2026-02"]);
        assert!(names(Calendar::Month, "2026-02-02", "2026-01-03").is_empty());
    }

    #[test]
    fn every_field_of_a_fact_reaches_its_bytes() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
        let one = StreamedFact {
            seq: 1,
            kind: FactKind::Shipped,
            participant: 0,
            product: 0,
            on: day,
            paid_on: None,
            quantity: 1,
            amount_minor: 100,
            reverses: None,
        };
        let others = [
            StreamedFact { seq: 2, ..one },
            StreamedFact { kind: FactKind::Returned, ..one },
            StreamedFact { participant: 1, ..one },
            StreamedFact { product: 1, ..one },
            StreamedFact { on: day.succ_opt().unwrap(), ..one },
            StreamedFact { paid_on: Some(day), ..one },
            StreamedFact { quantity: 2, ..one },
            StreamedFact { amount_minor: 101, ..one },
            StreamedFact { reverses: Some(1), ..one },
        ];
        let mut seen: Vec<_> = others.iter().chain([&one]).map(fact_bytes).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 10);
    }

    /// Shipped facts, and returns that take back some of them.
    fn basis() -> impl Strategy<Value = Vec<BasisFact>> {
        prop::collection::vec((1_i64..5_000_000, prop::option::of(1_i64..100)), 0..30).prop_map(|rows| {
            let mut facts = Vec::new();
            for (amount, percent) in rows {
                let seq = i64::try_from(facts.len()).unwrap() + 1;
                facts.push(fact(seq, amount, None));
                if let Some(percent) = percent {
                    facts.push(fact(seq + 1, -(amount * percent / 100), Some(seq)));
                }
            }
            facts
        })
    }

    proptest! {
        #[test]
        fn shares_add_up_and_have_the_payouts_sign(amount in -900_000_000_i64..900_000_000, basis in basis()) {
            let shares = share(amount, &basis);
            prop_assert_eq!(shares.iter().map(|(_, share)| share).sum::<i64>(), amount);
            prop_assert!(shares.iter().all(|(_, share)| share.signum() == amount.signum()));
        }

        /// Each run sees another answer over more facts. The ledger ends at the last answer whatever came before.
        #[test]
        fn runs_end_at_the_computed_total(
            runs in prop::collection::vec(
                prop::collection::vec((prop::sample::select(vec!["tier", "growth"]), -50_000_i64..900_000, any::<bool>()), 0..4),
                1..8,
            ),
            facts in basis(),
        ) {
            let mut posted = Amounts::default();
            let count = runs.len();
            for (at, payouts) in runs.into_iter().enumerate() {
                let seen = &facts[..facts.len() * (at + 1) / count];
                let mut computed = Amounts::default();
                for (code, amount, alone) in &payouts {
                    computed.add_payout(code, *amount, if *alone { &[] } else { seen }).unwrap();
                }
                let total: i64 = payouts.iter().map(|(_, amount, _)| amount).sum();
                prop_assert_eq!(computed.total(), i128::from(total));
                for (place, amount) in computed.clone().less(&posted).unwrap() {
                    prop_assert_ne!(amount, 0);
                    posted.add(&place.code, place.fact_seq, amount).unwrap();
                }
                prop_assert_eq!(posted.total(), i128::from(total));
                prop_assert_eq!(computed.less(&posted).unwrap(), vec![]);
            }
        }
    }
}
