//! A database of its own for each test, on both engines. Only with the feature `testing`.

use crate::{Database, Db, Tx};
use qudao_domain::ids::CompanyId;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};
use std::collections::BTreeMap;
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
        let owner: PgConnectOptions =
            std::env::var("QUDAO_TEST_PG").ok()?.parse().expect("QUDAO_TEST_PG is a URL");
        let app: PgConnectOptions =
            std::env::var("QUDAO_TEST_PG_APP").ok()?.parse().expect("QUDAO_TEST_PG_APP is a URL");
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

impl TestDb {
    /// Every row that belongs to a company, table by table: how many there are and what they say. Two that are equal
    /// mean that nothing of the company changed.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn fingerprint(&self, company: CompanyId) -> BTreeMap<String, String> {
        match &mut self.db.read(company).await.expect("a transaction") {
            Tx::Sqlite(tx) => fingerprint_sqlite(tx, company).await,
            Tx::Postgres(tx) => fingerprint_postgres(tx, company).await,
        }
        .expect("every table can be read")
    }
}

async fn fingerprint_sqlite(
    tx: &mut SqliteConnection,
    company: CompanyId,
) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, group_concat('quote(\"' || c.name || '\")', '||'',''||')
         FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
         GROUP BY m.name HAVING SUM(c.name = 'company_id') = 1",
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut prints = BTreeMap::new();
    for (table, row) in tables {
        let rows = format!("SELECT {row} AS r FROM \"{table}\" WHERE company_id = $1 ORDER BY 1");
        let rows: Vec<(String,)> =
            sqlx::query_as(AssertSqlSafe(rows)).bind(company).fetch_all(&mut *tx).await?;
        prints.insert(table, rows.into_iter().map(|(row,)| row).collect::<Vec<_>>().join("\n"));
    }
    Ok(prints)
}

async fn fingerprint_postgres(
    tx: &mut PgConnection,
    company: CompanyId,
) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT CAST(table_name AS text) FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'company_id' ORDER BY 1",
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut prints = BTreeMap::new();
    for (table,) in tables {
        let rows = format!(
            "SELECT COALESCE(string_agg(CAST(t AS text), '\n' ORDER BY CAST(t AS text)), '')
             FROM \"{table}\" t WHERE company_id = $1"
        );
        let (rows,): (String,) =
            sqlx::query_as(AssertSqlSafe(rows)).bind(company).fetch_one(&mut *tx).await?;
        prints.insert(table, rows);
    }
    Ok(prints)
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
