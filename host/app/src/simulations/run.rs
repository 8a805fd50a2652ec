//! Tries a pricing rule: reads orders a few hundred at a time and prices them on all processors.

use super::NewSimulation;
use super::running::{Ran, ran};
use super::tally::{Change, Limits, PricedLine, Tally};
use crate::errors::{AppError, Result};
use crate::measured::measured;
use crate::rules::attributes;
use crate::threads::{give_way, off_thread};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::contract::Attribute;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::{DealerId, OrderId, ProductId, SimulationId};
use qudao_domain::money::{Currency, Money};
use qudao_domain::orders::totals;
use qudao_domain::pricing::{Buyer, LineRequest, PricingAnswer, PricingRequest, former_price};
use qudao_engine::Plugin;
use qudao_store::simulations::{self, Line};
use qudao_store::{costs, dealers, prices, products};
use std::collections::HashMap;
use std::sync::Arc;

/// How many orders are read at a time.
const CHUNK: i64 = 500;

/// What stays the same for every order: who buys and what is sold, as they stand now.
struct World {
    company: String,
    currency: Currency,
    dealers: Vec<Buyer>,
    dealer_at: HashMap<DealerId, usize>,
    dealer_names: Vec<(String, String)>,
    products: Vec<(String, String, Vec<Attribute>)>,
    /// List prices, the latest first.
    prices: HashMap<ProductId, Vec<(NaiveDate, Decimal)>>,
    /// What one piece costs the company, the latest first.
    costs: HashMap<ProductId, Vec<(NaiveDate, Decimal)>>,
    product_at: HashMap<ProductId, usize>,
    product_names: Vec<(String, String)>,
}

impl World {
    /// A line as its order had it, of the product at a place.
    fn ask(&self, number: u32, line: &Line, at: usize) -> LineRequest {
        let (sku, category, attributes) = &self.products[at];
        let prices = self.prices.get(&line.product_id);
        LineRequest {
            number,
            sku: sku.clone(),
            category: category.clone(),
            quantity: line.quantity,
            base_price: line.base_price.0,
            former_price: prices.and_then(|prices| former_price(prices, line.ordered_on)),
            attributes: attributes.clone(),
        }
    }

    /// What the pieces of a line cost the company on the order's day, in minor units; none where the product had no
    /// cost yet, or one with which the line is larger than can be kept.
    fn cost_minor(&self, line: &Line) -> Option<i64> {
        let mut dated = self.costs.get(&line.product_id)?.iter();
        let (_, cost) = dated.find(|(from, _)| *from <= line.ordered_on)?;
        Money::of_line(*cost, line.quantity, self.currency).ok().map(|money| money.minor)
    }
}

impl App {
    pub(super) async fn simulate_pricing(
        &self,
        ctx: &Context,
        id: SimulationId,
        new: &NewSimulation,
        settings: &str,
    ) -> Result<Ran> {
        let plugin = self.rules().plugin(self.db(), ctx.company, &new.digest).await?;
        let world = Arc::new(self.world(ctx, &plugin).await?);
        let settings: Arc<str> = settings.into();
        let days = (new.first, new.last);
        let mut tally = Tally::default();
        let mut after: Option<OrderId> = None;
        loop {
            let mut tx = self.db().read(ctx.company).await?;
            let lines = simulations::lines(&mut tx, ctx.company, days, after, CHUNK).await?;
            drop(tx);
            let Some(last) = lines.last() else { break };
            after = Some(last.order_id);
            let (plugin, settings, shared) = (Arc::clone(&plugin), Arc::clone(&settings), Arc::clone(&world));
            let counted =
                off_thread(move || on_all_processors(&plugin, &settings, &shared, &lines)).await??;
            tally.merge(counted);
            if self.beat(ctx, id, tally.done()).await? {
                return Ok(Ran::Stopped(tally.done()));
            }
        }
        let limits = Limits {
            most_loss_minor: new.most_loss_minor,
            most_cost_minor: new.most_cost_minor,
            least_margin: new.least_margin,
        };
        let outcome = tally.outcome(&world.dealer_names, &world.product_names, limits);
        ran(usize::try_from(outcome.orders).unwrap_or(usize::MAX), &outcome)
    }

    async fn world(&self, ctx: &Context, plugin: &Plugin) -> Result<World> {
        let reads = &plugin.descriptor().attributes;
        let mut tx = self.db().read(ctx.company).await?;
        let everybody = dealers::all(&mut tx, ctx.company).await?;
        let everything = products::all(&mut tx, ctx.company).await?;
        let mut list_prices: HashMap<ProductId, Vec<(NaiveDate, Decimal)>> = HashMap::new();
        // They come by day; the latest is to be first.
        for listed in prices::all(&mut tx, ctx.company).await?.into_iter().rev() {
            list_prices.entry(listed.product_id).or_default().push((listed.valid_from, listed.price.0));
        }
        let mut cost_prices: HashMap<ProductId, Vec<(NaiveDate, Decimal)>> = HashMap::new();
        for cost in costs::all(&mut tx, ctx.company).await? {
            cost_prices.entry(cost.product_id).or_default().push((cost.valid_from, cost.cost.0));
        }
        let buyer = |dealer: &dealers::Dealer| Buyer {
            code: dealer.code.clone(),
            tier: dealer.tier.clone(),
            region: dealer.region.clone(),
            attributes: attributes(&dealer.attributes, reads),
        };
        let product = |product: &products::Product| {
            (product.sku.clone(), product.category.clone(), attributes(&product.attributes, reads))
        };
        Ok(World {
            company: ctx.company_code.clone(),
            currency: ctx.currency,
            dealers: everybody.iter().map(buyer).collect(),
            dealer_at: everybody.iter().map(|dealer| dealer.id).zip(0..).collect(),
            dealer_names: everybody.iter().map(|dealer| (dealer.code.clone(), dealer.name.clone())).collect(),
            products: everything.iter().map(product).collect(),
            prices: list_prices,
            costs: cost_prices,
            product_at: everything.iter().map(|product| product.id).zip(0..).collect(),
            product_names: everything
                .iter()
                .map(|product| (product.sku.clone(), product.name.clone()))
                .collect(),
        })
    }
}

/// Prices the orders of these lines, shared out over as many threads as there are processors. Blocks.
fn on_all_processors(plugin: &Arc<Plugin>, settings: &str, world: &World, lines: &[Line]) -> Result<Tally> {
    let orders: Vec<&[Line]> = lines.chunk_by(|one, next| one.order_id == next.order_id).collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = orders.len().div_ceil(threads).max(1);
    let counted: Vec<Result<Tally>> = std::thread::scope(|scope| {
        let running: Vec<_> = orders
            .chunks(share)
            .map(|orders| scope.spawn(move || price_all(plugin, settings, world, orders)))
            .collect();
        let died = |_| Err(AppError::Internal("a thread of the simulation died".to_owned()));
        running.into_iter().map(|thread| thread.join().unwrap_or_else(died)).collect()
    });
    let mut tally = Tally::default();
    for part in counted {
        tally.merge(part?);
    }
    Ok(tally)
}

fn price_all(plugin: &Arc<Plugin>, settings: &str, world: &World, orders: &[&[Line]]) -> Result<Tally> {
    give_way();
    let mut tally = Tally::default();
    for order in orders {
        price_one(plugin, settings, world, order, &mut tally)?;
    }
    Ok(tally)
}

fn price_one(
    plugin: &Arc<Plugin>,
    settings: &str,
    world: &World,
    order: &[Line],
    tally: &mut Tally,
) -> Result<()> {
    let Some(head) = order.first() else { return Ok(()) };
    let lost =
        |what: &str| AppError::Internal(format!("order {} names a {what} that is gone", head.order_id));
    let dealer = *world.dealer_at.get(&head.dealer_id).ok_or_else(|| lost("dealer"))?;
    let buyer = &world.dealers[dealer];
    let places: Option<Vec<usize>> =
        order.iter().map(|line| world.product_at.get(&line.product_id).copied()).collect();
    let places = places.ok_or_else(|| lost("product"))?;
    let lines = (1..).zip(order).zip(&places).map(|((number, line), at)| world.ask(number, line, *at));
    let request = PricingRequest {
        currency: world.currency,
        on: head.ordered_on,
        dealer: buyer.clone(),
        terms: Vec::new(),
        history: Vec::new(),
        lines: lines.collect(),
    };
    let mut change = Change {
        order: head.order_id.0,
        number: head.order_number.clone(),
        dealer: buyer.code.clone(),
        on: head.ordered_on,
        before_minor: head.total_minor,
        after_minor: None,
        reason: String::new(),
    };
    match measured(&world.company, plugin, || plugin.price(&request, settings))
        .map(|evaluated| evaluated.answer)
    {
        Ok(PricingAnswer::Quoted(quote)) => match totals(&request.lines, &quote, world.currency) {
            Ok(totals) => {
                change.after_minor = Some(totals.total_minor);
                let lines = order.iter().zip(places).zip(&totals.lines_minor);
                let lines = lines.map(|((line, product), after_minor)| PricedLine {
                    product,
                    before_minor: line.amount_minor,
                    after_minor: *after_minor,
                    cost_minor: world.cost_minor(line),
                });
                tally.priced(dealer, change, lines);
            }
            Err(_) => tally.failed("too-large", order.len()),
        },
        Ok(PricingAnswer::Refused(violations)) => {
            change.reason = violations.first().map(|first| first.reason.code.clone()).unwrap_or_default();
            tally.refused(change, order.len());
        }
        Err(failure) => tally.failed(failure.error.as_str(), order.len()),
    }
    Ok(())
}
