//! Weights: what they must satisfy, and where they go when a figure is missing.

use crate::measure::Measured;
use crate::settings::{Missing, Settings};
use qudao_sdk::{Decimal, Note, allocate, note, percent};

/// Redistributed weights are kept to six decimals.
const DECIMALS: u32 = 6;

/// Refuses settings that a schema cannot rule out.
pub(crate) fn check(settings: &Settings) -> Result<(), Vec<Note>> {
    let mut wrong = Vec::new();
    let sum: Decimal = settings.indicators.iter().map(|weighted| weighted.weight).sum();
    if sum != Decimal::ONE {
        wrong.push(note!("weights-do-not-add-up", percent(sum)));
    }
    for (place, weighted) in settings.indicators.iter().enumerate() {
        if settings.indicators[..place].iter().any(|earlier| earlier.measure == weighted.measure) {
            wrong.push(note!("indicator-twice", weighted.measure.code()));
        }
    }
    let grades = &settings.grades;
    if grades.a <= grades.b || grades.b <= grades.c {
        wrong.push(note!("grades-out-of-order"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The weight of each indicator, adding up to 1. With [`Missing::Redistribute`] the weight of what
/// cannot be scored goes to the others in proportion to theirs.
pub(crate) fn share(measured: &[Measured], settings: &Settings) -> Result<Vec<Decimal>, Vec<Note>> {
    let own: Vec<Decimal> = settings.indicators.iter().map(|weighted| weighted.weight).collect();
    let scored: Vec<bool> = measured.iter().map(|measured| measured.attainment.is_some()).collect();
    if settings.missing == Missing::Zero || scored.iter().all(|scored| *scored) {
        return Ok(own);
    }
    let parts: Vec<u64> =
        own.iter().zip(scored).map(|(weight, scored)| if scored { part(*weight) } else { 0 }).collect();
    if parts.iter().all(|part| *part == 0) {
        return Err(vec![note!("nothing-measured")]);
    }
    let shares = allocate(10_i64.pow(DECIMALS), &parts);
    Ok(shares.into_iter().map(|share| Decimal::new(share, DECIMALS).normalize()).collect())
}

/// A weight between 0 and 1 in billionths, the smallest part that a weight of the contract can have.
fn part(weight: Decimal) -> u64 {
    u64::try_from(weight * Decimal::from(1_000_000_000)).unwrap_or(0)
}
