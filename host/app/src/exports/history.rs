//! What a plugin went through, as text that another company can keep: nothing here is an id of this database.

use crate::errors::{AppError, Result};
use qudao_domain::bindings::{OnFailure, ScopeKind};
use qudao_domain::contract::Kind;
use qudao_domain::lifecycle::PluginStep;
use qudao_domain::time::Instant;
use qudao_store::bindings::Binding;
use qudao_store::lifecycle::Step;
use qudao_store::revisions::Revision;
use qudao_store::signatures::Signature;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A company, by the names that people know it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// What a plugin went through in one company, each part in the order in which it happened.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastHistory {
    /// What was done to it.
    pub steps: Vec<PastStep>,
    /// Its settings.
    pub revisions: Vec<PastRevision>,
    /// Where it held.
    pub bindings: Vec<PastBinding>,
    /// Who signed it.
    pub signatures: Vec<PastSignature>,
}

/// Something that was done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastStep {
    /// What.
    pub step: PluginStep,
    /// Why.
    pub reason: String,
    /// The name of who did it.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// Settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastRevision {
    /// Counts from 1.
    pub number: i64,
    /// The settings, byte for byte.
    pub settings: Box<RawValue>,
    /// Why they were changed.
    pub note: String,
    /// The name of who saved them.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// Where it held.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastBinding {
    /// What was covered.
    pub scope: ScopeKind,
    /// A region, a tier or a dealer's code.
    pub scope_value: String,
    /// The program's code, for incentives.
    pub program: Option<String>,
    /// Number of the settings.
    pub revision: i64,
    /// For how many of a hundred dealers.
    pub share: i64,
    /// What happened when it failed.
    pub on_failure: OnFailure,
    /// Whether the breaker made it hold.
    pub automatic: bool,
    /// Why.
    pub reason: String,
    /// Since when.
    pub from: Instant,
    /// The name of who made it hold.
    pub by: String,
    /// When they did.
    pub at: Instant,
}

/// Who signed it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastSignature {
    /// Fingerprint of the key.
    pub key: String,
    /// Its name there.
    pub key_name: String,
    /// The name of who brought the signature.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// A history that came from elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastImport {
    /// From whom.
    pub source: Source,
    /// When they gave it away.
    pub exported_at: Instant,
    /// The history.
    pub history: PastHistory,
}

/// The part `history.json` of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histories {
    /// What the plugin went through in the company that exports it.
    pub own: PastHistory,
    /// What it went through before, elsewhere.
    pub imported: Vec<PastImport>,
}

/// The part `manifest.json` of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always the same word: what the file is.
    pub format: String,
    /// Version of the file's shape.
    pub version: i64,
    /// Who exports.
    pub source: Source,
    /// When.
    pub exported_at: Instant,
    /// The name of who did.
    pub exported_by: String,
    /// Which plugin.
    pub plugin: Named,
    /// Every other part of the file.
    pub parts: BTreeMap<String, Part>,
}

/// A plugin by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// SHA-256 of the component.
    pub digest: String,
    /// What it decides.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What a part of the file must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its bytes.
    pub size: u64,
    /// Their SHA-256, in hex.
    pub sha256: String,
}

impl From<&Step> for PastStep {
    fn from(step: &Step) -> Self {
        Self {
            step: step.step,
            reason: step.reason.clone(),
            by: step.taken_by_name.clone(),
            at: step.taken_at,
        }
    }
}

impl PastRevision {
    /// # Errors
    /// [`AppError::Internal`] when what is stored is no JSON.
    pub fn of(revision: &Revision) -> Result<Self> {
        let settings = RawValue::from_string(revision.settings.clone());
        let broken = |error| AppError::Internal(format!("settings {}: {error}", revision.id));
        Ok(Self {
            number: revision.number,
            settings: settings.map_err(broken)?,
            note: revision.note.clone(),
            by: revision.created_by_name.clone(),
            at: revision.created_at,
        })
    }
}

impl From<&Binding> for PastBinding {
    fn from(binding: &Binding) -> Self {
        Self {
            scope: binding.slot.scope_kind,
            scope_value: binding.slot.scope_value.clone(),
            program: binding.program.clone(),
            revision: binding.revision,
            share: binding.share,
            on_failure: binding.on_failure,
            automatic: binding.automatic,
            reason: binding.reason.clone(),
            from: binding.effective_from,
            by: binding.created_by_name.clone(),
            at: binding.created_at,
        }
    }
}

impl From<&Signature> for PastSignature {
    fn from(signature: &Signature) -> Self {
        Self {
            key: signature.fingerprint.clone(),
            key_name: signature.key_name.clone(),
            by: signature.recorded_by_name.clone(),
            at: signature.recorded_at,
        }
    }
}
