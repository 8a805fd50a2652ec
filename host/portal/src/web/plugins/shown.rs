//! What the pages about plugins show.

use qudao_app::{Dated, PluginPage, PluginSummary, Standing};
use qudao_domain::bindings::{OnFailure, ScopeKind};
use qudao_domain::contract::{Kind, Message, Text};
use qudao_domain::decimal::Decimal;
use qudao_domain::time::Instant;
use qudao_engine::Limits;
use qudao_store::bindings::{Binding, Slot};
use qudao_store::plugins::Plugin;
use qudao_store::runs::Recorded;
use serde::Serialize;
use std::collections::HashMap;

use super::super::forms::FormView;
use super::super::i18n::{Args, Language, say};
use super::super::notes::words;
use super::past::{PastView, SigningView};
use super::report::ReportView;
use super::steps::{ApprovalView, IncidentView};
use crate::web::simulations::SimulationView;

/// Programs' names by their codes.
pub type ProgramNames = HashMap<String, Text>;

/// A plugin by name, linking to its page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PluginRef {
    pub digest: String,
    pub title: Text,
    pub version: String,
}

impl From<&Plugin> for PluginRef {
    fn from(plugin: &Plugin) -> Self {
        Self {
            digest: plugin.digest.clone(),
            title: plugin.descriptor.title.clone(),
            version: plugin.version.clone(),
        }
    }
}

/// Plugins to choose from, by their titles and versions.
pub fn plugin_options(plugins: &[PluginSummary], language: Language) -> Vec<OptionView> {
    let option = |PluginSummary { plugin, .. }: &PluginSummary| OptionView {
        value: plugin.digest.clone(),
        label: format!("{} {}", words(&plugin.descriptor.title, language), plugin.version),
    };
    plugins.iter().map(option).collect()
}

/// For whom a binding holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScopeView {
    pub kind: &'static str,
    pub value: String,
}

impl From<&Slot> for ScopeView {
    fn from(slot: &Slot) -> Self {
        Self { kind: slot.scope_kind.as_str(), value: slot.scope_value.clone() }
    }
}

/// The program of a binding by name; by its code where the name is unknown.
pub fn program_of(binding: &Binding, names: &ProgramNames) -> Option<Text> {
    let code = binding.program.as_ref()?;
    let unnamed = || Text { zh_cn: code.clone(), en: code.clone() };
    Some(names.get(code).cloned().unwrap_or_else(unnamed))
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionView {
    pub value: String,
    pub label: String,
}

/// A scope as a choice posts it: `company`, `tier:gold`.
pub fn scope_value(kind: ScopeKind, value: &str) -> String {
    if kind == ScopeKind::Company { kind.to_string() } else { format!("{kind}:{value}") }
}

/// The scope that a choice posted.
pub fn posted_scope(posted: &str) -> Option<(ScopeKind, String)> {
    let (kind, value) = posted.split_once(':').unwrap_or((posted, ""));
    Some((kind.parse().ok()?, value.to_owned()))
}

/// A scope in words.
pub fn scope_words(kind: ScopeKind, value: &str, language: Language) -> String {
    let mut args = Args::new();
    args.set("value", value.to_owned());
    say(language, &format!("scope-{kind}"), Some(&args))
}

pub fn scope_option(kind: ScopeKind, value: &str, language: Language) -> OptionView {
    OptionView { value: scope_value(kind, value), label: scope_words(kind, value, language) }
}

/// `plugins/index.html`.
#[derive(Serialize)]
pub struct IndexPage {
    pub kinds: Vec<KindView>,
    pub failing: Vec<FailingView>,
    pub can: CanUpload,
}

#[derive(Serialize)]
pub struct CanUpload {
    pub upload: bool,
}

#[derive(Serialize)]
pub struct KindView {
    pub kind: Kind,
    pub live: Vec<LiveView>,
    pub plugins: Vec<UploadedView>,
}

/// Where a plugin holds, with how it is used.
#[derive(Serialize)]
pub struct LiveView {
    pub scope: ScopeView,
    pub program: Option<Text>,
    pub plugin: PluginRef,
    pub revision: i64,
    pub since: Instant,
    pub by: String,
    pub calls: i64,
    pub failures: i64,
    pub state: &'static str,
    pub share: i64,
}

#[derive(Serialize)]
pub struct UploadedView {
    pub digest: String,
    pub title: Text,
    pub version: String,
    pub state: &'static str,
    pub uploaded_by: String,
    pub uploaded_at: Instant,
}

/// A plugin that failed in the last seven days.
#[derive(Serialize)]
pub struct FailingView {
    pub plugin: PluginRef,
    pub count: i64,
    pub code: String,
    pub last_at: Instant,
}

impl KindView {
    pub fn of(kind: Kind, summaries: &[PluginSummary], names: &ProgramNames) -> Self {
        let of_kind = || summaries.iter().filter(move |summary| summary.plugin.kind == kind);
        let live = of_kind().flat_map(|summary| {
            summary.live.iter().map(|binding| LiveView {
                scope: ScopeView::from(&binding.slot),
                program: program_of(binding, names),
                plugin: PluginRef::from(&summary.plugin),
                revision: binding.revision,
                since: binding.effective_from,
                by: binding.created_by_name.clone(),
                calls: summary.usage.answers_day + summary.usage.failures_day,
                failures: summary.usage.failures_week,
                state: if summary.usage.failures_week > 0 { "failing" } else { "live" },
                share: binding.share,
            })
        });
        let uploaded = of_kind().map(|summary| UploadedView {
            digest: summary.plugin.digest.clone(),
            title: summary.plugin.descriptor.title.clone(),
            version: summary.plugin.version.clone(),
            state: state_of(&summary.plugin, !summary.live.is_empty(), summary.usage.failures_week),
            uploaded_by: summary.plugin.uploaded_by_name.clone(),
            uploaded_at: summary.plugin.uploaded_at,
        });
        Self { kind, live: live.collect(), plugins: uploaded.collect() }
    }
}

fn state_of(plugin: &Plugin, live: bool, failures_week: i64) -> &'static str {
    match (live, failures_week > 0) {
        (true, true) => "failing",
        (true, false) => "live",
        (false, _) => plugin.state.as_str(),
    }
}

/// `plugins/upload.html`.
#[derive(Serialize)]
pub struct UploadPage {
    pub form: FormView,
    /// The form for a file with a history.
    pub import: FormView,
    /// Whether the company takes signed plugins only.
    pub needs_signature: bool,
    pub refusal: Option<RefusalView>,
    pub accepted: Option<AcceptedView>,
    pub limit: String,
}

#[derive(Serialize)]
pub struct RefusalView {
    pub code: &'static str,
    pub file: String,
    pub names: Vec<String>,
    pub detail: String,
}

#[derive(Serialize)]
pub struct AcceptedView {
    pub plugin: PluginRef,
    pub report: ReportView,
    pub already: bool,
    /// The name of the key whose signature came along.
    pub signed_by: Option<String>,
    /// Whether somebody else must approve it first.
    pub waits: bool,
}

/// A size for people: `186 KB`.
pub fn bytes(bytes: i64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", (bytes + 512) / 1_024),
        _ => format!("{} MB", (bytes + 524_288) / 1_048_576),
    }
}

/// `plugins/show.html`.
#[derive(Serialize)]
pub struct ShowPage {
    pub plugin: AboutView,
    pub live: Vec<HeldView>,
    pub health: HealthView,
    pub failures: Vec<FailureView>,
    pub timeline: Vec<EventView>,
    pub runs: Vec<RunView>,
    pub report: ReportView,
    pub activate: Option<ActivateView>,
    pub rollback: Option<RollbackView>,
    pub approval: Option<ApprovalView>,
    pub signing: SigningView,
    /// What it went through elsewhere.
    pub past: Vec<PastView>,
    /// `retire` or `restore`.
    pub away: Option<&'static str>,
    pub incidents: Vec<IncidentView>,
    pub simulate: Option<SimulateView>,
    pub can: CanSettings,
}

#[derive(Serialize)]
pub struct CanSettings {
    pub settings: bool,
    /// Close an incident.
    pub close: bool,
}

#[derive(Serialize)]
pub struct AboutView {
    pub digest: String,
    pub title: Text,
    pub version: String,
    pub kind: Kind,
    pub name: String,
    pub summary: Text,
    pub contract: String,
    pub size: String,
    pub state: &'static str,
    pub uploaded_at: Instant,
    pub uploaded_by: String,
    pub attributes: Vec<String>,
    pub metrics: Vec<String>,
    pub messages: Vec<Message>,
}

impl AboutView {
    pub fn of(page: &PluginPage) -> Self {
        let (plugin, about) = (&page.plugin, &page.plugin.descriptor);
        let live = live_of(page).next().is_some();
        Self {
            digest: plugin.digest.clone(),
            title: about.title.clone(),
            version: plugin.version.clone(),
            kind: plugin.kind,
            name: plugin.name.clone(),
            summary: about.summary.clone(),
            contract: plugin.contract.clone(),
            size: bytes(plugin.size),
            state: state_of(plugin, live, page.usage.failures_week),
            uploaded_at: plugin.uploaded_at,
            uploaded_by: plugin.uploaded_by_name.clone(),
            attributes: about.attributes.clone(),
            metrics: about.metrics.clone(),
            messages: about.messages.clone(),
        }
    }
}

/// Where this very plugin holds now.
pub fn live_of(page: &PluginPage) -> impl Iterator<Item = &Binding> {
    let live = |dated: &&Dated| {
        dated.standing == Standing::Live && dated.binding.plugin_digest == page.plugin.digest
    };
    page.bindings.iter().filter(live).map(|dated| &dated.binding)
}

#[derive(Serialize)]
pub struct HeldView {
    pub scope: ScopeView,
    pub program: Option<Text>,
    pub revision: i64,
    pub since: Instant,
    pub by: String,
    pub reason: String,
    pub share: i64,
    pub on_failure: &'static str,
}

impl HeldView {
    pub fn of(binding: &Binding, names: &ProgramNames) -> Self {
        Self {
            scope: ScopeView::from(&binding.slot),
            program: program_of(binding, names),
            revision: binding.revision,
            since: binding.effective_from,
            by: binding.created_by_name.clone(),
            reason: binding.reason.clone(),
            share: binding.share,
            on_failure: binding.on_failure.as_str(),
        }
    }
}

#[derive(Serialize)]
pub struct HealthView {
    pub calls_day: i64,
    pub calls_week: i64,
    pub failures_day: i64,
    pub failures_week: i64,
    pub failure_share: Decimal,
    pub p99: String,
    pub fuel_share: Decimal,
}

impl HealthView {
    /// Fuel is measured against what every call gets; lines and facts get more, so that the share is at most this.
    pub fn of(page: &PluginPage) -> Self {
        let usage = &page.usage;
        let calls_week = usage.answers_week + usage.failures_week;
        let share = |part: i64, whole: i64| {
            let share = Decimal::from(part).checked_div(Decimal::from(whole)).unwrap_or_default();
            share.round_dp(4).min(Decimal::ONE)
        };
        let (p99, most_fuel) = page.pace.map_or((None, 0), |(p99, fuel)| (Some(p99), fuel));
        Self {
            calls_day: usage.answers_day + usage.failures_day,
            calls_week,
            failures_day: usage.failures_day,
            failures_week: usage.failures_week,
            failure_share: share(usage.failures_week, calls_week),
            p99: p99.map_or_else(|| "–".to_owned(), micros),
            fuel_share: share(most_fuel, i64::try_from(Limits::default().fuel_base).unwrap_or(i64::MAX)),
        }
    }
}

fn micros(us: i64) -> String {
    if us < 10_000 { format!("{us} µs") } else { format!("{} ms", (us + 500) / 1_000) }
}

#[derive(Serialize)]
pub struct FailureView {
    pub id: String,
    pub code: String,
    pub at: Instant,
    pub subject: SubjectView,
    pub detail: String,
    pub consequence: &'static str,
    pub input_hash: String,
    pub fuel: i64,
    pub revision: i64,
    pub backtrace: Option<String>,
}

impl FailureView {
    pub fn of(recorded: &Recorded, subject: SubjectView) -> Self {
        let failure = &recorded.run;
        Self {
            id: recorded.id.to_string(),
            code: failure.outcome.clone(),
            at: failure.at,
            subject,
            detail: failure.detail.clone(),
            consequence: match (failure.kind, recorded.on_failure) {
                (Kind::Pricing, OnFailure::Refuse) => "refused",
                (Kind::Pricing, OnFailure::LastGood) => "last-good",
                (Kind::Pricing, OnFailure::BasePrice) => "base-price",
                (Kind::Incentive | Kind::Kpi, _) => "not-settled",
                (Kind::Deal, _) => "not-registered",
            },
            input_hash: failure.input_hash.clone(),
            fuel: failure.fuel,
            revision: recorded.revision,
            backtrace: failure.backtrace.clone(),
        }
    }
}

/// What something is about, linking to it where it has a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubjectView {
    pub label: String,
    pub href: String,
}

impl SubjectView {
    pub fn of(about: &qudao_app::About, language: Language) -> Self {
        let href = match about.kind.as_str() {
            "order" => format!("/orders/{}", about.id),
            "settlement" => format!("/settlements/{}", about.id),
            "scorecard" => format!("/scorecards/{}", about.id),
            "deal" => format!("/deals/{}", about.id),
            _ => String::new(),
        };
        // An order is known by its number, a deal by its customer; of other ids the end is enough to tell them apart.
        let whole = matches!(about.kind.as_str(), "order" | "deal") && about.label != about.id;
        if whole {
            return Self { label: about.label.clone(), href };
        }
        let ends = about.label.chars().count().saturating_sub(8);
        let short = about.id.parse::<uuid::Uuid>().is_ok();
        let id = if short { about.label.chars().skip(ends).collect() } else { about.label.clone() };
        let mut args = Args::new();
        args.set("id", id);
        let message = match about.kind.as_str() {
            known
            @ ("order" | "settlement" | "scorecard" | "deal" | "dealer" | "salesperson" | "program") => {
                format!("subject-{known}")
            }
            _ => "subject-other".to_owned(),
        };
        Self { label: say(language, &message, Some(&args)), href }
    }
}

#[derive(Serialize)]
pub struct RunView {
    pub id: String,
    pub subject: String,
    pub outcome: String,
    pub revision: i64,
    pub fuel: i64,
    pub elapsed_us: i64,
    pub at: Instant,
}

/// One step in the life of a plugin and of what held in its place.
#[derive(Serialize)]
pub struct EventView {
    pub event: &'static str,
    pub version: String,
    pub revision: i64,
    pub state: &'static str,
    pub scope: Option<ScopeView>,
    pub program: Option<Text>,
    pub by: String,
    pub at: Instant,
    pub digest: String,
    pub reason: String,
    pub share: i64,
}

#[derive(Serialize)]
pub struct ActivateView {
    /// What may happen when the plugin fails.
    pub ways: Vec<OptionView>,
    pub form: FormView,
    pub programs: Vec<OptionView>,
    pub scopes: Vec<OptionView>,
    pub revisions: Vec<OptionView>,
    pub dealers: i64,
    pub cases: i64,
}

/// Trying a version over what really happened.
#[derive(Serialize)]
pub struct SimulateView {
    pub can: bool,
    pub kind: Kind,
    pub form: FormView,
    pub revisions: Vec<OptionView>,
    /// For incentives.
    pub programs: Vec<OptionView>,
    /// For KPIs.
    pub calendars: Vec<OptionView>,
    pub first: String,
    pub last: String,
    pub currency: &'static str,
    /// Whether the reader may see costs, and so guard margins.
    pub costs: bool,
    pub list: Vec<SimulationView>,
}

#[derive(Serialize)]
pub struct RollbackView {
    pub plugin: PluginRef,
    pub revision: i64,
    pub scope: ScopeView,
    pub dealers: i64,
    pub place: Vec<FieldValue>,
}

/// A hidden field.
#[derive(Serialize)]
pub struct FieldValue {
    pub name: &'static str,
    pub value: String,
}
