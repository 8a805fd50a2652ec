//! `qudao plugin export` and `import`: a plugin with its history as one file.

use clap::Args;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

use super::{Env, Who, open, read, sign, tell, whole_digest};

/// What to export, and where to.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The plugin's digest, or its first digits.
    digest: String,
    /// The file to write; NAME-VERSION.qudao-plugin.zip when left out. It must not be there yet.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    who: Who,
}

/// Writes a plugin with its history to a file.
///
/// # Errors
/// An [`qudao_app::AppError`] when there is no such plugin, or the file is there already.
pub async fn export(env: &Env, args: ExportArgs) -> anyhow::Result<()> {
    let (app, ctx) = open(env, &args.who).await?;
    let digest = whole_digest(&app, &ctx, &args.digest).await?;
    let export = app.export_plugin(&ctx, &digest).await?;
    let out = args.out.unwrap_or_else(|| PathBuf::from(&export.file_name));
    sign::write_new(&out, &export.bytes, false)?;
    let json = json!({ "file": out, "digest": digest, "size": export.bytes.len() });
    let words = format!(
        "{} holds the plugin with its history ({} KiB).",
        out.display(),
        export.bytes.len().div_ceil(1024)
    );
    tell(env, &json, &words);
    Ok(())
}

/// Takes a file in.
///
/// # Errors
/// An [`qudao_app::AppError`] when it is not accepted.
pub async fn import(env: &Env, file: &Path, who: &Who) -> anyhow::Result<()> {
    let (app, ctx) = open(env, who).await?;
    let imported = app.import_plugin(&ctx, read(file)?).await?;
    let plugin = &imported.plugin;
    let state =
        if plugin.already { "was there already" } else { "is verified and kept; it waits for approval" };
    let numbers: Vec<String> = imported.revisions.iter().map(ToString::to_string).collect();
    let settings = if numbers.is_empty() {
        "No settings were new.".to_owned()
    } else {
        format!("Settings made: {}.", numbers.join(", "))
    };
    let words = format!(
        "{} {} ({}) from {} {state}. {settings} Histories from elsewhere that were new: {}.\n  digest    {}",
        plugin.name, plugin.version, plugin.kind, imported.source.name, imported.histories, plugin.digest
    );
    let json: Json = serde_json::to_value(&imported)?;
    tell(env, &json, &words);
    Ok(())
}
