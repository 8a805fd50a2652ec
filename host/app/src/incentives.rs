//! What an incentive plugin makes of a period: a question that is frozen at a watermark, then asked fact by fact.

mod answered;
mod expected;
mod recorded;

pub(crate) use answered::{Answered, Paid, answer};
pub use recorded::MAX_RECORDED_FACTS;

use crate::errors::{AppError, Issue, Result};
use crate::measured::measured;
use crate::metrics::measure;
use crate::rules::{attributes, whole};
use crate::threads::in_background;
use crate::{App, Context};
use qudao_domain::contract::{Descriptor, Kind};
use qudao_domain::ids::{CompanyId, DealerId, ProductId};
use qudao_domain::incentive::{
    Basis, FactProduct, Figure, IncentiveAnswer, IncentiveHeader, Participant, StreamedFact,
};
use qudao_domain::kpi::Metric;
use qudao_domain::settlement::fact_bytes;
use qudao_domain::time::{Instant, Period};
use qudao_engine::{Evaluated, Opened, Plugin, RuleError, RuleFailure};
use qudao_store::bindings::{self, For, Live};
use qudao_store::decisions::Decision;
use qudao_store::facts::{self, Extent, Read, Window};
use qudao_store::programs::{self, Program};
use qudao_store::{Tx, companies, dealers, settlements, targets};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Counts up when what is read for a run, or its order, changes.
const QUERY_VERSION: u32 = 1;
/// How many sequences are read, and at most as many facts handed over, at a time.
const CHUNK: i64 = 4_096;
/// How many chunks may wait for the plugin.
const WAITING: usize = 2;

/// What a run rests on, as its decision keeps it: the header, and a name for the facts instead of the facts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunInput {
    /// The version of the queries that read the facts.
    pub query: u32,
    /// Sequences read at a time; the plugin's fuel depends on it.
    pub chunk: i64,
    /// The last fact that counts.
    pub watermark: i64,
    /// How many facts the plugin was given.
    pub facts: i64,
    /// SHA-256 over their byte form: `qudao_domain::settlement::fact_bytes`.
    pub stream_sha256: String,
    /// The header's participants, by position.
    pub dealers: Vec<DealerId>,
    /// The header's products, by position.
    pub products: Vec<ProductId>,
    /// What the plugin was told before the facts.
    pub header: IncentiveHeader,
}

impl RunInput {
    /// The facts of the run.
    pub fn window(&self) -> Window {
        window(self.period(), self.watermark)
    }

    pub fn period(&self) -> Period {
        Period { first: self.header.first, last: self.header.last }
    }

    /// The products of a category.
    pub fn of_category(&self, category: &str) -> BTreeSet<ProductId> {
        let products = self.products.iter().zip(&self.header.products);
        products.filter(|(_, product)| product.category == category).map(|(id, _)| *id).collect()
    }
}

/// A program's question, asked and answered.
pub(crate) struct Asked {
    pub program: Program,
    pub live: Live,
    pub plugin: Arc<Plugin>,
    pub made_for: Instant,
    pub input: RunInput,
    /// Number of the last run of program and period when the question was frozen.
    pub last_run: i64,
    /// What the program had posted in other periods.
    pub elsewhere_minor: i64,
    pub answer: IncentiveAnswer,
    pub fuel: u64,
    pub elapsed_us: u64,
}

/// What came back from the thread on which the plugin ran.
struct Fed {
    evaluated: std::result::Result<Evaluated<IncentiveAnswer>, RuleFailure>,
    facts: i64,
    stream_sha256: String,
}

impl App {
    /// Asks a program's plugin what a period earns. One read transaction fixes everything that it is told.
    pub(crate) async fn ask_incentive(&self, ctx: &Context, code: &str, period: Period) -> Result<Asked> {
        let made_for = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let program = programs::by_code(&mut tx, ctx.company, code).await?.ok_or(AppError::NotFound)?;
        check_calendar(&program, period)?;
        let whole_company = For::default();
        let live =
            bindings::live(&mut tx, ctx.company, Kind::Incentive, Some(program.id), whole_company, made_for)
                .await?;
        let live = live.ok_or(AppError::NoRule(Kind::Incentive))?;
        // Loading a plugin may take long; the view of the data begins after it.
        drop(tx);
        let rule = self.rule(ctx, &live.plugin_digest, &live.settings).await?;
        let mut tx = self.db().read(ctx.company).await?;
        let name = period.to_string();
        let last_run =
            companies::counted(&mut tx, ctx.company, &settlements::run_counter(program.id, &name)).await?;
        let elsewhere_minor = settlements::posted_elsewhere(&mut tx, ctx.company, program.id, &name).await?;
        let budget_left = program.budget_minor.map(|budget| budget.saturating_sub(elsewhere_minor));
        let Answered { input, evaluated } =
            answer(&mut tx, ctx, &rule, &program, period, budget_left).await?;
        drop(tx);
        match evaluated {
            Ok(Evaluated { answer, fuel, elapsed_us, .. }) => Ok(Asked {
                program,
                live,
                plugin: rule.plugin,
                made_for,
                input,
                last_run,
                elsewhere_minor,
                answer,
                fuel,
                elapsed_us,
            }),
            Err(failure) => {
                let (subject, input) = (format!("program {} {period}", program.code), json(&input)?);
                Err(self.rule_failed(ctx, Kind::Incentive, subject, &live, input, failure).await)
            }
        }
    }

    /// Runs a recorded settlement again over the same facts; gives the output's bytes and the fuel.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `stream-differs` when the facts up to the watermark are no longer those that were
    /// hashed; [`AppError::Rule`] when the plugin fails now.
    pub async fn replay_incentive(
        &self,
        ctx: &Context,
        decision: &Decision,
        settings: &str,
    ) -> Result<(Vec<u8>, u64)> {
        let input: RunInput = serde_json::from_slice(&decision.input)
            .map_err(|error| AppError::Internal(format!("input of decision {}: {error}", decision.id)))?;
        let plugin = self.rules().plugin(self.db(), ctx.company, &decision.plugin_digest).await?;
        let wanted = (input.facts, input.stream_sha256.clone());
        let mut tx = self.db().read(ctx.company).await?;
        let (again, evaluated) = ask(&mut tx, ctx, &plugin, settings.to_owned(), input).await?;
        if (again.facts, again.stream_sha256) != wanted {
            return Err(stream_differs());
        }
        match evaluated {
            Ok(evaluated) => Ok((json(&evaluated.answer)?, evaluated.fuel)),
            Err(failure) => Err(AppError::Rule { kind: Kind::Incentive, failure: Box::new(failure) }),
        }
    }
}

/// The company's programs that have a rule now, each with it.
///
/// # Errors
/// As any query.
pub(crate) async fn running(tx: &mut Tx, ctx: &Context, now: Instant) -> Result<Vec<(Program, Live)>> {
    let mut running = Vec::new();
    for program in programs::all(tx, ctx.company).await? {
        let (of, whole) = (Some(program.id), For::default());
        let live = bindings::live(tx, ctx.company, Kind::Incentive, of, whole, now).await?;
        running.extend(live.map(|live| (program, live)));
    }
    Ok(running)
}

/// The facts of a period and of the same days a year before, up to a watermark.
pub(crate) fn window(period: Period, watermark: i64) -> Window {
    let before = period.year_before();
    Window { days: (period.first, period.last), year_before: (before.first, before.last), watermark }
}

fn check_query(input: &RunInput) -> Result<()> {
    if input.query == QUERY_VERSION && input.chunk >= 1 {
        return Ok(());
    }
    let message = format!("facts read by version {} of the queries cannot be read any more", input.query);
    Err(AppError::conflict("query-version", message))
}

fn stream_differs() -> AppError {
    let message = "the facts that this decision rests on are no longer the same; restore the database";
    AppError::conflict("stream-differs", message)
}

fn check_calendar(program: &Program, period: Period) -> Result<()> {
    let calendar = program.calendar;
    if calendar.has(period) {
        return Ok(());
    }
    let example = calendar.period_of(period.first);
    let message = format!("this program settles by the {calendar}; write for example {example}");
    Err(AppError::invalid(Issue::new("/period", "period-calendar", message).with("example", example)))
}

/// The bytes that a decision keeps.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| AppError::Internal(error.to_string()))
}

/// Everything that the plugin is told before the facts, and where the facts end.
async fn freeze(
    tx: &mut Tx,
    ctx: &Context,
    program: &Program,
    period: Period,
    budget_left: Option<i64>,
    reads: &Descriptor,
) -> Result<RunInput> {
    let watermark = companies::counted(tx, ctx.company, facts::COUNTER).await?;
    let everybody = dealers::all(tx, ctx.company).await?;
    let position: HashMap<DealerId, u32> = everybody.iter().map(|dealer| dealer.id).zip(0..).collect();
    let participant = |dealer: &dealers::Dealer| Participant {
        code: dealer.code.clone(),
        tier: dealer.tier.clone(),
        region: dealer.region.clone(),
        parent: dealer.parent_id.and_then(|parent| position.get(&parent).copied()),
        attributes: attributes(&dealer.attributes, &reads.attributes),
    };
    let metrics = figures(tx, ctx, period, &everybody, &reads.metrics).await?;
    let goals = targets::of_period(tx, ctx.company, &period.to_string()).await?;
    let goal = |target: targets::Target| {
        let participant = *position.get(&target.dealer_id)?;
        Some(Figure { participant, code: target.metric, value: target.value.0 })
    };
    let mut input = RunInput {
        query: QUERY_VERSION,
        chunk: CHUNK,
        watermark,
        facts: 0,
        stream_sha256: String::new(),
        dealers: everybody.iter().map(|dealer| dealer.id).collect(),
        products: Vec::new(),
        header: IncentiveHeader {
            program: program.code.clone(),
            currency: ctx.currency,
            first: period.first,
            last: period.last,
            participants: everybody.iter().map(participant).collect(),
            products: Vec::new(),
            targets: goals.into_iter().filter_map(goal).collect(),
            metrics,
            budget_left,
        },
    };
    for product in facts::products(tx, ctx.company, &input.window()).await? {
        input.products.push(product.id);
        input.header.products.push(FactProduct {
            sku: product.sku,
            category: product.category,
            attributes: attributes(&product.attributes, &reads.attributes),
        });
    }
    Ok(input)
}

/// The metrics that the plugin asks for, of every participant that has them.
async fn figures(
    tx: &mut Tx,
    ctx: &Context,
    period: Period,
    participants: &[dealers::Dealer],
    codes: &[String],
) -> Result<Vec<Figure>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let measured = measure(tx, ctx, period, participants).await?;
    let of = |(position, dealer): (u32, &dealers::Dealer)| {
        let metrics = measured.of(dealer.id, codes).into_iter();
        let figure = move |metric: Metric| {
            Some(Figure { participant: position, code: metric.code, value: metric.actual? })
        };
        metrics.filter_map(figure).collect::<Vec<_>>()
    };
    Ok((0..).zip(participants).flat_map(of).collect())
}

/// Streams the facts of a frozen question through the plugin, which runs on a thread of its own; a channel of
/// [`WAITING`] chunks is all that is ever held. Gives the question back with the facts counted and hashed.
async fn ask(
    tx: &mut Tx,
    ctx: &Context,
    plugin: &Arc<Plugin>,
    settings: String,
    input: RunInput,
) -> Result<(RunInput, std::result::Result<Evaluated<IncentiveAnswer>, RuleFailure>)> {
    check_query(&input)?;
    let (window, chunk) = (input.window(), input.chunk);
    let extent = facts::extent(tx, ctx.company, &window).await?;
    let (to, from) = mpsc::channel(WAITING);
    let plugin = Arc::clone(plugin);
    let named = ctx.company_code.clone();
    let feeding = tokio::spawn(in_background(move || {
        let fed = feed(&named, &plugin, &settings, &input, from);
        (input, fed)
    }));
    let streamed = stream(tx, ctx.company, &window, &extent, chunk, &to).await;
    drop(to);
    let (mut input, fed) = feeding.await.map_err(|error| AppError::Internal(error.to_string()))??;
    streamed?;
    input.facts = fed.facts;
    input.stream_sha256 = fed.stream_sha256;
    Ok((input, fed.evaluated))
}

/// Sends the facts of a window in order until they end or nobody takes them any more.
async fn stream(
    tx: &mut Tx,
    company: CompanyId,
    window: &Window,
    extent: &Extent,
    chunk: i64,
    to: &mpsc::Sender<Vec<Read>>,
) -> Result<()> {
    let mut after = extent.first - 1;
    while extent.count > 0 && after < extent.last {
        let through = after.saturating_add(chunk);
        let facts = facts::between(tx, company, window, after, through).await?;
        if !facts.is_empty() && to.send(facts).await.is_err() {
            return Ok(());
        }
        after = through;
    }
    Ok(())
}

/// Runs the plugin over what comes through the channel. Blocks.
fn feed(
    company: &str,
    plugin: &Arc<Plugin>,
    settings: &str,
    input: &RunInput,
    mut from: mpsc::Receiver<Vec<Read>>,
) -> Fed {
    let mut hash = Sha256::new();
    let mut facts = 0;
    let evaluated = measured(company, plugin, || {
        let mut run = match plugin.open_incentive(&input.header, settings)? {
            Opened::Run(run) => run,
            Opened::Refused(refused) => return Ok(refused.map(IncentiveAnswer::Refused)),
        };
        let positions = Positions::of(input);
        while let Some(chunk) = from.blocking_recv() {
            let told =
                chunk.iter().map(|fact| positions.told(fact)).collect::<std::result::Result<Vec<_>, _>>()?;
            told.iter().for_each(|fact| hash.update(fact_bytes(fact)));
            facts += whole(told.len() as u64);
            run.add(&told)?;
        }
        run.finish()
    });
    Fed { evaluated, facts, stream_sha256: hex::encode(hash.finalize()) }
}

/// Where dealers and products stand in the header.
struct Positions {
    dealers: HashMap<DealerId, u32>,
    products: HashMap<ProductId, u32>,
}

impl Positions {
    fn of(input: &RunInput) -> Self {
        Self {
            dealers: input.dealers.iter().copied().zip(0..).collect(),
            products: input.products.iter().copied().zip(0..).collect(),
        }
    }

    fn told(&self, fact: &Read) -> std::result::Result<StreamedFact, RuleFailure> {
        let absent = |what: &str| {
            bad(RuleError::BadRequest, format!("fact {}: its {what} is not in the header", fact.seq))
        };
        Ok(StreamedFact {
            seq: fact.seq,
            kind: fact.kind,
            participant: *self.dealers.get(&fact.dealer).ok_or_else(|| absent("dealer"))?,
            product: *self.products.get(&fact.product).ok_or_else(|| absent("product"))?,
            on: fact.on,
            paid_on: fact.paid_on,
            quantity: fact.quantity,
            amount_minor: fact.amount_minor,
            reverses: fact.reverses,
        })
    }
}

fn bad(error: RuleError, detail: String) -> RuleFailure {
    RuleFailure { error, detail, backtrace: None, fuel: 0, elapsed_us: 0 }
}

/// An answer may rest only on facts that the run was given; the engine knows their range, we know them all.
async fn check_bases(
    tx: &mut Tx,
    company: CompanyId,
    input: &RunInput,
    evaluated: Evaluated<IncentiveAnswer>,
) -> Result<std::result::Result<Evaluated<IncentiveAnswer>, RuleFailure>> {
    let IncentiveAnswer::Settled(settlement) = &evaluated.answer else { return Ok(Ok(evaluated)) };
    for (at, payout) in settlement.payouts.iter().enumerate() {
        let Basis::Facts(seqs) = &payout.basis else { continue };
        let named: BTreeSet<i64> = seqs.iter().copied().collect();
        let found = facts::by_seqs(tx, company, seqs, &input.window()).await?;
        if found.len() != named.len() {
            let given: BTreeSet<i64> = found.iter().map(|fact| fact.seq).collect();
            let other = named.difference(&given).next().copied().unwrap_or_default();
            let detail = format!("payout {}: fact {other} was not part of the run", at + 1);
            let (fuel, elapsed_us) = (evaluated.fuel, evaluated.elapsed_us);
            return Ok(Err(RuleFailure { fuel, elapsed_us, ..bad(RuleError::BadAnswer, detail) }));
        }
    }
    Ok(Ok(evaluated))
}
