//! What is refused at upload before anything is compiled, and what each refusal says.

use qudao_domain::contract::Kind;
use qudao_engine::{Engine, EngineConfig, Limits, Refusal};

fn engine() -> Engine {
    let limits = Limits { max_component_bytes: 64 * 1024, ..Limits::default() };
    Engine::new(EngineConfig::default().pool_size(1).limits(limits)).expect("an engine")
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("valid text")
}

fn refusal(component: &[u8]) -> Refusal {
    let engine = engine();
    let refusal = engine.inspect(component).expect_err("refused");
    assert_eq!(engine.verify(component).expect_err("refused too"), refusal);
    refusal
}

/// Has the right name and nothing in it: enough to be inspected, not to be run.
const SHELL: &str = r#"(component (instance $i) (export "qudao:pricing/pricing@0.2.0" (instance $i)))"#;

#[test]
fn a_text_file_is_no_plugin() {
    for text in ["", "hello", "(component)", "渠道", "\0as"] {
        let refused = refusal(text.as_bytes());
        assert_eq!(refused, Refusal::NotWasm, "{text}");
        assert!(refused.to_string().contains("upload the component"));
    }
}

#[test]
fn a_core_module_is_no_plugin() {
    let refused = refusal(&component("(module)"));
    assert_eq!((refused.code(), refused), ("core-module", Refusal::CoreModule));
}

#[test]
fn a_component_may_not_import_functions() {
    let refused = refusal(&component(
        r#"(component
            (import "wasi:clocks/wall-clock@0.2.0" (instance
                (export "now" (func (result u64)))
                (export "resolution" (func (result u64)))))
            (import "log" (func (param "text" string)))
            (instance $i)
            (export "qudao:pricing/pricing@0.2.0" (instance $i)))"#,
    ));
    let Refusal::ImportsFunction { names } = &refused else { panic!("{refused}") };
    let expected = ["wasi:clocks/wall-clock@0.2.0#now", "wasi:clocks/wall-clock@0.2.0#resolution", "log"];
    assert_eq!(names, &expected);
    assert!(refused.to_string().contains("`log`"), "{refused}");
}

#[test]
fn a_component_may_not_import_resources_modules_or_components() {
    for (import, name) in [
        (r#"(import "res" (instance (export "file" (type (sub resource)))))"#, "res#file"),
        (r#"(import "code" (core module))"#, "code"),
        (r#"(import "part" (component))"#, "part"),
    ] {
        let refused = refusal(&component(&format!("(component {import})")));
        assert_eq!(refused, Refusal::ImportsFunction { names: vec![name.to_owned()] }, "{import}");
    }
}

#[test]
fn an_interface_of_types_alone_is_harmless() {
    let component = component(
        r#"(component
            (import "qudao:types/types@0.1.0" (instance
                (type $decimal (record (field "mantissa" s64) (field "scale" u8)))
                (export "decimal" (type (eq $decimal)))))
            (instance $i)
            (export "qudao:kpi/kpi@0.1.0" (instance $i)))"#,
    );
    let inspected = engine().inspect(&component).unwrap();
    assert_eq!(inspected.kind, Kind::Kpi);
    assert_eq!(inspected.contract, "qudao:kpi@0.1.0");
    assert_eq!(inspected.exports, ["qudao:kpi/kpi@0.1.0"]);
    assert_eq!(inspected.size, component.len());
}

#[test]
fn what_lies_inside_a_component_is_its_own_business() {
    // The nested component imports a function, and gets it from within.
    let component = component(
        r#"(component
            (component $inner (import "f" (func)))
            (core module $m (func (export "f")))
            (core instance $m (instantiate $m))
            (func $f (canon lift (core func $m "f")))
            (instance (instantiate $inner (with "f" (func $f))))
            (instance $i)
            (export "qudao:pricing/pricing@0.2.0" (instance $i)))"#,
    );
    assert_eq!(engine().inspect(&component).unwrap().kind, Kind::Pricing);
}

#[test]
fn the_world_must_be_one_of_ours() {
    for (exports, words) in [
        ("", "exports nothing"),
        (r#"(export "wasi:cli/run@0.2.0" (instance $i))"#, "exports `wasi:cli/run@0.2.0`"),
        (r#"(export "qudao:pricing/pricing@9.0.0" (instance $i))"#, "does not speak"),
        (
            r#"(export "qudao:pricing/pricing@0.2.0" (instance $i)) (export "qudao:kpi/kpi@0.1.0" (instance $i))"#,
            "more than one contract (qudao:pricing@0.2.0 and qudao:kpi@0.1.0)",
        ),
    ] {
        let refused = refusal(&component(&format!("(component (instance $i) {exports})")));
        assert_eq!(refused.code(), "wrong-world");
        assert!(refused.to_string().contains(words), "{refused}");
        assert!(refused.to_string().contains("qudao:incentive@0.1.0"), "{refused}");
    }
}

#[test]
fn a_component_too_large_is_not_even_looked_at() {
    let refused = refusal(&vec![0; 64 * 1024 + 1]);
    assert_eq!(refused, Refusal::TooLarge { bytes: 65_537, limit: 65_536 });
}

#[test]
fn a_damaged_component_is_refused_wherever_it_is_cut() {
    // Without a section of names at the end, which may be missing.
    let whole = component(r#"(component (instance) (export "qudao:pricing/pricing@0.2.0" (instance 0)))"#);
    assert!(engine().inspect(&whole).is_ok());
    let engine = engine();
    for length in 8..whole.len() {
        let refused = engine.inspect(&whole[..length]).expect_err("cut short");
        assert!(matches!(refused.code(), "bad-structure" | "wrong-world"), "at {length}: {refused}");
    }
}

#[test]
fn an_empty_shell_lacks_the_functions() {
    let refused = engine().verify(&component(SHELL)).expect_err("refused");
    assert_eq!(refused.code(), "wrong-world");
    assert!(refused.to_string().contains("no function `price`"), "{refused}");
}

#[test]
fn functions_of_another_shape_are_refused_by_name() {
    let component = component(
        r#"(component
            (core module $m (func (export "f")))
            (core instance $m (instantiate $m))
            (func $f (canon lift (core func $m "f")))
            (instance $i (export "describe" (func $f)) (export "price" (func $f)))
            (export "qudao:pricing/pricing@0.2.0" (instance $i)))"#,
    );
    let refused = engine().verify(&component).expect_err("refused");
    assert_eq!(refused.code(), "wrong-world");
    assert!(refused.to_string().contains("function `describe`"), "{refused}");
}

#[test]
fn starting_up_is_under_the_same_limits() {
    let endless = component(
        r#"(component
            (core module $m (func $s (loop (br 0))) (start $s) (func (export "f")))
            (core instance $m (instantiate $m))
            (func $f (canon lift (core func $m "f")))
            (instance $i (export "describe" (func $f)) (export "price" (func $f)))
            (export "qudao:pricing/pricing@0.2.0" (instance $i)))"#,
    );
    let refused = engine().verify(&endless).expect_err("refused");
    let Refusal::DescribeFailed(failure) = &refused else { panic!("{refused}") };
    assert_eq!(failure.error, qudao_engine::RuleError::OutOfFuel, "{failure}");
}

#[test]
fn more_memory_than_a_slot_has_is_refused() {
    let greedy = component(
        r#"(component
            (core module $m (memory 3000) (func (export "f")))
            (core instance $m (instantiate $m))
            (func $f (canon lift (core func $m "f")))
            (instance $i (export "describe" (func $f)) (export "price" (func $f)))
            (export "qudao:pricing/pricing@0.2.0" (instance $i)))"#,
    );
    assert_eq!(engine().verify(&greedy).expect_err("refused").code(), "bad-structure");
}
