//! Uploaded plugins: taking one in, listing them, and everything that ops wants to know of one.

use crate::bindings::{Dated, dated};
use crate::errors::{AppError, Result};
use crate::rules::off_thread;
use crate::{App, Context};
use qudao_domain::contract::Kind;
use qudao_domain::ids::RevisionId;
use qudao_domain::lifecycle::{PluginStep, Policy};
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_engine::{Digest, Report, Verified};
use qudao_store::audit;
use qudao_store::bindings::{self, Binding};
use qudao_store::decisions::{self, Listed, Wanted};
use qudao_store::incidents::{self, Incident};
use qudao_store::lifecycle::{self, NewStep, Step};
use qudao_store::outbox::{self, Event};
use qudao_store::plugins::{self, NewPlugin, Plugin, Use};
use qudao_store::revisions::{self, NewRevision, Revision};
use qudao_store::runs::{self, Recorded};
use serde_json::json;

const DAY_MS: i64 = 24 * 3_600_000;
/// How many revisions, bindings, runs and failures a plugin's page shows.
const SHOWN: i64 = 50;

/// What became of an upload.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Uploaded {
    /// SHA-256 of the component: the plugin's name for ever.
    pub digest: String,
    /// What it decides.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What the checks measured.
    pub report: Report,
    /// Whether the company had it before.
    pub already: bool,
}

/// A plugin in the list.
#[derive(Debug, Clone)]
pub struct PluginSummary {
    /// The plugin.
    pub plugin: Plugin,
    /// Where it holds now.
    pub live: Vec<Binding>,
    /// How it is used.
    pub usage: Use,
}

/// Everything about one plugin.
#[derive(Debug, Clone)]
pub struct PluginPage {
    /// The plugin.
    pub plugin: Plugin,
    /// What the checks at upload measured.
    pub report: Report,
    /// How it is used.
    pub usage: Use,
    /// Microseconds within which 99 of 100 answers of the last day came, and the most fuel that one of them burnt.
    pub pace: Option<(i64, i64)>,
    /// Plugins of the same kind and name, the latest upload first; this one among them.
    pub versions: Vec<Plugin>,
    /// Its settings, the latest first.
    pub revisions: Vec<Revision>,
    /// What was done to it, the latest first.
    pub steps: Vec<Step>,
    /// How careful the company is with plugins.
    pub policy: Policy,
    /// When it failed again and again, the latest first.
    pub incidents: Vec<Incident>,
    /// Bindings of its kind, the latest first: what was, is and will be in its place.
    pub bindings: Vec<Dated>,
    /// What it decided last.
    pub runs: Vec<Listed>,
    /// How it failed last.
    pub failures: Vec<Recorded>,
}

impl App {
    /// Takes a plugin in: checks it wholly, keeps it with its default settings as revision 1. The same bytes again
    /// are answered alike and change nothing.
    ///
    /// # Errors
    /// [`AppError::Upload`] when the component is not accepted; nothing is stored then.
    pub async fn upload_plugin(&self, ctx: &Context, component: Vec<u8>) -> Result<Uploaded> {
        ctx.whole_company(Action::PluginsUpload)?;
        let engine = self.rules().engine().clone();
        // What is surely no plugin is refused before it costs a compilation.
        let (digest, component) = off_thread(move || match engine.inspect(&component) {
            Ok(_) => Ok((Digest::of(&component).to_string(), component)),
            Err(refusal) => Err(AppError::Upload(Box::new(refusal))),
        })
        .await??;
        let mut tx = self.db().read(ctx.company).await?;
        let known = plugins::find(&mut tx, ctx.company, &digest).await?;
        drop(tx);
        if let Some(known) = known {
            return uploaded(known, true);
        }
        self.may_upload(ctx, component.len()).await?;
        let engine = self.rules().engine().clone();
        let (verified, component) = off_thread(move || (engine.verify(&component), component)).await?;
        let verified = verified.map_err(|refusal| AppError::Upload(Box::new(refusal)))?;
        self.keep_plugin(ctx, &verified, &component).await
    }

    async fn keep_plugin(&self, ctx: &Context, verified: &Verified, component: &[u8]) -> Result<Uploaded> {
        let broken = |what: String| AppError::Internal(what);
        let now = self.clock().now();
        let digest = verified.inspected.digest.to_string();
        let report = serde_json::to_value(&verified.report).map_err(|error| broken(error.to_string()))?;
        let settings = verified.schema.read(&verified.descriptor.settings_default);
        let settings =
            settings.map_err(|issues| broken(format!("verified settings are refused: {issues:?}")))?;
        let plugin = NewPlugin {
            digest: &digest,
            contract: &verified.inspected.contract,
            descriptor: &verified.descriptor,
            report: &report,
            component,
            uploaded_by: ctx.user,
            uploaded_at: now,
        };
        let revision = NewRevision {
            id: RevisionId::at(now),
            plugin_digest: &digest,
            number: 1,
            settings: &settings.to_string(),
            note: "",
            created_by: ctx.user,
            created_at: now,
        };
        let mut tx = self.db().write(ctx.company).await?;
        let new = plugins::insert(&mut tx, ctx.company, &plugin).await?;
        if new {
            revisions::insert(&mut tx, ctx.company, &revision).await?;
            let step = NewStep { step: PluginStep::Uploaded, reason: "", by: ctx.user, at: now };
            lifecycle::record(&mut tx, ctx.company, &digest, &step).await?;
            let about = json!({
                "digest": digest,
                "kind": verified.descriptor.kind,
                "name": verified.descriptor.name,
                "version": verified.descriptor.version,
            });
            let subject = format!("plugin {digest}");
            audit::record(&mut tx, ctx.company, now, ctx.user, "plugin.uploaded", &subject, &about).await?;
            let named = &verified.inspected.digest;
            tell_of_plugin(&mut tx, ctx, now, named, "plugin.uploaded", about).await?;
        }
        let kept = plugins::find(&mut tx, ctx.company, &digest).await?;
        tx.commit().await?;
        uploaded(kept.ok_or_else(|| broken(format!("plugin {digest} was not kept")))?, !new)
    }

    /// Every plugin of the company, with where it holds and how it is used.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn plugins(&self, ctx: &Context) -> Result<Vec<PluginSummary>> {
        ctx.whole_company(Action::PluginsRead)?;
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let found = plugins::all(&mut tx, ctx.company).await?;
        let held = bindings::held(&mut tx, ctx.company, now).await?;
        let mut usage = self.plugin_usage(&mut tx, ctx, now).await?;
        let summary = |plugin: Plugin| {
            let live =
                held.iter().filter(|binding| binding.plugin_digest == plugin.digest).cloned().collect();
            let usage = take_usage(&mut usage, &plugin.digest);
            PluginSummary { plugin, live, usage }
        };
        Ok(found.into_iter().map(summary).collect())
    }

    /// Everything about one plugin.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has no such plugin.
    pub async fn plugin(&self, ctx: &Context, digest: &str) -> Result<PluginPage> {
        ctx.whole_company(Action::PluginsRead)?;
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let plugin = plugins::find(&mut tx, ctx.company, digest).await?.ok_or(AppError::NotFound)?;
        let mut versions = plugins::all(&mut tx, ctx.company).await?;
        versions.retain(|other| other.kind == plugin.kind && other.name == plugin.name);
        let of_plugin = Wanted { plugin: Some(digest.to_owned()), ..Wanted::default() };
        let failed = Wanted { failed: true, ..of_plugin.clone() };
        let held = bindings::held(&mut tx, ctx.company, now).await?;
        let line = bindings::time_line(&mut tx, ctx.company, plugin.kind, None, SHOWN).await?;
        let mut usage = self.plugin_usage(&mut tx, ctx, now).await?;
        let usage = take_usage(&mut usage, digest);
        Ok(PluginPage {
            report: read_report(&plugin)?,
            pace: plugins::pace(&mut tx, ctx.company, &usage, now.plus_ms(-DAY_MS)).await?,
            usage,
            versions,
            revisions: revisions::all(&mut tx, ctx.company, digest, SHOWN).await?,
            steps: lifecycle::steps(&mut tx, ctx.company, digest).await?,
            policy: lifecycle::policy(&mut tx, ctx.company).await?,
            incidents: incidents::list(&mut tx, ctx.company, false, digest, SHOWN).await?,
            bindings: dated(line, &held, plugin.kind, now),
            runs: decisions::list(&mut tx, ctx.company, &of_plugin, None, SHOWN).await?,
            failures: runs::list(&mut tx, ctx.company, &failed, None, SHOWN).await?,
            plugin,
        })
    }

    async fn plugin_usage(&self, tx: &mut qudao_store::Tx, ctx: &Context, now: Instant) -> Result<Vec<Use>> {
        Ok(plugins::usage(tx, ctx.company, now.plus_ms(-DAY_MS), now.plus_ms(-7 * DAY_MS)).await?)
    }
}

fn take_usage(usage: &mut Vec<Use>, digest: &str) -> Use {
    let place = usage.iter().position(|used| used.digest == digest);
    place.map_or_else(Use::default, |place| usage.swap_remove(place))
}

fn uploaded(plugin: Plugin, already: bool) -> Result<Uploaded> {
    let report = read_report(&plugin)?;
    let Plugin { digest, kind, name, version, .. } = plugin;
    Ok(Uploaded { digest, kind, name, version, report, already })
}

fn read_report(plugin: &Plugin) -> Result<Report> {
    let read = serde_json::from_value(plugin.report.clone());
    read.map_err(|error| AppError::Internal(format!("report of plugin {}: {error}", plugin.digest)))
}

/// Tells of something that happened to a plugin. A plugin has no UUID, so its aggregate is named by the first half of
/// its digest.
pub(crate) async fn tell_of_plugin(
    tx: &mut qudao_store::Tx,
    ctx: &Context,
    now: Instant,
    digest: &Digest,
    event: &str,
    body: serde_json::Value,
) -> Result<()> {
    let mut half = [0; 16];
    half.copy_from_slice(&digest.as_bytes()[..16]);
    let aggregate_id = uuid::Builder::from_custom_bytes(half).into_uuid();
    // Its events are numbered one after the other.
    plugins::hold(tx, ctx.company, &digest.to_string()).await?;
    let aggregate_seq = outbox::next(tx, ctx.company, aggregate_id).await?;
    let event = Event { aggregate: "plugin", aggregate_id, aggregate_seq, event, version: 1, body };
    Ok(outbox::insert(tx, ctx.company, now, &event).await?)
}
