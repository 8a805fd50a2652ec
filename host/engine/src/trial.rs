//! A small made-up question: a plugin that fails on it would fail on the first real one.

use crate::failure::{RuleError, RuleFailure};
use crate::plugin::{Evaluated, Opened, Plugin};
use chrono::NaiveDate;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::incentive::{FactKind, FactProduct, IncentiveHeader, Participant, StreamedFact};
use qudao_domain::kpi::{Metric, Subject};
use qudao_domain::money::{Currency, UnknownCurrency};
use qudao_domain::pricing::{Buyer, LineRequest, PricingRequest};
use std::sync::Arc;

/// Tries a plugin out with settings; blocks. What it answers does not matter, a refusal is as good as a price.
///
/// # Errors
/// [`RuleFailure`] when it comes to no usable answer.
pub fn try_out(plugin: &Arc<Plugin>, settings: &str) -> Result<Evaluated<()>, RuleFailure> {
    match plugin.kind() {
        Kind::Pricing => plugin.price(&order()?, settings).map(without_answer),
        Kind::Kpi => plugin.score(&subject(&plugin.descriptor().metrics), settings).map(without_answer),
        Kind::Incentive => match plugin.open_incentive(&header()?, settings)? {
            Opened::Refused(refused) => Ok(without_answer(refused)),
            Opened::Run(mut run) => {
                run.add(&[fact(1, FactKind::Shipped, 10), fact(2, FactKind::Returned, -1)])?;
                run.finish().map(without_answer)
            }
        },
    }
}

fn without_answer<T>(evaluated: Evaluated<T>) -> Evaluated<()> {
    evaluated.map(|_| ())
}

const FIRST: NaiveDate = day(1);
const LAST: NaiveDate = day(31);

const fn day(day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(2026, 1, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

fn currency() -> Result<Currency, RuleFailure> {
    let failed = |error: UnknownCurrency| RuleFailure::before_run(RuleError::BadRequest, error.to_string());
    "CNY".parse().map_err(failed)
}

fn order() -> Result<PricingRequest, RuleFailure> {
    let line = |number: u32, quantity: i64| LineRequest {
        number,
        sku: format!("TRIAL-{number}"),
        category: "trial".into(),
        quantity,
        base_price: Decimal::new(9_999, 2),
        attributes: Vec::new(),
    };
    let dealer =
        Buyer { code: "trial".into(), tier: "trial".into(), region: "trial".into(), attributes: Vec::new() };
    Ok(PricingRequest {
        currency: currency()?,
        on: FIRST,
        dealer,
        terms: Vec::new(),
        history: Vec::new(),
        lines: vec![line(1, 1), line(2, 120)],
    })
}

fn header() -> Result<IncentiveHeader, RuleFailure> {
    Ok(IncentiveHeader {
        program: "trial".into(),
        currency: currency()?,
        first: FIRST,
        last: LAST,
        participants: vec![Participant {
            code: "trial".into(),
            tier: "trial".into(),
            region: "trial".into(),
            parent: None,
            attributes: Vec::new(),
        }],
        products: vec![FactProduct {
            sku: "TRIAL-1".into(),
            category: "trial".into(),
            attributes: Vec::new(),
        }],
        targets: Vec::new(),
        metrics: Vec::new(),
        budget_left: None,
    })
}

fn fact(seq: i64, kind: FactKind, quantity: i64) -> StreamedFact {
    StreamedFact {
        seq,
        kind,
        participant: 0,
        product: 0,
        on: FIRST,
        paid_on: None,
        quantity,
        amount_minor: quantity * 9_999,
        reverses: (kind == FactKind::Returned).then_some(1),
    }
}

fn subject(metrics: &[String]) -> Subject {
    let metric = |code: &String| Metric {
        code: code.clone(),
        actual: Some(Decimal::from(80)),
        previous: Some(Decimal::from(70)),
        target: Some(Decimal::from(100)),
    };
    Subject {
        code: "trial".into(),
        tier: "trial".into(),
        region: "trial".into(),
        attributes: Vec::new(),
        first: FIRST,
        last: LAST,
        metrics: metrics.iter().map(metric).collect(),
    }
}
