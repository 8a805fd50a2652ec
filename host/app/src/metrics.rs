//! The figures that KPI plugins may ask for: `docs/metrics.md` says what each means.

use crate::Context;
use crate::errors::Result;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::DealerId;
use qudao_domain::kpi::{Metric, share};
use qudao_domain::money::Money;
use qudao_domain::time::Period;
use qudao_store::Tx;
use qudao_store::dealers::Dealer;
use qudao_store::metrics::{self, Figures, Spans};
use qudao_store::targets::{self, Target};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A figure of the period and of the year before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Pair {
    actual: Option<Decimal>,
    previous: Option<Decimal>,
}

/// Every dealer's figures of one period.
pub(crate) struct Measured {
    figures: HashMap<&'static str, HashMap<DealerId, Pair>>,
    targets: HashMap<(DealerId, String), Decimal>,
    active: HashSet<DealerId>,
}

impl Measured {
    /// The metrics with these codes of a dealer, in their order.
    pub(crate) fn of(&self, dealer: DealerId, codes: &[String]) -> Vec<Metric> {
        let metric = |code: &String| {
            let pair = self.figures.get(code.as_str()).and_then(|pairs| pairs.get(&dealer)).copied();
            let Pair { actual, previous } = pair.unwrap_or_default();
            let target = self.targets.get(&(dealer, code.clone())).copied();
            Metric { code: code.clone(), actual, previous, target }
        };
        codes.iter().map(metric).collect()
    }

    /// Whether the dealer has facts or targets in the period.
    pub(crate) fn concerns(&self, dealer: DealerId) -> bool {
        self.active.contains(&dealer) || self.targets.keys().any(|(whose, _)| *whose == dealer)
    }
}

/// Measures a period for these dealers.
pub(crate) async fn measure(
    tx: &mut Tx,
    ctx: &Context,
    period: Period,
    dealers: &[Dealer],
) -> Result<Measured> {
    let before = period.year_before();
    let days = |period: Period| (period.first, period.last);
    let spans = Spans { now: days(period), before: days(before), long_before: days(before.year_before()) };
    let (company, currency) = (ctx.company, ctx.currency.code());
    let mut figures = HashMap::new();
    let turnover = by_dealer(metrics::turnover(tx, company, currency, &spans).await?);
    let pairs = dealers.iter().map(|dealer| {
        let of = turnover.get(&dealer.id);
        let major = |minor: Option<i64>| Some(Money::new(minor.unwrap_or(0), ctx.currency).to_decimal());
        let actual = major(of.map(|figures| figures.now));
        (dealer.id, Pair { actual, previous: major(of.map(|figures| figures.before)) })
    });
    figures.insert("turnover", pairs.collect());
    let grown = turnover.iter().map(|(dealer, of)| {
        let (actual, previous) = (growth(of.now, of.before), growth(of.before, of.long_before));
        (*dealer, Pair { actual, previous })
    });
    figures.insert("growth", grown.collect());
    let orders = by_dealer(metrics::orders(tx, company, &spans).await?);
    let counted = dealers.iter().map(|dealer| {
        let count = |minor: Option<i64>| Some(Decimal::from(minor.unwrap_or(0)));
        let of = orders.get(&dealer.id);
        let actual = count(of.map(|figures| figures.now));
        (dealer.id, Pair { actual, previous: count(of.map(|figures| figures.before)) })
    });
    figures.insert("orders", counted.collect());
    figures.insert("new-customers", new_customers(tx, ctx, &spans).await?);
    figures.insert("collection", collection(tx, ctx, &spans).await?);
    figures.insert("completeness", completeness(dealers));
    let goals = targets::of_period(tx, company, &period.to_string()).await?;
    let goal = |target: Target| ((target.dealer_id, target.metric), target.value.0);
    let active = metrics::active(tx, company, &spans).await?.into_iter().collect();
    Ok(Measured { figures, targets: goals.into_iter().map(goal).collect(), active })
}

fn by_dealer(figures: Vec<Figures>) -> HashMap<DealerId, Figures> {
    figures.into_iter().map(|figures| (figures.dealer_id, figures)).collect()
}

fn growth(now: i64, before: i64) -> Option<Decimal> {
    share(now.checked_sub(before)?, before)
}

async fn new_customers(tx: &mut Tx, ctx: &Context, spans: &Spans) -> Result<HashMap<DealerId, Pair>> {
    let rows = metrics::new_customers(tx, ctx.company, spans).await?;
    let counted = |count: i64, named: i64| (named > 0).then(|| Decimal::from(count));
    let pair = |row: metrics::Named| {
        let (actual, previous) = (counted(row.now, row.named_now), counted(row.before, row.named_before));
        (row.dealer_id, Pair { actual, previous })
    };
    Ok(rows.into_iter().map(pair).collect())
}

async fn collection(tx: &mut Tx, ctx: &Context, spans: &Spans) -> Result<HashMap<DealerId, Pair>> {
    let rows = metrics::collection(tx, ctx.company, ctx.currency.code(), spans).await?;
    let pair = |row: metrics::Collected| {
        let (actual, previous) =
            (share(row.paid_now, row.shipped_now), share(row.paid_before, row.shipped_before));
        (row.dealer_id, Pair { actual, previous })
    };
    Ok(rows.into_iter().map(pair).collect())
}

fn completeness(dealers: &[Dealer]) -> HashMap<DealerId, Pair> {
    let filled = |value: &Json| match value {
        Json::Null => false,
        Json::String(text) => !text.trim().is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(fields) => !fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => true,
    };
    let attributes = |dealer: &Dealer| -> BTreeSet<String> {
        let fields = dealer.attributes.as_object().into_iter().flatten();
        fields.filter(|(_, value)| filled(value)).map(|(key, _)| key.clone()).collect()
    };
    let expected: BTreeSet<String> = dealers.iter().flat_map(attributes).collect();
    let pair = |dealer: &Dealer| {
        let profile = [&dealer.name, &dealer.tier, &dealer.region].map(|field| !field.trim().is_empty());
        let fields =
            profile.into_iter().chain([dealer.credit_limit_minor.is_some()]).filter(|filled| *filled).count();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let actual =
            share(count(fields + attributes(dealer).len()), count(profile.len() + 1 + expected.len()));
        (dealer.id, Pair { actual, previous: None })
    };
    dealers.iter().map(pair).collect()
}
