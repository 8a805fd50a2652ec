//! Settings of plugins: read, saved as a new revision, and put to work from a date.

use crate::bindings::{Made, Place, Terms, check_reason, moment_of};
use crate::errors::{AppError, Issue, Result};
use crate::plugins::tell_of_plugin;
use crate::{App, Context};
use qudao_domain::ids::RevisionId;
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_engine::Digest;
use qudao_engine::schema::{SettingsIssue, SettingsSchema};
use qudao_store::bindings::{self, Binding};
use qudao_store::plugins::{self, Plugin};
use qudao_store::revisions::{self, NewRevision, Revision};
use qudao_store::{StoreError, Tx, audit};
use serde_json::json;

/// Settings as somebody typed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSettings {
    /// As JSON.
    pub json: String,
    /// Why; may be empty.
    pub note: String,
    /// Number of the plugin's latest revision when they were typed.
    pub based_on: i64,
}

/// Settings to be put to work.
#[derive(Debug, Clone)]
pub struct SettingsChange {
    /// Whose rule.
    pub place: Place,
    /// The plugin that is meant; none for whichever will hold there.
    pub plugin: Option<String>,
    /// The settings; their note is the binding's reason too.
    pub settings: NewSettings,
    /// From when; none for now.
    pub from: Option<Instant>,
}

/// Settings put to work.
#[derive(Debug, Clone)]
pub struct SettingsChanged {
    /// The settings.
    pub revision: Revision,
    /// What makes them hold.
    pub made: Made,
}

/// A plugin with settings, for the form.
#[derive(Debug, Clone)]
pub struct PluginSettings {
    /// The plugin.
    pub plugin: Plugin,
    /// The settings that were asked for.
    pub revision: Revision,
    /// Number of its latest settings: what a form is based on.
    pub latest: i64,
}

impl App {
    /// A plugin's settings: those of a revision, or the latest.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such plugin or revision.
    pub async fn settings(&self, ctx: &Context, digest: &str, number: Option<i64>) -> Result<PluginSettings> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let plugin = plugins::find(&mut tx, ctx.company, digest).await?.ok_or(AppError::NotFound)?;
        let latest = revisions::latest(&mut tx, ctx.company, digest).await?.ok_or(AppError::NotFound)?;
        let number_of_latest = latest.number;
        let revision = match number {
            None => latest,
            Some(number) => {
                revisions::by_number(&mut tx, ctx.company, digest, number).await?.ok_or(AppError::NotFound)?
            }
        };
        Ok(PluginSettings { plugin, revision, latest: number_of_latest })
    }

    /// What holds in a place now, with its settings: where headquarters begins to edit.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when there is no such place; [`AppError::NoRule`] when nothing holds there.
    pub async fn live_settings(&self, ctx: &Context, place: &Place) -> Result<(Binding, PluginSettings)> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let slot = place.slot(&mut tx, ctx).await?;
        let live = bindings::held_in(&mut tx, ctx.company, &slot, self.clock().now()).await?;
        drop(tx);
        let live = live.ok_or(AppError::NoRule(place.kind))?;
        let settings = self.settings(ctx, &live.plugin_digest, Some(live.revision)).await?;
        Ok((live, settings))
    }

    /// Saves settings as a plugin's next revision; the same settings as its latest make none. They hold nowhere
    /// until they are activated.
    ///
    /// # Errors
    /// [`AppError::Invalid`] by the pointer of the setting; [`AppError::Conflict`] `changed-meanwhile` when somebody
    /// saved other settings since.
    pub async fn save_settings(
        &self,
        ctx: &Context,
        digest: &str,
        settings: &NewSettings,
    ) -> Result<Revision> {
        ctx.whole_company(Action::SettingsWrite)?;
        check_reason("/note", &settings.note)?;
        let mut tx = self.db().read(ctx.company).await?;
        let plugin = plugins::find(&mut tx, ctx.company, digest).await?.ok_or(AppError::NotFound)?;
        drop(tx);
        let text = canonical(&plugin, &settings.json)?;
        let mut tx = self.db().write(ctx.company).await?;
        let revision = self.keep_settings(&mut tx, ctx, digest, &text, settings).await?;
        tx.commit().await?;
        Ok(revision)
    }

    /// Saves settings of the plugin that will hold in a place at `from`, and makes them hold from then on.
    ///
    /// # Errors
    /// As [`App::save_settings`]; [`AppError::NoRule`] when nothing holds there; [`AppError::Rule`] when the plugin
    /// fails with them; [`AppError::Conflict`] `already-holds` when they do, `binding-tie` when the place has a
    /// binding from the same moment on.
    pub async fn change_settings(&self, ctx: &Context, change: &SettingsChange) -> Result<SettingsChanged> {
        ctx.whole_company(Action::SettingsWrite)?;
        check_reason("/note", &change.settings.note)?;
        let from = moment_of(self.clock().now(), change.from)?;
        let mut tx = self.db().read(ctx.company).await?;
        let slot = change.place.slot(&mut tx, ctx).await?;
        let held = bindings::held_in(&mut tx, ctx.company, &slot, from).await?;
        let held = held.ok_or(AppError::NoRule(slot.kind))?;
        let plugin =
            plugins::find(&mut tx, ctx.company, &held.plugin_digest).await?.ok_or(AppError::NotFound)?;
        drop(tx);
        let text = canonical(&plugin, &change.settings.json)?;
        self.try_plugin(ctx, &plugin.digest, &text).await?;
        let mut tx = self.begin_binding(ctx).await?;
        // Trying took time: "now" is still ahead, and what holds must not have changed under the form.
        let from = moment_of(self.clock().now(), change.from)?;
        let still = bindings::held_in(&mut tx, ctx.company, &slot, from).await?;
        if still.is_none_or(|still| still.id != held.id) {
            return Err(changed_meanwhile("another plugin or other settings hold there now"));
        }
        let revision = self.keep_settings(&mut tx, ctx, &plugin.digest, &text, &change.settings).await?;
        let reason = &change.settings.note;
        let (share, on_failure) = (held.share, held.on_failure);
        let terms = Terms { from, reason, share, on_failure, automatic: false, by: ctx.user };
        let made = self.bind(&mut tx, ctx, &slot, &revision, &terms).await?;
        tx.commit().await?;
        Ok(SettingsChanged { revision, made })
    }

    async fn keep_settings(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        digest: &str,
        text: &str,
        settings: &NewSettings,
    ) -> Result<Revision> {
        let latest = revisions::latest(tx, ctx.company, digest).await?.ok_or(AppError::NotFound)?;
        if latest.settings == text {
            return Ok(latest);
        }
        if latest.number != settings.based_on {
            return Err(changed_meanwhile(&format!(
                "{} saved revision {} while revision {} was edited",
                latest.created_by_name, latest.number, settings.based_on
            )));
        }
        let now = self.clock().now();
        let number = latest.number + 1;
        let new = NewRevision {
            id: RevisionId::at(now),
            plugin_digest: digest,
            number,
            settings: text,
            note: &settings.note,
            created_by: ctx.user,
            created_at: now,
        };
        let taken = |error| match error {
            StoreError::Conflict(_) => changed_meanwhile("somebody saved other settings in the same moment"),
            other => other.into(),
        };
        revisions::insert(tx, ctx.company, &new).await.map_err(taken)?;
        let about = json!({ "digest": digest, "revision": number, "note": settings.note });
        let subject = format!("plugin {digest}");
        audit::record(tx, ctx.company, now, ctx.user, "settings.saved", &subject, &about).await?;
        let name: Digest = digest.parse().map_err(|_| AppError::NotFound)?;
        // Revision 1 came with `plugin.uploaded`, so the plugin's events count along with its revisions.
        tell_of_plugin(tx, ctx, now, &name, "settings.saved", about).await?;
        let kept = revisions::by_number(tx, ctx.company, digest, number).await?;
        kept.ok_or_else(|| AppError::Internal(format!("revision {number} of plugin {digest} was not kept")))
    }
}

fn changed_meanwhile(what: &str) -> AppError {
    AppError::conflict("changed-meanwhile", format!("{what}; look at what holds now and decide again"))
}

/// Settings in the one form in which they are kept: checked against the plugin's schema, keys in order, no spaces.
fn canonical(plugin: &Plugin, json: &str) -> Result<String> {
    let schema = SettingsSchema::parse(&plugin.descriptor.settings_schema);
    let schema =
        schema.map_err(|error| AppError::Internal(format!("schema of plugin {}: {error}", plugin.digest)))?;
    match schema.read(json) {
        Ok(value) => Ok(value.to_string()),
        Err(issues) => Err(AppError::Invalid(issues.into_iter().map(issue).collect())),
    }
}

/// The engine's words, as they are; a word that this list lacks is shown as `other`, with its English sentence.
const CODES: [&str; 22] = [
    "required",
    "type",
    "minimum",
    "maximum",
    "enum",
    "const",
    "decimal",
    "format",
    "min-items",
    "max-items",
    "min-length",
    "max-length",
    "min-properties",
    "max-properties",
    "unique-items",
    "multiple-of",
    "pattern",
    "unknown-field",
    "choice",
    "not-allowed",
    "too-large",
    "not-json",
];
const ARGS: [&str; 8] = ["limit", "expected", "allowed", "detail", "field", "pattern", "format", "keyword"];

fn issue(found: SettingsIssue) -> Issue {
    let known = |words: &[&'static str], word: &str| words.iter().copied().find(|known| *known == word);
    let mut issue = Issue::new(
        format!("/settings{}", found.pointer),
        known(&CODES, &found.code).unwrap_or("other"),
        found.message,
    );
    for (name, value) in found.args {
        if let Some(name) = known(&ARGS, &name) {
            issue = issue.with(name, value);
        }
    }
    issue
}
