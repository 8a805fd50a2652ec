//! The report of an upload, as its page shows it.

use qudao_domain::decimal::Decimal;
use qudao_engine::cases::Share;
use qudao_engine::{Came, Examined, Probe, Report, SizeRun};
use qudao_store::plugins::Plugin;
use serde::Serialize;

use super::shown::bytes;

/// What the checks of an upload found.
#[derive(Serialize)]
pub struct ReportView {
    pub checks: Vec<CheckView>,
    /// How much of what it may use a plain question takes.
    pub sizes: Vec<SizeView>,
    /// Odd questions that it came to no answer to.
    pub stumbled: Vec<StumbleView>,
}

/// One check of an upload. What is kept passed all but perhaps the odd questions.
#[derive(Serialize)]
pub struct CheckView {
    pub code: &'static str,
    pub ok: bool,
    pub detail: String,
}

/// One plain question of a size.
#[derive(Serialize)]
pub struct SizeView {
    pub entries: u32,
    /// Shares of what it may use.
    pub fuel: Decimal,
    pub memory: Decimal,
    pub answer: Decimal,
    pub elapsed_us: u64,
    pub failed: Option<StumbleView>,
}

/// A question that came to no answer.
#[derive(Serialize)]
pub struct StumbleView {
    /// Which odd question; empty for a plain one.
    pub code: String,
    pub error: &'static str,
    pub detail: String,
}

impl ReportView {
    pub fn of(plugin: &Plugin, report: &Report) -> Self {
        let check = |code, detail| CheckView { code, ok: true, detail };
        let mut checks = vec![
            check("structure", bytes(plugin.size)),
            check("imports", String::new()),
            check("contract", plugin.contract.clone()),
            check("compile", format!("{} ms", report.compile_ms)),
            check("describe", String::new()),
            check("schema", String::new()),
            check("trial", format!("{} µs", report.trial_us)),
        ];
        let Some(examined) = &report.examined else {
            return Self { checks, sizes: Vec::new(), stumbled: Vec::new() };
        };
        checks.extend(examined_checks(examined));
        Self {
            checks,
            sizes: examined.sizes.iter().map(SizeView::of).collect(),
            stumbled: examined.probes.iter().filter_map(stumble).collect(),
        }
    }
}

fn examined_checks(examined: &Examined) -> [CheckView; 3] {
    let of = |done: usize, all: usize| format!("{done} / {all}");
    let answered = examined.probes.iter().filter(|probe| !probe.came.is_failure()).count();
    let probes = examined.probes.len();
    [
        CheckView {
            code: "cases",
            ok: examined.cases.run == examined.cases.count,
            detail: format!("{} / {}", examined.cases.run, examined.cases.count),
        },
        CheckView { code: "repeat", ok: true, detail: examined.asked_twice.to_string() },
        CheckView { code: "probes", ok: answered == probes, detail: of(answered, probes) },
    ]
}

impl SizeView {
    fn of(run: &SizeRun) -> Self {
        Self {
            entries: run.entries,
            fuel: rate(run.fuel),
            memory: rate(run.memory),
            answer: rate(run.answer),
            elapsed_us: run.elapsed_us,
            failed: failed(String::new(), &run.came),
        }
    }
}

fn rate(share: Share) -> Decimal {
    Decimal::new(i64::try_from(share.basis_points()).unwrap_or(i64::MAX), 4)
}

fn stumble(probe: &Probe) -> Option<StumbleView> {
    failed(probe.code.clone(), &probe.came)
}

fn failed(code: String, came: &Came) -> Option<StumbleView> {
    match came {
        Came::Failed { error, detail } => {
            Some(StumbleView { code, error: error.as_str(), detail: detail.clone() })
        }
        Came::Answered | Came::Refused => None,
    }
}
