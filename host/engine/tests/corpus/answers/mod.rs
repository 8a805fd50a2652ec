//! The checks of answers under random ones. A guest hands over the memory that its settings spell, so that an answer is
//! lifted and judged as any plugin's is. Beside each random answer stands an oracle that knows the contract from
//! `sdk/wit` alone: it has to agree with the engine whether the answer may be used.

mod deal;
mod incentive;
mod kpi;
mod pricing;

use crate::abi::Abi;
use crate::guest::{Guest, TOLD_AT};
use crate::limits;
use fastrand::Rng;
use qudao_domain::contract::{Kind, Note, Value};
use qudao_domain::decimal::Decimal;
use qudao_engine::{Digest, Engine, EngineConfig, Limits, Plugin, RuleError, RuleFailure};
use std::sync::Arc;

/// Fewer than usual, so that random answers reach them.
fn tight() -> Limits {
    Limits {
        max_notes: 4,
        max_note_args: 3,
        max_text_bytes: 12,
        max_payouts: 4,
        max_indicators: 4,
        ..limits()
    }
}

fn puppet(kind: Kind) -> Arc<Plugin> {
    let engine = Engine::new(EngineConfig::default().pool_size(1).limits(tight())).unwrap();
    let component = Guest::puppet(kind).component();
    engine.load(&Digest::of(&component), &component).unwrap()
}

/// The settings that make the puppet hand over an image.
fn spell(image: &[u8]) -> String {
    hex::encode(image)
}

/// The same image with some of its bytes changed or missing.
fn damaged(rng: &mut Rng, answer: &Abi) -> Vec<u8> {
    let mut image = answer.image(TOLD_AT);
    for _ in 0..rng.usize(1..=6) {
        let at = rng.usize(..image.len());
        image[at] = match rng.u8(..4) {
            0 => image[at] ^ (1 << rng.u8(..8)),
            1 => rng.u8(..),
            2 => 0xff,
            _ => 0,
        };
    }
    if rng.u8(..8) == 0 {
        image.truncate(rng.usize(..image.len()));
    }
    image
}

/// A failure of a damaged answer is the plugin's own, and says what it was.
fn assert_named(failure: &RuleFailure) {
    assert!(failure.error.is_the_plugins(), "{failure}");
    assert!(!failure.detail.is_empty() && failure.detail.len() < 2_000, "{failure}");
}

/// The engine and the oracle agree; `why` is the oracle's reason against the answer.
fn assert_agreed<T: std::fmt::Debug>(
    found: &Result<T, RuleFailure>,
    why: Option<&str>,
    told: &dyn std::fmt::Debug,
) {
    match (found, why) {
        (Ok(_), None) => {}
        (Err(failure), Some(_)) => assert_eq!(failure.error, RuleError::BadAnswer, "{failure}"),
        (Ok(answer), Some(why)) => panic!("taken, although {why}: {told:?}\nas {answer:?}"),
        (Err(failure), None) => panic!("refused without need: {failure}\n{told:?}"),
    }
}

/// A number as told: mantissa and scale.
type Number = (i64, u8);

const DECIMAL: (usize, usize) = (16, 8);

fn decimal(number: Number) -> Abi {
    Abi::Record(vec![Abi::I64(number.0), Abi::U8(number.1)])
}

/// In units of 10^-9; none for a number that the contract does not have.
fn units(number: Number) -> Option<i128> {
    let missing = 9_u32.checked_sub(u32::from(number.1))?;
    Some(i128::from(number.0) * 10_i128.pow(missing))
}

/// Whether a number arrived as it was told.
fn same(told: Number, found: Decimal) -> bool {
    i128::from(told.0) == found.mantissa() && u32::from(told.1) == found.scale()
}

/// Mostly a number of a business, sometimes the largest there is or one that is none.
fn number(rng: &mut Rng) -> Number {
    match rng.u8(..20) {
        0 => (*rng.choice(&[i64::MAX, i64::MIN, -1, 0]).expect("some"), rng.u8(..=9)),
        1 if rng.u8(..4) == 0 => (rng.i64(..), rng.u8(..)),
        _ => (rng.i64(-50_000..500_000), rng.u8(..=3)),
    }
}

/// A note as told, and whether it may be.
#[derive(Debug, Clone)]
struct Told {
    code: &'static str,
    args: Vec<Arg>,
}

#[derive(Debug, Clone)]
enum Arg {
    Text(String),
    Number(Number),
    Percent(Number),
    Amount(i64, &'static str),
    Day(u16, u8, u8),
    Flag(bool),
}

const VALUE: (usize, usize) = (16, 8);

impl Arg {
    fn random(rng: &mut Rng) -> Self {
        match rng.u8(..6) {
            0 if rng.u8(..10) == 0 => Self::Text("x".repeat(rng.usize(10..16))),
            0 => Self::Text("第一档".into()),
            1 => Self::Number(number(rng)),
            2 => Self::Percent(number(rng)),
            3 => Self::Amount(rng.i64(..), if rng.u8(..12) == 0 { "ZZZ" } else { "CNY" }),
            4 if rng.u8(..8) == 0 => Self::Day(2026, 2, rng.u8(28..31)),
            4 => Self::Day(rng.u16(1990..2100), rng.u8(1..=12), rng.u8(1..=28)),
            _ => Self::Flag(rng.bool()),
        }
    }

    fn abi(&self) -> Abi {
        let carried = match self {
            Self::Text(text) => Abi::text(text),
            Self::Number(number) | Self::Percent(number) => decimal(*number),
            Self::Amount(minor, currency) => Abi::Record(vec![Abi::I64(*minor), Abi::text(currency)]),
            Self::Day(year, month, day) => Abi::Record(vec![Abi::U16(*year), Abi::U8(*month), Abi::U8(*day)]),
            Self::Flag(flag) => Abi::U8(u8::from(*flag)),
        };
        let case = match self {
            Self::Text(_) => 0,
            Self::Number(_) => 1,
            Self::Percent(_) => 2,
            Self::Amount(..) => 3,
            Self::Day(..) => 4,
            Self::Flag(_) => 5,
        };
        Abi::with(case, carried, VALUE)
    }

    fn sound(&self) -> bool {
        match self {
            Self::Text(text) => text.len() <= tight().max_text_bytes,
            Self::Number(number) | Self::Percent(number) => units(*number).is_some(),
            Self::Amount(_, currency) => *currency == "CNY",
            // Random days are 28 at most, but for those of a February.
            Self::Day(_, month, day) => *day <= 28 || *month != 2,
            Self::Flag(_) => true,
        }
    }

    fn arrived(&self, found: &Value) -> bool {
        match (self, found) {
            (Self::Text(told), Value::Text(found)) => told == found,
            (Self::Number(told), Value::Number(found)) | (Self::Percent(told), Value::Percent(found)) => {
                same(*told, *found)
            }
            (Self::Amount(told, _), Value::Amount(found)) => *told == found.minor,
            (Self::Day(year, month, day), Value::Day(found)) => {
                found.to_string() == format!("{year:04}-{month:02}-{day:02}")
            }
            (Self::Flag(told), Value::Flag(found)) => told == found,
            _ => false,
        }
    }
}

impl Told {
    fn random(rng: &mut Rng) -> Self {
        let code = if rng.u8(..40) == 0 { "unheard-of" } else { "step" };
        let most = if rng.u8(..30) == 0 { 5 } else { 2 };
        Self { code, args: (0..rng.usize(..most)).map(|_| Arg::random(rng)).collect() }
    }

    fn abi(&self) -> Abi {
        Abi::Record(vec![Abi::text(self.code), Abi::List(self.args.iter().map(Arg::abi).collect())])
    }

    fn sound(&self) -> bool {
        self.code == "step" && self.args.len() <= tight().max_note_args && self.args.iter().all(Arg::sound)
    }

    fn arrived(&self, found: &Note) -> bool {
        let args = self.args.iter().zip(&found.args);
        self.code == found.code
            && self.args.len() == found.args.len()
            && args.into_iter().all(|(told, found)| told.arrived(found))
    }
}

/// Some notes, seldom too many.
fn notes(rng: &mut Rng) -> Vec<Told> {
    let most = if rng.u8(..30) == 0 { 6 } else { 3 };
    (0..rng.usize(..most)).map(|_| Told::random(rng)).collect()
}

fn list(notes: &[Told]) -> Abi {
    Abi::List(notes.iter().map(Told::abi).collect())
}

fn sound(notes: &[Told]) -> bool {
    notes.len() <= tight().max_notes && notes.iter().all(Told::sound)
}

fn arrived(told: &[Told], found: &[Note]) -> bool {
    told.len() == found.len() && told.iter().zip(found).all(|(told, found)| told.arrived(found))
}

/// Whether a note that came through keeps to the limits and to the descriptor.
fn kept(note: &Note) -> bool {
    let short = |value: &Value| !matches!(value, Value::Text(text) if text.len() > tight().max_text_bytes);
    note.code == "step" && note.args.len() <= tight().max_note_args && note.args.iter().all(short)
}

fn all_kept(notes: &[Note]) -> bool {
    notes.len() <= tight().max_notes && notes.iter().all(kept)
}
