//! The compiler in a process of its own: it works, and each limit has its name.
#![cfg(unix)]

use qudao_engine::{Compiler, Engine, EngineConfig, Limits, Refusal};
use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn child(memory_bytes: u64, time_ms: u64) -> Compiler {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_qudao-compile"));
    Compiler::Child { program, args: Vec::new(), memory_bytes, time_ms }
}

fn shell(script: &str, time_ms: u64) -> Compiler {
    let args = vec!["-c".to_owned(), script.to_owned()];
    Compiler::Child { program: "/bin/sh".into(), args, memory_bytes: 1 << 30, time_ms }
}

/// A plugin's shell around a core module: it compiles, and then lacks its functions.
fn component(module: &str) -> Vec<u8> {
    let text = format!(
        r#"(component (core module {module}) (instance $i) (export "qudao:pricing/pricing@0.2.0" (instance $i)))"#
    );
    wat::parse_str(text).expect("valid text")
}

fn verify(compiler: Compiler, component: &[u8]) -> Refusal {
    let limits = Limits { max_artifact_bytes: 4 << 20, ..Limits::default() };
    let config = EngineConfig::default().pool_size(1).compiler(compiler).limits(limits);
    Engine::new(config)
        .expect("an engine")
        .verify(component)
        .expect_err("no component here is a whole plugin")
}

/// Functions so large that no compiler is done with them soon.
fn slow_module() -> String {
    let mut body = String::new();
    for step in 0..30_000 {
        let _ =
            write!(body, "(local.set 0 (i64.add (i64.mul (local.get 0) (local.get 1)) (i64.const {step})))");
        let _ =
            write!(body, "(if (i64.eq (local.get 0) (i64.const {step})) (then (local.set 1 (local.get 0))))");
    }
    let function = format!("(func (param i64 i64) {body})");
    function.repeat(4)
}

#[test]
fn what_the_child_compiles_runs_here() {
    let refused = verify(child(1 << 30, 60_000), &component(""));
    assert!(refused.to_string().contains("no function `price`"), "compiled, loaded, then: {refused}");
}

#[test]
fn a_compilation_that_takes_too_long_is_ended() {
    let began = Instant::now();
    let refused = verify(child(1 << 30, 150), &component(&slow_module()));
    assert_eq!(refused, Refusal::CompileTooSlow { time_ms: 150 });
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn a_compilation_that_needs_too_much_memory_is_ended() {
    let limit = 24 << 20;
    let refused = verify(child(limit, 60_000), &component(&slow_module()));
    assert_eq!(refused, Refusal::CompileTooBig { what: "memory".into(), limit });
}

#[test]
fn a_child_that_hangs_without_reading_is_ended() {
    let refused = verify(shell("exec sleep 60", 200), &component(""));
    assert_eq!(refused, Refusal::CompileTooSlow { time_ms: 200 });
}

#[test]
fn a_child_that_closes_its_pipes_and_hangs_is_ended() {
    let refused = verify(shell("exec sleep 60 >/dev/null 2>&1 </dev/null", 300), &component(""));
    assert_eq!(refused, Refusal::CompileTooSlow { time_ms: 300 });
}

#[test]
fn an_endless_artifact_is_cut_off() {
    let refused = verify(shell("exec yes", 20_000), &component(""));
    assert_eq!(refused, Refusal::CompileTooBig { what: "artifact".into(), limit: 4 << 20 });
}

#[test]
fn a_child_that_fails_is_not_the_plugins_fault() {
    for compiler in [
        shell("echo broken >&2; exit 3", 20_000),
        Compiler::child("/no/such/program", &[]),
        shell("kill -9 $$", 20_000),
    ] {
        assert_eq!(verify(compiler, &component("")).code(), "compiler-failed");
    }
    let refused = verify(shell("echo broken >&2; exit 3", 20_000), &component(""));
    assert!(refused.to_string().contains("broken"), "{refused}");
}

#[test]
fn what_is_no_artifact_is_not_loaded() {
    assert_eq!(verify(shell("cat", 20_000), &component("")).code(), "bad-structure");
}

#[test]
fn the_child_gets_no_secrets() {
    // `HOME` and the like are set here; the child sees its two limits and what the shell itself makes.
    let refused =
        verify(shell("env | cut -d= -f1 | sort | tr '\\n' ' ' >&2; exit 3", 20_000), &component(""));
    let said = refused.to_string();
    assert!(said.contains("QUDAO_COMPILE_CPU_SECONDS QUDAO_COMPILE_MEMORY_BYTES"), "{said}");
    for secret in ["HOME", "PATH=", "DATABASE", "CARGO"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}
