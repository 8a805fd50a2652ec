//! Many rows at once. Postgres takes them as one array per column, SQLite as one JSON document: the exception to "each
//! query is written once". Both run one statement for each [`CHUNK`] rows.

use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::ids::CompanyId;
use qudao_domain::time::Instant;
use serde_json::Value as Json;
use sqlx::AssertSqlSafe;
use std::fmt::Write;
use uuid::Uuid;

/// How many rows one statement takes: enough to be quick, few enough to keep the document small.
const CHUNK: usize = 4_000;

/// The values of one column, one for each row.
#[derive(Debug, Clone)]
pub(crate) enum Column {
    Ids(Vec<Option<Uuid>>),
    Numbers(Vec<Option<i64>>),
    Flags(Vec<bool>),
    Texts(Vec<Option<String>>),
    Days(Vec<Option<NaiveDate>>),
    Moments(Vec<Instant>),
    Documents(Vec<Json>),
}

impl Column {
    pub(crate) fn ids<I: Into<Option<Uuid>>>(values: impl Iterator<Item = I>) -> Self {
        Self::Ids(values.map(Into::into).collect())
    }

    pub(crate) fn numbers<I: Into<Option<i64>>>(values: impl Iterator<Item = I>) -> Self {
        Self::Numbers(values.map(Into::into).collect())
    }

    pub(crate) fn texts<T: ToString>(values: impl Iterator<Item = T>) -> Self {
        Self::Texts(values.map(|value| Some(value.to_string())).collect())
    }

    pub(crate) fn days<D: Into<Option<NaiveDate>>>(values: impl Iterator<Item = D>) -> Self {
        Self::Days(values.map(Into::into).collect())
    }

    fn len(&self) -> usize {
        match self {
            Self::Ids(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Flags(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Days(values) => values.len(),
            Self::Moments(values) => values.len(),
            Self::Documents(values) => values.len(),
        }
    }

    /// Its type as a Postgres array.
    fn array(&self) -> &'static str {
        match self {
            Self::Ids(_) => "uuid[]",
            Self::Numbers(_) => "bigint[]",
            Self::Flags(_) => "boolean[]",
            Self::Texts(_) => "text[]",
            Self::Days(_) => "date[]",
            Self::Moments(_) => "timestamptz[]",
            Self::Documents(_) => "jsonb[]",
        }
    }

    /// How SQLite reads place `at` of a row's JSON array.
    fn place(&self, at: usize) -> String {
        match self {
            Self::Ids(_) => format!("unhex(e.value ->> {at})"),
            // `->` keeps a document's text, `->>` would give a bare string without its quotes.
            Self::Documents(_) => format!("e.value -> {at}"),
            _ => format!("e.value ->> {at}"),
        }
    }

    fn json(&self, row: usize) -> Json {
        match self {
            Self::Ids(values) => values[row].map(|id| id.simple().to_string()).into(),
            Self::Numbers(values) => values[row].into(),
            Self::Flags(values) => i64::from(values[row]).into(),
            Self::Texts(values) => values[row].as_deref().into(),
            Self::Days(values) => values[row].map(|day| day.to_string()).into(),
            Self::Moments(values) => values[row].to_string().into(),
            Self::Documents(values) => values[row].clone(),
        }
    }
}

/// Rows for one table, column by column.
pub(crate) struct Bulk {
    table: &'static str,
    columns: Vec<(&'static str, Column)>,
    /// What follows the rows: empty, or `ON CONFLICT …`.
    then: &'static str,
}

impl Bulk {
    pub(crate) fn into(table: &'static str) -> Self {
        Self { table, columns: Vec::new(), then: "" }
    }

    pub(crate) fn column(mut self, name: &'static str, values: Column) -> Self {
        self.columns.push((name, values));
        self
    }

    pub(crate) fn then(mut self, clause: &'static str) -> Self {
        self.then = clause;
        self
    }

    /// Writes the rows for a company; gives how many it wrote.
    pub(crate) async fn insert(self, tx: &mut Tx, company: CompanyId) -> Result<u64> {
        let rows = self.columns.first().map_or(0, |(_, column)| column.len());
        debug_assert!(self.columns.iter().all(|(_, column)| column.len() == rows));
        if rows == 0 {
            return Ok(0);
        }
        match tx {
            Tx::Postgres(_) => self.insert_postgres(tx, company).await,
            Tx::Sqlite(_) => self.insert_sqlite(tx, company, rows).await,
        }
    }

    fn names(&self) -> String {
        self.columns.iter().fold(String::new(), |mut names, (name, _)| {
            names.push_str(", ");
            names.push_str(name);
            names
        })
    }

    async fn insert_postgres(self, tx: &mut Tx, company: CompanyId) -> Result<u64> {
        let Tx::Postgres(connection) = tx else { return Ok(0) };
        let arrays: Vec<String> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, (_, column))| format!("${}::{}", at + 2, column.array()))
            .collect();
        let sql = format!(
            "INSERT INTO {} (company_id{}) SELECT $1, u.* FROM unnest({}) AS u {}",
            self.table,
            self.names(),
            arrays.join(", "),
            self.then
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(company);
        for (_, column) in self.columns {
            query = match column {
                Column::Ids(values) => query.bind(values),
                Column::Numbers(values) => query.bind(values),
                Column::Flags(values) => query.bind(values),
                Column::Texts(values) => query.bind(values),
                Column::Days(values) => query.bind(values),
                Column::Moments(values) => query.bind(values),
                Column::Documents(values) => query.bind(values),
            };
        }
        Ok(query.execute(&mut **connection).await?.rows_affected())
    }

    async fn insert_sqlite(self, tx: &mut Tx, company: CompanyId, rows: usize) -> Result<u64> {
        let mut places = String::new();
        for (at, (_, column)) in self.columns.iter().enumerate() {
            write!(places, ", {}", column.place(at)).unwrap_or_default();
        }
        // `WHERE true`: without it SQLite reads ON CONFLICT as a join's ON.
        let sql = format!(
            "INSERT INTO {} (company_id{}) SELECT $1{places} FROM json_each($2) e WHERE true {}",
            self.table,
            self.names(),
            self.then
        );
        let Tx::Sqlite(connection) = tx else { return Ok(0) };
        let mut written = 0;
        for first in (0..rows).step_by(CHUNK) {
            let chunk: Vec<Json> = (first..rows.min(first + CHUNK))
                .map(|row| Json::Array(self.columns.iter().map(|(_, column)| column.json(row)).collect()))
                .collect();
            let document = Json::Array(chunk).to_string();
            let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(company).bind(document);
            written += query.execute(&mut **connection).await?.rows_affected();
        }
        Ok(written)
    }
}
