//! What the command line and the environment say about where data lives and how to serve.

use anyhow::Context as _;
use qudao_app::{App, Clock};
use qudao_engine::{Compiler, Engine, EngineConfig};
use qudao_store::{Database, Db};
use std::path::{Path, PathBuf};

/// The hidden subcommand in which components are compiled, under limits of its own.
pub const COMPILE_PLUGIN: &str = "compile-plugin";

/// Where data lives. Every subcommand takes these.
#[derive(Debug, Clone, clap::Args)]
pub struct DataArgs {
    /// Folder for the embedded database and the cache of compiled plugins.
    #[arg(long, global = true, env = "QUDAO_DATA_DIR", default_value = "qudao-data", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Postgres to use instead of the embedded SQLite: postgres://user@host/name.
    #[arg(long, global = true, env = "QUDAO_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

impl DataArgs {
    /// Which database is meant.
    #[must_use]
    pub fn database(&self) -> Database {
        match &self.database_url {
            Some(url) => Database::from_url(url),
            None => Database::Sqlite(self.data_dir.join("qudao.sqlite")),
        }
    }

    /// Opens the database and the engine. The embedded database is brought up to date; Postgres is not touched (its
    /// tables belong to another role: `qudao migrate`).
    ///
    /// # Errors
    /// When the folder, the database or the engine cannot be opened.
    pub async fn open(&self) -> anyhow::Result<App> {
        self.open_with(engine_config(&self.data_dir)?).await
    }

    /// The same with an engine that compiles everything again.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_without_cache(&self) -> anyhow::Result<App> {
        self.open_with(EngineConfig { cache_dir: None, ..engine_config(&self.data_dir)? }).await
    }

    async fn open_with(&self, engine: EngineConfig) -> anyhow::Result<App> {
        std::fs::create_dir_all(&self.data_dir)
            .with_context(|| format!("the data folder {} cannot be made", self.data_dir.display()))?;
        let db = Db::open(&self.database()).await.context("the database cannot be opened")?;
        if matches!(self.database(), Database::Sqlite(_)) {
            db.migrate(None).await.context("the database cannot be brought up to date")?;
        }
        let engine = Engine::new(engine).context("the plugin engine cannot be started")?;
        Ok(App::new(db, engine, Clock::System))
    }
}

/// An engine that compiles in a child process of this executable and keeps what it compiled below the data folder.
///
/// # Errors
/// When the path of this executable is unknown.
fn engine_config(data_dir: &Path) -> anyhow::Result<EngineConfig> {
    let program = std::env::current_exe().context("the path of this executable is unknown")?;
    Ok(EngineConfig::default()
        .cache_dir(data_dir.join("compiled-plugins"))
        .compiler(Compiler::child(program, &[COMPILE_PLUGIN])))
}
