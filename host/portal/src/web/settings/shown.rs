//! What the page about settings shows.

use chrono::NaiveDate;
use qudao_app::{About, Effect};
use qudao_domain::contract::{Kind, Text};
use qudao_domain::time::Instant;
use qudao_store::bindings::Binding;
use qudao_store::plugins::Plugin;
use serde::Serialize;

use crate::web::format;
use crate::web::forms::FormView;
use crate::web::i18n::Language;
use crate::web::plugins::{OptionView, ScopeView, SubjectView};
use crate::web::settings_form::{Change, SettingsView};

/// `settings/edit.html`.
#[derive(Serialize)]
pub struct EditPage {
    pub plugin: SettingsPlugin,
    pub settings: SettingsView,
    pub form: FormView,
    pub base: Option<BaseView>,
    pub changes: Vec<Change>,
    pub effect: Option<EffectView>,
    pub revisions: Vec<RevisionView>,
    pub bindings: Vec<OptionView>,
    pub can: CanActivate,
}

#[derive(Serialize)]
pub struct CanActivate {
    pub activate: bool,
}

/// `settings/effect.html`, the part beside the form.
#[derive(Serialize)]
pub struct EffectPage {
    plugin: SettingsPlugin,
    base: Option<BaseView>,
    changes: Vec<Change>,
    effect: Option<EffectView>,
}

impl From<EditPage> for EffectPage {
    fn from(page: EditPage) -> Self {
        Self { plugin: page.plugin, base: page.base, changes: page.changes, effect: page.effect }
    }
}

/// `settings/fields.html`, the part within the form.
#[derive(Serialize)]
pub struct FieldsPage {
    pub plugin: SettingsPlugin,
    pub settings: SettingsView,
}

#[derive(Serialize)]
pub struct SettingsPlugin {
    digest: String,
    title: Text,
    version: String,
    kind: Kind,
    name: String,
}

impl From<&Plugin> for SettingsPlugin {
    fn from(plugin: &Plugin) -> Self {
        Self {
            digest: plugin.digest.clone(),
            title: plugin.descriptor.title.clone(),
            version: plugin.version.clone(),
            kind: plugin.kind,
            name: plugin.name.clone(),
        }
    }
}

/// What typed settings are compared with.
#[derive(Serialize)]
pub struct BaseView {
    pub number: i64,
    scope: ScopeView,
    by: String,
    since: Instant,
}

impl From<&Binding> for BaseView {
    fn from(binding: &Binding) -> Self {
        Self {
            number: binding.revision,
            scope: ScopeView::from(&binding.slot),
            by: binding.created_by_name.clone(),
            since: binding.effective_from,
        }
    }
}

#[derive(Serialize)]
pub struct RevisionView {
    pub number: i64,
    pub state: &'static str,
    pub note: String,
    pub by: String,
    pub at: Instant,
    pub changes: Vec<Change>,
}

/// Recent orders priced again.
#[derive(Default, Serialize)]
pub struct EffectView {
    what: &'static str,
    error: Option<String>,
    cases: usize,
    changed: usize,
    refused: usize,
    first: NaiveDate,
    last: NaiveDate,
    currency: &'static str,
    before_minor: i64,
    after_minor: i64,
    rows: Vec<EffectRowView>,
}

#[derive(Serialize)]
struct EffectRowView {
    label: String,
    note: String,
    href: String,
    before_minor: i64,
    after_minor: i64,
    refused: bool,
}

impl EffectView {
    /// It could not be tried.
    pub fn failed(error: String, currency: &'static str) -> Self {
        Self { what: "orders", error: Some(error), currency, ..Self::default() }
    }

    /// `about` names the rows' orders, in the same order.
    pub fn of(effect: &Effect, about: &[About], currency: &'static str, language: Language) -> Self {
        let rows = effect.rows.iter().zip(about).map(|(row, about)| {
            let SubjectView { label, href } = SubjectView::of(about, language);
            EffectRowView {
                label,
                note: format!("{} · {}", row.dealer, format::day(row.on, language)),
                href,
                before_minor: row.before_minor,
                after_minor: row.after_minor.unwrap_or(0),
                refused: row.after_minor.is_none(),
            }
        });
        Self {
            what: "orders",
            error: effect.failure.as_ref().map(ToString::to_string),
            cases: effect.cases,
            changed: effect.changed,
            refused: effect.refused,
            first: effect.first,
            last: effect.last,
            currency,
            before_minor: effect.before_minor,
            after_minor: effect.after_minor,
            rows: rows.collect(),
        }
    }
}
