//! One dealer's result: what each group and the growth earn, and why there is nothing.

use crate::bands::{self, Group, Groups, Part};
use crate::limits;
use crate::settings::{Method, Settings};
use crate::sums::{Sums, Turnover, Years};
use qudao_sdk::incentive::{Basis, Header, Payout};
use qudao_sdk::{Currency, Decimal, Money, Note, Value, note, percent};

/// What a run is settled by.
pub(crate) struct Scheme {
    pub(crate) header: Header,
    pub(crate) settings: Settings,
    pub(crate) groups: Groups,
}

/// An exact amount as shown.
pub(crate) fn amount(exact: Decimal, currency: Currency) -> Value {
    Value::Amount(Money::round(exact, currency))
}

impl Scheme {
    /// The dealer's payouts, or why there are none.
    pub(crate) fn settle(&self, beneficiary: u32, sums: &Sums) -> Result<Vec<Payout>, Note> {
        let (turnover, years) = (sums.of(beneficiary), sums.years(beneficiary));
        let pairs = self.groups.iter().zip(turnover);
        let mut payouts: Vec<Payout> =
            pairs.filter_map(|(group, turnover)| self.rebate(beneficiary, group, *turnover)).collect();
        payouts.extend(self.bonus(beneficiary, years));
        if payouts.is_empty() {
            return Err(self.why_nothing(turnover, years));
        }
        limits::keep_to_cap(&mut payouts, self.settings.cap, self.header.currency);
        limits::reach_minimum(&payouts, self.settings.minimum, self.header.currency)?;
        Ok(payouts)
    }

    fn major(&self, minor: i128) -> Decimal {
        Decimal::from_i128_with_scale(minor, self.header.currency.exponent())
    }

    fn show(&self, exact: Decimal) -> Value {
        amount(exact, self.header.currency)
    }

    fn rebate(&self, beneficiary: u32, group: &Group, turnover: Turnover) -> Option<Payout> {
        let net = self.major(turnover.net());
        let parts = bands::parts(net, &group.steps, self.settings.method);
        let earned = Money::round(bands::earned(&parts), self.header.currency).minor;
        let mut steps = vec![self.say_turnover(group, turnover)];
        steps.extend(parts.iter().map(|part| self.say_part(part)));
        if let Some(next) = bands::next(net, &group.steps) {
            steps.push(note!("next-band", self.show(next.from - net), percent(next.rate)));
        }
        let (reason, basis) = match &group.category {
            Some(category) => {
                (note!("rebate-category", category.as_str()), Basis::Category(category.clone()))
            }
            None => (note!("rebate"), Basis::All),
        };
        (earned > 0).then_some(Payout { beneficiary, reason, amount: earned, basis, steps })
    }

    fn say_turnover(&self, group: &Group, turnover: Turnover) -> Note {
        let [net, shipped, returned] =
            [turnover.net(), turnover.shipped, turnover.returned].map(|minor| self.show(self.major(minor)));
        match &group.category {
            Some(category) => note!("turnover-category", category.as_str(), net, shipped, returned),
            None => note!("turnover", net, shipped, returned),
        }
    }

    fn say_part(&self, part: &Part) -> Note {
        let earned = self.show(part.turnover * part.step.rate);
        let code = match self.settings.method {
            Method::Retroactive => "band-whole",
            Method::Incremental => "band-part",
        };
        note!(code, self.show(part.step.from), self.show(part.turnover), percent(part.step.rate), earned)
    }

    /// The bonus of the highest step of growth that is reached. Without turnover last year there is
    /// no growth to speak of.
    fn bonus(&self, beneficiary: u32, years: Years) -> Option<Payout> {
        let (now, before) = (self.major(years.now), self.major(years.before));
        if years.before <= 0 || years.now <= 0 {
            return None;
        }
        let reached = self.settings.growth.iter().filter(|step| now >= before * (Decimal::ONE + step.from));
        let step = reached.max_by_key(|step| step.from)?;
        let growth = ((now - before) / before).round_dp(4);
        let earned = Money::round(now * step.rate, self.header.currency);
        let steps = vec![
            note!("growth", self.show(now), self.show(before), percent(growth)),
            note!("growth-rate", percent(step.from), percent(step.rate), earned),
        ];
        let payout = Payout {
            beneficiary,
            reason: note!("growth-bonus"),
            amount: earned.minor,
            basis: Basis::All,
            steps,
        };
        (earned.minor > 0).then_some(payout)
    }

    /// The nearest thing that would have paid.
    fn why_nothing(&self, turnover: &[Turnover], years: Years) -> Note {
        if turnover.iter().all(|turnover| *turnover == Turnover::default()) && years.now == 0 {
            return note!("no-turnover");
        }
        if years.now <= 0 {
            return note!("nothing-left", self.show(self.major(years.now)));
        }
        let missing = self.groups.iter().zip(turnover).filter_map(|(group, turnover)| {
            let net = self.major(turnover.net());
            let next = bands::next(net, &group.steps)?;
            Some((next.from - net, next.rate, group))
        });
        match missing.min_by_key(|(missing, ..)| *missing) {
            Some((missing, rate, Group { category: Some(category), .. })) => {
                note!("below-band-category", category.as_str(), self.show(missing), percent(rate))
            }
            Some((missing, rate, _)) => note!("below-band", self.show(missing), percent(rate)),
            None => note!("rate-is-nothing"),
        }
    }
}
