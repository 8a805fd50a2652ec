//! Random rulings and refusals.

use super::{
    Arg, Number, Told, all_kept, arrived, assert_agreed, assert_named, damaged, decimal, list, notes, number,
    puppet, same, sound, spell, units,
};
use crate::abi::Abi;
use crate::guest::{TOLD_AT, widest_result};
use crate::seeds;
use chrono::{Days, NaiveDate};
use fastrand::Rng;
use qudao_domain::contract::{Kind, Value};
use qudao_domain::deal::{
    Claim, Claimant, ClaimantKind, Customer, DealAnswer, Earlier, Floor as Found, Outcome, Ruling, Standing,
};
use qudao_domain::decimal::Decimal;
use qudao_domain::money::Money;
use qudao_engine::Plugin;

/// Size and alignment of a day, and of a floor.
const DAY: (usize, usize) = (4, 2);
const FLOOR: (usize, usize) = (24, 8);
const AMOUNT: (usize, usize) = (16, 8);
/// What the contract calls three years.
const LONGEST_DAYS: u64 = 1_098;

/// Who claims.
const OWN: &str = "D9";
/// Who registered before, by number from 1: the third is the claimant's own.
const BEFORE: [&str; 3] = ["D1", "D2", OWN];

/// Year, month and day, as told.
type Day = (u16, u8, u8);

#[derive(Debug)]
enum Floor {
    Share(Number),
    Amount(i64, &'static str),
}

#[derive(Debug)]
struct Affected {
    registration: u32,
    ends: bool,
    reasons: Vec<Told>,
}

#[derive(Debug)]
enum Answer {
    Ruled {
        outcome: Outcome,
        until: Option<Day>,
        shares: Vec<(u32, u32)>,
        floor: Option<Floor>,
        reasons: Vec<Told>,
        affected: Vec<Affected>,
    },
    Refused(Vec<Told>),
}

fn today() -> NaiveDate {
    "2026-01-31".parse().unwrap()
}

fn claim(rng: &mut Rng) -> Claim {
    let amount = Money::new(1_000, "CNY".parse().unwrap());
    let claimant = |code: &str| Claimant {
        kind: ClaimantKind::Dealer,
        code: code.into(),
        tier: "t".into(),
        region: "r".into(),
        attributes: Vec::new(),
    };
    let earlier = |(number, code): (u32, &&str)| Earlier {
        number,
        claimant: claimant(code),
        is_own: *code == OWN,
        registered_on: "2026-01-01".parse().unwrap(),
        category: "c".into(),
        amount,
        standing: Standing::Accepted,
        protected_until: None,
        floor: None,
    };
    Claim {
        on: today(),
        claimant: claimant(OWN),
        customer: Customer {
            key: "k".into(),
            name: "K".into(),
            registered_number: String::new(),
            region: "r".into(),
        },
        category: "c".into(),
        skus: vec!["S".into()],
        amount,
        expected_close: "2026-06-30".parse().unwrap(),
        progress: String::new(),
        note: String::new(),
        earlier: (1..).zip(&BEFORE[..rng.usize(..=3)]).map(earlier).collect(),
    }
}

/// Notes of which there mostly is one, and of which one seldom names a claimant.
fn reasons(rng: &mut Rng) -> Vec<Told> {
    let mut notes = notes(rng);
    if notes.is_empty() && rng.u8(..20) > 0 {
        notes.push(Told { code: "step", args: Vec::new() });
    }
    if rng.u8(..12) == 0 {
        let said = rng.choice(&["D1", "an (D2)", "by D9.", "D1-b", "xD2", "D12", "档D1"]).expect("some");
        let arg = Arg::Text((*said).to_owned());
        notes.push(Told { code: "step", args: vec![arg] });
    }
    notes
}

fn until(rng: &mut Rng, outcome: Outcome) -> Option<Day> {
    let wanted = match outcome {
        Outcome::Protect => rng.u8(..25) > 0,
        Outcome::Refuse => rng.u8(..25) == 0,
        _ => rng.bool(),
    };
    let day = match rng.u8(..25) {
        // From the day before to the day after the longest.
        0 => today() + Days::new(rng.u64(LONGEST_DAYS - 1..=LONGEST_DAYS + 1)),
        1 => today() - Days::new(rng.u64(..3)),
        2 => return Some((2026, 2, rng.u8(28..31))),
        _ => today() + Days::new(rng.u64(1..LONGEST_DAYS)),
    };
    let text = day.to_string();
    let part = |range: std::ops::Range<usize>| text[range].parse::<u16>().expect("a part of a day");
    let small = |range| u8::try_from(part(range)).expect("a month or a day");
    wanted.then(|| (part(0..4), small(5..7), small(8..10)))
}

fn floor(rng: &mut Rng) -> Option<Floor> {
    match rng.u8(..24) {
        0 => Some(Floor::Share(number(rng))),
        1 => Some(Floor::Share(*rng.choice(&[(1, 0), (10, 1), (11, 1), (-1, 9), (1, 10)]).expect("some"))),
        2 => Some(Floor::Amount(rng.i64(-2..2), rng.choice(&["CNY", "USD", "ZZZ"]).expect("some"))),
        3..9 => Some(Floor::Share((rng.i64(0..=100), 2))),
        9..15 => Some(Floor::Amount(rng.i64(0..9_000_000), "CNY")),
        _ => None,
    }
}

/// The whole in parts, mostly between the claim and those who registered before.
fn shares(rng: &mut Rng, outcome: Outcome, earlier: u32) -> Vec<(u32, u32)> {
    if outcome != Outcome::Split {
        return if rng.u8(..40) == 0 { vec![(0, 10_000)] } else { Vec::new() };
    }
    let with = if earlier > 0 { rng.u32(1..=earlier) } else { 0 };
    let mut left = 10_000;
    let mut shares: Vec<(u32, u32)> = (0..=with)
        .map(|registration| {
            let part = if registration == with { left } else { rng.u32(0..=left / 2) };
            left -= part;
            (registration, part)
        })
        .collect();
    match rng.u8(..40) {
        0 => shares[0].1 = shares[0].1.wrapping_add(rng.u32(..)),
        1 => shares[0].0 = rng.u32(..6),
        2 => shares.push((rng.u32(..5), rng.u32(..3))),
        3 => drop(shares.pop()),
        _ => {}
    }
    shares
}

fn affected(rng: &mut Rng, outcome: Outcome, earlier: u32, shares: &[(u32, u32)]) -> Vec<Affected> {
    let mut all = Vec::new();
    for registration in 1..=earlier {
        let has_share = shares.iter().any(|(number, _)| *number == registration);
        if rng.bool() && !(has_share && rng.u8(..30) > 0) {
            continue;
        }
        let seldom = rng.u8(..30) == 0;
        let ends = if has_share || outcome == Outcome::Refuse { seldom } else { rng.bool() };
        all.push(Affected { registration, ends, reasons: reasons(rng) });
    }
    if rng.u8(..40) == 0 {
        all.push(Affected { registration: rng.u32(..5), ends: false, reasons: reasons(rng) });
    }
    all
}

fn answer(rng: &mut Rng, claim: &Claim) -> Answer {
    if rng.u8(..8) == 0 {
        return Answer::Refused(reasons(rng));
    }
    let earlier = u32::try_from(claim.earlier.len()).expect("few");
    let outcomes = [Outcome::Accept, Outcome::Ask, Outcome::Protect, Outcome::Split, Outcome::Refuse];
    let outcome = match *rng.choice(&outcomes).expect("some") {
        // There is nobody to share with.
        Outcome::Split if earlier == 0 && rng.u8(..10) > 0 => Outcome::Accept,
        outcome => outcome,
    };
    let shares = shares(rng, outcome, earlier);
    Answer::Ruled {
        outcome,
        until: until(rng, outcome),
        floor: floor(rng),
        reasons: reasons(rng),
        affected: affected(rng, outcome, earlier, &shares),
        shares,
    }
}

fn abi(answer: &Answer) -> Abi {
    let widest = widest_result(Kind::Deal);
    let (outcome, until, shares, floor, reasons, affected) = match answer {
        Answer::Refused(reasons) => return Abi::with(1, list(reasons), widest),
        Answer::Ruled { outcome, until, shares, floor, reasons, affected } => {
            (outcome, until, shares, floor, reasons, affected)
        }
    };
    let case = match outcome {
        Outcome::Accept => 0,
        Outcome::Ask => 1,
        Outcome::Protect => 2,
        Outcome::Split => 3,
        Outcome::Refuse => 4,
    };
    let day = until.map(|(year, month, day)| Abi::Record(vec![Abi::U16(year), Abi::U8(month), Abi::U8(day)]));
    let share = |(number, part): &(u32, u32)| Abi::Record(vec![Abi::U32(*number), Abi::U32(*part)]);
    let floor = floor.as_ref().map(|floor| match floor {
        Floor::Share(share) => Abi::with(0, decimal(*share), AMOUNT),
        Floor::Amount(minor, currency) => {
            Abi::with(1, Abi::Record(vec![Abi::I64(*minor), Abi::text(currency)]), AMOUNT)
        }
    });
    let one = |affected: &Affected| {
        let ends = Abi::U8(u8::from(affected.ends));
        Abi::Record(vec![Abi::U32(affected.registration), ends, list(&affected.reasons)])
    };
    let fields = vec![
        Abi::U8(case),
        Abi::option(day, DAY),
        Abi::List(shares.iter().map(share).collect()),
        Abi::option(floor, FLOOR),
        list(reasons),
        Abi::List(affected.iter().map(one).collect()),
    ];
    Abi::with(0, Abi::Record(fields), widest)
}

/// Whether a text has somebody's code as a word of its own, by cutting it into words.
fn names_another<'t>(texts: impl Iterator<Item = &'t str>, own: &str, claim: &Claim) -> bool {
    let others: Vec<&str> = claim
        .earlier
        .iter()
        .map(|earlier| earlier.claimant.code.as_str())
        .chain([OWN])
        .filter(|code| *code != own)
        .collect();
    let mut words =
        texts.flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')));
    words.any(|word| others.contains(&word))
}

/// Whether somebody is told this: soundly, at least one reason, and nobody else's name.
fn may_hear(told: &[Told], own: &str, claim: &Claim) -> bool {
    let args = told.iter().flat_map(|note| &note.args);
    let texts = args.filter_map(|arg| if let Arg::Text(text) = arg { Some(text.as_str()) } else { None });
    sound(told) && !names_another(texts, own, claim)
}

/// The day as it is, if there is one.
fn real(day: Day) -> Option<NaiveDate> {
    format!("{:04}-{:02}-{:02}", day.0, day.1, day.2).parse().ok()
}

fn against(answer: &Answer, claim: &Claim) -> Option<&'static str> {
    let (outcome, until, shares, floor, reasons, affected) = match answer {
        Answer::Refused(reasons) => {
            let fine = !reasons.is_empty() && may_hear(reasons, OWN, claim);
            return (!fine).then_some("reasons");
        }
        Answer::Ruled { outcome, until, shares, floor, reasons, affected } => {
            (*outcome, until, shares, floor, reasons, affected)
        }
    };
    if !may_hear(reasons, OWN, claim) || (reasons.is_empty() && outcome != Outcome::Accept) {
        return Some("reasons");
    }
    let last = today() + Days::new(LONGEST_DAYS);
    let there = until.is_some();
    let fits = until.is_none_or(|day| real(day).is_some_and(|day| day >= today() && day <= last));
    if !fits || (outcome == Outcome::Protect && !there) || (outcome == Outcome::Refuse && there) {
        return Some("until when");
    }
    let floored = match floor {
        None => true,
        Some(Floor::Share(share)) => units(*share).is_some_and(|share| (0..=10_i128.pow(9)).contains(&share)),
        Some(Floor::Amount(minor, currency)) => *minor >= 0 && *currency == "CNY",
    };
    if !floored {
        return Some("a floor");
    }
    against_affected(outcome, affected, shares, claim).or_else(|| against_shares(outcome, shares, affected))
}

fn against_affected(
    outcome: Outcome,
    affected: &[Affected],
    shares: &[(u32, u32)],
    claim: &Claim,
) -> Option<&'static str> {
    for (place, one) in affected.iter().enumerate() {
        let Some(earlier) = claim.earlier.iter().find(|earlier| earlier.number == one.registration) else {
            return Some("somebody affected who is not there");
        };
        if one.reasons.is_empty() || !may_hear(&one.reasons, &earlier.claimant.code, claim) {
            return Some("what somebody affected is told");
        }
        if affected[..place].iter().any(|other| other.registration == one.registration) {
            return Some("somebody affected twice");
        }
        let has_share = shares.iter().any(|(number, _)| *number == one.registration);
        if one.ends && (has_share || outcome == Outcome::Refuse) {
            return Some("an end that cannot be");
        }
    }
    None
}

fn against_shares(outcome: Outcome, shares: &[(u32, u32)], affected: &[Affected]) -> Option<&'static str> {
    if outcome != Outcome::Split {
        return (!shares.is_empty()).then_some("shares without a split");
    }
    let mut numbers: Vec<u32> = shares.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    let told = |number: &u32| affected.iter().any(|affected| affected.registration == *number);
    let fine = numbers.first() == Some(&0)
        && numbers.len() > 1
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
        && numbers[1..].iter().all(told)
        && shares.iter().all(|(_, part)| *part > 0)
        && shares.iter().map(|(_, part)| u128::from(*part)).sum::<u128>() == 10_000;
    (!fine).then_some("shares")
}

/// What holds of whatever is taken, however it was told.
fn assert_usable(ruling: &Ruling, claim: &Claim) {
    let split = ruling.outcome == Outcome::Split;
    assert_eq!(ruling.shares.iter().map(|share| share.basis_points).sum::<u32>(), u32::from(split) * 10_000);
    assert!(ruling.outcome != Outcome::Protect || ruling.protected_until.is_some(), "{ruling:?}");
    if let Some(until) = ruling.protected_until {
        assert!(ruling.outcome != Outcome::Refuse && until >= claim.on, "{ruling:?}");
        assert!(until <= claim.on + Days::new(LONGEST_DAYS), "{ruling:?}");
    }
    if let Some(Found::Share(share)) = ruling.floor {
        assert!(share >= Decimal::ZERO && share <= Decimal::ONE, "{ruling:?}");
    }
    assert!(all_kept(&ruling.reasons), "{ruling:?}");
    for affected in &ruling.affected {
        let earlier = claim.earlier.iter().find(|earlier| earlier.number == affected.registration).unwrap();
        assert!(all_kept(&affected.reasons) && !affected.reasons.is_empty(), "{ruling:?}");
        assert!(!(affected.ends && ruling.outcome == Outcome::Refuse), "{ruling:?}");
        let args = affected.reasons.iter().flat_map(|note| &note.args);
        let texts =
            args.filter_map(|arg| if let Value::Text(text) = arg { Some(text.as_str()) } else { None });
        assert!(!names_another(texts, &earlier.claimant.code, claim), "{ruling:?}");
    }
}

fn assert_arrived(answer: &Answer, found: &DealAnswer) {
    let (outcome, until, shares, floor, reasons, affected, ruling) = match (answer, found) {
        (Answer::Refused(told), DealAnswer::Refused(found)) => {
            return assert!(arrived(told, found), "{found:?}");
        }
        (Answer::Ruled { outcome, until, shares, floor, reasons, affected }, DealAnswer::Ruled(ruling)) => {
            (outcome, until, shares, floor, reasons, affected, ruling)
        }
        _ => panic!("{answer:?} arrived as {found:?}"),
    };
    let found_shares = ruling.shares.iter().map(|share| (share.registration, share.basis_points));
    assert_eq!((*outcome, until.and_then(real)), (ruling.outcome, ruling.protected_until));
    assert_eq!(*shares, found_shares.collect::<Vec<_>>());
    let floor_arrived = match (floor, ruling.floor) {
        (None, None) => true,
        (Some(Floor::Share(told)), Some(Found::Share(found))) => same(*told, found),
        (Some(Floor::Amount(told, _)), Some(Found::Amount(found))) => *told == found.minor,
        _ => false,
    };
    assert!(floor_arrived && arrived(reasons, &ruling.reasons), "{ruling:?}");
    assert_eq!(affected.len(), ruling.affected.len());
    for (told, found) in affected.iter().zip(&ruling.affected) {
        assert_eq!((told.registration, told.ends), (found.registration, found.ends));
        assert!(arrived(&told.reasons, &found.reasons), "{found:?}");
    }
}

fn attempt(plugin: &Plugin, mut rng: Rng) -> bool {
    let claim = claim(&mut rng);
    let told = answer(&mut rng, &claim);
    let image = abi(&told);
    let found = plugin.decide(&claim, &spell(&image.image(TOLD_AT)));
    assert_agreed(&found, against(&told, &claim), &told);
    if let Ok(found) = &found {
        assert_arrived(&told, &found.answer);
    }
    match plugin.decide(&claim, &spell(&damaged(&mut rng, &image))) {
        Err(failure) => assert_named(&failure),
        Ok(found) => {
            if let DealAnswer::Ruled(ruling) = &found.answer {
                assert_usable(ruling, &claim);
            }
        }
    }
    found.is_ok()
}

#[test]
fn random_rulings_are_taken_exactly_when_they_are_sound() {
    let plugin = puppet(Kind::Deal);
    seeds::few_of_both("random_rulings_are_taken_exactly_when_they_are_sound", 2_500, |rng| {
        attempt(&plugin, rng)
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn soak_random_rulings() {
    let plugin = puppet(Kind::Deal);
    seeds::many("soak_random_rulings", |rng| _ = attempt(&plugin, rng));
}
