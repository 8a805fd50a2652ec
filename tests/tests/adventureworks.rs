//! A real order history: twelve quarters settled through `tiered-rebate` and every order priced again through
//! `volume-pricing`, held against what is computed here from the CSV files alone.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::imports::{ImportKind, ImportOptions};
use qudao_app::{App, Clock, Context, Draft, NewProgram, NewUser, Wish};
use qudao_domain::decimal::Decimal;
use qudao_domain::lifecycle::Policy;
use qudao_domain::permissions::Role;
use qudao_domain::settlement::Calendar;
use qudao_domain::time::Instant;
use qudao_store::settlements;
use qudao_store::testing::{TestDb, note_skip};
use qudao_tests::desk::{Desk, morning};
use qudao_tests::history::{ledger_is_sound, set_rule, upload};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The folder with the data, if it is at hand.
fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("QUDAO_DATA").map_or(beside, PathBuf::from).join("adventureworks");
    if folder.join("FactResellerSales.csv").exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("QUDAO_REQUIRE_DATA").is_none(), "{} is missing", folder.display());
    note_skip("AdventureWorks settlement: the data is not at hand");
    None
}

/// One sale of the file: quarter (counted from year 0), dealer, category, cents.
struct Sale {
    quarter: i64,
    dealer: String,
    category: String,
    cents: i128,
}

/// Cents of an amount, half-even.
fn cents(text: &str) -> i128 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{fraction:0<6}");
    let micros: i128 = format!("{whole}{}", &digits[..6]).parse().unwrap();
    half_even(micros, 10_000)
}

/// `number ÷ by`, half-even; neither is negative.
fn half_even(number: i128, by: i128) -> i128 {
    let (quotient, rest) = (number / by, number % by);
    match (rest * 2).cmp(&by) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + quotient % 2,
    }
}

/// Splits a line of a CSV file; a quoted field may hold commas.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.trim_start_matches('\u{feff}').lines().skip(1).map(|line| fields(line.trim_end())).collect()
}

fn sales(folder: &Path) -> Vec<Sale> {
    let products = rows(&folder.join("Product.csv"));
    let category: HashMap<String, String> =
        products.into_iter().map(|row| (row[0].clone(), row[5].clone())).collect();
    let sale = |row: Vec<String>| {
        let (year, month): (i64, i64) = (row[1][..4].parse().unwrap(), row[1][5..7].parse().unwrap());
        Sale {
            quarter: year * 4 + (month - 1) / 3,
            dealer: row[3].clone(),
            category: category[&row[2]].clone(),
            cents: cents(&row[9]),
        }
    };
    rows(&folder.join("FactResellerSales.csv")).into_iter().map(sale).collect()
}

/// The rule as the test sets it: bikes 1.5 % from 20,000 and 2.5 % from 50,000; the rest together 1 % from 5,000; a
/// bonus of 0.5 % of everything for 10 % growth; at most 20,000 for a dealer, at least 100.
fn rule() -> serde_json::Value {
    json!({
        "method": "retroactive",
        "bands": [
            { "category": "Bikes", "from": "20000", "rate": "0.015" },
            { "category": "Bikes", "from": "50000", "rate": "0.025" },
            { "category": "", "from": "5000", "rate": "0.01" },
        ],
        "growth": [{ "from": "0.10", "rate": "0.005" }],
        "cap": "20000", "minimum": "100",
    })
}

/// What one dealer earns by [`rule`], in cents.
fn earned(bikes: i128, rest: i128, before: i128) -> i128 {
    let bikes_permille = if bikes >= 5_000_000 {
        25
    } else if bikes >= 2_000_000 {
        15
    } else {
        0
    };
    let rest_permille = if rest >= 500_000 { 10 } else { 0 };
    let all = bikes + rest;
    let bonus_permille = if before > 0 && all * 100 >= before * 110 { 5 } else { 0 };
    let part = |amount: i128, permille: i128| half_even(amount * permille, 1_000);
    let sum = part(bikes, bikes_permille) + part(rest, rest_permille) + part(all, bonus_permille);
    let capped = sum.min(2_000_000);
    if capped < 10_000 { 0 } else { capped }
}

/// What each dealer earns in each quarter.
fn expected(sales: &[Sale]) -> BTreeMap<i64, BTreeMap<String, i128>> {
    let mut sums: HashMap<(i64, &str), (i128, i128)> = HashMap::new();
    for sale in sales {
        let (bikes, rest) = sums.entry((sale.quarter, &sale.dealer)).or_default();
        *(if sale.category == "Bikes" { bikes } else { rest }) += sale.cents;
    }
    let mut expected: BTreeMap<i64, BTreeMap<String, i128>> = BTreeMap::new();
    for ((quarter, dealer), (bikes, rest)) in &sums {
        let (bikes_before, rest_before) = sums.get(&(quarter - 4, *dealer)).copied().unwrap_or_default();
        let amount = earned(*bikes, *rest, bikes_before + rest_before);
        let dealers = expected.entry(*quarter).or_default();
        if amount > 0 {
            dealers.insert((*dealer).to_owned(), amount);
        }
    }
    expected
}

async fn import(app: &App, ctx: &Context, kind: ImportKind, preset: &str, path: PathBuf) {
    let mut file = File::open(path).unwrap();
    let options = ImportOptions { preset: Some(preset.to_owned()), ..ImportOptions::default() };
    let report = app.import(ctx, kind, &mut file, &options, &mut |_| {}).await.unwrap();
    assert!(report.accepted, "{report:?}");
}

/// A desk whose company sold this history, in dollars.
async fn with_history(test: TestDb, folder: &Path) -> Desk {
    let mut desk = Desk::open(test, &Desk::engine()).await;
    let app = App::new(desk.app.db().clone(), Desk::engine(), Clock::fixed(morning()));
    desk.company = app.add_company("adventure", "Adventure Works", "USD", "America/New_York").await.unwrap();
    let user = NewUser {
        email: "admin@adventure.example".into(),
        name: "Admin".into(),
        role: Role::Admin,
        dealer: None,
        password: "correct horse".into(),
    };
    app.add_user(&desk.company, user).await.unwrap();
    let admin = app.act_as(&desk.company, "admin@adventure.example").await.unwrap();
    let policy = Policy { second_person: false, ..Policy::default() };
    app.save_plugin_policy(&admin, &policy).await.unwrap();
    import(&app, &admin, ImportKind::Products, "adventureworks-products", folder.join("Product.csv")).await;
    import(&app, &admin, ImportKind::Dealers, "adventureworks-dealers", folder.join("Resellers.csv")).await;
    import(&app, &admin, ImportKind::Orders, "adventureworks-orders", folder.join("FactResellerSales.csv"))
        .await;
    desk.app = app;
    (desk.ops, desk.pricing, desk.finance) = (admin.clone(), admin.clone(), admin);
    desk
}

#[tokio::test]
async fn every_quarter_settles_to_the_cent() {
    let Some(folder) = data() else { return };
    let expected = expected(&sales(&folder));
    assert_eq!(expected.len(), 12, "2017-Q3 to 2020-Q2");
    for test in TestDb::both().await {
        let desk = with_history(test, &folder).await;
        let program = NewProgram {
            code: "rebate".into(),
            name_zh: "季度返利".into(),
            name_en: "Quarterly rebate".into(),
            calendar: Calendar::Quarter,
            budget_minor: None,
        };
        let program = desk.app.add_program(&desk.finance, program).await.unwrap();
        let digest = upload(&desk, "tiered-rebate").await;
        set_rule(&desk, &digest, Some("rebate"), &rule()).await;
        for (quarter, dealers) in &expected {
            let period = format!("{}-Q{}", quarter / 4, quarter % 4 + 1);
            let run = desk.app.settle(&desk.finance, "rebate", &period).await.unwrap();
            assert_eq!(i128::from(run.posted_minor), dealers.values().sum::<i128>(), "{period}");
            let mut tx = desk.app.db().read(desk.company.id).await.unwrap();
            let posted =
                settlements::posted_by_dealer(&mut tx, desk.company.id, program.id, &period).await.unwrap();
            let codes: HashMap<_, _> = qudao_store::dealers::all(&mut tx, desk.company.id)
                .await
                .unwrap()
                .into_iter()
                .map(|dealer| (dealer.id, dealer.code))
                .collect();
            let posted: BTreeMap<String, i128> =
                posted.into_iter().map(|(dealer, sum)| (codes[&dealer].clone(), i128::from(sum))).collect();
            assert_eq!(&posted, dealers, "{period}");
            drop(tx);
            let again = desk.app.settle(&desk.finance, "rebate", &period).await.unwrap();
            assert_eq!((again.posted_minor, again.postings, again.statements), (0, 0, 0), "{period}");
        }
        ledger_is_sound(&desk.app, desk.company.id).await;
    }
}

/// One order of the file: dealer, day, and its lines as product and pieces.
struct Sold {
    dealer: String,
    day: chrono::NaiveDate,
    lines: Vec<Wish>,
}

fn orders(folder: &Path) -> BTreeMap<String, Sold> {
    let mut orders: BTreeMap<String, Sold> = BTreeMap::new();
    for row in rows(&folder.join("FactResellerSales.csv")) {
        let day = row[1][..10].parse().unwrap();
        let new = || Sold { dealer: row[3].clone(), day, lines: Vec::new() };
        let line = Wish { sku: row[2].clone(), quantity: row[6].parse().unwrap() };
        orders.entry(row[0].clone()).or_insert_with(new).lines.push(line);
    }
    orders
}

/// The five volume discounts of SpecialOffer.csv, in per cent.
fn volume_discount(quantity: i64) -> i64 {
    match quantity {
        ..=10 => 0,
        11..=14 => 2,
        15..=24 => 5,
        25..=40 => 10,
        41..=60 => 15,
        61.. => 20,
    }
}

/// The volume discounts alone, unit prices to four decimals.
fn volume_rule() -> serde_json::Value {
    let ranges = [(11, Some(14)), (15, Some(24)), (25, Some(40)), (41, Some(60)), (61, None)];
    let breaks = ranges.map(|(from, to)| {
        let discount = format!("0.{:02}", volume_discount(from));
        json!({ "scope": "all", "code": "", "from": from, "to": to, "discount": discount })
    });
    json!({
        "tiers": [], "breaks": breaks, "promotions": [], "regions": [], "stacking": "best", "floor_share": "0",
        "floors": [], "approval_below": "0", "max_quantity": null, "decimals": 4, "notice_days": 0,
    })
}

/// The whole history through `volume-pricing`, each order on its own day, held against the discounts recomputed here.
#[tokio::test]
async fn every_order_is_priced_again() {
    let Some(folder) = data() else { return };
    let desk = with_history(TestDb::sqlite().await, &folder).await;
    let sales = folder.join("FactResellerSales.csv");
    import(&desk.app, &desk.ops, ImportKind::PricesFromSales, "adventureworks-products", sales).await;
    let noon = |day: chrono::NaiveDate| Instant::from_utc(day.and_hms_opt(16, 0, 0).unwrap().and_utc());
    let orders = orders(&folder);
    desk.app.clock().set(noon(orders.values().map(|order| order.day).min().unwrap()).plus_ms(-86_400_000));
    let digest = upload(&desk, "volume-pricing").await;
    set_rule(&desk, &digest, None, &volume_rule()).await;
    let (mut count, mut total) = (0, 0);
    for (number, order) in &orders {
        desk.app.clock().set(noon(order.day));
        let draft =
            Draft { dealer: Some(order.dealer.clone()), lines: order.lines.clone(), ..Draft::default() };
        let quoted = desk.app.quote(&desk.ops, &draft).await.unwrap();
        assert_eq!(quoted.lines.len(), order.lines.len(), "{number}");
        let mut sum = 0;
        for line in &quoted.lines {
            let share = Decimal::new(100 - volume_discount(line.quantity), 2);
            let unit_price = (line.base_price * share).round_dp(4);
            assert_eq!(line.unit_price, unit_price, "{number} {}", line.offer.sku);
            sum += line.amount_minor;
        }
        assert_eq!(quoted.totals.total_minor, sum, "{number}");
        count += quoted.lines.len();
        total += sum;
    }
    assert_eq!((orders.len(), count), (3_616, 57_851));
    println!("priced again: {count} lines, {total} cents");
}
