//! Malformed and hostile components, each with the refusal it earns, and fuzzing of what an uploader and a plugin may
//! hand to the engine. `README.md` beside this file says how to add a case and how to replay a seed.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

mod abi;
mod answers;
mod bytes;
mod guest;
mod guests;
mod seeds;
mod uploads;

use guest::Guest;
use qudao_engine::{Compiler, Engine, EngineConfig, Limits};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A component and the refusal that it earns.
struct Case {
    name: String,
    component: Vec<u8>,
    /// The refusal's stable word.
    code: &'static str,
    /// Parts of what it says.
    says: Vec<String>,
}

impl Case {
    fn new(name: &str, component: Vec<u8>, code: &'static str, says: &str) -> Self {
        Self { name: name.to_owned(), component, code, says: vec![says.to_owned()] }
    }
}

/// The longest that one case may take, on a slow machine.
const CASE_TIME: Duration = Duration::from_secs(30);
/// The memory that all cases together may leave this process with, in KiB.
const MEMORY_KIB: u64 = 512 * 1024;
const MAX_COMPONENT_BYTES: usize = 1 << 20;

/// Limits of a few seconds and a few megabytes, so that reaching them takes no longer than it must.
fn limits() -> Limits {
    Limits {
        fuel_base: 50_000_000,
        deadline_ms: 3_000,
        memory_bytes: 16 << 20,
        max_component_bytes: MAX_COMPONENT_BYTES,
        max_artifact_bytes: 2 << 20,
        max_answer_bytes: 1 << 20,
        ..Limits::default()
    }
}

/// An engine that compiles where the portal's does: in a child under limits.
fn engine() -> Engine {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_qudao-compile"));
    let compiler = Compiler::Child { program, args: Vec::new(), memory_bytes: 256 << 20, time_ms: 15_000 };
    Engine::new(EngineConfig::default().pool_size(1).limits(limits()).compiler(compiler)).unwrap()
}

/// An engine without a child, for components that are small and known to be quick to compile.
fn quick_engine() -> Engine {
    Engine::new(EngineConfig::default().pool_size(1).limits(limits())).unwrap()
}

/// The most memory that this process has used so far, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()).map_or(0, |kib| kib.parse().unwrap())
}

/// Every code that a case may name.
const CODES: &[&str] = &[
    "not-wasm",
    "core-module",
    "too-large",
    "imports-function",
    "wrong-world",
    "bad-structure",
    "compile-too-slow",
    "compile-too-big",
    "describe-failed",
    "bad-descriptor",
    "bad-schema",
    "bad-defaults",
    "trial-failed",
];

/// The components written in text; the expected refusal is in each file's first lines.
fn written() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/wat");
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Case {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(file).unwrap();
    let said = |what: &'static str| text.lines().filter_map(move |line| line.strip_prefix(what));
    let code = said(";; refused: ").next().unwrap_or_else(|| panic!("{name} does not say what it expects"));
    let code = CODES.iter().find(|known| **known == code).unwrap_or_else(|| panic!("{name}: no code {code}"));
    let says = said(";; says: ").map(str::to_owned).collect();
    let component = wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    Case { name, component, code, says }
}

/// What is wrong with how a case was refused; nothing, if all is as it should be.
fn wrong(engine: &Engine, case: &Case) -> Option<String> {
    let began = Instant::now();
    let verified = panic::catch_unwind(AssertUnwindSafe(|| engine.verify(&case.component)));
    let took = began.elapsed();
    let refusal = match verified {
        Err(_) => return Some("the engine panics".into()),
        Ok(Ok(verified)) => return Some(format!("it is taken: {:?}", verified.plugin)),
        Ok(Err(refusal)) => refusal,
    };
    let said = refusal.to_string();
    if took > CASE_TIME {
        return Some(format!("it took {took:?}"));
    }
    if refusal.code() != case.code {
        return Some(format!("expected {}, found {}: {said}", case.code, refusal.code()));
    }
    if said.len() > 4_000 || said.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Some(format!("its {} bytes of words are not fit to be shown: {said:.300?}", said.len()));
    }
    // Whoever only looks says the same as whoever goes on.
    if engine.inspect(&case.component).is_err_and(|looked| looked != refusal) {
        return Some(format!("looking alone refuses it for another reason than {said}"));
    }
    let missing = case.says.iter().find(|words| !said.contains(words.as_str()));
    missing.map(|words| format!("`{words}` is not in: {said}"))
}

#[test]
fn every_case_is_refused_as_it_should_be() {
    let engine = engine();
    let mut cases = written();
    cases.extend(bytes::cases());
    cases.extend(guests::cases());
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let before = peak_kib();
    let mut failed = Vec::new();
    for case in &cases {
        if let Some(what) = wrong(&engine, case) {
            failed.push(format!("{}: {what}", case.name));
        }
    }
    let grown = peak_kib() - before;
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), cases.len(), failed.join("\n"));
    assert!(grown < MEMORY_KIB, "{grown} KiB more than before");
    // The one place in the pool serves the next plugin as if nothing had been.
    healthy_guests_are_taken_by(&engine);
    println!("{} cases, {grown} KiB", cases.len());
}

fn healthy_guests_are_taken_by(engine: &Engine) {
    for kind in guest::KINDS {
        let verified = engine.verify(&Guest::healthy(kind).component());
        let verified = verified.unwrap_or_else(|refusal| panic!("{kind}: {refusal}"));
        assert_eq!(verified.inspected.kind, kind);
    }
}

#[test]
fn what_the_guests_spoil_was_sound_before() {
    healthy_guests_are_taken_by(&quick_engine());
}
