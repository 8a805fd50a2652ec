//! The JSON cases, natively. `qudao plugin test` runs them again as Wasm, under the server's limits.

#[test]
fn cases() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
    qudao_sdk::testkit::deal::<starter_rust_deal::Starter>(folder);
}
