//! The homes of those who run orders, plugins and prices.

use super::{SHOWN, before_day};
use crate::errors::{AppError, Result};
use crate::{App, Context, OrderQuery, PluginSummary};
use chrono::{Datelike, Months, NaiveDate};
use qudao_domain::decimal::Decimal;
use qudao_domain::money::Money;
use qudao_domain::permissions::Action;
use qudao_store::Tx;
use qudao_store::homes::{self, Change, Desk};
use qudao_store::orders::Listed;

/// What those who run the order desk and the plugins find at home.
#[derive(Debug, Clone)]
pub struct DeskHome {
    /// The order desk.
    pub desk: Desk,
    /// Since how many days the oldest order waits to be confirmed; none when none waits.
    pub oldest_days: Option<i64>,
    /// The newest orders.
    pub newest: Vec<Listed>,
    /// Every plugin, with where it holds and how it is used.
    pub plugins: Vec<PluginSummary>,
    /// Accepted plugins that never held anywhere.
    pub idle: i64,
    /// Bindings that are still to begin.
    pub scheduled: i64,
}

/// What was ordered in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    /// Orders that were not called off.
    pub orders: i64,
    /// Their totals, in minor units.
    pub total_minor: i64,
    /// By what share of their list prices they are cheaper; none where nothing was ordered.
    pub discount: Option<Decimal>,
}

/// What headquarters' pricing finds at home.
#[derive(Debug, Clone)]
pub struct PricingHome {
    /// The month so far.
    pub month: Month,
    /// The whole month before.
    pub month_before: Month,
    /// Products that are sold and have no base price today.
    pub unpriced: i64,
    /// Settings that were saved last.
    pub changes: Vec<Change>,
    /// Every plugin, with where it holds and how it is used.
    pub plugins: Vec<PluginSummary>,
    /// Bindings that are still to begin.
    pub scheduled: i64,
}

impl App {
    /// What those who run the order desk and the plugins find at home.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn desk_home(&self, ctx: &Context) -> Result<DeskHome> {
        ctx.whole_company(Action::OrdersFulfil)?;
        let plugins = self.plugins(ctx).await?;
        let newest = self.orders(ctx, &OrderQuery { limit: SHOWN, ..OrderQuery::default() }).await?;
        let now = self.clock().now();
        let today = ctx.day(now);
        let mut tx = self.db().read(ctx.company).await?;
        let desk = homes::desk(&mut tx, ctx.company, today, before_day(today)).await?;
        Ok(DeskHome {
            oldest_days: desk.oldest.map(|oldest| (today - ctx.day(oldest)).num_days().max(0)),
            desk,
            newest,
            plugins,
            idle: homes::idle_plugins(&mut tx, ctx.company).await?,
            scheduled: homes::scheduled(&mut tx, ctx.company, now).await?,
        })
    }

    /// What headquarters' pricing finds at home.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn pricing_home(&self, ctx: &Context) -> Result<PricingHome> {
        ctx.whole_company(Action::SettingsWrite)?;
        let plugins = self.plugins(ctx).await?;
        let now = self.clock().now();
        let today = ctx.day(now);
        let first = today.with_day(1).unwrap_or(today);
        let first_before = first.checked_sub_months(Months::new(1)).unwrap_or(first);
        let last_before = first.pred_opt().unwrap_or(first);
        let mut tx = self.db().read(ctx.company).await?;
        Ok(PricingHome {
            month: month(&mut tx, ctx, (first, today)).await?,
            month_before: month(&mut tx, ctx, (first_before, last_before)).await?,
            unpriced: homes::unpriced(&mut tx, ctx.company, today).await?,
            changes: homes::changes(&mut tx, ctx.company, SHOWN).await?,
            plugins,
            scheduled: homes::scheduled(&mut tx, ctx.company, now).await?,
        })
    }
}

async fn month(tx: &mut Tx, ctx: &Context, days: (NaiveDate, NaiveDate)) -> Result<Month> {
    let from = before_day(days.0);
    let (orders, total_minor) = homes::ordered(tx, ctx.company, days, from).await?;
    let pieces = homes::list_prices(tx, ctx.company, days, from).await?;
    let listed = pieces.iter().try_fold(Decimal::ZERO, |sum, (price, quantity)| {
        sum.checked_add(price.0.checked_mul(Decimal::from(*quantity))?)
    });
    let listed =
        listed.ok_or_else(|| AppError::Internal("a month's list prices are too large to add".into()))?;
    let paid = Money::new(total_minor, ctx.currency).to_decimal();
    // Nothing was ordered, or only what is free.
    let discount = (listed - paid).checked_div(listed).map(|share| share.round_dp(3));
    Ok(Month { orders, total_minor, discount })
}
