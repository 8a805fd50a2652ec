//! The cart: rows as typed, each checked, the good ones priced together.

use crate::errors::{AppError, Issue, Result};
use crate::orders::credit_used;
use crate::pricing::{Draft, Quoted, Wish};
use crate::{App, Context};
use qudao_domain::contract::Message;
use qudao_domain::orders::{MAX_LINES, MAX_QUANTITY};
use qudao_domain::permissions::Action;
use qudao_domain::pricing::Violation;
use qudao_store::carts::{self, Typed};
use qudao_store::prices::{self, Offer};
use qudao_store::{Tx, products};
use std::collections::HashMap;

/// How many products that begin alike are compared to find the nearest.
const ALIKE: i64 = 400;

/// A row of the cart.
#[derive(Debug, Clone, PartialEq)]
pub struct CartLine {
    /// As it was typed.
    pub typed: Typed,
    /// The product, if there is one of this code that may be ordered.
    pub offer: Option<Offer>,
    /// What is wrong with the code.
    pub sku_issue: Option<Issue>,
    /// What is wrong with the quantity.
    pub quantity_issue: Option<Issue>,
    /// Code and name of the product that may have been meant.
    pub nearest: Option<(String, String)>,
    /// Its place among the priced lines.
    pub priced_at: Option<usize>,
}

/// Credit in minor units of the company's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    /// What the dealer may owe.
    pub limit_minor: i64,
    /// What of it is left.
    pub left_minor: i64,
}

/// A checked and, as far as it goes, priced cart.
#[derive(Debug)]
pub struct Cart {
    /// Every row.
    pub lines: Vec<CartLine>,
    /// The good rows priced; none when there are none, or they were refused.
    pub quoted: Option<Quoted>,
    /// Why the rule refuses, with the plugin's sentences; a violation's line counts the good rows.
    pub refused: Option<(Vec<Violation>, Vec<Message>)>,
    /// Why there is no price although nothing is wrong with the rows.
    pub failed: Option<AppError>,
    /// The dealer's credit, if it has a limit.
    pub credit: Option<Credit>,
    /// What the priced rows are expected to earn the dealer, in minor units: [`App::expected_incentive`].
    pub earns_minor: Option<i64>,
}

impl Cart {
    /// The good rows as a draft.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let good = self.lines.iter().filter_map(CartLine::wish);
        Draft { lines: good.collect(), ..Draft::default() }
    }

    /// How many rows are wrong.
    #[must_use]
    pub fn wrong(&self) -> usize {
        self.lines.iter().filter(|line| line.sku_issue.is_some() || line.quantity_issue.is_some()).count()
    }
}

impl CartLine {
    fn wish(&self) -> Option<Wish> {
        if self.sku_issue.is_some() || self.quantity_issue.is_some() {
            return None;
        }
        let offer = self.offer.as_ref()?;
        Some(Wish { sku: offer.sku.clone(), quantity: self.typed.quantity.parse().ok()? })
    }
}

impl App {
    /// The reader's cart, as typed.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn typed_cart(&self, ctx: &Context) -> Result<Vec<Typed>> {
        ctx.reach(Action::OrdersPlace)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(carts::find(&mut tx, ctx.company, ctx.user).await?)
    }

    /// Keeps the reader's cart. Rows without a code are dropped.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::Invalid`] for more than [`MAX_LINES`] rows.
    pub async fn save_cart(&self, ctx: &Context, lines: &[Typed]) -> Result<()> {
        ctx.reach(Action::OrdersPlace)?;
        let kept: Vec<Typed> =
            lines.iter().filter(|line| !line.sku.trim().is_empty()).map(shortened).collect();
        if kept.len() > MAX_LINES {
            let message = format!("a cart takes at most {MAX_LINES} lines; order in parts");
            return Err(AppError::invalid(
                Issue::new("/rows", "max-items", message).with("limit", MAX_LINES),
            ));
        }
        let mut tx = self.db().write(ctx.company).await?;
        carts::save(&mut tx, ctx.company, ctx.user, &kept, self.clock().now()).await?;
        Ok(tx.commit().await?)
    }

    /// Adds pieces of a product to the reader's cart, and gives how many are in it now.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a quantity out of range.
    pub async fn add_to_cart(&self, ctx: &Context, sku: &str, quantity: &str) -> Result<i64> {
        let (_, issue) = quantity_of(quantity, "/quantity");
        if let Some(issue) = issue {
            return Err(AppError::invalid(issue));
        }
        let mut lines = self.typed_cart(ctx).await?;
        let more: i64 = quantity.trim().parse().unwrap_or(0);
        let known = lines.iter_mut().find(|line| line.sku == sku);
        let sum = match known {
            Some(line) => {
                let sum = line.quantity.parse::<i64>().unwrap_or(0).saturating_add(more).min(MAX_QUANTITY);
                line.quantity = sum.to_string();
                sum
            }
            None => {
                lines.push(Typed { sku: sku.to_owned(), quantity: more.to_string() });
                more
            }
        };
        self.save_cart(ctx, &lines).await?;
        Ok(sum)
    }

    /// Checks rows, prices the good ones and works out what they are expected to earn.
    ///
    /// # Errors
    /// As [`App::price_cart`].
    pub async fn check_cart(&self, ctx: &Context, typed: &[Typed]) -> Result<Cart> {
        let cart = self.price_cart(ctx, typed).await?;
        self.with_earnings(ctx, cart).await
    }

    /// A priced cart with what it is expected to earn: [`App::expected_incentive`].
    ///
    /// # Errors
    /// As any query.
    pub async fn with_earnings(&self, ctx: &Context, cart: Cart) -> Result<Cart> {
        let earns_minor = match &cart.quoted {
            Some(quoted) => self.expected_incentive(ctx, quoted).await?,
            None => None,
        };
        Ok(Cart { earns_minor, ..cart })
    }

    /// Checks rows and prices the good ones. Whatever is wrong is said at its row; nothing is stored.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::Busy`]; [`AppError::Internal`].
    pub async fn price_cart(&self, ctx: &Context, typed: &[Typed]) -> Result<Cart> {
        ctx.reach(Action::OrdersPlace)?;
        let mut tx = self.db().read(ctx.company).await?;
        let lines = checked(&mut tx, ctx, typed, ctx.day(self.clock().now())).await?;
        let credit = credit(&mut tx, ctx).await?;
        drop(tx);
        let mut cart = Cart { lines, quoted: None, refused: None, failed: None, credit, earns_minor: None };
        let draft = cart.draft();
        if draft.lines.is_empty() {
            return Ok(cart);
        }
        match self.quote(ctx, &draft).await {
            Ok(quoted) => cart.quoted = Some(quoted),
            Err(AppError::Refused { violations, messages }) => cart.refused = Some((violations, messages)),
            Err(error @ (AppError::Forbidden | AppError::Busy | AppError::Internal(_))) => return Err(error),
            Err(error) => cart.failed = Some(error),
        }
        Ok(cart)
    }

    /// The credit of the reader's dealer, if it has a limit.
    ///
    /// # Errors
    /// As any query.
    pub async fn own_credit(&self, ctx: &Context) -> Result<Option<Credit>> {
        let mut tx = self.db().read(ctx.company).await?;
        credit(&mut tx, ctx).await
    }
}

fn shortened(line: &Typed) -> Typed {
    let short = |text: &str, most| text.trim().chars().take(most).collect();
    Typed { sku: short(&line.sku, 100), quantity: short(&line.quantity, 30) }
}

async fn checked(
    tx: &mut Tx,
    ctx: &Context,
    typed: &[Typed],
    day: chrono::NaiveDate,
) -> Result<Vec<CartLine>> {
    // A code is found as typed or in capitals.
    let upper: Vec<String> = typed.iter().map(|line| line.sku.to_uppercase()).collect();
    let mut skus: Vec<&str> = typed.iter().map(|line| line.sku.as_str()).collect();
    skus.extend(upper.iter().map(String::as_str));
    skus.sort_unstable();
    skus.dedup();
    let offers = prices::offers(tx, ctx.company, &skus, day).await?;
    let by_sku: HashMap<&str, &Offer> = offers.iter().map(|offer| (offer.sku.as_str(), offer)).collect();
    let mut lines = Vec::with_capacity(typed.len());
    let mut priced = 0;
    for (at, (line, upper)) in typed.iter().zip(&upper).enumerate() {
        let offer = by_sku.get(line.sku.as_str()).or_else(|| by_sku.get(upper.as_str())).copied();
        let sku_issue = sku_issue(offer, at);
        let nearest = match (&sku_issue, offer) {
            (Some(_), None) => nearest(tx, ctx, &line.sku, day).await?,
            _ => None,
        };
        let (quantity, quantity_issue) = quantity_of(&line.quantity, &format!("/lines/{at}/quantity"));
        let mut line = CartLine {
            typed: Typed { quantity, ..line.clone() },
            offer: offer.cloned(),
            sku_issue,
            quantity_issue,
            nearest,
            priced_at: None,
        };
        if line.wish().is_some() {
            line.priced_at = Some(priced);
            priced += 1;
        }
        lines.push(line);
    }
    Ok(lines)
}

fn sku_issue(offer: Option<&Offer>, at: usize) -> Option<Issue> {
    let pointer = format!("/lines/{at}/sku");
    match offer {
        None => Some(Issue::new(pointer, "unknown-sku", "there is no product with this code")),
        Some(offer) if !offer.active => {
            Some(Issue::new(pointer, "not-sold", "this product is no longer sold"))
        }
        Some(offer) if offer.price.is_none() => {
            Some(Issue::new(pointer, "no-price", "this product has no price yet"))
        }
        Some(_) => None,
    }
}

fn quantity_of(typed: &str, pointer: &str) -> (String, Option<Issue>) {
    let typed = typed.trim();
    match typed.parse::<i64>() {
        Ok(number) if (1..=MAX_QUANTITY).contains(&number) => (number.to_string(), None),
        Ok(_) => {
            let message = format!("order between 1 and {MAX_QUANTITY} pieces");
            let issue = Issue::new(pointer, "range", message).with("low", 1).with("high", MAX_QUANTITY);
            (typed.to_owned(), Some(issue))
        }
        Err(_) => {
            (typed.to_owned(), Some(Issue::new(pointer, "integer", "enter a whole number, such as 12")))
        }
    }
}

/// The product whose code is least different among those that begin alike; else the first whose name holds the words.
async fn nearest(
    tx: &mut Tx,
    ctx: &Context,
    typed: &str,
    day: chrono::NaiveDate,
) -> Result<Option<(String, String)>> {
    let wanted = typed.trim().to_uppercase();
    for length in [3, 1] {
        let prefix: String = wanted.chars().take(length).collect();
        let alike = carts::alike(tx, ctx.company, &prefix, ALIKE).await?;
        let scored = alike
            .into_iter()
            .map(|found| (strsim::damerau_levenshtein(&found.0.to_uppercase(), &wanted), found));
        let best = scored.min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        let near = best.filter(|(distance, _)| *distance <= wanted.chars().count().div_ceil(2));
        if let Some((_, found)) = near {
            return Ok(Some(found));
        }
    }
    let list = products::List {
        search: typed,
        category: "",
        active_only: true,
        in_stock: false,
        day,
        sort: products::Sort::Sku,
        after: "",
        limit: 1,
    };
    let named = products::list(tx, ctx.company, &list).await?;
    Ok(named.into_iter().next().map(|found| (found.product.sku, found.product.name)))
}

async fn credit(tx: &mut Tx, ctx: &Context) -> Result<Option<Credit>> {
    let Some(dealer) = ctx.dealer else { return Ok(None) };
    let buyer = prices::buyer(tx, ctx.company, Some(dealer), None).await?;
    let Some(limit_minor) = buyer.and_then(|buyer| buyer.credit_limit_minor) else { return Ok(None) };
    let left_minor = limit_minor - credit_used(tx, ctx, dealer).await?;
    Ok(Some(Credit { limit_minor, left_minor }))
}
