//! Random scorecards and refusals.

use super::{
    DECIMAL, Number, Told, all_kept, arrived, assert_agreed, assert_named, damaged, decimal, list, notes,
    number, puppet, same, sound, spell, tight, units,
};
use crate::abi::Abi;
use crate::guest::{TOLD_AT, widest_result};
use crate::seeds;
use fastrand::Rng;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::kpi::{KpiAnswer, Scorecard, Subject};
use qudao_engine::Plugin;

#[derive(Debug)]
struct Indicator {
    code: &'static str,
    weight: Number,
    /// Target, actual and attainment.
    figures: [Option<Number>; 3],
    score: Number,
    steps: Vec<Told>,
}

#[derive(Debug)]
enum Answer {
    Scored { indicators: Vec<Indicator>, total: Number, grade: &'static str },
    Refused(Vec<Told>),
}

fn code(rng: &mut Rng) -> &'static str {
    if rng.u8(..60) == 0 { "unheard-of" } else { "step" }
}

/// Hundredths that mostly add up to one.
fn weights(rng: &mut Rng) -> Vec<Number> {
    let count = if rng.u8(..40) == 0 { rng.usize(..6) } else { rng.usize(1..=4) };
    let mut left = 100;
    let mut weights: Vec<Number> = (0..count)
        .map(|place| {
            let part = if place + 1 == count { left } else { rng.i64(0..=left) };
            left -= part;
            (part, 2)
        })
        .collect();
    if rng.u8(..20) == 0 && count > 0 {
        weights[0] = *rng.choice(&[(-1, 2), (101, 2), (1, 9), (1, 10), (i64::MAX, 0)]).expect("some");
    }
    weights
}

fn indicator(rng: &mut Rng, weight: Number) -> Indicator {
    let figure = |rng: &mut Rng| rng.bool().then(|| number(rng));
    Indicator {
        code: code(rng),
        weight,
        figures: [figure(rng), figure(rng), figure(rng)],
        score: if rng.u8(..15) == 0 { number(rng) } else { (rng.i64(-5_000..15_000), rng.u8(..=4)) },
        steps: notes(rng),
    }
}

fn answer(rng: &mut Rng) -> Answer {
    if rng.u8(..8) == 0 {
        return Answer::Refused(notes(rng));
    }
    let weights = weights(rng);
    let indicators: Vec<Indicator> = weights.iter().map(|weight| indicator(rng, *weight)).collect();
    let expected = expected_total(&indicators).and_then(|total| i64::try_from(total).ok());
    let total = match expected {
        Some(hundredths) if rng.u8(..30) > 0 => (hundredths, 2),
        Some(hundredths) => (hundredths.saturating_add(1), 2),
        None => number(rng),
    };
    Answer::Scored { indicators, total, grade: code(rng) }
}

/// Σ weight × score in hundredths, halves to the even one; none where a number is none or too large.
fn expected_total(indicators: &[Indicator]) -> Option<i128> {
    let mut sum = 0_i128;
    for indicator in indicators {
        let part = units(indicator.weight)?.checked_mul(units(indicator.score)?)?;
        sum = sum.checked_add(part)?;
    }
    let one = 10_i128.pow(16);
    let (whole, rest) = (sum.div_euclid(one), sum.rem_euclid(one));
    let up = rest * 2 > one || (rest * 2 == one && whole % 2 != 0);
    Some(whole + i128::from(up))
}

fn abi(answer: &Answer) -> Abi {
    let widest = widest_result(Kind::Kpi);
    match answer {
        Answer::Refused(reasons) => Abi::with(1, list(reasons), widest),
        Answer::Scored { indicators, total, grade } => {
            let indicator = |indicator: &Indicator| {
                let mut fields = vec![Abi::text(indicator.code), decimal(indicator.weight)];
                fields
                    .extend(indicator.figures.iter().map(|figure| Abi::option(figure.map(decimal), DECIMAL)));
                fields.extend([decimal(indicator.score), list(&indicator.steps)]);
                Abi::Record(fields)
            };
            let indicators = Abi::List(indicators.iter().map(indicator).collect());
            Abi::with(0, Abi::Record(vec![indicators, decimal(*total), Abi::text(grade)]), widest)
        }
    }
}

fn against(answer: &Answer) -> Option<&'static str> {
    let (indicators, total, grade) = match answer {
        Answer::Refused(reasons) => return (reasons.is_empty() || !sound(reasons)).then_some("reasons"),
        Answer::Scored { indicators, total, grade } => (indicators, total, grade),
    };
    if indicators.len() > tight().max_indicators || *grade != "step" {
        return Some("too many indicators, or a grade that is none");
    }
    let one = 10_i128.pow(9);
    for indicator in indicators {
        let figures = indicator.figures.iter().flatten().all(|figure| units(*figure).is_some());
        let weight = units(indicator.weight).is_some_and(|weight| (0..=one).contains(&weight));
        if indicator.code != "step" || !figures || !weight || units(indicator.score).is_none() {
            return Some("an indicator is not sound");
        }
        if !sound(&indicator.steps) {
            return Some("a step is not sound");
        }
    }
    let weights: Option<i128> = indicators.iter().map(|indicator| units(indicator.weight)).sum();
    let total = units(*total);
    if weights != Some(one)
        || total.is_none()
        || expected_total(indicators).map(|sum| sum * 10_i128.pow(7)) != total
    {
        return Some("weights, scores and total do not fit");
    }
    None
}

/// What holds of whatever is taken, however it was told.
fn assert_usable(scorecard: &Scorecard) {
    assert!(scorecard.indicators.len() <= tight().max_indicators && scorecard.grade == "step");
    assert_eq!(scorecard.indicators.iter().map(|indicator| indicator.weight).sum::<Decimal>(), Decimal::ONE);
    for indicator in &scorecard.indicators {
        assert!(indicator.weight >= Decimal::ZERO && indicator.code == "step", "{indicator:?}");
        assert!(all_kept(&indicator.steps), "{indicator:?}");
    }
    assert_eq!(scorecard.total, scorecard.total.round_dp(2), "{scorecard:?}");
}

fn assert_arrived(told: &Answer, found: &KpiAnswer) {
    match (told, found) {
        (Answer::Refused(told), KpiAnswer::Refused(found)) => assert!(arrived(told, found), "{found:?}"),
        (Answer::Scored { indicators, total, .. }, KpiAnswer::Scored(found)) => {
            assert!(same(*total, found.total), "{found:?}");
            assert_eq!(indicators.len(), found.indicators.len());
            for (told, found) in indicators.iter().zip(&found.indicators) {
                let figures = [found.target, found.actual, found.attainment];
                let pairs = told.figures.iter().zip(figures);
                let each = |(told, found): (&Option<Number>, Option<Decimal>)| match (told, found) {
                    (Some(told), Some(found)) => same(*told, found),
                    (told, found) => told.is_none() && found.is_none(),
                };
                assert!(pairs.into_iter().all(each) && same(told.score, found.score), "{found:?}");
                assert!(same(told.weight, found.weight) && arrived(&told.steps, &found.steps), "{found:?}");
            }
        }
        _ => panic!("{told:?} arrived as {found:?}"),
    }
}

fn subject() -> Subject {
    Subject {
        code: "D".into(),
        tier: "t".into(),
        region: "r".into(),
        attributes: Vec::new(),
        first: "2026-01-01".parse().unwrap(),
        last: "2026-01-31".parse().unwrap(),
        metrics: Vec::new(),
    }
}

fn attempt(plugin: &Plugin, mut rng: Rng) -> bool {
    let told = answer(&mut rng);
    let image = abi(&told);
    let found = plugin.score(&subject(), &spell(&image.image(TOLD_AT)));
    assert_agreed(&found, against(&told), &told);
    if let Ok(found) = &found {
        assert_arrived(&told, &found.answer);
    }
    match plugin.score(&subject(), &spell(&damaged(&mut rng, &image))) {
        Err(failure) => assert_named(&failure),
        Ok(found) => {
            if let KpiAnswer::Scored(scorecard) = &found.answer {
                assert_usable(scorecard);
            }
        }
    }
    found.is_ok()
}

#[test]
fn random_scorecards_are_taken_exactly_when_they_are_sound() {
    let plugin = puppet(Kind::Kpi);
    seeds::few_of_both("random_scorecards_are_taken_exactly_when_they_are_sound", 1_500, |rng| {
        attempt(&plugin, rng)
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn soak_random_scorecards() {
    let plugin = puppet(Kind::Kpi);
    seeds::many("soak_random_scorecards", |rng| _ = attempt(&plugin, rng));
}
