//! The JSON cases, natively.

#[test]
fn cases() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
    assert!(qudao_sdk::testkit::deal::<deal_registration::DealRegistration>(folder) >= 8);
}
