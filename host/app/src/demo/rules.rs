//! The plugins at work: uploaded, set, activated; periods settled and scored.

use super::DemoPlugins;
use super::history::settled_quarters;
use super::people::People;
use super::sketch::Sketch;
use crate::App;
use crate::bindings::{Activation, LEASE_MS};
use crate::clock::Clock;
use crate::errors::Result;
use crate::programs::{NewProgram, NewTarget};
use crate::settings::NewSettings;
use chrono::NaiveDate;
use qudao_domain::decimal::Decimal;
use qudao_domain::settlement::Calendar;
use qudao_domain::time::Period;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Five weighted indicators; a dealer's own turnover target is set for each quarter.
pub(super) fn kpi_settings(growth: &str, new_customers: &str) -> Json {
    let part = |measure: &str, weight: &str, target: Option<&str>| json!({ "measure": measure, "weight": weight, "target": target });
    json!({
        "indicators": [
            part("turnover", "0.4", None),
            part("growth", "0.2", Some(growth)),
            part("new-customers", "0.1", Some(new_customers)),
            part("collection", "0.2", Some("0.95")),
            part("completeness", "0.1", Some("1")),
        ],
        "cap": "1.2",
        "missing": "redistribute",
        "grades": { "a": "90", "b": "75", "c": "60" },
    })
}

/// Ninety days for the tier of the largest dealers; who goes first between dealer and direct sales is asked.
fn deal_settings(tier: &str) -> Json {
    json!({
        "protection": [{ "tier": tier, "days": 90 }],
        "protection_days": 60,
        "same": "category",
        "between_dealers": "first-wins",
        "dealer_and_direct": "ask",
        "minimum_amount": "5000",
        "extension_days": 30,
        "longest_days": 180,
        "floor_share": "0.85",
    })
}

/// Uploads and activates the plugins, one of each kind.
pub(super) async fn activate(
    app: &App,
    people: &People,
    sketch: &Sketch,
    plugins: &DemoPlugins<'_>,
) -> Result<()> {
    let program = &sketch.program;
    let exponent = people.finance.currency.exponent();
    let new = NewProgram {
        code: program.code.to_owned(),
        name_zh: program.name_zh.to_owned(),
        name_en: program.name_en.to_owned(),
        calendar: Calendar::Quarter,
        budget_minor: Some(program.budget * 10_i64.pow(exponent)),
    };
    app.add_program(&people.finance, new).await?;
    set_up(app, people, plugins.pricing, &sketch.pricing, None).await?;
    set_up(app, people, plugins.incentive, &sketch.rebate, Some(program.code)).await?;
    set_up(app, people, plugins.kpi, &sketch.kpi, None).await?;
    let tier = sketch.dealers.first().map_or("", |dealer| dealer.tier);
    set_up(app, people, plugins.deal, &deal_settings(tier), None).await?;
    pass_lease(app).await;
    Ok(())
}

async fn set_up(
    app: &App,
    people: &People,
    component: &[u8],
    settings: &Json,
    program: Option<&str>,
) -> Result<()> {
    let ops = &people.ops;
    let uploaded = app.upload_plugin(ops, component.to_vec()).await?;
    app.approve_plugin(&people.second_ops, &uploaded.digest, "").await?;
    let based_on = app.settings(ops, &uploaded.digest, None).await?.latest;
    let settings = NewSettings { json: settings.to_string(), note: String::new(), based_on };
    let revision = app.save_settings(ops, &uploaded.digest, &settings).await?;
    let activation = Activation {
        revision: Some(revision.number),
        program: program.map(str::to_owned),
        ..Activation::of(uploaded.digest)
    };
    app.activate(ops, &activation).await?;
    Ok(())
}

/// What was activated "now" holds a lease later.
async fn pass_lease(app: &App) {
    match app.clock() {
        Clock::System => {
            tokio::time::sleep(Duration::from_millis(u64::try_from(LEASE_MS).unwrap_or(0) + 20)).await;
        }
        Clock::Fixed(_) => app.clock().set(app.clock().now().plus_ms(LEASE_MS + 1)),
    }
}

/// Settles and scores the last two quarters, and sets targets for them and the current one.
pub(super) async fn settle(app: &App, people: &People, sketch: &Sketch, today: NaiveDate) -> Result<()> {
    let [before, last] = settled_quarters(today);
    for period in [before, last, Period::quarter_of(today)] {
        app.set_targets(&people.finance, &period.to_string(), &targets(sketch)).await?;
    }
    for period in [before, last] {
        app.settle(&people.finance, sketch.program.code, &period.to_string()).await?;
        app.score(&people.finance, &period.to_string()).await?;
    }
    Ok(())
}

fn targets(sketch: &Sketch) -> Vec<NewTarget> {
    let target = |dealer: &super::sketch::DealerSketch| NewTarget {
        dealer: dealer.code.clone(),
        metric: "turnover".to_owned(),
        value: Decimal::from(sketch.quarter_target * dealer.weight / 10),
    };
    sketch.dealers.iter().map(target).collect()
}
