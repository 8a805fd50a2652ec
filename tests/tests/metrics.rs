//! Every metric against a slow and obvious computation, on both databases; and the cards and ranking made of them.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::imports::ImportKind;
use qudao_app::{AppError, NewTarget};
use qudao_domain::decimal::Decimal;
use qudao_domain::kpi::{Metric, Subject};
use qudao_store::metrics::Spans;
use qudao_store::testing::TestDb;
use qudao_store::{decisions, metrics};
use qudao_tests::desk::Desk;
use qudao_tests::history::{import, set_rule, upload};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const DEALERS: &str = "code,name,tier,region,credit_limit,terms_days
D1,Dealer One,gold,east,1000,30
D2,Dealer Two,gold,west,,0
D3,Dealer Three,silver,east,,45
D4,Dealer Four,silver,east,5,10
D5,Dealer Five,silver,north,,10
";

/// One order of one line.
#[derive(Clone)]
struct Sale {
    dealer: &'static str,
    day: chrono::NaiveDate,
    cents: i64,
    paid: Option<chrono::NaiveDate>,
    customer: &'static str,
}

/// Sales by a fixed rule that looks random: 300 over three years, some unpaid, some paid late, some without customer.
fn sales() -> Vec<Sale> {
    let mut state = 20_261_124_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let first: chrono::NaiveDate = "2023-12-20".parse().unwrap();
    let (dealers, customers) =
        (["D1", "D2", "D3", "D4"], ["", "", "Ann", "Bob", "Cao", "Deng", "Eve", "Fu", "Gu"]);
    let mut sale = |_| {
        let day = first + chrono::Days::new(next(1_000));
        let paid = (next(3) > 0).then(|| day + chrono::Days::new(next(70)));
        Sale {
            dealer: dealers[usize::try_from(next(4)).unwrap()],
            day,
            cents: i64::try_from(next(900_000) + 1).unwrap(),
            paid: paid.filter(|paid| *paid <= "2026-11-01".parse().unwrap()),
            customer: customers[usize::try_from(next(9)).unwrap()],
        }
    };
    (0..300).map(&mut sale).collect()
}

fn csv(sales: &[Sale]) -> String {
    let mut csv = "number,date,dealer,sku,quantity,unit_price,paid_on,customer\n".to_owned();
    for (at, sale) in sales.iter().enumerate() {
        let paid = sale.paid.map(|day| day.to_string()).unwrap_or_default();
        let price = format!("{}.{:02}", sale.cents / 100, sale.cents % 100);
        writeln!(csv, "N{at:04},{},{},P1,1,{price},{paid},{}", sale.day, sale.dealer, sale.customer).unwrap();
    }
    csv
}

/// The days of a quarter.
#[derive(Clone, Copy)]
struct Quarter(i32, u32);

impl Quarter {
    fn has(self, day: chrono::NaiveDate) -> bool {
        use chrono::Datelike;
        day.year() == self.0 && day.month0() / 3 + 1 == self.1
    }

    fn before(self) -> Self {
        Self(self.0 - 1, self.1)
    }
}

fn rounded(part: i64, whole: i64) -> Decimal {
    (Decimal::from(part) / Decimal::from(whole)).round_dp(6)
}

/// One dealer's figure of one metric, looked up by walking over everything.
fn slow(code: &str, dealer: &str, sales: &[Sale], quarter: Quarter) -> Option<Decimal> {
    let of =
        |quarter: Quarter| sales.iter().filter(move |sale| sale.dealer == dealer && quarter.has(sale.day));
    let sum = |quarter: Quarter| of(quarter).map(|sale| sale.cents).sum::<i64>();
    let terms = BTreeMap::from([("D1", 30), ("D2", 0), ("D3", 45), ("D4", 10)]);
    match code {
        "turnover" => Some(Decimal::new(sum(quarter), 2)),
        "growth" => {
            let before = sum(quarter.before());
            (before > 0).then(|| rounded(sum(quarter) - before, before))
        }
        "new-customers" => {
            let named: BTreeSet<&str> =
                of(quarter).map(|sale| sale.customer).filter(|name| !name.is_empty()).collect();
            // The first sale of a customer: the earliest day, then the first one recorded.
            let first = |name: &str| {
                let theirs = sales.iter().enumerate().filter(|(_, sale)| sale.customer == name);
                theirs.min_by_key(|(at, sale)| (sale.day, *at)).map(|(_, sale)| sale).unwrap()
            };
            let new = named
                .iter()
                .filter(|name| first(name).dealer == dealer && quarter.has(first(name).day))
                .count();
            (!named.is_empty()).then(|| Decimal::from(new))
        }
        "collection" => {
            let late = chrono::Days::new(terms[dealer]);
            let paid = of(quarter).filter(|sale| sale.paid.is_some_and(|paid| paid <= sale.day + late));
            let (paid, all): (i64, i64) = (paid.map(|sale| sale.cents).sum(), sum(quarter));
            (all > 0).then(|| rounded(paid, all))
        }
        // Name, tier and region are filled by all; a credit limit by D1 and D4; no attributes.
        "completeness" => Some(if matches!(dealer, "D1" | "D4") { Decimal::ONE } else { rounded(3, 4) }),
        other => panic!("{other}"),
    }
}

/// What the plugin was told of each dealer when `period` was scored.
async fn told(desk: &Desk, period: &str) -> BTreeMap<String, BTreeMap<String, Metric>> {
    let ranking = desk.app.ranking(&desk.finance, period).await.unwrap();
    let mut tx = desk.app.db().read(desk.company.id).await.unwrap();
    let mut told = BTreeMap::new();
    for row in ranking.rows {
        let decision =
            decisions::find(&mut tx, desk.company.id, row.card.decision_id).await.unwrap().unwrap();
        let subject: Subject = serde_json::from_slice(&decision.input).unwrap();
        let metrics = subject.metrics.into_iter().map(|metric| (metric.code.clone(), metric)).collect();
        told.insert(subject.code, metrics);
    }
    told
}

async fn scored(test: TestDb) -> (Desk, Vec<Sale>) {
    let desk = Desk::open(test, &Desk::engine()).await;
    import(&desk.app, &desk.ops, ImportKind::Dealers, DEALERS).await;
    let sales = sales();
    import(&desk.app, &desk.ops, ImportKind::Orders, &csv(&sales)).await;
    let digest = upload(&desk, "weighted-kpi").await;
    set_rule(&desk, &digest, None, &settings("0.60")).await;
    (desk, sales)
}

/// Turnover and collection, the first weighing so much.
fn settings(turnover: &str) -> serde_json::Value {
    let rest = Decimal::ONE - turnover.parse::<Decimal>().unwrap();
    json!({
        "indicators": [
            { "measure": "turnover", "weight": turnover, "target": "20000" },
            { "measure": "collection", "weight": rest.to_string(), "target": "0.9" },
        ],
        "cap": "1.2", "missing": "zero", "grades": { "a": "90", "b": "75", "c": "60" },
    })
}

#[tokio::test]
async fn every_metric_is_what_the_slow_way_says() {
    for test in TestDb::both().await {
        let (desk, sales) = scored(test).await;
        for (year, quarter) in [(2026, 3), (2026, 1), (2025, 4), (2024, 1), (2025, 2)] {
            let period = format!("{year}-Q{quarter}");
            desk.app.score(&desk.finance, &period).await.unwrap();
            let told = told(&desk, &period).await;
            assert!(told.len() >= 3, "{period}: {told:?}");
            for (dealer, metrics) in &told {
                for code in ["turnover", "growth", "new-customers", "collection", "completeness"] {
                    let now = Quarter(year, quarter);
                    let metric = &metrics[code];
                    assert_eq!(metric.actual, slow(code, dealer, &sales, now), "{period} {dealer} {code}");
                    let before = slow(code, dealer, &sales, now.before()).filter(|_| code != "completeness");
                    assert_eq!(metric.previous, before, "{period} {dealer} {code} a year before");
                }
            }
        }
    }
}

#[tokio::test]
async fn orders_are_counted_but_not_those_called_off() {
    for test in TestDb::both().await {
        let (desk, sales) = scored(test).await;
        let quarter = |year: i32| {
            let day = |month, day| chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap();
            (day(7, 1), day(9, 30))
        };
        let spans = Spans { now: quarter(2026), before: quarter(2025), long_before: quarter(2024) };
        let mut tx = desk.app.db().read(desk.company.id).await.unwrap();
        let counted = metrics::orders(&mut tx, desk.company.id, &spans).await.unwrap();
        assert_eq!(counted.len(), 4);
        for figures in counted {
            let dealer = qudao_store::dealers::by_id(&mut tx, desk.company.id, figures.dealer_id)
                .await
                .unwrap()
                .unwrap();
            let count = |year: i32| {
                let of =
                    sales.iter().filter(|sale| sale.dealer == dealer.code && Quarter(year, 3).has(sale.day));
                i64::try_from(of.count()).unwrap()
            };
            assert_eq!(
                (figures.now, figures.before, figures.long_before),
                (count(2026), count(2025), count(2024))
            );
        }
    }
}

#[tokio::test]
async fn a_ranking_is_by_total_and_a_dealer_sees_its_own_place() {
    for test in TestDb::both().await {
        let (desk, _) = scored(test).await;
        let target =
            |dealer: &str| NewTarget { dealer: dealer.into(), metric: "turnover".into(), value: 1.into() };
        desk.app.set_targets(&desk.finance, "2026-Q3", &[target("D5"), target("D4")]).await.unwrap();
        let unknown = desk.app.set_targets(&desk.finance, "2026-Q3", &[target("D5"), target("D9")]).await;
        let Err(AppError::Invalid(issues)) = unknown else { panic!("{unknown:?}") };
        assert_eq!(issues[0].pointer, "/targets/1/dealer");

        let first = desk.app.score(&desk.finance, "2026-Q3").await.unwrap();
        assert_eq!((first.number, first.cards, first.refused.len()), (1, 5, 0), "D5 has only a target");
        let ranking = desk.app.ranking(&desk.finance, "2026-Q3").await.unwrap();
        assert_eq!((ranking.count, ranking.rows.len()), (5, 5));
        for pair in ranking.rows.windows(2) {
            assert!(pair[0].card.total >= pair[1].card.total && pair[0].rank <= pair[1].rank);
            assert_eq!(pair[0].rank == pair[1].rank, pair[0].card.total == pair[1].card.total);
        }
        assert!(ranking.rows.iter().all(|row| row.change.is_none()), "nothing was scored before");
        let grade = &ranking.rows[0].card.grade;
        assert!(ranking.messages.iter().any(|message| &message.code == grade));

        let mine = desk.app.ranking(&desk.buyer, "2026-Q3").await.unwrap();
        assert_eq!((mine.count, mine.rows.len(), mine.rows[0].card.dealer.as_str()), (5, 1, "D1"));
        let place = ranking.rows.iter().find(|row| row.card.dealer == "D1").unwrap();
        assert_eq!(mine.rows[0].rank, place.rank);
        let page = desk.app.scorecard(&desk.buyer, place.card.id).await.unwrap();
        let points: Decimal = page.indicators.iter().map(|one| one.weight * one.score).sum();
        assert_eq!(page.ranked.card.total.0, points.round_dp(2));
        let other = ranking.rows.iter().find(|row| row.card.dealer == "D2").unwrap();
        assert!(matches!(desk.app.scorecard(&desk.buyer, other.card.id).await, Err(AppError::NotFound)));
        assert!(matches!(desk.app.score(&desk.buyer, "2026-Q3").await, Err(AppError::Forbidden)));

        // Scored again under other weights: the new cards count, the old ones stay.
        let digest = desk.app.plugins(&desk.ops).await.unwrap().remove(0).plugin.digest;
        set_rule(&desk, &digest, None, &settings("0")).await;
        assert_eq!(desk.app.score(&desk.finance, "2026-Q3").await.unwrap().number, 2);
        let again = desk.app.ranking(&desk.finance, "2026-Q3").await.unwrap();
        assert!(again.rows.iter().all(|row| row.card.number == 2));
        let d5 = again.rows.iter().find(|row| row.card.dealer == "D5").unwrap();
        assert_eq!(d5.card.total.0, Decimal::ZERO);
        assert!(
            desk.app.scorecard(&desk.finance, place.card.id).await.is_ok(),
            "the old card is still there"
        );
        let replay = desk.app.replay(&desk.ops, place.card.decision_id).await.unwrap();
        assert!(replay.identical && replay.same_fuel, "{replay:?}");
        assert_eq!(desk.app.scored_periods(&desk.buyer).await.unwrap(), ["2026-Q3"]);
    }
}

#[tokio::test]
async fn without_a_rule_nothing_is_scored() {
    for test in TestDb::both().await {
        let desk = Desk::open(test, &Desk::engine()).await;
        import(&desk.app, &desk.ops, ImportKind::Dealers, DEALERS).await;
        import(&desk.app, &desk.ops, ImportKind::Orders, &csv(&sales())).await;
        assert!(matches!(desk.app.score(&desk.finance, "2026-Q3").await, Err(AppError::NoRule(_))));
        assert!(matches!(desk.app.score(&desk.finance, "2026-Q9").await, Err(AppError::Invalid(_))));
        assert!(desk.app.ranking(&desk.finance, "2026-Q3").await.unwrap().rows.is_empty());
    }
}
