//! `qudao simulation`: try a rule over what really happened; look at what came out.

mod told;

use anyhow::{Context as _, bail};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use qudao_app::{App, AppError, Context, NewSimulation, Simulated};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::SimulationId;
use qudao_domain::lifecycle::SimulationState;
use qudao_domain::money::Money;
use qudao_domain::settlement::Calendar;
use qudao_store::simulations::Simulation;
use serde_json::{Value as Json, json};
use std::io::IsTerminal as _;
use std::time::Duration;

use super::Env;
use super::plugin::{Who, open, tell, whole_digest};

/// How often the progress is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// What to do with simulations.
#[derive(Debug, Subcommand)]
pub enum SimulationCommand {
    /// Try a plugin with settings, and wait for what comes out: pricing over the orders of some days, incentives over the
    /// periods of a program, KPIs over periods that are scored. Ends with 3 when a guard does not hold.
    Start(StartArgs),
    /// Show a simulation: how far it is, or what came out. Ends with 3 when a guard did not hold.
    Show(OneArgs),
    /// List simulations, the latest first.
    List(ListArgs),
    /// Ask a running simulation to stop, wherever it runs.
    Cancel(OneArgs),
}

/// What to try over which days.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// The plugin's digest, or its first digits.
    digest: String,
    /// Number of the settings; the plugin's latest when left out.
    #[arg(long, value_name = "NUMBER")]
    revision: Option<i64>,
    /// First day, such as 2026-07-01; of other kinds than pricing its whole period counts.
    #[arg(long, value_name = "DAY")]
    first: NaiveDate,
    /// Last day.
    #[arg(long, value_name = "DAY")]
    last: NaiveDate,
    /// The program's code, for incentives.
    #[arg(long, value_name = "CODE")]
    program: Option<String>,
    /// Which periods are scored, for KPIs: quarter or month; quarter when left out.
    #[arg(long)]
    calendar: Option<Calendar>,
    /// Guard: the most that any dealer may pay more, or be paid less, in the company's currency.
    #[arg(long, value_name = "AMOUNT")]
    most_loss: Option<Decimal>,
    /// Guard: the most that the company may get less, or pay more, in the company's currency.
    #[arg(long, value_name = "AMOUNT")]
    most_cost: Option<Decimal>,
    /// Guard, for pricing and those who may see costs: the least that must be left of what has a cost, in percent.
    #[arg(long, value_name = "PERCENT")]
    least_margin: Option<Decimal>,
    #[command(flatten)]
    who: Who,
}

/// Which simulation.
#[derive(Debug, Args)]
pub struct OneArgs {
    /// Its id.
    id: SimulationId,
    #[command(flatten)]
    who: Who,
}

/// Which simulations.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only those of a plugin: its digest, or its first digits.
    #[arg(long, value_name = "DIGEST")]
    plugin: Option<String>,
    #[command(flatten)]
    who: Who,
}

/// Runs the subcommand.
///
/// # Errors
/// An [`AppError`] when it is refused, or a guard does not hold.
pub async fn run(env: &Env, command: SimulationCommand) -> anyhow::Result<()> {
    match command {
        SimulationCommand::Start(args) => start(env, args).await,
        SimulationCommand::Show(args) => {
            let (app, ctx) = open(env, &args.who).await?;
            let found = app.simulation(&ctx, args.id).await;
            let (found, outcome) = found.with_context(|| format!("simulation `{}`", args.id))?;
            show(env, &ctx, &found, outcome.as_ref())
        }
        SimulationCommand::List(args) => list(env, args).await,
        SimulationCommand::Cancel(args) => {
            let (app, ctx) = open(env, &args.who).await?;
            let cancelled = app.cancel_simulation(&ctx, args.id).await;
            cancelled.with_context(|| format!("running simulation `{}`", args.id))?;
            tell(env, &json!({ "simulation": args.id, "cancelled": true }), "It stops within moments.");
            Ok(())
        }
    }
}

/// It runs in this process, so this waits for its end; interrupted, it is cancelled.
async fn start(env: &Env, args: StartArgs) -> anyhow::Result<()> {
    let (app, ctx) = open(env, &args.who).await?;
    let minor = |flag: &str, amount: Option<Decimal>| -> anyhow::Result<Option<i64>> {
        let exact = |amount: Decimal| {
            Money::round(amount, ctx.currency).ok().filter(|money| money.to_decimal() == amount)
        };
        let wrong = || format!("{flag}: {} has no such amount", ctx.currency.code());
        amount.map(|amount| exact(amount).map(|money| money.minor).with_context(wrong)).transpose()
    };
    let new = NewSimulation {
        digest: whole_digest(&app, &ctx, &args.digest).await?,
        revision: args.revision,
        first: args.first,
        last: args.last,
        program: args.program,
        calendar: args.calendar,
        most_loss_minor: minor("--most-loss", args.most_loss)?,
        most_cost_minor: minor("--most-cost", args.most_cost)?,
        least_margin: args.least_margin,
    };
    let id = app.start_simulation(&ctx, &new).await?;
    let (found, outcome) = ended(env, &app, &ctx, id).await?;
    show(env, &ctx, &found, outcome.as_ref())
}

/// Waits for the end, tells the progress on a terminal.
async fn ended(
    env: &Env,
    app: &App,
    ctx: &Context,
    id: SimulationId,
) -> anyhow::Result<(Simulation, Option<Simulated>)> {
    let telling = !env.json && std::io::stderr().is_terminal();
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut cancelled = false;
    let mut told = -1;
    loop {
        let (found, outcome) = app.simulation(ctx, id).await?;
        if telling && found.done != told {
            told = found.done;
            eprint!("\r{} of {} {}", found.done, found.orders, told::unit(&found));
        }
        if found.state != SimulationState::Running {
            if telling {
                eprintln!();
            }
            return Ok((found, outcome));
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = &mut interrupted, if !cancelled => {
                cancelled = true;
                // It may have ended at this very moment.
                match app.cancel_simulation(ctx, id).await {
                    Ok(()) | Err(AppError::NotFound) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}

fn show(env: &Env, ctx: &Context, found: &Simulation, outcome: Option<&Simulated>) -> anyhow::Result<()> {
    tell(env, &body(found, true), &told::words(found, outcome, ctx.currency));
    if found.state == SimulationState::Failed {
        bail!("the simulation could not go on: {}", found.error);
    }
    let broken =
        outcome.map(Simulated::guards).unwrap_or_default().iter().filter(|guard| !guard.held).count();
    if broken > 0 {
        let message = format!("{broken} of its guards did not hold; the version cannot be approved");
        return Err(AppError::conflict("guard-failed", message).into());
    }
    Ok(())
}

async fn list(env: &Env, args: ListArgs) -> anyhow::Result<()> {
    let (app, ctx) = open(env, &args.who).await?;
    let digest = match &args.plugin {
        Some(plugin) => whole_digest(&app, &ctx, plugin).await?,
        None => String::new(),
    };
    let found = app.simulations(&ctx, &digest).await?;
    let json: Vec<Json> = found.iter().map(|one| body(one, false)).collect();
    let lines: Vec<String> = found.iter().map(told::line).collect();
    let words = if lines.is_empty() { "There are no simulations.".to_owned() } else { lines.join("\n") };
    tell(env, &json!({ "simulations": json }), &words);
    Ok(())
}

/// As the API tells it.
fn body(found: &Simulation, whole: bool) -> Json {
    let mut body = json!({
        "id": found.id,
        "kind": found.kind,
        "plugin": found.plugin_digest,
        "name": found.plugin_name,
        "version": found.plugin_version,
        "revision": found.revision,
        "program": found.program,
        "first": found.first_day,
        "last": found.last_day,
        "state": found.state.as_str(),
        "orders": found.orders,
        "done": found.done,
        "error": found.error,
        "begun_by": found.created_by_name,
        "begun_at": found.created_at.utc(),
    });
    if let Some(outcome) = found.outcome.as_ref().filter(|_| whole) {
        body["outcome"] = outcome.0.clone();
    }
    body
}
