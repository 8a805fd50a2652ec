//! Recorded decisions as cases, on both databases: unmasked they replay to the recorded answer, masked they name nobody.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::imports::ImportKind;
use qudao_app::{AppError, MAX_RECORDED_FACTS, NewProgram, RecordedCases, Recording};
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::settlement::Calendar;
use qudao_engine::cases::{Case, Verdict};
use qudao_engine::{Digest, Engine, Plugin};
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::history::{import, set_rule, upload};
use qudao_tests::plugin;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

const PERIOD: &str = "2026-Q3";
const HEADER: &str = "number,date,dealer,sku,quantity,unit_price\n";

/// A desk with a rule of each kind and, in the third quarter, these orders of the past.
async fn desk(test: TestDb, engine: &Engine, orders: &str) -> Desk {
    let desk = Desk::open(test, engine).await;
    // Later than the desk's own dealer, so that it is the second.
    desk.wait_ms(1);
    let dealers = "code,name,tier,region\nZETA-9,ZETA Ltd,gold,east\n";
    import(&desk.app, &desk.ops, ImportKind::Dealers, dealers).await;
    import(&desk.app, &desk.ops, ImportKind::Orders, &format!("{HEADER}{orders}")).await;
    let program = NewProgram {
        code: "rebate".into(),
        name_zh: "季度返利".into(),
        name_en: "Quarterly rebate".into(),
        calendar: Calendar::Quarter,
        budget_minor: Some(100_000),
    };
    desk.app.add_program(&desk.finance, program).await.unwrap();
    for (name, program) in
        [("volume-pricing", None), ("tiered-rebate", Some("rebate")), ("weighted-kpi", None)]
    {
        let digest = upload(&desk, name).await;
        let defaults = load(engine, name).descriptor().settings_default.clone();
        set_rule(&desk, &digest, program, &serde_json::from_str(&defaults).unwrap()).await;
    }
    desk
}

fn load(engine: &Engine, name: &str) -> Arc<Plugin> {
    let component = plugin(name);
    engine.load(&Digest::of(&component), &component).unwrap()
}

async fn record(desk: &Desk, kind: Kind, mask: Option<Decimal>) -> RecordedCases {
    let wanted = Recording { kind: Some(kind), plugin: None, last: 50, mask };
    desk.app.record_cases(&desk.ops, &wanted).await.unwrap()
}

const NAMES: [(Kind, &str); 3] =
    [(Kind::Pricing, "volume-pricing"), (Kind::Incentive, "tiered-rebate"), (Kind::Kpi, "weighted-kpi")];

/// As it would be read from the file that `qudao plugin record` writes.
fn through_a_file(case: &Case) -> Case {
    serde_json::from_str(&serde_json::to_string(case).unwrap()).unwrap()
}

async fn decide(desk: &Desk) {
    for pieces in [1, 30, 400] {
        // Ids are in the order of time, which stands still here.
        desk.wait_ms(1);
        desk.app.place_order(&desk.buyer, &Desk::draft(pieces), None).await.unwrap();
    }
    desk.app.settle(&desk.finance, "rebate", PERIOD).await.unwrap();
    desk.app.score(&desk.finance, PERIOD).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_case_replays_to_its_recorded_answer() {
    let engine = Desk::engine();
    for test in TestDb::both().await {
        let desk =
            desk(test, &engine, "A1,2026-07-03,D1,P1,100,100.00\nA2,2025-08-10,D1,P1,30,333.33\n").await;
        decide(&desk).await;
        for (kind, name) in NAMES {
            let recorded = record(&desk, kind, None).await;
            assert_eq!((recorded.name.as_str(), recorded.kind), (name, kind));
            assert_eq!(recorded.cases.len(), if kind == Kind::Pricing { 3 } else { 1 }, "{kind}");
            for (id, case) in &recorded.cases {
                let outcome = through_a_file(case).run(&load(&engine, name));
                assert_eq!(outcome.verdict, Verdict::Same, "{kind} {id}");
                let decision = desk.app.decision(&desk.ops, *id).await.unwrap().decision;
                let answer: Value = serde_json::from_slice(&decision.output).unwrap();
                assert_eq!(case.expected, answer, "{kind}");
                if kind != Kind::Incentive {
                    // The facts of a run come in other chunks, which cost something of their own.
                    assert_eq!(outcome.fuel.unwrap().used, u64::try_from(decision.fuel).unwrap(), "{kind}");
                }
            }
        }
        let orders = record(&desk, Kind::Pricing, None).await;
        let pieces = |(_, case): &(_, Case)| case.input["lines"][0]["quantity"].as_i64();
        assert_eq!(orders.cases.iter().map(pieces).collect::<Vec<_>>(), [Some(400), Some(30), Some(1)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masked_case_names_nobody_and_is_answered_anew() {
    let engine = Desk::engine();
    for test in TestDb::both().await {
        let desk = desk(test, &engine, "A1,2026-07-03,ZETA-9,P1,100,100.00\n").await;
        decide(&desk).await;
        for (kind, name) in NAMES {
            let (real, masked) =
                (record(&desk, kind, None).await, record(&desk, kind, Some(Decimal::new(15, 1))).await);
            assert_eq!((masked.cases.len(), masked.left_out.len()), (real.cases.len(), 0), "{kind}");
            for ((id, case), (_, before)) in masked.cases.iter().zip(&real.cases) {
                assert_eq!(through_a_file(case).run(&load(&engine, name)).verdict, Verdict::Same, "{kind}");
                assert_ne!(case.input, before.input, "{kind}");
                assert!(case.about.starts_with("Masked"), "{}", case.about);
                let text = serde_json::to_string(case).unwrap();
                assert!(!text.contains(&id.to_string()) && !text.contains("ZETA"), "{kind}: {text}");
            }
        }
        let order = record(&desk, Kind::Pricing, Some(Decimal::new(15, 1))).await.cases.remove(0).1;
        assert_eq!(order.input["lines"][0]["base_price"], json!("150"));
        let run = record(&desk, Kind::Incentive, Some(Decimal::new(15, 1))).await.cases.remove(0).1;
        assert_eq!(run.input["facts"][0]["amount_minor"], json!(1_500_000));
        assert_eq!(run.input["header"]["program"], json!("P1"));
        assert_eq!(run.input["header"]["budget_left"], json!(150_000));
        let codes = run.input["header"]["participants"].as_array().unwrap().iter();
        assert_eq!(codes.map(|dealer| dealer["code"].clone()).collect::<Vec<_>>(), ["D1", "D2"]);
        let card = record(&desk, Kind::Kpi, Some(Decimal::new(15, 1))).await.cases.remove(0).1;
        assert_eq!(
            (&card.input["code"], &card.input["metrics"][0]["actual"]),
            (&json!("D2"), &json!("15000"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_recorded_is_said() {
    let engine = Desk::engine();
    let mut orders = String::new();
    for number in 0..=MAX_RECORDED_FACTS {
        let _ = writeln!(orders, "N{number},2026-07-03,D1,P1,1,1.00");
    }
    let desk = desk(TestDb::sqlite().await, &engine, &orders).await;
    let wanted = Recording { last: 1, ..Recording::default() };
    let conflict = |error: AppError| match error {
        AppError::Conflict { code, message, .. } => (code, message),
        other => panic!("{other}"),
    };
    let (code, _) = conflict(desk.app.record_cases(&desk.ops, &wanted).await.unwrap_err());
    assert_eq!(code, "no-decisions");
    desk.app.settle(&desk.finance, "rebate", PERIOD).await.unwrap();
    let (code, message) = conflict(desk.app.record_cases(&desk.ops, &wanted).await.unwrap_err());
    assert_eq!(code, "too-many-facts");
    assert!(message.contains("10001 facts, at most 10000"), "{message}");
    let error = desk.app.record_cases(&desk.buyer, &wanted).await.unwrap_err();
    assert!(matches!(error, AppError::Forbidden), "{error}");
}
