//! Every reference plugin, as Wasm: it passes the upload, and on each JSON case beside it answers
//! what it answers natively. The twin in TypeScript answers what its twin in Rust answers, whatever is asked.

use qudao_domain::contract::Kind;
use qudao_domain::incentive::{IncentiveAnswer, IncentiveHeader, StreamedFact};
use qudao_domain::kpi::KpiAnswer;
use qudao_domain::pricing::{PricingAnswer, PricingRequest};
use qudao_engine::{Digest, Engine, EngineConfig, Evaluated, Limits, Opened, Plugin, RuleError, Verified};
use qudao_tests::plugin;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// Name, kind, and the fewest cases that show it.
const REFERENCE: [(&str, Kind, usize); 4] = [
    ("volume-pricing", Kind::Pricing, 6),
    ("tiered-rebate", Kind::Incentive, 6),
    ("weighted-kpi", Kind::Kpi, 6),
    ("starter-rust", Kind::Pricing, 2),
];

/// A file of `plugins/*/cases`, in the shape that the SDK's test kit reads too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    settings: Option<Value>,
    input: Value,
    expected: Value,
}

#[derive(Deserialize)]
struct IncentiveInput {
    header: IncentiveHeader,
    facts: Vec<StreamedFact>,
}

fn engine() -> Engine {
    Engine::new(EngineConfig::default().pool_size(2)).expect("the engine starts")
}

fn cases(name: &str) -> Vec<(PathBuf, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins").join(name).join("cases");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder).expect("the plugin has cases").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let read = |path: PathBuf| {
        let case = read(&path, serde_json::from_str(&fs::read_to_string(&path).unwrap_or_default()));
        (path, case)
    };
    paths.into_iter().map(read).collect()
}

fn read<T>(path: &Path, read: serde_json::Result<T>) -> T {
    read.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn each_passes_the_upload() {
    let engine = engine();
    for (name, kind, _) in REFERENCE {
        let component = plugin(name);
        let verified = verify(&engine, name, &component);
        assert_eq!((verified.descriptor.name.as_str(), verified.descriptor.kind), (name, kind));
    }
}

fn verify(engine: &Engine, name: &str, component: &[u8]) -> Verified {
    let verified = engine.verify(component).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    let report = &verified.report;
    println!(
        "{name}: {} bytes, compiled to {} in {} ms; describe {} fuel, {} µs; trial {} fuel, {} µs",
        component.len(),
        report.artifact_bytes,
        report.compile_ms,
        report.describe_fuel,
        report.describe_us,
        report.trial_fuel,
        report.trial_us,
    );
    verified
}

#[test]
fn each_answers_its_cases_as_natively() {
    let engine = engine();
    for (name, kind, fewest) in REFERENCE {
        let component = plugin(name);
        let plugin = engine.load(&Digest::of(&component), &component).unwrap();
        let cases = cases(name);
        assert!(cases.len() >= fewest, "{name} has {} cases", cases.len());
        for (path, case) in &cases {
            match kind {
                Kind::Pricing => check_pricing(&plugin, path, case),
                Kind::Kpi => check::<_, KpiAnswer>(&plugin, path, case, |settings, subject| {
                    plugin
                        .score(&subject, settings)
                        .unwrap_or_else(|failure| panic!("{}: {failure}", path.display()))
                }),
                Kind::Incentive => check::<_, IncentiveAnswer>(&plugin, path, case, |settings, input| {
                    let whole = settle(&plugin, settings, &input, 1_000);
                    assert_eq!(
                        settle(&plugin, settings, &input, 1).answer,
                        whole.answer,
                        "{}",
                        path.display()
                    );
                    whole
                }),
            }
        }
    }
}

fn check_pricing(plugin: &Plugin, path: &Path, case: &Case) {
    check::<_, PricingAnswer>(plugin, path, case, |settings, order| price(plugin, &order, settings));
}

fn price(plugin: &Plugin, order: &PricingRequest, settings: &str) -> Evaluated<PricingAnswer> {
    let asked = plugin.price(order, settings);
    asked.unwrap_or_else(|failure| {
        panic!("{}, {} lines: {failure}", plugin.descriptor().name, order.lines.len())
    })
}

/// Asks twice: the answer must be the expected one, and both answers and both bills the same.
fn check<I: DeserializeOwned, A: DeserializeOwned + PartialEq + Debug>(
    plugin: &Plugin,
    path: &Path,
    case: &Case,
    ask: impl Fn(&str, I) -> Evaluated<A>,
) {
    let expected = read(path, A::deserialize(&case.expected));
    let settings =
        case.settings.as_ref().map_or(plugin.descriptor().settings_default.clone(), Value::to_string);
    let [first, again] = [(), ()].map(|()| ask(&settings, read(path, I::deserialize(&case.input))));
    assert_eq!(first.answer, expected, "{}: {}", path.display(), case.about);
    assert_eq!((first.answer, first.fuel), (again.answer, again.fuel), "{}", path.display());
    let (name, case) = (&plugin.descriptor().name, path.file_stem().unwrap_or_default().display());
    println!("{name} {case}: {} fuel, {} KiB, {} µs", again.fuel, again.memory_bytes >> 10, again.elapsed_us);
}

fn settle(
    plugin: &Arc<Plugin>,
    settings: &str,
    input: &IncentiveInput,
    chunk: usize,
) -> Evaluated<IncentiveAnswer> {
    match plugin.open_incentive(&input.header, settings).expect("the run opens") {
        Opened::Refused(refused) => {
            let Evaluated { answer, fuel, memory_bytes, elapsed_us } = refused;
            Evaluated { answer: IncentiveAnswer::Refused(answer), fuel, memory_bytes, elapsed_us }
        }
        Opened::Run(mut run) => {
            input.facts.chunks(chunk).for_each(|facts| run.add(facts).expect("the facts are taken"));
            run.finish().expect("the run ends")
        }
    }
}

/// Uploads a plugin and loads what the upload compiled: a JavaScript engine takes half a minute, once is enough.
fn upload(name: &str) -> Arc<Plugin> {
    let compiled = tempfile::tempdir().expect("a folder");
    let config = EngineConfig::default().pool_size(4).cache_dir(compiled.path());
    let engine = Engine::new(config).expect("the engine starts");
    let component = plugin(name);
    assert_eq!(verify(&engine, name, &component).descriptor.name, name);
    engine.load(&Digest::of(&component), &component).expect("what was verified loads")
}

/// The twins, in Rust and in TypeScript.
static TWINS: LazyLock<[Arc<Plugin>; 2]> =
    LazyLock::new(|| ["volume-pricing", "volume-pricing-ts"].map(upload));

#[test]
fn a_starter_in_typescript_answers_its_cases() {
    let plugin = upload("starter-ts");
    let cases = cases("starter-ts");
    assert!(cases.len() >= 2);
    cases.iter().for_each(|(path, case)| check_pricing(&plugin, path, case));
}

#[test]
fn the_twins_answer_the_same_cases() {
    for (path, case) in cases("volume-pricing") {
        TWINS.iter().for_each(|twin| check_pricing(twin, &path, &case));
    }
}

#[test]
fn the_twins_answer_the_same_to_made_up_orders() {
    let [rust, typescript] = &*TWINS;
    let mut settings = vec![rust.descriptor().settings_default.clone()];
    settings
        .extend(cases("volume-pricing").into_iter().filter_map(|(_, case)| Some(case.settings?.to_string())));
    assert_eq!(
        typescript.descriptor().settings_default.parse::<Value>().unwrap(),
        settings[0].parse::<Value>().unwrap()
    );
    for seed in 0..120 {
        let (order, settings) = (made_up(seed, 1 + seed % 23), &settings[pick(seed, 0, settings.len())]);
        let answers = [rust, typescript].map(|twin| price(twin, &order, settings).answer);
        assert_eq!(answers[0], answers[1], "{order:?}\n{settings}");
    }
}

#[test]
fn the_twins_ask_for_the_same_settings_and_speak_the_same_words() {
    let [rust, typescript] = TWINS.each_ref().map(|twin| twin.descriptor());
    assert_eq!(rust.messages, typescript.messages);
    let [rust, typescript] = [rust, typescript].map(|about| about.settings_schema.parse::<Value>().unwrap());
    let different = different_settings("settings", &rust, &typescript);
    assert!(different.is_empty(), "{different:?}");
}

/// Where the forms drawn from two schemas would differ. Help may read otherwise; a whole number's width is the language's.
fn different_settings(place: &str, rust: &Value, typescript: &Value) -> Vec<String> {
    if let Some(properties) = rust.get("properties").and_then(Value::as_object) {
        let inside = properties.iter().flat_map(|(name, property)| {
            different_settings(&format!("{place}.{name}"), property, &typescript["properties"][name])
        });
        return inside
            .chain(difference(place, rust, typescript, &["required", "additionalProperties", "type"]))
            .collect();
    }
    let mut keys =
        vec!["title", "x-title-zh-CN", "x-minimum", "x-maximum", "x-unit", "x-order", "type", "pattern"];
    keys.extend(["minimum", "maxItems", "minLength", "maxLength"]);
    let mut found = difference(place, rust, typescript, &keys);
    let choices = |schema: &Value| -> Vec<Value> {
        let all = schema["oneOf"].as_array().into_iter().flatten();
        all.map(|choice| json!([choice["const"], choice["title"], choice["x-title-zh-CN"]])).collect()
    };
    if choices(rust) != choices(typescript) {
        found.push(format!("{place}: other choices"));
    }
    if rust.get("items").is_some() {
        found.extend(different_settings(&format!("{place}[]"), &rust["items"], &typescript["items"]));
    }
    found
}

fn difference(place: &str, rust: &Value, typescript: &Value, keys: &[&str]) -> Vec<String> {
    let differ = keys.iter().filter(|key| rust.get(**key) != typescript.get(**key));
    differ.map(|key| format!("{place}: `{key}` is {} and {}", rust[key], typescript[key])).collect()
}

#[test]
fn a_thousand_lines_in_typescript_keep_well_within_the_limits() {
    let [rust, typescript] = &*TWINS;
    let settings = &rust.descriptor().settings_default;
    let limits = Limits::default();
    for lines in [1, 20, 200, 1_000] {
        let order = made_up(7, lines);
        let [rust, typescript] = [rust, typescript].map(|twin| price(twin, &order, settings));
        assert_eq!(rust.answer, typescript.answer);
        let Evaluated { fuel, memory_bytes, elapsed_us, .. } = typescript;
        println!(
            "{lines} lines in TypeScript: {fuel} fuel, {} KiB, {elapsed_us} µs; in Rust {} fuel, {} KiB, {} µs",
            memory_bytes >> 10,
            rust.fuel,
            rust.memory_bytes >> 10,
            rust.elapsed_us,
        );
        assert!(fuel < (limits.fuel_base + limits.fuel_per_line * lines) / 2, "{fuel} fuel");
        assert!(memory_bytes < limits.memory_bytes / 2, "{memory_bytes} bytes");
        assert!(elapsed_us < limits.deadline_ms * 1_000 / 2, "{elapsed_us} µs");
    }
}

#[test]
fn an_error_in_typescript_reaches_ops_with_its_words() {
    let [_, typescript] = &*TWINS;
    let failure = typescript.price(&made_up(1, 1), "{}").expect_err("these are no settings");
    assert_eq!(failure.error, RuleError::BadAnswer);
    assert!(failure.detail.contains("TypeError: settings.tiers: nothing is no table"), "{}", failure.detail);
}

/// A number from 0 up to, and without, `end`; another one for each seed and place.
fn pick(seed: u64, place: u64, end: usize) -> usize {
    let mut mixed = (seed << 32 | place).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    usize::try_from((mixed >> 33) % u64::try_from(end).expect("small")).expect("small")
}

/// An order of so many lines; another one for each seed.
fn made_up(seed: u64, lines: u64) -> PricingRequest {
    let line = |number: u64| {
        let chosen = |what: u64, end: usize| pick(seed, number * 8 + what, end);
        let mut price = format!("{:07}", chosen(1, 9_999_999));
        price.insert(7 - chosen(2, 5), '.');
        let sku = ["A", "B", "C", "BK-M68B-42"][chosen(3, 4)];
        let category = ["Bikes", "Accessories", "Clothing"][chosen(4, 3)];
        json!({
            "number": number,
            "sku": sku,
            "category": category,
            "quantity": chosen(5, 80) + 1,
            "base_price": price.trim_end_matches('.'),
            "attributes": [],
        })
    };
    let tier = ["gold", "silver", "bronze", "none"][pick(seed, 2, 4)];
    let region = ["west", "north"][pick(seed, 3, 2)];
    let order = json!({
        "currency": "CNY",
        "on": format!("2026-11-{:02}", pick(seed, 1, 30) + 1),
        "dealer": { "code": "D001", "tier": tier, "region": region, "attributes": [] },
        "terms": [],
        "history": [],
        "lines": (1..=lines).map(line).collect::<Vec<_>>(),
    });
    serde_json::from_value(order).expect("an order")
}
