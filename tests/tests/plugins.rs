//! Every reference plugin, as Wasm: it passes the upload, and on each JSON case beside it answers
//! what it answers natively.

use qudao_domain::contract::Kind;
use qudao_domain::incentive::{IncentiveAnswer, IncentiveHeader, StreamedFact};
use qudao_domain::kpi::KpiAnswer;
use qudao_domain::pricing::PricingAnswer;
use qudao_engine::{Digest, Engine, EngineConfig, Evaluated, Opened, Plugin};
use qudao_tests::plugin;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
        let verified = engine.verify(&component).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!((verified.descriptor.name.as_str(), verified.descriptor.kind), (name, kind));
        let report = verified.report;
        println!(
            "{name}: {} bytes, compiled in {} ms; describe {} fuel, {} µs; trial {} fuel, {} µs",
            component.len(),
            report.compile_ms,
            report.describe_fuel,
            report.describe_us,
            report.trial_fuel,
            report.trial_us,
        );
    }
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
                Kind::Pricing => check::<_, PricingAnswer>(&plugin, path, case, |settings, order| {
                    plugin
                        .price(&order, settings)
                        .unwrap_or_else(|failure| panic!("{}: {failure}", path.display()))
                }),
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
