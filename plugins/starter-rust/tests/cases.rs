//! The JSON cases, natively. `cargo xtask test` runs them again as Wasm.

#[test]
fn cases() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
    assert_eq!(qudao_sdk::testkit::pricing::<starter_rust::Starter>(folder), 2);
}
