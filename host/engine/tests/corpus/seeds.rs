//! Seeds: a few in every test, many in a soak, and one alone to look at what failed.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

/// Set to a seed, nothing else is tried.
const SEED: &str = "QUDAO_FUZZ_SEED";
/// How long each test of a soak tries new seeds, in seconds.
const SECONDS: &str = "QUDAO_FUZZ_SECONDS";
const SOAK_SECONDS: u64 = 120;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is `{text}`; write a whole number")))
}

fn one(name: &str, seed: u64, attempt: &impl Fn(fastrand::Rng)) {
    let tried = panic::catch_unwind(AssertUnwindSafe(|| attempt(fastrand::Rng::with_seed(seed))));
    if let Err(panicked) = tried {
        eprintln!(
            "{name} fails at seed {seed}; alone: {SEED}={seed} cargo test -p qudao-engine --test corpus {name} -- --include-ignored"
        );
        panic::resume_unwind(panicked);
    }
}

/// Tries the first seeds.
pub fn few(name: &str, count: u64, attempt: impl Fn(fastrand::Rng)) {
    match number(SEED) {
        Some(seed) => one(name, seed, &attempt),
        None => (0..count).for_each(|seed| one(name, seed, &attempt)),
    }
}

/// Tries the first seeds; an attempt says whether it got as far as it can. Both must be met often, or neither says much.
pub fn few_of_both(name: &str, count: u64, attempt: impl Fn(fastrand::Rng) -> bool) {
    let (tried, far) = (Cell::new(0_u32), Cell::new(0_u32));
    few(name, count, |rng| {
        tried.set(tried.get() + 1);
        far.set(far.get() + u32::from(attempt(rng)));
    });
    let (tried, far) = (tried.get(), far.get());
    let both = (tried / 8..=tried - tried / 8).contains(&far);
    assert!(tried == 1 || both, "{name}: {far} of {tried} got far");
}

/// Tries seeds beyond the first ones, for as long as a soak may take.
pub fn many(name: &str, attempt: impl Fn(fastrand::Rng)) {
    if let Some(seed) = number(SEED) {
        return one(name, seed, &attempt);
    }
    let until = Instant::now() + Duration::from_secs(number(SECONDS).unwrap_or(SOAK_SECONDS));
    let mut seed = 1_000_000;
    while Instant::now() < until {
        one(name, seed, &attempt);
        seed += 1;
    }
    println!("{name}: {} seeds", seed - 1_000_000);
}
