//! A dealer's home: open orders, what was earned, what happened, what to order again.

use super::{DAY_MS, SHOWN};
use crate::errors::{AppError, Result};
use crate::{App, Context, Credit, Estimate, OrderQuery, StatementFilter, Typed};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::DealerId;
use qudao_domain::orders::OrderStatus;
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_store::homes::{self, Bought, Moved};
use qudao_store::orders::Listed;
use qudao_store::statements::Statement;

/// News are of so many days.
const NEWS_DAYS: i64 = 14;
/// What is bought again is looked for in so many days.
const AGAIN_DAYS: i64 = 365;
/// How many products are offered to be bought again.
const AGAIN: i64 = 5;

/// What happened lately.
#[derive(Debug, Clone)]
pub enum News {
    /// The company took a step with an order.
    Order(Moved),
    /// A period was settled.
    Statement(Box<Statement>),
}

impl News {
    /// When.
    #[must_use]
    pub fn at(&self) -> Instant {
        match self {
            Self::Order(moved) => moved.at,
            Self::Statement(statement) => statement.created_at,
        }
    }
}

/// A product to be bought again.
#[derive(Debug, Clone)]
pub struct Again {
    /// The product with its last order.
    pub bought: Bought,
    /// Pieces that could leave now.
    pub available: i64,
    /// The dealer's price of one piece; none where there is no rule, or it refuses.
    pub unit_price: Option<Decimal>,
}

/// What a dealer's people find at home.
#[derive(Debug, Clone)]
pub struct DealerHome {
    /// Orders within reach that are neither shipped wholly nor called off.
    pub open_count: i64,
    /// Their totals, in minor units.
    pub open_minor: i64,
    /// The newest of them.
    pub open: Vec<Listed>,
    /// What the current period of each program would pay if it were settled now.
    pub estimates: Vec<Estimate>,
    /// The credit, if it has a limit.
    pub credit: Option<Credit>,
    /// What happened lately, the latest first.
    pub news: Vec<News>,
    /// What is bought most often.
    pub again: Vec<Again>,
}

impl App {
    /// What a dealer's people find at home.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for those who belong to no dealer.
    pub async fn dealer_home(&self, ctx: &Context) -> Result<DealerHome> {
        let within = ctx.within(Action::OrdersRead)?;
        let dealer = ctx.dealer.ok_or(AppError::Forbidden)?;
        let mut tx = self.db().read(ctx.company).await?;
        let (open_count, open_minor) =
            homes::open_orders(&mut tx, ctx.company, within.ancestor, within.depth).await?;
        drop(tx);
        Ok(DealerHome {
            open_count,
            open_minor,
            open: self.newest_open(ctx).await?,
            estimates: self.incentives_so_far(ctx).await?,
            credit: self.own_credit(ctx).await?,
            news: self.news(ctx).await?,
            again: self.bought_again(ctx, dealer).await?,
        })
    }

    async fn newest_open(&self, ctx: &Context) -> Result<Vec<Listed>> {
        let mut open = Vec::new();
        for status in [OrderStatus::Placed, OrderStatus::Confirmed, OrderStatus::PartlyShipped] {
            let query = OrderQuery { status: Some(status), limit: SHOWN, ..OrderQuery::default() };
            open.extend(self.orders(ctx, &query).await?);
        }
        open.sort_by_key(|listed| std::cmp::Reverse(listed.order.id.0));
        open.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
        Ok(open)
    }

    async fn news(&self, ctx: &Context) -> Result<Vec<News>> {
        let since = self.clock().now().plus_ms(-NEWS_DAYS * DAY_MS);
        let within = ctx.within(Action::OrdersRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let moved = homes::moved(&mut tx, ctx.company, within.ancestor, within.depth, since, SHOWN).await?;
        drop(tx);
        let filter = StatementFilter { limit: SHOWN, ..StatementFilter::default() };
        let statements = self.statements(ctx, &filter).await?;
        let fresh = statements.into_iter().filter(|statement| statement.created_at >= since);
        let mut news: Vec<News> = moved.into_iter().map(News::Order).collect();
        news.extend(fresh.map(|statement| News::Statement(Box::new(statement))));
        news.sort_by_key(|news| std::cmp::Reverse(news.at()));
        news.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
        Ok(news)
    }

    /// Priced one piece each, as the catalogue prices them.
    async fn bought_again(&self, ctx: &Context, dealer: DealerId) -> Result<Vec<Again>> {
        if ctx.reach(Action::OrdersPlace).is_err() {
            return Ok(Vec::new());
        }
        let since = self.clock().now().plus_ms(-AGAIN_DAYS * DAY_MS);
        let mut tx = self.db().read(ctx.company).await?;
        let bought = homes::bought(&mut tx, ctx.company, dealer, since, AGAIN).await?;
        drop(tx);
        let one_each = |bought: &Bought| Typed { sku: bought.sku.clone(), quantity: "1".to_owned() };
        let typed: Vec<Typed> = bought.iter().map(one_each).collect();
        let cart = self.price_cart(ctx, &typed).await?;
        let priced = |at: usize| Some(cart.quoted.as_ref()?.quote.lines.get(at)?.unit_price);
        let again = bought.into_iter().zip(&cart.lines).map(|(bought, line)| Again {
            bought,
            available: line.offer.as_ref().map_or(0, |offer| offer.available),
            unit_price: line.priced_at.and_then(priced),
        });
        Ok(again.collect())
    }
}
