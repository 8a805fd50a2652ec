//! `qudao settle` and `qudao score`.

use anyhow::Context as _;
use clap::Args;
use qudao_domain::decimal::Decimal;
use serde_json::json;

use super::Env;
use super::plugin::{Who, open, tell};

/// What to settle.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// The program's code.
    #[arg(long, value_name = "CODE")]
    program: String,
    /// By the program's calendar, such as 2026-Q3 or 2026-09.
    #[arg(long)]
    period: String,
    #[command(flatten)]
    who: Who,
}

/// What to score.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Such as 2026-Q3, 2026-09 or 2026.
    #[arg(long)]
    period: String,
    #[command(flatten)]
    who: Who,
}

/// Posts what a period earns less what is posted already.
///
/// # Errors
/// A `qudao_app::AppError` when it is refused.
pub async fn settle(env: &Env, args: SettleArgs) -> anyhow::Result<()> {
    let (app, ctx) = open(env, &args.who).await?;
    let run = app.settle(&ctx, &args.program, &args.period).await;
    let run = run.with_context(|| format!("program `{}`", args.program))?;
    let major = |minor: i64| Decimal::new(minor, ctx.currency.exponent());
    let json = json!({
        "settlement": run.id,
        "program": args.program,
        "period": run.period,
        "number": run.number,
        "facts": run.facts,
        "currency": run.currency,
        "total_minor": run.total_minor,
        "posted_minor": run.posted_minor,
        "statements": run.statements,
        "decision": run.decision_id,
    });
    let posted = if run.postings == 0 {
        "nothing had changed, so nothing was posted".to_owned()
    } else {
        format!("{} {} posted, {} statements written", run.currency, major(run.posted_minor), run.statements)
    };
    let words = format!(
        "{} {}, run {}: {} {} in all from {} facts; {posted}.",
        args.program,
        run.period,
        run.number,
        run.currency,
        major(run.total_minor),
        run.facts
    );
    tell(env, &json, &words);
    Ok(())
}

/// Scores a period.
///
/// # Errors
/// A `qudao_app::AppError` when it is refused.
pub async fn score(env: &Env, args: ScoreArgs) -> anyhow::Result<()> {
    let (app, ctx) = open(env, &args.who).await?;
    let scored = app.score(&ctx, &args.period).await?;
    let dealers: Vec<&str> = scored.refused.iter().map(|(dealer, _)| dealer.as_str()).collect();
    let json = json!({
        "period": scored.period,
        "number": scored.number,
        "cards": scored.cards,
        "refused": dealers,
    });
    let refused = if dealers.is_empty() {
        String::new()
    } else {
        format!(" The rule refused for {}: {}.", dealers.len(), dealers.join(", "))
    };
    let words = format!(
        "{}, scoring {}: {} scorecards written.{refused}",
        scored.period, scored.number, scored.cards
    );
    tell(env, &json, &words);
    Ok(())
}
