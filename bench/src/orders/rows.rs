//! What is in the tables: both sides must leave the same.

use anyhow::{Result, ensure};
use qudao_domain::ids::CompanyId;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use std::collections::BTreeMap;

/// How far the bytes of a table's rows may be apart: numbers and keys are of different lengths.
const MOST_APART: f64 = 0.1;

/// Rows and their bytes, by table.
pub struct Counts(BTreeMap<String, (i64, i64)>);

/// Rows and bytes that one order adds, by table.
pub type PerOrder = BTreeMap<String, (f64, f64)>;

impl Counts {
    /// What each of so many orders added.
    pub fn since(&self, before: &Self, orders: i64) -> Result<PerOrder> {
        ensure!(orders > 0, "no order was placed");
        let per_order = |count: i64| count as f64 / orders as f64;
        let added = self.0.iter().map(|(table, (rows, bytes))| {
            let (rows_before, bytes_before) = before.0.get(table).copied().unwrap_or_default();
            (table.clone(), (per_order(rows - rows_before), per_order(bytes - bytes_before)))
        });
        Ok(added.filter(|(_, (rows, _))| *rows != 0.0).collect())
    }
}

/// A connection on which a company's rows may be seen.
pub async fn connect(owner: &str, company: CompanyId) -> Result<PgConnection> {
    let mut connection = PgConnection::connect(owner).await?;
    sqlx::query("SELECT set_config('qudao.company', $1, false)")
        .bind(company.to_string())
        .execute(&mut connection)
        .await?;
    Ok(connection)
}

/// Counts every table of the company.
pub async fn count(owner: &str, company: CompanyId) -> Result<Counts> {
    let mut connection = connect(owner, company).await?;
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT CAST(table_name AS text) FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'company_id' AND table_name <> 'bench_captured'",
    )
    .fetch_all(&mut connection)
    .await?;
    let mut counts = BTreeMap::new();
    for (table,) in tables {
        let sql = format!(
            "SELECT count(*), CAST(COALESCE(sum(pg_column_size(t.*)), 0) AS bigint) FROM \"{table}\" t WHERE company_id = $1"
        );
        let found: (i64, i64) =
            sqlx::query_as(AssertSqlSafe(sql)).bind(company.0).fetch_one(&mut connection).await?;
        counts.insert(table, found);
    }
    Ok(Counts(counts))
}

/// Prints what an order leaves, and fails when the two sides do not leave the same.
pub fn compare(ours: &PerOrder, theirs: &PerOrder) -> Result<()> {
    println!("\n{:<18}{:>10}{:>16}{:>16}", "rows of an order", "rows", "bytes, HTTP", "bytes, pgbench");
    for (table, (rows, bytes)) in ours {
        let (their_rows, their_bytes) = theirs.get(table).copied().unwrap_or_default();
        println!("{table:<18}{rows:>10.0}{bytes:>16.0}{their_bytes:>16.0}");
        ensure!(*rows == their_rows, "{table}: an order leaves {rows} rows, a replayed one {their_rows}");
        let apart = (bytes - their_bytes).abs() / bytes;
        ensure!(apart < MOST_APART, "{table}: the rows of a replayed order are of another size");
    }
    ensure!(ours.len() == theirs.len(), "a replayed order writes to other tables: {theirs:?}");
    Ok(())
}

/// Prints the server's version and how durable it is.
pub async fn print_server(owner: &str) -> Result<()> {
    let mut connection = PgConnection::connect(owner).await?;
    let settings: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, setting FROM pg_settings
         WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method')",
    )
    .fetch_all(&mut connection)
    .await?;
    let words: Vec<String> = settings.into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    println!("postgres {}", words.join(", "));
    Ok(())
}
