//! Who signed a version, and what it went through elsewhere.

use qudao_app::{PastBinding, PastImport, PastRevision, PastSignature, PastStep, PluginPage, SignedBy};
use qudao_domain::bindings::WHOLE_SHARE;
use qudao_domain::time::Instant;
use qudao_store::signatures::Signature;
use serde::Serialize;
use std::cmp::Reverse;

use super::shown::ScopeView;

/// How many events of each history are shown.
const SHOWN: usize = 60;

/// What a version's signatures are worth now.
pub const fn signed_word(signed_by: SignedBy) -> &'static str {
    match signed_by {
        SignedBy::Nobody => "nobody",
        SignedBy::Revoked => "revoked",
        SignedBy::Trusted => "trusted",
    }
}

/// Who signed a version.
#[derive(Serialize)]
pub struct SigningView {
    /// `nobody`, `revoked` or `trusted`.
    pub by: &'static str,
    /// Whether the company takes and approves signed versions only.
    pub needed: bool,
    pub list: Vec<SignatureView>,
}

#[derive(Serialize)]
pub struct SignatureView {
    pub key: String,
    pub fingerprint: String,
    /// Where the key stands: `trusted` or `revoked`.
    pub state: &'static str,
    pub by: String,
    pub at: Instant,
}

impl SigningView {
    pub fn of(page: &PluginPage) -> Self {
        Self {
            by: signed_word(page.signed_by),
            needed: page.policy.needs_signature,
            list: page.signatures.iter().map(SignatureView::from).collect(),
        }
    }
}

impl From<&Signature> for SignatureView {
    fn from(signature: &Signature) -> Self {
        Self {
            key: signature.key_name.clone(),
            fingerprint: signature.fingerprint.clone(),
            state: if signature.revoked_at.is_some() { "revoked" } else { "trusted" },
            by: signature.recorded_by_name.clone(),
            at: signature.recorded_at,
        }
    }
}

/// What a plugin went through in another company.
#[derive(Serialize)]
pub struct PastView {
    pub code: String,
    pub name: String,
    pub exported_at: Instant,
    pub version: String,
    /// The latest first.
    pub events: Vec<PastEvent>,
}

/// One of these events. Nothing in it leads anywhere: it happened elsewhere.
#[derive(Serialize)]
pub struct PastEvent {
    pub event: &'static str,
    pub revision: i64,
    pub scope: Option<ScopeView>,
    /// The program's code there.
    pub program: Option<String>,
    pub share: i64,
    pub by: String,
    pub at: Instant,
    pub reason: String,
}

impl PastView {
    pub fn of(import: &PastImport, version: &str) -> Self {
        let history = &import.history;
        let steps = history.steps.iter().map(PastEvent::from);
        // Settings 1 came with the upload.
        let settings = history.revisions.iter().filter(|past| past.number > 1).map(PastEvent::from);
        let bindings = history.bindings.iter().map(PastEvent::from);
        let signatures = history.signatures.iter().map(PastEvent::from);
        let mut events: Vec<PastEvent> = steps.chain(settings).chain(bindings).chain(signatures).collect();
        events.sort_by_key(|event| Reverse(event.at));
        events.truncate(SHOWN);
        Self {
            code: import.source.code.clone(),
            name: import.source.name.clone(),
            exported_at: import.exported_at,
            version: version.to_owned(),
            events,
        }
    }
}

impl PastEvent {
    fn plain(event: &'static str, by: &str, at: Instant, reason: &str) -> Self {
        Self {
            event,
            revision: 0,
            scope: None,
            program: None,
            share: WHOLE_SHARE,
            by: by.to_owned(),
            at,
            reason: reason.to_owned(),
        }
    }
}

impl From<&PastStep> for PastEvent {
    fn from(step: &PastStep) -> Self {
        Self::plain(step.step.as_str(), &step.by, step.at, &step.reason)
    }
}

impl From<&PastRevision> for PastEvent {
    fn from(past: &PastRevision) -> Self {
        Self { revision: past.number, ..Self::plain("settings", &past.by, past.at, &past.note) }
    }
}

impl From<&PastBinding> for PastEvent {
    fn from(past: &PastBinding) -> Self {
        let event = if past.automatic { "rolled-back-automatically" } else { "activated" };
        Self {
            revision: past.revision,
            scope: Some(ScopeView { kind: past.scope.as_str(), value: past.scope_value.clone() }),
            program: past.program.clone(),
            share: past.share,
            ..Self::plain(event, &past.by, past.from, &past.reason)
        }
    }
}

impl From<&PastSignature> for PastEvent {
    fn from(past: &PastSignature) -> Self {
        Self::plain("signed", &past.by, past.at, &past.key_name)
    }
}
