//! Loading plugins: the cache of compiled artifacts, and runs of each kind.

use qudao_domain::incentive::{
    FactKind, FactProduct, IncentiveAnswer, IncentiveHeader, Participant, StreamedFact,
};
use qudao_engine::{
    Compiler, Digest, Engine, EngineConfig, EngineError, IncentiveRun, Opened, Plugin, RuleError,
};
use qudao_tests::plugin;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An engine that can only use what is in the cache.
fn without_compiler(cache: &Path) -> Engine {
    let config = EngineConfig::default().pool_size(1).cache_dir(cache);
    Engine::new(config.compiler(Compiler::child("/no/such/program", &[]))).expect("an engine")
}

fn with_compiler(cache: &Path) -> Engine {
    Engine::new(EngineConfig::default().pool_size(1).cache_dir(cache)).expect("an engine")
}

fn load(engine: &Engine, component: &[u8]) -> Result<Arc<Plugin>, EngineError> {
    engine.load(&Digest::of(component), component)
}

fn files(cache: &Path) -> Vec<PathBuf> {
    fs::read_dir(cache).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn what_was_verified_is_not_compiled_again() {
    let cache = tempfile::tempdir().unwrap();
    let component = plugin("starter-rust");
    assert!(load(&without_compiler(cache.path()), &component).is_err());
    with_compiler(cache.path()).verify(&component).unwrap();
    let engine = without_compiler(cache.path());
    let digest = Digest::of(&component);
    assert!(engine.loaded(&digest).is_none());
    let loaded = load(&engine, &component).unwrap();
    assert_eq!((loaded.digest(), loaded.contract()), (digest, "qudao:pricing@0.2.0"));
    assert!(Arc::ptr_eq(&loaded, &engine.loaded(&digest).unwrap()));
    engine.unload(&digest);
    assert!(engine.loaded(&digest).is_none());
}

#[test]
fn a_damaged_artifact_is_made_again() {
    let cache = tempfile::tempdir().unwrap();
    let component = plugin("starter-rust");
    load(&with_compiler(cache.path()), &component).unwrap();
    let [path] = files(cache.path()).try_into().unwrap();
    let good = fs::read(&path).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for bad in [flipped, good[..good.len() / 2].to_vec(), Vec::new()] {
        fs::write(&path, bad).unwrap();
        assert!(load(&without_compiler(cache.path()), &component).is_err(), "never loaded as it is");
        load(&with_compiler(cache.path()), &component).unwrap();
        load(&without_compiler(cache.path()), &component).unwrap();
    }
}

#[test]
fn an_artifact_is_never_loaded_under_another_digest() {
    let cache = tempfile::tempdir().unwrap();
    let (one, two) = (plugin("starter-rust"), plugin("hostile"));
    load(&with_compiler(cache.path()), &one).unwrap();
    let [path] = files(cache.path()).try_into().unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let other = name.replace(&Digest::of(&one).to_string(), &Digest::of(&two).to_string());
    fs::copy(&path, cache.path().join(other)).unwrap();
    assert!(load(&without_compiler(cache.path()), &two).is_err());
    assert_eq!(load(&with_compiler(cache.path()), &two).unwrap().descriptor().name, "hostile");
}

#[test]
fn bytes_are_held_against_their_digest() {
    let engine = Engine::new(EngineConfig::default().pool_size(1)).unwrap();
    let wrong = engine.load(&Digest::of(b"something else"), &plugin("starter-rust")).unwrap_err();
    assert!(matches!(wrong, EngineError::NotThisDigest { .. }), "{wrong}");
}

#[test]
fn loading_at_the_same_moment_gives_the_same_plugin() {
    let engine = Engine::new(EngineConfig::default().pool_size(2)).unwrap();
    let component = plugin("starter-rust");
    let plugins: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| load(&engine, &component).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(plugins.iter().all(|plugin| Arc::ptr_eq(plugin, &plugins[0])));
}

fn header() -> IncentiveHeader {
    let text = |words: &str| words.to_owned();
    IncentiveHeader {
        program: text("P"),
        currency: "CNY".parse().expect("valid"),
        first: "2026-01-01".parse().expect("valid"),
        last: "2026-03-31".parse().expect("valid"),
        participants: vec![Participant {
            code: text("D1"),
            tier: text("gold"),
            region: text("east"),
            parent: None,
            attributes: Vec::new(),
        }],
        products: vec![FactProduct { sku: text("S1"), category: text("Bikes"), attributes: Vec::new() }],
        targets: Vec::new(),
        metrics: Vec::new(),
        budget_left: None,
    }
}

fn fact(seq: i64) -> StreamedFact {
    StreamedFact {
        seq,
        kind: FactKind::Shipped,
        participant: 0,
        product: 0,
        on: "2026-02-01".parse().expect("valid"),
        paid_on: None,
        quantity: 1,
        amount_minor: 10_000,
        reverses: None,
    }
}

fn open(plugin: &Arc<Plugin>) -> Box<IncentiveRun> {
    match plugin.open_incentive(&header(), &plugin.descriptor().settings_default).expect("it opens") {
        Opened::Run(run) => run,
        Opened::Refused(refused) => panic!("{refused:?}"),
    }
}

#[test]
fn a_run_takes_any_number_of_facts_in_the_same_memory() {
    let engine = Engine::new(EngineConfig::default().pool_size(1)).unwrap();
    let plugin = load(&engine, &plugin("tiered-rebate")).unwrap();
    let memory = [1_000, 200_000].map(|count: i64| {
        let mut run = open(&plugin);
        let facts: Vec<_> = (1..=count).map(fact).collect();
        facts.chunks(500).for_each(|chunk| run.add(chunk).unwrap());
        let ended = run.finish().unwrap();
        assert!(matches!(ended.answer, IncentiveAnswer::Settled(_)));
        ended.memory_bytes
    });
    assert_eq!(memory[0], memory[1]);
}

#[test]
fn chunks_change_nothing_of_the_answer() {
    let engine = Engine::new(EngineConfig::default().pool_size(1)).unwrap();
    let plugin = load(&engine, &plugin("tiered-rebate")).unwrap();
    let facts: Vec<_> = (1..=1_000).map(fact).collect();
    let [one, two] = [1_000, 7].map(|size| {
        let mut run = open(&plugin);
        facts.chunks(size).for_each(|chunk| run.add(chunk).unwrap());
        run.finish().unwrap().answer
    });
    assert_eq!(one, two);
}

#[test]
fn facts_must_name_what_the_header_lists() {
    let engine = Engine::new(EngineConfig::default().pool_size(1)).unwrap();
    let plugin = load(&engine, &plugin("tiered-rebate")).unwrap();
    for (wrong, words) in [
        (StreamedFact { participant: 1, ..fact(7) }, "fact 7: participant 1"),
        (StreamedFact { product: 9, ..fact(7) }, "fact 7: product 9"),
        (StreamedFact { seq: -1, ..fact(7) }, "negative"),
    ] {
        let failure = open(&plugin).add(&[wrong]).unwrap_err();
        assert_eq!(failure.error, RuleError::BadRequest);
        assert!(failure.detail.contains(words), "{failure}");
    }
}

#[test]
fn a_plugin_is_asked_only_for_its_kind() {
    let engine = Engine::new(EngineConfig::default().pool_size(1)).unwrap();
    let pricing = load(&engine, &plugin("starter-rust")).unwrap();
    let failure = pricing.open_incentive(&header(), "{}").unwrap_err();
    assert_eq!(failure.error, RuleError::BadRequest);
    assert!(failure.detail.contains("of kind pricing, not incentive"), "{failure}");
}

#[test]
fn an_engine_may_go_while_its_plugins_stay() {
    let engine = Engine::new(EngineConfig::default().pool_size(1)).unwrap();
    let plugin = load(&engine, &plugin("tiered-rebate")).unwrap();
    drop(engine);
    let mut run = open(&plugin);
    run.add(&[fact(1)]).unwrap();
    assert!(run.finish().is_ok());
}
