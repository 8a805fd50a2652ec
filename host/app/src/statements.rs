//! What dealers see of settlements: what they earned, why, and on which facts it rests.

use crate::errors::{AppError, Result};
use crate::incentives::RunInput;
use crate::settlements::basis_facts;
use crate::{App, Context};
use qudao_domain::contract::Message;
use qudao_domain::ids::{RunId, StatementId};
use qudao_domain::permissions::Action;
use qudao_store::facts::{self, Resting, Shown};
use qudao_store::statements::{self, Line, List, Statement};
use qudao_store::{Tx, components, decisions};

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

/// A statement with everything that explains it.
#[derive(Debug, Clone)]
pub struct StatementPage {
    /// The statement.
    pub statement: Statement,
    /// Posted by earlier runs, in minor units: the total less what this run posted.
    pub before_minor: i64,
    /// The payouts, each with how many facts it rests on.
    pub lines: Vec<(Line, usize)>,
    /// The sentences of the plugin that made it.
    pub messages: Vec<Message>,
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
        let within = ctx.within(Action::StatementsRead)?;
        let list = List {
            ancestor: within.ancestor,
            depth: within.depth,
            program: &filter.program,
            period: &filter.period,
            dealer: &filter.dealer,
            replaced: filter.replaced || filter.run.is_some(),
            run: filter.run,
            before: filter.before,
            limit: filter.limit.clamp(1, 200),
        };
        let mut tx = self.db().read(ctx.company).await?;
        Ok(statements::list(&mut tx, ctx.company, &list).await?)
    }

    /// One statement, explained.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none within the reader's reach.
    pub async fn statement(&self, ctx: &Context, id: StatementId) -> Result<StatementPage> {
        let mut tx = self.db().read(ctx.company).await?;
        let statement = find(&mut tx, ctx, id).await?;
        let (input, digest) = run_input(&mut tx, ctx, &statement).await?;
        let own = facts::of_dealer(&mut tx, ctx.company, statement.dealer_id, &input.window()).await?;
        let mut lines = Vec::new();
        for line in statements::lines(&mut tx, ctx.company, id).await? {
            let facts = basis_facts(&mut tx, ctx.company, &input, &own, &line.basis).await?.len();
            lines.push((line, facts));
        }
        let descriptor = components::descriptor(&mut tx, ctx.company, &digest).await?;
        let same = List {
            ancestor: Some(statement.dealer_id),
            program: &statement.program,
            period: &statement.period,
            replaced: true,
            limit: 50,
            ..List::default()
        };
        Ok(StatementPage {
            before_minor: statement.total_minor - statement.posted_minor,
            lines,
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

/// What the statement's run rested on, and the plugin's digest.
async fn run_input(tx: &mut Tx, ctx: &Context, statement: &Statement) -> Result<(RunInput, String)> {
    let decision = decisions::find(tx, ctx.company, statement.decision_id).await?;
    let broken = |what: String| AppError::Internal(format!("decision {}: {what}", statement.decision_id));
    let decision = decision.ok_or_else(|| broken("is missing".to_owned()))?;
    let input = serde_json::from_slice(&decision.input).map_err(|error| broken(error.to_string()))?;
    Ok((input, decision.plugin_digest))
}
