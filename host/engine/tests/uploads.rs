//! What is said of an upload before anything is compiled. What is refused, and how, is in `corpus`.

use qudao_domain::contract::Kind;
use qudao_engine::{Engine, EngineConfig, Limits, Refusal};

fn engine() -> Engine {
    let limits = Limits { max_component_bytes: 64 * 1024, ..Limits::default() };
    Engine::new(EngineConfig::default().pool_size(1).limits(limits)).expect("an engine")
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("valid text")
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
fn a_component_too_large_is_not_even_looked_at() {
    let refused = engine().verify(&vec![0; 64 * 1024 + 1]).expect_err("refused");
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
fn vectors_are_not_refused() {
    let component = component(
        r#"(component
            (core module (func (param v128) (result v128) (i32x4.add (local.get 0) (local.get 0))))
            (instance $i)
            (export "qudao:pricing/pricing@0.1.0" (instance $i)))"#,
    );
    assert_eq!(engine().inspect(&component).unwrap().kind, Kind::Pricing);
    let refused = engine().verify(&component).expect_err("a shell").to_string();
    assert!(refused.contains("no function `price`"), "compiled all the same: {refused}");
}
