//! What can go wrong between us and the database.

/// Result of a query.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why a query gave no answer. Not found is an `Option`, not an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The row would break a key or a check; holds what the database said of it.
    #[error("the change conflicts with what is stored: {0}")]
    Conflict(String),
    /// Too many at once (a lock, a deadlock, no free connection): trying again may succeed.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// What is stored, or what we asked, is not what the code expects.
    #[error("the database holds or was asked something unexpected: {0}")]
    Corrupt(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let said = error.to_string();
        match &error {
            sqlx::Error::Database(inner) => {
                let code = inner.code().unwrap_or_default();
                if is_busy(&code) {
                    Self::Busy(said)
                } else if inner.is_unique_violation()
                    || inner.is_foreign_key_violation()
                    || inner.is_check_violation()
                {
                    Self::Conflict(said)
                } else {
                    Self::Corrupt(said)
                }
            }
            sqlx::Error::PoolTimedOut => Self::Busy(said),
            sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable(said)
            }
            _ => Self::Corrupt(said),
        }
    }
}

/// SQLite's BUSY and LOCKED with their extended codes; Postgres's serialisation failure, deadlock, lock timeout
/// and too many connections.
fn is_busy(code: &str) -> bool {
    matches!(code, "5" | "6" | "261" | "517" | "262" | "40001" | "40P01" | "55P03" | "53300")
}
