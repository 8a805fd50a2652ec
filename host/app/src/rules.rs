//! The plugins at work: found, loaded, and what is kept of their failures.

use crate::errors::{AppError, Result};
use crate::threads::off_thread;
use crate::{App, Context};
use qudao_domain::contract::{Attribute, Descriptor, Kind, Text, Value};
use qudao_domain::ids::CompanyId;
use qudao_engine::{Digest, Engine, Plugin, RuleFailure};
use qudao_store::bindings::Live;
use qudao_store::runs::Run;
use qudao_store::{Db, components};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Which rule decided, for people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RuleLine {
    /// The plugin's title.
    pub name: Text,
    /// Its version.
    pub version: String,
    /// Its settings' revision.
    pub revision: i64,
}

/// Loads and runs plugins.
pub struct Rules {
    engine: Engine,
}

impl Rules {
    /// Over an engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The plugin with a digest, ready to run. Only what a company uploaded is found for it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has no such plugin; [`AppError::Internal`] when it cannot be loaded.
    pub async fn plugin(&self, db: &Db, company: CompanyId, digest: &str) -> Result<Arc<Plugin>> {
        let known: Digest = digest.parse().map_err(|_| AppError::NotFound)?;
        if let Some(plugin) = self.engine.loaded(&known) {
            return Ok(plugin);
        }
        let mut tx = db.read(company).await?;
        let bytes = components::bytes(&mut tx, company, digest).await?.ok_or(AppError::NotFound)?;
        drop(tx);
        let engine = self.engine.clone();
        let loaded = off_thread(move || engine.load(&known, &bytes)).await?;
        loaded.map_err(|error| AppError::Internal(format!("plugin {digest}: {error}")))
    }
}

impl App {
    /// Records that a plugin failed on a question, and gives the error that says so.
    pub(crate) async fn rule_failed(
        &self,
        ctx: &Context,
        kind: Kind,
        subject: String,
        live: &Live,
        input: Vec<u8>,
        failure: RuleFailure,
    ) -> AppError {
        let record = Run {
            kind,
            dealer: dealer_in(&subject),
            subject,
            plugin_digest: live.plugin_digest.clone(),
            revision_id: live.revision_id,
            binding_id: live.binding_id,
            at: self.clock().now(),
            input_hash: sha256_hex(&input),
            input,
            output: None,
            outcome: failure.error.as_str().to_owned(),
            detail: failure.detail.clone(),
            backtrace: failure.backtrace.clone(),
            fuel: whole(failure.fuel),
            elapsed_us: whole(failure.elapsed_us),
        };
        let kept = async {
            self.record_failure(ctx, &record).await?;
            self.count_failure(ctx, live, &record.outcome).await
        };
        match kept.await {
            Ok(()) => AppError::Rule { kind, failure: Box::new(failure) },
            Err(error) => error,
        }
    }

    async fn record_failure(&self, ctx: &Context, failure: &Run) -> Result<()> {
        let (kind, plugin, error) = (failure.kind, &failure.plugin_digest, &failure.outcome);
        tracing::error!(company = %ctx.company_code, %kind, %plugin, %error, detail = %failure.detail, "a plugin failed");
        self.keep_run(ctx, failure).await
    }
}

/// The dealer that a subject names: `dealer D1 2026-Q1` is about D1.
fn dealer_in(subject: &str) -> String {
    let mut words = subject.split_whitespace();
    let is_dealer = words.next() == Some("dealer");
    words.next().filter(|_| is_dealer).unwrap_or_default().to_owned()
}

/// Those of a JSON object's fields that a plugin reads, as the contract's values: a string is text, a whole number a
/// number, true and false a flag; anything else must already be a tagged value such as `{"percent": "0.05"}`.
pub(crate) fn attributes(json: &serde_json::Value, reads: &[String]) -> Vec<Attribute> {
    let value = |json: &serde_json::Value| match json {
        serde_json::Value::String(text) => Some(Value::Text(text.clone())),
        serde_json::Value::Bool(flag) => Some(Value::Flag(*flag)),
        serde_json::Value::Number(number) => number.to_string().parse().ok().map(Value::Number),
        other => serde_json::from_value(other.clone()).ok(),
    };
    let read = |key: &String| Some(Attribute { key: key.clone(), value: value(json.get(key)?)? });
    reads.iter().filter_map(read).collect()
}

/// What people are told of the rule that decided.
pub(crate) fn rule_line(descriptor: &Descriptor, revision: i64) -> RuleLine {
    RuleLine { name: descriptor.title.clone(), version: descriptor.version.clone(), revision }
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A count as the database keeps it.
pub(crate) fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
