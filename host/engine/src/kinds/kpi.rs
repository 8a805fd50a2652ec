//! `qudao:kpi`: how a subject goes in, how a scorecard comes out, and what it must satisfy.

use super::types::{
    Checked, NoteRules, SentAttribute, ToldNote, WitDate, WitDecimal, billionths, billionths_text,
    send_attributes, send_date, send_some, told_decimal, told_some,
};
use qudao_domain::decimal::Decimal;
use qudao_domain::kpi::{Indicator, KpiAnswer, Metric, Scorecard, Subject};
use std::cmp::Ordering;
use std::collections::HashSet;
use wasmtime::component::{ComponentType, Lift, Lower};

/// The function's parameters.
pub(crate) type Params<'a> = (SentSubject<'a>, &'a str);
/// The function's result.
pub(crate) type Returned = (Result<ToldScorecard, Vec<ToldNote>>,);

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentMetric<'a> {
    code: &'a str,
    actual: Option<WitDecimal>,
    previous: Option<WitDecimal>,
    target: Option<WitDecimal>,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentSubject<'a> {
    code: &'a str,
    tier: &'a str,
    region: &'a str,
    attributes: Vec<SentAttribute<'a>>,
    first: WitDate,
    last: WitDate,
    metrics: Vec<SentMetric<'a>>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldIndicator {
    pub(super) code: String,
    pub(super) weight: WitDecimal,
    pub(super) target: Option<WitDecimal>,
    pub(super) actual: Option<WitDecimal>,
    pub(super) attainment: Option<WitDecimal>,
    pub(super) score: WitDecimal,
    pub(super) steps: Vec<ToldNote>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldScorecard {
    pub(super) indicators: Vec<ToldIndicator>,
    pub(super) total: WitDecimal,
    pub(super) grade: String,
}

/// The subject as the plugin sees it: only the attributes and metrics that it asked for.
pub(crate) fn send<'a>(
    subject: &'a Subject,
    read: &HashSet<String>,
    metrics: &HashSet<String>,
) -> Checked<SentSubject<'a>> {
    let wanted = subject.metrics.iter().filter(|metric| metrics.contains(&metric.code));
    let metrics =
        wanted.map(|metric| send_metric(metric).map_err(|what| format!("metric `{}`: {what}", metric.code)));
    Ok(SentSubject {
        code: &subject.code,
        tier: &subject.tier,
        region: &subject.region,
        attributes: send_attributes(&subject.attributes, read)?,
        first: send_date(subject.first)?,
        last: send_date(subject.last)?,
        metrics: metrics.collect::<Checked<_>>()?,
    })
}

fn send_metric(metric: &Metric) -> Checked<SentMetric<'_>> {
    Ok(SentMetric {
        code: &metric.code,
        actual: send_some(metric.actual)?,
        previous: send_some(metric.previous)?,
        target: send_some(metric.target)?,
    })
}

/// The answer as the domain knows it, if it is one that an answer may be.
pub(crate) fn receive(returned: Returned, rules: &NoteRules<'_>) -> Checked<KpiAnswer> {
    match returned.0 {
        Ok(scorecard) => receive_scorecard(scorecard, rules).map(KpiAnswer::Scored),
        Err(notes) => rules.reasons(notes).map(KpiAnswer::Refused),
    }
}

fn receive_scorecard(told: ToldScorecard, rules: &NoteRules<'_>) -> Checked<Scorecard> {
    rules.count("indicators", told.indicators.len(), rules.limits.max_indicators)?;
    let indicators = told.indicators.into_iter().map(|told| receive_indicator(told, rules));
    let indicators = indicators.collect::<Checked<Vec<_>>>()?;
    let total = told_decimal(told.total).map_err(|what| format!("total: {what}"))?;
    check_total(&indicators, total)?;
    rules.code(&told.grade).map_err(|what| format!("grade: {what}"))?;
    Ok(Scorecard { indicators, total, grade: told.grade })
}

fn receive_indicator(told: ToldIndicator, rules: &NoteRules<'_>) -> Checked<Indicator> {
    rules.code(&told.code).map_err(|what| format!("indicator: {what}"))?;
    let within = |what: String| format!("indicator `{}`: {what}", told.code);
    let weight = told_decimal(told.weight).map_err(within)?;
    if weight < Decimal::ZERO || weight > Decimal::ONE {
        return Err(within(format!("weight {weight} is not between 0 and 1")));
    }
    Ok(Indicator {
        weight,
        target: told_some(told.target).map_err(within)?,
        actual: told_some(told.actual).map_err(within)?,
        attainment: told_some(told.attainment).map_err(within)?,
        score: told_decimal(told.score).map_err(within)?,
        steps: rules.notes("steps", told.steps).map_err(within)?,
        code: told.code,
    })
}

/// Weights add up to 1 and the total is Σ weight × score, rounded half-even to two places. Exact:
/// weights and scores are counted in 10^-9, their products in 10^-18.
fn check_total(indicators: &[Indicator], total: Decimal) -> Checked<()> {
    let one = billionths(Decimal::ONE);
    let weights: i128 = indicators.iter().map(|indicator| billionths(indicator.weight)).sum();
    if weights != one {
        return Err(format!("the weights add up to {}, not to 1", billionths_text(weights)));
    }
    let mut sum = 0_i128;
    for indicator in indicators {
        let part = billionths(indicator.weight).checked_mul(billionths(indicator.score));
        let next = part.and_then(|part| sum.checked_add(part));
        sum = next.ok_or_else(|| "the scores are too large to be added".to_owned())?;
    }
    let hundredths = half_even(sum, 10_i128.pow(16));
    if billionths(total) != hundredths * 10_i128.pow(7) {
        let expected = billionths_text(hundredths * 10_i128.pow(7));
        return Err(format!("the total is {total}, but weights and scores make {expected}"));
    }
    Ok(())
}

/// `number ÷ divisor`, rounded half-even; the divisor is positive and even.
fn half_even(number: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (number.div_euclid(divisor), number.rem_euclid(divisor));
    match rest.cmp(&(divisor / 2)) {
        Ordering::Less => quotient,
        Ordering::Equal => quotient + quotient.rem_euclid(2),
        Ordering::Greater => quotient + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (number, expected) in [(5, 0), (15, 2), (25, 2), (14, 1), (16, 2), (-5, 0), (-15, -2), (-16, -2)]
        {
            assert_eq!(half_even(number, 10), expected, "{number}");
        }
    }

    fn indicator(weight: &str, score: &str) -> Indicator {
        Indicator {
            code: "x".into(),
            weight: weight.parse().unwrap(),
            target: None,
            actual: None,
            attainment: None,
            score: score.parse().unwrap(),
            steps: Vec::new(),
        }
    }

    #[test]
    fn totals_are_weighed_and_rounded_exactly() {
        for (indicators, total, good) in [
            (vec![("0.5", "80"), ("0.5", "90")], "85", true),
            (vec![("0.5", "80"), ("0.5", "90")], "85.00", true),
            (vec![("0.5", "80"), ("0.5", "90")], "85.01", false),
            (vec![("0.5", "80"), ("0.4", "90")], "76", false),
            (vec![("0.5", "80.01"), ("0.5", "0")], "40", true),
            (vec![("0.5", "80.03"), ("0.5", "0")], "40.02", true),
            (vec![("1", "-0.005")], "0", true),
            (vec![("1", "-0.006")], "-0.01", true),
            (vec![("0.333333333", "1"), ("0.333333333", "1"), ("0.333333334", "1")], "1", true),
            (vec![], "0", false),
        ] {
            let all: Vec<_> = indicators.iter().map(|(weight, score)| indicator(weight, score)).collect();
            assert_eq!(check_total(&all, total.parse().unwrap()).is_ok(), good, "{indicators:?} {total}");
        }
        let huge = vec![indicator("1", "9223372036854775807")];
        assert!(check_total(&huge, "9223372036854775807".parse().unwrap()).is_ok());
    }
}
