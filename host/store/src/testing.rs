//! A database of its own for each test, on both engines. Only with the feature `testing`.

use crate::{Database, Db};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::path::PathBuf;

/// An empty, migrated database that goes when this is dropped (SQLite) or when the test server stops (Postgres).
#[derive(Debug)]
pub struct TestDb {
    /// The open database, as the portal would see it: on Postgres as a role that the walls hold for.
    pub db: Db,
    /// What to open to see the same data from another process.
    pub database: Database,
    /// The URL of the role that owns the tables (Postgres).
    pub owner: Option<String>,
    folder: Option<PathBuf>,
}

impl TestDb {
    /// One for each engine at hand: SQLite always, Postgres where `QUDAO_TEST_PG` (a role that may create databases)
    /// and `QUDAO_TEST_PG_APP` (the role to connect as) name a server.
    ///
    /// # Panics
    /// When a database cannot be made.
    pub async fn both() -> Vec<Self> {
        let mut made = vec![Self::sqlite().await];
        match Self::postgres().await {
            Some(postgres) => made.push(postgres),
            None => note_skip("a Postgres half: QUDAO_TEST_PG is not set"),
        }
        made
    }

    /// On SQLite.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("qudao-test-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).expect("a folder for the test's database");
        let database = Database::Sqlite(folder.join("qudao.sqlite"));
        let db = Db::open(&database).await.expect("SQLite opens");
        db.migrate(None).await.expect("SQLite migrates");
        Self { db, database, owner: None, folder: Some(folder) }
    }

    /// On Postgres, where there is a server.
    ///
    /// # Panics
    /// When there is one and it fails.
    pub async fn postgres() -> Option<Self> {
        let owner: PgConnectOptions = std::env::var("QUDAO_TEST_PG").ok()?.parse().expect("QUDAO_TEST_PG is a URL");
        let app: PgConnectOptions = std::env::var("QUDAO_TEST_PG_APP").ok()?.parse().expect("QUDAO_TEST_PG_APP is a URL");
        let name = format!("qudao_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&owner).await.expect("the test server answers");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        connection.execute(sqlx::raw_sql(create)).await.expect("a database for the test");
        let url = |options: &PgConnectOptions| {
            format!(
                "postgres://{}@{}:{}/{name}",
                options.get_username(),
                options.get_host(),
                options.get_port()
            )
        };
        let (owner_url, app_url) = (url(&owner), url(&app));
        let migrating = Db::open(&Database::Postgres(owner_url.clone())).await.expect("Postgres opens");
        migrating.migrate(Some(app.get_username())).await.expect("Postgres migrates");
        migrating.close().await;
        let database = Database::Postgres(app_url);
        let db = Db::open(&database).await.expect("Postgres opens for the portal");
        Some(Self { db, database, owner: Some(owner_url), folder: None })
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // The files may still be open; on Unix they go all the same.
            std::fs::remove_dir_all(folder).unwrap_or_default();
        }
    }
}

/// Notes a test, or a half of one, that could not run: `cargo xtask test` counts the lines of `QUDAO_SKIPS`.
///
/// # Panics
/// When the file cannot be written.
pub fn note_skip(what: &str) {
    use std::io::Write;
    let Ok(path) = std::env::var("QUDAO_SKIPS") else { return };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    writeln!(file.expect("QUDAO_SKIPS can be written"), "{what}").expect("QUDAO_SKIPS can be written");
}
