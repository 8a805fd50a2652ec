//! What the lines of a cart would earn their dealer if they were shipped today.

use super::{Positions, running, window};
use crate::errors::{AppError, Result};
use crate::measured::measured;
use crate::pricing::Quoted;
use crate::rules::attributes;
use crate::{App, Context};
use qudao_domain::ids::ProductId;
use qudao_domain::incentive::{
    FactKind, FactProduct, Figure, IncentiveAnswer, IncentiveHeader, Participant, StreamedFact,
};
use qudao_domain::time::Period;
use qudao_engine::{Opened, Plugin, RuleFailure};
use qudao_store::programs::Program;
use qudao_store::{Tx, companies, facts, settlements, targets};
use std::collections::HashMap;
use std::sync::Arc;

/// A dealer with more facts than this is given no estimate: it would have to wait for it at each key.
const MOST_FACTS: i64 = 20_000;

/// One program's question: what the dealer did, then what the cart would add.
struct Question {
    header: IncentiveHeader,
    done: Vec<StreamedFact>,
    wished: Vec<StreamedFact>,
}

impl App {
    /// What these lines would add, in minor units, to what the dealer's programs pay it for the period of today: each
    /// program's plugin is asked over the dealer's own facts, once without and once with the lines. An estimate: what
    /// others do and what ships later is not in it. None where no program has a rule or none can be asked.
    ///
    /// # Errors
    /// As any query.
    pub async fn expected_incentive(&self, ctx: &Context, quoted: &Quoted) -> Result<Option<i64>> {
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let rules = running(&mut tx, ctx, now).await?;
        drop(tx);
        let mut sum: Option<i64> = None;
        for (program, live) in rules {
            let plugin = self.rules().plugin(self.db(), ctx.company, &live.plugin_digest).await?;
            let mut tx = self.db().read(ctx.company).await?;
            let question = question(&mut tx, ctx, &program, quoted, &plugin).await?;
            drop(tx);
            let Some(question) = question else { return Ok(None) };
            let (company, turn) = (ctx.company_code.clone(), self.turn(ctx.company).await?);
            let added = turn.run(move || added(&company, &plugin, &live.settings, &question)).await?;
            match added {
                Ok(added) => sum = Some(sum.unwrap_or(0).saturating_add(added)),
                // The settlement names and records it; a cart only goes without the figure.
                Err(failure) => {
                    tracing::warn!(program = %program.code, error = %failure.error.as_str(), detail = %failure.detail, "no estimate");
                    return Ok(None);
                }
            }
        }
        Ok(sum)
    }
}

async fn question(
    tx: &mut Tx,
    ctx: &Context,
    program: &Program,
    quoted: &Quoted,
    plugin: &Plugin,
) -> Result<Option<Question>> {
    if !plugin.descriptor().metrics.is_empty() {
        // Measured over the whole company: too much for each key.
        return Ok(None);
    }
    let reads = &plugin.descriptor().attributes;
    let today = ctx.day(quoted.made_for);
    let period = program.calendar.period_of(today);
    let watermark = companies::counted(tx, ctx.company, facts::COUNTER).await?;
    let window = window(period, watermark);
    let own = facts::own(tx, ctx.company, quoted.dealer.id, &window, MOST_FACTS + 1).await?;
    if own.len() as u64 > MOST_FACTS.unsigned_abs() {
        return Ok(None);
    }
    let mut products = Products::default();
    for product in facts::own_products(tx, ctx.company, quoted.dealer.id, &window).await? {
        products.place(product.id, product.sku, product.category, &product.attributes.0, reads);
    }
    let mut wished = Vec::with_capacity(quoted.lines.len());
    for (seq, line) in (watermark + 1..).zip(&quoted.lines) {
        let offer = &line.offer;
        let (sku, category) = (offer.sku.clone(), offer.category.clone());
        wished.push(StreamedFact {
            seq,
            kind: FactKind::Shipped,
            participant: 0,
            product: products.place(offer.id, sku, category, &offer.attributes.0, reads),
            on: today,
            paid_on: None,
            quantity: line.quantity,
            amount_minor: line.amount_minor,
            reverses: None,
        });
    }
    let positions = Positions { dealers: HashMap::from([(quoted.dealer.id, 0)]), products: products.places };
    let done = own.iter().map(|fact| positions.told(fact)).collect::<std::result::Result<_, _>>();
    let done = done.map_err(|failure| AppError::Internal(failure.detail))?;
    let header = header(tx, ctx, program, quoted, period, reads, products.told).await?;
    Ok(Some(Question { header, done, wished }))
}

/// The header's products, each with its position.
#[derive(Default)]
struct Products {
    told: Vec<FactProduct>,
    places: HashMap<ProductId, u32>,
}

impl Products {
    fn place(
        &mut self,
        id: ProductId,
        sku: String,
        category: String,
        json: &serde_json::Value,
        reads: &[String],
    ) -> u32 {
        let next = u32::try_from(self.told.len()).unwrap_or(u32::MAX);
        *self.places.entry(id).or_insert_with(|| {
            self.told.push(FactProduct { sku, category, attributes: attributes(json, reads) });
            next
        })
    }
}

async fn header(
    tx: &mut Tx,
    ctx: &Context,
    program: &Program,
    quoted: &Quoted,
    period: Period,
    reads: &[String],
    products: Vec<FactProduct>,
) -> Result<IncentiveHeader> {
    let name = period.to_string();
    let dealer = &quoted.dealer;
    let elsewhere = settlements::posted_elsewhere(tx, ctx.company, program.id, &name).await?;
    let own = targets::of_dealer(tx, ctx.company, &name, dealer.id).await?.into_iter();
    Ok(IncentiveHeader {
        program: program.code.clone(),
        currency: ctx.currency,
        first: period.first,
        last: period.last,
        participants: vec![Participant {
            code: dealer.code.clone(),
            tier: dealer.tier.clone(),
            region: dealer.region.clone(),
            parent: None,
            attributes: attributes(&dealer.attributes.0, reads),
        }],
        products,
        targets: own.map(|goal| Figure { participant: 0, code: goal.metric, value: goal.value.0 }).collect(),
        metrics: Vec::new(),
        budget_left: program.budget_minor.map(|budget| budget.saturating_sub(elsewhere)),
    })
}

/// The difference that the wished lines make. Blocks.
fn added(
    company: &str,
    plugin: &Arc<Plugin>,
    settings: &str,
    question: &Question,
) -> std::result::Result<i64, RuleFailure> {
    let without = pays(company, plugin, settings, &question.header, &[&question.done])?;
    let with = pays(company, plugin, settings, &question.header, &[&question.done, &question.wished])?;
    Ok(with.saturating_sub(without))
}

fn pays(
    company: &str,
    plugin: &Arc<Plugin>,
    settings: &str,
    header: &IncentiveHeader,
    chunks: &[&[StreamedFact]],
) -> std::result::Result<i64, RuleFailure> {
    let evaluated = measured(company, plugin, || match plugin.open_incentive(header, settings)? {
        Opened::Refused(refused) => Ok(refused.map(IncentiveAnswer::Refused)),
        Opened::Run(mut run) => {
            chunks.iter().try_for_each(|chunk| run.add(chunk))?;
            run.finish()
        }
    });
    Ok(match evaluated?.answer {
        IncentiveAnswer::Settled(settlement) => {
            settlement.payouts.iter().map(|payout| payout.amount_minor).fold(0, i64::saturating_add)
        }
        IncentiveAnswer::Refused(_) => 0,
    })
}
