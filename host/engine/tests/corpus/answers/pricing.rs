//! Random quotes and refusals.

use super::{
    Number, Told, all_kept, arrived, assert_agreed, assert_named, damaged, decimal, kept, list, notes,
    number, puppet, same, sound, spell, tight, units,
};
use crate::abi::Abi;
use crate::guest::{TOLD_AT, widest_result};
use crate::seeds;
use fastrand::Rng;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::pricing::{Buyer, LineRequest, PricingAnswer, PricingRequest, Quote};
use qudao_engine::Plugin;

#[derive(Debug)]
struct Line {
    number: u32,
    price: Number,
    steps: Vec<(Number, Told)>,
    skipped: Vec<Told>,
}

#[derive(Debug)]
enum Answer {
    Quoted { lines: Vec<Line>, adjustments: Vec<(i64, &'static str, Told)>, approvals: Vec<Told> },
    Refused(Vec<(Option<u32>, Told)>),
}

/// Numbers that are neither in order nor without gaps.
const NUMBERS: [u32; 4] = [7, 2, 90, u32::MAX];

fn request(rng: &mut Rng) -> PricingRequest {
    let line = |number: &u32, quantity, base: i64| LineRequest {
        number: *number,
        sku: "S".into(),
        category: "C".into(),
        quantity,
        base_price: Decimal::new(base, 2),
        former_price: None,
        attributes: Vec::new(),
    };
    let lines = NUMBERS[..rng.usize(1..=4)].iter();
    PricingRequest {
        currency: "CNY".parse().unwrap(),
        on: "2026-01-31".parse().unwrap(),
        dealer: Buyer { code: "D".into(), tier: "t".into(), region: "r".into(), attributes: Vec::new() },
        terms: Vec::new(),
        history: Vec::new(),
        lines: lines.map(|number| line(number, rng.i64(1..500), rng.i64(0..1_000_000))).collect(),
    }
}

/// Mostly steps that lead to the price.
fn line(rng: &mut Rng, asked: &LineRequest) -> Line {
    let base = asked.base_price.mantissa();
    let count = if rng.u8(..40) == 0 { 5 } else { rng.usize(..3) };
    let steps: Vec<(Number, Told)> = (0..count)
        .map(|_| {
            let step = if rng.u8(..30) == 0 { number(rng) } else { (rng.i64(-20_000..5_000), 2) };
            (step, Told::random(rng))
        })
        .collect();
    // In cents, where every step is; else some number.
    let cents = steps.iter().try_fold(i64::try_from(base).unwrap(), |sum, (step, _)| {
        (step.1 == 2).then(|| sum.saturating_add(step.0))
    });
    let price = match cents {
        Some(cents) if rng.u8(..30) > 0 => (cents, 2),
        _ => number(rng),
    };
    let number = if rng.u8(..60) == 0 { rng.u32(..100) } else { asked.number };
    Line { number, price, steps, skipped: notes(rng) }
}

fn answer(rng: &mut Rng, request: &PricingRequest) -> Answer {
    if rng.u8(..6) == 0 {
        let place = |rng: &mut Rng| match rng.u8(..12) {
            0 => Some(rng.u32(..100)),
            1..6 => Some(request.lines[0].number),
            _ => None,
        };
        let count = if rng.u8(..20) == 0 { 6 } else { rng.usize(..4) };
        return Answer::Refused((0..count).map(|_| (place(rng), Told::random(rng))).collect());
    }
    let mut lines: Vec<Line> = request.lines.iter().map(|asked| line(rng, asked)).collect();
    match rng.u8(..60) {
        0 => drop(lines.pop()),
        1 => lines.swap(0, request.lines.len() - 1),
        2 => lines.push(line(rng, &request.lines[0])),
        _ => {}
    }
    let adjustment = |rng: &mut Rng| {
        let minor = if rng.u8(..20) == 0 { rng.i64(..) } else { rng.i64(-90_000..10_000) };
        (minor, if rng.u8(..30) == 0 { "USD" } else { "CNY" }, Told::random(rng))
    };
    let count = if rng.u8(..40) == 0 { 5 } else { rng.usize(..3) };
    let adjustments = (0..count).map(|_| adjustment(rng)).collect();
    Answer::Quoted { lines, adjustments, approvals: notes(rng) }
}

fn abi(answer: &Answer) -> Abi {
    let widest = widest_result(Kind::Pricing);
    match answer {
        Answer::Refused(violations) => {
            let violation = |(line, reason): &(Option<u32>, Told)| {
                Abi::Record(vec![Abi::option(line.map(Abi::U32), (4, 4)), reason.abi()])
            };
            Abi::with(1, Abi::List(violations.iter().map(violation).collect()), widest)
        }
        Answer::Quoted { lines, adjustments, approvals } => {
            let step = |(amount, reason): &(Number, Told)| Abi::Record(vec![decimal(*amount), reason.abi()]);
            let line = |line: &Line| {
                let steps = line.steps.iter().map(step).collect();
                let fields =
                    vec![Abi::U32(line.number), decimal(line.price), Abi::List(steps), list(&line.skipped)];
                Abi::Record(fields)
            };
            let adjustment = |(minor, currency, reason): &(i64, &str, Told)| {
                Abi::Record(vec![Abi::Record(vec![Abi::I64(*minor), Abi::text(currency)]), reason.abi()])
            };
            let lines = Abi::List(lines.iter().map(line).collect());
            let adjustments = Abi::List(adjustments.iter().map(adjustment).collect());
            Abi::with(0, Abi::Record(vec![lines, adjustments, list(approvals)]), widest)
        }
    }
}

/// Why an answer may not be used; nothing, if it may.
fn against(answer: &Answer, request: &PricingRequest) -> Option<&'static str> {
    let (lines, adjustments, approvals) = match answer {
        Answer::Refused(violations) => return against_refusal(violations, request),
        Answer::Quoted { lines, adjustments, approvals } => (lines, adjustments, approvals),
    };
    if lines.len() != request.lines.len() {
        return Some("another number of lines");
    }
    let mut total = 0_i128;
    for (line, asked) in lines.iter().zip(&request.lines) {
        let Some(price) = units(line.price) else { return Some("the price is no number") };
        let steps: Option<i128> = line.steps.iter().map(|(step, _)| units(*step)).sum();
        let base = asked.base_price.mantissa() * 10_i128.pow(7);
        let notes = line.steps.len() <= tight().max_notes && line.steps.iter().all(|(_, note)| note.sound());
        if line.number != asked.number || price < 0 || steps.is_none_or(|steps| base + steps != price) {
            return Some("line, price and steps do not fit");
        }
        if !notes || !sound(&line.skipped) {
            return Some("a note of a line is not sound");
        }
        total += rounded(price * i128::from(asked.quantity));
    }
    let told = adjustments.len() <= tight().max_notes && adjustments.iter().all(|(_, _, note)| note.sound());
    if !told || !sound(approvals) {
        return Some("a note of the order is not sound");
    }
    if adjustments.iter().any(|(_, currency, _)| *currency != "CNY") {
        return Some("another currency");
    }
    against_sums(total, &adjustments.iter().map(|(minor, ..)| i128::from(*minor)).collect::<Vec<_>>())
}

/// Every sum on the way fits, and the last is not negative.
fn against_sums(lines: i128, adjustments: &[i128]) -> Option<&'static str> {
    let fits = |sum: i128| i64::try_from(sum).is_ok();
    let mut sum = 0;
    let each = adjustments.iter().all(|minor| {
        sum += minor;
        fits(sum)
    });
    if !each || !fits(lines) || !fits(lines + sum) {
        return Some("a sum does not fit");
    }
    (lines + sum < 0).then_some("the total is negative")
}

/// Billionths of a yuan to whole fen, halves to the even one.
fn rounded(billionths: i128) -> i128 {
    let one = 10_i128.pow(7);
    let (whole, rest) = (billionths.div_euclid(one), billionths.rem_euclid(one));
    whole + i128::from(rest * 2 > one || (rest * 2 == one && whole % 2 != 0))
}

fn against_refusal(violations: &[(Option<u32>, Told)], request: &PricingRequest) -> Option<&'static str> {
    let asked = |number: &u32| request.lines.iter().any(|line| line.number == *number);
    if violations.is_empty() || violations.len() > tight().max_notes.max(request.lines.len()) {
        return Some("a refusal of no reason or too many");
    }
    let good = violations.iter().all(|(line, note)| note.sound() && line.iter().all(asked));
    (!good).then_some("a reason is not sound")
}

/// What holds of whatever is taken, however it was told.
fn assert_usable(quote: &Quote, request: &PricingRequest) {
    assert_eq!(quote.lines.len(), request.lines.len());
    let mut total = 0;
    for (line, asked) in quote.lines.iter().zip(&request.lines) {
        let billionths = |number: Decimal| number.mantissa() * 10_i128.pow(9 - number.scale());
        let steps: i128 = line.adjustments.iter().map(|step| billionths(step.amount)).sum();
        assert_eq!(line.number, asked.number);
        assert_eq!(billionths(asked.base_price) + steps, billionths(line.unit_price), "{line:?}");
        assert!(billionths(line.unit_price) >= 0, "{line:?}");
        assert!(
            all_kept(&line.skipped) && line.adjustments.iter().all(|step| kept(&step.reason)),
            "{line:?}"
        );
        total += rounded(billionths(line.unit_price) * i128::from(asked.quantity));
    }
    total += quote.adjustments.iter().map(|change| i128::from(change.amount.minor)).sum::<i128>();
    assert!(i64::try_from(total).is_ok_and(|total| total >= 0), "{quote:?}");
    assert!(quote.adjustments.iter().all(|change| change.amount.currency == request.currency), "{quote:?}");
    assert!(all_kept(&quote.approvals) && quote.adjustments.iter().all(|change| kept(&change.reason)));
}

/// Nothing was lost or changed on the way.
fn assert_arrived(told: &Answer, found: &PricingAnswer) {
    match (told, found) {
        (Answer::Refused(told), PricingAnswer::Refused(found)) => {
            assert_eq!(told.len(), found.len());
            let pairs = told.iter().zip(found);
            assert!(
                pairs
                    .into_iter()
                    .all(|((line, note), found)| *line == found.line && note.arrived(&found.reason))
            );
        }
        (Answer::Quoted { lines, adjustments, approvals }, PricingAnswer::Quoted(quote)) => {
            for (told, found) in lines.iter().zip(&quote.lines) {
                assert!(
                    same(told.price, found.unit_price) && arrived(&told.skipped, &found.skipped),
                    "{found:?}"
                );
                assert_eq!(told.steps.len(), found.adjustments.len());
                for ((amount, note), found) in told.steps.iter().zip(&found.adjustments) {
                    assert!(same(*amount, found.amount) && note.arrived(&found.reason), "{found:?}");
                }
            }
            assert!(arrived(approvals, &quote.approvals), "{quote:?}");
            let told: Vec<i64> = adjustments.iter().map(|(minor, ..)| *minor).collect();
            let found: Vec<i64> = quote.adjustments.iter().map(|change| change.amount.minor).collect();
            assert_eq!(told, found);
        }
        _ => panic!("{told:?} arrived as {found:?}"),
    }
}

fn attempt(plugin: &Plugin, mut rng: Rng) -> bool {
    let request = request(&mut rng);
    let told = answer(&mut rng, &request);
    let image = abi(&told);
    let found = plugin.price(&request, &spell(&image.image(TOLD_AT)));
    assert_agreed(&found, against(&told, &request), &told);
    if let Ok(found) = &found {
        assert_arrived(&told, &found.answer);
    }
    match plugin.price(&request, &spell(&damaged(&mut rng, &image))) {
        Err(failure) => assert_named(&failure),
        Ok(found) => {
            if let PricingAnswer::Quoted(quote) = &found.answer {
                assert_usable(quote, &request);
            }
        }
    }
    found.is_ok()
}

#[test]
fn random_quotes_are_taken_exactly_when_they_are_sound() {
    let plugin = puppet(Kind::Pricing);
    seeds::few_of_both("random_quotes_are_taken_exactly_when_they_are_sound", 1_500, |rng| {
        attempt(&plugin, rng)
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn soak_random_quotes() {
    let plugin = puppet(Kind::Pricing);
    seeds::many("soak_random_quotes", |rng| _ = attempt(&plugin, rng));
}
