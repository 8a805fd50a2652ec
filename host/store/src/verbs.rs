//! The four verbs. Each expands one text, or where it must be one text for each database, to both drivers.
//!
//! ```ignore
//! let found = optional!(tx, Dealer, "SELECT … WHERE company_id = $1 AND id = $2", company, id)?;
//! let done = execute!(tx, { sqlite: "…", postgres: "…" }, company)?;
//! ```
//!
//! A test prepares every text found in a call of these on both databases.

/// Expands a query on the driver at hand. Not for use outside this file.
macro_rules! on_driver {
    ($tx:expr, $query:ident::<$row:ty>, $lite:expr, $pg:expr, [$($arg:expr),*], $verb:ident) => {
        match &mut *$tx {
            $crate::Tx::Sqlite(connection) => sqlx::$query::<sqlx::Sqlite, $row>($lite)
                $(.bind($arg))*.$verb(&mut **connection).await,
            $crate::Tx::Postgres(connection) => sqlx::$query::<sqlx::Postgres, $row>($pg)
                $(.bind($arg))*.$verb(&mut **connection).await,
        }
        .map_err($crate::StoreError::from)
    };
}

/// Runs a statement; gives the number of rows that it changed.
macro_rules! execute {
    ($tx:expr, { sqlite: $lite:expr, postgres: $pg:expr } $(, $arg:expr)* $(,)?) => {
        match &mut *$tx {
            $crate::Tx::Sqlite(connection) => sqlx::query::<sqlx::Sqlite>($lite)
                $(.bind($arg))*.execute(&mut **connection).await.map(|done| done.rows_affected()),
            $crate::Tx::Postgres(connection) => sqlx::query::<sqlx::Postgres>($pg)
                $(.bind($arg))*.execute(&mut **connection).await.map(|done| done.rows_affected()),
        }
        .map_err($crate::StoreError::from)
    };
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        execute!($tx, { sqlite: $sql, postgres: $sql } $(, $arg)*)
    };
}

/// The one row that must be there.
macro_rules! one {
    ($tx:expr, $row:ty, { sqlite: $lite:expr, postgres: $pg:expr } $(, $arg:expr)* $(,)?) => {
        on_driver!($tx, query_as::<$row>, $lite, $pg, [$($arg),*], fetch_one)
    };
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        on_driver!($tx, query_as::<$row>, $sql, $sql, [$($arg),*], fetch_one)
    };
}

/// The row, if there is one.
macro_rules! optional {
    ($tx:expr, $row:ty, { sqlite: $lite:expr, postgres: $pg:expr } $(, $arg:expr)* $(,)?) => {
        on_driver!($tx, query_as::<$row>, $lite, $pg, [$($arg),*], fetch_optional)
    };
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        on_driver!($tx, query_as::<$row>, $sql, $sql, [$($arg),*], fetch_optional)
    };
}

/// Every row.
macro_rules! all {
    ($tx:expr, $row:ty, { sqlite: $lite:expr, postgres: $pg:expr } $(, $arg:expr)* $(,)?) => {
        on_driver!($tx, query_as::<$row>, $lite, $pg, [$($arg),*], fetch_all)
    };
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        on_driver!($tx, query_as::<$row>, $sql, $sql, [$($arg),*], fetch_all)
    };
}
