//! Random settlements and refusals.

use super::{
    Told, all_kept, arrived, assert_agreed, assert_named, damaged, kept, list, notes, puppet, sound, spell,
    tight,
};
use crate::abi::Abi;
use crate::guest::TOLD_AT;
use crate::seeds;
use fastrand::Rng;
use qudao_domain::contract::Kind;
use qudao_domain::incentive::{
    Basis, FactKind, FactProduct, IncentiveAnswer, IncentiveHeader, Participant, Settlement, StreamedFact,
};
use qudao_engine::{Evaluated, Opened, Plugin, RuleFailure};
use std::sync::Arc;

const PARTICIPANTS: u32 = 3;
/// The first and the last fact of every run.
const FACTS: (i64, i64) = (100, 140);

#[derive(Debug)]
enum On {
    All,
    Category(String),
    Facts(Vec<u64>),
}

#[derive(Debug)]
struct Payout {
    beneficiary: u32,
    reason: Told,
    amount: i64,
    basis: On,
    steps: Vec<Told>,
}

#[derive(Debug)]
enum Answer {
    Settled { payouts: Vec<Payout>, unpaid: Vec<(u32, Told)> },
    Refused(Vec<Told>),
}

fn beneficiary(rng: &mut Rng) -> u32 {
    if rng.u8(..40) == 0 { rng.u32(..) } else { rng.u32(..PARTICIPANTS) }
}

fn basis(rng: &mut Rng) -> On {
    let seq = |rng: &mut Rng| match rng.u8(..40) {
        0 => rng.u64(..),
        1 => rng.u64(95..145),
        _ => rng.u64(100..=140),
    };
    match rng.u8(..3) {
        0 => On::All,
        1 if rng.u8(..15) == 0 => On::Category("x".repeat(rng.usize(10..16))),
        1 => On::Category("pumps".into()),
        _ => On::Facts((0..rng.usize(..4)).map(|_| seq(rng)).collect()),
    }
}

fn answer(rng: &mut Rng) -> Answer {
    if rng.u8(..8) == 0 {
        return Answer::Refused(notes(rng));
    }
    let payout = |rng: &mut Rng| Payout {
        beneficiary: beneficiary(rng),
        reason: Told::random(rng),
        amount: if rng.u8(..25) == 0 { rng.i64(..) } else { rng.i64(-1_000..30_000) },
        basis: basis(rng),
        steps: notes(rng),
    };
    let count = |rng: &mut Rng| if rng.u8(..30) == 0 { 5 } else { rng.usize(..4) };
    let (paid, left) = (count(rng), count(rng));
    let payouts = (0..paid).map(|_| payout(rng)).collect();
    Answer::Settled { payouts, unpaid: (0..left).map(|_| (beneficiary(rng), Told::random(rng))).collect() }
}

fn abi(answer: &Answer) -> Abi {
    let widest = (16, 4);
    match answer {
        Answer::Refused(reasons) => Abi::with(1, list(reasons), widest),
        Answer::Settled { payouts, unpaid } => {
            let payout = |payout: &Payout| {
                let basis = match &payout.basis {
                    On::All => Abi::bare(0, (8, 4)),
                    On::Category(name) => Abi::with(1, Abi::text(name), (8, 4)),
                    On::Facts(seqs) => {
                        let seqs = seqs.iter().map(|seq| Abi::I64(seq.cast_signed())).collect();
                        Abi::with(2, Abi::List(seqs), (8, 4))
                    }
                };
                let (reason, steps) = (payout.reason.abi(), list(&payout.steps));
                Abi::Record(vec![Abi::U32(payout.beneficiary), reason, Abi::I64(payout.amount), basis, steps])
            };
            let left = |(who, why): &(u32, Told)| Abi::Record(vec![Abi::U32(*who), why.abi()]);
            let payouts = Abi::List(payouts.iter().map(payout).collect());
            let unpaid = Abi::List(unpaid.iter().map(left).collect());
            Abi::with(0, Abi::Record(vec![payouts, unpaid]), widest)
        }
    }
}

fn against(answer: &Answer, budget: Option<i64>) -> Option<&'static str> {
    let (payouts, unpaid) = match answer {
        Answer::Refused(reasons) => return (reasons.is_empty() || !sound(reasons)).then_some("reasons"),
        Answer::Settled { payouts, unpaid } => (payouts, unpaid),
    };
    if payouts.len().max(unpaid.len()) > tight().max_payouts {
        return Some("too many");
    }
    for payout in payouts {
        let based = match &payout.basis {
            On::All => true,
            On::Category(name) => name.len() <= tight().max_text_bytes,
            On::Facts(seqs) => seqs.iter().all(|seq| (100..=140).contains(seq)),
        };
        if payout.beneficiary >= PARTICIPANTS || !based {
            return Some("nobody, or nothing to rest on");
        }
        if !payout.reason.sound() || !sound(&payout.steps) {
            return Some("a note is not sound");
        }
    }
    if unpaid.iter().any(|(who, why)| *who >= PARTICIPANTS || !why.sound()) {
        return Some("unpaid is not sound");
    }
    let sum: i128 = payouts.iter().map(|payout| i128::from(payout.amount)).sum();
    let above = budget.is_some_and(|left| sum > i128::from(left.max(0)));
    (above || i64::try_from(sum).is_err()).then_some("the sum is too large")
}

/// What holds of whatever is taken, however it was told.
fn assert_usable(settlement: &Settlement, budget: Option<i64>) {
    let sum: i128 = settlement.payouts.iter().map(|payout| i128::from(payout.amount_minor)).sum();
    assert!(budget.is_none_or(|left| sum <= i128::from(left.max(0))), "{settlement:?}");
    for payout in &settlement.payouts {
        assert!(
            payout.beneficiary < PARTICIPANTS && kept(&payout.reason) && all_kept(&payout.steps),
            "{payout:?}"
        );
        if let Basis::Facts(seqs) = &payout.basis {
            assert!(seqs.iter().all(|seq| (FACTS.0..=FACTS.1).contains(seq)), "{payout:?}");
        }
    }
    assert!(settlement.unpaid.iter().all(|unpaid| unpaid.beneficiary < PARTICIPANTS && kept(&unpaid.reason)));
}

fn assert_arrived(told: &Answer, found: &IncentiveAnswer) {
    match (told, found) {
        (Answer::Refused(told), IncentiveAnswer::Refused(found)) => {
            assert!(arrived(told, found), "{found:?}")
        }
        (Answer::Settled { payouts, unpaid }, IncentiveAnswer::Settled(found)) => {
            assert_eq!((payouts.len(), unpaid.len()), (found.payouts.len(), found.unpaid.len()));
            for (told, found) in payouts.iter().zip(&found.payouts) {
                assert_eq!((told.beneficiary, told.amount), (found.beneficiary, found.amount_minor));
                let based = match (&told.basis, &found.basis) {
                    (On::All, Basis::All) => true,
                    (On::Category(told), Basis::Category(found)) => told == found,
                    (On::Facts(told), Basis::Facts(found)) => {
                        told.iter().map(|seq| seq.cast_signed()).eq(found.iter().copied())
                    }
                    _ => false,
                };
                assert!(based && told.reason.arrived(&found.reason), "{found:?}");
                assert!(arrived(&told.steps, &found.steps), "{found:?}");
            }
        }
        _ => panic!("{told:?} arrived as {found:?}"),
    }
}

fn header(budget_left: Option<i64>) -> IncentiveHeader {
    let participant = |number: u32| Participant {
        code: format!("D{number}"),
        tier: "t".into(),
        region: "r".into(),
        parent: None,
        attributes: Vec::new(),
    };
    IncentiveHeader {
        program: "p".into(),
        currency: "CNY".parse().unwrap(),
        first: "2026-01-01".parse().unwrap(),
        last: "2026-01-31".parse().unwrap(),
        participants: (0..PARTICIPANTS).map(participant).collect(),
        products: vec![FactProduct { sku: "S".into(), category: "pumps".into(), attributes: Vec::new() }],
        targets: Vec::new(),
        metrics: Vec::new(),
        budget_left,
    }
}

fn settle(
    plugin: &Arc<Plugin>,
    budget: Option<i64>,
    image: &[u8],
) -> Result<Evaluated<IncentiveAnswer>, RuleFailure> {
    let Opened::Run(mut run) = plugin.open_incentive(&header(budget), &spell(image))? else {
        panic!("the puppet opens every run")
    };
    let fact = |seq: i64| StreamedFact {
        seq,
        kind: FactKind::Shipped,
        participant: 0,
        product: 0,
        on: "2026-01-05".parse().unwrap(),
        paid_on: None,
        quantity: 1,
        amount_minor: 100,
        reverses: None,
    };
    run.add(&[fact(FACTS.0), fact(FACTS.1)])?;
    run.finish()
}

fn attempt(plugin: &Arc<Plugin>, mut rng: Rng) -> bool {
    let budget = match rng.u8(..3) {
        0 => None,
        1 => Some(rng.i64(-100..60_000)),
        _ => Some(1_000_000),
    };
    let told = answer(&mut rng);
    let image = abi(&told);
    let found = settle(plugin, budget, &image.image(TOLD_AT));
    assert_agreed(&found, against(&told, budget), &told);
    if let Ok(found) = &found {
        assert_arrived(&told, &found.answer);
    }
    match settle(plugin, budget, &damaged(&mut rng, &image)) {
        Err(failure) => assert_named(&failure),
        Ok(found) => {
            if let IncentiveAnswer::Settled(settlement) = &found.answer {
                assert_usable(settlement, budget);
            }
        }
    }
    found.is_ok()
}

#[test]
fn random_settlements_are_taken_exactly_when_they_are_sound() {
    let plugin = puppet(Kind::Incentive);
    seeds::few_of_both("random_settlements_are_taken_exactly_when_they_are_sound", 1_500, |rng| {
        attempt(&plugin, rng)
    });
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn soak_random_settlements() {
    let plugin = puppet(Kind::Incentive);
    seeds::many("soak_random_settlements", |rng| _ = attempt(&plugin, rng));
}
