//! One company's share of a server: plugins, simulations, evaluations at once and in a second; and the figures that
//! show who takes how much.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::http::StatusCode;
use qudao_app::{Activation, AppError, LEASE_MS, NewSettings};
use qudao_domain::lifecycle::Policy;
use qudao_domain::permissions::Role;
use qudao_domain::quotas::Quotas;
use qudao_engine::RuleError;
use qudao_store::testing::TestDb;
use qudao_tests::binary::Binary;
use qudao_tests::desk::Desk;
use qudao_tests::history::upload;
use qudao_tests::plugin;
use qudao_tests::portal::TestPortal;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

async fn set(desk: &Desk, quotas: Quotas) {
    desk.app.set_quotas(&desk.company, &quotas).await.unwrap();
}

fn code<T: std::fmt::Debug>(result: Result<T, AppError>) -> &'static str {
    let Err(AppError::Conflict { code, .. }) = result else { panic!("{result:?}") };
    code
}

#[tokio::test]
async fn plugins_are_counted_and_weighed() {
    for test in TestDb::both().await {
        let desk = Desk::open(test, &Desk::engine()).await;
        set(&desk, Quotas { plugins: 1, ..Quotas::default() }).await;
        let first = upload(&desk, "volume-pricing").await;
        let second = || desk.app.upload_plugin(&desk.ops, plugin("weighted-kpi"));
        assert_eq!(code(second().await), "quota-plugins");
        let again = desk.app.upload_plugin(&desk.ops, plugin("volume-pricing")).await.unwrap();
        assert!(again.already, "what is there already costs nothing");
        desk.app.retire_plugin(&desk.ops, &first, "").await.unwrap();
        second().await.unwrap();

        set(&desk, Quotas { component_bytes: 100_000, ..Quotas::default() }).await;
        assert_eq!(code(desk.app.upload_plugin(&desk.ops, plugin("tiered-rebate")).await), "quota-component");
        assert_eq!(desk.app.quotas_of(&desk.company).await.unwrap().component_bytes, 100_000);
        let wrong = desk.app.set_quotas(&desk.company, &Quotas { plugins: 0, ..Quotas::default() }).await;
        let Err(AppError::Invalid(issues)) = wrong else { panic!("{wrong:?}") };
        assert_eq!(issues[0].pointer, "/plugins");
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait_and_the_neighbour_is_not() {
    for test in TestDb::both().await {
        let portal = TestPortal::open(test, &Desk::engine()).await;
        let desk = &portal.desk;
        let digest = upload(desk, "volume-pricing").await;
        desk.app.activate(&desk.ops, &Activation::of(&digest)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(LEASE_MS.unsigned_abs() + 50)).await;
        set(desk, Quotas { calls_per_second: 1, ..Quotas::default() }).await;
        let token = portal.token(&desk.buyer).await;
        let body = json!({ "lines": [{ "sku": "P1", "quantity": 1 }] });
        let mut answers = BTreeSet::new();
        for _ in 0..12 {
            let answer = portal.api("POST", "/api/v1/quotes", &token, Some(&body)).await;
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                assert_eq!(answer.headers["retry-after"], "1");
                assert_eq!(answer.json()["code"], "too-many");
            }
            answers.insert(answer.status.as_u16());
        }
        assert_eq!(answers.into_iter().collect::<Vec<_>>(), [200, 429]);
    }
}

/// The operator's gate of an upgrade is not one of the company's calls.
#[tokio::test]
async fn an_upgrade_is_tried_beside_the_quotas() {
    for test in TestDb::both().await {
        let desk = Desk::open(test, &Desk::engine()).await;
        let digest = upload(&desk, "volume-pricing").await;
        desk.app.activate(&desk.ops, &Activation::of(&digest)).await.unwrap();
        desk.wait_ms(LEASE_MS + 1);
        for _ in 0..12 {
            desk.app.place_order(&desk.buyer, &Desk::draft(1), None).await.unwrap();
        }
        set(&desk, Quotas { calls_per_second: 1, ..Quotas::default() }).await;
        let regressed = desk.app.regress(&desk.ops, 50).await.unwrap();
        assert_eq!(regressed[0].decisions, 12);
        assert!(!regressed[0].stops(), "{regressed:?}");
    }
}

/// A plugin that misbehaves on large orders alone.
async fn never_ends_on_large_orders(desk: &Desk) {
    let digest = upload(desk, "hostile").await;
    let settings = json!({ "deed": "endless-loop" }).to_string();
    let settings = NewSettings { json: settings, note: String::new(), based_on: 1 };
    desk.app.save_settings(&desk.pricing, &digest, &settings).await.unwrap();
    let tried = desk.app.activate(&desk.ops, &Activation::of(&digest)).await;
    let Err(AppError::Rule { failure, .. }) = tried else { panic!("{tried:?}") };
    assert_eq!(failure.error, RuleError::OutOfFuel, "what fails on a simple question does not go live");

    // It misbehaves on large orders alone.
    let settings = json!({ "deed": "endless-loop", "from_pieces": 50 }).to_string();
    let settings = NewSettings { json: settings, note: String::new(), based_on: 2 };
    desk.app.save_settings(&desk.pricing, &digest, &settings).await.unwrap();
    desk.app.activate(&desk.ops, &Activation::of(&digest)).await.unwrap();
    desk.wait_ms(LEASE_MS + 1);
}

/// Eight people of one company keep a plugin busy that never ends; its turns are two, and the pool has others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slowest_plugin_of_one_company_takes_no_more_than_its_turns() {
    let engine = Desk::engine();
    let desk = Desk::open(TestDb::sqlite().await, &engine).await;
    never_ends_on_large_orders(&desk).await;
    set(&desk, Quotas { calls_at_once: Some(2), ..Quotas::default() }).await;

    let asking: Vec<_> = (0..8)
        .map(|_| {
            let (app, buyer) = (desk.app.clone(), desk.buyer.clone());
            tokio::spawn(async move { app.quote(&buyer, &Desk::draft(100)).await })
        })
        .collect();
    let mut most = 0;
    while !asking.iter().all(tokio::task::JoinHandle::is_finished) {
        most = most.max(engine.stats().pool_taken);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!((1..=2).contains(&most), "{most} at once");
    for asked in asking {
        let asked = asked.await.unwrap();
        let busy = matches!(asked, Err(AppError::Busy));
        let named =
            matches!(&asked, Err(AppError::Rule { failure, .. }) if failure.error == RuleError::OutOfFuel);
        assert!(busy || named, "{asked:?}");
    }
}

/// A company's long evaluations go on within its share of a processor while another company is at work: at a hundredth
/// of one, what took milliseconds takes seconds.
#[tokio::test]
async fn what_lasts_keeps_to_its_companys_share_while_another_is_at_work() {
    let desk = Desk::open(TestDb::sqlite().await, &Desk::engine()).await;
    never_ends_on_large_orders(&desk).await;
    let policy = Policy { second_person: false, breaker_failures: 0, ..Policy::default() };
    desk.app.save_plugin_policy(&desk.admin, &policy).await.unwrap();
    set(&desk, Quotas { processor_percent: 1, ..Quotas::default() }).await;
    let quiet = desk.neighbour("quiet", Role::Ops).await;
    let company = desk.app.company("quiet").await.unwrap();
    assert_eq!(
        desk.app.quotas_of(&company).await.unwrap(),
        Quotas::default(),
        "another's quotas are its own"
    );
    let token = desk.app.add_token(&quiet, "at work", &[]).await.unwrap();
    let large = Desk::draft(100);
    let out_of_fuel = async || {
        let began = Instant::now();
        let answer = desk.app.quote(&desk.buyer, &large).await;
        let Err(AppError::Rule { failure, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(failure.error, RuleError::OutOfFuel, "sleeping costs it none of its deadline");
        began.elapsed()
    };
    let mut asked = 0;
    loop {
        let at_work = async {
            loop {
                desk.app.bearer(&token).await.unwrap().unwrap();
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let took = tokio::select! {
            took = out_of_fuel() => took,
            () = at_work => unreachable!("it never ends"),
        };
        asked += 1;
        if took > Duration::from_secs(1) {
            break;
        }
        assert!(asked < 2_000, "it took far more than its share");
    }
    assert!(asked > 1, "a second of a processor is free");
    // The other company falls silent.
    out_of_fuel().await;
}

#[test]
fn the_figures_say_who_took_how_much() {
    let binary = Binary::new();
    let demo = binary.run(&["--json", "demo"]).json();
    let mut users = demo["users"].as_array().unwrap().iter();
    let buyer = users.find(|user| user["company"] == "xingqu" && user["role"] == "dealer-buyer").unwrap();
    let shown = binary.run(&["--json", "company", "quota", "xingqu", "--simulations", "1"]).json();
    assert_eq!((&shown["simulations"], &shown["plugins"]), (&json!(1), &json!(200)));
    let served = binary.serve();
    let client = served.client(buyer["api_token"].as_str().unwrap());
    let (_, products) = client.get("/api/v1/products?limit=1").unwrap();
    let sku = products["products"][0]["sku"].clone();
    let body = json!({ "lines": [{ "sku": sku, "quantity": 1 }] });
    let (status, _) = client.post("/api/v1/quotes", "figures", &body).unwrap();
    assert_eq!(status, 200);
    let figures = served.metrics();
    let calls = figures.lines().find(|line| line.starts_with("qudao_plugin_calls_total{")).unwrap();
    for label in ["company=\"xingqu\"", "kind=\"pricing\"", "plugin=\"volume-pricing\"", "outcome=\"ok\""] {
        assert!(calls.contains(label), "{calls}");
    }
    assert!(calls.ends_with(" 1"), "{calls}");
    for name in ["qudao_plugin_seconds_bucket{", "qudao_plugin_fuel_sum{", "qudao_plugin_memory_bytes_count{"]
    {
        assert!(figures.contains(name), "{name} is missing:\n{figures}");
    }
    assert!(figures.lines().any(|line| line.starts_with("qudao_pool_size ")), "{figures}");
}
