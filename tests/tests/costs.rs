//! Costs on both databases: set, imported, kept by day, and the margins of a simulation worked out by hand.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use qudao_app::imports::{ImportKind, ImportOptions};
use qudao_app::{AppError, Context, GuardKind, NewSettings, NewSimulation, Outcome, Simulated};
use qudao_domain::decimal::Decimal;
use qudao_domain::lifecycle::SimulationState;
use qudao_store::simulations::Simulation;
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::history::{import, upload};
use qudao_tests::portal::TestPortal;
use serde_json::json;
use std::io::Cursor;
use std::time::Duration;

const PRODUCTS: &str = "sku,name,category\nP2,Seal,parts\n";
const DEALERS: &str = "code,name,tier,region\nD2,Dealer Two,silver,west\n";
/// The pump's first cost holds from August on, its second from mid-September; the seal has none.
const COSTS: &str = "SKU,Unit cost,From\nP1,61.37,2026-08-01\nP1,70.125,2026-09-15\n";
const ORDERS: &str = "number,date,dealer,sku,quantity,unit_price,base_price
S1,2026-07-31,D1,P1,2,100.00,100.00
S2,2026-08-10,D1,P1,20,100.00,100.00
S3,2026-09-15,D2,P1,3,100.00,100.00
S3,2026-09-15,D2,P2,10,50.00,50.00
";

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A desk with a past, costs, and the starter with ten per cent off from 10 pieces on as its second settings.
async fn desk(test: TestDb) -> (Desk, String) {
    let desk = Desk::open(test, &Desk::engine()).await;
    import(&desk.app, &desk.ops, ImportKind::Products, PRODUCTS).await;
    import(&desk.app, &desk.ops, ImportKind::Dealers, DEALERS).await;
    import(&desk.app, &desk.finance, ImportKind::Costs, COSTS).await;
    import(&desk.app, &desk.ops, ImportKind::Orders, ORDERS).await;
    let digest = upload(&desk, "starter-rust").await;
    let json = json!({ "from_pieces": 10, "discount": "0.1" }).to_string();
    let new = NewSettings { json, note: String::new(), based_on: 1 };
    desk.app.save_settings(&desk.pricing, &digest, &new).await.unwrap();
    (desk, digest)
}

fn over(digest: &str, least_margin: Option<&str>) -> NewSimulation {
    NewSimulation {
        digest: digest.to_owned(),
        revision: Some(2),
        first: "2026-07-01".parse().unwrap(),
        last: "2026-09-30".parse().unwrap(),
        least_margin: least_margin.map(decimal),
        ..NewSimulation::default()
    }
}

/// Simulates, and gives what `reader` sees of it.
async fn seen(desk: &Desk, new: &NewSimulation, reader: &Context) -> (Simulation, Outcome) {
    desk.wait_ms(10);
    let id = desk.app.start_simulation(&desk.pricing, new).await.unwrap();
    for _ in 0..2_000 {
        let (found, outcome) = desk.app.simulation(reader, id).await.unwrap();
        if found.state != SimulationState::Running {
            let Some(Simulated::Pricing(outcome)) = outcome else { panic!("no prices came out") };
            return (found, outcome);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the simulation does not end");
}

type Row = (String, Option<(i64, i64, i64)>);

fn margins(parts: &[qudao_app::Part]) -> Vec<Row> {
    let left = |margin: qudao_app::Margin| (margin.before_minor, margin.after_minor, margin.cost_minor);
    let mut rows: Vec<Row> =
        parts.iter().map(|part| (part.code.clone(), part.sums.margin.map(left))).collect();
    rows.sort();
    rows
}

#[tokio::test]
async fn margins_are_amounts_less_the_cost_of_the_orders_day() {
    for test in TestDb::both().await {
        let (desk, digest) = desk(test).await;
        let (_, outcome) = seen(&desk, &over(&digest, None), &desk.pricing).await;
        // S2: 2,000.00 becomes 1,800.00 and cost 20 × 61.37 = 1,227.40. S3: 300.00 stays and cost 3 × 70.125 = 210.375,
        // which is 210.38; its seals have no cost, S1's pumps had none yet.
        let s2 = (200_000 - 122_740, 180_000 - 122_740, 122_740);
        let s3 = (30_000 - 21_038, 30_000 - 21_038, 21_038);
        let all = (s2.0 + s3.0, s2.1 + s3.1, s2.2 + s3.2);
        let found = outcome.sums.margin.unwrap();
        assert_eq!((found.before_minor, found.after_minor, found.cost_minor), all);
        assert_eq!(outcome.sums.before_minor, 300_000);
        assert_eq!((found.known_before_minor(), found.known_after_minor()), (230_000, 210_000));
        assert_eq!(found.known_share(outcome.sums.before_minor), Some(decimal("0.7666")));
        // 86,222 of 230,000 and 66,222 of 210,000.
        assert_eq!(found.share_before(), Some(decimal("0.3748")));
        assert_eq!(found.share_after(), Some(decimal("0.3153")));
        assert_eq!(margins(&outcome.dealers), [("D1".into(), Some(s2)), ("D2".into(), Some(s3))]);
        assert_eq!(margins(&outcome.products), [("P1".into(), Some(all)), ("P2".into(), None)]);
        let months = [("2026-07".into(), None), ("2026-08".into(), Some(s2)), ("2026-09".into(), Some(s3))];
        assert_eq!(margins(&outcome.months), months);
    }
}

#[tokio::test]
async fn a_margin_that_falls_too_low_blocks_the_approval_and_only_who_sees_costs_learns_by_how_much() {
    for test in TestDb::both().await {
        let (desk, digest) = desk(test).await;
        // 66,222 of 210,000 is 31.534 285… %.
        let (found, broken) = seen(&desk, &over(&digest, Some("31.5343")), &desk.ops).await;
        let guard = &broken.guards[0];
        assert_eq!((guard.kind, guard.held), (GuardKind::Margin, false));
        assert_eq!((guard.least_percent, guard.found_percent, found.least_margin), (None, None, None));
        let json = found.outcome.unwrap().0.to_string();
        for hidden in ["cost_minor", "least_percent", "found_percent", "31.53"] {
            assert!(!json.contains(hidden), "{hidden}: {json}");
        }
        let approved = desk.app.approve_plugin(&desk.finance, &digest, "").await;
        assert!(matches!(approved, Err(AppError::Conflict { code: "guard-failed", .. })), "{approved:?}");
        let (found, held) = seen(&desk, &over(&digest, Some("31.5342")), &desk.finance).await;
        let guard = &held.guards[0];
        assert_eq!((guard.held, guard.found_percent), (true, Some(decimal("31.53"))));
        assert_eq!(found.least_margin.unwrap().0, decimal("31.5342"));
        desk.app.approve_plugin(&desk.finance, &digest, "enough is left").await.unwrap();
    }
}

#[tokio::test]
async fn a_guard_of_margins_is_for_those_who_see_costs_and_within_bounds() {
    let (desk, digest) = desk(TestDb::sqlite().await).await;
    let start = desk.app.start_simulation(&desk.ops, &over(&digest, Some("20"))).await;
    assert!(matches!(start, Err(AppError::Forbidden)), "{start:?}");
    for (wrong, code) in [("-0.01", "range"), ("100.01", "range"), ("12.34567", "decimals")] {
        let Err(AppError::Invalid(issues)) =
            desk.app.start_simulation(&desk.pricing, &over(&digest, Some(wrong))).await
        else {
            panic!("{wrong} is taken");
        };
        assert_eq!((issues[0].pointer.as_str(), issues[0].code), ("/least_margin", code), "{wrong}");
    }
    // Orders of July have no cost at all: nothing shows what is left.
    let july = NewSimulation { last: "2026-07-31".parse().unwrap(), ..over(&digest, Some("0")) };
    let (_, outcome) = seen(&desk, &july, &desk.admin).await;
    assert_eq!((outcome.guards[0].held, outcome.guards[0].found_percent), (false, None));
}

#[tokio::test]
async fn costs_are_set_by_day_replaced_and_audited() {
    for test in TestDb::both().await {
        let desk = Desk::open(test, &Desk::engine()).await;
        let day = |text: &str| text.parse().unwrap();
        let set = async |ctx: &Context, from: &str, cost: &str| {
            desk.app.set_cost(ctx, "P1", day(from), decimal(cost)).await
        };
        set(&desk.pricing, "2026-01-01", "61.370").await.unwrap();
        set(&desk.finance, "2026-06-01", "64").await.unwrap();
        set(&desk.admin, "2026-06-01", "63.5").await.unwrap();
        let costs = desk.app.product(&desk.finance, "P1").await.unwrap().costs.unwrap();
        let told: Vec<String> =
            costs.iter().map(|cost| format!("{} {}", cost.valid_from, cost.cost.0)).collect();
        assert_eq!(told, ["2026-06-01 63.5", "2026-01-01 61.37"]);
        for stranger in [&desk.ops, &desk.buyer] {
            assert!(matches!(set(stranger, "2026-06-01", "1").await, Err(AppError::Forbidden)));
            assert!(desk.app.product(stranger, "P1").await.unwrap().costs.is_none());
        }
        let Err(AppError::Invalid(issues)) = set(&desk.pricing, "2026-06-01", "-1").await else {
            panic!("a negative cost is taken");
        };
        assert_eq!((issues[0].pointer.as_str(), issues[0].code), ("/cost", "price"));
        let unknown = desk.app.set_cost(&desk.pricing, "P9", day("2026-06-01"), Decimal::ONE).await;
        assert!(matches!(unknown, Err(AppError::NotFound)));
        let audit = desk.test.fingerprint(desk.company.id).await["audit"].clone();
        assert_eq!(audit.matches("cost.set").count(), 3, "{audit}");
    }
}

#[tokio::test]
async fn a_file_of_costs_is_taken_whole_or_told_by_line() {
    for test in TestDb::both().await {
        let desk = Desk::open(test, &Desk::engine()).await;
        let bring = async |ctx: &Context, csv: &str| {
            let (mut file, options) = (Cursor::new(csv.to_owned()), ImportOptions::default());
            desk.app.import(ctx, ImportKind::Costs, &mut file, &options, &mut |_| {}).await
        };
        let wrong =
            "编码,成本价,生效日期\nP1,61.37,2026-08-01\nP9,1,2026-08-01\nP1,-1,2026-09-01\nP1,2,2026-08-01\n";
        let report = bring(&desk.pricing, wrong).await.unwrap();
        let told: Vec<_> = report.skipped.iter().map(|problem| (problem.line, problem.code)).collect();
        assert_eq!(told, [(3, "unknown-sku"), (4, "price"), (5, "repeated")]);
        assert!(!report.accepted);
        assert_eq!(desk.app.product(&desk.pricing, "P1").await.unwrap().costs.unwrap(), []);
        let refused = bring(&desk.ops, COSTS).await;
        assert!(matches!(refused, Err(AppError::Forbidden)), "{refused:?}");
        let report = bring(&desk.pricing, COSTS).await.unwrap();
        assert_eq!((report.accepted, report.written), (true, 2));
        assert_eq!(desk.app.product(&desk.pricing, "P1").await.unwrap().costs.unwrap().len(), 2);
    }
}

/// Posts the form for a cost as somebody who logged in.
async fn post(portal: &TestPortal, who: &Context, form: &str) -> qudao_tests::portal::Answer {
    let signed_in = portal.desk.app.log_in("acme", &who.email, "correct horse".into()).await.unwrap();
    let csrf = portal.desk.app.session(&signed_in.token).await.unwrap().unwrap().1;
    let request = Request::builder()
        .method("POST")
        .uri("/products/P1/costs")
        .header(header::COOKIE, format!("qudao_session={}", signed_in.token))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    portal.send(request.body(Body::from(format!("_csrf={csrf}&{form}"))).unwrap()).await
}

#[tokio::test]
async fn page_and_api_set_costs_and_tell_what_is_wrong_at_its_field() {
    let portal = TestPortal::open(TestDb::sqlite().await, &Desk::engine()).await;
    let desk = &portal.desk;
    let answer = post(&portal, &desk.pricing, "cost=61.37&valid_from=2026-01-01").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(answer.headers[header::LOCATION], "/products/P1");
    let wrong = post(&portal, &desk.pricing, "cost=much&valid_from=24.11").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in ["value=\"much\"", "value=\"24.11\"", "f-cost-error", "f-valid_from-error", "61.37"] {
        assert!(wrong.text.contains(kept), "{kept}: {}", wrong.text);
    }
    let negative = post(&portal, &desk.pricing, "cost=-1&valid_from=2026-01-01").await;
    assert!(negative.text.contains("f-cost-error"), "{}", negative.text);
    for who in [&desk.ops, &desk.buyer] {
        let refused = post(&portal, who, "cost=1&valid_from=2026-01-01").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let token = portal.token(&desk.finance).await;
    let body = json!({ "valid_from": "2026-02-01", "cost": "62.5" });
    let set = portal.api("PUT", "/api/v1/products/P1/costs", &token, Some(&body)).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT, "{}", set.text);
    let shown = portal.api("GET", "/api/v1/products/P1", &token, None).await.json();
    let expected = json!([
        { "valid_from": "2026-02-01", "cost": "62.5" },
        { "valid_from": "2026-01-01", "cost": "61.37" },
    ]);
    assert_eq!(shown["costs"], expected);
    let body = json!({ "valid_from": "2026-02-01", "cost": "1,5" });
    let wrong = portal.api("PUT", "/api/v1/products/P1/costs", &token, Some(&body)).await;
    assert_eq!(
        (wrong.status, &wrong.json()["errors"][0]["pointer"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("/cost"))
    );
    let body = json!({ "plugin": "0", "first": "2026-01-01", "last": "2026-01-02", "least_margin": "a lot" });
    let wrong = portal.api("POST", "/api/v1/simulations", &token, Some(&body)).await;
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/least_margin", "{}", wrong.text);
}
