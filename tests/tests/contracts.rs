//! A contract changed, and what was compiled against the old one goes on beside the new: a component of
//! `qudao:pricing@0.1.0` was kept when 0.2.0 came. And the gate that an upgrade of the engine must pass.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use chrono::Days;
use qudao_app::{Activation, App, DecisionFilter, LEASE_MS, NewSettings};
use qudao_domain::bindings::ScopeKind;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::DecisionId;
use qudao_domain::pricing::{FormerPrice, PricingRequest};
use qudao_engine::cases::read_cases;
use qudao_engine::{Digest, Engine};
use qudao_store::decisions::{self, Decision};
use qudao_store::testing::TestDb;
use qudao_tests::desk::{Desk, morning};
use qudao_tests::history::upload;
use qudao_tests::plugin;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// volume-pricing as it was before former prices and the notice of a raise, with its cases.
fn old() -> Vec<u8> {
    std::fs::read(fixture("volume-pricing-of-pricing-0.1.0.wasm")).unwrap()
}

#[test]
fn an_old_component_answers_as_its_successor() {
    let engine = Desk::engine();
    let verified = engine.verify(&old()).unwrap();
    assert_eq!(verified.inspected.contract, "qudao:pricing@0.1.0");
    let examined = verified.report.examined.unwrap();
    assert_eq!(examined.cases.run, 10, "its cases went with it");
    assert!(examined.probes.iter().all(|probe| !probe.came.is_failure()), "{:?}", examined.probes);

    let component = plugin("volume-pricing");
    let new = engine.load(&Digest::of(&component), &component).unwrap();
    assert_eq!(new.contract(), "qudao:pricing@0.2.0");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/volume-pricing/cases");
    let default: Json = serde_json::from_str(&new.descriptor().settings_default).unwrap();
    for (path, case) in read_cases(&folder).unwrap() {
        let mut request: PricingRequest = serde_json::from_value(case.input.clone()).unwrap();
        let mut settings = case.settings.clone().unwrap_or_else(|| default.clone());
        settings["notice_days"] = json!(0);
        let now = settings.to_string();
        settings.as_object_mut().unwrap().remove("notice_days");
        let then = settings.to_string();
        for former in [None, Some(FormerPrice { price: Decimal::ONE, until: request.on })] {
            request.lines.iter_mut().for_each(|line| line.former_price = former);
            let before = verified.plugin.price(&request, &then).unwrap().answer;
            let after = new.price(&request, &now).unwrap().answer;
            assert_eq!(before, after, "{} {former:?}", path.display());
        }
    }
}

#[test]
fn the_kept_contract_is_the_one_before_but_for_the_new_field() {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let was = read(&fixture("pricing-0.1.0.wit"));
    let now = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/wit/pricing.wit"));
    let new: Vec<&str> = now.lines().filter(|line| !was.lines().any(|old| old == *line)).collect();
    let gone: Vec<&str> = was.lines().filter(|line| !now.lines().any(|new| new == *line)).collect();
    assert_eq!(gone, ["package qudao:pricing@0.1.0;"]);
    assert!(new.iter().any(|line| line.trim() == "former-price: option<former-price>,"), "{new:?}");
}

async fn both_contracts_side_by_side(test: TestDb) {
    let desk = Desk::open(test, &Desk::engine()).await;
    let before = morning().utc().date_naive() - Days::new(10);
    desk.app.set_price(&desk.ops, "P1", before, Decimal::new(8_000, 2)).await.unwrap();
    let new = upload(&desk, "hostile").await;
    let settings = json!({ "deed": "former-price" }).to_string();
    let settings = NewSettings { json: settings, note: String::new(), based_on: 1 };
    desk.app.save_settings(&desk.pricing, &new, &settings).await.unwrap();
    let old = desk.app.upload_plugin(&desk.ops, old()).await.unwrap().digest;
    desk.app.activate(&desk.ops, &Activation::of(&new)).await.unwrap();
    desk.wait_ms(LEASE_MS + 1);

    let quoted = desk.app.quote(&desk.buyer, &Desk::draft(2)).await.unwrap();
    assert_eq!(quoted.lines[0].base_price, Decimal::new(10_000, 2));
    assert_eq!(quoted.lines[0].unit_price, Decimal::new(8_000, 2), "the new one is told the former price");
    desk.app.place_order(&desk.buyer, &Desk::draft(2), Some("k1")).await.unwrap();

    let narrower = Activation { scope: ScopeKind::Tier, scope_value: "gold".into(), ..Activation::of(&old) };
    desk.app.activate(&desk.ops, &narrower).await.unwrap();
    desk.wait_ms(LEASE_MS + 1);
    desk.app.place_order(&desk.buyer, &Desk::draft(2), Some("k2")).await.unwrap();

    let decided = desk.app.decisions(&desk.ops, &DecisionFilter::default(), None, 10).await.unwrap();
    let mut contracts = Vec::new();
    for listed in &decided.items {
        let page = desk.app.decision(&desk.ops, listed.id).await.unwrap();
        contracts.push(page.decision.contract.clone());
        let input: PricingRequest = serde_json::from_slice(&page.decision.input).unwrap();
        let former =
            FormerPrice { price: Decimal::new(8_000, 2), until: morning().utc().date_naive() - Days::new(1) };
        assert_eq!(input.lines[0].former_price, Some(former), "the input is recorded whole");
        assert!(desk.app.replay(&desk.ops, listed.id).await.unwrap().identical);
    }
    assert_eq!(contracts, ["qudao:pricing@0.1.0", "qudao:pricing@0.2.0"]);
}

/// The last decision once more as if an older engine had counted its fuel otherwise, and once as if it had answered
/// otherwise.
async fn doctored(desk: &Desk) -> [Decision; 2] {
    let decided =
        desk.app.decisions(&desk.ops, &DecisionFilter::default(), None, 1).await.unwrap().items.remove(0);
    let recorded = desk.app.decision(&desk.ops, decided.id).await.unwrap().decision;
    let id = || DecisionId::at(desk.app.clock().now());
    let costlier = Decision { id: id(), fuel: recorded.fuel * 2, ..recorded.clone() };
    let output = String::from_utf8(recorded.output.clone()).unwrap();
    let output = output.replace("\"unit_price\":\"", "\"unit_price\":\"1").into_bytes();
    let other = Decision { id: id(), output, ..recorded };
    let mut tx = desk.app.db().write(desk.company.id).await.unwrap();
    for decision in [&costlier, &other] {
        decisions::insert(&mut tx, desk.company.id, decision).await.unwrap();
    }
    tx.commit().await.unwrap();
    [costlier, other]
}

async fn what_answers_otherwise_stops_the_upgrade(test: TestDb) {
    let desk = Desk::open(test, &Desk::engine()).await;
    let digest = upload(&desk, "volume-pricing").await;
    upload(&desk, "weighted-kpi").await;
    desk.app.activate(&desk.ops, &Activation::of(&digest)).await.unwrap();
    desk.wait_ms(LEASE_MS + 1);
    for key in ["k1", "k2", "k3"] {
        desk.app.place_order(&desk.buyer, &Desk::draft(3), Some(key)).await.unwrap();
    }
    let fresh = |engine: Engine| App::new(desk.test.db.clone(), engine, desk.app.clock().clone());
    let regressed = fresh(Desk::engine()).regress(&desk.ops, 50).await.unwrap();
    let by_name = |name: &str| regressed.iter().find(|one| one.name == name).unwrap();
    let pricing = by_name("volume-pricing");
    assert_eq!((pricing.cases, pricing.decisions), (13, 3));
    assert!(regressed.iter().all(|one| !one.stops() && one.fuel.is_empty()), "{regressed:?}");

    let [costlier, other] = doctored(&desk).await;
    let regressed = fresh(Desk::engine()).regress(&desk.ops, 50).await.unwrap();
    let pricing = regressed.iter().find(|one| one.name == "volume-pricing").unwrap();
    assert!(pricing.stops());
    let different: Vec<_> = pricing.different.iter().map(|one| one.decision).collect();
    assert_eq!(different, [other.id]);
    assert!(pricing.different[0].detail.starts_with("/quoted/lines/0/unit_price: was"), "{pricing:?}");
    let moved: Vec<_> = pricing.fuel.iter().map(|moved| (moved.decision, moved.then)).collect();
    assert_eq!(moved, [(costlier.id, costlier.fuel)]);
}

#[tokio::test]
async fn contracts_side_by_side() {
    for test in TestDb::both().await {
        both_contracts_side_by_side(test).await;
    }
}

#[tokio::test]
async fn the_gate_of_an_upgrade() {
    for test in TestDb::both().await {
        what_answers_otherwise_stops_the_upgrade(test).await;
    }
}
