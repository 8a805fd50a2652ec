//! One indicator's attainment and points.

use crate::settings::{Measure, Weighted};
use qudao_sdk::kpi::{Indicator, Subject};
use qudao_sdk::{Decimal, Note, RoundingStrategy, Value, note, percent};

/// An indicator before it is weighed.
pub(crate) struct Measured {
    weighted: Weighted,
    target: Option<Decimal>,
    actual: Option<Decimal>,
    /// None where it cannot be scored.
    pub(crate) attainment: Option<Decimal>,
    steps: Vec<Note>,
}

impl Measured {
    /// Points are 100 × attainment; what cannot be scored has none.
    pub(crate) fn weigh(mut self, weight: Decimal) -> Indicator {
        if weight != self.weighted.weight {
            self.steps.push(note!("weight-from", percent(self.weighted.weight), percent(weight)));
        }
        Indicator {
            code: self.weighted.measure.code().to_owned(),
            weight,
            target: self.target,
            actual: self.actual,
            attainment: self.attainment,
            score: self.attainment.unwrap_or(Decimal::ZERO) * Decimal::ONE_HUNDRED,
            steps: self.steps,
        }
    }
}

/// Ratios are kept to four decimals (hundredths of a per cent), half-even. Beyond a billion, which only
/// a target next to nothing makes, they are not told apart: the contract has 19 digits.
fn ratio(above: Decimal, below: Decimal) -> Decimal {
    let most = Decimal::from(1_000_000_000);
    match above.checked_div(below) {
        Some(exact) => {
            exact.round_dp_with_strategy(4, RoundingStrategy::MidpointNearestEven).clamp(-most, most)
        }
        None if above.is_sign_negative() == below.is_sign_negative() => most,
        None => -most,
    }
}

fn shown(measure: Measure, figure: Decimal) -> Value {
    if measure.is_share() { percent(figure) } else { figure.into() }
}

/// Measures one indicator; attainment lies between 0 and the cap.
pub(crate) fn measure(subject: &Subject, weighted: &Weighted, cap: Decimal) -> Measured {
    let measure = weighted.measure;
    let metric = subject.metric(measure.code());
    let mut steps = Vec::new();
    let own_target = metric.and_then(|metric| metric.target);
    let target = own_target.or(weighted.target);
    let derive = || if measure == Measure::Growth { growth(subject, &mut steps) } else { None };
    let actual = metric.and_then(|metric| metric.actual).or_else(derive);
    if let (None, Some(target)) = (own_target, target) {
        steps.push(note!("default-target", shown(measure, target)));
    }
    let attainment = match (actual, target) {
        (Some(actual), Some(target)) => Some(attain(measure, actual, target, cap, &mut steps)),
        (None, _) => {
            steps.push(note!("not-measured"));
            None
        }
        (Some(_), None) => {
            steps.push(note!("no-target"));
            None
        }
    };
    Measured { weighted: weighted.clone(), target, actual, attainment, steps }
}

/// Growth where the host did not measure it: from the turnover of both years.
fn growth(subject: &Subject, steps: &mut Vec<Note>) -> Option<Decimal> {
    let turnover = subject.metric(Measure::Turnover.code())?;
    let (now, before) = (turnover.actual?, turnover.previous.filter(|before| *before > Decimal::ZERO)?);
    steps.push(note!("derived", now, before));
    Some(ratio(now - before, before))
}

fn attain(
    measure: Measure,
    actual: Decimal,
    target: Decimal,
    cap: Decimal,
    steps: &mut Vec<Note>,
) -> Decimal {
    let [seen, wanted] = [actual, target].map(|figure| shown(measure, figure));
    if target <= Decimal::ZERO {
        // A ratio means nothing here: whoever reaches the target has met it, and no more.
        let met = if actual >= target { Decimal::ONE } else { Decimal::ZERO };
        steps.push(note!("attained-without-target", seen, wanted, percent(met)));
        return met;
    }
    let attained = ratio(actual, target);
    steps.push(note!("attained", seen, wanted, percent(attained)));
    if attained < Decimal::ZERO {
        steps.push(note!("below-zero"));
    } else if attained > cap {
        steps.push(note!("capped", percent(attained), percent(cap)));
    }
    attained.clamp(Decimal::ZERO, cap)
}
