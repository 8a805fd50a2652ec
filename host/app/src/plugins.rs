//! Uploaded plugins: taking one in, listing them, and everything that ops wants to know of one.

use crate::bindings::{Dated, dated};
use crate::errors::{AppError, Result};
use crate::exports::{self, PastImport};
use crate::signing::{self, SignedBy};
use crate::threads::off_thread;
use crate::{App, Context};
use qudao_domain::contract::Kind;
use qudao_domain::ids::RevisionId;
use qudao_domain::lifecycle::{PluginStep, Policy};
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_engine::{Digest, Report, Verified};
use qudao_store::bindings::{self, Binding};
use qudao_store::decisions::{self, Listed, Wanted};
use qudao_store::incidents::{self, Incident};
use qudao_store::lifecycle::{self, NewStep, Step};
use qudao_store::outbox::{self, Event};
use qudao_store::plugins::{self, NewPlugin, Plugin, Use};
use qudao_store::revisions::{self, NewRevision, Revision};
use qudao_store::runs::{self, Recorded};
use qudao_store::signatures::{self, Signature};
use qudao_store::{Tx, audit};
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
    /// The name of the key whose signature came along.
    pub signed_by: Option<String>,
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
    /// Who signed it, the latest first.
    pub signatures: Vec<Signature>,
    /// What these signatures are worth now.
    pub signed_by: SignedBy,
    /// What it went through elsewhere, in the order in which that came.
    pub imports: Vec<PastImport>,
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
    /// Takes a plugin in without a signature; see [`App::upload_signed_plugin`].
    ///
    /// # Errors
    /// As [`App::upload_signed_plugin`].
    pub async fn upload_plugin(&self, ctx: &Context, component: Vec<u8>) -> Result<Uploaded> {
        self.upload_signed_plugin(ctx, component, None).await
    }

    /// Takes a plugin in: checks it wholly, keeps it with its default settings as revision 1. The same bytes again
    /// are answered alike and change nothing, but that a signature by another key is added to those it has.
    ///
    /// # Errors
    /// [`AppError::Upload`] when the component is not accepted; [`AppError::Invalid`] at `/signature` when the signature
    /// is not, or is missing where the company wants one. Nothing is stored then.
    pub async fn upload_signed_plugin(
        &self,
        ctx: &Context,
        component: Vec<u8>,
        signature: Option<&str>,
    ) -> Result<Uploaded> {
        ctx.whole_company(Action::PluginsUpload)?;
        let (digest, mut component) = self.inspect(component).await?;
        let mut tx = self.db().read(ctx.company).await?;
        // Before anything is compiled.
        signing::admitted(&mut tx, ctx, &digest, signature).await?;
        let known = plugins::find(&mut tx, ctx.company, &digest.to_string()).await?;
        drop(tx);
        let verified = match known {
            Some(_) => None,
            None => Some(self.verify(ctx, &mut component).await?),
        };
        let new = match &verified {
            Some(verified) => Some(NewVersion::uploaded(verified, &component)?),
            None => None,
        };
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        // The key may have been revoked meanwhile, the policy changed.
        let checked = signing::admitted(&mut tx, ctx, &digest, signature).await?;
        let inserted = match &new {
            Some(new) => keep_version(&mut tx, ctx, now, new).await?,
            None => false,
        };
        if let Some(checked) = &checked {
            signing::keep(&mut tx, ctx, now, &digest, checked).await?;
        }
        let kept = plugins::find(&mut tx, ctx.company, &digest.to_string()).await?;
        tx.commit().await?;
        let kept = kept.ok_or_else(|| AppError::Internal(format!("plugin {digest} was not kept")))?;
        uploaded(kept, !inserted, checked.map(|checked| checked.key_name))
    }

    /// What is surely no plugin is refused before it costs a compilation.
    pub(crate) async fn inspect(&self, component: Vec<u8>) -> Result<(Digest, Vec<u8>)> {
        let engine = self.rules().engine().clone();
        off_thread(move || match engine.inspect(&component) {
            Ok(_) => Ok((Digest::of(&component), component)),
            Err(refusal) => Err(AppError::Upload(Box::new(refusal))),
        })
        .await?
    }

    /// Every check of an upload, the company's quotas first. The bytes are lent to another thread, not copied.
    pub(crate) async fn verify(&self, ctx: &Context, component: &mut Vec<u8>) -> Result<Verified> {
        self.may_upload(ctx, component.len()).await?;
        let (engine, bytes) = (self.rules().engine().clone(), std::mem::take(component));
        let (verified, bytes) = off_thread(move || (engine.verify(&bytes), bytes)).await?;
        *component = bytes;
        verified.map_err(|refusal| AppError::Upload(Box::new(refusal)))
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
        let signatures = signatures::of_plugin(&mut tx, ctx.company, digest).await?;
        Ok(PluginPage {
            signed_by: signing::standing(digest, &signatures),
            signatures,
            imports: exports::past_imports(&mut tx, ctx, digest).await?,
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

    async fn plugin_usage(&self, tx: &mut Tx, ctx: &Context, now: Instant) -> Result<Vec<Use>> {
        Ok(plugins::usage(tx, ctx.company, now.plus_ms(-DAY_MS), now.plus_ms(-7 * DAY_MS)).await?)
    }
}

fn take_usage(usage: &mut Vec<Use>, digest: &str) -> Use {
    let place = usage.iter().position(|used| used.digest == digest);
    place.map_or_else(Use::default, |place| usage.swap_remove(place))
}

pub(crate) fn uploaded(plugin: Plugin, already: bool, signed_by: Option<String>) -> Result<Uploaded> {
    let report = read_report(&plugin)?;
    let Plugin { digest, kind, name, version, .. } = plugin;
    Ok(Uploaded { digest, kind, name, version, report, already, signed_by })
}

/// A version to be kept, with the settings that it begins with.
pub(crate) struct NewVersion<'a> {
    /// What the checks found.
    pub verified: &'a Verified,
    /// Its bytes.
    pub component: &'a [u8],
    /// How it came.
    pub step: PluginStep,
    /// From where; empty for an upload.
    pub reason: &'a str,
    /// Settings and notes of its revisions, from 1 on.
    pub settings: Vec<(String, String)>,
}

impl<'a> NewVersion<'a> {
    /// An upload begins with the default settings.
    fn uploaded(verified: &'a Verified, component: &'a [u8]) -> Result<Self> {
        let settings = verified.schema.read(&verified.descriptor.settings_default);
        let broken = |issues| AppError::Internal(format!("verified settings are refused: {issues:?}"));
        let settings = vec![(settings.map_err(broken)?.to_string(), String::new())];
        Ok(Self { verified, component, step: PluginStep::Uploaded, reason: "", settings })
    }
}

/// Keeps a version as verified, and tells of it; false when the company has it already.
pub(crate) async fn keep_version(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    new: &NewVersion<'_>,
) -> Result<bool> {
    let about = &new.verified.descriptor;
    let named = &new.verified.inspected.digest;
    let digest = named.to_string();
    let report = serde_json::to_value(&new.verified.report);
    let report = report.map_err(|error| AppError::Internal(error.to_string()))?;
    let plugin = NewPlugin {
        digest: &digest,
        contract: &new.verified.inspected.contract,
        descriptor: about,
        report: &report,
        component: new.component,
        uploaded_by: ctx.user,
        uploaded_at: now,
    };
    if !plugins::insert(tx, ctx.company, &plugin).await? {
        return Ok(false);
    }
    let step = NewStep { step: new.step, reason: new.reason, by: ctx.user, at: now };
    lifecycle::record(tx, ctx.company, &digest, &step).await?;
    let body = json!({ "digest": digest, "kind": about.kind, "name": about.name, "version": about.version });
    let subject = format!("plugin {digest}");
    let event = format!("plugin.{}", new.step);
    audit::record(tx, ctx.company, now, ctx.user, &event, &subject, &body).await?;
    tell_of_plugin(tx, ctx, now, named, &event, body).await?;
    for (number, (settings, note)) in (1..).zip(&new.settings) {
        keep_revision(tx, ctx, now, named, &Numbered { number, settings, note }).await?;
    }
    Ok(true)
}

/// Settings that get a number.
pub(crate) struct Numbered<'a> {
    pub number: i64,
    /// As they are kept: checked, keys in order.
    pub settings: &'a str,
    pub note: &'a str,
}

/// Keeps settings and tells of them. Those of number 1 come with the plugin, whose event tells of them.
///
/// # Errors
/// [`qudao_store::StoreError::Conflict`] as an internal error: the plugin must be held.
pub(crate) async fn keep_revision(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    plugin: &Digest,
    numbered: &Numbered<'_>,
) -> Result<()> {
    let digest = plugin.to_string();
    let Numbered { number, settings, note } = *numbered;
    let id = RevisionId::at(now);
    let (created_by, created_at) = (ctx.user, now);
    let new = NewRevision { id, plugin_digest: &digest, number, settings, note, created_by, created_at };
    revisions::insert(tx, ctx.company, &new).await?;
    if number > 1 {
        let about = json!({ "digest": digest, "revision": number, "note": note });
        let subject = format!("plugin {digest}");
        audit::record(tx, ctx.company, now, ctx.user, "settings.saved", &subject, &about).await?;
        tell_of_plugin(tx, ctx, now, plugin, "settings.saved", about).await?;
    }
    Ok(())
}

fn read_report(plugin: &Plugin) -> Result<Report> {
    let read = serde_json::from_value(plugin.report.clone());
    read.map_err(|error| AppError::Internal(format!("report of plugin {}: {error}", plugin.digest)))
}

/// Tells of something that happened to a plugin. A plugin has no UUID, so its aggregate is named by the first half of
/// its digest.
pub(crate) async fn tell_of_plugin(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    digest: &Digest,
    event: &str,
    body: serde_json::Value,
) -> Result<()> {
    let aggregate_id = aggregate_of(digest);
    // Its events are numbered one after the other.
    plugins::hold(tx, ctx.company, &digest.to_string()).await?;
    let aggregate_seq = outbox::next(tx, ctx.company, aggregate_id).await?;
    let event = Event { aggregate: "plugin", aggregate_id, aggregate_seq, event, version: 1, body };
    Ok(outbox::insert(tx, ctx.company, now, &event).await?)
}

/// What events name something by that has a digest and no UUID: the first half of the digest.
pub(crate) fn aggregate_of(digest: &Digest) -> uuid::Uuid {
    let mut half = [0; 16];
    half.copy_from_slice(&digest.as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(half).into_uuid()
}
