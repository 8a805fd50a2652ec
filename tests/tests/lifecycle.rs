//! The life of a version on both databases: a second person approves it, some try it, it fails, it goes.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::{Activation, AppError, DealerInput, Draft, LEASE_MS, NewSettings, Wish};
use qudao_domain::bindings::{OnFailure, part_of};
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::lifecycle::{PluginState, PluginStep, Policy};
use qudao_domain::permissions::Role;
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::plugin;
use serde_json::json;

fn code<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(AppError::Conflict { code, .. }) => code.to_owned(),
        Err(AppError::Forbidden) => "forbidden".to_owned(),
        Err(AppError::Invalid(issues)) => format!("{} {}", issues[0].pointer, issues[0].code),
        Err(AppError::Rule { failure, .. }) => failure.error.as_str().to_owned(),
        Err(other) => other.to_string(),
    }
}

async fn desks() -> Vec<Desk> {
    let engine = Desk::engine();
    let mut desks = Vec::new();
    for test in TestDb::both().await {
        desks.push(Desk::open(test, &engine).await);
    }
    desks
}

async fn upload(desk: &Desk, name: &str) -> String {
    desk.app.upload_plugin(&desk.ops, plugin(name)).await.unwrap().digest
}

/// Saves settings of a plugin and gives their number.
async fn saved(desk: &Desk, digest: &str, settings: serde_json::Value) -> i64 {
    let based_on = desk.app.settings(&desk.ops, digest, None).await.unwrap().latest;
    let new = NewSettings { json: settings.to_string(), note: String::new(), based_on };
    desk.app.save_settings(&desk.ops, digest, &new).await.unwrap().number
}

async fn activate(desk: &Desk, activation: &Activation) {
    desk.app.activate(&desk.ops, activation).await.unwrap();
    desk.wait_ms(LEASE_MS);
}

#[tokio::test]
async fn nobody_approves_what_they_uploaded() {
    for desk in desks().await {
        let app = &desk.app;
        app.save_plugin_policy(&desk.admin, &Policy::default()).await.unwrap();
        let digest = upload(&desk, "starter-rust").await;
        let activation = Activation::of(digest.clone());
        assert_eq!(code(app.activate(&desk.ops, &activation).await), "plugin-unapproved");
        assert_eq!(code(app.approve_plugin(&desk.ops, &digest, "").await), "own-upload");
        assert_eq!(code(app.approve_plugin(&desk.buyer, &digest, "").await), "forbidden");
        let few = Policy { approvers: vec![Role::Admin], ..Policy::default() };
        app.save_plugin_policy(&desk.admin, &few).await.unwrap();
        assert_eq!(code(app.approve_plugin(&desk.pricing, &digest, "").await), "forbidden");
        let approved = app.approve_plugin(&desk.admin, &digest, "looked at its report").await.unwrap();
        assert_eq!(approved.state, PluginState::Approved);
        assert_eq!(code(app.approve_plugin(&desk.admin, &digest, "").await), "plugin-state");
        activate(&desk, &activation).await;
        assert_eq!(code(app.retire_plugin(&desk.admin, &digest, "").await), "plugin-live");

        let other = upload(&desk, "volume-pricing").await;
        app.approve_plugin(&desk.admin, &other, "").await.unwrap();
        activate(&desk, &Activation::of(other.clone())).await;
        app.retire_plugin(&desk.admin, &digest, "replaced").await.unwrap();
        assert_eq!(code(app.activate(&desk.ops, &activation).await), "plugin-retired");
        app.restore_plugin(&desk.admin, &digest, "").await.unwrap();
        assert_eq!(code(app.activate(&desk.ops, &activation).await), "plugin-unapproved");
        let page = app.plugin(&desk.ops, &digest).await.unwrap();
        let steps: Vec<_> = page.steps.iter().map(|step| (step.step, step.taken_by_name.as_str())).collect();
        let admin = desk.admin.name.as_str();
        use PluginStep::{Approved, Restored, Retired, Uploaded};
        let expected =
            [(Restored, admin), (Retired, admin), (Approved, admin), (Uploaded, desk.ops.name.as_str())];
        assert_eq!(steps, expected);
        assert_eq!(page.steps[1].reason, "replaced");
    }
}

#[tokio::test]
async fn a_policy_is_checked_and_the_administrators_alone() {
    let desk = Desk::open(TestDb::sqlite().await, &Desk::engine()).await;
    let save = async |policy: Policy| code(desk.app.save_plugin_policy(&desk.admin, &policy).await);
    let base = Policy::default;
    assert_eq!(save(Policy { approvers: vec![], ..base() }).await, "/approvers required");
    assert_eq!(save(Policy { approvers: vec![Role::DealerBuyer], ..base() }).await, "/approvers role");
    assert_eq!(save(Policy { breaker_failures: -1, ..base() }).await, "/breaker_failures range");
    assert_eq!(save(Policy { breaker_minutes: 0, ..base() }).await, "/breaker_minutes range");
    assert_eq!(code(desk.app.save_plugin_policy(&desk.ops, &base()).await), "forbidden");
    assert!(!desk.app.plugin_policy(&desk.ops).await.unwrap().second_person, "nothing was kept");
}

async fn prices(desk: &Desk, dealers: &[String]) -> Vec<bool> {
    let mut new = Vec::new();
    for code in dealers {
        let draft = Draft { dealer: Some(code.clone()), ..Desk::draft(10) };
        let quoted = desk.app.quote(&desk.ops, &draft).await.unwrap();
        new.push(quoted.lines[0].unit_price != Decimal::new(100, 0));
    }
    new
}

#[tokio::test]
async fn a_share_of_the_dealers_tries_a_version_and_those_stay_in() {
    for desk in desks().await {
        let dealers: Vec<String> = (0..40).map(|number| format!("C-{number}")).collect();
        for code in &dealers {
            let dealer = DealerInput {
                code: code.clone(),
                name: code.clone(),
                tier: "gold".into(),
                region: "east".into(),
                attributes: json!({}),
                ..DealerInput::default()
            };
            desk.app.save_dealer(&desk.ops, &dealer).await.unwrap();
        }
        let digest = upload(&desk, "starter-rust").await;
        let none = saved(&desk, &digest, json!({ "from_pieces": 999, "discount": "0.1" })).await;
        let some = saved(&desk, &digest, json!({ "from_pieces": 2, "discount": "0.1" })).await;
        let of = |revision, share| Activation {
            revision: Some(revision),
            share,
            ..Activation::of(digest.clone())
        };
        activate(&desk, &of(none, 100)).await;
        assert!(prices(&desk, &dealers).await.iter().all(|new| !new));
        for share in [20, 60] {
            activate(&desk, &of(some, share)).await;
            let expected: Vec<bool> = dealers.iter().map(|code| part_of(code) < share).collect();
            assert!(expected.contains(&true) && expected.contains(&false), "{share}");
            assert_eq!(prices(&desk, &dealers).await, expected, "{share} %");
        }
        let live = desk.app.live_bindings(&desk.ops).await.unwrap();
        assert_eq!(live.iter().map(|held| held.share).collect::<Vec<_>>(), [60, 100]);
        // Going back ends the trial for everybody.
        let place = qudao_app::Place {
            kind: Kind::Pricing,
            scope: qudao_domain::bindings::ScopeKind::Company,
            value: String::new(),
            program: None,
        };
        desk.app.roll_back(&desk.ops, &place, "enough").await.unwrap();
        desk.wait_ms(LEASE_MS);
        assert!(prices(&desk, &dealers).await.iter().all(|new| !new));
        assert_eq!(code(desk.app.activate(&desk.ops, &of(some, 0)).await), "/share range");
        assert_eq!(code(desk.app.activate(&desk.ops, &of(some, 101)).await), "/share range");
    }
}

/// A rule that fails on orders of 500 pieces and more; before it the starter held, with ten per cent off.
async fn fragile(desk: &Desk, on_failure: OnFailure) -> String {
    let starter = upload(desk, "starter-rust").await;
    let revision = saved(desk, &starter, json!({ "from_pieces": 2, "discount": "0.1" })).await;
    activate(desk, &Activation { revision: Some(revision), ..Activation::of(starter.clone()) }).await;
    let hostile = upload(desk, "hostile").await;
    let revision = saved(desk, &hostile, json!({ "deed": "trap", "from_pieces": 500 })).await;
    let activation = Activation { revision: Some(revision), on_failure, ..Activation::of(hostile) };
    activate(desk, &activation).await;
    starter
}

fn large() -> Draft {
    Draft { lines: vec![Wish { sku: "P1".into(), quantity: 500 }], ..Draft::default() }
}

#[tokio::test]
async fn a_failing_rule_goes_on_as_its_binding_says() {
    for desk in desks().await {
        let app = &desk.app;
        let never = Policy { breaker_failures: 0, second_person: false, ..Policy::default() };
        app.save_plugin_policy(&desk.admin, &never).await.unwrap();
        let starter = fragile(&desk, OnFailure::Refuse).await;
        assert_eq!(code(app.place_order(&desk.buyer, &large(), None).await), "trap");
        assert!(app.place_order(&desk.buyer, &Desk::draft(10), None).await.is_ok());

        fragile(&desk, OnFailure::LastGood).await;
        let order = app.place_order(&desk.buyer, &large(), None).await.unwrap().order;
        assert_eq!(order.total_minor, 500 * 9_000, "the starter's price");
        let decision = app.decision(&desk.ops, order.decision_id.unwrap()).await.unwrap();
        assert_eq!(decision.plugin.digest, starter);
        assert!(app.replay(&desk.ops, decision.decision.id).await.unwrap().identical);

        fragile(&desk, OnFailure::BasePrice).await;
        let order = app.place_order(&desk.buyer, &large(), None).await.unwrap().order;
        assert_eq!(order.total_minor, 500 * 10_000, "the list price");
        let explained = app.order(&desk.buyer, order.id).await.unwrap().explained.unwrap();
        assert_eq!(explained.quote.approvals.len(), 1);
        let words = |code: &str| explained.messages.iter().any(|message| message.code == code);
        assert!(words(&explained.quote.approvals[0].code), "somebody must agree, and is told why");
        let decision = app.decision(&desk.ops, order.decision_id.unwrap()).await.unwrap().decision;
        assert_eq!((decision.outcome.as_str(), decision.fuel), ("base-price", 0));
        let replay = app.replay(&desk.ops, decision.id).await.unwrap();
        assert!(replay.identical && replay.same_fuel, "{replay:?}");
        assert_eq!(app.runs(&desk.ops, &Default::default(), None, 50).await.unwrap().items.len(), 3);
        assert!(app.open_incidents(&desk.ops).await.unwrap().is_empty(), "the breaker is off");
    }
}

#[tokio::test]
async fn only_pricing_goes_on_and_only_whole_programs_settle() {
    let desk = Desk::open(TestDb::sqlite().await, &Desk::engine()).await;
    let kpi = upload(&desk, "weighted-kpi").await;
    let on = Activation { on_failure: OnFailure::LastGood, ..Activation::of(kpi) };
    assert_eq!(code(desk.app.activate(&desk.ops, &on).await), "/on_failure on-failure-unwanted");
}

#[tokio::test]
async fn after_five_failures_what_held_before_is_put_back() {
    for desk in desks().await {
        let app = &desk.app;
        let starter = fragile(&desk, OnFailure::Refuse).await;
        for _ in 0..4 {
            assert_eq!(code(app.quote(&desk.buyer, &large()).await), "trap");
        }
        assert!(app.open_incidents(&desk.ops).await.unwrap().is_empty());
        // Those at one moment count together and open one incident.
        let large = large();
        let (one, other) = tokio::join!(app.quote(&desk.buyer, &large), app.quote(&desk.buyer, &large));
        assert_eq!((code(one), code(other)), ("trap".to_owned(), "trap".to_owned()));
        let open = app.open_incidents(&desk.ops).await.unwrap();
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!((open[0].plugin_name.as_str(), open[0].error.as_str()), ("hostile", "trap"));
        assert_eq!(open[0].restored_digest.as_deref(), Some(starter.as_str()));
        desk.wait_ms(LEASE_MS);
        let order = app.place_order(&desk.buyer, &large, None).await.unwrap().order;
        assert_eq!(order.total_minor, 500 * 9_000);
        let live = app.live_bindings(&desk.ops).await.unwrap();
        assert_eq!((live[0].plugin_digest.as_str(), live[0].automatic), (starter.as_str(), true));
        assert_eq!(live[0].created_by, desk.ops.user);
        assert_eq!(code(app.close_incident(&desk.buyer, open[0].id, "").await), "forbidden");
        app.close_incident(&desk.ops, open[0].id, "told its author").await.unwrap();
        assert!(app.open_incidents(&desk.ops).await.unwrap().is_empty());
        let all = app.incidents(&desk.ops).await.unwrap();
        assert_eq!(all[0].note, "told its author");
        assert!(app.close_incident(&desk.ops, open[0].id, "again").await.is_err());
    }
}

#[tokio::test]
async fn failures_far_apart_and_a_rule_without_a_past_are_told_apart() {
    for desk in desks().await {
        let app = &desk.app;
        let hostile = upload(&desk, "hostile").await;
        let revision = saved(&desk, &hostile, json!({ "deed": "trap", "from_pieces": 500 })).await;
        activate(&desk, &Activation { revision: Some(revision), ..Activation::of(hostile.clone()) }).await;
        for _ in 0..6 {
            assert_eq!(code(app.quote(&desk.buyer, &large()).await), "trap");
            desk.wait_ms(3 * 60_000);
        }
        assert!(app.open_incidents(&desk.ops).await.unwrap().is_empty(), "four within ten minutes at most");
        for _ in 0..5 {
            assert_eq!(code(app.quote(&desk.buyer, &large()).await), "trap");
        }
        let open = app.open_incidents(&desk.ops).await.unwrap();
        assert_eq!((open.len(), open[0].restored_digest.as_deref()), (1, None));
        let live = app.live_bindings(&desk.ops).await.unwrap();
        assert_eq!(live[0].plugin_digest, hostile, "nothing held before");
    }
}
