//! What an order would cost, and why: the walk from wishes to a checked, explained price.

mod asking;

use crate::errors::{AppError, Issue, Result};
use crate::rules::{RuleLine, attributes, rule_line};
use crate::runs::Sampled;
use crate::{App, Context};
pub(crate) use asking::AT_BASE_PRICE;
use asking::Asked;
use chrono::NaiveDate;
use qudao_domain::contract::{Kind, Message};
use qudao_domain::decimal::{Decimal, Exact};
use qudao_domain::ids::{DealerId, ProductId, WarehouseId};
use qudao_domain::orders::{MAX_LINES, MAX_QUANTITY, Totals, totals};
use qudao_domain::permissions::{Action, Reach};
use qudao_domain::pricing::{
    Buyer, FormerPrice, LineRequest, PricingAnswer, PricingRequest, Quote, base_price_messages,
};
use qudao_domain::time::Instant;
use qudao_engine::Plugin;
use qudao_store::Tx;
use qudao_store::bindings::{self, For, Live};
use qudao_store::companies::{self, Revisions};
use qudao_store::prices::{self, Offer};
use std::collections::HashMap;
use std::sync::Arc;

/// One line that somebody wants to buy.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Wish {
    /// The product's code.
    pub sku: String,
    /// Pieces, 1 to [`MAX_QUANTITY`].
    pub quantity: i64,
}

/// What somebody wants to buy.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Draft {
    /// The dealer's code; a dealer's own people leave it out.
    pub dealer: Option<String>,
    /// The dealer's own reference.
    #[serde(default)]
    pub reference: String,
    /// The end customer.
    #[serde(default)]
    pub customer: String,
    /// What is bought.
    pub lines: Vec<Wish>,
}

/// A priced line, with all that a person needs to understand it.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotedLine {
    /// The product.
    pub offer: Offer,
    /// Pieces.
    pub quantity: i64,
    /// List price of one piece.
    pub base_price: Decimal,
    /// The dealer's price of one piece.
    pub unit_price: Decimal,
    /// Rounded amount of the line, in minor units.
    pub amount_minor: i64,
}

/// What a draft would cost.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// The dealer.
    pub dealer: prices::Buyer,
    /// The moment for which the prices hold.
    pub made_for: Instant,
    /// The lines in the order of the draft.
    pub lines: Vec<QuotedLine>,
    /// The plugin's answer: steps, skipped rules, changes to the order, approvals.
    pub quote: Quote,
    /// Amounts in minor units.
    pub totals: Totals,
    /// The plugin's sentences.
    pub messages: Vec<Message>,
    /// Which rule priced it.
    pub rule: RuleLine,
}

/// A quote with what the write transaction must check and record.
pub(crate) struct Priced {
    pub quoted: Quoted,
    pub live: Live,
    pub plugin: Arc<Plugin>,
    pub revisions: Revisions,
    pub input: Vec<u8>,
    pub output: Vec<u8>,
    /// How the decision came about: answered, or [`AT_BASE_PRICE`].
    pub outcome: &'static str,
    pub fuel: u64,
    pub elapsed_us: u64,
}

/// What the read transaction finds: everything the plugin may know.
struct Found {
    buyer: prices::Buyer,
    live: Live,
    revisions: Revisions,
    offers: Vec<Offer>,
    made_for: Instant,
    day: NaiveDate,
}

impl App {
    /// What a draft would cost its dealer now. Nothing is stored.
    ///
    /// # Errors
    /// [`AppError::Invalid`] by line; [`AppError::Refused`] when the rule refuses; [`AppError::NoRule`];
    /// [`AppError::Rule`] when the plugin fails.
    pub async fn quote(&self, ctx: &Context, draft: &Draft) -> Result<Quoted> {
        let priced = self.price(ctx, draft).await?;
        let Priced { live, outcome, input, output, fuel, elapsed_us, .. } = &priced;
        let sampled = Sampled { live, outcome, input, output, fuel: *fuel, elapsed_us: *elapsed_us };
        if *outcome != AT_BASE_PRICE {
            self.sample(ctx, &priced.quoted.dealer.code, sampled).await?;
        }
        Ok(priced.quoted)
    }

    pub(crate) async fn price(&self, ctx: &Context, draft: &Draft) -> Result<Priced> {
        let tx = self.db().read(ctx.company).await?;
        self.price_in(tx, ctx, draft).await
    }

    /// Prices by what a read transaction sees; it ends before the plugin runs.
    pub(crate) async fn price_in(&self, tx: Tx, ctx: &Context, draft: &Draft) -> Result<Priced> {
        check_wishes(&draft.lines)?;
        let found = self.find_for_price(tx, ctx, draft).await?;
        let asked = self.ask_pricing(ctx, &found, &draft.lines).await?;
        let Asked { live, plugin, request, input, answer, outcome, fuel, elapsed_us } = asked;
        let output = serde_json::to_vec(&answer).map_err(|error| AppError::Internal(error.to_string()))?;
        let mut messages = plugin.descriptor().messages.clone();
        messages.extend(host_messages(outcome));
        let quote = match answer {
            PricingAnswer::Quoted(quote) => quote,
            PricingAnswer::Refused(violations) => {
                let (live, input, output) = (&live, &input, &output);
                let sampled = Sampled { live, outcome: "refused", input, output, fuel, elapsed_us };
                self.sample(ctx, &found.buyer.code, sampled).await?;
                return Err(AppError::Refused { violations, messages });
            }
        };
        let totals = totals(&request.lines, &quote, ctx.currency)
            .map_err(|error| AppError::invalid(Issue::new("/lines", "amount", error.to_string())))?;
        let Found { buyer: dealer, revisions, offers, made_for, .. } = found;
        let lines = quoted_lines(offers, &request, &quote, &totals);
        let rule = rule_line(plugin.descriptor(), live.revision);
        let quoted = Quoted { dealer, made_for, lines, quote, totals, messages, rule };
        Ok(Priced { quoted, live, plugin, revisions, input, output, outcome, fuel, elapsed_us })
    }

    async fn find_for_price(&self, mut tx: Tx, ctx: &Context, draft: &Draft) -> Result<Found> {
        let made_for = self.clock().now();
        let day = ctx.day(made_for);
        let (id, code) = dealer_of(ctx, draft)?;
        let unknown =
            || AppError::invalid(Issue::new("/dealer", "dealer", "there is no dealer with this code"));
        let buyer = prices::buyer(&mut tx, ctx.company, id, code).await?.ok_or_else(unknown)?;
        if id.is_some() && code.is_some_and(|code| code != buyer.code) {
            return Err(AppError::NotFound);
        }
        let whom = For { dealer: &buyer.code, tier: &buyer.tier, region: &buyer.region };
        let live = bindings::live(&mut tx, ctx.company, Kind::Pricing, None, whom, made_for).await?;
        let live = live.ok_or(AppError::NoRule(Kind::Pricing))?;
        let revisions = companies::revisions(&mut tx, ctx.company).await?;
        let skus: Vec<&str> = draft.lines.iter().map(|wish| wish.sku.as_str()).collect();
        let offers = prices::offers(&mut tx, ctx.company, &skus, day).await?;
        Ok(Found { buyer, live, revisions, offers, made_for, day })
    }
}

/// The host's own sentences, where the host and not a plugin formed the price.
pub(crate) fn host_messages(outcome: &str) -> Vec<Message> {
    if outcome == AT_BASE_PRICE { base_price_messages() } else { Vec::new() }
}

/// Which dealer is meant: a dealer's people buy for their own, the company's people name one.
fn dealer_of<'a>(ctx: &Context, draft: &'a Draft) -> Result<(Option<DealerId>, Option<&'a str>)> {
    let code = draft.dealer.as_deref().filter(|code| !code.is_empty());
    match ctx.reach(Action::OrdersPlace)? {
        Reach::Company if code.is_none() => {
            Err(AppError::invalid(Issue::new("/dealer", "required", "name the dealer who buys, by its code")))
        }
        Reach::Company => Ok((None, code)),
        Reach::Own | Reach::Branch => Ok((Some(ctx.dealer.ok_or(AppError::Forbidden)?), code)),
    }
}

fn check_wishes(wishes: &[Wish]) -> Result<()> {
    if wishes.is_empty() {
        return Err(AppError::invalid(Issue::new("/lines", "empty", "an order needs at least one line")));
    }
    if wishes.len() > MAX_LINES {
        let message = format!("an order takes at most {MAX_LINES} lines; split it");
        return Err(AppError::invalid(Issue::new("/lines", "max-items", message).with("limit", MAX_LINES)));
    }
    let wrong = wishes.iter().enumerate().filter(|(_, wish)| !(1..=MAX_QUANTITY).contains(&wish.quantity));
    let issues: Vec<Issue> = wrong
        .map(|(at, _)| {
            let message = format!("order between 1 and {MAX_QUANTITY} pieces");
            let issue = Issue::new(format!("/lines/{at}/quantity"), "range", message);
            issue.with("low", 1).with("high", MAX_QUANTITY)
        })
        .collect();
    if issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(issues)) }
}

fn request(ctx: &Context, found: &Found, wishes: &[Wish], reads: &[String]) -> Result<PricingRequest> {
    let by_sku: HashMap<&str, &Offer> =
        found.offers.iter().map(|offer| (offer.sku.as_str(), offer)).collect();
    let mut issues = Vec::new();
    let mut lines = Vec::with_capacity(wishes.len());
    for (at, wish) in wishes.iter().enumerate() {
        match sellable(by_sku.get(wish.sku.as_str()).copied(), at) {
            Ok((offer, Exact(base_price))) => lines.push(LineRequest {
                number: u32::try_from(at + 1).unwrap_or(u32::MAX),
                sku: offer.sku.clone(),
                category: offer.category.clone(),
                quantity: wish.quantity,
                base_price,
                former_price: former_price(offer),
                attributes: attributes(&offer.attributes, reads),
            }),
            Err(issue) => issues.push(issue),
        }
    }
    if !issues.is_empty() {
        return Err(AppError::Invalid(issues));
    }
    let buyer = &found.buyer;
    Ok(PricingRequest {
        currency: ctx.currency,
        on: found.day,
        dealer: Buyer {
            code: buyer.code.clone(),
            tier: buyer.tier.clone(),
            region: buyer.region.clone(),
            attributes: attributes(&buyer.attributes, reads),
        },
        terms: Vec::new(),
        history: Vec::new(),
        lines,
    })
}

fn sellable(offer: Option<&Offer>, at: usize) -> std::result::Result<(&Offer, Exact), Issue> {
    let pointer = format!("/lines/{at}/sku");
    let Some(offer) = offer else {
        return Err(Issue::new(pointer, "unknown-sku", "there is no product with this code"));
    };
    if !offer.active {
        return Err(Issue::new(pointer, "not-sold", "this product is no longer sold").with("sku", &offer.sku));
    }
    let unpriced =
        || Issue::new(pointer, "no-price", "this product has no price yet").with("sku", &offer.sku);
    offer.price.map(|price| (offer, price)).ok_or_else(unpriced)
}

fn former_price(offer: &Offer) -> Option<FormerPrice> {
    let (Exact(price), since) = (offer.former_price?, offer.price_since?);
    Some(FormerPrice { price, until: since.pred_opt()? })
}

fn quoted_lines(
    offers: Vec<Offer>,
    request: &PricingRequest,
    quote: &Quote,
    totals: &Totals,
) -> Vec<QuotedLine> {
    let by_sku: HashMap<String, Offer> = offers.into_iter().map(|offer| (offer.sku.clone(), offer)).collect();
    let lines = request.lines.iter().zip(&quote.lines).zip(&totals.lines_minor);
    lines
        .filter_map(|((asked, priced), amount_minor)| {
            Some(QuotedLine {
                offer: by_sku.get(&asked.sku)?.clone(),
                quantity: asked.quantity,
                base_price: asked.base_price,
                unit_price: priced.unit_price,
                amount_minor: *amount_minor,
            })
        })
        .collect()
}

impl QuotedLine {
    /// What is moved from where; none while the company has no warehouse.
    #[must_use]
    pub fn source(&self) -> Option<(WarehouseId, ProductId)> {
        self.offer.warehouse_id.map(|warehouse| (warehouse, self.offer.id))
    }
}
