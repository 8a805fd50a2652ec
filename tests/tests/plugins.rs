//! Every reference plugin, as Wasm: it passes the upload, and on each JSON case beside it answers
//! what it answers natively. The twin in TypeScript answers what its twin in Rust answers, whatever is asked.

use qudao_domain::contract::Kind;
use qudao_domain::pricing::{LineRequest, PricingAnswer, PricingRequest};
use qudao_engine::cases::{Case, Question, Share, Verdict, read_cases};
use qudao_engine::{Digest, Engine, EngineConfig, Evaluated, Limits, Plugin, RuleError, Verified};
use qudao_tests::plugin;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// Name, kind, and the fewest cases that show it.
const REFERENCE: [(&str, Kind, usize); 8] = [
    ("volume-pricing", Kind::Pricing, 6),
    ("tiered-rebate", Kind::Incentive, 6),
    ("weighted-kpi", Kind::Kpi, 6),
    ("starter-rust", Kind::Pricing, 2),
    ("starter-rust-incentive", Kind::Incentive, 2),
    ("starter-rust-kpi", Kind::Kpi, 2),
    ("deal-registration", Kind::Deal, 8),
    ("starter-rust-deal", Kind::Deal, 2),
];

fn engine(limits: Limits) -> Engine {
    Engine::new(EngineConfig::default().pool_size(2).limits(limits)).expect("the engine starts")
}

/// Many engines that compile each plugin once between them.
fn engine_beside(cache: &Path, limits: Limits) -> Engine {
    let config = EngineConfig::default().pool_size(1).limits(limits);
    Engine::new(config.cache_dir(cache)).expect("the engine starts")
}

fn load(engine: &Engine, name: &str) -> Arc<Plugin> {
    let component = plugin(name);
    engine.load(&Digest::of(&component), &component).expect("the plugin loads")
}

fn cases(name: &str) -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins").join(name).join("cases");
    let cases = read_cases(&folder).expect("the plugin has cases");
    let stem = |path: &Path| path.file_stem().unwrap_or_default().display().to_string();
    cases.into_iter().map(|(path, case)| (stem(&path), case)).collect()
}

#[test]
fn each_passes_the_upload() {
    let engine = engine(Limits::default());
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
    let engine = engine(Limits::default());
    for (name, _, fewest) in REFERENCE {
        check(&load(&engine, name), &cases(name), fewest);
    }
}

/// Runs each case twice: the answer must be the expected one, and both bills the same.
fn check(plugin: &Arc<Plugin>, cases: &[(String, Case)], fewest: usize) {
    let name = &plugin.descriptor().name;
    assert!(cases.len() >= fewest, "{name} has {} cases", cases.len());
    for (stem, case) in cases {
        let [first, again] = [(), ()].map(|()| case.run(plugin));
        assert_eq!(first.verdict, Verdict::Same, "{name} {stem}: {}", case.about);
        assert_eq!(
            (first.fuel, first.memory, first.answer),
            (again.fuel, again.memory, again.answer),
            "{name} {stem}"
        );
        let used = |share: Option<Share>| share.map_or(0, |share| share.used);
        println!(
            "{name} {stem}: {} fuel, {} KiB, answer of {} bytes, {} µs",
            used(again.fuel),
            used(again.memory) >> 10,
            used(again.answer),
            again.elapsed_us
        );
    }
}

/// The question of a case, made so large that its answer is larger than what the plugin says of itself, which the same
/// limit bounds.
fn enlarged(plugin: &Plugin, case: &Case) -> Question {
    let mut question = Question::read(plugin.kind(), &case.input).expect("a question");
    match &mut question {
        Question::Pricing(order) => {
            let line = order.lines[0].clone();
            order.lines = (1..=500).map(|number| LineRequest { number, ..line.clone() }).collect();
        }
        Question::Incentive(run) => {
            let participant = run.header.participants[0].clone();
            run.header.participants.resize(500, participant);
        }
        Question::Kpi(_) | Question::Deal(_) => panic!("such an answer is never that large"),
    }
    question
}

/// A limit of just what an answer counts lets it pass, and one byte less stops it: what is shown is what is limited.
#[test]
fn the_size_of_an_answer_is_counted_as_it_is_limited() {
    let cache = tempfile::tempdir().expect("a folder");
    let free = engine_beside(cache.path(), Limits::default());
    for name in ["volume-pricing", "tiered-rebate"] {
        let plugin = load(&free, name);
        let question = enlarged(&plugin, &cases(name)[0].1);
        let settings = &plugin.descriptor().settings_default;
        let answered = question.ask(&plugin, settings).expect("an answer");
        let asked = |bytes: usize| {
            let limits = Limits { max_answer_bytes: bytes, ..Limits::default() };
            let tight = load(&engine_beside(cache.path(), limits), name);
            question.ask(&tight, settings).map(|again| again.answer).map_err(|failure| failure.error)
        };
        let bytes = usize::try_from(answered.answer_bytes).expect("a small answer");
        assert_eq!(asked(bytes), Ok(answered.answer), "{name}");
        assert_eq!(asked(bytes - 1), Err(RuleError::BadAnswer), "{name}");
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

/// The starter for prices is built, uploaded and tested in `author.rs`; these two are of the other kinds.
#[test]
fn starters_in_typescript_answer_the_cases_of_those_in_rust() {
    for kind in ["incentive", "kpi"] {
        let [rust, typescript] = ["rust", "ts"].map(|language| format!("starter-{language}-{kind}"));
        let read = |name: &str| -> Vec<_> {
            let written =
                |(stem, case): (String, Case)| json!([stem, case.settings, case.input, case.expected]);
            cases(name).into_iter().map(written).collect()
        };
        assert_eq!(read(&rust), read(&typescript), "{kind}");
        let twins = [&rust, &typescript].map(|name| upload(name));
        check(&twins[1], &cases(&typescript), 2);
        same_settings_and_words(&twins);
    }
}

#[test]
fn the_twins_answer_the_same_cases() {
    let cases = cases("volume-pricing");
    TWINS.iter().for_each(|twin| check(twin, &cases, 6));
}

fn price(plugin: &Plugin, order: &PricingRequest, settings: &str) -> Evaluated<PricingAnswer> {
    let asked = plugin.price(order, settings);
    asked.unwrap_or_else(|failure| {
        panic!("{}, {} lines: {failure}", plugin.descriptor().name, order.lines.len())
    })
}

#[test]
fn the_twins_answer_the_same_to_made_up_orders() {
    let [rust, typescript] = &*TWINS;
    let mut settings = vec![rust.descriptor().settings_default.clone()];
    settings
        .extend(cases("volume-pricing").into_iter().filter_map(|(_, case)| Some(case.settings?.to_string())));
    for seed in 0..120 {
        let (order, settings) = (made_up(seed, 1 + seed % 23), &settings[pick(seed, 0, settings.len())]);
        let answers = [rust, typescript].map(|twin| price(twin, &order, settings).answer);
        assert_eq!(answers[0], answers[1], "{order:?}\n{settings}");
    }
}

#[test]
fn the_twins_ask_for_the_same_settings_and_speak_the_same_words() {
    same_settings_and_words(&TWINS);
}

fn same_settings_and_words(twins: &[Arc<Plugin>; 2]) {
    let [rust, typescript] = twins.each_ref().map(|twin| twin.descriptor());
    let read = |json: &str| json.parse::<Value>().expect("a plugin that was taken has settings in JSON");
    assert_eq!(read(&rust.settings_default), read(&typescript.settings_default));
    assert_eq!(rust.messages, typescript.messages);
    let [rust, typescript] = [rust, typescript].map(|about| read(&about.settings_schema));
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
        assert!(fuel < limits.fuel(order.lines.len(), 0) / 2, "{fuel} fuel");
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

/// The list price before this one, for three lines of four: lower by its first digit, the same, or higher. It held until a day of October, so that a notice of thirty days runs for some and is over for others.
fn former(chosen: &impl Fn(u64, usize) -> usize, price: &str) -> Value {
    let former = match chosen(6, 4) {
        0 => return Value::Null,
        1 => format!("0{}", price.replacen(|digit: char| digit.is_ascii_digit(), "", 1)),
        2 => price.to_owned(),
        _ => format!("9{price}"),
    };
    json!({ "price": former, "until": format!("2026-10-{:02}", chosen(7, 31) + 1) })
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
            "former_price": former(&chosen, price.trim_end_matches('.')),
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
