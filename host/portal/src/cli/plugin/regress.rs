//! `qudao plugin regress`: before a new version of the server goes live, does it answer what the old one answered?

use anyhow::Context as _;
use clap::Args;
use qudao_app::{AppError, Regressed};
use serde_json::json;
use std::fmt::Write as _;

use super::{Env, tell};

/// What to put to the test.
#[derive(Debug, Args)]
pub struct RegressArgs {
    /// The company's code; every company when left out.
    #[arg(long, env = "QUDAO_COMPANY", value_name = "CODE")]
    company: Option<String>,
    /// How many recorded decisions of each plugin to run again, at most 200.
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    last: i64,
}

/// Compiles every plugin again and runs its cases and recorded decisions.
///
/// # Errors
/// [`AppError::Conflict`] `answers-differ` when one is refused or answers otherwise. All is told by then.
pub async fn run(env: &Env, args: &RegressArgs) -> anyhow::Result<()> {
    let app = env.data.open_without_cache().await?;
    let companies = match &args.company {
        Some(code) => vec![app.company(code).await.with_context(|| format!("company `{code}`"))?],
        None => app.companies().await?,
    };
    let mut told = Vec::new();
    let (mut words, mut stopped, mut all) = (String::new(), 0_usize, 0_usize);
    for company in companies {
        // The gate is the operator's, not one user's: whoever may read the company's plugins will do.
        let ctx = super::act_as(&app, &company, None).await?;
        let regressed = app.regress(&ctx, args.last).await?;
        all += regressed.len();
        stopped += regressed.iter().filter(|one| one.stops()).count();
        for one in &regressed {
            tell_of(&mut words, &company.code, one);
        }
        told.push(json!({ "company": company.code, "plugins": regressed }));
    }
    let _ = write!(words, "{} of {all} plugins answer as recorded.", all - stopped);
    tell(env, &json!({ "companies": told, "plugins": all, "stopped": stopped }), &words);
    if stopped > 0 {
        let message =
            format!("{stopped} of {all} plugins do not answer as recorded; do not put this server live");
        return Err(AppError::conflict("answers-differ", message).into());
    }
    Ok(())
}

fn tell_of(words: &mut String, company: &str, one: &Regressed) {
    let _ = writeln!(
        words,
        "{}  {company}  {} {} ({}): {} cases, {} decisions{}",
        if one.stops() { "STOP" } else { "ok  " },
        one.name,
        one.version,
        one.contract,
        one.cases,
        one.decisions,
        one.compile_ms.map_or_else(String::new, |ms| format!(", compiled in {ms} ms"))
    );
    if let Some(refused) = &one.refused {
        let _ = writeln!(words, "    {refused}");
    }
    for different in &one.different {
        let _ = writeln!(words, "    decision {}: {}", different.decision, different.detail);
    }
    for moved in &one.fuel {
        let _ =
            writeln!(words, "    decision {}: {} fuel then, {} now", moved.decision, moved.then, moved.now);
    }
}
