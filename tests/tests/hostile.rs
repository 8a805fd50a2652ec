//! A hostile plugin is named for what it does, a healthy order beside it is priced all the while,
//! and whoever gets its place in the pool next is served correctly.

use qudao_domain::decimal::Decimal;
use qudao_domain::pricing::{Buyer, LineRequest, PricingAnswer, PricingRequest};
use qudao_engine::{Digest, Engine, EngineConfig, Evaluated, Limits, Plugin, RuleError, RuleFailure};
use qudao_tests::plugin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const BEHAVE: &str = r#"{"deed":"behave"}"#;

/// Each deed, the name of what is wrong with it, and words of the detail.
const DEEDS: &[(&str, RuleError, &str)] = &[
    ("endless-loop", RuleError::OutOfFuel, "fuel"),
    ("memory-hog", RuleError::Memory, "bytes of memory"),
    ("deep-recursion", RuleError::Trap, "recursion"),
    ("trap", RuleError::Trap, "unreachable"),
    ("giant-result", RuleError::BadAnswer, "breaks the contract"),
    ("many-steps", RuleError::BadAnswer, "100000 entries"),
    ("wrong-currency", RuleError::BadAnswer, "USD"),
    ("too-few-lines", RuleError::BadAnswer, "3 lines asked, 2 answered"),
    ("line-twice", RuleError::BadAnswer, "3 lines asked, 4 answered"),
    ("unknown-line", RuleError::BadAnswer, "line 1: answered as line 1000001"),
    ("negative-price", RuleError::BadAnswer, "is negative"),
    ("wrong-sum", RuleError::BadAnswer, "is not base price plus adjustments"),
    ("unknown-code", RuleError::BadAnswer, "none of the descriptor's messages"),
    ("negative-total", RuleError::BadAnswer, "total is negative"),
    ("empty-refusal", RuleError::BadAnswer, "without any violation"),
    ("huge-price", RuleError::BadAnswer, "cannot be added up"),
];

fn settings(deed: &str) -> String {
    serde_json::json!({ "deed": deed }).to_string()
}

fn order() -> PricingRequest {
    let line = |number: u32| LineRequest {
        number,
        sku: format!("SKU-{number}"),
        category: "Bikes".into(),
        quantity: 10 * i64::from(number),
        // Whole, so that the largest number of the contract is a whole step away.
        base_price: Decimal::from(123),
        former_price: None,
        attributes: Vec::new(),
    };
    PricingRequest {
        currency: "CNY".parse().expect("a currency"),
        on: "2026-11-24".parse().expect("a day"),
        dealer: Buyer {
            code: "D1".into(),
            tier: "gold".into(),
            region: "east".into(),
            attributes: Vec::new(),
        },
        terms: Vec::new(),
        history: Vec::new(),
        lines: (1..=3).map(line).collect(),
    }
}

fn load(config: EngineConfig) -> (Engine, Arc<Plugin>) {
    let engine = Engine::new(config).expect("an engine");
    let component = plugin("hostile");
    let plugin = engine.load(&Digest::of(&component), &component).expect("a plugin");
    (engine, plugin)
}

/// Every line at its base price, or a panic.
fn price_well(plugin: &Plugin) -> Evaluated<PricingAnswer> {
    let request = order();
    let priced = plugin.price(&request, BEHAVE).expect("a price");
    let PricingAnswer::Quoted(quote) = &priced.answer else { panic!("refused: {priced:?}") };
    let prices: Vec<_> = quote.lines.iter().map(|line| (line.number, line.unit_price)).collect();
    let expected: Vec<_> = request.lines.iter().map(|line| (line.number, line.base_price)).collect();
    assert_eq!(prices, expected);
    assert!(quote.adjustments.is_empty() && quote.approvals.is_empty());
    priced
}

fn fail(plugin: &Plugin, deed: &str) -> RuleFailure {
    let began = Instant::now();
    let failure = plugin.price(&order(), &settings(deed)).expect_err(deed);
    assert!(began.elapsed() < Duration::from_secs(20), "{deed} took {:?}", began.elapsed());
    failure
}

fn assert_named(failure: &RuleFailure, deed: &str, name: RuleError, words: &str) {
    assert_eq!(failure.error, name, "{deed}: {failure}");
    assert!(failure.detail.contains(words), "{deed}: {failure}");
    assert!(failure.fuel > 0, "{deed}: {failure:?}");
}

#[test]
fn each_deed_is_named_and_the_same_slot_serves_the_next_order() {
    let (_engine, plugin) = load(EngineConfig::default().pool_size(1));
    let first = price_well(&plugin);
    for (deed, name, words) in DEEDS {
        assert_named(&fail(&plugin, deed), deed, *name, words);
        let next = price_well(&plugin);
        assert_eq!((next.fuel, next.memory_bytes), (first.fuel, first.memory_bytes), "after {deed}");
    }
}

/// Ends the healthy thread also when an assertion fails, lest the test hang.
struct EndWhenDropped<'a>(&'a AtomicBool);

impl Drop for EndWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_healthy_order_beside_each_deed_is_priced_all_the_while() {
    let (_engine, plugin) = load(EngineConfig::default().pool_size(2));
    let (priced, over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let healthy = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                price_well(&plugin);
                priced.fetch_add(1, Ordering::Relaxed);
            }
        });
        let end = EndWhenDropped(&over);
        for (deed, name, words) in DEEDS {
            let before = priced.load(Ordering::Relaxed);
            // Deeds that end at once are done again until an order was priced beside them.
            while priced.load(Ordering::Relaxed) < before + 2 && !healthy.is_finished() {
                assert_named(&fail(&plugin, deed), deed, *name, words);
            }
        }
        drop(end);
        healthy.join().expect("every healthy order is priced");
    });
    assert!(priced.load(Ordering::Relaxed) >= 2 * DEEDS.len() as u64);
}

#[test]
fn crashes_show_where_they_happened() {
    let (_engine, plugin) = load(EngineConfig::default().pool_size(1));
    for (deed, function) in [
        ("endless-loop", "endless_loop"),
        ("memory-hog", "memory_hog"),
        ("deep-recursion", "recurse_through_lines"),
    ] {
        let backtrace = fail(&plugin, deed).backtrace.unwrap_or_default();
        assert!(backtrace.contains(function), "{deed}: {backtrace}");
    }
}

#[test]
fn the_clock_stops_what_fuel_does_not() {
    let limits = Limits { fuel_base: u64::MAX / 2, deadline_ms: 200, ..Limits::default() };
    let (_engine, plugin) = load(EngineConfig::default().pool_size(1).limits(limits));
    let began = Instant::now();
    assert_named(&fail(&plugin, "endless-loop"), "endless-loop", RuleError::Deadline, "200 ms");
    assert!(began.elapsed() >= Duration::from_millis(190), "{:?}", began.elapsed());
    price_well(&plugin);
}

#[test]
fn settings_that_no_schema_allows_do_no_harm() {
    let (_engine, plugin) = load(EngineConfig::default().pool_size(1));
    for wrong in ["", "{", r#"{"deed":"no such deed"}"#] {
        let failure = plugin.price(&order(), wrong).unwrap_err();
        assert_eq!(failure.error, RuleError::Trap, "{failure}");
        price_well(&plugin);
    }
}

#[test]
fn it_passes_the_upload_since_its_defaults_behave() {
    let engine = Engine::new(EngineConfig::default().pool_size(1)).unwrap();
    let verified = engine.verify(&plugin("hostile")).unwrap();
    assert_eq!(verified.descriptor.name, "hostile");
    assert_eq!(verified.inspected.contract, "qudao:pricing@0.2.0");
    assert!(verified.report.describe_fuel > 0 && verified.report.trial_fuel > 0);
    assert_eq!(verified.schema.check(&serde_json::json!({ "deed": "no such deed" })).len(), 1);
}
