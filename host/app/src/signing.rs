//! The keys that a company trusts, and whether a component is signed by one of them.

use crate::bindings::check_reason;
use crate::errors::{AppError, Issue, Result};
use crate::plugins::{aggregate_of, tell_of_plugin};
use crate::signatures::{PublicKey, SignatureLine};
use crate::{App, Context};
use qudao_domain::lifecycle::Policy;
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_engine::Digest;
use qudao_store::lifecycle;
use qudao_store::outbox::{self, Event};
use qudao_store::plugins::Plugin;
use qudao_store::signatures::{self, NewSignature, Signature};
use qudao_store::signing_keys::{self, NewSigningKey, SigningKey};
use qudao_store::{Tx, audit};
use serde_json::json;
use std::collections::HashSet;

/// A version that holds now although a key that signed it is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveByRevokedKey {
    /// The key.
    pub fingerprint: String,
    /// The plugin.
    pub digest: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether another key signed it that holds.
    pub vouched: bool,
}

/// The longest name of a key, in characters.
const MOST_NAME: usize = 60;

impl App {
    /// The keys that the company trusts or trusted.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn signing_keys(&self, ctx: &Context) -> Result<Vec<SigningKey>> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(signing_keys::all(&mut tx, ctx.company).await?)
    }

    /// The versions that hold somewhere now and that a key signed which is revoked, once for each such key, by name and
    /// version. Nothing stops them by itself: somebody should look.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn live_by_revoked_keys(&self, ctx: &Context) -> Result<Vec<LiveByRevokedKey>> {
        let live = self.live_bindings(ctx).await?;
        let mut tx = self.db().read(ctx.company).await?;
        let (mut seen, mut found) = (HashSet::new(), Vec::new());
        for binding in live {
            if !seen.insert(binding.plugin_digest.clone()) {
                continue;
            }
            let known = signatures::of_plugin(&mut tx, ctx.company, &binding.plugin_digest).await?;
            let vouched = standing(&binding.plugin_digest, &known) == SignedBy::Trusted;
            let revoked = known.into_iter().filter(|signature| signature.revoked_at.is_some());
            found.extend(revoked.map(|signature| LiveByRevokedKey {
                fingerprint: signature.fingerprint,
                digest: binding.plugin_digest.clone(),
                name: binding.plugin_name.clone(),
                version: binding.plugin_version.clone(),
                vouched,
            }));
        }
        found.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
        Ok(found)
    }

    /// Trusts a public key, written in PEM.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for all but the company's administrator; [`AppError::Invalid`] for a name or a key that
    /// is none; [`AppError::Conflict`] `signing-key-known`, or `signing-key-was-revoked`: a key that was revoked is
    /// never trusted again.
    pub async fn add_signing_key(&self, ctx: &Context, name: &str, pem: &str) -> Result<SigningKey> {
        ctx.whole_company(Action::PluginsPolicy)?;
        let name = name.trim();
        let mut issues = Vec::new();
        if name.is_empty() {
            issues.push(Issue::new("/name", "required", "say whose key it is"));
        } else if name.chars().count() > MOST_NAME {
            let message = format!("write at most {MOST_NAME} characters");
            issues.push(Issue::new("/name", "max-length", message).with("limit", MOST_NAME));
        }
        let key = PublicKey::parse(pem);
        let key =
            key.map_err(|error| issues.push(Issue::new("/public_key", key_code(error), error.to_string())));
        let (Ok(key), true) = (key, issues.is_empty()) else { return Err(AppError::Invalid(issues)) };
        let now = self.clock().now();
        let fingerprint = key.fingerprint();
        let new = NewSigningKey {
            fingerprint: &fingerprint,
            name,
            public_key: key.as_bytes(),
            by: ctx.user,
            at: now,
        };
        let mut tx = self.db().write(ctx.company).await?;
        let inserted = signing_keys::insert(&mut tx, ctx.company, &new).await?;
        let kept = found(&mut tx, ctx, &fingerprint).await?;
        if !inserted {
            return Err(known_already(&kept));
        }
        tell_of_key(&mut tx, ctx, now, &kept, "signing-key.added").await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// Trusts a key no longer, for ever. What it signed stays as it is; see [`App::approve_plugin`].
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for all but the company's administrator; [`AppError::NotFound`]; [`AppError::Invalid`]
    /// without a reason; [`AppError::Conflict`] `signing-key-was-revoked`.
    pub async fn revoke_signing_key(
        &self,
        ctx: &Context,
        fingerprint: &str,
        reason: &str,
    ) -> Result<SigningKey> {
        ctx.whole_company(Action::PluginsPolicy)?;
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let key = found(&mut tx, ctx, fingerprint).await?;
        check_reason("/reason", reason)?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(AppError::invalid(Issue::new("/reason", "required", "say why it is revoked")));
        }
        if !signing_keys::revoke(&mut tx, ctx.company, fingerprint, ctx.user, now, reason).await? {
            return Err(known_already(&key));
        }
        let key = found(&mut tx, ctx, fingerprint).await?;
        tell_of_key(&mut tx, ctx, now, &key, "signing-key.revoked").await?;
        tx.commit().await?;
        Ok(key)
    }
}

const fn key_code(error: crate::signatures::NotAKey) -> &'static str {
    use crate::signatures::NotAKey::{Private, Unreadable, Weak};
    match error {
        Private => "key-private",
        Unreadable => "key-unreadable",
        Weak => "key-weak",
    }
}

async fn found(tx: &mut Tx, ctx: &Context, fingerprint: &str) -> Result<SigningKey> {
    signing_keys::find(tx, ctx.company, fingerprint).await?.ok_or(AppError::NotFound)
}

fn known_already(key: &SigningKey) -> AppError {
    if key.revoked_at.is_none() {
        let message = format!("the company has this key already, as {}", key.name);
        return AppError::conflict("signing-key-known", message).with("name", &key.name);
    }
    let message = format!("this key ({}) was revoked and is never trusted again; make a new one", key.name);
    AppError::conflict("signing-key-was-revoked", message).with("name", &key.name)
}

/// Audit and event. A key has no UUID: it is named by the first half of its fingerprint.
async fn tell_of_key(tx: &mut Tx, ctx: &Context, now: Instant, key: &SigningKey, what: &str) -> Result<()> {
    let body = json!({ "fingerprint": key.fingerprint, "name": key.name, "reason": key.revoked_reason });
    let subject = format!("signing key {}", key.fingerprint);
    audit::record(tx, ctx.company, now, ctx.user, what, &subject, &body).await?;
    let named: Digest =
        key.fingerprint.parse().map_err(|_| AppError::Internal(format!("key {}", key.fingerprint)))?;
    let aggregate_id = aggregate_of(&named);
    let aggregate_seq = outbox::next(tx, ctx.company, aggregate_id).await?;
    let event =
        Event { aggregate: "signing-key", aggregate_id, aggregate_seq, event: what, version: 1, body };
    Ok(outbox::insert(tx, ctx.company, now, &event).await?)
}

/// A signature that the company takes, with the name of its key.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    line: SignatureLine,
    /// The key's name.
    pub key_name: String,
}

/// Reads a signature and looks whether one of the company's keys made it for this component.
///
/// # Errors
/// [`AppError::Invalid`] at `/signature`, with what is wrong and how to mend it.
pub(crate) async fn check(tx: &mut Tx, ctx: &Context, digest: &Digest, text: &str) -> Result<Checked> {
    let line = SignatureLine::parse(text).map_err(|error| {
        AppError::invalid(Issue::new("/signature", "signature-format", error.to_string()))
    })?;
    if line.digest != *digest {
        let message = format!(
            "the signature is for another file (SHA-256 {}), this one is {digest}; sign this file again",
            line.digest
        );
        let issue = Issue::new("/signature", "signature-other-file", message);
        return Err(AppError::invalid(issue.with("signed", line.digest).with("digest", digest)));
    }
    let key = signing_keys::find(tx, ctx.company, &line.fingerprint).await?;
    let Some(key) = key else {
        let message = format!(
            "the key {} is none of the company's; sign with one of them, or have an administrator add it",
            line.fingerprint
        );
        let issue = Issue::new("/signature", "signature-key-unknown", message);
        return Err(AppError::invalid(issue.with("key", line.fingerprint)));
    };
    if key.revoked_at.is_some() {
        let message = format!("the key {} was revoked ({}); sign with another", key.name, key.revoked_reason);
        let issue = Issue::new("/signature", "signature-key-revoked", message);
        return Err(AppError::invalid(issue.with("name", key.name).with("reason", key.revoked_reason)));
    }
    let public = public_key(&key.public_key)?;
    if !line.is_by(&public) {
        let message = format!(
            "the signature is not by the key {} for this file, or was changed since; sign the file again",
            key.name
        );
        let issue = Issue::new("/signature", "signature-wrong", message);
        return Err(AppError::invalid(issue.with("name", key.name)));
    }
    Ok(Checked { line, key_name: key.name })
}

fn public_key(bytes: &[u8]) -> Result<PublicKey> {
    PublicKey::from_bytes(bytes).map_err(|error| AppError::Internal(format!("a stored key: {error}")))
}

/// Keeps a signature of a plugin that the company has, and tells of it; false when the key signed it before.
pub(crate) async fn keep(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    digest: &Digest,
    checked: &Checked,
) -> Result<bool> {
    let bytes = checked.line.bytes();
    let fingerprint = &checked.line.fingerprint;
    let new = NewSignature { fingerprint, signature: &bytes, by: ctx.user, at: now };
    let named = digest.to_string();
    let inserted = signatures::insert(tx, ctx.company, &named, &new).await?;
    if inserted {
        let about = json!({ "digest": named, "key": fingerprint, "key_name": checked.key_name });
        let subject = format!("plugin {named}");
        audit::record(tx, ctx.company, now, ctx.user, "plugin.signed", &subject, &about).await?;
        tell_of_plugin(tx, ctx, now, digest, "plugin.signed", about).await?;
    }
    Ok(inserted)
}

/// What comes in: a signature that is given must be good, and where the company wants one there must be one.
///
/// # Errors
/// As [`check`]; [`AppError::Invalid`] `signature-required`.
pub(crate) async fn admitted(
    tx: &mut Tx,
    ctx: &Context,
    digest: &Digest,
    signature: Option<&str>,
) -> Result<Option<Checked>> {
    match signature.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => Ok(Some(check(tx, ctx, digest, text).await?)),
        None => {
            required(tx, ctx, digest).await?;
            Ok(None)
        }
    }
}

/// Where the company wants signatures: a component without one is not taken in, unless it is known with a good one.
///
/// # Errors
/// [`AppError::Invalid`] `signature-required`.
async fn required(tx: &mut Tx, ctx: &Context, digest: &Digest) -> Result<()> {
    if !lifecycle::policy(tx, ctx.company).await?.needs_signature {
        return Ok(());
    }
    let named = digest.to_string();
    let known = signatures::of_plugin(tx, ctx.company, &named).await?;
    if standing(&named, &known) != SignedBy::Trusted {
        let message = "the company takes signed plugins only: sign the file with `qudao plugin sign FILE.wasm --key KEY` and send the signature along";
        return Err(AppError::invalid(Issue::new("/signature", "signature-required", message)));
    }
    Ok(())
}

/// Whether a version may be approved as far as its signatures go.
///
/// # Errors
/// [`AppError::Conflict`] `plugin-unsigned`, or `plugin-key-revoked` when every key that signed it is revoked.
pub(crate) async fn approvable(tx: &mut Tx, ctx: &Context, plugin: &Plugin, policy: &Policy) -> Result<()> {
    if !policy.needs_signature {
        return Ok(());
    }
    let known = signatures::of_plugin(tx, ctx.company, &plugin.digest).await?;
    match standing(&plugin.digest, &known) {
        SignedBy::Trusted => Ok(()),
        SignedBy::Revoked => {
            let message = "every key that signed this version is revoked; upload the same file with a signature by a key that holds";
            Err(AppError::conflict("plugin-key-revoked", message))
        }
        SignedBy::Nobody => {
            let message = "this version is not signed, and the company wants that; upload the same file with a signature";
            Err(AppError::conflict("plugin-unsigned", message))
        }
    }
}

/// What the signatures of a version are worth now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedBy {
    /// Nobody signed it.
    Nobody,
    /// Only keys that are revoked by now.
    Revoked,
    /// A key that holds.
    Trusted,
}

/// What the signatures of a version are worth now.
pub(crate) fn standing(digest: &str, known: &[Signature]) -> SignedBy {
    if known.iter().any(|signature| holds(digest, signature)) {
        SignedBy::Trusted
    } else if known.is_empty() {
        SignedBy::Nobody
    } else {
        SignedBy::Revoked
    }
}

/// Looked at again each time: what is stored is not trusted for being stored.
fn holds(digest: &str, signature: &Signature) -> bool {
    let line = digest.parse().ok().and_then(|digest| line_of(digest, signature));
    let key = PublicKey::from_bytes(&signature.public_key).ok();
    signature.revoked_at.is_none() && line.zip(key).is_some_and(|(line, key)| line.is_by(&key))
}

/// A kept signature as it is written.
pub(crate) fn line_of(digest: Digest, signature: &Signature) -> Option<SignatureLine> {
    SignatureLine::of(digest, &signature.fingerprint, &signature.signature).ok()
}
