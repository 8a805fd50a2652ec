//! Long runs, by `cargo xtask soak`: a portal killed again and again, and a period of ten million facts.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use chrono::{Days, NaiveDate};
use qudao_app::{App, Clock};
use qudao_domain::incentive::{
    FactKind, FactProduct, IncentiveAnswer, IncentiveHeader, Participant, StreamedFact,
};
use qudao_engine::{Digest, Engine, EngineConfig, Opened};
use qudao_store::{Database, Db, orders};
use qudao_tests::binary::{Binary, Client};
use qudao_tests::history::ledger_is_sound;
use qudao_tests::{desk::Desk, plugin};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const KILLS: u64 = 25;
const CLIENTS: u64 = 4;

/// An order under way: its key, and its id once it was acknowledged.
type Asked = BTreeMap<String, Option<String>>;

fn body(number: u64, sku: &Json) -> Json {
    json!({ "reference": format!("soak {number}"), "lines": [{ "sku": sku, "quantity": number % 3 + 1 }] })
}

fn place(client: &Client, key: &str, number: u64, sku: &Json) -> Option<String> {
    let (status, order) = client.post("/api/v1/orders", key, &body(number, sku))?;
    assert!(matches!(status, 200 | 201), "{status} {order}");
    Some(order["id"].as_str().unwrap().to_owned())
}

/// Places orders until the connection breaks, with numbers of its own.
fn order_until_killed(client: &Client, stop: &AtomicBool, first: u64, sku: &Json, asked: &Mutex<Asked>) {
    for number in first.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let key = format!("order {number}");
        asked.lock().unwrap().insert(key.clone(), None);
        let Some(id) = place(client, &key, number, sku) else { return };
        asked.lock().unwrap().insert(key, Some(id));
    }
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn a_killed_portal_loses_no_order_and_doubles_none() {
    let binary = Binary::new();
    let demo = binary.run(&["--json", "demo"]).json();
    let role = |role: &str| {
        let users = demo["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["company"] == "xingqu" && user["role"] == role).unwrap();
        user["api_token"].as_str().unwrap().to_owned()
    };
    let (ops, buyer) = (role("ops"), role("dealer-buyer"));
    let sku = {
        let served = binary.serve();
        let products = served.client(&ops).get("/api/v1/products?limit=1").unwrap().1;
        let sku = products["products"][0]["sku"].clone();
        let stock = json!({ "on_hand": 100_000_000 });
        let path = format!("/api/v1/products/{}/stock", sku.as_str().unwrap());
        assert!(served.client(&ops).put(&path, &stock).is_some_and(|(status, _)| status < 300));
        let orders = served.client(&buyer).get("/api/v1/orders?limit=1").unwrap().1;
        let own = orders["orders"][0]["dealer"].clone();
        let path = format!("/api/v1/dealers/{}", own.as_str().unwrap());
        let known = served.client(&ops).get(&path).unwrap().1["dealer"].clone();
        let mut dealer = json!({ "credit_limit": null });
        for field in ["name", "parent", "tier", "region", "terms_days", "attributes"] {
            dealer[field] = known[field].clone();
        }
        let saved = served.client(&ops).put(&path, &dealer).unwrap();
        assert_eq!(saved.0, 200, "{}", saved.1);
        sku
    };
    let asked: Mutex<Asked> = Mutex::default();
    for kill in 0..KILLS {
        let served = binary.serve();
        let client = served.client(&buyer);
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for number in 0..CLIENTS {
                let first = (kill * CLIENTS + number) * 1_000_000;
                let (client, stop, sku, asked) = (client.clone(), &stop, &sku, &asked);
                scope.spawn(move || order_until_killed(&client, stop, first, sku, asked));
            }
            // From the first orders to hundreds of them.
            std::thread::sleep(Duration::from_millis(150 + kill * 37 % 900));
            drop(served);
            stop.store(true, Ordering::SeqCst);
        });
    }
    let mut asked = asked.into_inner().unwrap();
    let lost = asked.values().filter(|id| id.is_none()).count();
    println!("{} orders, {lost} of them unanswered when the portal was killed", asked.len());
    let served = binary.serve();
    let client = served.client(&buyer);
    for (key, id) in &mut asked {
        let number = key.strip_prefix("order ").unwrap().parse().unwrap();
        let again = place(&client, key, number, &sku).unwrap();
        // What was acknowledged is there, and is what the same key gives again.
        assert_eq!(id.get_or_insert_with(|| again.clone()), &again, "{key}");
    }
    drop(served);
    let distinct: BTreeSet<_> = asked.values().flatten().collect();
    assert_eq!(distinct.len(), asked.len());
    assert_eq!(kept(&binary), asked.len());
}

/// How many orders of the soak are in the database; the ledger must balance.
fn kept(binary: &Binary) -> usize {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let file = binary.data().join("qudao.sqlite");
        let db = Db::open(&Database::Sqlite(file)).await.unwrap();
        let app = App::new(db, Desk::engine(), Clock::System);
        let company = app.company("xingqu").await.unwrap();
        ledger_is_sound(&app, company.id).await;
        let mut tx = app.db().read(company.id).await.unwrap();
        let list = orders::List { search: "soak", limit: i64::MAX, ..orders::List::default() };
        orders::list(&mut tx, company.id, &list).await.unwrap().len()
    })
}

const FACTS: i64 = 10_000_000;
const CHUNK: i64 = 4_096;

/// The most memory that this process has used so far, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn header(dealers: u32) -> IncentiveHeader {
    let participant = |number: u32| Participant {
        code: format!("D{number}"),
        tier: "gold".into(),
        region: "east".into(),
        parent: None,
        attributes: Vec::new(),
    };
    let category =
        |name: &str| FactProduct { sku: name.into(), category: name.into(), attributes: Vec::new() };
    IncentiveHeader {
        program: "soak".into(),
        currency: "CNY".parse().unwrap(),
        first: "2026-07-01".parse().unwrap(),
        last: "2026-09-30".parse().unwrap(),
        participants: (0..dealers).map(participant).collect(),
        products: vec![category("pumps"), category("valves")],
        targets: Vec::new(),
        metrics: Vec::new(),
        budget_left: None,
    }
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn ten_million_facts_are_settled_in_the_memory_of_a_few_chunks() {
    let engine = Engine::new(EngineConfig::default().pool_size(2)).unwrap();
    let bytes = plugin("tiered-rebate");
    let plugin = engine.load(&Digest::of(&bytes), &bytes).unwrap();
    let dealers = 1_000_u32;
    let settings = json!({
        "method": "retroactive", "growth": [], "cap": null, "minimum": "0",
        "bands": [{ "category": "", "from": "0", "rate": "0.01" }],
    });
    let day: NaiveDate = "2026-07-01".parse().unwrap();
    let fact = |seq: i64| StreamedFact {
        seq,
        kind: FactKind::Shipped,
        participant: u32::try_from(seq % i64::from(dealers)).unwrap(),
        product: u32::try_from(seq % 2).unwrap(),
        on: day + Days::new(seq.unsigned_abs() % 92),
        paid_on: None,
        quantity: 1,
        amount_minor: 10_000,
        reverses: None,
    };
    let Opened::Run(mut run) = plugin.open_incentive(&header(dealers), &settings.to_string()).unwrap() else {
        panic!("the header is refused")
    };
    let mut warm = 0;
    for first in (1..=FACTS).step_by(usize::try_from(CHUNK).unwrap()) {
        let chunk: Vec<StreamedFact> = (first..(first + CHUNK).min(FACTS + 1)).map(fact).collect();
        run.add(&chunk).unwrap();
        if first < 100 * CHUNK {
            warm = peak_kib();
        }
    }
    let evaluated = run.finish().unwrap();
    let IncentiveAnswer::Settled(settlement) = evaluated.answer else { panic!("refused") };
    // 10,000 facts of 100.00 a dealer, at one per cent.
    assert_eq!(settlement.payouts.len(), dealers as usize);
    assert!(settlement.payouts.iter().all(|payout| payout.amount_minor == 1_000_000));
    let grown = peak_kib() - warm;
    println!("{FACTS} facts: {} s, {grown} KiB above the first chunks", evaluated.elapsed_us / 1_000_000);
    assert!(grown < 64 * 1_024, "{grown} KiB more than at the beginning");
}
