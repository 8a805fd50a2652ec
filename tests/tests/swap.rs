//! Orders go on while the pricing plugin is swapped, its settings changed, and both rolled back, 200 times.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::{Activation, Context, Made, NewSettings, Place, SettingsChange};
use qudao_domain::bindings::ScopeKind;
use qudao_domain::contract::Kind;
use qudao_domain::ids::{DecisionId, OrderId};
use qudao_store::bindings::{self, For};
use qudao_store::testing::TestDb;
use qudao_store::{decisions, ledger};
use qudao_tests::desk::Desk;
use qudao_tests::plugin;
use qudao_tests::portal::TestPortal;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

const CLIENTS: usize = 8;
const SWAPS: usize = 200;
const ORDERS_BETWEEN: usize = 20;

fn pricing() -> Place {
    Place { kind: Kind::Pricing, scope: ScopeKind::Company, value: String::new(), program: None }
}

async fn activate(desk: &Desk, digest: &str) -> Made {
    let activation = Activation { reason: "swap".into(), ..Activation::of(digest) };
    desk.app.activate(&desk.ops, &activation).await.unwrap()
}

/// Until a binding holds.
async fn held(desk: &Desk, made: &Made) {
    let ahead = made.binding.effective_from.micros() - desk.app.clock().now().micros();
    tokio::time::sleep(Duration::from_micros(ahead.max(0).unsigned_abs())).await;
}

/// One swap: the other plugin, then other settings of whichever holds, then back.
async fn swap(desk: &Desk, digests: &[String; 2], round: usize) -> Made {
    let live = desk.app.live_settings(&desk.ops, &pricing()).await.unwrap().0.plugin_digest;
    let starter = &digests[0];
    match round % 3 {
        0 => activate(desk, digests.iter().find(|digest| **digest != live).unwrap()).await,
        1 => {
            let based_on = desk.app.settings(&desk.ops, starter, None).await.unwrap().revision.number;
            let discount = format!("0.{:02}", round % 40 + 1);
            let json = json!({ "from_pieces": 2, "discount": discount }).to_string();
            let settings = NewSettings { json, note: "swap".into(), based_on };
            if live == *starter {
                let change = SettingsChange { plugin: Some(live), place: pricing(), settings, from: None };
                desk.app.change_settings(&desk.pricing, &change).await.unwrap().made
            } else {
                desk.app.save_settings(&desk.pricing, starter, &settings).await.unwrap();
                activate(desk, starter).await
            }
        }
        _ => desk.app.roll_back(&desk.ops, &pricing(), "back").await.unwrap(),
    }
}

struct Shared {
    portal: TestPortal,
    token: String,
    done: AtomicUsize,
    stop: AtomicBool,
    placed: Mutex<Vec<(OrderId, DecisionId)>>,
}

/// Places one order after the other until it is told to stop. Every answer must be 201.
async fn client(shared: Arc<Shared>, number: usize) {
    let mut count = 0;
    while !shared.stop.load(Ordering::SeqCst) {
        count += 1;
        let quantity = (number * 7 + count) % 30 + 1;
        let line = |quantity: usize| json!({ "sku": "P1", "quantity": quantity });
        let body = json!({ "lines": [line(quantity), line(1), line(quantity + 3)] });
        let key = format!("client {number} order {count}");
        let headers = [("idempotency-key", key.as_str())];
        let answer =
            shared.portal.api_with("POST", "/api/v1/orders", &shared.token, Some(&body), &headers).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let order = answer.json();
        let id = |name: &str| order[name].as_str().unwrap().to_owned();
        let ids = (id("id").parse().unwrap(), id("decision").parse().unwrap());
        shared.placed.lock().await.push(ids);
        shared.done.fetch_add(1, Ordering::SeqCst);
    }
}

/// Until so many orders are placed.
async fn reached(shared: &Shared, target: usize, clients: &[JoinHandle<()>]) {
    while shared.done.load(Ordering::SeqCst) < target {
        assert!(!clients.iter().any(JoinHandle::is_finished), "a client failed");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn swap_under_load(test: TestDb) {
    let portal = TestPortal::open(test, &Desk::engine()).await;
    let desk = &portal.desk;
    // A fast machine places tens of thousands of orders meanwhile.
    desk.app.count_stock(&desk.ops, "P1", "", 1_000_000_000).await.unwrap();
    let mut digests = Vec::new();
    for name in ["starter-rust", "volume-pricing"] {
        digests.push(desk.app.upload_plugin(&desk.ops, plugin(name)).await.unwrap().digest);
    }
    let digests: [String; 2] = digests.try_into().unwrap();
    for digest in digests.iter().rev() {
        held(desk, &activate(desk, digest).await).await;
    }
    let token = portal.token(&desk.buyer).await;
    let (done, stop, placed) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::default());
    let shared = Arc::new(Shared { portal, token, done, stop, placed });
    let clients: Vec<_> =
        (0..CLIENTS).map(|number| tokio::spawn(client(Arc::clone(&shared), number))).collect();
    for round in 0..SWAPS {
        let target = shared.done.load(Ordering::SeqCst) + ORDERS_BETWEEN;
        reached(&shared, target, &clients).await;
        // It waits for the orders under way, not for those that come after it.
        let swapping = swap(&shared.portal.desk, &digests, round);
        let made = tokio::time::timeout(Duration::from_secs(60), swapping).await.expect("a swap is let in");
        held(&shared.portal.desk, &made).await;
    }
    shared.stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    let placed = std::mem::take(&mut *shared.placed.lock().await);
    assert!(placed.len() >= SWAPS * ORDERS_BETWEEN, "{} orders", placed.len());
    let versions = verify(&shared.portal.desk, &placed).await;
    assert!(versions >= SWAPS, "only {versions} bindings priced an order");
    println!("{}: {} orders over {versions} bindings", shared.portal.desk.app.db().name(), placed.len());
}

/// Every order was priced by the binding that held at its pricing instant and replays to the same bytes and fuel; the
/// ledger balances and stock holds what was ordered. Gives how many bindings priced something.
async fn verify(desk: &Desk, placed: &[(OrderId, DecisionId)]) -> usize {
    let company = desk.company.id;
    let mut used = std::collections::BTreeSet::new();
    let mut pieces = 0;
    for (order, decision) in placed {
        let mut tx = desk.app.db().read(company).await.unwrap();
        let decided = decisions::find(&mut tx, company, *decision).await.unwrap().unwrap();
        let whom = For { dealer: "D1", tier: "gold", region: "east" };
        let held = bindings::live(&mut tx, company, Kind::Pricing, None, whom, decided.made_for).await;
        let held = held.unwrap().unwrap();
        assert_eq!(held.binding_id, decided.binding_id, "order {order}");
        assert_eq!(held.plugin_digest, decided.plugin_digest);
        assert_eq!(held.revision_id, decided.revision_id);
        drop(tx);
        used.insert(decided.binding_id);
        let replay = desk.app.replay(&desk.ops, *decision).await.unwrap();
        assert!(replay.identical && replay.same_fuel, "order {order}: {replay:?}");
        pieces += ordered(desk, &desk.buyer, *order).await;
    }
    let mut tx = desk.app.db().read(company).await.unwrap();
    assert_eq!(ledger::unbalanced(&mut tx, company).await.unwrap(), []);
    assert_eq!(ledger::drifted(&mut tx, company).await.unwrap(), []);
    drop(tx);
    let product = desk.app.product(&desk.ops, "P1").await.unwrap();
    let reserved: i64 = product.kept.iter().map(|stock| stock.reserved).sum();
    assert_eq!(reserved, pieces);
    used.len()
}

async fn ordered(desk: &Desk, buyer: &Context, order: OrderId) -> i64 {
    let details = desk.app.order(buyer, order).await.unwrap();
    assert_eq!(details.lines.iter().map(|line| line.amount_minor).sum::<i64>(), details.order.subtotal_minor);
    details.lines.iter().map(|line| line.quantity).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_fails_while_rules_are_swapped_on_sqlite() {
    swap_under_load(TestDb::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_fails_while_rules_are_swapped_on_postgres() {
    match TestDb::postgres().await {
        Some(test) => swap_under_load(test).await,
        None => qudao_store::testing::note_skip("swapping under load on Postgres: QUDAO_TEST_PG is not set"),
    }
}
