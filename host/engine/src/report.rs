//! The report of an upload: how a plugin stood up to the questions that nobody asked yet.

use crate::cases::{Answer, Case, Question, Share, Verdict};
use crate::failure::{RuleError, RuleFailure};
use crate::plugin::{Evaluated, Plugin};
use crate::questions;
use crate::refusal::Refusal;
use qudao_domain::contract::Kind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many lines, facts or earlier registrations a plugin is measured with.
const SIZES: [u32; 3] = [20, 200, 1_000];
/// Lines, facts or earlier registrations of the question that a plugin must be able to answer.
const TRIAL: u32 = 2;
/// The longest that the cases and measurements may take together. What was not reached by then is not in the report.
const LONGEST: Duration = Duration::from_secs(20);

/// What the checks of an upload measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The engine that checked.
    pub engine: String,
    /// Time that compiling took, in milliseconds.
    pub compile_ms: u64,
    /// Size of the compiled artifact.
    pub artifact_bytes: u64,
    /// Fuel that `describe` spent.
    pub describe_fuel: u64,
    /// Memory of `describe` at its largest.
    pub describe_memory_bytes: u64,
    /// Time that `describe` took, in microseconds.
    pub describe_us: u64,
    /// Fuel that the trial question spent.
    pub trial_fuel: u64,
    /// Time that the trial question took, in microseconds.
    pub trial_us: u64,
    /// How it did on other questions; none in reports of older versions of Qudao.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examined: Option<Examined>,
}

/// How a plugin did on its own cases, on questions of several sizes and on odd ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// The cases that it carries.
    pub cases: CasesRun,
    /// Plain questions of growing size.
    pub sizes: Vec<SizeRun>,
    /// Odd questions. That one fails keeps nobody from using the plugin where such questions are never asked.
    pub probes: Vec<Probe>,
    /// How many questions were asked twice, and answered with the same bytes for the same fuel.
    pub asked_twice: u32,
}

/// The cases that a component carries. An upload is refused where one comes out otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CasesRun {
    /// How many there are.
    pub count: u32,
    /// How many were run: fewer where the time was up.
    pub run: u32,
    /// The largest share of the fuel that one took, in hundredths of a per cent.
    pub most_fuel_bp: u64,
}

/// One plain question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeRun {
    /// Lines of the order, facts of the period, metrics of the subject or earlier registrations of the customer.
    pub entries: u32,
    /// What it came to.
    pub came: Came,
    /// Fuel.
    pub fuel: Share,
    /// Linear memory at its largest, in bytes.
    pub memory: Share,
    /// What it handed over, in bytes.
    pub answer: Share,
    /// Time, in microseconds.
    pub elapsed_us: u64,
}

/// One odd question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Which: `huge-quantity`, `budget-gone`, ….
    pub code: String,
    /// What it came to.
    pub came: Came,
}

/// What a question came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Came {
    /// To an answer.
    Answered,
    /// To a refusal with reasons, which is an answer too.
    Refused,
    /// To nothing that could be used.
    Failed {
        /// By name.
        error: RuleError,
        /// What and where.
        detail: String,
    },
}

impl Came {
    fn of(result: &Result<Evaluated<Answer>, RuleFailure>) -> Self {
        match result {
            Ok(evaluated) if evaluated.answer.is_refusal() => Self::Refused,
            Ok(_) => Self::Answered,
            Err(failure) => Self::Failed { error: failure.error, detail: failure.detail.clone() },
        }
    }

    /// Whether an order, a settlement or a scoring would have stood still.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }
}

/// Tries a plugin out with settings; blocks. What it answers does not matter, a refusal is as good as a price.
///
/// # Errors
/// [`RuleFailure`] when it comes to no usable answer.
pub fn try_out(plugin: &Arc<Plugin>, settings: &str) -> Result<Evaluated<()>, RuleFailure> {
    let question = questions::plain(plugin.descriptor(), TRIAL);
    let question =
        question.map_err(|error| RuleFailure::before_run(RuleError::BadRequest, error.to_string()))?;
    question.ask(plugin, settings).map(|evaluated| evaluated.map(|_| ()))
}

/// Examines a plugin with the settings that it begins with; blocks.
///
/// # Errors
/// [`Refusal::CaseDiffers`] when it does not do what its own cases say, [`Refusal::NotDeterministic`] when it answers
/// the same question in two ways.
pub(crate) fn examine(plugin: &Arc<Plugin>, cases: &BTreeMap<String, Case>) -> Result<Examined, Refusal> {
    let mut examination = Examination { plugin, until: Instant::now() + LONGEST, asked_twice: 0 };
    let cases = examination.cases(cases)?;
    let sizes = examination.sizes()?;
    let probes = examination.probes()?;
    Ok(Examined { cases, sizes, probes, asked_twice: examination.asked_twice })
}

struct Examination<'a> {
    plugin: &'a Arc<Plugin>,
    until: Instant,
    asked_twice: u32,
}

impl Examination<'_> {
    fn time_is_up(&self) -> bool {
        Instant::now() >= self.until
    }

    fn cases(&mut self, cases: &BTreeMap<String, Case>) -> Result<CasesRun, Refusal> {
        let mut run =
            CasesRun { count: u32::try_from(cases.len()).unwrap_or(u32::MAX), ..CasesRun::default() };
        for (name, case) in cases {
            if self.time_is_up() {
                break;
            }
            let outcome = case.run(self.plugin);
            if let Some(detail) = complaint(&outcome.verdict) {
                return Err(Refusal::CaseDiffers { case: name.clone(), detail });
            }
            let fuel = outcome.fuel.map_or(0, |fuel| fuel.used);
            let again = case.run(self.plugin);
            if again.verdict != outcome.verdict || again.fuel != outcome.fuel {
                let second = again.fuel.map_or(0, |fuel| fuel.used);
                let detail = format!("case `{name}`: {fuel} fuel the first time, {second} the second");
                return Err(Refusal::NotDeterministic { detail });
            }
            self.asked_twice += 1;
            run.run += 1;
            run.most_fuel_bp = run.most_fuel_bp.max(outcome.fuel.map_or(0, Share::basis_points));
        }
        Ok(run)
    }

    fn sizes(&mut self) -> Result<Vec<SizeRun>, Refusal> {
        let about = self.plugin.descriptor();
        let metrics = [u32::try_from(about.metrics.len()).unwrap_or(u32::MAX)];
        let sizes: &[u32] = if about.kind == Kind::Kpi { &metrics } else { &SIZES };
        let mut runs = Vec::new();
        for &entries in sizes {
            if self.time_is_up() {
                break;
            }
            let question = questions::plain(about, entries).map_err(made_up)?;
            let result = self.ask_twice(&format!("{entries} entries"), &question)?;
            runs.push(size_run(self.plugin, entries, &question, &result));
        }
        Ok(runs)
    }

    fn probes(&mut self) -> Result<Vec<Probe>, Refusal> {
        let mut probes = Vec::new();
        for (code, question) in questions::odd(self.plugin.descriptor()).map_err(made_up)? {
            if self.time_is_up() {
                break;
            }
            let result = self.ask_twice(code, &question)?;
            probes.push(Probe { code: code.to_owned(), came: Came::of(&result) });
        }
        Ok(probes)
    }

    /// The first answer, once the second is known to be the same.
    fn ask_twice(
        &mut self,
        what: &str,
        question: &Question,
    ) -> Result<Result<Evaluated<Answer>, RuleFailure>, Refusal> {
        let settings = &self.plugin.descriptor().settings_default;
        let first = question.ask(self.plugin, settings);
        // A failure need not be waited for twice: it is the clock that ends some of them.
        if first.is_ok() {
            let second = question.ask(self.plugin, settings);
            let detail = difference(&first, &second);
            if let Some(detail) = detail {
                return Err(Refusal::NotDeterministic { detail: format!("{what}: {detail}") });
            }
            self.asked_twice += 1;
        }
        Ok(first)
    }
}

fn made_up(error: qudao_domain::money::UnknownCurrency) -> Refusal {
    Refusal::CompilerFailed { detail: error.to_string() }
}

fn size_run(
    plugin: &Plugin,
    entries: u32,
    question: &Question,
    result: &Result<Evaluated<Answer>, RuleFailure>,
) -> SizeRun {
    let limits = plugin.limits();
    let (fuel, memory, answer, elapsed_us) = match result {
        Ok(evaluated) => {
            (evaluated.fuel, evaluated.memory_bytes, evaluated.answer_bytes, evaluated.elapsed_us)
        }
        Err(failure) => (failure.fuel, 0, 0, failure.elapsed_us),
    };
    let most = u64::try_from(limits.max_answer_bytes).unwrap_or(u64::MAX);
    SizeRun {
        entries,
        came: Came::of(result),
        fuel: Share { used: fuel, limit: question.fuel(limits) },
        memory: Share { used: memory, limit: limits.memory_bytes },
        answer: Share { used: answer, limit: most },
        elapsed_us,
    }
}

/// How two evaluations of the same question differ in what must be the same.
fn difference(
    first: &Result<Evaluated<Answer>, RuleFailure>,
    second: &Result<Evaluated<Answer>, RuleFailure>,
) -> Option<String> {
    match (first, second) {
        (Ok(first), Ok(second)) if first.answer != second.answer => {
            Some("another answer the second time".to_owned())
        }
        (Ok(first), Ok(second)) if first.fuel != second.fuel => {
            Some(format!("{} fuel the first time, {} the second", first.fuel, second.fuel))
        }
        (Ok(_), Ok(_)) => None,
        (_, Err(failure)) | (Err(failure), _) => Some(format!("an answer once, and once {failure}")),
    }
}

fn complaint(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Same => None,
        Verdict::Failed(failure) => Some(failure.to_string()),
        Verdict::Unusable(why) => Some(why.clone()),
        Verdict::Differs(places) => Some(match places.as_slice() {
            [] => "another answer".to_owned(),
            [place] => place.to_string(),
            [place, others @ ..] => format!("{place}, and {} more places differ", others.len()),
        }),
        Verdict::Unsteady(_) => Some("another answer when facts come one at a time".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qudao_domain::incentive::IncentiveAnswer;

    fn evaluated(answer: IncentiveAnswer, fuel: u64) -> Result<Evaluated<Answer>, RuleFailure> {
        let answer = Answer::Incentive(answer);
        Ok(Evaluated { answer, fuel, memory_bytes: 1, answer_bytes: 1, elapsed_us: 1 })
    }

    #[test]
    fn bytes_and_fuel_must_be_the_same_and_time_need_not() {
        let refused = || IncentiveAnswer::Refused(Vec::new());
        let settled = || {
            IncentiveAnswer::Settled(qudao_domain::incentive::Settlement {
                payouts: Vec::new(),
                unpaid: Vec::new(),
            })
        };
        let mut later = evaluated(refused(), 5).unwrap();
        later.elapsed_us = 900;
        assert_eq!(difference(&evaluated(refused(), 5), &Ok(later)), None);
        let told = |second| difference(&evaluated(refused(), 5), &second).unwrap();
        assert!(told(evaluated(refused(), 6)).contains("5 fuel the first time, 6 the second"));
        assert!(told(evaluated(settled(), 5)).contains("another answer"));
        let failure = RuleFailure::before_run(RuleError::Trap, "gone");
        assert!(told(Err(failure)).contains("trap: gone"));
    }
}
