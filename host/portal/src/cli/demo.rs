//! `qudao demo`: a demonstration with two companies, and who can log in to it.

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use qudao_app::{DemoPlugins, DemoReport, DemoStep};
use std::path::PathBuf;

use super::Env;

include!(concat!(env!("OUT_DIR"), "/plugins.rs"));

/// How to make it.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where the choices are drawn from: the same seed and day make the same business.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Take the reference plugins from this folder instead of this binary.
    #[arg(long, value_name = "DIR")]
    plugins: Option<PathBuf>,
}

/// Makes the demonstration.
///
/// # Errors
/// A `qudao_app::AppError` when it was made before.
pub async fn run(env: &Env, args: DemoArgs) -> anyhow::Result<()> {
    let [pricing, incentive, kpi, deal] = [
        component(&args, "volume-pricing")?,
        component(&args, "tiered-rebate")?,
        component(&args, "weighted-kpi")?,
        component(&args, "deal-registration")?,
    ];
    let app = env.data.open().await?;
    let style = ProgressStyle::with_template("demo [{bar:40}] {msg}");
    let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut hear = |step: DemoStep| {
        bar.set_length(step.of);
        bar.set_position(step.done);
        bar.set_message(format!("{}: {}", step.company, step.what));
    };
    let plugins = DemoPlugins { pricing: &pricing, incentive: &incentive, kpi: &kpi, deal: &deal };
    let made = app.make_demo(plugins, args.seed, &mut hear).await;
    bar.finish_and_clear();
    app.db().close().await;
    let report =
        made.context("the demonstration cannot be made here; name an empty folder with --data-dir")?;
    tell(env, &report)
}

fn component(args: &DemoArgs, name: &str) -> anyhow::Result<Vec<u8>> {
    if let Some(folder) = &args.plugins {
        let path = folder.join(format!("{name}.wasm"));
        return std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()));
    }
    let inside = PLUGINS.iter().find(|(known, _)| *known == name).map(|(_, bytes)| bytes.to_vec());
    inside.with_context(|| {
        format!("this binary was built without the plugin {name}; build it with `cargo xtask build`, or name a folder with --plugins")
    })
}

fn tell(env: &Env, report: &DemoReport) -> anyhow::Result<()> {
    if env.json {
        println!("{}", serde_json::to_string_pretty(report)?);
        return Ok(());
    }
    for company in &report.companies {
        println!(
            "{} ({}): {} dealers, {} products, {} orders of the past, {} under way",
            company.name,
            company.code,
            company.dealers,
            company.products,
            company.past_orders,
            company.live_orders
        );
    }
    println!("\n{:<10} {:<15} {:<32} {:<16} name", "company", "role", "e-mail", "password");
    for user in &report.users {
        println!(
            "{:<10} {:<15} {:<32} {:<16} {}",
            user.company,
            user.role.as_str(),
            user.email,
            user.password,
            user.name
        );
    }
    println!("\nAPI tokens are printed with --json.");
    Ok(())
}
