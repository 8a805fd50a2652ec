//! The second wall on Postgres: row-level security, forced, for a role that is neither owner nor superuser.

use qudao_domain::contract::Descriptor;
use qudao_domain::ids::{CompanyId, UserId};
use qudao_domain::permissions::Role;
use qudao_domain::time::Instant;
use qudao_store::companies::{self, Company};
use qudao_store::plugins::{self, NewPlugin};
use qudao_store::signatures::{self, NewSignature};
use qudao_store::signing_keys::{self, NewSigningKey};
use qudao_store::testing::{TestDb, note_skip};
use qudao_store::users::{self, User};
use qudao_store::{Tx, audit};
use sqlx::{Connection, PgConnection, Row};

fn company(code: &str) -> Company {
    let now = Instant::from_micros(1_795_507_200_000_000);
    Company {
        id: CompanyId::at(now),
        code: code.to_owned(),
        name: code.to_owned(),
        currency: "CNY".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        created_at: now,
    }
}

#[tokio::test]
async fn a_transaction_sees_and_writes_only_its_company() {
    let Some(test) = TestDb::postgres().await else {
        return note_skip("row-level security: QUDAO_TEST_PG is not set");
    };
    let (one, two) = (company("one"), company("two"));
    for company in [&one, &two] {
        let mut tx = test.db.write(company.id).await.unwrap();
        companies::insert(&mut tx, company).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = test.db.read(one.id).await.unwrap();
    assert!(companies::revisions(&mut tx, one.id).await.is_ok());
    assert!(companies::revisions(&mut tx, two.id).await.is_err(), "the other company's row is seen");
    drop(tx);
    let mut tx = test.db.write(one.id).await.unwrap();
    assert!(
        companies::take(&mut tx, two.id, "facts", 1).await.is_err(),
        "a row is written into the other company"
    );
    drop(tx);
    let qudao_store::Database::Postgres(url) = &test.database else { panic!("Postgres has a URL") };
    let mut connection = PgConnection::connect(url).await.unwrap();
    let role =
        sqlx::query("SELECT rolsuper OR rolbypassrls AS above FROM pg_roles WHERE rolname = current_user");
    assert!(
        !role.fetch_one(&mut connection).await.unwrap().get::<bool, _>("above"),
        "the role stands above the wall"
    );
    // Without a company nothing is seen at all.
    let seen = sqlx::query("SELECT company_id FROM revisions").fetch_all(&mut connection).await.unwrap();
    assert!(seen.is_empty());
    let walls = "SELECT CAST(c.relname AS text) AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'r' AND a.attname = 'company_id' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
        ORDER BY 1";
    let open: Vec<String> = sqlx::query(walls)
        .fetch_all(&mut connection)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("name"))
        .collect();
    assert_eq!(open, ["api_tokens", "sessions"], "only infrastructure stands outside the wall");
}

/// A triggered refusal on both engines: the audit's row cannot be changed or deleted.
#[tokio::test]
async fn what_was_recorded_is_never_changed() {
    for test in TestDb::both().await {
        let one = company("one");
        let mut tx = test.db.write(one.id).await.unwrap();
        companies::insert(&mut tx, &one).await.unwrap();
        let user = user(one.created_at);
        users::insert(&mut tx, one.id, &user).await.unwrap();
        audit::record(&mut tx, one.id, one.created_at, user.id, "test", "x", &serde_json::json!({}))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for change in ["UPDATE audit SET action = 'other'", "DELETE FROM audit"] {
            let mut tx = test.db.write(one.id).await.unwrap();
            let refused = match &mut tx {
                Tx::Sqlite(tx) => sqlx::query(change).execute(&mut **tx).await.map(|_| ()),
                Tx::Postgres(tx) => sqlx::query(change).execute(&mut **tx).await.map(|_| ()),
            };
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{}: {refused}", test.db.name());
        }
    }
}

/// A key that was trusted stays to be seen, and so does what it signed.
#[tokio::test]
async fn keys_are_revoked_once_and_never_deleted() {
    for test in TestDb::both().await {
        let one = company("one");
        let mut tx = test.db.write(one.id).await.unwrap();
        companies::insert(&mut tx, &one).await.unwrap();
        let user = user(one.created_at);
        let (by, at) = (user.id, one.created_at);
        users::insert(&mut tx, one.id, &user).await.unwrap();
        let key = NewSigningKey { fingerprint: "f", name: "Team", public_key: &[7; 32], by, at };
        assert!(signing_keys::insert(&mut tx, one.id, &key).await.unwrap());
        assert!(!signing_keys::insert(&mut tx, one.id, &key).await.unwrap());
        plugins::insert(&mut tx, one.id, &a_plugin(&serde_json::from_str(DESCRIPTOR).unwrap(), by, at))
            .await
            .unwrap();
        let signature = NewSignature { fingerprint: "f", signature: &[7; 64], by, at };
        assert!(signatures::insert(&mut tx, one.id, "d", &signature).await.unwrap());
        assert!(!signatures::insert(&mut tx, one.id, "d", &signature).await.unwrap());
        assert!(signing_keys::revoke(&mut tx, one.id, "f", by, at, "lost").await.unwrap());
        assert!(!signing_keys::revoke(&mut tx, one.id, "f", by, at, "again").await.unwrap());
        tx.commit().await.unwrap();
        for change in [
            "DELETE FROM plugin_signatures",
            "UPDATE plugin_signatures SET signature = signature",
            "DELETE FROM signing_keys",
            "UPDATE signing_keys SET revoked_at = NULL",
        ] {
            let mut tx = test.db.write(one.id).await.unwrap();
            let refused = match &mut tx {
                Tx::Sqlite(tx) => sqlx::query(change).execute(&mut **tx).await.map(|_| ()),
                Tx::Postgres(tx) => sqlx::query(change).execute(&mut **tx).await.map(|_| ()),
            };
            let refused = refused.unwrap_err().to_string();
            let why = if change.contains("keys") { "revoked" } else { "append-only" };
            assert!(refused.contains(why), "{} {change}: {refused}", test.db.name());
        }
    }
}

const DESCRIPTOR: &str = r#"{ "kind": "pricing", "name": "p", "version": "1.0.0", "title": { "zh-CN": "p", "en": "p" },
    "summary": { "zh-CN": "p", "en": "p" }, "settings_schema": "{}", "settings_default": "{}", "messages": [],
    "attributes": [], "metrics": [] }"#;

fn a_plugin(descriptor: &Descriptor, by: UserId, at: Instant) -> NewPlugin<'_> {
    let contract = "qudao:pricing@0.1.0";
    let report = &serde_json::Value::Null;
    NewPlugin { digest: "d", contract, descriptor, report, component: b"c", uploaded_by: by, uploaded_at: at }
}

fn user(now: Instant) -> User {
    User {
        id: UserId::at(now),
        email: "ops@one.example".to_owned(),
        name: "ops".to_owned(),
        role: Role::Ops,
        dealer_id: None,
        password_hash: String::new(),
        language: None,
        created_at: now,
        disabled_at: None,
    }
}
