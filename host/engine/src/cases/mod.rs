//! Cases: files with a question, settings and the answer that a plugin must give to them. The SDK's test kit reads the
//! same files and runs them natively; here they run as the server would run them.

mod question;

pub use question::{Answer, Question, Run};

use crate::difference::{Difference, differences, same_amount};
use crate::failure::RuleFailure;
use crate::plugin::{Evaluated, Plugin};
use crate::schema::SettingsSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

/// The most places that one outcome names.
const MAX_DIFFERENCES: usize = 100;
/// A run of at most so many facts is also tried with one fact at a time.
const STEADY_FACTS: usize = 1_000;

/// One case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    pub about: String,
    /// The settings; absent, those that the plugin begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Value>,
    /// What the plugin is asked.
    pub input: Value,
    /// What it must answer.
    pub expected: Value,
}

/// Why a folder of cases cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A folder or file cannot be read.
    #[error("{} cannot be read: {error}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is no case.
    #[error("{} is no case: {error}; a case has `about`, `input`, `expected` and perhaps `settings`", .path.display())]
    NoCase {
        /// Which.
        path: PathBuf,
        /// Why, and where in it.
        error: serde_json::Error,
    },
    /// A folder without cases.
    #[error("{} holds no case; write one as a file that ends in .json", .0.display())]
    Empty(PathBuf),
}

/// How much of a budget was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// What was spent.
    pub used: u64,
    /// What may be spent.
    pub limit: u64,
}

impl Share {
    /// Hundredths of a per cent, rounded up, so that nothing but nothing is 0.
    #[must_use]
    pub fn basis_points(self) -> u64 {
        let whole = u128::from(self.limit.max(1));
        u64::try_from((u128::from(self.used) * 10_000).div_ceil(whole)).unwrap_or(u64::MAX)
    }
}

/// What a case came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The answer is the expected one.
    Same,
    /// The answer is another.
    Differs(Vec<Difference>),
    /// An incentive answers otherwise when facts come one at a time; `expected` is its answer to all at once.
    Unsteady(Vec<Difference>),
    /// The plugin came to no usable answer.
    Failed(RuleFailure),
    /// The case itself cannot be put to this plugin, and why.
    Unusable(String),
}

/// A case that was run, and what it cost where that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What it came to.
    pub verdict: Verdict,
    /// Fuel.
    pub fuel: Option<Share>,
    /// Linear memory at its largest, in bytes.
    pub memory: Option<Share>,
    /// What the plugin handed over, in bytes.
    pub answer: Option<Share>,
    /// Time, in microseconds.
    pub elapsed_us: u64,
}

/// The cases of a folder, by name.
///
/// # Errors
/// [`CaseError`] that names the file.
pub fn read_cases(folder: &Path) -> Result<Vec<(PathBuf, Case)>, CaseError> {
    let unreadable = |error| CaseError::Unreadable { path: folder.to_owned(), error };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    if paths.is_empty() {
        return Err(CaseError::Empty(folder.to_owned()));
    }
    paths.into_iter().map(|path| Ok((path.clone(), Case::read(&path)?))).collect()
}

impl Case {
    /// Reads a file.
    ///
    /// # Errors
    /// [`CaseError`] that names it.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let text = fs::read_to_string(path)
            .map_err(|error| CaseError::Unreadable { path: path.to_owned(), error })?;
        serde_json::from_str(&text).map_err(|error| CaseError::NoCase { path: path.to_owned(), error })
    }

    /// Puts the case to a plugin and judges its answer.
    #[must_use]
    pub fn run(&self, plugin: &Arc<Plugin>) -> Outcome {
        match self.prepare(plugin) {
            Ok(ready) => ready.run(plugin),
            Err(why) => Outcome::without_cost(Verdict::Unusable(why)),
        }
    }

    fn prepare(&self, plugin: &Plugin) -> Result<Ready, String> {
        let within = |place: &'static str| move |why: String| format!("{place}: {why}");
        let settings = match &self.settings {
            None => plugin.descriptor().settings_default.clone(),
            Some(settings) => {
                check_settings(plugin, settings).map_err(within("settings"))?;
                settings.to_string()
            }
        };
        let question = Question::read(plugin.kind(), &self.input).map_err(within("input"))?;
        let expected = Answer::read(plugin.kind(), &self.expected).map_err(within("expected"))?;
        Ok(Ready { settings, question, expected })
    }
}

/// The server never shows a plugin settings that do not fit its schema.
fn check_settings(plugin: &Plugin, settings: &Value) -> Result<(), String> {
    let schema = SettingsSchema::parse(&plugin.descriptor().settings_schema);
    let issues = schema.map_err(|error| error.to_string())?.check(settings);
    let words: Vec<String> =
        issues.iter().map(|issue| format!("{}: {}", issue.pointer, issue.message)).collect();
    if words.is_empty() { Ok(()) } else { Err(words.join("; ")) }
}

/// A case whose parts were read.
struct Ready {
    settings: String,
    question: Question,
    expected: Answer,
}

impl Ready {
    fn run(&self, plugin: &Arc<Plugin>) -> Outcome {
        let limits = plugin.limits();
        let fuel = |used| Some(Share { used, limit: self.question.fuel(limits) });
        match self.question.ask(plugin, &self.settings) {
            Err(failure) => Outcome {
                fuel: fuel(failure.fuel),
                elapsed_us: failure.elapsed_us,
                ..Outcome::without_cost(Verdict::Failed(failure))
            },
            Ok(evaluated) => Outcome {
                verdict: self.judge(plugin, &evaluated),
                fuel: fuel(evaluated.fuel),
                memory: Some(Share { used: evaluated.memory_bytes, limit: limits.memory_bytes }),
                answer: Some(Share {
                    used: evaluated.answer_bytes,
                    limit: u64::try_from(limits.max_answer_bytes).unwrap_or(u64::MAX),
                }),
                elapsed_us: evaluated.elapsed_us,
            },
        }
    }

    fn judge(&self, plugin: &Arc<Plugin>, evaluated: &Evaluated<Answer>) -> Verdict {
        if evaluated.answer != self.expected {
            return Verdict::Differs(between(&self.expected, &evaluated.answer));
        }
        match &self.question {
            Question::Incentive(run) if run.facts.len() <= STEADY_FACTS => {
                match run.settle(plugin, &self.settings, 1) {
                    Err(failure) => Verdict::Failed(failure),
                    Ok(singly) => {
                        let singly = Answer::Incentive(singly.answer);
                        if singly == evaluated.answer {
                            Verdict::Same
                        } else {
                            Verdict::Unsteady(between(&evaluated.answer, &singly))
                        }
                    }
                }
            }
            _ => Verdict::Same,
        }
    }
}

/// The places at which two different answers differ: at least one.
fn between(expected: &Answer, got: &Answer) -> Vec<Difference> {
    let json = |answer: &Answer| serde_json::to_value(answer).unwrap_or_default();
    let (expected, got) = (json(expected), json(got));
    let found = differences(&expected, &got, same_amount, MAX_DIFFERENCES);
    if found.is_empty() { differences(&expected, &got, Value::eq, MAX_DIFFERENCES) } else { found }
}

impl Outcome {
    fn without_cost(verdict: Verdict) -> Self {
        Self { verdict, fuel: None, memory: None, answer: None, elapsed_us: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_up() {
        let share = |used, limit| Share { used, limit }.basis_points();
        assert_eq!((share(0, 7), share(1, 1_000_000), share(1, 2), share(7, 7)), (0, 1, 5_000, 10_000));
        assert_eq!((share(8, 7), share(u64::MAX, u64::MAX), share(1, 0)), (11_429, 10_000, 10_000));
    }

    #[test]
    fn a_file_that_is_no_case_is_named_with_what_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_cases(folder.path()).unwrap_err().to_string().contains("holds no case"));
        fs::write(folder.path().join("notes.txt"), "no case").unwrap();
        fs::write(folder.path().join("a.json"), r#"{"about": "x", "input": 1, "expect": 2}"#).unwrap();
        let error = read_cases(folder.path()).unwrap_err().to_string();
        assert!(error.contains("a.json is no case") && error.contains("`expect`"), "{error}");
        assert!(read_cases(&folder.path().join("gone")).unwrap_err().to_string().contains("gone"));
    }
}
