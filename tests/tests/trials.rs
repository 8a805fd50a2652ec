//! Incentive, KPI and deal rules tried over what really happened, on both databases: simulations with guards and
//! budgets, and two versions side by side. Every figure is worked out by hand in the comments.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use qudao_app::imports::ImportKind;
use qudao_app::{
    App, AppError, Before, Came, Candidate, Clock, DealDraft, Did, GuardKind, IncentiveOutcome, KpiOutcome,
    NewProgram, NewSettings, NewSimulation, Payments, Simulated,
};
use qudao_domain::deal::Outcome;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::SimulationId;
use qudao_domain::lifecycle::{Policy, SimulationState};
use qudao_domain::settlement::Calendar;
use qudao_engine::{Engine, EngineConfig, Limits};
use qudao_store::settlements;
use qudao_store::simulations::Simulation;
use qudao_store::testing::TestDb;
use qudao_tests::desk::{Desk, morning};
use qudao_tests::history::{import, set_rule, upload};
use qudao_tests::portal::TestPortal;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Two dealers: 10,000.00 in the first quarter, 10,000.00 and 20,000.00 in the second, 30,000.00 and 40,000.00 in the
/// third, 1,000.00 in the present one.
const ORDERS: &str = "number,date,dealer,sku,quantity,unit_price
A1,2026-02-03,D1,P1,100,100.00
A2,2026-05-03,D1,P1,100,100.00
B2,2026-06-30,D2,P1,200,100.00
A3,2026-07-01,D1,P1,300,100.00
B3,2026-08-10,D2,P1,400,100.00
A4,2026-10-05,D1,P1,10,100.00
";

const DEALERS: &str = "code,name,tier,region
D2,Two,silver,west
";

/// The same rate on everything, without bonus, cap or minimum.
fn rate(rate: &str) -> Json {
    json!({
        "method": "retroactive",
        "bands": [{ "category": "", "from": "1000", "rate": rate }],
        "growth": [], "cap": null, "minimum": "0",
    })
}

/// A desk with this past, and the program `rebate` that pays one per cent and 1,200.00 at most; the first two quarters
/// are settled.
async fn desk(test: TestDb, engine: &Engine) -> (Desk, String) {
    let desk = Desk::open(test, engine).await;
    import(&desk.app, &desk.ops, ImportKind::Dealers, DEALERS).await;
    import(&desk.app, &desk.ops, ImportKind::Orders, ORDERS).await;
    for (code, budget_minor) in [("rebate", Some(120_000)), ("idle", None)] {
        let program = NewProgram {
            code: code.into(),
            name_zh: "返利".into(),
            name_en: format!("The {code}"),
            calendar: Calendar::Quarter,
            budget_minor,
        };
        desk.app.add_program(&desk.finance, program).await.unwrap();
        desk.wait_ms(1);
    }
    let digest = upload(&desk, "tiered-rebate").await;
    set_rule(&desk, &digest, Some("rebate"), &rate("0.01")).await;
    for period in ["2026-Q1", "2026-Q2"] {
        desk.app.settle(&desk.finance, "rebate", period).await.unwrap();
        desk.wait_ms(1);
    }
    (desk, digest)
}

async fn save(desk: &Desk, digest: &str, settings: &Json) -> i64 {
    let based_on = desk.app.settings(&desk.pricing, digest, None).await.unwrap().latest;
    let new = NewSettings { json: settings.to_string(), note: String::new(), based_on };
    desk.app.save_settings(&desk.pricing, digest, &new).await.unwrap().number
}

/// From the end of the second quarter to the beginning of the third.
fn over(digest: &str) -> NewSimulation {
    NewSimulation {
        digest: digest.to_owned(),
        first: "2026-06-15".parse().unwrap(),
        last: "2026-07-02".parse().unwrap(),
        ..NewSimulation::default()
    }
}

fn rebate(digest: &str) -> NewSimulation {
    NewSimulation { program: Some("rebate".to_owned()), ..over(digest) }
}

async fn ended(desk: &Desk, id: SimulationId) -> (Simulation, Option<Simulated>) {
    for _ in 0..2_000 {
        let (found, outcome) = desk.app.simulation(&desk.ops, id).await.unwrap();
        if found.state != SimulationState::Running {
            return (found, outcome);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the simulation does not end");
}

async fn simulated(desk: &Desk, new: &NewSimulation) -> (Simulation, Simulated) {
    desk.wait_ms(10);
    let id = desk.app.start_simulation(&desk.ops, new).await.unwrap();
    let (found, outcome) = ended(desk, id).await;
    assert_eq!((found.state, found.done), (SimulationState::Done, found.orders), "{found:?}");
    (found, outcome.unwrap())
}

async fn paid(desk: &Desk, new: &NewSimulation) -> IncentiveOutcome {
    match simulated(desk, new).await.1 {
        Simulated::Incentive(outcome) => outcome,
        other => panic!("{other:?}"),
    }
}

async fn scored(desk: &Desk, new: &NewSimulation) -> KpiOutcome {
    match simulated(desk, new).await.1 {
        Simulated::Kpi(outcome) => outcome,
        other => panic!("{other:?}"),
    }
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
async fn a_program_is_worked_out_again_until_its_budget_runs_out() {
    let engine = Desk::engine();
    for test in TestDb::both().await {
        let (desk, digest) = desk(test, &engine).await;
        save(&desk, &digest, &rate("0.02")).await;
        let posted = async || {
            let program = desk.app.programs(&desk.finance).await.unwrap().pop().unwrap();
            assert_eq!(program.code, "rebate");
            let mut tx = desk.app.db().read(desk.company.id).await.unwrap();
            settlements::posted_by_period(&mut tx, desk.company.id, program.id).await.unwrap()
        };
        let before = posted().await;
        assert_eq!(before, [("2026-Q1".to_owned(), 10_000), ("2026-Q2".to_owned(), 30_000)]);
        let (found, outcome) = simulated(&desk, &rebate(&digest)).await;
        let Simulated::Incentive(outcome) = outcome else { panic!("{outcome:?}") };
        let days = (found.first_day.to_string(), found.last_day.to_string());
        assert_eq!(days, ("2026-04-01".to_owned(), "2026-09-30".to_owned()), "whole quarters");
        assert_eq!((found.program.as_deref(), found.orders), (Some("rebate"), 2));

        // Settled, the second quarter paid 100 + 200. The third is not settled; one per cent is 300 + 400, for which
        // 1,200 - 100 - 300 are left. With two per cent the second costs 200 + 400 of the 1,200 - 100 that the first
        // leaves; of 600 + 800 for the third only 500 are left: 500 x 6/14 = 214.29 and 500 x 8/14 = 285.71.
        let rows: Vec<_> = outcome
            .periods
            .iter()
            .map(|row| {
                (row.period.as_str(), row.from, row.before_minor, row.after_minor, row.budget_left_minor)
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("2026-Q2", Before::Settled, 30_000, Some(60_000), Some(110_000)),
                ("2026-Q3", Before::Estimated, 70_000, Some(50_000), Some(50_000)),
            ]
        );
        let turnover: Vec<i64> = outcome.periods.iter().map(|row| row.turnover_minor).collect();
        assert_eq!(turnover, [3_000_000, 7_000_000]);
        assert_eq!((outcome.paid.before_minor, outcome.paid.after_minor), (100_000, 110_000));
        assert_eq!((outcome.outside_minor, outcome.left_minor(), outcome.unanswered), (10_000, Some(0), 0));
        let dealers = outcome
            .dealers
            .iter()
            .map(|one| (one.code.as_str(), one.paid.before_minor, one.paid.after_minor));
        assert_eq!(dealers.collect::<Vec<_>>(), [("D2", 60_000, 68_571), ("D1", 40_000, 41_429)]);
        let changes: Vec<_> = outcome
            .changes
            .iter()
            .map(|one| (one.dealer.as_str(), one.period.as_str(), one.paid.change_minor()))
            .collect();
        assert_eq!(
            changes,
            [
                ("D2", "2026-Q2", 20_000),
                ("D2", "2026-Q3", -11_429),
                ("D1", "2026-Q2", 10_000),
                ("D1", "2026-Q3", -8_571),
            ]
        );
        assert_eq!(posted().await, before, "nothing is posted");
        assert_eq!(desk.app.settlements(&desk.finance, None, 9).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn guards_hold_the_approval_of_an_incentive_version() {
    let engine = Desk::engine();
    for test in TestDb::both().await {
        let (desk, _) = desk(test, &engine).await;
        let app = &desk.app;
        let policy = Policy { needs_simulation: true, ..Policy::default() };
        app.save_plugin_policy(&desk.admin, &policy).await.unwrap();
        let digest = upload(&desk, "starter-rust-incentive").await;
        assert_eq!(code(app.approve_plugin(&desk.pricing, &digest, "").await), "simulation-needed");
        // Half a per cent from 1.00 on: 50 and 100, 150 and 200, so 200 and 300 less in all.
        let settings = starter(&desk, &digest).await;
        save(&desk, &digest, &settings).await;
        let guarded = |loss, cost| NewSimulation {
            most_loss_minor: Some(loss),
            most_cost_minor: Some(cost),
            ..rebate(&digest)
        };
        let broken = paid(&desk, &guarded(29_999, 0)).await;
        assert_eq!((broken.paid.before_minor, broken.paid.after_minor), (100_000, 50_000));
        let [loss, cost] = &broken.guards[..] else { panic!("two guards") };
        assert_eq!((loss.kind, loss.found_minor, loss.dealer.as_str()), (GuardKind::Loss, 30_000, "D2"));
        assert!(!loss.held && cost.held && cost.found_minor == 0, "{:?}", broken.guards);
        assert_eq!(code(app.approve_plugin(&desk.pricing, &digest, "").await), "guard-failed");
        let held = paid(&desk, &guarded(30_000, 0)).await;
        assert!(held.guards.iter().all(|guard| guard.held), "{:?}", held.guards);
        app.approve_plugin(&desk.pricing, &digest, "the guards hold").await.unwrap();

        // Where no rule holds, nothing is paid before, and what is paid then is more.
        let idle = NewSimulation { program: Some("idle".to_owned()), ..guarded(0, 49_999) };
        let outcome = paid(&desk, &idle).await;
        assert!(outcome.periods.iter().all(|row| row.from == Before::NoRule && row.before_minor == 0));
        assert_eq!((outcome.budget_minor, outcome.left_minor()), (None, None));
        assert_eq!((outcome.guards[1].found_minor, outcome.guards[1].held), (50_000, false));
    }
}

/// Settings of the starter that pay half a per cent of everything.
async fn starter(desk: &Desk, digest: &str) -> Json {
    let page = desk.app.settings(&desk.pricing, digest, None).await.unwrap();
    let mut settings: Json = serde_json::from_str(&page.revision.settings).unwrap();
    settings["threshold"] = json!("1");
    settings["rate"] = json!("0.005");
    settings
}

#[tokio::test]
async fn no_guard_holds_over_a_period_that_the_version_does_not_answer() {
    let (desk, digest) = desk(TestDb::sqlite().await, &Desk::engine()).await;
    // The same company on a server that takes one payout, where the rule gives two.
    let limits = Limits { max_payouts: 1, ..Limits::default() };
    let engine = Engine::new(EngineConfig::default().pool_size(2).limits(limits)).unwrap();
    let app = App::new(desk.test.db.clone(), engine, Clock::fixed(desk.app.clock().now()));
    let new = NewSimulation { most_loss_minor: Some(1_000_000), ..rebate(&digest) };
    let id = app.start_simulation(&desk.ops, &new).await.unwrap();
    let (_, Some(Simulated::Incentive(outcome))) = ended(&desk, id).await else {
        panic!("it came to its end")
    };
    let rows: Vec<_> = outcome
        .periods
        .iter()
        .map(|row| (row.from, row.before_minor, row.after_minor, row.failed.as_deref()))
        .collect();
    // What was settled is known; the rule in force does not answer for the other either.
    assert_eq!(
        rows,
        [
            (Before::Settled, 30_000, None, Some("bad-answer")),
            (Before::Unanswered, 0, None, Some("bad-answer")),
        ]
    );
    assert_eq!((outcome.unanswered, outcome.paid), (2, Payments::default()));
    assert!(!outcome.guards[0].held, "nobody knows what it costs");
    assert!(app.runs(&desk.ops, &Default::default(), None, 9).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn what_cannot_be_tried_is_refused_at_its_field() {
    let (desk, digest) = desk(TestDb::sqlite().await, &Desk::engine()).await;
    let start = async |new: NewSimulation| code(desk.app.start_simulation(&desk.ops, &new).await);
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(start(over(&digest)).await, "/program program-needed");
    let unknown = NewSimulation { program: Some("none".to_owned()), ..over(&digest) };
    assert_eq!(start(unknown).await, "/program unknown-program");
    assert_eq!(
        start(NewSimulation { last: day("2027-01-01"), ..rebate(&digest) }).await,
        "/last days-to-come"
    );
    assert_eq!(
        start(NewSimulation { first: day("2011-09-30"), ..rebate(&digest) }).await,
        "/first too-many-periods"
    );
    let empty = NewSimulation { first: day("2020-01-01"), last: day("2020-03-01"), ..rebate(&digest) };
    assert_eq!(start(empty).await, "/first no-facts");
    let calendar = NewSimulation { calendar: Some(Calendar::Month), ..rebate(&digest) };
    assert_eq!(start(calendar).await, "/calendar calendar-unwanted");
    let kpi = upload(&desk, "weighted-kpi").await;
    let guarded = NewSimulation { most_cost_minor: Some(1), ..over(&kpi) };
    assert_eq!(start(guarded).await, "/most_cost_minor guard-unwanted");
    assert_eq!(start(rebate(&kpi)).await, "/program program-unwanted");
    let deal = upload(&desk, "deal-registration").await;
    assert_eq!(start(over(&deal)).await, "simulation-kind");
    assert!(desk.app.simulations(&desk.ops, "").await.unwrap().is_empty());

    // A running one is asked to stop before its task has begun.
    let id = desk.app.start_simulation(&desk.ops, &rebate(&digest)).await.unwrap();
    desk.app.cancel_simulation(&desk.ops, id).await.unwrap();
    let (found, outcome) = ended(&desk, id).await;
    assert_eq!((found.state, found.done, outcome), (SimulationState::Cancelled, 0, None));
}

/// One indicator: turnover against a target; a hundred points for reaching it, 120 at most.
fn turnover(target: &str) -> Json {
    json!({
        "indicators": [{ "measure": "turnover", "weight": "1", "target": target }],
        "cap": "1.2", "missing": "redistribute", "grades": { "a": "90", "b": "75", "c": "60" },
    })
}

#[tokio::test]
async fn periods_are_scored_again() {
    let engine = Desk::engine();
    for test in TestDb::both().await {
        let (desk, _) = desk(test, &engine).await;
        let digest = upload(&desk, "weighted-kpi").await;
        set_rule(&desk, &digest, None, &turnover("10000")).await;
        // Recorded: 10,000 is 100 points, 20,000 is 200 capped to 120. The third quarter is not: 300 and 400 capped.
        desk.app.score(&desk.finance, "2026-Q2").await.unwrap();
        set_rule(&desk, &digest, None, &turnover("60000")).await;
        // In force now, so for the third: 30,000 is 50 points, 40,000 is 66.67.
        save(&desk, &digest, &turnover("20000")).await;
        // Tried: the second 50 and 100, the third 120 and 120.
        let outcome = scored(&desk, &over(&digest)).await;
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let rows = outcome.periods.iter().map(|row| {
            let (before, after) = row.scores.averages().unwrap();
            (row.period.as_str(), row.recorded, before, after, row.risen, row.fallen)
        });
        let rows: Vec<_> = rows.collect();
        assert_eq!(
            rows,
            [
                ("2026-Q2", 2, number("110"), number("75"), 0, 2),
                ("2026-Q3", 0, number("58.34"), number("120"), 2, 0),
            ]
        );
        assert_eq!((outcome.cards, outcome.added, outcome.risen, outcome.fallen), (4, 0, 2, 2));
        let changes: Vec<_> =
            outcome.changes.iter().map(|one| (one.dealer.as_str(), one.period.as_str(), one.after)).collect();
        assert_eq!(changes[0], ("D1", "2026-Q3", number("120")), "the largest first: 70 points");
        assert_eq!(changes.len(), 4);
        let ranking = desk.app.ranking(&desk.finance, "2026-Q3").await.unwrap();
        assert!(ranking.rows.is_empty(), "nothing is recorded");
        let by_month = NewSimulation { calendar: Some(Calendar::Month), ..over(&digest) };
        let months: Vec<String> =
            scored(&desk, &by_month).await.periods.into_iter().map(|row| row.period).collect();
        assert_eq!(months, ["2026-06", "2026-07"]);
    }
}

#[tokio::test]
async fn two_settings_of_every_kind_stand_side_by_side() {
    let engine = Desk::engine();
    for test in TestDb::both().await {
        let portal = TestPortal::open_at(test, &engine, Clock::fixed(morning())).await;
        let desk = &portal.desk;
        import(&desk.app, &desk.ops, ImportKind::Dealers, DEALERS).await;
        import(&desk.app, &desk.ops, ImportKind::Orders, ORDERS).await;
        let token = portal.token(&desk.ops).await;
        let compare = async |digest: &str, one: i64, other: i64| {
            let side = |revision| Candidate { digest: digest.to_owned(), revision: Some(revision) };
            let found = desk.app.compare(&desk.ops, &side(one), &side(other)).await.unwrap();
            let path = format!("/api/v1/plugins/{digest}/compare?revision={other}&with_revision={one}");
            (found.did, portal.api("GET", &path, &token, None).await.json())
        };

        let rebate = upload(desk, "tiered-rebate").await;
        let (one, two) = (save(desk, &rebate, &rate("0.01")).await, save(desk, &rebate, &rate("0.02")).await);
        let (did, told) = compare(&rebate, one, two).await;
        assert!(matches!(did, Did::Incentive(programs) if programs.is_empty()), "there is no program");
        assert_eq!(told["programs"], json!([]));
        let program = NewProgram {
            code: "rebate".into(),
            name_zh: "返利".into(),
            name_en: "Rebate".into(),
            calendar: Calendar::Quarter,
            budget_minor: None,
        };
        desk.app.add_program(&desk.finance, program).await.unwrap();
        // The present quarter has 1,000.00 so far.
        let (did, told) = compare(&rebate, one, two).await;
        let Did::Incentive(programs) = did else { panic!("{did:?}") };
        assert_eq!(programs[0].sums, Some((Came::Answered(1_000), Came::Answered(2_000))));
        assert_eq!((programs[0].period.as_str(), programs[0].changed), ("2026-Q4", 1));
        assert_eq!(told["programs"][0]["largest"][0]["other_minor"], json!(2_000), "{told}");

        let kpi = upload(desk, "weighted-kpi").await;
        let (one, two) =
            (save(desk, &kpi, &turnover("1000")).await, save(desk, &kpi, &turnover("2000")).await);
        let (did, told) = compare(&kpi, one, two).await;
        let Did::Kpi(scores) = did else { panic!("{did:?}") };
        assert_eq!((scores.period.as_str(), scores.dealers, scores.changed), ("2026-Q4", 1, 1));
        assert_eq!(scores.averages, Some((Decimal::from(100), Decimal::from(50))));
        assert_eq!(told["scores"]["largest"][0]["dealer"], json!("D1"), "{told}");

        let deal = upload(desk, "deal-registration").await;
        let page = desk.app.settings(&desk.pricing, &deal, None).await.unwrap();
        let mut settings: Json = serde_json::from_str(&page.revision.settings).unwrap();
        settings["minimum_amount"] = json!("100");
        set_rule(desk, &deal, None, &settings).await;
        let lower = desk.app.settings(&desk.pricing, &deal, None).await.unwrap().latest;
        settings["minimum_amount"] = json!("60000");
        let higher = save(desk, &deal, &settings).await;
        let (did, _) = compare(&deal, lower, higher).await;
        assert!(matches!(did, Did::Deal(None)), "nothing is registered");
        for (customer, amount_minor) in [("Harbour", 5_000_000), ("Bridge", 7_000_000)] {
            desk.app.register_deal(&desk.buyer, &draft(customer, amount_minor)).await.unwrap();
            desk.wait_ms(1);
        }
        let (did, told) = compare(&deal, lower, higher).await;
        let Did::Deal(Some(deals)) = did else { panic!("{did:?}") };
        // 50,000.00 is below the second's least amount, 70,000.00 is not.
        assert_eq!((deals.deals, deals.changed, deals.rows[0].customer.as_str()), (2, 1, "Harbour"));
        assert_eq!(deals.rows[0].one.answer().unwrap().outcome, Outcome::Protect);
        assert_ne!(deals.rows[0].other, deals.rows[0].one);
        assert_eq!(told["deals"]["latest"][0]["one"]["outcome"], json!("protect"), "{told}");
    }
}

fn draft(customer: &str, amount_minor: i64) -> DealDraft {
    DealDraft {
        customer: customer.into(),
        registered_number: String::new(),
        customer_region: "east".into(),
        category: "pumps".into(),
        skus: vec!["P1".into()],
        amount_minor,
        expected_close: "2026-12-24".parse().unwrap(),
        progress: String::new(),
        note: String::new(),
    }
}

#[tokio::test]
async fn the_form_keeps_what_was_typed_and_the_page_and_the_file_show_what_came_out() {
    let portal = TestPortal::open_at(TestDb::sqlite().await, &Desk::engine(), Clock::fixed(morning())).await;
    let desk = &portal.desk;
    import(&desk.app, &desk.ops, ImportKind::Dealers, DEALERS).await;
    import(&desk.app, &desk.ops, ImportKind::Orders, ORDERS).await;
    let program = NewProgram {
        code: "rebate".into(),
        name_zh: "返利".into(),
        name_en: "Rebate".into(),
        calendar: Calendar::Quarter,
        budget_minor: Some(100_000),
    };
    desk.app.add_program(&desk.finance, program).await.unwrap();
    let digest = upload(desk, "tiered-rebate").await;
    save(desk, &digest, &rate("0.01")).await;
    let signed_in = desk.app.log_in("acme", &desk.ops.email, "correct horse".into()).await.unwrap();
    let csrf = desk.app.session(&signed_in.token).await.unwrap().unwrap().1;
    let cookie = format!("qudao_session={}; lang=en", signed_in.token);
    let post = async |fields: &str| {
        let request = Request::post("/simulations")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        portal.send(request.body(Body::from(format!("_csrf={csrf}&plugin={digest}&{fields}"))).unwrap()).await
    };
    let get = async |path: &str| {
        let request = Request::get(path).header(header::COOKIE, &cookie);
        portal.send(request.body(Body::empty()).unwrap()).await
    };
    let wrong =
        post("for_program=rebate&first=3.5.2026&last=2026-07-02&most_loss=many&most_cost=0.001").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in
        ["value=\"3.5.2026\"", "value=\"many\"", "f-first-error", "f-most_loss-error", "f-most_cost-error"]
    {
        assert!(wrong.text.contains(part), "{part}");
    }
    let wrong = post("for_program=&first=2026-06-15&last=2026-07-02&most_loss=-5&most_cost=").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["value=\"-5\"", "f-most_loss-error", "f-for_program-error"] {
        assert!(wrong.text.contains(part), "{part}");
    }
    let begun =
        post("for_program=rebate&first=2026-06-15&last=2026-07-02&most_loss=&most_cost=1,000.00").await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    let found = desk.app.simulations(&desk.ops, &digest).await.unwrap().remove(0);
    let (found, outcome) = ended(desk, found.id).await;
    assert_eq!((found.state, found.most_cost_minor), (SimulationState::Done, Some(100_000)), "{found:?}");
    // Nothing was paid; one per cent of 30,000 and of 70,000 is what the budget allows.
    assert!(outcome.unwrap().guards()[0].held);
    let page = get(&format!("/simulations/{}", found.id)).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["no rule in force", "100% of", "Guard held: we pay at most"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let file = get(&format!("/simulations/{}/figures.xlsx", found.id)).await;
    assert_eq!(file.status, StatusCode::OK);
    let token = portal.token(&desk.ops).await;
    let told = portal.api("GET", &format!("/api/v1/simulations/{}", found.id), &token, None).await.json();
    assert_eq!((&told["kind"], &told["program"]), (&json!("incentive"), &json!("rebate")));
    assert_eq!(told["outcome"]["paid"]["after_minor"], json!(100_000), "{told}");
}
