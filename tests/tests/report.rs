//! The report of an upload: what a plugin's own cases, questions of growing size and odd questions came to.

use qudao_engine::{Came, Engine, EngineConfig, Examined, Limits, Refusal, RuleError};
use qudao_tests::plugin;
use serde_json::json;
use std::fs;
use std::path::Path;

fn engine(limits: Limits) -> Engine {
    Engine::new(EngineConfig::default().pool_size(1).limits(limits)).expect("the engine starts")
}

fn examine(name: &str, limits: Limits) -> Examined {
    let verified = engine(limits).verify(&plugin(name));
    let report = verified.unwrap_or_else(|refusal| panic!("{name}: {refusal}")).report;
    report.examined.expect("every upload is examined")
}

#[test]
fn the_reference_plugins_do_what_their_cases_say_and_stumble_over_nothing() {
    for (name, sizes) in [
        ("volume-pricing", vec![20, 200, 1_000]),
        ("tiered-rebate", vec![20, 200, 1_000]),
        ("weighted-kpi", vec![5]),
        ("starter-rust", vec![20, 200, 1_000]),
        ("starter-rust-incentive", vec![20, 200, 1_000]),
        ("starter-rust-kpi", vec![2]),
        ("deal-registration", vec![20, 200, 1_000]),
        ("starter-rust-deal", vec![20, 200, 1_000]),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins").join(name).join("cases");
        let files = fs::read_dir(folder).expect("it has cases").count();
        let examined = examine(name, Limits::default());
        let cases = &examined.cases;
        assert_eq!((cases.count as usize, cases.run as usize), (files, files), "{name}: {cases:?}");
        assert!(cases.most_fuel_bp > 0 && cases.most_fuel_bp < 100, "{name}: {cases:?}");

        let measured: Vec<u32> = examined.sizes.iter().map(|size| size.entries).collect();
        assert_eq!(measured, sizes, "{name}");
        for size in &examined.sizes {
            let shares = [size.fuel, size.memory, size.answer].map(|share| share.basis_points());
            assert!(shares.iter().all(|share| (1..2_000).contains(share)), "{name}: {size:?}");
        }
        assert!(examined.probes.len() >= 6, "{name}");
        let failed: Vec<_> = examined.probes.iter().filter(|probe| probe.came.is_failure()).collect();
        assert!(failed.is_empty(), "{name}: {failed:?}");
        let asked = cases.run as usize + measured.len() + examined.probes.len();
        assert_eq!(examined.asked_twice as usize, asked, "{name}");
    }
}

#[test]
fn what_it_cannot_afford_is_in_the_report_and_does_not_keep_it_out() {
    let limits = Limits { fuel_base: 3_000_000, fuel_per_line: 0, ..Limits::default() };
    let examined = examine("volume-pricing", limits);
    let came: Vec<_> = examined.sizes.iter().map(|size| (size.entries, size.came.is_failure())).collect();
    assert_eq!(came, [(20, false), (200, false), (1_000, true)]);
    let Came::Failed { error, .. } = &examined.sizes[2].came else { panic!("{:?}", examined.sizes[2]) };
    assert_eq!(*error, RuleError::OutOfFuel);
    assert_eq!(examined.sizes[2].fuel.limit, 3_000_000);
}

/// The hostile plugin behaves with its default settings; a case says that it refuses.
#[test]
fn a_plugin_that_does_not_do_what_its_own_case_says_is_refused() {
    let order = json!({
        "currency": "CNY", "on": "2026-11-25", "terms": [], "history": [],
        "dealer": { "code": "D", "tier": "gold", "region": "east", "attributes": [] },
        "lines": [{
            "number": 1, "sku": "A", "category": "C", "quantity": 2, "base_price": "3", "attributes": [],
        }],
    });
    let quoted = json!({ "quoted": {
        "lines": [{ "number": 1, "unit_price": "3", "adjustments": [], "skipped": [] }],
        "adjustments": [], "approvals": [],
    } });
    let with = |price: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut expected = quoted.clone();
        expected["quoted"]["lines"][0]["unit_price"] = json!(price);
        let case = json!({ "about": "as listed", "input": order, "expected": expected });
        fs::write(folder.path().join("listed.json"), case.to_string()).expect("a file");
        let mut component = plugin("hostile");
        qudao_component::enclose_cases(&mut component, folder.path()).expect("enclosed");
        engine(Limits::default()).verify(&component)
    };
    let verified = with("3").expect("its case is right");
    assert_eq!(verified.report.examined.map(|examined| examined.cases.run), Some(1));
    let refused = with("4").expect_err("its case is wrong");
    let Refusal::CaseDiffers { case, detail } = &refused else { panic!("{refused}") };
    assert_eq!(case, "listed");
    assert_eq!(detail, r#"/quoted/lines/0/unit_price is "3", not "4""#);
    assert_eq!(refused.code(), "case-differs");
}
