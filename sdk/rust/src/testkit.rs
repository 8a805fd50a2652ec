//! Runs a plugin natively on the JSON cases beside it. `qudao plugin test` runs the same cases
//! as Wasm.
//!
//! A case is a file in `cases/`:
//!
//! ```json
//! {
//!   "about": "Ten pieces reach the discount",
//!   "settings": { "from_pieces": 10, "discount": "0.05" },
//!   "input": { "currency": "CNY", "on": "2026-11-24", "dealer": { … }, "lines": [ … ] },
//!   "expected": { "quoted": { "lines": [ … ], "adjustments": [], "approvals": [] } }
//! }
//! ```
//!
//! Without `settings` the plugin's own defaults hold. The input of an incentive is
//! `{ "header": { … }, "facts": [ … ] }`. The answer is `{ "quoted": … }`, `{ "settled": … }`,
//! `{ "scored": … }`, `{ "ruled": … }` or `{ "refused": … }`. A test of the plugin then is one line:
//!
//! ```no_run
//! # use qudao_sdk::pricing::{Order, Pricing, Quote, Violation};
//! # struct Mine;
//! # impl Pricing for Mine {
//! #     type Settings = ();
//! #     fn describe() -> qudao_sdk::Descriptor { unreachable!() }
//! #     fn price(_: &Order, _: &()) -> Result<Quote, Vec<Violation>> { unreachable!() }
//! # }
//! qudao_sdk::testkit::pricing::<Mine>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
//! ```

mod difference;
mod vocabulary;

use crate::deal::{Claim, Deal, DealAnswer};
use crate::incentive::{Fact, Header, Incentive, IncentiveAnswer};
use crate::kpi::{Kpi, KpiAnswer, Subject};
use crate::pricing::{Order, Pricing, PricingAnswer};
use crate::{Descriptor, boundary, settings};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
pub use vocabulary::faults;

/// One file of `cases/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    pub about: String,
    /// The settings; absent, those that the plugin begins with.
    pub settings: Option<serde_json::Value>,
    /// What the plugin is asked.
    pub input: serde_json::Value,
    /// What it answers.
    pub expected: serde_json::Value,
}

/// The input of an incentive case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IncentiveInput {
    header: Header,
    facts: Vec<Fact>,
}

/// Runs every case of a folder through a pricing rule; returns how many there were.
///
/// # Panics
/// When the folder has no case, a file is no case, or an answer differs, with all differences.
pub fn pricing<T: Pricing>(cases: impl AsRef<Path>) -> usize {
    run(cases.as_ref(), &T::describe(), |settings, order: Order| {
        let answer = match T::price(&order, &settings::read(settings)?) {
            Ok(quote) => PricingAnswer::Quoted(quote),
            Err(violations) => PricingAnswer::Refused(violations),
        };
        // Whatever cannot cross the contract must show here and not first as Wasm.
        if let PricingAnswer::Quoted(quote) = &answer {
            boundary::quote(quote.clone());
        }
        Ok(answer)
    })
}

/// Runs every case of a folder through an incentive, with the facts all at once, one by one and in
/// threes, which must make no difference; returns how many cases there were.
///
/// # Panics
/// When the folder has no case, a file is no case, or an answer differs, with all differences.
pub fn incentive<T: Incentive>(cases: impl AsRef<Path>) -> usize {
    run(cases.as_ref(), &T::describe(), |settings, input: IncentiveInput| {
        let whole = settle::<T>(settings, &input, usize::MAX)?;
        for chunk in [1, 3] {
            if settle::<T>(settings, &input, chunk)? != whole {
                return Err(format!("the answer is another when the facts come {chunk} at a time"));
            }
        }
        if let IncentiveAnswer::Settled(settlement) = &whole {
            boundary::settlement(settlement.clone());
        }
        Ok(whole)
    })
}

/// Runs every case of a folder through a scoring rule; returns how many there were.
///
/// # Panics
/// When the folder has no case, a file is no case, or an answer differs, with all differences.
pub fn kpi<T: Kpi>(cases: impl AsRef<Path>) -> usize {
    run(cases.as_ref(), &T::describe(), |settings, subject: Subject| {
        let answer = match T::score(&subject, &settings::read(settings)?) {
            Ok(card) => KpiAnswer::Scored(card),
            Err(notes) => KpiAnswer::Refused(notes),
        };
        if let KpiAnswer::Scored(card) = &answer {
            boundary::scorecard(card.clone());
        }
        Ok(answer)
    })
}

/// Runs every case of a folder through a rule about deals; returns how many there were.
///
/// # Panics
/// When the folder has no case, a file is no case, or an answer differs, with all differences.
pub fn deal<T: Deal>(cases: impl AsRef<Path>) -> usize {
    run(cases.as_ref(), &T::describe(), |settings, claim: Claim| {
        let answer = match T::decide(&claim, &settings::read(settings)?) {
            Ok(ruling) => DealAnswer::Ruled(ruling),
            Err(notes) => DealAnswer::Refused(notes),
        };
        if let DealAnswer::Ruled(ruling) = &answer {
            boundary::ruling(ruling.clone());
        }
        Ok(answer)
    })
}

fn settle<T: Incentive>(
    settings: &str,
    input: &IncentiveInput,
    chunk: usize,
) -> Result<IncentiveAnswer, String> {
    let settled = T::open(input.header.clone(), settings::read(settings)?).and_then(|mut run| {
        input.facts.chunks(chunk).for_each(|facts| run.add(facts));
        run.finish()
    });
    Ok(match settled {
        Ok(settlement) => IncentiveAnswer::Settled(settlement),
        Err(notes) => IncentiveAnswer::Refused(notes),
    })
}

/// The cases of a folder, by name.
///
/// # Panics
/// When the folder cannot be read, has no case, or a file is no case.
#[must_use]
pub fn read_cases(folder: &Path) -> Vec<(PathBuf, Case)> {
    let listed = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    assert!(!paths.is_empty(), "{} holds no case (*.json)", folder.display());
    paths.into_iter().map(|path| (path.clone(), read_case(&path))).collect()
}

fn read_case(path: &Path) -> Case {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{} is no case: {error}", path.display()))
}

fn run<I: DeserializeOwned, A: Serialize + DeserializeOwned + PartialEq>(
    folder: &Path,
    descriptor: &Descriptor,
    answer: impl Fn(&str, I) -> Result<A, String>,
) -> usize {
    let mut report = String::new();
    for fault in faults(descriptor) {
        let _ = writeln!(report, "descriptor: {fault}");
    }
    let cases = read_cases(folder);
    for (path, case) in &cases {
        for difference in check(descriptor, case, &answer) {
            let _ = writeln!(report, "{} ({}): {difference}", path.display(), case.about);
        }
    }
    assert!(report.is_empty(), "\n{report}");
    cases.len()
}

fn check<I: DeserializeOwned, A: Serialize + DeserializeOwned + PartialEq>(
    descriptor: &Descriptor,
    case: &Case,
    answer: impl Fn(&str, I) -> Result<A, String>,
) -> Vec<String> {
    let settings = case.settings.as_ref().map_or(descriptor.settings_default.clone(), ToString::to_string);
    let run = || -> Result<(A, A), String> {
        let input = I::deserialize(&case.input).map_err(|error| format!("input: {error}"))?;
        let expected = A::deserialize(&case.expected).map_err(|error| format!("expected: {error}"))?;
        Ok((expected, answer(&settings, input)?))
    };
    match run() {
        Err(error) => vec![error],
        Ok((expected, actual)) => {
            let actual_json = serde_json::to_value(&actual).unwrap_or_default();
            let mut found = vocabulary::unknown(descriptor, &actual_json);
            if expected != actual {
                found.extend(difference::between(&case.expected, &actual_json));
                found.push(format!("the whole answer: {actual_json}"));
            }
            found
        }
    }
}
