//! The past of a company: orders that went well, written as a file and imported like any other.

use super::dice::Dice;
use super::sketch::{DealerSketch, ProductSketch, Sketch};
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use qudao_domain::decimal::Decimal;
use qudao_domain::time::Period;
use std::fmt::Write;

/// The quarters that are settled: the two before the one in which `today` falls.
pub(super) fn settled_quarters(today: NaiveDate) -> [Period; 2] {
    let before = |period: Period| Period::quarter_of(period.first.pred_opt().unwrap_or(period.first));
    let last = before(Period::quarter_of(today));
    [before(last), last]
}

/// The first day of history: a year before the first settled quarter, so that its growth can be told.
pub(super) fn first_day(today: NaiveDate) -> NaiveDate {
    settled_quarters(today)[0].year_before().first
}

/// An order of the past.
struct Past {
    on: NaiveDate,
    dealer: usize,
    rows: String,
}

/// The file: `number,date,dealer,sku,quantity,unit_price,shipped_on,paid_on,customer`.
pub(super) fn file(sketch: &Sketch, dice: &mut Dice, today: NaiveDate) -> String {
    let mut orders: Vec<Past> = Vec::new();
    for (at, dealer) in sketch.dealers.iter().enumerate() {
        let late = dice.between(2, 30);
        let mut month = first_day(today);
        while month < today {
            // Business grows by about a quarter in a year.
            let age = i64::from(today.year() - month.year()) * 12 + i64::from(today.month())
                - i64::from(month.month());
            let tenths = sketch.orders_a_month * dealer.weight * (100 - 2 * age).max(40) / 100;
            let count = (tenths + dice.between(0, 9)) / 10;
            for _ in 0..count {
                let on = workday(month, dice);
                if on < today {
                    orders.push(Past { on, dealer: at, rows: rows(sketch, dealer, on, late, dice, today) });
                }
            }
            month = month.checked_add_months(Months::new(1)).unwrap_or(today);
        }
    }
    orders.sort_by_key(|order| (order.on, order.dealer));
    let mut text = String::from("number,date,dealer,sku,quantity,unit_price,shipped_on,paid_on,customer\n");
    for (number, order) in (1..).zip(&orders) {
        for row in order.rows.lines() {
            writeln!(text, "S{}-{number:05},{row}", order.on.format("%y%m%d")).unwrap_or_default();
        }
    }
    text
}

fn workday(month: NaiveDate, dice: &mut Dice) -> NaiveDate {
    let days = u64::try_from(dice.between(0, 27)).unwrap_or(0);
    let day = month.checked_add_days(Days::new(days)).unwrap_or(month);
    match day.weekday() {
        Weekday::Sat => day.pred_opt().unwrap_or(day),
        Weekday::Sun => day.succ_opt().unwrap_or(day),
        _ => day,
    }
}

fn rows(
    sketch: &Sketch,
    dealer: &DealerSketch,
    on: NaiveDate,
    late: i64,
    dice: &mut Dice,
    today: NaiveDate,
) -> String {
    let shipped = later(on, dice.between(1, 6)).min(today);
    let delay = if dice.percent(late) { dice.between(5, 40) } else { dice.between(-15, 0) };
    let paid = later(shipped, dealer.terms_days + delay);
    let paid = if paid <= today { paid.to_string() } else { String::new() };
    let customer =
        if dice.percent(70) { dice.pick(&sketch.customers).map_or("", String::as_str) } else { "" };
    let mut text = String::new();
    let mut skus: Vec<&str> = Vec::new();
    for _ in 0..dice.between(2, 8) {
        let Some(product) = dice.pick(&sketch.products) else { continue };
        if skus.contains(&product.sku.as_str()) {
            continue;
        }
        skus.push(&product.sku);
        let (quantity, price) = wanted(sketch, dealer, product, dice);
        let (code, sku) = (&dealer.code, &product.sku);
        writeln!(text, "{on},{code},{sku},{quantity},{price},{shipped},{paid},{customer}")
            .unwrap_or_default();
    }
    text
}

fn wanted(
    sketch: &Sketch,
    dealer: &DealerSketch,
    product: &ProductSketch,
    dice: &mut Dice,
) -> (i64, Decimal) {
    let most = Decimal::from(sketch.line_worth) / product.price;
    let most = i64::try_from(most.trunc().mantissa()).unwrap_or(1).clamp(1, 200);
    let quantity = dice.between(1, most);
    let percent = dealer.discount + if quantity >= 20 { 2 } else { 0 };
    let price = (product.price * Decimal::new(100 - percent, 2)).round_dp(2);
    (quantity, price)
}

fn later(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_add_signed(chrono::TimeDelta::days(days)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_day_make_the_same_file() {
        let today: NaiveDate = "2026-11-24".parse().unwrap();
        let made = || {
            let mut dice = Dice::new(1);
            super::super::sketch::all(&mut dice, today)
                .iter()
                .map(|sketch| file(sketch, &mut dice, today))
                .collect::<Vec<_>>()
        };
        assert_eq!(made(), made());
        assert!(made()[0].lines().count() > 3_000);
        let [before, last] = settled_quarters(today);
        assert_eq!((before.to_string().as_str(), last.to_string().as_str()), ("2026-Q2", "2026-Q3"));
        assert_eq!(first_day(today).to_string(), "2025-04-01");
    }
}
