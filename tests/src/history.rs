//! A company with a past, brought in from small CSV texts, and its rules.

#![expect(clippy::unwrap_used, reason = "what cannot be made ends the test")]

use crate::desk::Desk;
use crate::plugin;
use qudao_app::imports::{ImportKind, ImportOptions};
use qudao_app::{Activation, App, Context, LEASE_MS, NewSettings};
use qudao_domain::ids::CompanyId;
use qudao_store::ledger;
use std::io::Cursor;

/// Brings a CSV text in; every row must be right.
///
/// # Panics
/// When one is not.
pub async fn import(app: &App, ctx: &Context, kind: ImportKind, csv: &str) {
    let mut file = Cursor::new(csv.as_bytes());
    let report = app.import(ctx, kind, &mut file, &ImportOptions::default(), &mut |_| {}).await.unwrap();
    assert!(report.accepted, "{report:?}");
}

/// Uploads a plugin and gives its digest.
///
/// # Panics
/// When it is refused.
pub async fn upload(desk: &Desk, name: &str) -> String {
    desk.app.upload_plugin(&desk.ops, plugin(name)).await.unwrap().digest
}

/// Saves settings and makes them hold from now on, for a program or (KPI) for the company.
///
/// # Panics
/// When that is refused.
pub async fn set_rule(desk: &Desk, digest: &str, program: Option<&str>, settings: &serde_json::Value) {
    let latest = desk.app.settings(&desk.pricing, digest, None).await.unwrap().latest;
    let new = NewSettings { json: settings.to_string(), note: String::new(), based_on: latest };
    let revision = desk.app.save_settings(&desk.pricing, digest, &new).await.unwrap();
    let activation = Activation {
        revision: Some(revision.number),
        program: program.map(str::to_owned),
        reason: "test".into(),
        ..Activation::of(digest)
    };
    desk.app.activate(&desk.ops, &activation).await.unwrap();
    desk.wait_ms(LEASE_MS + 1);
}

/// Makes sure that the ledger balances and that every kept balance is the sum of its postings.
///
/// # Panics
/// When it does not.
pub async fn ledger_is_sound(app: &App, company: CompanyId) {
    let mut tx = app.db().read(company).await.unwrap();
    assert_eq!(ledger::unbalanced(&mut tx, company).await.unwrap(), []);
    assert_eq!(ledger::drifted(&mut tx, company).await.unwrap(), []);
}
