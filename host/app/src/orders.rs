//! Orders: placed at a plugin's price, confirmed, shipped in parts, called off before anything left.

use crate::errors::{AppError, Issue, Result};
use crate::pricing::{Draft, Priced, host_messages};
use crate::rules::{RuleLine, rule_line, sha256_hex, whole};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::contract::Message;
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{DealerId, DecisionId, OrderId, ProductId, WarehouseId};
use qudao_domain::ledger::{AccountCode, EntryKind, transfer};
use qudao_domain::orders::{OrderStatus, OrderStep};
use qudao_domain::permissions::Action;
use qudao_domain::pricing::{PricingAnswer, Quote};
use qudao_domain::time::Instant;
use qudao_store::decisions::{self, Decision};
use qudao_store::ledger::{self, Entry};
use qudao_store::orders::{self, List, Listed, NewLine, Order, Shipment, ShipmentLine, Step};
use qudao_store::outbox::{self, Event};
use qudao_store::stock::{self, Change};
use qudao_store::{StoreError, Tx, audit, companies, components, prices, revisions};
use std::collections::BTreeMap;
use uuid::Uuid;

mod shipping;
pub use shipping::{Shipping, ShippingLine};

/// How often an order is priced anew when what its price depends on changes under it.
const PRICINGS: usize = 3;

/// An order that was placed, or had been placed before under the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The order.
    pub order: Order,
    /// Whether the key had been used for it before, so that nothing was done now.
    pub again: bool,
}

/// How an order's prices came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The decision.
    pub decision: DecisionId,
    /// The plugin's answer: steps and skipped rules by line, changes to the order, approvals.
    pub quote: Quote,
    /// The plugin's sentences.
    pub messages: Vec<Message>,
    /// The rule that priced it.
    pub rule: RuleLine,
    /// The plugin's digest.
    pub plugin_digest: String,
}

/// Everything about an order.
#[derive(Debug, Clone)]
pub struct OrderDetails {
    /// Its head.
    pub order: Order,
    /// The dealer's name and code.
    pub dealer: prices::Buyer,
    /// Its lines.
    pub lines: Vec<orders::Line>,
    /// Why its prices are what they are; none for imported history.
    pub explained: Option<Explained>,
    /// Its steps with the names of those who took them, oldest first.
    pub steps: Vec<(Step, String)>,
    /// What left, oldest first.
    pub shipments: Vec<(Shipment, Vec<ShipmentLine>)>,
}

/// Which orders to list.
#[derive(Debug, Clone, Default)]
pub struct OrderQuery {
    /// Only in this state.
    pub status: Option<OrderStatus>,
    /// Only of the dealer with this id.
    pub dealer: Option<DealerId>,
    /// Words in number, reference, customer or dealer's name.
    pub search: String,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Up to this day.
    pub to: Option<NaiveDate>,
    /// Only those older than this one.
    pub before: Option<OrderId>,
    /// At most so many; 1 to 200.
    pub limit: i64,
}

impl App {
    /// Places an order at the price that the bound plugin forms now. With a `key`, the same draft sent again gives
    /// the same order.
    ///
    /// # Errors
    /// As [`App::quote`]; [`AppError::Invalid`] `stock` where too few are left; [`AppError::Conflict`] `credit-limit`,
    /// `key-reused`, or `prices-moving` when what the price depends on keeps changing.
    pub async fn place_order(&self, ctx: &Context, draft: &Draft, key: Option<&str>) -> Result<Placed> {
        ctx.reach(Action::OrdersPlace)?;
        check_words(draft, key)?;
        let request_hash = request_hash(draft)?;
        let key = key.map(|key| (key, request_hash.as_str()));
        for _ in 0..PRICINGS {
            let mut tx = self.db().read(ctx.company).await?;
            if let Some(key) = key
                && let Some(placed) = placed_before(&mut tx, ctx, key).await?
            {
                return Ok(placed);
            }
            let priced = self.price_in(tx, ctx, draft).await?;
            match self.write_order(ctx, draft, &priced, key).await? {
                Written::Done(order) => return Ok(Placed { order: *order, again: false }),
                Written::Moved => {}
            }
        }
        Err(AppError::conflict(
            "prices-moving",
            "prices are changing just now; check them and place the order again",
        ))
    }

    async fn write_order(
        &self,
        ctx: &Context,
        draft: &Draft,
        priced: &Priced,
        key: Option<(&str, &str)>,
    ) -> Result<Written> {
        let now = self.clock().now();
        let (mut tx, revisions) = companies::begin_resting(self.db(), ctx.company).await?;
        if revisions != priced.revisions {
            return Ok(Written::Moved);
        }
        let id = OrderId::at(now);
        // First of all: whoever sent the same order at the same moment waits here, and then finds this one.
        if let Some((key, hash)) = key {
            match orders::keep_key(&mut tx, ctx.company, ctx.user, key, hash, id.0, now).await {
                Ok(()) => {}
                Err(StoreError::Conflict(_)) => return Ok(Written::Moved),
                Err(error) => return Err(error.into()),
            }
        }
        reserve(&mut tx, ctx, priced).await?;
        let decision = decision(priced, self.rules().engine().version(), id, now);
        decisions::insert(&mut tx, ctx.company, &decision).await?;
        let order = new_order(ctx, draft, priced, id, decision.id, now);
        match orders::insert(&mut tx, ctx.company, &order, &new_lines(priced)?).await {
            Ok(()) => {}
            // The random part of the number was taken: price and number it again.
            Err(StoreError::Conflict(_)) => return Ok(Written::Moved),
            Err(error) => return Err(error.into()),
        }
        let (open, backlog) = (AccountCode::OpenOrders, AccountCode::OrderBacklog);
        let postings = transfer(order.dealer_id, open, backlog, order.total_minor, ctx.currency, None);
        let day = order.ordered_on;
        post(&mut tx, ctx, now, EntryKind::OrderPlaced, id.0, day, &postings).await?;
        within_credit(&mut tx, ctx, &priced.quoted.dealer).await?;
        tell(&mut tx, ctx, now, &order, "order.placed").await?;
        tx.commit().await?;
        Ok(Written::Done(Box::new(order)))
    }

    /// Orders within the reader's reach, newest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn orders(&self, ctx: &Context, query: &OrderQuery) -> Result<Vec<Listed>> {
        let list = listing(ctx, query)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(orders::list(&mut tx, ctx.company, &list).await?)
    }

    /// How many orders stand in each state, by the same filters.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn order_counts(&self, ctx: &Context, query: &OrderQuery) -> Result<Vec<(OrderStatus, i64)>> {
        let list = listing(ctx, query)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(orders::count_by_status(&mut tx, ctx.company, &list).await?)
    }

    /// For each listed order its pieces, and whether somebody must agree to it.
    ///
    /// # Errors
    /// As any query.
    pub async fn order_pieces(&self, ctx: &Context, listed: &[Listed]) -> Result<Vec<(i64, bool)>> {
        let mut tx = self.db().read(ctx.company).await?;
        let mut pieces = Vec::with_capacity(listed.len());
        for one in listed {
            let count = orders::pieces(&mut tx, ctx.company, one.order.id).await?;
            let open = one.order.status == OrderStatus::Placed;
            let explained = match one.order.decision_id.filter(|_| open) {
                Some(decision) => explained(&mut tx, ctx, decision).await?,
                None => None,
            };
            pieces.push((count, explained.is_some_and(|explained| !explained.quote.approvals.is_empty())));
        }
        Ok(pieces)
    }

    /// The company's warehouses: id, code and name.
    ///
    /// # Errors
    /// As any query.
    pub async fn warehouses(&self, ctx: &Context) -> Result<Vec<(WarehouseId, String, String)>> {
        let mut tx = self.db().read(ctx.company).await?;
        Ok(stock::warehouses(&mut tx, ctx.company).await?)
    }

    /// Everything about an order.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when it is not within the reader's reach.
    pub async fn order(&self, ctx: &Context, id: OrderId) -> Result<OrderDetails> {
        let mut tx = self.db().read(ctx.company).await?;
        let order = reachable(&mut tx, ctx, id, Action::OrdersRead).await?;
        let lost = || AppError::Internal(format!("order {id} names a dealer that is not there"));
        let dealer =
            prices::buyer(&mut tx, ctx.company, Some(order.dealer_id), None).await?.ok_or_else(lost)?;
        let explained = match order.decision_id {
            Some(decision) => explained(&mut tx, ctx, decision).await?,
            None => None,
        };
        Ok(OrderDetails {
            dealer,
            lines: orders::lines(&mut tx, ctx.company, id).await?,
            explained,
            steps: orders::steps(&mut tx, ctx.company, id).await?,
            shipments: orders::shipments(&mut tx, ctx.company, id).await?,
            order,
        })
    }

    /// Accepts a placed order. `revision` is the one that the reader saw.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Conflict`] `changed-meanwhile` or `order-step`.
    pub async fn confirm_order(&self, ctx: &Context, id: OrderId, revision: Option<i64>) -> Result<Order> {
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let order = reachable(&mut tx, ctx, id, Action::OrdersFulfil).await?;
        let order = step(&mut tx, ctx, now, order, OrderStep::Confirm, revision, "").await?;
        tell(&mut tx, ctx, now, &order, "order.confirmed").await?;
        tx.commit().await?;
        Ok(order)
    }

    /// Calls an order off before anything was shipped: stock is released, the open amount taken back.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Conflict`] `changed-meanwhile` or `order-step`.
    pub async fn cancel_order(
        &self,
        ctx: &Context,
        id: OrderId,
        revision: Option<i64>,
        note: &str,
    ) -> Result<Order> {
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let order = reachable(&mut tx, ctx, id, Action::OrdersCancel).await?;
        let order = step(&mut tx, ctx, now, order, OrderStep::Cancel, revision, note).await?;
        let lines = orders::lines(&mut tx, ctx.company, id).await?;
        let released = lines.iter().map(|line| {
            (line.warehouse_id, line.product_id, Change { on_hand: 0, reserved: -line.quantity })
        });
        move_stock(&mut tx, ctx, released).await?;
        let (open, backlog) = (AccountCode::OpenOrders, AccountCode::OrderBacklog);
        let currency = currency_of(&order)?;
        let postings = transfer(order.dealer_id, backlog, open, order.total_minor, currency, None);
        post(&mut tx, ctx, now, EntryKind::OrderCancelled, id.0, ctx.day(now), &postings).await?;
        tell(&mut tx, ctx, now, &order, "order.cancelled").await?;
        audit::record(
            &mut tx,
            ctx.company,
            now,
            ctx.user,
            "order.cancel",
            &order.number,
            &serde_json::json!({ "note": note }),
        )
        .await?;
        tx.commit().await?;
        Ok(order)
    }
}

/// What became of an attempt to write an order.
enum Written {
    Done(Box<Order>),
    /// What its price depends on changed, or its key was used meanwhile: look again.
    Moved,
}

/// The order that was placed under a key, where there is one; the hash is that of the request.
async fn placed_before(tx: &mut Tx, ctx: &Context, (key, hash): (&str, &str)) -> Result<Option<Placed>> {
    let Some((placed_for, subject)) = orders::by_key(tx, ctx.company, ctx.user, key).await? else {
        return Ok(None);
    };
    if placed_for != hash {
        let message = "this Idempotency-Key was used for a different order; use a new key";
        return Err(AppError::conflict("key-reused", message));
    }
    let order = orders::find(tx, ctx.company, OrderId(subject), None, 0).await?;
    let lost = || AppError::Internal(format!("key {key} names order {subject}, which is not there"));
    Ok(Some(Placed { order: order.ok_or_else(lost)?, again: true }))
}

fn check_words(draft: &Draft, key: Option<&str>) -> Result<()> {
    let mut issues = Vec::new();
    for (pointer, text, most) in [
        ("/reference", draft.reference.as_str(), 100),
        ("/customer", &draft.customer, 100),
        ("/key", key.unwrap_or_default(), 200),
    ] {
        if text.chars().count() > most {
            let message = format!("use at most {most} characters");
            issues.push(Issue::new(pointer, "max-length", message).with("limit", most));
        }
    }
    if issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(issues)) }
}

fn request_hash(draft: &Draft) -> Result<String> {
    let bytes = serde_json::to_vec(draft).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(sha256_hex(&bytes))
}

async fn reserve(tx: &mut Tx, ctx: &Context, priced: &Priced) -> Result<()> {
    let lines = &priced.quoted.lines;
    let mut moves = Vec::with_capacity(lines.len());
    for line in lines {
        let nowhere =
            || AppError::conflict("no-warehouse", "the company has no warehouse yet; add one and its stock");
        let (warehouse, product) = line.source().ok_or_else(nowhere)?;
        moves.push((warehouse, product, Change { on_hand: 0, reserved: line.quantity }));
    }
    let short = try_move_stock(tx, ctx, moves.into_iter()).await?;
    if short.is_empty() {
        return Ok(());
    }
    let lacking = lines.iter().enumerate().filter(|(_, line)| short.contains(&line.offer.id));
    let issues = lacking.map(|(at, line)| {
        let available = line.offer.available;
        let message = format!("only {available} pieces of {} are left", line.offer.sku);
        let issue = Issue::new(format!("/lines/{at}/quantity"), "stock", message);
        issue.with("sku", &line.offer.sku).with("available", available)
    });
    Err(AppError::Invalid(issues.collect()))
}

async fn move_stock(
    tx: &mut Tx,
    ctx: &Context,
    moves: impl Iterator<Item = (WarehouseId, ProductId, Change)>,
) -> Result<()> {
    let refused = try_move_stock(tx, ctx, moves).await?;
    if refused.is_empty() {
        return Ok(());
    }
    Err(AppError::Internal(format!("the stock of {refused:?} does not hold what was reserved")))
}

/// Adds the changes up by warehouse and product and makes them; gives the products that lack stock.
async fn try_move_stock(
    tx: &mut Tx,
    ctx: &Context,
    moves: impl Iterator<Item = (WarehouseId, ProductId, Change)>,
) -> Result<Vec<ProductId>> {
    let mut by_warehouse: BTreeMap<WarehouseId, BTreeMap<ProductId, Change>> = BTreeMap::new();
    for (warehouse, product, change) in moves {
        let sum = by_warehouse.entry(warehouse).or_default().entry(product).or_default();
        sum.on_hand += change.on_hand;
        sum.reserved += change.reserved;
    }
    let mut refused = Vec::new();
    for (warehouse, changes) in by_warehouse {
        refused.extend(stock::change(tx, ctx.company, warehouse, &changes).await?);
    }
    Ok(refused)
}

fn decision(priced: &Priced, engine: &str, order: OrderId, now: Instant) -> Decision {
    Decision {
        id: DecisionId::at(now),
        kind: priced.plugin.kind(),
        outcome: priced.outcome.to_owned(),
        subject: format!("order {order}"),
        plugin_digest: priced.live.plugin_digest.clone(),
        contract: priced.plugin.contract().to_owned(),
        revision_id: priced.live.revision_id,
        binding_id: priced.live.binding_id,
        engine: engine.to_owned(),
        made_for: priced.quoted.made_for,
        made_at: now,
        input_hash: sha256_hex(&priced.input),
        input: priced.input.clone(),
        output_hash: sha256_hex(&priced.output),
        output: priced.output.clone(),
        fuel: whole(priced.fuel),
        elapsed_us: whole(priced.elapsed_us),
        parent_id: None,
    }
}

fn new_order(
    ctx: &Context,
    draft: &Draft,
    priced: &Priced,
    id: OrderId,
    decision: DecisionId,
    now: Instant,
) -> Order {
    let quoted = &priced.quoted;
    let ordered_on = ctx.day(quoted.made_for);
    Order {
        id,
        number: order_number(ordered_on, id),
        dealer_id: quoted.dealer.id,
        placed_by: ctx.user,
        status: OrderStatus::Placed,
        revision: 1,
        currency: ctx.currency.code().to_owned(),
        subtotal_minor: quoted.totals.subtotal_minor,
        adjustments_minor: quoted.totals.adjustments_minor,
        total_minor: quoted.totals.total_minor,
        lines: whole(quoted.lines.len() as u64),
        reference: draft.reference.trim().to_owned(),
        customer: draft.customer.trim().to_owned(),
        ordered_on,
        placed_at: now,
        decision_id: Some(decision),
    }
}

/// The day and seven characters out of the id's random bits, such as `261124-K7M2QXD`: no counter that every order
/// would have to wait for, and no way to read the vendor's turnover off it. Letters that look like digits are left out.
fn order_number(day: NaiveDate, id: OrderId) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut bits = id.0.as_u128();
    let mut number = day.format("%y%m%d-").to_string();
    for _ in 0..7 {
        number.push(char::from(LETTERS[(bits & 31) as usize]));
        bits >>= 5;
    }
    number
}

fn new_lines(priced: &Priced) -> Result<Vec<NewLine>> {
    let lines = priced.quoted.lines.iter().zip(1..);
    lines
        .map(|(line, number)| {
            let nowhere = || AppError::Internal("a priced line has no warehouse".to_owned());
            let (warehouse_id, product_id) = line.source().ok_or_else(nowhere)?;
            Ok(NewLine {
                number,
                product_id,
                warehouse_id,
                quantity: line.quantity,
                base_price: Exact(line.base_price),
                unit_price: Exact(line.unit_price),
                amount_minor: line.amount_minor,
            })
        })
        .collect()
}

/// After the order's posting: what the dealer owes and has on order must be within its credit.
async fn within_credit(tx: &mut Tx, ctx: &Context, dealer: &prices::Buyer) -> Result<()> {
    let Some(limit) = dealer.credit_limit_minor else { return Ok(()) };
    let used = credit_used(tx, ctx, dealer.id).await?;
    if used <= limit {
        return Ok(());
    }
    let over = used - limit;
    let exponent = ctx.currency.exponent();
    Err(AppError::Conflict {
        code: "credit-limit",
        args: vec![("over", qudao_domain::decimal::Decimal::new(over, exponent).to_string())],
        message: format!("the order exceeds the dealer's credit by {over} minor units of {}", ctx.currency),
    })
}

/// Open orders plus what was shipped and not yet paid, in minor units of the company's currency.
pub(crate) async fn credit_used(tx: &mut Tx, ctx: &Context, dealer: DealerId) -> Result<i64> {
    let balances = ledger::balances(tx, ctx.company, dealer, ctx.currency.code()).await?;
    let counted = |account: &AccountCode| matches!(account, AccountCode::OpenOrders | AccountCode::Unbilled);
    Ok(balances.iter().filter(|(account, _)| counted(account)).map(|(_, amount)| amount).sum())
}

async fn post(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    kind: EntryKind,
    document: Uuid,
    effective_on: NaiveDate,
    postings: &[qudao_domain::ledger::Posting],
) -> Result<()> {
    let entry = Entry { kind, document, effective_on, postings, codes: &[], source: None };
    ledger::post(tx, ctx.company, now, &entry).await?;
    Ok(())
}

async fn tell(tx: &mut Tx, ctx: &Context, now: Instant, order: &Order, event: &str) -> Result<()> {
    let body = serde_json::json!({
        "id": order.id, "number": order.number, "dealer": order.dealer_id, "status": order.status,
        "currency": order.currency, "total_minor": order.total_minor,
    });
    let (aggregate, aggregate_id, aggregate_seq) = ("order", order.id.0, order.revision);
    let event = Event { aggregate, aggregate_id, aggregate_seq, event, version: 1, body };
    Ok(outbox::insert(tx, ctx.company, now, &event).await?)
}

async fn reachable(tx: &mut Tx, ctx: &Context, id: OrderId, action: Action) -> Result<Order> {
    let within = ctx.within(action)?;
    orders::find(tx, ctx.company, id, within.ancestor, within.depth).await?.ok_or(AppError::NotFound)
}

/// Takes a step, if it makes sense where the order stands and nobody took another meanwhile.
async fn step(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    mut order: Order,
    step: OrderStep,
    seen: Option<i64>,
    note: &str,
) -> Result<Order> {
    let changed = || {
        AppError::conflict(
            "changed-meanwhile",
            "the order has changed meanwhile; look at it again and repeat the step",
        )
    };
    if seen.is_some_and(|seen| seen != order.revision) {
        return Err(changed());
    }
    order.status = order.status.after(step).map_err(|refused| AppError::Conflict {
        code: "order-step",
        args: vec![("status", refused.status.to_string())],
        message: format!("an order that is {} cannot take this step", refused.status),
    })?;
    order.revision += 1;
    let note = note.chars().take(500).collect();
    let taken = Step { revision: order.revision, status: order.status, at: now, user_id: ctx.user, note };
    if orders::take_step(tx, ctx.company, order.id, &taken).await? { Ok(order) } else { Err(changed()) }
}

fn currency_of(order: &Order) -> Result<qudao_domain::money::Currency> {
    order
        .currency
        .parse()
        .map_err(|_| AppError::Internal(format!("order {} has an unusable currency", order.id)))
}

fn listing<'a>(ctx: &Context, query: &'a OrderQuery) -> Result<List<'a>> {
    let within = ctx.within(Action::OrdersRead)?;
    Ok(List {
        ancestor: within.ancestor,
        depth: within.depth,
        status: query.status,
        dealer: query.dealer,
        search: &query.search,
        from: query.from,
        to: query.to,
        before: query.before,
        limit: query.limit.clamp(1, 201),
    })
}

async fn explained(tx: &mut Tx, ctx: &Context, id: DecisionId) -> Result<Option<Explained>> {
    let lost = |what: &str| AppError::Internal(format!("decision {id} has no readable {what}"));
    let decision = decisions::find(tx, ctx.company, id).await?.ok_or_else(|| lost("row"))?;
    let answer = serde_json::from_slice(&decision.output).map_err(|_| lost("output"))?;
    let PricingAnswer::Quoted(quote) = answer else { return Ok(None) };
    let descriptor = components::descriptor(tx, ctx.company, &decision.plugin_digest).await?;
    let descriptor = descriptor.ok_or_else(|| lost("plugin"))?;
    let revision =
        revisions::find(tx, ctx.company, decision.revision_id).await?.ok_or_else(|| lost("settings"))?;
    Ok(Some(Explained {
        decision: id,
        quote,
        rule: rule_line(&descriptor, revision.number),
        messages: [descriptor.messages, host_messages(&decision.outcome)].concat(),
        plugin_digest: decision.plugin_digest,
    }))
}
