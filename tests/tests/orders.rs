//! Orders through the API on both databases: placed once, never oversold, moved only where it makes sense.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::Activation;
use qudao_store::ledger;
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::plugin;
use qudao_tests::portal::TestPortal;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// A portal whose starter plugin takes 5 % off from 10 pieces on.
async fn portal(test: TestDb) -> TestPortal {
    let portal = TestPortal::open(test, &Desk::engine()).await;
    let desk = &portal.desk;
    let digest = desk.app.upload_plugin(&desk.ops, plugin("starter-rust")).await.unwrap().digest;
    let made = desk.app.activate(&desk.ops, &Activation::of(digest)).await.unwrap();
    let wait = made.binding.effective_from.micros() - desk.app.clock().now().micros();
    tokio::time::sleep(Duration::from_micros(wait.max(0).unsigned_abs())).await;
    portal
}

fn order(quantity: impl Into<Json>) -> Json {
    json!({ "lines": [{ "sku": "P1", "quantity": quantity.into() }] })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_units_are_sold_once() {
    for test in TestDb::both().await {
        let portal = Arc::new(portal(test).await);
        let desk = &portal.desk;
        desk.app.count_stock(&desk.ops, "P1", "", 50).await.unwrap();
        let token = portal.token(&desk.buyer).await;
        // 64 clients want 3 pieces each of the last 50.
        let clients: Vec<_> = (0..64)
            .map(|_| {
                let (portal, token) = (Arc::clone(&portal), token.clone());
                tokio::spawn(
                    async move { portal.api("POST", "/api/v1/orders", &token, Some(&order(3))).await },
                )
            })
            .collect();
        let (mut placed, mut refused) = (0, 0);
        for client in clients {
            let answer = client.await.unwrap();
            match answer.status.as_u16() {
                201 => placed += 1,
                422 => {
                    assert_eq!(answer.json()["errors"][0]["code"], "stock", "{}", answer.text);
                    refused += 1;
                }
                other => panic!("{other}: {}", answer.text),
            }
        }
        assert_eq!((placed, refused), (16, 48), "{}", desk.app.db().name());
        let stock = desk.app.product(&desk.ops, "P1").await.unwrap().kept;
        assert_eq!((stock[0].on_hand, stock[0].reserved), (50, 48));
    }
}

#[tokio::test]
async fn the_same_key_is_the_same_order() {
    for test in TestDb::both().await {
        let portal = Arc::new(portal(test).await);
        let token = portal.token(&portal.desk.buyer).await;
        let send = |body: Json, key: &'static str| {
            let (portal, token) = (Arc::clone(&portal), token.clone());
            async move {
                portal
                    .api_with("POST", "/api/v1/orders", &token, Some(&body), &[("idempotency-key", key)])
                    .await
            }
        };
        // Twenty at once under one key: one is new, all are the same.
        let answers: Vec<_> = (0..20).map(|_| tokio::spawn(send(order(10), "a"))).collect();
        let mut ids = std::collections::BTreeSet::new();
        let mut created = 0;
        for answer in answers {
            let answer = answer.await.unwrap();
            assert!(answer.status.is_success(), "{}", answer.text);
            created += i32::from(answer.status == 201);
            ids.insert(answer.json()["id"].to_string());
        }
        assert_eq!((created, ids.len()), (1, 1));
        let other = send(order(11), "a").await;
        assert_eq!((other.status.as_u16(), other.json()["code"].as_str()), (409, Some("key-reused")));
        assert_eq!(send(order(11), "b").await.status, 201);
    }
}

#[tokio::test]
async fn an_order_is_shipped_in_parts_to_the_cent() {
    for test in TestDb::both().await {
        let portal = portal(test).await;
        let desk = &portal.desk;
        let buyer = portal.token(&desk.buyer).await;
        let ops = portal.token(&desk.ops).await;
        let placed = portal.api("POST", "/api/v1/orders", &buyer, Some(&order(10))).await.json();
        let path = format!("/api/v1/orders/{}", placed["id"].as_str().unwrap());
        let step = |verb: &str| format!("{path}/{verb}");
        // Not before it is confirmed, and not by the dealer.
        let early = portal.api("POST", &step("ship"), &ops, Some(&json!({}))).await;
        assert_eq!((early.status.as_u16(), early.json()["code"].as_str()), (409, Some("order-step")));
        assert_eq!(portal.api("POST", &step("confirm"), &buyer, Some(&json!({}))).await.status, 403);
        let stale = portal.api("POST", &step("confirm"), &ops, Some(&json!({ "revision": 7 }))).await;
        assert_eq!((stale.status.as_u16(), stale.json()["code"].as_str()), (409, Some("changed-meanwhile")));
        assert_eq!(
            portal.api("POST", &step("confirm"), &ops, Some(&json!({ "revision": 1 }))).await.status,
            200
        );
        for (quantity, status) in [(3, "partly-shipped"), (3, "partly-shipped"), (4, "shipped")] {
            let body = json!({ "lines": [{ "number": 1, "quantity": quantity }] });
            let answer = portal.api("POST", &step("ship"), &ops, Some(&body)).await;
            assert_eq!(answer.json()["status"], status, "{}", answer.text);
        }
        let more = json!({ "lines": [{ "number": 1, "quantity": 1 }] });
        assert!(portal.api("POST", &step("ship"), &ops, Some(&more)).await.status.is_client_error());
        let shown = portal.api("GET", &path, &buyer, None).await.json();
        let parts: Vec<i64> = shown["shipments"].as_array().unwrap().iter().map(part_of).collect();
        assert_eq!(parts.iter().sum::<i64>(), shown["order"]["total_minor"].as_i64().unwrap());
        // Ten pieces earn the starter's 5 %, and the answer says so.
        assert_eq!(shown["lines"][0]["adjustments"].as_array().unwrap().len(), 1, "{shown}");
        let mut tx = desk.app.db().read(desk.company.id).await.unwrap();
        assert_eq!(ledger::unbalanced(&mut tx, desk.company.id).await.unwrap(), []);
        assert_eq!(ledger::drifted(&mut tx, desk.company.id).await.unwrap(), []);
        let cancel = portal.api("POST", &step("cancel"), &buyer, Some(&json!({}))).await;
        assert_eq!(cancel.json()["code"], "order-step");
    }
}

fn part_of(shipment: &Json) -> i64 {
    shipment["lines"].as_array().unwrap().iter().map(|line| line["amount_minor"].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn a_cancelled_order_gives_everything_back() {
    for test in TestDb::both().await {
        let portal = portal(test).await;
        let desk = &portal.desk;
        let buyer = portal.token(&desk.buyer).await;
        let placed = portal.api("POST", "/api/v1/orders", &buyer, Some(&order(10))).await.json();
        let path = format!("/api/v1/orders/{}/cancel", placed["id"].as_str().unwrap());
        let cancelled = portal.api("POST", &path, &buyer, Some(&json!({ "note": "twice" }))).await;
        assert_eq!(cancelled.json()["status"], "cancelled", "{}", cancelled.text);
        let stock = desk.app.product(&desk.ops, "P1").await.unwrap().kept;
        assert_eq!(stock[0].reserved, 0);
        let mut tx = desk.app.db().read(desk.company.id).await.unwrap();
        let dealer = desk.buyer.dealer.unwrap();
        let balances = ledger::balances(&mut tx, desk.company.id, dealer, "CNY").await.unwrap();
        assert!(balances.iter().all(|(_, amount)| *amount == 0), "{balances:?}");
    }
}

#[tokio::test]
async fn bad_orders_are_refused_and_leave_nothing() {
    for test in TestDb::both().await {
        let portal = portal(test).await;
        let buyer = portal.token(&portal.desk.buyer).await;
        let ops = portal.token(&portal.desk.ops).await;
        for (body, token, status, code) in [
            (order(0), &buyer, 422, "range"),
            (order(-1), &buyer, 422, "range"),
            (order(1_000_000_000_000_i64), &buyer, 422, "range"),
            (json!({ "lines": [{ "sku": "NOPE", "quantity": 1 }] }), &buyer, 422, "unknown-sku"),
            (json!({ "lines": [] }), &buyer, 422, "empty"),
            (order(1), &ops, 422, "required"),
            (json!({ "dealer": "nobody", "lines": [{ "sku": "P1", "quantity": 1 }] }), &ops, 422, "dealer"),
        ] {
            let answer = portal.api("POST", "/api/v1/orders", token, Some(&body)).await;
            assert_eq!(answer.status, status, "{body}: {}", answer.text);
            assert_eq!(answer.headers["content-type"], "application/problem+json");
            let problem = answer.json();
            assert_eq!(problem["errors"][0]["code"], code, "{body}");
            assert!(problem["errors"][0]["message"].as_str().unwrap().len() > 8, "{problem}");
        }
        for (body, status) in [(order("many"), 400), (order(1.5), 400), (json!({ "line": [] }), 400)] {
            let answer = portal.api("POST", "/api/v1/orders", &buyer, Some(&body)).await;
            assert_eq!(answer.status, status, "{}", answer.text);
        }
        let all = portal.api("GET", "/api/v1/orders", &ops, None).await.json();
        assert_eq!(all["orders"], json!([]));
        let stock = portal.desk.app.product(&portal.desk.ops, "P1").await.unwrap().kept;
        assert_eq!(stock[0].reserved, 0);
    }
}
