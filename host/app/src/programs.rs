//! Incentive programs: what they are called, how their time is cut and how much they may pay. Also targets, which
//! belong to dealers and periods.

use crate::errors::{AppError, Issue, Result};
use crate::{App, Context};
use qudao_domain::decimal::{Decimal, Exact, to_parts};
use qudao_domain::ids::ProgramId;
use qudao_domain::permissions::Action;
use qudao_domain::settlement::Calendar;
use qudao_domain::time::Period;
use qudao_store::programs::{self, Program};
use qudao_store::{audit, dealers, targets};
use serde_json::json;
use std::collections::HashMap;

/// A program to be added.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct NewProgram {
    /// Lower-case words joined by hyphens; unique within the company.
    pub code: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// Into which periods its time is cut.
    pub calendar: Calendar,
    /// The most that it may pay over all its periods, in minor units; none without a limit.
    pub budget_minor: Option<i64>,
}

/// A target to be set.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct NewTarget {
    /// The dealer's code.
    pub dealer: String,
    /// Which metric: see `docs/metrics.md`.
    pub metric: String,
    /// How much.
    pub value: Decimal,
}

impl App {
    /// Adds a program. It pays nothing until an incentive plugin is bound to it.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a code, name or budget that cannot be; [`AppError::Conflict`] `program-exists`.
    pub async fn add_program(&self, ctx: &Context, new: NewProgram) -> Result<Program> {
        ctx.whole_company(Action::SettlementsRun)?;
        check(&new)?;
        let now = self.clock().now();
        let NewProgram { code, name_zh, name_en, calendar, budget_minor } = new;
        let (name_zh, name_en) = (name_zh.trim().to_owned(), name_en.trim().to_owned());
        let program = Program {
            id: ProgramId::at(now),
            code,
            name_zh,
            name_en,
            calendar,
            budget_minor,
            created_at: now,
        };
        let mut tx = self.db().write(ctx.company).await?;
        if programs::by_code(&mut tx, ctx.company, &program.code).await?.is_some() {
            let message = format!("there is a program `{}` already", program.code);
            return Err(AppError::conflict("program-exists", message));
        }
        programs::insert(&mut tx, ctx.company, &program).await?;
        let about = json!({ "code": program.code, "calendar": calendar, "budget_minor": budget_minor });
        let subject = format!("program {}", program.id);
        audit::record(&mut tx, ctx.company, now, ctx.user, "program.added", &subject, &about).await?;
        tx.commit().await?;
        Ok(program)
    }

    /// Every program, by code.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn programs(&self, ctx: &Context) -> Result<Vec<Program>> {
        ctx.whole_company(Action::StatementsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(programs::all(&mut tx, ctx.company).await?)
    }

    /// Sets targets of a period; those that are there already are replaced. All of them or none.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a period, dealer or value that cannot be.
    pub async fn set_targets(&self, ctx: &Context, period: &str, new: &[NewTarget]) -> Result<usize> {
        ctx.whole_company(Action::SettlementsRun)?;
        let period = read_period(period)?;
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let known = dealers::all(&mut tx, ctx.company).await?;
        let by_code: HashMap<&str, &dealers::Dealer> =
            known.iter().map(|dealer| (dealer.code.as_str(), dealer)).collect();
        let mut issues = Vec::new();
        let mut rows = Vec::with_capacity(new.len());
        for (at, target) in new.iter().enumerate() {
            if to_parts(target.value).is_err() {
                let message = "write a number of at most 19 digits, 9 of them decimals";
                issues.push(Issue::new(format!("/targets/{at}/value"), "number", message));
            }
            match by_code.get(target.dealer.as_str()) {
                Some(dealer) => rows.push(targets::Target {
                    dealer_id: dealer.id,
                    metric: target.metric.clone(),
                    value: Exact(target.value),
                }),
                None => {
                    let message = format!("there is no dealer `{}`", target.dealer);
                    issues.push(Issue::new(format!("/targets/{at}/dealer"), "dealer", message));
                }
            }
        }
        if !issues.is_empty() {
            return Err(AppError::Invalid(issues));
        }
        targets::set(&mut tx, ctx.company, &period.to_string(), &rows).await?;
        let about = json!({ "period": period.to_string(), "count": rows.len() });
        audit::record(&mut tx, ctx.company, now, ctx.user, "targets.set", "targets", &about).await?;
        tx.commit().await?;
        Ok(rows.len())
    }
}

/// A period from its text.
pub(crate) fn read_period(text: &str) -> Result<Period> {
    text.parse().map_err(|error: qudao_domain::time::UnknownPeriod| {
        AppError::invalid(Issue::new("/period", "period", error.to_string()))
    })
}

fn check(new: &NewProgram) -> Result<()> {
    let mut issues = Vec::new();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if new.code.is_empty() || new.code.len() > 40 || !new.code.chars().all(plain) {
        issues.push(Issue::new("/code", "code", "use up to 40 lower-case letters, digits and hyphens"));
    }
    for (pointer, name) in [("/name_zh", &new.name_zh), ("/name_en", &new.name_en)] {
        if name.trim().is_empty() || name.chars().count() > 100 {
            issues.push(Issue::new(pointer, "name", "write a name of at most 100 characters"));
        }
    }
    if new.budget_minor.is_some_and(|budget| budget < 0) {
        let message = "a budget is not negative; leave it out where there is no limit";
        issues.push(Issue::new("/budget_minor", "not-negative", message));
    }
    if issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(issues)) }
}
