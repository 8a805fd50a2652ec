//! `qudao plugin record`: recorded decisions as cases.

use anyhow::Context as _;
use clap::Args;
use qudao_app::Recording;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use serde_json::json;
use std::path::PathBuf;

use super::folder::NewFolder;
use super::{Env, Who, open, tell, whole_digest};

/// What to record.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// At most so many decisions, the latest first.
    #[arg(long, default_value_t = 50, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(1..=1_000))]
    last: i64,
    /// What was decided: pricing, incentive, kpi or deal.
    #[arg(long)]
    kind: Option<Kind>,
    /// Digest of the plugin that decided, or its first digits; that which decided last when left out.
    #[arg(long, value_name = "DIGEST")]
    plugin: Option<String>,
    /// Hide dealers, programs and texts behind placeholders and multiply amounts by a secret factor; the expected answer
    /// is then what the plugin says to the masked question.
    #[arg(long)]
    mask: bool,
    /// The folder to make, with a file for each decision.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    who: Who,
}

/// Writes the cases.
///
/// # Errors
/// A `qudao_app::AppError` when there is nothing to record, a settlement has too many facts or the folder is not empty.
pub async fn run(env: &Env, args: RecordArgs) -> anyhow::Result<()> {
    let folder = NewFolder::begin(&args.out)?;
    let (app, ctx) = open(env, &args.who).await?;
    let plugin = match &args.plugin {
        Some(begin) => Some(whole_digest(&app, &ctx, begin).await?),
        None => None,
    };
    let mask = if args.mask { Some(secret_factor()?) } else { None };
    let wanted = Recording { kind: args.kind, plugin, last: args.last, mask };
    let recorded = app.record_cases(&ctx, &wanted).await?;
    for (place, (decision, case)) in (1..).zip(&recorded.cases) {
        // A masked case leads back to nothing.
        let name = if args.mask { format!("{place:04}.json") } else { format!("{place:04}-{decision}.json") };
        let text = serde_json::to_string_pretty(case).context("a case cannot be written as JSON")?;
        folder.write(&name, format!("{text}\n").as_bytes())?;
    }
    let out = folder.finish()?;
    for (decision, why) in &recorded.left_out {
        eprintln!("decision {decision} is left out: the plugin fails on the masked question: {why}");
    }
    let json = json!({
        "out": out,
        "plugin": recorded.plugin,
        "name": recorded.name,
        "version": recorded.version,
        "kind": recorded.kind,
        "cases": recorded.cases.len(),
        "masked": args.mask,
        "left_out": recorded.left_out.iter().map(|(decision, _)| decision).collect::<Vec<_>>(),
    });
    let words = format!(
        "{} decisions of {} {} are cases in {}; `qudao plugin test FILE.wasm --cases {}` runs them.",
        recorded.cases.len(),
        recorded.name,
        recorded.version,
        out.display(),
        args.out.display()
    );
    tell(env, &json, &words);
    Ok(())
}

/// Between a half and two, in thousandths, and not next to one. It is drawn anew for each recording and kept nowhere.
fn secret_factor() -> anyhow::Result<Decimal> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).context("the machine has no random numbers")?;
    Ok(factor(u32::from_le_bytes(bytes).into()))
}

/// 0.500 to 0.950 and 1.050 to 2.000, each as likely as the others.
fn factor(number: i64) -> Decimal {
    let place = number.rem_euclid(451 + 951);
    Decimal::new(if place < 451 { 500 + place } else { 1_050 + place - 451 }, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_changes_every_amount() {
        let all: Vec<Decimal> = (0..1_402).map(factor).collect();
        let text = |at: usize| all[at].to_string();
        assert_eq!(
            (text(0), text(450), text(451), text(1_401)),
            ("0.500".into(), "0.950".into(), "1.050".into(), "2.000".into())
        );
        assert_eq!(factor(1_402), all[0]);
    }
}
