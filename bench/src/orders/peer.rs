//! pgbench, writing the captured orders again.

use super::replay;
use super::rows;
use super::stage::{self, Stage};
use anyhow::{Context, Result, ensure};
use qudao_domain::ids::CompanyId;
use qudao_store::Database;
use sqlx::Executor;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;

/// What does not count at the beginning of a run.
const WARM_UP: Duration = Duration::from_secs(2);

/// A script for pgbench, and where to run it.
pub struct Peer {
    program: PathBuf,
    script: PathBuf,
    url: String,
    company: CompanyId,
    _folder: TempDir,
}

impl Peer {
    /// Captures what the application has written so far, one order for each draft, and writes the script.
    pub async fn prepare(stage: &Stage, owner: &str) -> Result<Self> {
        let mut connection = rows::connect(owner, stage.company).await?;
        for sql in [
            replay::CAPTURE,
            "ALTER TABLE bench_captured ADD PRIMARY KEY (k)",
            "GRANT SELECT ON bench_captured TO PUBLIC",
            "ANALYZE",
        ] {
            connection.execute(sql).await.with_context(|| sql.to_owned())?;
        }
        let Database::Postgres(url) = stage.test.database.clone() else {
            anyhow::bail!("this needs Postgres")
        };
        let folder = tempfile::tempdir()?;
        let script = folder.path().join("order.sql");
        std::fs::write(&script, replay::script())?;
        let programs = std::env::var_os("QUDAO_PG_BIN").map(PathBuf::from).unwrap_or_default();
        Ok(Self { program: programs.join("pgbench"), script, url, company: stage.company, _folder: folder })
    }

    /// Writes so many orders.
    pub async fn replay(&self, orders: i64) -> Result<()> {
        self.pgbench(&["-c", "1", "-t", &orders.to_string()]).await.map(drop)
    }

    /// So many clients for so long; gives orders in a second. Some seconds more go before, in which the
    /// statements are prepared and their plans settle: the application's connections are past that, too.
    pub async fn run(&self, clients: usize, time: Duration) -> Result<f64> {
        let cores = std::thread::available_parallelism()?.get();
        let threads = clients.min(cores).to_string();
        let seconds = (time + WARM_UP).as_secs().to_string();
        let said =
            self.pgbench(&["-c", &clients.to_string(), "-j", &threads, "-T", &seconds, "-P", "1"]).await?;
        let rates: Vec<f64> = said.lines().filter_map(progress).skip(WARM_UP.as_secs() as usize).collect();
        ensure!(!rates.is_empty(), "pgbench told no rate: {said}");
        Ok(rates.iter().sum::<f64>() / rates.len() as f64)
    }

    async fn pgbench(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.program);
        command.args(["-n", "-M", "prepared", "-D"]).arg(format!("company={}", self.company));
        command.arg("-D").arg(format!("orders={}", stage::DRAFTS)).args(["-D", "turn=0"]).args(arguments);
        command.arg("-f").arg(&self.script).arg(&self.url);
        let output = command.output().await.with_context(|| format!("run {}", self.program.display()))?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let failed = told.lines().any(|line| line.contains("ERROR") || line.contains("aborted"));
        ensure!(output.status.success() && !failed, "pgbench: {told}");
        Ok(told)
    }
}

/// Orders in a second, from `progress: 3.0 s, 412.0 tps, lat 2.4 ms stddev 0.6, 0 failed`.
fn progress(line: &str) -> Option<f64> {
    line.strip_prefix("progress: ")?.split(", ").nth(1)?.strip_suffix(" tps")?.parse().ok()
}
