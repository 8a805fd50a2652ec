//! The plugins at work: found, loaded and run off the async threads.

use crate::errors::{AppError, Result};
use qudao_domain::ids::CompanyId;
use qudao_engine::{Digest, Engine, Plugin};
use qudao_store::{Db, components};
use std::sync::Arc;

/// Loads and runs plugins.
pub struct Rules {
    engine: Engine,
}

impl Rules {
    /// Over an engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The plugin with a digest, ready to run. Only what a company uploaded is found for it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has no such plugin; [`AppError::Internal`] when it cannot be loaded.
    pub async fn plugin(&self, db: &Db, company: CompanyId, digest: &str) -> Result<Arc<Plugin>> {
        let known: Digest = digest.parse().map_err(|_| AppError::NotFound)?;
        if let Some(plugin) = self.engine.loaded(&known) {
            return Ok(plugin);
        }
        let mut tx = db.read(company).await?;
        let bytes = components::bytes(&mut tx, company, digest).await?.ok_or(AppError::NotFound)?;
        drop(tx);
        let engine = self.engine.clone();
        let loaded = off_thread(move || engine.load(&known, &bytes)).await?;
        loaded.map_err(|error| AppError::Internal(format!("plugin {digest}: {error}")))
    }
}

/// Runs something that keeps a processor busy off the async threads.
///
/// # Errors
/// [`AppError::Internal`] when it panics.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| AppError::Internal(error.to_string()))
}
