//! Contenders take turns, so that whatever else the machine does falls on all of them alike.

use anyhow::Result;
use std::time::{Duration, Instant};

/// Something whose calls are timed.
pub trait Timed {
    /// Does the work once; the result must be used up inside.
    fn call(&mut self) -> Result<()>;
}

/// How long one turn takes at least, unless a single call takes longer.
const TURN: Duration = Duration::from_millis(2);

/// Microseconds per call of every contender in every round: `times[contender][round]`.
pub fn take_turns(contenders: &mut [Box<dyn Timed + '_>], within: Duration) -> Result<Vec<Vec<f64>>> {
    let mut calls = Vec::new();
    for contender in &mut *contenders {
        calls.push(calls_in_a_turn(&mut **contender)?);
    }
    let mut times = vec![Vec::new(); contenders.len()];
    let began = Instant::now();
    while began.elapsed() < within {
        for (at, contender) in contenders.iter_mut().enumerate() {
            times[at].push(micros_per_call(&mut **contender, calls[at])?);
        }
    }
    Ok(times)
}

/// Warms a contender up and counts how many of its calls fill a turn.
fn calls_in_a_turn(contender: &mut dyn Timed) -> Result<u32> {
    let mut calls = 1;
    loop {
        let began = Instant::now();
        micros_per_call(contender, calls)?;
        if began.elapsed() >= TURN {
            return Ok(calls);
        }
        calls *= 2;
    }
}

fn micros_per_call(contender: &mut dyn Timed, calls: u32) -> Result<f64> {
    let began = Instant::now();
    for _ in 0..calls {
        contender.call()?;
    }
    Ok(began.elapsed().as_secs_f64() * 1e6 / f64::from(calls))
}

/// The middle one; of an even number the lower.
pub fn median(values: &[f64]) -> f64 {
    at_share(values, 0.5)
}

/// The value that this share of the others lies below.
pub fn at_share(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
    let at = ((sorted.len().saturating_sub(1)) as f64 * share) as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// The median of the ratios within each round.
pub fn ratio(of: &[f64], to: &[f64]) -> f64 {
    median(&of.iter().zip(to).map(|(of, to)| of / to).collect::<Vec<_>>())
}
