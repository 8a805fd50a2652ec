//! `qudao plugin test`: runs a plugin's cases as the server would run them.

use clap::Args;
use qudao_app::AppError;
use qudao_domain::contract::Descriptor;
use qudao_engine::cases::{Case, Outcome, Share, Verdict, read_cases};
use qudao_engine::{Difference, RuleFailure};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use super::Env;
use super::build::{build_for_tests, verify};
use super::report::percent;

/// What to test.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// A project's folder, which is built first, or a component (.wasm).
    plugin: PathBuf,
    /// The folder with the cases; `cases` in the project when left out.
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
}

/// Runs the cases.
///
/// # Errors
/// [`AppError::Conflict`] `cases-differ` when an answer is another; else when a plugin fails or a case cannot be put
/// to it. What came out is told by then.
pub fn run(env: &Env, args: &TestArgs) -> anyhow::Result<()> {
    let folder = cases_of(args)?;
    // A wrong case is cheaper to find than to build for.
    let cases = read_cases(&folder)?;
    let (verified, digest) = if args.plugin.is_dir() {
        build_for_tests(&args.plugin)?
    } else {
        let verified = verify(&super::read(&args.plugin)?)?;
        let digest = verified.inspected.digest;
        (verified, digest)
    };
    let paint = Paint::of(env);
    let mut results = Results::default();
    for (path, case) in &cases {
        let outcome = case.run(&verified.plugin);
        results.take(path, case, &outcome);
        if !env.json {
            print!("{}", told(path, case, &outcome, paint));
        }
    }
    if env.json {
        println!("{}", results.json(&verified.descriptor, &digest.to_string()));
    }
    results.end(env)
}

fn cases_of(args: &TestArgs) -> anyhow::Result<PathBuf> {
    match &args.cases {
        Some(folder) => Ok(folder.clone()),
        None if args.plugin.is_dir() => Ok(args.plugin.join("cases")),
        None => anyhow::bail!("name the folder with the cases of {}: --cases DIR", args.plugin.display()),
    }
}

/// How the cases came out.
#[derive(Default)]
struct Results {
    cases: Vec<Json>,
    ok: usize,
    differ: usize,
    failed: usize,
}

impl Results {
    fn take(&mut self, path: &Path, case: &Case, outcome: &Outcome) {
        *match outcome.verdict {
            Verdict::Same => &mut self.ok,
            Verdict::Differs(_) | Verdict::Unsteady(_) => &mut self.differ,
            Verdict::Failed(_) | Verdict::Unusable(_) => &mut self.failed,
        } += 1;
        self.cases.push(json!({
            "case": stem(path),
            "file": path,
            "about": case.about,
            "result": word(&outcome.verdict),
            "differences": differences(&outcome.verdict),
            "failure": failure(&outcome.verdict),
            "fuel": share_json(outcome.fuel),
            "memory_bytes": share_json(outcome.memory),
            "answer_bytes": share_json(outcome.answer),
            "elapsed_us": outcome.elapsed_us,
        }));
    }

    fn json(&self, about: &Descriptor, digest: &str) -> Json {
        json!({
            "digest": digest,
            "kind": about.kind,
            "name": about.name,
            "version": about.version,
            "cases": self.cases,
            "ok": self.ok,
            "differ": self.differ,
            "failed": self.failed,
        })
    }

    fn end(&self, env: &Env) -> anyhow::Result<()> {
        let all = self.cases.len();
        if self.failed > 0 {
            anyhow::bail!("{} of {all} cases failed, {} differ", self.failed, self.differ);
        }
        if self.differ > 0 {
            let message = format!("{} of {all} cases differ", self.differ);
            return Err(AppError::conflict("cases-differ", message).into());
        }
        if !env.json {
            println!("{all} of {all} cases are ok.");
        }
        Ok(())
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

const fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Same => "ok",
        Verdict::Differs(_) => "differs",
        Verdict::Unsteady(_) => "unsteady",
        Verdict::Failed(_) => "failed",
        Verdict::Unusable(_) => "unusable",
    }
}

fn differences(verdict: &Verdict) -> &[Difference] {
    match verdict {
        Verdict::Differs(found) | Verdict::Unsteady(found) => found,
        Verdict::Same | Verdict::Failed(_) | Verdict::Unusable(_) => &[],
    }
}

fn failure(verdict: &Verdict) -> Json {
    match verdict {
        Verdict::Failed(RuleFailure { error, detail, backtrace, .. }) => {
            json!({ "error": error, "detail": detail, "backtrace": backtrace })
        }
        Verdict::Unusable(why) => json!({ "error": "unusable", "detail": why, "backtrace": null }),
        Verdict::Same | Verdict::Differs(_) | Verdict::Unsteady(_) => Json::Null,
    }
}

fn share_json(share: Option<Share>) -> Json {
    share.map_or(
        Json::Null,
        |share| json!({ "used": share.used, "limit": share.limit, "percent": percent(share) }),
    )
}

/// A case's lines for people.
fn told(path: &Path, case: &Case, outcome: &Outcome, paint: Paint) -> String {
    let mut text = format!("{}  {}: {}\n", paint.word(&outcome.verdict), stem(path), case.about);
    let costs = [("fuel", outcome.fuel), ("memory", outcome.memory), ("answer", outcome.answer)];
    let spent = |(what, share): (&str, Option<Share>)| {
        let share = share?;
        let amount = if what == "fuel" { share.used.to_string() } else { bytes(share.used) };
        Some(format!("{what} {amount} ({} %)", percent(share)))
    };
    let costs: Vec<String> = costs.into_iter().filter_map(spent).collect();
    if !costs.is_empty() {
        let _ = writeln!(text, "    {}, {} µs", costs.join(", "), outcome.elapsed_us);
    }
    if matches!(outcome.verdict, Verdict::Unsteady(_)) {
        let _ = writeln!(text, "    the answer is another when the facts come one at a time:");
    }
    for Difference { path, expected, got } in differences(&outcome.verdict) {
        let place = if path.is_empty() { "the whole answer" } else { path };
        let _ = writeln!(text, "    {place}: expected {expected}, got {got}");
    }
    match &outcome.verdict {
        Verdict::Failed(failure) => {
            let _ = writeln!(text, "    {failure}");
            for line in failure.backtrace.iter().flat_map(|trace| trace.lines()) {
                let _ = writeln!(text, "      {}", line.trim_end());
            }
        }
        Verdict::Unusable(why) => {
            let _ = writeln!(text, "    the case cannot be put to this plugin: {why}");
        }
        Verdict::Same | Verdict::Differs(_) | Verdict::Unsteady(_) => {}
    }
    text
}

fn bytes(count: u64) -> String {
    if count < 10_240 { format!("{count} B") } else { format!("{} KiB", count.div_ceil(1024)) }
}

/// Whether words are coloured: on a terminal alone, and not where `NO_COLOR` is set.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn of(env: &Env) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self(!env.json && wanted && std::io::stdout().is_terminal())
    }

    /// The verdict, as wide as the widest.
    fn word(self, verdict: &Verdict) -> String {
        let colour = match verdict {
            Verdict::Same => 32,
            Verdict::Differs(_) | Verdict::Unsteady(_) => 33,
            Verdict::Failed(_) | Verdict::Unusable(_) => 31,
        };
        let word = format!("{:<8}", word(verdict));
        if self.0 { format!("\u{1b}[{colour}m{word}\u{1b}[0m") } else { word }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals() {
        assert_eq!(Paint(false).word(&Verdict::Same), "ok      ");
        assert!(Paint(true).word(&Verdict::Same).starts_with("\u{1b}[32mok"));
    }
}
