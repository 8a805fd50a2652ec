//! Settling a program's period: what the plugin computes less what is posted already, exactly once.

use crate::errors::{AppError, Issue, Result};
use crate::incentives::{Asked, RunInput, json};
use crate::programs::read_period;
use crate::rules::{sha256_hex, whole};
use crate::{App, Context};
use qudao_domain::contract::{Kind, Note};
use qudao_domain::ids::{CompanyId, DealerId, DecisionId, ProgramId, RunId, StatementId};
use qudao_domain::incentive::{Basis, IncentiveAnswer, Payout, Settlement};
use qudao_domain::ledger::{AccountCode, EntryKind, transfer};
use qudao_domain::money::MoneyError;
use qudao_domain::permissions::Action;
use qudao_domain::pricing::Violation;
use qudao_domain::settlement::{Amounts, BasisFact, Place};
use qudao_domain::time::Instant;
use qudao_store::decisions::{self, Decision};
use qudao_store::facts::{self, Resting};
use qudao_store::ledger::{self, Entry, Source};
use qudao_store::outbox::{self, Event};
use qudao_store::programs::{self, Program};
use qudao_store::settlements::{self, Listed, Run};
use qudao_store::statements::{self, Line, New};
use qudao_store::{Tx, audit, companies};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How often a run that lost a race is begun again.
const ATTEMPTS: usize = 3;

/// Where a program stands.
#[derive(Debug, Clone)]
pub struct ProgramStanding {
    /// The program.
    pub program: Program,
    /// What it has posted over all its periods, in minor units.
    pub posted_minor: i64,
    /// Its settled periods, the earliest first.
    pub periods: Vec<PeriodStanding>,
}

/// Where a settled period of a program stands.
#[derive(Debug, Clone)]
pub struct PeriodStanding {
    /// The last run.
    pub run: RunId,
    /// The period, as `2026-Q4`.
    pub period: String,
    /// What it earns in all, in minor units.
    pub total_minor: i64,
    /// Facts of the period that were recorded after the last run: settle again to count them.
    pub late: i64,
}

/// What one run computed for one dealer.
#[derive(Default)]
struct Due<'a> {
    payouts: Vec<&'a Payout>,
    unpaid: Vec<Note>,
}

/// What a run posted.
#[derive(Default)]
struct Posted {
    total_minor: i64,
    posted_minor: i64,
    postings: i64,
    statements: Vec<New>,
}

impl App {
    /// Settles a program for a period: posts what it earns less what is posted already, and writes a statement for
    /// each dealer for whom something changed. Settled again over the same facts and rule it posts nothing, and the
    /// run says so.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for an unknown program; [`AppError::Invalid`] for a period that is not of its calendar
    /// or has not begun; [`AppError::NoRule`] when no plugin is bound to the program; [`AppError::Refused`] when the
    /// plugin refuses; [`AppError::Rule`] when it fails; [`AppError::Conflict`] `settlement-raced` when others settle
    /// the same program all the time. Nothing is posted then.
    pub async fn settle(&self, ctx: &Context, program: &str, period: &str) -> Result<Run> {
        ctx.whole_company(Action::SettlementsRun)?;
        let period = read_period(period)?;
        if period.first > ctx.day(self.clock().now()) {
            return Err(AppError::invalid(Issue::new(
                "/period",
                "period-future",
                "this period has not begun",
            )));
        }
        for _ in 0..ATTEMPTS {
            let asked = self.ask_incentive(ctx, program, period).await?;
            if let Some(run) = self.post_settlement(ctx, &asked).await? {
                return Ok(run);
            }
        }
        let message = "somebody else is settling this program; see the runs, then settle again";
        Err(AppError::conflict("settlement-raced", message))
    }

    /// The company's runs, the latest first: at most `limit` that are older than `before`.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn settlements(&self, ctx: &Context, before: Option<RunId>, limit: i64) -> Result<Vec<Listed>> {
        ctx.whole_company(Action::StatementsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(settlements::list(&mut tx, ctx.company, before, limit.clamp(1, 200)).await?)
    }

    /// One run.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has no such run.
    pub async fn settlement(&self, ctx: &Context, id: RunId) -> Result<Listed> {
        ctx.whole_company(Action::StatementsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        settlements::find(&mut tx, ctx.company, id).await?.ok_or(AppError::NotFound)
    }

    /// Where every program and period stands.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn settled_periods(&self, ctx: &Context) -> Result<Vec<ProgramStanding>> {
        ctx.whole_company(Action::StatementsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let posted: HashMap<_, _> =
            settlements::posted_by_program(&mut tx, ctx.company).await?.into_iter().collect();
        let mut periods: HashMap<ProgramId, Vec<PeriodStanding>> = HashMap::new();
        for run in settlements::latest(&mut tx, ctx.company).await? {
            let days = read_period(&run.period)?;
            let late = facts::later(&mut tx, ctx.company, (days.first, days.last), run.watermark).await?;
            let standing =
                PeriodStanding { run: run.id, period: run.period, total_minor: run.total_minor, late };
            periods.entry(run.program_id).or_default().push(standing);
        }
        let programs = programs::all(&mut tx, ctx.company).await?.into_iter();
        let standing = |program: Program| ProgramStanding {
            posted_minor: posted.get(&program.id).copied().unwrap_or_default(),
            periods: periods.remove(&program.id).unwrap_or_default(),
            program,
        };
        Ok(programs.map(standing).collect())
    }

    /// Posts an answer in one write transaction; none when another run of the program came between.
    async fn post_settlement(&self, ctx: &Context, asked: &Asked) -> Result<Option<Run>> {
        let now = self.clock().now();
        let run = RunId::at(now);
        let decision = decision(self.rules().engine().version(), asked, run, now)?;
        let mut tx = self.db().write(ctx.company).await?;
        let settlement = match &asked.answer {
            IncentiveAnswer::Settled(settlement) => settlement,
            IncentiveAnswer::Refused(reasons) => {
                decisions::insert(&mut tx, ctx.company, &decision).await?;
                tx.commit().await?;
                return Err(refused(asked, reasons));
            }
        };
        if !still_holds(&mut tx, ctx.company, asked).await? {
            return Ok(None);
        }
        let period = asked.input.period().to_string();
        decisions::insert(&mut tx, ctx.company, &decision).await?;
        let counter = settlements::run_counter(asked.program.id, &period);
        let number = companies::take(&mut tx, ctx.company, &counter, 1).await?;
        let posted = post_all(&mut tx, ctx, asked, settlement, run, now).await?;
        let run = Run {
            id: run,
            program_id: asked.program.id,
            period,
            number,
            watermark: asked.input.watermark,
            facts: asked.input.facts,
            total_minor: posted.total_minor,
            posted_minor: posted.posted_minor,
            postings: posted.postings,
            statements: whole(posted.statements.len() as u64),
            currency: ctx.currency.code().to_owned(),
            decision_id: decision.id,
            run_by: ctx.user,
            run_at: now,
        };
        settlements::insert(&mut tx, ctx.company, &run).await?;
        statements::insert(&mut tx, ctx.company, &run, &posted.statements).await?;
        tell(&mut tx, ctx, &asked.program.code, &run).await?;
        tx.commit().await?;
        Ok(Some(run))
    }
}

fn decision(engine: &str, asked: &Asked, run: RunId, now: Instant) -> Result<Decision> {
    let (input, output) = (json(&asked.input)?, json(&asked.answer)?);
    let outcome = match asked.answer {
        IncentiveAnswer::Settled(_) => "answered",
        IncentiveAnswer::Refused(_) => "refused",
    };
    Ok(Decision {
        id: DecisionId::at(now),
        kind: Kind::Incentive,
        outcome: outcome.to_owned(),
        subject: format!("settlement {run}"),
        plugin_digest: asked.live.plugin_digest.clone(),
        contract: asked.plugin.contract().to_owned(),
        revision_id: asked.live.revision_id,
        binding_id: asked.live.binding_id,
        engine: engine.to_owned(),
        made_for: asked.made_for,
        made_at: now,
        input_hash: sha256_hex(&input),
        input,
        output_hash: sha256_hex(&output),
        output,
        fuel: whole(asked.fuel),
        elapsed_us: whole(asked.elapsed_us),
        parent_id: None,
    })
}

fn refused(asked: &Asked, reasons: &[Note]) -> AppError {
    let violation = |reason: &Note| Violation { line: None, reason: reason.clone() };
    AppError::Refused {
        violations: reasons.iter().map(violation).collect(),
        messages: asked.plugin.descriptor().messages.clone(),
    }
}

/// Takes the program's lock, then looks whether what was seen when the question was frozen still holds: no other
/// run of the period, and as much of the budget.
async fn still_holds(tx: &mut Tx, company: CompanyId, asked: &Asked) -> Result<bool> {
    let (program, period) = (asked.program.id, asked.input.period().to_string());
    companies::take(tx, company, &settlements::program_lock(program), 0).await?;
    let last_run = companies::counted(tx, company, &settlements::run_counter(program, &period)).await?;
    let elsewhere = settlements::posted_elsewhere(tx, company, program, &period).await?;
    Ok(last_run == asked.last_run && elsewhere == asked.elsewhere_minor)
}

/// Posts for one dealer after the other, so that only one dealer's facts are held at a time.
async fn post_all(
    tx: &mut Tx,
    ctx: &Context,
    asked: &Asked,
    settlement: &Settlement,
    run: RunId,
    now: Instant,
) -> Result<Posted> {
    let period = asked.input.period().to_string();
    let hashes = statements::latest_hashes(tx, ctx.company, asked.program.id, &period).await?;
    let hashes: HashMap<DealerId, String> = hashes.into_iter().collect();
    let mut posted = Posted::default();
    for (dealer, due) in by_dealer(tx, ctx.company, asked, settlement).await? {
        let computed = computed(tx, ctx.company, &asked.input, dealer, &due).await?;
        let places = settlements::posted(tx, ctx.company, asked.program.id, &period, dealer).await?;
        let mut before = Amounts::default();
        for (code, fact_seq, amount) in places {
            before.add(&code, fact_seq, amount).map_err(too_large)?;
        }
        let changes = computed.less(&before).map_err(too_large)?;
        let posted_minor = changes.iter().try_fold(0_i64, |sum, (_, amount)| sum.checked_add(*amount));
        let posted_minor = posted_minor.ok_or_else(|| too_large(MoneyError::TooLarge))?;
        post_changes(tx, ctx, asked, dealer, &changes, run, now).await?;
        posted.postings += whole(changes.len() as u64);
        posted.posted_minor += posted_minor;
        let new = statement(dealer, due, posted_minor, now)?;
        posted.total_minor += new.total_minor;
        if !changes.is_empty() || hashes.get(&dealer) != Some(&new.content_hash) {
            posted.statements.push(new);
        }
    }
    Ok(posted)
}

fn too_large(error: MoneyError) -> AppError {
    AppError::Internal(format!("settlement: {error}"))
}

/// What the answer says of each dealer, in the header's order; those who were posted something before are among
/// them even if the answer no longer names them, so that it is taken back.
async fn by_dealer<'a>(
    tx: &mut Tx,
    company: CompanyId,
    asked: &Asked,
    settlement: &'a Settlement,
) -> Result<Vec<(DealerId, Due<'a>)>> {
    let input = &asked.input;
    let position: HashMap<DealerId, usize> = input.dealers.iter().copied().zip(0..).collect();
    let mut dues: BTreeMap<usize, Due<'a>> = BTreeMap::new();
    for payout in &settlement.payouts {
        dues.entry(payout.beneficiary as usize).or_default().payouts.push(payout);
    }
    for unpaid in &settlement.unpaid {
        dues.entry(unpaid.beneficiary as usize).or_default().unpaid.push(unpaid.reason.clone());
    }
    let period = input.period().to_string();
    for (dealer, _) in settlements::posted_by_dealer(tx, company, asked.program.id, &period).await? {
        if let Some(place) = position.get(&dealer) {
            dues.entry(*place).or_default();
        }
    }
    // The engine has checked that every beneficiary is one of the participants.
    Ok(dues.into_iter().filter_map(|(place, due)| Some((*input.dealers.get(place)?, due))).collect())
}

async fn computed(
    tx: &mut Tx,
    company: CompanyId,
    input: &RunInput,
    dealer: DealerId,
    due: &Due<'_>,
) -> Result<Amounts> {
    let own = facts::of_dealer(tx, company, dealer, &input.window()).await?;
    let mut amounts = Amounts::default();
    for payout in &due.payouts {
        let basis = basis_facts(tx, company, input, &own, &payout.basis).await?;
        let basis: Vec<BasisFact> = basis.iter().map(basis_fact).collect();
        amounts.add_payout(&payout.reason.code, payout.amount_minor, &basis).map_err(too_large)?;
    }
    Ok(amounts)
}

fn basis_fact(fact: &Resting) -> BasisFact {
    BasisFact { seq: fact.seq, amount_minor: fact.amount_minor, reverses: fact.reverses_seq }
}

/// The facts that a payout rests on; `own` are the beneficiary's of the period.
pub(crate) async fn basis_facts(
    tx: &mut Tx,
    company: CompanyId,
    input: &RunInput,
    own: &[Resting],
    basis: &Basis,
) -> Result<Vec<Resting>> {
    match basis {
        Basis::All => Ok(own.to_vec()),
        Basis::Category(category) => {
            let products = input.of_category(category);
            Ok(own.iter().filter(|fact| products.contains(&fact.product_id)).copied().collect())
        }
        Basis::Facts(seqs) => {
            let named: BTreeSet<i64> = seqs.iter().copied().collect();
            let mine: Vec<Resting> = own.iter().filter(|fact| named.contains(&fact.seq)).copied().collect();
            if mine.len() == named.len() {
                return Ok(mine);
            }
            Ok(facts::by_seqs(tx, company, seqs, &input.window()).await?)
        }
    }
}

async fn post_changes(
    tx: &mut Tx,
    ctx: &Context,
    asked: &Asked,
    dealer: DealerId,
    changes: &[(Place, i64)],
    run: RunId,
    now: Instant,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let (debit, credit) = (AccountCode::IncentiveExpense, AccountCode::IncentivePayable);
    let mut postings = Vec::with_capacity(changes.len() * 2);
    let mut codes = Vec::with_capacity(changes.len() * 2);
    for (place, amount) in changes {
        postings.extend(transfer(dealer, debit, credit, *amount, ctx.currency, place.fact_seq));
        codes.extend([place.code.clone(), place.code.clone()]);
    }
    let period = asked.input.period().to_string();
    let entry = Entry {
        kind: EntryKind::Settlement,
        document: run.0,
        effective_on: ctx.day(now),
        postings: &postings,
        codes: &codes,
        source: Some(Source { program: asked.program.id, period: &period }),
    };
    ledger::post(tx, ctx.company, now, &entry).await?;
    Ok(())
}

fn statement(dealer: DealerId, due: Due<'_>, posted_minor: i64, now: Instant) -> Result<New> {
    let line = |payout: &&Payout| Line {
        reason: payout.reason.clone(),
        amount_minor: payout.amount_minor,
        basis: payout.basis.clone(),
        steps: payout.steps.clone(),
    };
    let lines: Vec<Line> = due.payouts.iter().map(line).collect();
    let total = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount_minor));
    let total_minor = total.ok_or_else(|| too_large(MoneyError::TooLarge))?;
    let content: Vec<_> =
        lines.iter().map(|line| (&line.reason, line.amount_minor, &line.basis, &line.steps)).collect();
    let content_hash = sha256_hex(&json(&(total_minor, &due.unpaid, content))?);
    Ok(New {
        id: StatementId::at(now),
        dealer,
        total_minor,
        posted_minor,
        unpaid: due.unpaid,
        content_hash,
        lines,
    })
}

async fn tell(tx: &mut Tx, ctx: &Context, program: &str, run: &Run) -> Result<()> {
    let about = json!({
        "program": program,
        "period": run.period,
        "number": run.number,
        "total_minor": run.total_minor,
        "posted_minor": run.posted_minor,
        "currency": run.currency,
    });
    let subject = format!("settlement {}", run.id);
    audit::record(tx, ctx.company, run.run_at, ctx.user, "settlement.run", &subject, &about).await?;
    let event = Event {
        aggregate: "settlement",
        aggregate_id: run.id.0,
        aggregate_seq: 1,
        event: "settlement.posted",
        version: 1,
        body: about,
    };
    Ok(outbox::insert(tx, ctx.company, run.run_at, &event).await?)
}
