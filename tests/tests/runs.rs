//! Runs that decided nothing: every failure and a sample of the rest, found, run again, and forgotten in time.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::http::StatusCode;
use qudao_app::{Activation, AppError, DecisionFilter, LEASE_MS, NewSettings};
use qudao_domain::lifecycle::{Policy, RunPolicy};
use qudao_store::runs::Recorded;
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::history::upload;
use qudao_tests::portal::TestPortal;
use serde_json::json;
use std::time::Duration;

const DAY_MS: i64 = 24 * 3_600_000;

/// A plugin that panics on orders of fifty pieces or more, and is not rolled back.
async fn fragile(desk: &Desk) {
    let policy = Policy { second_person: false, breaker_failures: 0, ..Policy::default() };
    desk.app.save_plugin_policy(&desk.admin, &policy).await.unwrap();
    let digest = upload(desk, "hostile").await;
    let json = json!({ "deed": "trap", "from_pieces": 50 }).to_string();
    let settings = NewSettings { json, note: String::new(), based_on: 1 };
    desk.app.save_settings(&desk.pricing, &digest, &settings).await.unwrap();
    desk.app.activate(&desk.ops, &Activation::of(&digest)).await.unwrap();
}

async fn found(desk: &Desk, filter: DecisionFilter) -> Vec<Recorded> {
    desk.app.runs(&desk.ops, &filter, None, 50).await.unwrap().items
}

async fn keep(desk: &Desk, keep_days: i64, sample_per_mille: i64) {
    let policy = RunPolicy { keep_days, sample_per_mille };
    desk.app.save_run_policy(&desk.admin, policy).await.unwrap();
}

#[tokio::test]
async fn failures_and_samples_are_found_and_end_alike_when_run_again() {
    for test in TestDb::both().await {
        let desk = Desk::open(test, &Desk::engine()).await;
        fragile(&desk).await;
        desk.wait_ms(LEASE_MS + 1);
        let app = &desk.app;
        keep(&desk, 90, 0).await;
        app.quote(&desk.buyer, &Desk::draft(1)).await.unwrap();
        app.quote(&desk.buyer, &Desk::draft(60)).await.unwrap_err();
        assert_eq!(found(&desk, DecisionFilter::default()).await.len(), 1, "failures alone");
        keep(&desk, 90, 1_000).await;
        desk.wait_ms(1_000);
        app.quote(&desk.buyer, &Desk::draft(2)).await.unwrap();
        app.place_order(&desk.buyer, &Desk::draft(3), None).await.unwrap();

        let all = found(&desk, DecisionFilter::default()).await;
        let outcomes: Vec<&str> = all.iter().map(|recorded| recorded.run.outcome.as_str()).collect();
        assert_eq!(outcomes, ["answered", "trap"], "an order is a decision, not a run");
        assert!(all.iter().all(|recorded| recorded.run.dealer == "D1"));
        let failed = DecisionFilter { failed: true, ..DecisionFilter::default() };
        assert_eq!(found(&desk, failed).await.len(), 1);
        let named = DecisionFilter { outcome: Some("answered".into()), ..DecisionFilter::default() };
        assert_eq!(found(&desk, named).await.len(), 1);
        let of = |dealer: &str| DecisionFilter { dealer: Some(dealer.into()), ..DecisionFilter::default() };
        assert_eq!((found(&desk, of("D1")).await.len(), found(&desk, of("D2")).await.len()), (2, 0));

        for recorded in &all {
            let page = app.run(&desk.ops, recorded.id).await.unwrap();
            assert!(!page.recorded.run.input.is_empty());
            let again = app.rerun(&desk.ops, recorded.id).await.unwrap();
            assert!(again.identical, "{again:?}");
            assert_eq!(
                (again.fuel_then, again.outcome.as_str()),
                (again.fuel_now, recorded.run.outcome.as_str())
            );
        }
        assert!(matches!(
            app.runs(&desk.buyer, &DecisionFilter::default(), None, 1).await,
            Err(AppError::Forbidden)
        ));
    }
}

#[tokio::test]
async fn old_runs_are_forgotten_and_decisions_are_not() {
    for test in TestDb::both().await {
        let desk = Desk::open(test, &Desk::engine()).await;
        fragile(&desk).await;
        desk.wait_ms(LEASE_MS + 1);
        keep(&desk, 2, 0).await;
        let count = || async {
            let filter = DecisionFilter::default();
            let runs = desk.app.runs(&desk.ops, &filter, None, 50).await.unwrap().items.len();
            (runs, desk.app.decisions(&desk.ops, &filter, None, 50).await.unwrap().items.len())
        };
        desk.app.place_order(&desk.buyer, &Desk::draft(3), None).await.unwrap();
        desk.app.quote(&desk.buyer, &Desk::draft(60)).await.unwrap_err();
        desk.wait_ms(DAY_MS);
        desk.app.quote(&desk.buyer, &Desk::draft(60)).await.unwrap_err();
        assert_eq!(count().await, (2, 1));
        desk.wait_ms(DAY_MS + DAY_MS / 2);
        desk.app.quote(&desk.buyer, &Desk::draft(60)).await.unwrap_err();
        assert_eq!(count().await, (2, 1), "the first of the three is gone, the order stays");
        for (keep_days, sample_per_mille, pointer) in [(0, 1, "/keep_days"), (1, 1_001, "/sample_per_mille")]
        {
            let policy = RunPolicy { keep_days, sample_per_mille };
            let Err(AppError::Invalid(issues)) = desk.app.save_run_policy(&desk.admin, policy).await else {
                panic!("{policy:?}")
            };
            assert_eq!(issues[0].pointer, pointer);
        }
        let policy = RunPolicy::default();
        assert!(matches!(desk.app.save_run_policy(&desk.ops, policy).await, Err(AppError::Forbidden)));
    }
}

#[tokio::test]
async fn programs_see_them_too() {
    for test in TestDb::both().await {
        let portal = TestPortal::open(test, &Desk::engine()).await;
        let desk = &portal.desk;
        fragile(desk).await;
        tokio::time::sleep(Duration::from_millis(LEASE_MS.unsigned_abs() + 50)).await;
        desk.app.quote(&desk.buyer, &Desk::draft(60)).await.unwrap_err();
        let token = portal.token(&desk.admin).await;
        let get = |path: &'static str| portal.api("GET", path, &token, None);
        let listed = get("/api/v1/runs?failed=true&dealer=D1").await.json();
        let run = &listed["runs"][0];
        assert_eq!((&run["outcome"], &run["input"]), (&json!("trap"), &json!(null)), "{listed}");
        let id = run["id"].as_str().unwrap();
        let shown = portal.api("GET", &format!("/api/v1/runs/{id}"), &token, None).await.json();
        assert_eq!(shown["input"]["lines"][0]["quantity"], 60);
        assert!(shown["backtrace"].as_str().unwrap().contains("hostile"), "{shown}");
        let again = portal.api("POST", &format!("/api/v1/runs/{id}/rerun"), &token, None).await.json();
        assert_eq!((&again["identical"], &again["outcome"]), (&json!(true), &json!("trap")), "{again}");

        let wanted = json!({ "keep_days": 30, "sample_per_mille": 5 });
        let kept = portal.api("PUT", "/api/v1/run-policy", &token, Some(&wanted)).await;
        assert_eq!((kept.status, kept.json()), (StatusCode::OK, wanted.clone()));
        assert_eq!(get("/api/v1/run-policy").await.json(), wanted);
        let wrong = json!({ "keep_days": 0, "sample_per_mille": 5 });
        let refused = portal.api("PUT", "/api/v1/run-policy", &token, Some(&wrong)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["errors"][0]["pointer"], "/keep_days");
        assert_eq!(get("/api/v1/runs?kind=magic").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
