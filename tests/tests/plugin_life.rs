//! A plugin's life on both databases: uploaded, set, activated, replaced, rolled back, replayed.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::{
    Activation, AppError, DecisionFilter, LEASE_MS, NewSettings, Place, Result, SettingsChange, Standing,
};
use qudao_domain::bindings::ScopeKind;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::settlement::Calendar;
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::plugin;

fn company(kind: Kind) -> Place {
    Place { kind, scope: ScopeKind::Company, value: String::new(), program: None }
}

fn activation(digest: &str) -> Activation {
    Activation { reason: "test".into(), ..Activation::of(digest) }
}

/// Settings of the starter plugin.
fn starter(from_pieces: i64, discount: &str, based_on: i64) -> NewSettings {
    let json = format!(r#"{{"from_pieces": {from_pieces}, "discount": "{discount}"}}"#);
    NewSettings { json, note: String::new(), based_on }
}

async fn unit_price(desk: &Desk) -> Decimal {
    desk.app.quote(&desk.buyer, &Desk::draft(10)).await.unwrap().lines[0].unit_price
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result.unwrap_err() {
        AppError::Conflict { code, .. } => code.to_owned(),
        AppError::Invalid(issues) => {
            issues.iter().map(|issue| format!("{} {}", issue.pointer, issue.code)).collect()
        }
        AppError::Upload(refusal) => refusal.code().to_owned(),
        AppError::Rule { failure, .. } => failure.error.to_string(),
        AppError::Forbidden => "forbidden".into(),
        AppError::NotFound => "not-found".into(),
        AppError::NoRule(kind) => format!("no {kind} rule"),
        other => panic!("{other:?}"),
    }
}

/// Runs a test on a desk for each database.
async fn on_both<F: Future<Output = ()>>(test: impl Fn(Desk) -> F) {
    let engine = Desk::engine();
    for db in TestDb::both().await {
        test(Desk::open(db, &engine).await).await;
    }
}

#[tokio::test]
async fn an_upload_is_kept_once_and_bad_ones_leave_nothing() {
    on_both(async |desk| {
        let component = plugin("starter-rust");
        let first = desk.app.upload_plugin(&desk.ops, component.clone()).await.unwrap();
        assert!(!first.already);
        assert_eq!((first.kind, first.name.as_str()), (Kind::Pricing, "starter-rust"));
        let again = desk.app.upload_plugin(&desk.ops, component.clone()).await.unwrap();
        assert!(again.already);
        assert_eq!((again.digest, again.report), (first.digest.clone(), first.report));

        let core = b"\0asm\x01\0\0\0".to_vec();
        for (bytes, refusal) in [
            (b"How prices are formed: ...".to_vec(), "not-wasm"),
            (core, "core-module"),
            (component[..component.len() / 2].to_vec(), "bad-structure"),
        ] {
            assert_eq!(code(desk.app.upload_plugin(&desk.ops, bytes).await), refusal);
        }
        let plugins = desk.app.plugins(&desk.ops).await.unwrap();
        assert_eq!(plugins.len(), 1);
        assert!(plugins[0].live.is_empty());
        let settings = desk.app.settings(&desk.pricing, &first.digest, None).await.unwrap();
        assert_eq!(settings.revision.number, 1);
        assert_eq!(settings.revision.settings, r#"{"discount":"0.05","from_pieces":10}"#);

        assert_eq!(code(desk.app.upload_plugin(&desk.pricing, component).await), "forbidden");
        assert_eq!(code(desk.app.plugins(&desk.buyer).await), "forbidden");
    })
    .await;
}

#[tokio::test]
async fn settings_are_checked_and_numbered() {
    on_both(async |desk| {
        let digest = desk.app.upload_plugin(&desk.ops, plugin("starter-rust")).await.unwrap().digest;
        let save =
            async |settings: NewSettings| desk.app.save_settings(&desk.pricing, &digest, &settings).await;

        assert_eq!(save(starter(20, "0.1", 1)).await.unwrap().number, 2);
        // The same values in another order and with other spaces are the same settings.
        let same = NewSettings {
            json: r#"{ "discount":"0.1", "from_pieces":20 }"#.into(),
            note: "again".into(),
            based_on: 1,
        };
        assert_eq!(save(same).await.unwrap().number, 2);
        assert_eq!(code(save(starter(30, "0.1", 1)).await), "changed-meanwhile");
        assert_eq!(code(save(starter(0, "0.1", 2)).await), "/settings/from_pieces minimum");
        assert_eq!(code(save(starter(5, "0.51", 2)).await), "/settings/discount maximum");
        let not_json = NewSettings { json: "{".into(), note: String::new(), based_on: 2 };
        assert_eq!(code(save(not_json).await), "/settings not-json");
        let extra = r#"{"from_pieces": 1, "discount": "0", "discuont": "0"}"#.into();
        let extra = NewSettings { json: extra, note: String::new(), based_on: 2 };
        assert_eq!(code(save(extra).await), "/settings/discuont unknown-field");
        assert_eq!(
            code(desk.app.save_settings(&desk.buyer, &digest, &starter(5, "0", 2)).await),
            "forbidden"
        );
        assert_eq!(code(desk.app.save_settings(&desk.pricing, "0", &starter(5, "0", 2)).await), "not-found");

        let page = desk.app.plugin(&desk.ops, &digest).await.unwrap();
        let numbers: Vec<i64> = page.revisions.iter().map(|revision| revision.number).collect();
        assert_eq!(numbers, [2, 1]);
    })
    .await;
}

#[tokio::test]
async fn a_binding_holds_from_its_moment_and_is_rolled_back() {
    on_both(async |desk| {
        let starter_digest = desk.app.upload_plugin(&desk.ops, plugin("starter-rust")).await.unwrap().digest;
        assert_eq!(code(desk.app.quote(&desk.buyer, &Desk::draft(10)).await), "no pricing rule");

        let made = desk.app.activate(&desk.ops, &activation(&starter_digest)).await.unwrap();
        assert_eq!(made.binding.effective_from, desk.app.clock().now().plus_ms(LEASE_MS));
        assert_eq!(made.instead_of, None);
        assert_eq!(code(desk.app.quote(&desk.buyer, &Desk::draft(10)).await), "no pricing rule");
        desk.wait_ms(LEASE_MS);
        assert_eq!(unit_price(&desk).await, Decimal::new(95, 0));
        assert_eq!(code(desk.app.activate(&desk.ops, &activation(&starter_digest)).await), "already-holds");

        // Headquarters changes a number, and the next price follows.
        let change = SettingsChange {
            place: company(Kind::Pricing),
            plugin: None,
            settings: starter(10, "0.2", 1),
            from: None,
        };
        let changed = desk.app.change_settings(&desk.pricing, &change).await.unwrap();
        assert_eq!(changed.revision.number, 2);
        assert_eq!(changed.made.instead_of.unwrap().id, made.binding.id);
        desk.wait_ms(LEASE_MS);
        assert_eq!(unit_price(&desk).await, Decimal::new(80, 0));

        let undone = desk.app.roll_back(&desk.ops, &company(Kind::Pricing), "too cheap").await.unwrap();
        assert_eq!((undone.binding.revision, undone.instead_of.unwrap().revision), (1, 2));
        desk.wait_ms(LEASE_MS);
        assert_eq!(unit_price(&desk).await, Decimal::new(95, 0));
        // Undoing that once more puts the change back: it is what held before.
        assert_eq!(
            desk.app.roll_back(&desk.ops, &company(Kind::Pricing), "").await.unwrap().binding.revision,
            2
        );
        desk.wait_ms(LEASE_MS);

        let line = desk.app.plugin(&desk.ops, &starter_digest).await.unwrap().bindings;
        let standing: Vec<Standing> = line.iter().map(|dated| dated.standing).collect();
        assert_eq!(standing, [Standing::Live, Standing::Past, Standing::Past, Standing::Past]);
    })
    .await;
}

#[tokio::test]
async fn a_scheduled_binding_waits_and_a_tie_is_refused() {
    on_both(async |desk| {
        let digest = desk.app.upload_plugin(&desk.ops, plugin("starter-rust")).await.unwrap().digest;
        let now = desk.app.clock().now();
        let later = Activation { from: Some(now.plus_ms(60_000)), ..activation(&digest) };
        let past = Activation { from: Some(now), ..activation(&digest) };
        assert_eq!(code(desk.app.activate(&desk.ops, &past).await), "/from past");
        desk.app.activate(&desk.ops, &activation(&digest)).await.unwrap();
        desk.app.save_settings(&desk.pricing, &digest, &starter(10, "0.5", 1)).await.unwrap();
        desk.app.activate(&desk.ops, &later).await.unwrap();
        let other = Activation { revision: Some(1), ..later.clone() };
        assert_eq!(code(desk.app.activate(&desk.ops, &other).await), "binding-tie");
        assert_eq!(code(desk.app.activate(&desk.ops, &later).await), "already-holds");
        // Another place may begin at the same moment.
        let gold = Activation { scope: ScopeKind::Tier, scope_value: "gold".into(), ..other.clone() };
        desk.app.activate(&desk.ops, &gold).await.unwrap();

        desk.wait_ms(LEASE_MS);
        assert_eq!(unit_price(&desk).await, Decimal::new(95, 0));
        let line = desk.app.bindings(&desk.ops, Kind::Pricing, None, 10).await.unwrap();
        let standing: Vec<Standing> = line.iter().map(|dated| dated.standing).collect();
        assert_eq!(standing, [Standing::Scheduled, Standing::Scheduled, Standing::Live]);
        desk.wait_ms(60_000);
        // The narrower wins: revision 1 for tier gold, though the company has revision 2 from the same moment on.
        assert_eq!(unit_price(&desk).await, Decimal::new(95, 0));
        assert_eq!(desk.app.live_bindings(&desk.ops).await.unwrap().len(), 2);

        let place = Place { scope: ScopeKind::Tier, value: "gold".into(), ..company(Kind::Pricing) };
        assert_eq!(code(desk.app.roll_back(&desk.ops, &place, "").await), "nothing-before");
        assert_eq!(code(desk.app.roll_back(&desk.ops, &company(Kind::Kpi), "").await), "no kpi rule");
    })
    .await;
}

#[tokio::test]
async fn a_place_must_exist_and_suit_the_kind() {
    on_both(async |desk| {
        let pricing = desk.app.upload_plugin(&desk.ops, plugin("starter-rust")).await.unwrap().digest;
        let incentive = desk.app.upload_plugin(&desk.ops, plugin("tiered-rebate")).await.unwrap().digest;
        let program = qudao_app::NewProgram {
            code: "rebate".into(),
            name_zh: "返利".into(),
            name_en: "Rebate".into(),
            calendar: Calendar::Quarter,
            budget_minor: None,
        };
        desk.app.add_program(&desk.finance, program).await.unwrap();
        let with = |digest: &str, program: Option<&str>, scope, value: &str| Activation {
            program: program.map(Into::into),
            scope,
            scope_value: value.into(),
            ..activation(digest)
        };
        use ScopeKind::{Company, Dealer, Region, Tier};
        for (activation, expected) in [
            (with(&pricing, Some("rebate"), Company, ""), "/program program-unwanted"),
            (with(&incentive, None, Company, ""), "/program program-needed"),
            (with(&incentive, Some("bonus"), Company, ""), "/program unknown-program"),
            (with(&incentive, Some("rebate"), Region, "east"), "/scope program-scope"),
            (with(&pricing, None, Company, "east"), "/scope_value unknown-scope"),
            (with(&pricing, None, Region, "gold"), "/scope_value unknown-scope"),
            (with(&pricing, None, Tier, ""), "/scope_value unknown-scope"),
            (with(&pricing, None, Dealer, "D2"), "/scope_value unknown-scope"),
            (
                Activation { revision: Some(9), ..with(&pricing, None, Company, "") },
                "/revision unknown-revision",
            ),
            (with("00", None, Company, ""), "not-found"),
        ] {
            assert_eq!(code(desk.app.activate(&desk.ops, &activation).await), expected, "{activation:?}");
        }
        assert_eq!(code(desk.app.activate(&desk.finance, &activation(&pricing)).await), "forbidden");
        desk.app.activate(&desk.ops, &with(&incentive, Some("rebate"), Company, "")).await.unwrap();
        desk.app.activate(&desk.ops, &with(&pricing, None, Region, "east")).await.unwrap();
        desk.app.activate(&desk.ops, &with(&pricing, None, Dealer, "D1")).await.unwrap();
        assert_eq!(desk.app.bindings(&desk.ops, Kind::Pricing, None, 10).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_run_is_not_activated() {
    on_both(async |desk| {
        let digest = desk.app.upload_plugin(&desk.ops, plugin("hostile")).await.unwrap().digest;
        let trap = NewSettings { json: r#"{"deed":"trap"}"#.into(), note: String::new(), based_on: 1 };
        desk.app.save_settings(&desk.pricing, &digest, &trap).await.unwrap();
        assert_eq!(code(desk.app.activate(&desk.ops, &activation(&digest)).await), "trap");
        assert!(desk.app.bindings(&desk.ops, Kind::Pricing, None, 10).await.unwrap().is_empty());

        let behave = Activation { revision: Some(1), ..activation(&digest) };
        desk.app.activate(&desk.ops, &behave).await.unwrap();
        desk.wait_ms(LEASE_MS);
        let negative =
            NewSettings { json: r#"{"deed":"negative-price"}"#.into(), note: String::new(), based_on: 2 };
        let change =
            SettingsChange { place: company(Kind::Pricing), plugin: None, settings: negative, from: None };
        assert_eq!(code(desk.app.change_settings(&desk.pricing, &change).await), "bad-answer");
        // Nothing of it was saved.
        assert_eq!(desk.app.settings(&desk.ops, &digest, None).await.unwrap().latest, 2);
        assert_eq!(unit_price(&desk).await, Decimal::new(100, 0));
    })
    .await;
}

#[tokio::test]
async fn a_decision_replays_to_the_same_bytes() {
    on_both(async |desk| {
        let digest = desk.app.upload_plugin(&desk.ops, plugin("starter-rust")).await.unwrap().digest;
        desk.app.activate(&desk.ops, &activation(&digest)).await.unwrap();
        desk.wait_ms(LEASE_MS);
        for pieces in [1, 10, 12] {
            desk.app.place_order(&desk.buyer, &Desk::draft(pieces), None).await.unwrap();
            desk.wait_ms(1);
        }
        let all = desk.app.decisions(&desk.ops, &DecisionFilter::default(), None, 2).await.unwrap();
        assert_eq!(all.items.len(), 2);
        let rest = desk.app.decisions(&desk.ops, &DecisionFilter::default(), all.next, 2).await.unwrap();
        assert_eq!((rest.items.len(), rest.next), (1, None));
        for listed in all.items.iter().chain(&rest.items) {
            let replay = desk.app.replay(&desk.ops, listed.id).await.unwrap();
            assert!(replay.identical && replay.same_fuel, "{replay:?}");
            assert_eq!(replay.first_difference, None);
            assert_eq!(replay.engine_then, replay.engine_now);
        }
        let page = desk.app.decision(&desk.ops, rest.items[0].id).await.unwrap();
        assert_eq!((page.revision.number, page.binding.plugin_digest.as_str()), (1, digest.as_str()));
        assert_eq!(page.plugin.descriptor.messages.len(), 2);

        let today = desk.ops.day(desk.app.clock().now());
        for (filter, count) in [
            (DecisionFilter { day: Some(today), ..DecisionFilter::default() }, 3),
            (DecisionFilter { day: today.succ_opt(), ..DecisionFilter::default() }, 0),
            (DecisionFilter { kind: Some(Kind::Kpi), ..DecisionFilter::default() }, 0),
            (DecisionFilter { plugin: Some(digest.clone()), ..DecisionFilter::default() }, 3),
            (DecisionFilter { outcome: Some("refused".into()), ..DecisionFilter::default() }, 0),
            (DecisionFilter { subject: Some(page.decision.subject.clone()), ..DecisionFilter::default() }, 1),
        ] {
            assert_eq!(
                desk.app.decisions(&desk.ops, &filter, None, 10).await.unwrap().items.len(),
                count,
                "{filter:?}"
            );
        }
        let usage = desk.app.plugin(&desk.ops, &digest).await.unwrap().usage;
        assert_eq!((usage.answers_day, usage.answers_week, usage.failures_week), (3, 3, 0));
        desk.wait_ms(48 * 3_600_000);
        let usage = desk.app.plugin(&desk.ops, &digest).await.unwrap().usage;
        assert_eq!((usage.answers_day, usage.answers_week), (0, 3));
        assert_eq!(code(desk.app.replay(&desk.buyer, page.decision.id).await), "forbidden");
    })
    .await;
}
