//! Every reference plugin, as Wasm: it passes the upload, and on each JSON case beside it answers
//! what it answers natively.

use qudao_domain::contract::Kind;
use qudao_domain::pricing::LineRequest;
use qudao_engine::cases::{Case, Question, Share, Verdict, read_cases};
use qudao_engine::{Digest, Engine, EngineConfig, Limits, Plugin, RuleError};
use qudao_tests::plugin;
use std::path::Path;
use std::sync::Arc;

/// Name, kind, and the fewest cases that show it.
const REFERENCE: [(&str, Kind, usize); 6] = [
    ("volume-pricing", Kind::Pricing, 6),
    ("tiered-rebate", Kind::Incentive, 6),
    ("weighted-kpi", Kind::Kpi, 6),
    ("starter-rust", Kind::Pricing, 2),
    ("starter-rust-incentive", Kind::Incentive, 2),
    ("starter-rust-kpi", Kind::Kpi, 2),
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

/// Runs each twice: the answer must be the expected one, and both bills the same.
#[test]
fn each_answers_its_cases_as_natively() {
    let engine = engine(Limits::default());
    for (name, _, fewest) in REFERENCE {
        let plugin = load(&engine, name);
        let cases = cases(name);
        assert!(cases.len() >= fewest, "{name} has {} cases", cases.len());
        for (stem, case) in &cases {
            let [first, again] = [(), ()].map(|()| case.run(&plugin));
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
        Question::Kpi(_) => panic!("a scorecard is never that large"),
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
