//! What dealers see of settlements: what they earned, why, and on which facts it rests.

use crate::errors::{AppError, Result};
use crate::incentives::RunInput;
use crate::rules::{RuleLine, rule_line};
use crate::settlements::basis_facts;
use crate::{App, Context, Within};
use qudao_domain::contract::Message;
use qudao_domain::ids::{RunId, StatementId};
use qudao_domain::permissions::Action;
use qudao_store::decisions::{self, Decision};
use qudao_store::facts::{self, Resting, Shown};
use qudao_store::statements::{self, Line, List, Statement};
use qudao_store::{Tx, components, revisions};

/// Which statements to list. Empty filters let everything through.
#[derive(Debug, Clone, Default)]
pub struct StatementFilter {
    /// Only of this program's code.
    pub program: String,
    /// Only of this period.
    pub period: String,
    /// Only of dealers whose code or name contains this.
    pub dealer: String,
    /// Only those that this run wrote, also if a later one replaced them.
    pub run: Option<RunId>,
    /// Also those that a later run replaced.
    pub replaced: bool,
    /// Only older than this one.
    pub before: Option<StatementId>,
    /// At most so many; 1 to 200.
    pub limit: i64,
}

impl StatementFilter {
    fn list(&self, within: Within) -> List<'_> {
        List {
            ancestor: within.ancestor,
            depth: within.depth,
            program: &self.program,
            period: &self.period,
            dealer: &self.dealer,
            replaced: self.replaced || self.run.is_some(),
            run: self.run,
            before: self.before,
            limit: self.limit.clamp(1, 201),
        }
    }
}

/// A statement with everything that explains it.
#[derive(Debug, Clone)]
pub struct StatementPage {
    /// The statement.
    pub statement: Statement,
    /// Posted by earlier runs, in minor units: the total less what this run posted.
    pub before_minor: i64,
    /// The payouts, each with how many facts it rests on.
    pub lines: Vec<(Line, usize)>,
    /// The plugin and settings that made it.
    pub rule: Option<RuleLine>,
    /// The plugin's sentences.
    pub messages: Vec<Message>,
    /// The dealer's latest statements of the same period, of every program.
    pub beside: Vec<Statement>,
    /// The same dealer's, program's and period's statements, the latest first; this one among them.
    pub history: Vec<Statement>,
}

/// A part of the facts that a line rests on.
#[derive(Debug, Clone)]
pub struct FactPage {
    /// The facts, in the order in which they were recorded.
    pub facts: Vec<Shown>,
    /// How many there are in all.
    pub count: usize,
    /// The last fact's sequence, to ask for those after it; none at the end.
    pub next: Option<i64>,
}

impl App {
    /// Statements within the reader's reach, the latest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn statements(&self, ctx: &Context, filter: &StatementFilter) -> Result<Vec<Statement>> {
        let list = filter.list(ctx.within(Action::StatementsRead)?);
        let mut tx = self.db().read(ctx.company).await?;
        Ok(statements::list(&mut tx, ctx.company, &list).await?)
    }

    /// How many statements a list holds in all, and the sum of their totals in minor units.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn statement_totals(&self, ctx: &Context, filter: &StatementFilter) -> Result<(i64, i64)> {
        let list = filter.list(ctx.within(Action::StatementsRead)?);
        let mut tx = self.db().read(ctx.company).await?;
        Ok(statements::totals(&mut tx, ctx.company, &list).await?)
    }

    /// Of which periods and programs there are statements within the reader's reach: period, program's code, its
    /// names in Chinese and English.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn statement_kinds(&self, ctx: &Context) -> Result<Vec<(String, String, String, String)>> {
        let within = ctx.within(Action::StatementsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(statements::kinds(&mut tx, ctx.company, within.ancestor, within.depth).await?)
    }

    /// One statement, explained.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none within the reader's reach.
    pub async fn statement(&self, ctx: &Context, id: StatementId) -> Result<StatementPage> {
        let mut tx = self.db().read(ctx.company).await?;
        let statement = find(&mut tx, ctx, id).await?;
        let (input, decision) = run_input(&mut tx, ctx, &statement).await?;
        let own = facts::of_dealer(&mut tx, ctx.company, statement.dealer_id, &input.window()).await?;
        let mut lines = Vec::new();
        for line in statements::lines(&mut tx, ctx.company, id).await? {
            let facts = basis_facts(&mut tx, ctx.company, &input, &own, &line.basis).await?.len();
            lines.push((line, facts));
        }
        let descriptor = components::descriptor(&mut tx, ctx.company, &decision.plugin_digest).await?;
        let revision = revisions::find(&mut tx, ctx.company, decision.revision_id).await?;
        let number = revision.map_or(0, |revision| revision.number);
        let same = List {
            ancestor: Some(statement.dealer_id),
            program: &statement.program,
            period: &statement.period,
            replaced: true,
            limit: 50,
            ..List::default()
        };
        let beside = List { program: "", replaced: false, ..same };
        Ok(StatementPage {
            before_minor: statement.total_minor - statement.posted_minor,
            lines,
            rule: descriptor.as_ref().map(|descriptor| rule_line(descriptor, number)),
            beside: statements::list(&mut tx, ctx.company, &beside).await?,
            messages: descriptor.map(|descriptor| descriptor.messages).unwrap_or_default(),
            history: statements::list(&mut tx, ctx.company, &same).await?,
            statement,
        })
    }

    /// The facts that a statement's line (from 1) rests on: at most `limit` after the sequence `after`.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such statement or line within the reader's reach.
    pub async fn statement_facts(
        &self,
        ctx: &Context,
        id: StatementId,
        line: usize,
        after: i64,
        limit: usize,
    ) -> Result<FactPage> {
        let mut tx = self.db().read(ctx.company).await?;
        let statement = find(&mut tx, ctx, id).await?;
        let lines = statements::lines(&mut tx, ctx.company, id).await?;
        let line = line.checked_sub(1).and_then(|at| lines.get(at)).ok_or(AppError::NotFound)?;
        let (input, _) = run_input(&mut tx, ctx, &statement).await?;
        let own = facts::of_dealer(&mut tx, ctx.company, statement.dealer_id, &input.window()).await?;
        let basis = basis_facts(&mut tx, ctx.company, &input, &own, &line.basis).await?;
        let left: Vec<&Resting> = basis.iter().filter(|fact| fact.seq > after).collect();
        let part: Vec<i64> = left.iter().take(limit.clamp(1, 200)).map(|fact| fact.seq).collect();
        let next = part.last().copied().filter(|_| part.len() < left.len());
        Ok(FactPage { facts: facts::shown(&mut tx, ctx.company, &part).await?, count: basis.len(), next })
    }
}

async fn find(tx: &mut Tx, ctx: &Context, id: StatementId) -> Result<Statement> {
    let within = ctx.within(Action::StatementsRead)?;
    statements::find(tx, ctx.company, id, within.ancestor, within.depth).await?.ok_or(AppError::NotFound)
}

/// What the statement's run rested on, and its decision.
async fn run_input(tx: &mut Tx, ctx: &Context, statement: &Statement) -> Result<(RunInput, Decision)> {
    let decision = decisions::find(tx, ctx.company, statement.decision_id).await?;
    let broken = |what: String| AppError::Internal(format!("decision {}: {what}", statement.decision_id));
    let decision = decision.ok_or_else(|| broken("is missing".to_owned()))?;
    let input = serde_json::from_slice(&decision.input).map_err(|error| broken(error.to_string()))?;
    Ok((input, decision))
}
