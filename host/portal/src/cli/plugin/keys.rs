//! `qudao plugin key`: the keys that a company trusts.

use anyhow::Context as _;
use clap::Subcommand;
use qudao_app::AppError;
use qudao_store::signing_keys::SigningKey;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

use super::{Env, Who, open, tell};

/// What to do with the keys that a company trusts.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Trust a public key.
    Add {
        /// Whose it is.
        name: String,
        /// The public key in PEM, as `qudao plugin keygen` wrote it to FILE.pub.
        file: PathBuf,
        #[command(flatten)]
        who: Who,
    },
    /// List the keys, with where they stand.
    List {
        #[command(flatten)]
        who: Who,
    },
    /// Trust a key no longer, for ever.
    Revoke {
        /// The key's fingerprint, or its first digits.
        fingerprint: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        who: Who,
    },
}

/// Runs the subcommand.
///
/// # Errors
/// An [`AppError`] when it is refused.
pub async fn run(env: &Env, command: KeyCommand) -> anyhow::Result<()> {
    match command {
        KeyCommand::Add { name, file, who } => {
            let pem = std::fs::read_to_string(&file)
                .with_context(|| format!("{} cannot be read as text", file.display()))?;
            let (app, ctx) = open(env, &who).await?;
            let key = app.add_signing_key(&ctx, &name, &pem).await?;
            tell(env, &json_of(&key), &format!("The key {} ({}) is trusted.", key.name, key.fingerprint));
        }
        KeyCommand::List { who } => {
            let (app, ctx) = open(env, &who).await?;
            let keys = app.signing_keys(&ctx).await?;
            let mut lines: Vec<String> = keys.iter().map(line).collect();
            if lines.is_empty() {
                lines.push("No keys yet; `qudao plugin keygen FILE` makes a pair, `qudao plugin key add NAME FILE.pub` trusts it.".to_owned());
            }
            let json = json!({ "keys": keys.iter().map(json_of).collect::<Vec<_>>() });
            tell(env, &json, &lines.join("\n"));
        }
        KeyCommand::Revoke { fingerprint, reason, who } => {
            let (app, ctx) = open(env, &who).await?;
            let keys = app.signing_keys(&ctx).await?;
            let mut found = keys.iter().filter(|key| key.fingerprint.starts_with(&fingerprint));
            let key = match (found.next(), found.next()) {
                (Some(key), None) => key,
                (None, _) => return Err(AppError::NotFound).with_context(|| format!("key `{fingerprint}`")),
                (Some(_), Some(_)) => {
                    let message = format!("more than one key begins with `{fingerprint}`; write more digits");
                    return Err(AppError::conflict("digest-unclear", message).into());
                }
            };
            let key = app.revoke_signing_key(&ctx, &key.fingerprint, &reason).await?;
            let words = format!("The key {} is revoked. It signed {} versions here.", key.name, key.versions);
            tell(env, &json_of(&key), &words);
        }
    }
    Ok(())
}

const fn state(key: &SigningKey) -> &'static str {
    if key.revoked_at.is_some() { "revoked" } else { "trusted" }
}

fn json_of(key: &SigningKey) -> Json {
    json!({
        "fingerprint": key.fingerprint, "name": key.name, "state": state(key), "versions": key.versions,
        "added_by": key.added_by_name, "added_at": key.added_at, "revoked_by": key.revoked_by_name,
        "revoked_at": key.revoked_at, "revoked_reason": key.revoked_reason,
    })
}

fn line(key: &SigningKey) -> String {
    let why = if key.revoked_reason.is_empty() { String::new() } else { format!(": {}", key.revoked_reason) };
    let first = key.fingerprint.get(..16).unwrap_or(&key.fingerprint);
    format!("{first}  {}  {}; {} versions{why}", state(key), key.name, key.versions)
}
