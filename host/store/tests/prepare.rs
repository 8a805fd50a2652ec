//! Every query text in this crate is prepared on the databases that it is for: a misspelt column is found here, not by
//! the first reader of a page.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_store::testing::{TestDb, note_skip};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use std::path::Path;

/// A query as it stands in a source file.
#[derive(Debug)]
struct Query {
    place: String,
    text: String,
    sqlite: bool,
    postgres: bool,
}

const VERBS: [&str; 5] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];

/// String literals that begin like a query, with what stands before them to tell whose they are.
fn queries(place: &str, source: &str) -> Vec<Query> {
    let mut found = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(open) = rest.find('"') {
        line += rest[..open].matches('\n').count();
        let before = rest[..open].trim_end();
        let body = &rest[open + 1..];
        let close = end_of_literal(body);
        let text = body[..close].replace("\\\n", "").replace("\\\"", "\"");
        if VERBS.iter().any(|verb| text.starts_with(verb)) && !text.contains('{') {
            let postgres_only =
                before.ends_with("postgres:") || before.ends_with("query(") || before.ends_with("query_as(");
            let sqlite_only = before.ends_with("sqlite:");
            let place = format!("{place}:{line}");
            found.push(Query { place, text, sqlite: !postgres_only, postgres: !sqlite_only });
        }
        line += body[..close].matches('\n').count();
        rest = &body[(close + 1).min(body.len())..];
    }
    found
}

fn end_of_literal(body: &str) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return at,
            _ => escaped = false,
        }
    }
    body.len()
}

fn all_queries() -> Vec<Query> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Test support asks the databases' own catalogues.
        if name.ends_with(".rs") && name != "testing.rs" && name != "verbs.rs" {
            found.extend(queries(&name, &std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn every_query_is_understood_by_its_databases() {
    let queries = all_queries();
    assert!(queries.len() > 100, "only {} queries were found", queries.len());
    let mut wrong = Vec::new();
    let sqlite = TestDb::sqlite().await;
    let qudao_store::Database::Sqlite(path) = &sqlite.database else { panic!("SQLite is a file") };
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    for query in queries.iter().filter(|query| query.sqlite) {
        let sql = sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(query.text.clone()));
        if let Err(error) = connection.prepare(sql).await {
            wrong.push(format!("sqlite {}: {error}", query.place));
        }
    }
    match TestDb::postgres().await {
        None => note_skip("preparing every query on Postgres: QUDAO_TEST_PG is not set"),
        Some(postgres) => {
            let url = postgres.owner.clone().unwrap();
            let mut connection = PgConnection::connect(&url).await.unwrap();
            for query in queries.iter().filter(|query| query.postgres) {
                let sql = sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(query.text.clone()));
                // `$2 IS NULL` alone gives no type. Names were resolved by then, and a bound value brings its type.
                let untyped = |error: &sqlx::Error| {
                    error.to_string().contains("could not determine data type of parameter")
                };
                if let Err(error) = connection.prepare(sql).await
                    && !untyped(&error)
                {
                    wrong.push(format!("postgres {}: {error}", query.place));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} queries:\n{}", wrong.len(), queries.len(), wrong.join("\n"));
}
