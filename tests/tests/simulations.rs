//! A rule tried over real orders on both databases: what it adds up, guards, cancelling, and approval by them.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::imports::ImportKind;
use qudao_app::{AppError, GuardKind, NewSettings, NewSimulation, Outcome, Simulated};
use qudao_domain::ids::SimulationId;
use qudao_domain::lifecycle::{Policy, SimulationState};
use qudao_store::simulations::Simulation;
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::history::{import, upload};
use serde_json::json;
use std::fmt::Write;
use std::time::Duration;

const DEALERS: &str = "code,name,tier,region
D2,Dealer Two,silver,west
";

/// 120 orders of two dealers over three months: two pieces for 200.00, every tenth of 20 pieces for 2,000.00.
fn orders() -> String {
    let mut csv = "number,date,dealer,sku,quantity,unit_price,base_price\n".to_owned();
    for number in 0..120 {
        let (month, day) = (number % 3 + 8, number % 28 + 1);
        let dealer = if number % 2 == 0 { "D1" } else { "D2" };
        let quantity = if number % 10 == 0 { 20 } else { 2 };
        writeln!(csv, "S{number:03},2026-{month:02}-{day:02},{dealer},P1,{quantity},100.00,100.00").unwrap();
    }
    csv
}

/// A desk with a past and the starter with ten per cent off from 10 pieces on as its second settings.
async fn desk(test: TestDb) -> (Desk, String) {
    let desk = Desk::open(test, &Desk::engine()).await;
    import(&desk.app, &desk.ops, ImportKind::Dealers, DEALERS).await;
    import(&desk.app, &desk.ops, ImportKind::Orders, &orders()).await;
    let digest = upload(&desk, "starter-rust").await;
    let json = json!({ "from_pieces": 10, "discount": "0.1" }).to_string();
    let new = NewSettings { json, note: String::new(), based_on: 1 };
    desk.app.save_settings(&desk.pricing, &digest, &new).await.unwrap();
    (desk, digest)
}

fn over(digest: &str) -> NewSimulation {
    NewSimulation {
        digest: digest.to_owned(),
        revision: Some(2),
        first: "2026-08-01".parse().unwrap(),
        last: "2026-10-31".parse().unwrap(),
        ..NewSimulation::default()
    }
}

async fn ended(desk: &Desk, id: SimulationId) -> (Simulation, Option<Outcome>) {
    for _ in 0..2_000 {
        let (found, outcome) = desk.app.simulation(&desk.ops, id).await.unwrap();
        if found.state != SimulationState::Running {
            let priced = |outcome| match outcome {
                Simulated::Pricing(outcome) => outcome,
                other => panic!("{other:?}"),
            };
            return (found, outcome.map(priced));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the simulation does not end");
}

async fn outcome(desk: &Desk, new: &NewSimulation) -> Outcome {
    desk.wait_ms(10);
    let id = desk.app.start_simulation(&desk.ops, new).await.unwrap();
    let (found, outcome) = ended(desk, id).await;
    assert_eq!((found.state, found.done, found.orders), (SimulationState::Done, 120, 120), "{found:?}");
    outcome.unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(AppError::Conflict { code, .. }) => code.to_owned(),
        Err(AppError::Invalid(issues)) => format!("{} {}", issues[0].pointer, issues[0].code),
        Err(other) => other.to_string(),
    }
}

#[tokio::test]
async fn every_order_is_priced_again_and_added_up() {
    for test in TestDb::both().await {
        let (desk, digest) = desk(test).await;
        let outcome = outcome(&desk, &over(&digest)).await;
        // Twelve orders of 2,000.00 get ten per cent; 108 of 200.00 stay.
        assert_eq!((outcome.orders, outcome.lines, outcome.changed), (120, 120, 12));
        assert_eq!((outcome.refused, outcome.failed), (0, 0));
        let before = 12 * 200_000 + 108 * 20_000;
        assert_eq!((outcome.sums.before_minor, outcome.sums.change_minor()), (before, -12 * 20_000));
        let by = |parts: &[qudao_app::Part]| -> Vec<(String, i64, i64)> {
            let part =
                |part: &qudao_app::Part| (part.code.clone(), part.sums.count, part.sums.change_minor());
            parts.iter().map(part).collect()
        };
        // All twelve are the first dealer's: their numbers are even.
        assert_eq!(by(&outcome.dealers), [("D1".to_owned(), 60, -240_000), ("D2".to_owned(), 60, 0)]);
        assert_eq!(by(&outcome.products), [("P1".to_owned(), 120, -240_000)]);
        let months: Vec<String> = outcome.months.iter().map(|part| part.code.clone()).collect();
        assert_eq!(months, ["2026-08", "2026-09", "2026-10"]);
        assert_eq!(outcome.months.iter().map(|part| part.sums.change_minor()).sum::<i64>(), -240_000);
        assert_eq!(outcome.changes.len(), 12);
        assert_eq!(outcome.changes[0].after_minor, Some(180_000));
        let list = desk.app.simulations(&desk.ops, &digest).await.unwrap();
        assert_eq!((list.len(), list[0].created_by_name.as_str()), (1, desk.ops.name.as_str()));
    }
}

#[tokio::test]
async fn a_broken_guard_blocks_the_approval() {
    for test in TestDb::both().await {
        let (desk, digest) = desk(test).await;
        let app = &desk.app;
        let policy = Policy { needs_simulation: true, ..Policy::default() };
        app.save_plugin_policy(&desk.admin, &policy).await.unwrap();
        assert_eq!(code(app.approve_plugin(&desk.pricing, &digest, "").await), "simulation-needed");
        let guarded = |most| NewSimulation { most_cost_minor: Some(most), ..over(&digest) };
        let broken = outcome(&desk, &guarded(239_999)).await;
        let guard = &broken.guards[0];
        assert_eq!((guard.kind, guard.found_minor, guard.held), (GuardKind::Cost, 240_000, false));
        assert_eq!(code(app.approve_plugin(&desk.pricing, &digest, "").await), "guard-failed");
        let held = NewSimulation { most_loss_minor: Some(0), ..guarded(240_000) };
        let held = outcome(&desk, &held).await;
        assert!(held.guards.iter().all(|guard| guard.held), "{:?}", held.guards);
        app.approve_plugin(&desk.pricing, &digest, "the guards hold").await.unwrap();
    }
}

#[tokio::test]
async fn refusals_and_failures_are_counted_and_named() {
    let (desk, _) = desk(TestDb::sqlite().await).await;
    let hostile = upload(&desk, "hostile").await;
    let json = json!({ "deed": "trap", "from_pieces": 20 }).to_string();
    let new = NewSettings { json, note: String::new(), based_on: 1 };
    desk.app.save_settings(&desk.pricing, &hostile, &new).await.unwrap();
    let outcome = outcome(&desk, &over(&hostile)).await;
    assert_eq!((outcome.failed, outcome.changed), (12, 0));
    assert_eq!(outcome.failures.iter().collect::<Vec<_>>(), [(&"trap".to_owned(), &12)]);
    assert_eq!(outcome.sums.count, 108);
    assert!(desk.app.runs(&desk.ops, &Default::default(), None, 9).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn what_cannot_be_simulated_is_refused_and_nothing_stays() {
    let (desk, digest) = desk(TestDb::sqlite().await).await;
    let start = async |new: NewSimulation| code(desk.app.start_simulation(&desk.ops, &new).await);
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(
        start(NewSimulation { revision: Some(9), ..over(&digest) }).await,
        "/revision unknown-revision"
    );
    assert_eq!(start(NewSimulation { last: day("2026-07-01"), ..over(&digest) }).await, "/last order");
    let empty = NewSimulation { first: day("2020-01-01"), last: day("2020-02-01"), ..over(&digest) };
    assert_eq!(start(empty).await, "/first no-orders");
    let negative = NewSimulation { most_loss_minor: Some(-1), ..over(&digest) };
    assert_eq!(start(negative).await, "/most_loss_minor negative");
    let deal = upload(&desk, "deal-registration").await;
    assert_eq!(start(NewSimulation { revision: None, ..over(&deal) }).await, "simulation-kind");
    assert!(matches!(desk.app.start_simulation(&desk.buyer, &over(&digest)).await, Err(AppError::Forbidden)));
    assert!(desk.app.simulations(&desk.ops, "").await.unwrap().is_empty());
}

#[tokio::test]
async fn one_that_died_with_its_server_is_told_as_failed_and_a_running_one_can_be_cancelled() {
    let (desk, digest) = desk(TestDb::sqlite().await).await;
    let id = desk.app.start_simulation(&desk.ops, &over(&digest)).await.unwrap();
    // It was asked before it could end: the task begins when this one waits.
    desk.app.cancel_simulation(&desk.ops, id).await.unwrap();
    let (found, outcome) = ended(&desk, id).await;
    assert!(matches!(found.state, SimulationState::Cancelled | SimulationState::Done), "{found:?}");
    assert_eq!(found.state == SimulationState::Done, outcome.is_some());
    assert!(matches!(desk.app.cancel_simulation(&desk.ops, id).await, Err(AppError::NotFound)));
    let company = desk.company.id;
    let mut tx = desk.app.db().write(company).await.unwrap();
    let page = desk.app.settings(&desk.ops, &digest, Some(2)).await.unwrap();
    let dead = SimulationId::at(desk.app.clock().now());
    let new = qudao_store::simulations::NewSimulation {
        id: dead,
        plugin_digest: &digest,
        revision: page.revision.id,
        program: None,
        days: (over(&digest).first, over(&digest).last),
        most_loss_minor: None,
        most_cost_minor: None,
        least_margin: None,
        orders: 120,
        by: desk.ops.user,
        at: desk.app.clock().now(),
    };
    qudao_store::simulations::insert(&mut tx, company, &new).await.unwrap();
    tx.commit().await.unwrap();
    desk.wait_ms(61_000);
    let (found, _) = desk.app.simulation(&desk.ops, dead).await.unwrap();
    assert_eq!(found.state, SimulationState::Failed);
    assert!(found.error.contains("begin it again"), "{}", found.error);
}
