//! The upload path under random files: it takes them or refuses them by name, and whatever it takes can be asked.

use crate::guest::{Guest, KINDS, wrap};
use crate::{engine, quick_engine, seeds};
use arbitrary::Unstructured;
use fastrand::Rng;
use qudao_domain::contract::Kind;
use qudao_engine::{Engine, Refusal, try_out};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use wasm_mutate::WasmMutate;
use wasmparser::{Parser, Payload};

/// The real plugins that are damaged, with their kinds.
const PLUGINS: [(&str, Kind); 3] =
    [("volume-pricing", Kind::Pricing), ("tiered-rebate", Kind::Incentive), ("weighted-kpi", Kind::Kpi)];

static COMPONENTS: LazyLock<Vec<(Vec<u8>, Kind)>> =
    LazyLock::new(|| PLUGINS.iter().map(|(name, kind)| (plugin(name), *kind)).collect());

/// As `cargo xtask plugins` leaves it.
fn plugin(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let path = root.join(target).join("plugins").join(format!("{name}.wasm"));
    let read = std::fs::read(&path);
    read.unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask plugins` first", path.display()))
}

/// The first core module of a component, which is the plugin's own.
fn core_module(component: &[u8]) -> Vec<u8> {
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::ModuleSection { unchecked_range, .. } = payload.unwrap() {
            return component[unchecked_range].to_vec();
        }
    }
    panic!("a plugin without a core module");
}

/// Checks that a file is refused in words that can be shown, or taken and then answers or fails by name.
fn judge(engine: &Engine, component: &[u8]) -> Result<(), Refusal> {
    let verified = engine.verify(component);
    match &verified {
        Ok(verified) => {
            let again = try_out(&verified.plugin, &verified.descriptor.settings_default);
            let again = again.expect("the same question gets the same answer");
            assert_eq!(again.fuel, verified.report.trial_fuel, "the same fuel");
        }
        Err(refusal) => {
            assert_ne!(refusal.code(), "compiler-failed", "{refusal}");
            let said = refusal.to_string();
            assert!(said.len() < 5_000, "{} bytes of words", said.len());
        }
    }
    verified.map(drop)
}

fn pick(rng: &mut Rng) -> &'static (Vec<u8>, Kind) {
    rng.choice(COMPONENTS.iter()).expect("some plugins")
}

/// One to eight changes of a plugin's bytes, wherever they fall.
fn damaged(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = pick(rng).0.clone();
    for _ in 0..rng.usize(1..=8) {
        if bytes.is_empty() {
            break;
        }
        // Sections' heads and types lie at both ends; in between is code.
        let near = bytes.len().min(if rng.bool() { 4_096 } else { usize::MAX });
        let at = if rng.bool() { rng.usize(..near) } else { bytes.len() - 1 - rng.usize(..near) };
        match rng.u8(..6) {
            0 => bytes[at] ^= 1 << rng.u8(..8),
            1 => bytes[at] = rng.u8(..),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..bytes.len().min(at + rng.usize(1..64)))),
            4 => splice(rng, &mut bytes, at),
            _ => {
                // A length or an index as large as can be.
                let huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
                let end = bytes.len().min(at + huge.len());
                bytes.splice(at..end, huge);
            }
        }
    }
    bytes
}

/// A piece of another plugin in the place of this one's.
fn splice(rng: &mut Rng, bytes: &mut Vec<u8>, at: usize) {
    let other = &pick(rng).0;
    let length = rng.usize(1..=2_048).min(other.len());
    let from = rng.usize(..=other.len() - length);
    let end = bytes.len().min(at + rng.usize(..=2_048));
    bytes.splice(at..end, other[from..from + length].iter().copied());
}

/// What `wasm-smith` may use: all that there is, so that most of it has to be refused.
fn anything(rng: &mut Rng) -> wasm_smith::Config {
    let seeds: Vec<u8> = (0..512).map(|_| rng.u8(..)).collect();
    let mut config: wasm_smith::Config = Unstructured::new(&seeds).arbitrary().expect("a configuration");
    config.max_memory32_bytes = 1 << 20;
    config.max_instructions = 200;
    config
}

/// What the engine compiles, in the shape of a plugin.
fn plugin_like(kind: Kind) -> wasm_smith::Config {
    wasm_smith::Config {
        exports: Some(Guest::healthy(kind).module()),
        bulk_memory_enabled: true,
        custom_page_sizes_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        compact_imports_enabled: false,
        memory64_enabled: false,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        shared_everything_threads_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        allow_start_export: true,
        max_imports: 0,
        max_memory32_bytes: 1 << 20,
        max_table_elements: 1_000,
        max_instructions: 200,
        ..wasm_smith::Config::default()
    }
}

fn entropy(rng: &mut Rng, most: usize) -> Vec<u8> {
    let length = rng.usize(..most);
    (0..length).map(|_| rng.u8(..)).collect()
}

/// A random component, or a random module as it is.
fn smithed(rng: &mut Rng) -> Option<Vec<u8>> {
    let config = anything(rng);
    let bytes = entropy(rng, 8_192);
    let mut bytes = Unstructured::new(&bytes);
    if rng.bool() {
        Some(wasm_smith::Component::new(config, &mut bytes).ok()?.to_bytes())
    } else {
        Some(wasm_smith::Module::new(config, &mut bytes).ok()?.to_bytes())
    }
}

/// A random module with every function of a contract, as a component.
fn smithed_plugin(rng: &mut Rng) -> Option<Vec<u8>> {
    let kind = if rng.bool() { Kind::Pricing } else { Kind::Kpi };
    let bytes = entropy(rng, 8_192);
    let module = wasm_smith::Module::new(plugin_like(kind), &mut Unstructured::new(&bytes)).ok()?;
    wrap(module.to_bytes(), kind).ok()
}

/// A plugin's module changed so that it stays valid, as a component again.
fn mutated_plugin(rng: &mut Rng, module: &[u8], kind: Kind) -> Option<Vec<u8>> {
    let (seed, preserve) = (rng.u64(..), rng.bool());
    let mut mutate = WasmMutate::default();
    mutate.seed(seed).fuel(300).preserve_semantics(preserve);
    let mutated = mutate.run(module).ok()?.next()?.ok()?;
    wrap(mutated, kind).ok()
}

fn inspect_damaged(engine: &Engine, mut rng: Rng) {
    let _ = engine.inspect(&damaged(&mut rng));
}

fn inspect_smithed(engine: &Engine, mut rng: Rng) {
    if let Some(component) = smithed(&mut rng) {
        let refused = engine.inspect(&component).expect_err("no contract is met by chance");
        assert!(!refused.to_string().is_empty());
    }
}

fn verify_damaged(engine: &Engine, mut rng: Rng) {
    let _ = judge(engine, &damaged(&mut rng));
}

/// Whether the random code was run.
fn verify_smithed(engine: &Engine, mut rng: Rng) -> bool {
    let Some(component) = smithed_plugin(&mut rng) else { return false };
    let refused = judge(engine, &component).expect_err("a descriptor is not made by chance");
    refused.code() != "bad-structure"
}

/// Whether it was taken.
fn verify_mutated(engine: &Engine, mut rng: Rng) -> bool {
    // Small guests compile at once; a real plugin is only for a soak.
    let kind = KINDS[rng.usize(..KINDS.len())];
    let mutated = mutated_plugin(&mut rng, &Guest::healthy(kind).module(), kind);
    mutated.is_some_and(|component| judge(engine, &component).is_ok())
}

fn verify_mutated_plugin(engine: &Engine, mut rng: Rng) {
    let (component, kind) = pick(&mut rng);
    if let Some(component) = mutated_plugin(&mut rng, &core_module(component), *kind) {
        let _ = judge(engine, &component);
    }
}

#[test]
fn random_files_are_refused_or_taken() {
    let engine = quick_engine();
    seeds::few("random_files_are_refused_or_taken", 150, |rng| inspect_damaged(&engine, rng));
}

#[test]
fn random_components_and_modules_are_refused() {
    let engine = quick_engine();
    seeds::few("random_components_and_modules_are_refused", 150, |rng| inspect_smithed(&engine, rng));
}

#[test]
fn random_code_in_the_shape_of_a_plugin_is_refused_by_name() {
    let engine = quick_engine();
    let name = "random_code_in_the_shape_of_a_plugin_is_refused_by_name";
    seeds::few_of_both(name, 60, |rng| verify_smithed(&engine, rng));
}

#[test]
fn mutated_guests_are_refused_or_answer() {
    let engine = quick_engine();
    seeds::few_of_both("mutated_guests_are_refused_or_answer", 100, |rng| verify_mutated(&engine, rng));
}

#[test]
fn a_mutated_plugin_is_refused_or_answers() {
    let engine = engine();
    seeds::few("a_mutated_plugin_is_refused_or_answers", 1, |rng| verify_mutated_plugin(&engine, rng));
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn soak_random_files_through_every_check() {
    let engine = engine();
    seeds::many("soak_random_files_through_every_check", |rng| verify_damaged(&engine, rng));
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn soak_random_components_and_modules() {
    let engine = engine();
    seeds::many("soak_random_components_and_modules", |rng| inspect_smithed(&engine, rng));
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn soak_random_code_in_the_shape_of_a_plugin() {
    let engine = engine();
    seeds::many("soak_random_code_in_the_shape_of_a_plugin", |rng| _ = verify_smithed(&engine, rng));
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn soak_mutated_plugins() {
    let engine = engine();
    seeds::many("soak_mutated_plugins", |rng| {
        let _ = verify_mutated(&engine, rng.clone());
        verify_mutated_plugin(&engine, rng);
    });
}
