//! A plugin with its history as one file: given away, and taken in elsewhere.

mod archive;
mod history;

use crate::bindings::check_reason;
use crate::errors::{AppError, Issue, Result};
use crate::plugins::{NewVersion, Numbered, Uploaded, keep_revision, keep_version, tell_of_plugin, uploaded};
use crate::threads::off_thread;
use crate::{App, Context, signing};
use archive::{FORMAT, NotAnExport, Package, VERSION};
use history::{Histories, Manifest, Named};
use qudao_domain::contract::Descriptor;
use qudao_domain::lifecycle::PluginStep;
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_engine::Digest;
use qudao_engine::schema::SettingsSchema;
use qudao_store::lifecycle::{self, NewStep};
use qudao_store::plugin_imports::{self, Imported, NewImported};
use qudao_store::plugins::{self, Plugin};
use qudao_store::{Tx, audit, bindings, components, revisions, signatures};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

pub use history::{PastBinding, PastHistory, PastImport, PastRevision, PastSignature, PastStep, Source};

/// The largest file that is read as an export.
pub const MAX_EXPORT_BYTES: usize = 32 * 1024 * 1024;
/// The most settings that an export may bring.
const MOST_REVISIONS: usize = 2_000;
/// The longest code and name of a company that an export may say it comes from, in characters.
const MOST_NAME: usize = 200;

/// An export, ready to be kept as a file.
#[derive(Debug, Clone)]
pub struct PluginExport {
    /// What to call the file.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What became of an import.
#[derive(Debug, Clone, serde::Serialize)]
pub struct PluginImported {
    /// The plugin.
    #[serde(flatten)]
    pub plugin: Uploaded,
    /// From whom.
    pub source: Source,
    /// Numbers of the settings that were made.
    pub revisions: Vec<i64>,
    /// How many histories were new here.
    pub histories: usize,
}

impl App {
    /// Gives a plugin away as one file: component, what it says of itself, report, signatures, settings, and what was
    /// done to it. People stand in it by their names alone.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Conflict`] `export-too-large` when its history is too long for one file.
    pub async fn export_plugin(&self, ctx: &Context, digest: &str) -> Result<PluginExport> {
        ctx.whole_company(Action::PluginsRead)?;
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let package = packed(&mut tx, ctx, now, digest).await?;
        drop(tx);
        let Named { name, version, .. } = &package.manifest.plugin;
        let file_name = format!("{name}-{version}.qudao-plugin.zip");
        let bytes = off_thread(move || archive::write(&package)).await?.map_err(|error| match error {
            NotAnExport::TooLarge { part, .. } => {
                AppError::conflict("export-too-large", error_words(&part)).with("part", part)
            }
            other => AppError::Internal(other.to_string()),
        })?;
        let mut tx = self.db().write(ctx.company).await?;
        let detail = json!({ "digest": digest, "bytes": bytes.len() });
        let subject = format!("plugin {digest}");
        audit::record(&mut tx, ctx.company, now, ctx.user, "plugin.exported", &subject, &detail).await?;
        tx.commit().await?;
        Ok(PluginExport { file_name, bytes })
    }

    /// Takes in what [`App::export_plugin`] gave: through every check of an upload, and never approved. A new plugin
    /// gets its settings under their numbers; to a known one those are added that it does not have. What it went
    /// through elsewhere is kept apart from what was done here.
    ///
    /// # Errors
    /// [`AppError::Invalid`] at `/file` for a file that is none, was changed, or does not fit together; at
    /// `/signature`, and [`AppError::Upload`], as [`App::upload_signed_plugin`]. Nothing is stored then.
    pub async fn import_plugin(&self, ctx: &Context, file: Vec<u8>) -> Result<PluginImported> {
        ctx.whole_company(Action::PluginsUpload)?;
        ctx.whole_company(Action::SettingsWrite)?;
        if file.len() > MAX_EXPORT_BYTES {
            let part = "the file".to_owned();
            return Err(not_taken(&NotAnExport::TooLarge { part, limit: MAX_EXPORT_BYTES as u64 }));
        }
        let mut package =
            off_thread(move || archive::read(&file)).await?.map_err(|error| not_taken(&error))?;
        check_manifest(&package.manifest)?;
        let (digest, mut component) = self.inspect(std::mem::take(&mut package.component)).await?;
        if digest.to_string() != package.manifest.plugin.digest {
            return Err(not_taken(&NotAnExport::Damaged("component.wasm".to_owned())));
        }
        let mut tx = self.db().read(ctx.company).await?;
        let lines = trusted_lines(&mut tx, ctx, &digest, &package.signatures).await?;
        signing::admitted(&mut tx, ctx, &digest, lines.first().map(String::as_str)).await?;
        let known = plugins::find(&mut tx, ctx.company, &digest.to_string()).await?;
        drop(tx);
        let verified = match &known {
            Some(_) => None,
            None => Some(self.verify(ctx, &mut component).await?),
        };
        let about = verified.as_ref().map(|verified| &verified.descriptor);
        let about = about.or(known.as_ref().map(|plugin| &plugin.descriptor));
        let about = about.ok_or_else(|| AppError::Internal("neither known nor verified".to_owned()))?;
        check_descriptor(&package, about)?;
        let settings = settings_of(about, &package.histories.own.revisions)?;
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let mut bring =
            Bring { ctx, now, digest, package: &package, settings, made: Vec::new(), histories: 0 };
        let new = match &verified {
            Some(verified) => {
                let source = &package.manifest.source;
                let reason = format!("{} ({})", source.name, source.code);
                let version = NewVersion {
                    verified,
                    component: &component,
                    step: PluginStep::Imported,
                    reason: &reason,
                    settings: bring.settings.clone(),
                };
                keep_version(&mut tx, ctx, now, &version).await?
            }
            None => false,
        };
        bring.rest(&mut tx, new).await?;
        let signed_by = bring.sign(&mut tx).await?;
        let (revisions, histories) = (bring.made, bring.histories);
        let kept = plugins::find(&mut tx, ctx.company, &digest.to_string()).await?;
        tx.commit().await?;
        let kept = kept.ok_or_else(|| AppError::Internal(format!("plugin {digest} was not kept")))?;
        let plugin = uploaded(kept, !new, signed_by)?;
        Ok(PluginImported { plugin, source: package.manifest.source, revisions, histories })
    }
}

/// An import under way, in its transaction.
struct Bring<'a> {
    ctx: &'a Context,
    now: Instant,
    digest: Digest,
    package: &'a Package,
    /// Settings as they are kept here, with their notes.
    settings: Vec<(String, String)>,
    made: Vec<i64>,
    histories: usize,
}

impl Bring<'_> {
    /// Everything but the version itself. To a known one a step is added when anything was new.
    async fn rest(&mut self, tx: &mut Tx, new: bool) -> Result<()> {
        let digest = self.digest.to_string();
        plugins::hold(tx, self.ctx.company, &digest).await?;
        if new {
            self.made = (1..).take(self.settings.len()).collect();
        } else {
            self.append(tx, &digest).await?;
        }
        let manifest = &self.package.manifest;
        let own = PastImport {
            source: manifest.source.clone(),
            exported_at: manifest.exported_at,
            history: self.package.histories.own.clone(),
        };
        for import in self.package.histories.imported.iter().chain([&own]) {
            self.histories += usize::from(self.keep_history(tx, &digest, import).await?);
        }
        if new || (self.made.is_empty() && self.histories == 0) {
            return Ok(());
        }
        let source = &manifest.source;
        let reason = format!("{} ({})", source.name, source.code);
        let step = NewStep { step: PluginStep::Imported, reason: &reason, by: self.ctx.user, at: self.now };
        lifecycle::record(tx, self.ctx.company, &digest, &step).await?;
        let about = json!({ "digest": digest, "source": source, "revisions": self.made });
        let subject = format!("plugin {digest}");
        let (company, user) = (self.ctx.company, self.ctx.user);
        audit::record(tx, company, self.now, user, "plugin.imported", &subject, &about).await?;
        tell_of_plugin(tx, self.ctx, self.now, &self.digest, "plugin.imported", about).await
    }

    /// Settings that the plugin does not have here become its next ones.
    async fn append(&mut self, tx: &mut Tx, digest: &str) -> Result<()> {
        let known = revisions::all(tx, self.ctx.company, digest, i64::MAX).await?;
        let mut next = known.first().map_or(1, |latest| latest.number + 1);
        let mut texts: Vec<&str> = known.iter().map(|revision| revision.settings.as_str()).collect();
        for (settings, note) in &self.settings {
            if texts.contains(&settings.as_str()) {
                continue;
            }
            texts.push(settings);
            let numbered = Numbered { number: next, settings, note };
            keep_revision(tx, self.ctx, self.now, &self.digest, &numbered).await?;
            self.made.push(next);
            next += 1;
        }
        Ok(())
    }

    async fn keep_history(&self, tx: &mut Tx, digest: &str, import: &PastImport) -> Result<bool> {
        let history = serde_json::to_string(&import.history);
        let history = history.map_err(|error| AppError::Internal(error.to_string()))?;
        let Source { code, name } = &import.source;
        let sha256 = hex::encode(Sha256::digest(format!("{code}\n{name}\n{history}")));
        let new = NewImported {
            source_code: code,
            source_name: name,
            exported_at: import.exported_at,
            history: &history,
            sha256: &sha256,
            by: self.ctx.user,
            at: self.now,
        };
        Ok(plugin_imports::insert(tx, self.ctx.company, digest, &new).await?)
    }

    /// Keeps the signatures by keys that this company trusts, and names the first of these keys.
    async fn sign(&self, tx: &mut Tx) -> Result<Option<String>> {
        let mut first = None;
        // Keys may have been revoked meanwhile, and the policy changed.
        let lines = trusted_lines(tx, self.ctx, &self.digest, &self.package.signatures).await?;
        signing::admitted(tx, self.ctx, &self.digest, lines.first().map(String::as_str)).await?;
        for line in &lines {
            let checked = signing::check(tx, self.ctx, &self.digest, line).await?;
            signing::keep(tx, self.ctx, self.now, &self.digest, &checked).await?;
            first = first.or(Some(checked.key_name));
        }
        Ok(first)
    }
}

/// The signatures that count here: those by other companies' keys, or by keys that are revoked, say nothing to this
/// one. A signature by a key of the company must be good.
async fn trusted_lines(tx: &mut Tx, ctx: &Context, digest: &Digest, text: &str) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match signing::check(tx, ctx, digest, line).await {
            Ok(_) => lines.push(line.to_owned()),
            Err(AppError::Invalid(issues))
                if issues
                    .iter()
                    .all(|issue| matches!(issue.code, "signature-key-unknown" | "signature-key-revoked")) => {
            }
            Err(other) => return Err(other),
        }
    }
    Ok(lines)
}

async fn packed(tx: &mut Tx, ctx: &Context, now: Instant, digest: &str) -> Result<Package> {
    let plugin = plugins::find(tx, ctx.company, digest).await?.ok_or(AppError::NotFound)?;
    let component = components::bytes(tx, ctx.company, digest).await?.ok_or(AppError::NotFound)?;
    let known = signatures::of_plugin(tx, ctx.company, digest).await?;
    let named: Digest = digest.parse().map_err(|_| AppError::NotFound)?;
    let lines = known.iter().rev().filter_map(|signature| signing::line_of(named, signature));
    let steps = lifecycle::steps(tx, ctx.company, digest).await?;
    let settings = revisions::all(tx, ctx.company, digest, i64::MAX).await?;
    let held = bindings::of_plugin(tx, ctx.company, digest).await?;
    let own = PastHistory {
        steps: steps.iter().rev().map(PastStep::from).collect(),
        revisions: settings.iter().rev().map(PastRevision::of).collect::<Result<_>>()?,
        bindings: held.iter().map(PastBinding::from).collect(),
        signatures: known.iter().rev().map(PastSignature::from).collect(),
    };
    let Plugin { kind, name, version, descriptor, report, .. } = plugin;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        source: Source { code: ctx.company_code.clone(), name: ctx.company_name.clone() },
        exported_at: now,
        exported_by: ctx.name.clone(),
        plugin: Named { digest: digest.to_owned(), kind, name, version },
        parts: BTreeMap::new(),
    };
    Ok(Package {
        manifest,
        component,
        descriptor,
        report,
        signatures: lines.map(|line| format!("{line}\n")).collect(),
        histories: Histories { own, imported: past_imports(tx, ctx, digest).await? },
    })
}

/// What a plugin went through elsewhere, in the order in which that came.
pub(crate) async fn past_imports(tx: &mut Tx, ctx: &Context, digest: &str) -> Result<Vec<PastImport>> {
    let kept = plugin_imports::of_plugin(tx, ctx.company, digest).await?;
    kept.into_iter().map(|kept| past_import(digest, kept)).collect()
}

fn past_import(digest: &str, kept: Imported) -> Result<PastImport> {
    let broken = |error| AppError::Internal(format!("history {} of plugin {digest}: {error}", kept.number));
    Ok(PastImport {
        source: Source { code: kept.source_code, name: kept.source_name },
        exported_at: kept.exported_at,
        history: serde_json::from_str(&kept.history).map_err(broken)?,
    })
}

fn error_words(part: &str) -> String {
    format!("the part {part} is too large for one file; it holds too long a history")
}

/// A file that is not taken, at `/file`.
fn not_taken(error: &NotAnExport) -> AppError {
    let issue = |code| Issue::new("/file", code, error.to_string());
    AppError::invalid(match error {
        NotAnExport::NotZip => issue("export-no-zip"),
        NotAnExport::Foreign => issue("export-foreign"),
        NotAnExport::Version(found) => issue("export-version").with("found", found).with("known", VERSION),
        NotAnExport::Parts(part) => issue("export-parts").with("part", part),
        NotAnExport::TooLarge { part, limit } => {
            issue("export-part-too-large").with("part", part).with("limit", limit)
        }
        NotAnExport::Damaged(part) => issue("export-damaged").with("part", part),
        NotAnExport::Unreadable { part, why } => {
            issue("export-unreadable").with("part", part).with("why", why)
        }
    })
}

fn unreadable(part: &str, why: impl ToString) -> AppError {
    not_taken(&NotAnExport::Unreadable { part: part.to_owned(), why: why.to_string() })
}

/// What is kept of it must be what a company could be called, and a moment that a calendar has.
fn check_manifest(manifest: &Manifest) -> Result<()> {
    use chrono::Datelike as _;
    let name = |text: &str| !text.is_empty() && text.chars().count() <= MOST_NAME;
    if !name(&manifest.source.code) || !name(&manifest.source.name) {
        return Err(unreadable(
            "manifest.json",
            format!("its source needs a code and a name of at most {MOST_NAME} characters"),
        ));
    }
    if !(1970..=9999).contains(&manifest.exported_at.utc().year()) {
        return Err(unreadable("manifest.json", "exported_at is no moment of this age"));
    }
    Ok(())
}

/// What the file says of the component must be what the component says of itself.
fn check_descriptor(package: &Package, about: &Descriptor) -> Result<()> {
    let named = &package.manifest.plugin;
    let same = (named.kind, &named.name, &named.version) == (about.kind, &about.name, &about.version);
    if package.descriptor != *about {
        return Err(not_taken(&NotAnExport::Damaged("descriptor.json".to_owned())));
    }
    if same { Ok(()) } else { Err(not_taken(&NotAnExport::Damaged("manifest.json".to_owned()))) }
}

/// Settings in the form in which they are kept, with their notes; they must count from 1 and fit the plugin's schema.
fn settings_of(about: &Descriptor, past: &[PastRevision]) -> Result<Vec<(String, String)>> {
    const PART: &str = "history.json";
    if past.is_empty() || past.len() > MOST_REVISIONS {
        return Err(unreadable(
            PART,
            format!("it has {} settings; 1 to {MOST_REVISIONS} are read", past.len()),
        ));
    }
    let schema = SettingsSchema::parse(&about.settings_schema)
        .map_err(|error| AppError::Internal(format!("schema of plugin {}: {error}", about.name)))?;
    let mut settings = Vec::new();
    for (number, revision) in (1..).zip(past) {
        if revision.number != number {
            return Err(unreadable(PART, format!("settings {number} are missing or out of order")));
        }
        check_reason("/file", &revision.note)?;
        let read = schema.read(revision.settings.get()).map_err(|issues| {
            let first = issues.first().map(|issue| format!("{}: {}", issue.pointer, issue.message));
            let why = format!("settings {number} do not fit the plugin: {}", first.unwrap_or_default());
            unreadable(PART, why)
        })?;
        settings.push((read.to_string(), revision.note.clone()));
    }
    Ok(settings)
}
