//! Orders and settings on their way into the script, answers on their way out.
//!
//! What is only read is shared: Rhai would otherwise copy a map whenever it is named.

use anyhow::{Context, Result, anyhow, bail};
use chrono::{Datelike, NaiveDate};
use qudao_domain::contract::{Note, Value};
use qudao_domain::pricing::{Adjustment, PricedLine, PricingAnswer, PricingRequest, Quote, Violation};
use rhai::{Array, Dynamic, Map};
use rust_decimal::Decimal;
use volume_pricing::{Scope, Settings, Stacking};

fn map<const N: usize>(fields: [(&str, Dynamic); N]) -> Map {
    fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

fn shared<const N: usize>(fields: [(&str, Dynamic); N]) -> Dynamic {
    Dynamic::from_map(map(fields)).into_shared()
}

fn shared_array(values: impl Iterator<Item = Dynamic>) -> Dynamic {
    Dynamic::from_array(values.collect()).into_shared()
}

fn optional(number: Option<i64>) -> Dynamic {
    number.map_or(Dynamic::UNIT, Dynamic::from)
}

/// A day as a number that compares as days do: 20261105.
fn day_number(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

fn day_of(number: i64) -> Result<NaiveDate> {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let day = NaiveDate::from_ymd_opt(i32::try_from(year)?, u32::try_from(month)?, u32::try_from(day)?);
    day.with_context(|| format!("{number} is no day"))
}

/// An order.
pub fn order(request: &PricingRequest) -> Dynamic {
    let lines = request.lines.iter().map(|line| {
        shared([
            ("number", i64::from(line.number).into()),
            ("sku", line.sku.clone().into()),
            ("category", line.category.clone().into()),
            ("quantity", line.quantity.into()),
            ("base_price", line.base_price.into()),
        ])
    });
    shared([
        ("on", day_number(request.on).into()),
        ("tier", request.dealer.tier.clone().into()),
        ("region", request.dealer.region.clone().into()),
        ("lines", shared_array(lines)),
    ])
}

fn scope(scope: Scope) -> Dynamic {
    let rank: i64 = match scope {
        Scope::All => 0,
        Scope::Category => 1,
        Scope::Sku => 2,
    };
    rank.into()
}

/// The settings.
pub fn settings_value(settings: &Settings) -> Dynamic {
    let stacking = match settings.stacking {
        Stacking::Best => "best",
        Stacking::Sum => "sum",
        Stacking::Compound => "compound",
    };
    let tiers = settings.tiers.iter();
    let tiers =
        tiers.map(|tier| shared([("tier", tier.tier.clone().into()), ("discount", tier.discount.into())]));
    let regions = settings.regions.iter();
    let regions = regions
        .map(|region| shared([("region", region.region.clone().into()), ("uplift", region.uplift.into())]));
    let floors = settings.floors.iter();
    let floors =
        floors.map(|floor| shared([("sku", floor.sku.clone().into()), ("price", floor.price.into())]));
    shared([
        ("tiers", shared_array(tiers)),
        ("breaks", breaks(settings)),
        ("promotions", promotions(settings)),
        ("regions", shared_array(regions)),
        ("stacking", stacking.into()),
        ("floor_share", settings.floor_share.into()),
        ("floors", shared_array(floors)),
        ("approval_below", settings.approval_below.into()),
        ("max_quantity", optional(settings.max_quantity)),
        ("decimals", i64::from(settings.decimals).into()),
        ("zero", Decimal::ZERO.into()),
    ])
}

fn breaks(settings: &Settings) -> Dynamic {
    shared_array(settings.breaks.iter().map(|each| {
        shared([
            ("scope", scope(each.scope)),
            ("code", each.code.clone().into()),
            ("from", each.from.into()),
            ("to", optional(each.to)),
            ("discount", each.discount.into()),
        ])
    }))
}

fn promotions(settings: &Settings) -> Dynamic {
    let day =
        |day: qudao_sdk::Date| i64::from(day.year) * 10_000 + i64::from(day.month) * 100 + i64::from(day.day);
    shared_array(settings.promotions.iter().map(|each| {
        shared([
            ("name", each.name.clone().into()),
            ("scope", scope(each.scope)),
            ("code", each.code.clone().into()),
            ("first", day(each.first).into()),
            ("last", day(each.last).into()),
            ("from", each.from.into()),
            ("to", optional(each.to)),
            ("discount", each.discount.into()),
        ])
    }))
}

/// An answer.
pub fn answer(mut told: Map) -> Result<PricingAnswer> {
    if told.contains_key("refused") {
        let violations = each(&mut told, "refused", violation)?;
        return Ok(PricingAnswer::Refused(violations));
    }
    let lines = each(&mut told, "lines", line)?;
    let approvals = each(&mut told, "approvals", note)?;
    Ok(PricingAnswer::Quoted(Quote { lines, adjustments: Vec::new(), approvals }))
}

fn take(map: &mut Map, field: &str) -> Result<Dynamic> {
    map.get_mut(field).map(Dynamic::take).with_context(|| format!("the script's answer has no `{field}`"))
}

fn each<T>(map: &mut Map, field: &str, convert: fn(Map) -> Result<T>) -> Result<Vec<T>> {
    let array: Array = take(map, field)?.into_array().map_err(|found| anyhow!("`{field}` is a {found}"))?;
    let maps = array.into_iter().map(|value| value.try_cast::<Map>().context("an entry is no map"));
    maps.map(|map| convert(map?)).collect()
}

fn decimal(value: &Dynamic) -> Result<Decimal> {
    value.as_decimal().map_err(|found| anyhow!("a {found} where a decimal was due"))
}

fn number(map: &mut Map, field: &str) -> Result<u32> {
    let number = take(map, field)?.as_int().map_err(|found| anyhow!("`{field}` is a {found}"))?;
    Ok(u32::try_from(number)?)
}

fn text(value: Dynamic) -> Result<String> {
    value.into_string().map_err(|found| anyhow!("a {found} where a text was due"))
}

fn violation(mut map: Map) -> Result<Violation> {
    let reason = note(take(&mut map, "reason")?.try_cast().context("a reason is a map")?)?;
    Ok(Violation { line: Some(number(&mut map, "line")?), reason })
}

fn line(mut map: Map) -> Result<PricedLine> {
    Ok(PricedLine {
        number: number(&mut map, "number")?,
        unit_price: decimal(&take(&mut map, "unit_price")?)?,
        adjustments: each(&mut map, "adjustments", adjustment)?,
        skipped: each(&mut map, "skipped", note)?,
    })
}

fn adjustment(mut map: Map) -> Result<Adjustment> {
    let reason = note(take(&mut map, "reason")?.try_cast().context("a reason is a map")?)?;
    Ok(Adjustment { amount: decimal(&take(&mut map, "amount")?)?, reason })
}

fn note(mut map: Map) -> Result<Note> {
    Ok(Note { code: text(take(&mut map, "code")?)?, args: each(&mut map, "args", value)? })
}

fn value(map: Map) -> Result<Value> {
    let (tag, value) = map.into_iter().next().context("a value is a map of one")?;
    Ok(match tag.as_str() {
        "text" => Value::Text(text(value)?),
        "number" => Value::Number(match value.as_int() {
            Ok(number) => number.into(),
            Err(_) => decimal(&value)?,
        }),
        "percent" => Value::Percent(decimal(&value)?),
        "day" => Value::Day(day_of(value.as_int().map_err(|found| anyhow!("a day is a {found}"))?)?),
        other => bail!("the script answers with a `{other}`"),
    })
}
