//! `qudao plugin`: begin, build and test one; check, push, activate, roll back, list; replay, regress and record decisions.

mod build;
mod exports;
mod folder;
mod keys;
mod manifest;
mod new;
mod package;
mod record;
mod regress;
mod report;
mod rust;
mod sign;
mod starter;
mod test;
mod typescript;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use qudao_app::{Activation, App, AppError, Company, Context, Made, Place};
use qudao_domain::bindings::{OnFailure, ScopeKind, WHOLE_SHARE};
use qudao_domain::contract::Kind;
use qudao_domain::ids::DecisionId;
use qudao_domain::lifecycle::PluginStep;
use qudao_domain::permissions::Role;
use qudao_domain::time::Instant;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

use super::Env;

/// What to do with plugins.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Begin a plugin: a project that builds, tests and explains itself.
    New(new::NewArgs),
    /// Build a project to a component in its folder `dist`, and check that as an upload would.
    Build {
        /// The project's folder.
        dir: PathBuf,
    },
    /// Run a plugin's cases as WebAssembly under the server's limits. Ends with 3 when an answer differs, with 1 when the
    /// plugin fails.
    Test(test::TestArgs),
    /// Check a component as an upload would, without keeping it.
    Check {
        /// The component (.wasm).
        file: PathBuf,
    },
    /// Upload a component to a company.
    Push {
        /// The component (.wasm), or a project's folder, which is built first.
        plugin: PathBuf,
        /// Its signature; FILE.wasm.sig beside the component, where there is one, when left out.
        #[arg(long, value_name = "FILE")]
        signature: Option<PathBuf>,
        #[command(flatten)]
        who: Who,
    },
    /// Make a pair of keys for signing: FILE, which stays with you, and FILE.pub.
    Keygen {
        /// Where to write the private key. It must not be there yet.
        file: PathBuf,
    },
    /// Sign a component: FILE.wasm.sig.
    Sign(sign::SignArgs),
    /// The keys that a company trusts to sign plugins.
    #[command(subcommand)]
    Key(keys::KeyCommand),
    /// Write a plugin with its history to one file.
    Export(exports::ExportArgs),
    /// Take in what an export wrote, here or elsewhere. It waits for approval.
    Import {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        who: Who,
    },
    /// Make a plugin with settings hold, now or from a moment on.
    Activate(ActivateArgs),
    /// Agree to the use of a version that somebody else uploaded.
    Approve(StepArgs),
    /// Take a version out of use.
    Retire(StepArgs),
    /// Take a retired version back; it waits for approval again.
    Restore(StepArgs),
    /// Put back what held before that which holds now.
    Rollback {
        /// What is decided: pricing, incentive, kpi or deal.
        kind: Kind,
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        who: Who,
    },
    /// List a company's plugins with where they hold and how they are used.
    List {
        #[command(flatten)]
        who: Who,
    },
    /// Run a recorded decision again and compare.
    Replay {
        /// The decision's id.
        id: DecisionId,
        #[command(flatten)]
        who: Who,
    },
    /// Compile every plugin again and run its cases and last decisions; ends with 3 when an answer differs. For use
    /// before a new version of the server goes live.
    Regress(regress::RegressArgs),
    /// Turn recorded decisions into cases.
    Record(record::RecordArgs),
}

/// For which company, and as whom.
#[derive(Debug, Args)]
pub struct Who {
    /// The company's code.
    #[arg(long, env = "QUDAO_COMPANY", value_name = "CODE")]
    company: String,
    /// E-mail of the user to act as; the company's admin, else its first ops user, when left out.
    #[arg(long = "as", env = "QUDAO_USER", value_name = "EMAIL")]
    user: Option<String>,
}

/// Where something holds.
#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// What is covered: company, region, tier or dealer.
    #[arg(long, default_value = "company")]
    scope: ScopeKind,
    /// The region, the tier or the dealer's code.
    #[arg(long, default_value = "", value_name = "NAME")]
    value: String,
    /// The program's code, for incentives.
    #[arg(long, value_name = "CODE")]
    program: Option<String>,
    /// Why.
    #[arg(long, default_value = "", value_name = "TEXT")]
    reason: String,
}

/// Which version, and why.
#[derive(Debug, Args)]
pub struct StepArgs {
    /// The plugin's digest, or its first digits.
    digest: String,
    /// Why.
    #[arg(long, default_value = "", value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    who: Who,
}

/// What is to hold, where, and from when.
#[derive(Debug, Args)]
pub struct ActivateArgs {
    /// The plugin's digest, or its first digits.
    digest: String,
    /// Number of the settings; the plugin's latest when left out.
    #[arg(long, value_name = "NUMBER")]
    revision: Option<i64>,
    /// From when, such as 2026-12-01T00:00:00+08:00; now when left out.
    #[arg(long, value_name = "MOMENT")]
    from: Option<DateTime<Utc>>,
    /// For how many of a hundred dealers; the others keep what holds now.
    #[arg(long, value_name = "PERCENT", default_value_t = WHOLE_SHARE)]
    share: i64,
    /// What happens when the plugin fails: refuse, last-good or base-price.
    #[arg(long, value_name = "WAY", default_value = "refuse")]
    on_failure: OnFailure,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    who: Who,
}

/// Runs the subcommand.
///
/// # Errors
/// An [`AppError`] when it is refused.
pub async fn run(env: &Env, command: PluginCommand) -> anyhow::Result<()> {
    match command {
        PluginCommand::Check { file } => check(env, &file),
        PluginCommand::New(args) => new::run(env, args),
        PluginCommand::Build { dir } => build::run(env, &dir),
        PluginCommand::Test(args) => test::run(env, &args),
        PluginCommand::Push { plugin, signature, who } => {
            push(env, &plugin, signature.as_deref(), &who).await
        }
        PluginCommand::Keygen { file } => sign::keygen(env, &file),
        PluginCommand::Sign(args) => sign::sign(env, &args),
        PluginCommand::Key(command) => keys::run(env, command).await,
        PluginCommand::Export(args) => exports::export(env, args).await,
        PluginCommand::Import { file, who } => exports::import(env, &file, &who).await,
        PluginCommand::Activate(args) => activate(env, args).await,
        PluginCommand::Approve(args) => step(env, PluginStep::Approved, &args).await,
        PluginCommand::Retire(args) => step(env, PluginStep::Retired, &args).await,
        PluginCommand::Restore(args) => step(env, PluginStep::Restored, &args).await,
        PluginCommand::Rollback { kind, place, who } => roll_back(env, kind, place, &who).await,
        PluginCommand::List { who } => list(env, &who).await,
        PluginCommand::Replay { id, who } => replay(env, id, &who).await,
        PluginCommand::Regress(args) => regress::run(env, &args).await,
        PluginCommand::Record(args) => record::run(env, args).await,
    }
}

/// Prints for programs, or else for people.
pub(super) fn tell(env: &Env, json: &Json, words: &str) {
    if env.json {
        println!("{json}");
    } else {
        println!("{words}");
    }
}

pub(super) async fn open(env: &Env, who: &Who) -> anyhow::Result<(App, Context)> {
    let app = env.data.open().await?;
    let company = app.company(&who.company).await;
    let company = company.with_context(|| format!("company `{}`", who.company))?;
    let ctx = act_as(&app, &company, who.user.as_deref()).await?;
    Ok((app, ctx))
}

/// As a user; as the company's admin, else its first ops user, where none is named.
async fn act_as(app: &App, company: &Company, email: Option<&str>) -> anyhow::Result<Context> {
    let email = match email {
        Some(email) => email.to_owned(),
        None => {
            let users = app.users(company).await?;
            let of = |role: Role| users.iter().find(|user| user.role == role && user.disabled_at.is_none());
            let user = of(Role::Admin).or_else(|| of(Role::Ops));
            let missing =
                || format!("company `{}` has no admin and no ops user; name one with --as", company.code);
            user.map(|user| user.email.clone()).with_context(missing)?
        }
    };
    app.act_as(company, &email).await.with_context(|| format!("user `{email}`"))
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn check(env: &Env, file: &Path) -> anyhow::Result<()> {
    let component = read(file)?;
    let verified = build::verify(&component)?;
    let about = &verified.descriptor;
    let digest = verified.inspected.digest;
    let json = json!({
        "digest": digest, "kind": about.kind, "name": about.name, "version": about.version,
        "contract": verified.inspected.contract, "size": component.len(), "report": verified.report,
    });
    let words = format!(
        "{} {} is a {} plugin and would be accepted.\n{}",
        about.name,
        about.version,
        about.kind,
        report::words(&digest.to_string(), &verified.report)
    );
    tell(env, &json, &words);
    Ok(())
}

async fn push(env: &Env, plugin: &Path, signature: Option<&Path>, who: &Who) -> anyhow::Result<()> {
    // A wrong company is told before anything is built.
    let (app, ctx) = open(env, who).await?;
    // The upload itself checks it.
    let (file, component) = match plugin.is_dir() {
        true => build::component(plugin)?,
        false => (plugin.to_owned(), read(plugin)?),
    };
    let signature = sign::signature_for(&file, signature)?;
    let uploaded = app.upload_signed_plugin(&ctx, component, signature.as_deref()).await?;
    let state = if uploaded.already { "was there already" } else { "is verified and kept" };
    let signed = match &uploaded.signed_by {
        Some(key) => format!("signed with the key {key}"),
        None => "no signature came along".to_owned(),
    };
    let words = format!(
        "{} {} ({}) {state}, {signed}.\n{}",
        uploaded.name,
        uploaded.version,
        uploaded.kind,
        report::words(&uploaded.digest, &uploaded.report)
    );
    tell(env, &serde_json::to_value(&uploaded)?, &words);
    Ok(())
}

async fn activate(env: &Env, args: ActivateArgs) -> anyhow::Result<()> {
    let (app, ctx) = open(env, &args.who).await?;
    let activation = Activation {
        digest: whole_digest(&app, &ctx, &args.digest).await?,
        revision: args.revision,
        scope: args.place.scope,
        scope_value: args.place.value,
        program: args.place.program,
        from: args.from.map(Instant::from_utc),
        reason: args.place.reason,
        share: args.share,
        on_failure: args.on_failure,
    };
    let made = app.activate(&ctx, &activation).await?;
    tell_made(env, &made);
    Ok(())
}

async fn step(env: &Env, step: PluginStep, args: &StepArgs) -> anyhow::Result<()> {
    let (app, ctx) = open(env, &args.who).await?;
    let digest = whole_digest(&app, &ctx, &args.digest).await?;
    let plugin = match step {
        PluginStep::Approved => app.approve_plugin(&ctx, &digest, &args.reason).await?,
        PluginStep::Retired => app.retire_plugin(&ctx, &digest, &args.reason).await?,
        PluginStep::Restored | PluginStep::Uploaded | PluginStep::Imported => {
            app.restore_plugin(&ctx, &digest, &args.reason).await?
        }
    };
    let json = json!({ "digest": plugin.digest, "state": plugin.state });
    tell(env, &json, &format!("{} {} is {} now.", plugin.name, plugin.version, plugin.state));
    Ok(())
}

/// The one plugin whose digest begins so.
/// The digest that begins so.
pub(super) async fn whole_digest(app: &App, ctx: &Context, begin: &str) -> anyhow::Result<String> {
    let plugins = app.plugins(ctx).await?;
    let mut found = plugins.iter().filter(|summary| summary.plugin.digest.starts_with(begin));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.plugin.digest.clone()),
        (None, _) => Err(AppError::NotFound).with_context(|| format!("plugin `{begin}`")),
        (Some(_), Some(_)) => {
            let message = format!("more than one plugin begins with `{begin}`; write more digits");
            Err(AppError::conflict("digest-unclear", message).into())
        }
    }
}

async fn roll_back(env: &Env, kind: Kind, place: PlaceArgs, who: &Who) -> anyhow::Result<()> {
    let (app, ctx) = open(env, who).await?;
    let PlaceArgs { scope, value, program, reason } = place;
    let made = app.roll_back(&ctx, &Place { kind, scope, value, program }, &reason).await?;
    tell_made(env, &made);
    Ok(())
}

fn tell_made(env: &Env, made: &Made) {
    let Made { binding, instead_of } = made;
    let before = instead_of.as_ref();
    let json = json!({
        "binding": binding.id,
        "kind": binding.slot.kind,
        "plugin": binding.plugin_digest,
        "name": binding.plugin_name,
        "version": binding.plugin_version,
        "revision": binding.revision,
        "scope": binding.slot.scope_kind,
        "scope_value": binding.slot.scope_value,
        "program": binding.program,
        "effective_from": binding.effective_from,
        "instead_of": before.map(|before| json!({
            "plugin": before.plugin_digest, "version": before.plugin_version, "revision": before.revision,
        })),
    });
    let instead = before.map_or_else(
        || "nothing held there before".to_owned(),
        |before| {
            format!(
                "instead of {} {} with settings {}",
                before.plugin_name, before.plugin_version, before.revision
            )
        },
    );
    let words = format!(
        "{} {} with settings {} holds for {} from {}, {instead}.",
        binding.plugin_name,
        binding.plugin_version,
        binding.revision,
        place_words(binding),
        binding.effective_from
    );
    tell(env, &json, &words);
}

fn place_words(binding: &qudao_store::bindings::Binding) -> String {
    let scope = match binding.slot.scope_kind {
        ScopeKind::Company => "the company".to_owned(),
        narrower => format!("{narrower} {}", binding.slot.scope_value),
    };
    match &binding.program {
        Some(program) => format!("program {program} in {scope}"),
        None => scope,
    }
}

async fn list(env: &Env, who: &Who) -> anyhow::Result<()> {
    let (app, ctx) = open(env, who).await?;
    let plugins = app.plugins(&ctx).await?;
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for summary in &plugins {
        let (plugin, usage) = (&summary.plugin, &summary.usage);
        let live: Vec<String> = summary.live.iter().map(place_words).collect();
        rows.push(json!({
            "digest": plugin.digest, "kind": plugin.kind, "name": plugin.name, "version": plugin.version,
            "state": plugin.state, "live": live, "calls_week": usage.answers_week + usage.failures_week,
            "failures_week": usage.failures_week,
        }));
        let live =
            if live.is_empty() { "not active".to_owned() } else { format!("active for {}", live.join(", ")) };
        lines.push(format!(
            "{:<12}  {:<9}  {} {}  {live}; {} calls and {} failures in 7 days",
            &plugin.digest[..12.min(plugin.digest.len())],
            plugin.kind.as_str(),
            plugin.name,
            plugin.version,
            usage.answers_week + usage.failures_week,
            usage.failures_week
        ));
    }
    if lines.is_empty() {
        lines.push("No plugins yet; `qudao plugin push FILE --company CODE` uploads one.".to_owned());
    }
    tell(env, &json!({ "plugins": rows }), &lines.join("\n"));
    Ok(())
}

/// Fails when the output differs, so that a script can tell.
async fn replay(env: &Env, id: DecisionId, who: &Who) -> anyhow::Result<()> {
    let (app, ctx) = open(env, who).await?;
    let replay = app.replay(&ctx, id).await.with_context(|| format!("decision `{id}`"))?;
    let fuel = if replay.same_fuel {
        format!("the same fuel ({})", replay.fuel_now)
    } else {
        format!("other fuel ({} then, {} now)", replay.fuel_then, replay.fuel_now)
    };
    let words = match &replay.first_difference {
        None => {
            format!("Identical: the output is the same to the byte, with {fuel} under {}.", replay.engine_now)
        }
        Some(found) => format!(
            "Different at {}: was {}, is {} now; {fuel}; {} then, {} now.",
            if found.pointer.is_empty() { "the whole output" } else { &found.pointer },
            found.was,
            found.now,
            replay.engine_then,
            replay.engine_now
        ),
    };
    tell(env, &serde_json::to_value(&replay)?, &words);
    if replay.identical {
        Ok(())
    } else {
        Err(anyhow::anyhow!("the decision {id} does not replay to the same output"))
    }
}
