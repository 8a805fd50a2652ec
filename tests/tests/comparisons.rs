//! Two versions or settings side by side: what changed, and what both make of the latest orders.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::http::StatusCode;
use qudao_app::{Activation, AppError, Came, Candidate, ComparedOrders, Comparison, Did, NewSettings};
use qudao_domain::lifecycle::Policy;
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::history::upload;
use qudao_tests::plugin;
use qudao_tests::portal::TestPortal;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

async fn saved(desk: &Desk, digest: &str, settings: serde_json::Value) -> i64 {
    let based_on = desk.app.settings(&desk.ops, digest, None).await.unwrap().latest;
    let new = NewSettings { json: settings.to_string(), note: String::new(), based_on };
    desk.app.save_settings(&desk.pricing, digest, &new).await.unwrap().number
}

fn orders(found: Comparison) -> Option<ComparedOrders> {
    match found.did {
        Did::Pricing(orders) => orders,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_changed_and_what_it_does() {
    for test in TestDb::both().await {
        let desk = Desk::open(test, &Desk::engine()).await;
        let policy = Policy { second_person: false, breaker_failures: 0, ..Policy::default() };
        desk.app.save_plugin_policy(&desk.admin, &policy).await.unwrap();
        let digest = upload(&desk, "starter-rust").await;
        let ten = saved(&desk, &digest, json!({ "from_pieces": 10, "discount": "0.1" })).await;
        let twenty = saved(&desk, &digest, json!({ "from_pieces": 10, "discount": "0.2" })).await;
        let side = |revision| Candidate { digest: digest.clone(), revision: Some(revision) };
        let none = desk.app.compare(&desk.ops, &side(ten), &side(twenty)).await.unwrap();
        assert!(orders(none).is_none(), "there are no orders yet");

        let activation = Activation { revision: Some(ten), ..Activation::of(&digest) };
        desk.app.activate(&desk.ops, &activation).await.unwrap();
        desk.wait_ms(qudao_app::LEASE_MS + 1);
        for quantity in [1, 10] {
            desk.app.place_order(&desk.buyer, &Desk::draft(quantity), None).await.unwrap();
        }
        let found = desk.app.compare(&desk.ops, &side(ten), &side(twenty)).await.unwrap();
        assert!(found.about.is_empty());
        let places: Vec<&str> = found.settings.iter().map(|place| place.path.as_str()).collect();
        assert_eq!(places, ["/discount"]);
        let compared = orders(found).unwrap();
        assert_eq!((compared.orders, compared.changed), (2, 1));
        // One piece at 100, and ten with a tenth or a fifth off.
        assert_eq!((compared.one_minor, compared.other_minor), (10_000 + 90_000, 10_000 + 80_000));
        assert_eq!(compared.rows[0].one, Came::Answered(90_000));

        let hostile = upload(&desk, "hostile").await;
        let traps = saved(&desk, &hostile, json!({ "deed": "trap", "from_pieces": 5 })).await;
        let refuses = Candidate { digest: hostile, revision: Some(traps) };
        let found = desk.app.compare(&desk.ops, &side(ten), &refuses).await.unwrap();
        assert!(found.about.iter().any(|place| place.path == "/name"));
        let compared = orders(found).unwrap();
        assert_eq!(compared.rows[0].other, Came::Failed("trap"), "the largest first");
        let kpi = Candidate { digest: upload(&desk, "weighted-kpi").await, revision: None };
        let Err(AppError::Invalid(issues)) = desk.app.compare(&desk.ops, &side(ten), &kpi).await else {
            panic!("another kind")
        };
        assert_eq!(issues[0].code, "other-kind");
        let Err(AppError::Invalid(issues)) = desk.app.compare(&desk.ops, &side(99), &side(ten)).await else {
            panic!("no such settings")
        };
        assert_eq!(issues[0].pointer, "/revision");
    }
}

#[tokio::test]
async fn a_version_beside_its_successor_for_programs_and_people() {
    for test in TestDb::both().await {
        let portal = TestPortal::open(test, &Desk::engine()).await;
        let desk = &portal.desk;
        let fixture = "fixtures/volume-pricing-of-pricing-0.1.0.wasm";
        let old = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture)).unwrap();
        let old = desk.app.upload_plugin(&desk.ops, old).await.unwrap().digest;
        let new = desk.app.upload_plugin(&desk.ops, plugin("volume-pricing")).await.unwrap().digest;
        let made = desk.app.activate(&desk.ops, &Activation::of(&old)).await.unwrap();
        let ahead = made.binding.effective_from.micros() - desk.app.clock().now().micros();
        tokio::time::sleep(Duration::from_micros(ahead.max(0).unsigned_abs())).await;
        desk.app.place_order(&desk.buyer, &Desk::draft(30), None).await.unwrap();
        let token = portal.token(&desk.ops).await;
        let told =
            portal.api("GET", &format!("/api/v1/plugins/{new}/compare?with={old}"), &token, None).await;
        let told = told.json();
        assert_eq!((&told["orders"]["orders"], &told["orders"]["changed"]), (&json!(1), &json!(0)), "{told}");
        let about = told["about"].as_array().unwrap();
        let contract = about.iter().find(|place| place["path"] == "/contract").unwrap();
        assert_eq!(
            (&contract["one"], &contract["other"]),
            (&json!("qudao:pricing@0.1.0"), &json!("qudao:pricing@0.2.0"))
        );
        let unknown = format!("/api/v1/plugins/{new}/compare?with={}", "0".repeat(64));
        assert_eq!(portal.api("GET", &unknown, &token, None).await.status, StatusCode::NOT_FOUND);
    }
}
