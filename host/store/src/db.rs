//! Opening either database, and transactions that belong to one company.

use crate::error::{Result, StoreError};
use qudao_domain::ids::CompanyId;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Connection, Postgres, Sqlite, Transaction};
use std::path::{Path, PathBuf};
use std::time::Duration;

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/postgres");

/// How long a request waits for a connection or a lock before it is told that the database is busy.
const WAIT: Duration = Duration::from_secs(10);

/// How long a connection may lie idle before it is tried out.
const LIKELY_ALIVE: Duration = Duration::from_secs(1);

/// Which database to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A file, made when it is not there.
    Sqlite(PathBuf),
    /// A server, as `postgres://…`.
    Postgres(String),
}

impl Database {
    /// From a URL (`postgres://…`, `sqlite:FILE`) or else the path of a SQLite file.
    #[must_use]
    pub fn from_url(url: &str) -> Self {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::Postgres(url.to_owned())
        } else {
            Self::Sqlite(PathBuf::from(url.strip_prefix("sqlite:").unwrap_or(url)))
        }
    }
}

/// An open database. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Db(Pools);

#[derive(Debug, Clone)]
enum Pools {
    /// SQLite has one writer: its own pool of one puts writers in a queue that cannot starve readers.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

/// A connection is tried before it is used only where it lay idle: each try is a round trip, and under load every
/// connection has just been used.
fn postgres_pool() -> PgPoolOptions {
    let pool = PgPoolOptions::new().max_connections(32).acquire_timeout(WAIT).test_before_acquire(false);
    pool.before_acquire(|connection, meta| {
        Box::pin(async move {
            if meta.idle_for >= LIKELY_ALIVE {
                connection.ping().await?;
            }
            Ok(true)
        })
    })
}

/// A transaction on either database. Dropped without [`Tx::commit`], it leaves nothing behind.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On Postgres.
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Opens a database as it is; see [`Db::migrate`].
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn open(database: &Database) -> Result<Self> {
        match database {
            Database::Sqlite(path) => Self::open_sqlite(path).await,
            Database::Postgres(url) => {
                let options: PgConnectOptions = url.parse()?;
                Ok(Self(Pools::Postgres(postgres_pool().connect_with(options).await?)))
            }
        }
    }

    async fn open_sqlite(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            .statement_cache_capacity(500)
            .pragma("cache_size", "-65536")
            .pragma("temp_store", "MEMORY");
        let write = SqlitePoolOptions::new().max_connections(1).acquire_timeout(WAIT);
        let write = write.connect_with(options.clone()).await?;
        let read = SqlitePoolOptions::new().max_connections(8).acquire_timeout(WAIT);
        let read = read.connect_with(options.read_only(true)).await?;
        Ok(Self(Pools::Sqlite { write, read }))
    }

    /// Brings the schema up to date. On Postgres `app_role` is allowed to use the tables: the server should
    /// connect as a role that does not own them, so that row-level security holds for it.
    ///
    /// # Errors
    /// When a migration fails; what it began is undone.
    pub async fn migrate(&self, app_role: Option<&str>) -> Result<()> {
        let failed = |error: sqlx::migrate::MigrateError| StoreError::Corrupt(error.to_string());
        match &self.0 {
            Pools::Sqlite { write, .. } => SQLITE.run(write).await.map_err(failed),
            Pools::Postgres(pool) => {
                POSTGRES.run(pool).await.map_err(failed)?;
                let Some(role) = app_role else { return Ok(()) };
                let role = role.replace('"', "\"\"");
                let grant = format!(
                    "GRANT USAGE ON SCHEMA public TO \"{role}\"; \
                     GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \"{role}\""
                );
                sqlx::raw_sql(AssertSqlSafe(grant)).execute(pool).await?;
                Ok(())
            }
        }
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.0 {
            Pools::Sqlite { .. } => "sqlite",
            Pools::Postgres(_) => "postgres",
        }
    }

    /// A consistent view of one company's rows.
    ///
    /// # Errors
    /// When the database is busy or away.
    pub async fn read(&self, company: CompanyId) -> Result<Tx> {
        match &self.0 {
            Pools::Sqlite { read, .. } => Ok(Tx::Sqlite(read.begin().await?)),
            Pools::Postgres(pool) => {
                // One round trip begins the transaction and sets the wall between companies.
                let begin = format!(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT set_config('qudao.company', '{company}', true)"
                );
                Ok(Tx::Postgres(pool.begin_with(AssertSqlSafe(begin)).await?))
            }
        }
    }

    /// A transaction that changes one company's rows.
    ///
    /// # Errors
    /// When the database is busy or away.
    pub async fn write(&self, company: CompanyId) -> Result<Tx> {
        self.begin_write(company, "").await
    }

    /// The same, beside others of its kind and never beside one of [`Db::write_alone`].
    ///
    /// Postgres hands these locks out in the order in which they were asked for, so that neither kind starves; a row
    /// lock would be shared on and on while the one who wants to change the row waits.
    ///
    /// # Errors
    /// When the database is busy or away.
    pub(crate) async fn write_beside(&self, company: CompanyId) -> Result<Tx> {
        let lock = format!("; SELECT pg_advisory_xact_lock_shared(hashtextextended('{company}', 0))");
        self.begin_write(company, &lock).await
    }

    /// The same, alone among these and those of [`Db::write_beside`]. It waits for those that began before.
    ///
    /// # Errors
    /// When the database is busy or away.
    pub(crate) async fn write_alone(&self, company: CompanyId) -> Result<Tx> {
        let lock = format!("; SELECT pg_advisory_xact_lock(hashtextextended('{company}', 0))");
        self.begin_write(company, &lock).await
    }

    /// SQLite has one writer at a time anyway.
    async fn begin_write(&self, company: CompanyId, lock: &str) -> Result<Tx> {
        match &self.0 {
            Pools::Sqlite { write, .. } => Ok(Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?)),
            Pools::Postgres(pool) => {
                let begin = format!("BEGIN; SELECT set_config('qudao.company', '{company}', true){lock}");
                Ok(Tx::Postgres(pool.begin_with(AssertSqlSafe(begin)).await?))
            }
        }
    }

    /// A transaction on the infrastructure tables, before a company is known (log-in, tokens, companies).
    ///
    /// # Errors
    /// When the database is busy or away.
    pub async fn infrastructure(&self) -> Result<Tx> {
        match &self.0 {
            Pools::Sqlite { write, .. } => Ok(Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?)),
            Pools::Postgres(pool) => Ok(Tx::Postgres(pool.begin().await?)),
        }
    }

    /// The same for reading only, so that looking up a session never waits for a writer.
    ///
    /// # Errors
    /// When the database is busy or away.
    pub async fn look(&self) -> Result<Tx> {
        match &self.0 {
            Pools::Sqlite { read, .. } => Ok(Tx::Sqlite(read.begin().await?)),
            Pools::Postgres(pool) => Ok(Tx::Postgres(pool.begin().await?)),
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        let mut tx = self.look().await?;
        one!(&mut tx, (i64,), "SELECT CAST(1 AS BIGINT)").map(|_| ())
    }

    /// Closes every connection; on SQLite the log is written back first.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Lets a transaction that was begun without a company see that company's rows.
    ///
    /// # Errors
    /// As any query.
    pub async fn enter(&mut self, company: CompanyId) -> Result<()> {
        if let Self::Postgres(tx) = self {
            let wall = sqlx::query("SELECT set_config('qudao.company', $1, true)").bind(company.to_string());
            wall.execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Makes the transaction's changes last.
    ///
    /// # Errors
    /// When the database refuses; nothing of the transaction stays then.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Whether this runs on Postgres; for the few statements that must differ.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}
