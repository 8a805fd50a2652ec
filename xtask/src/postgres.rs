//! A throw-away Postgres server for tests and benchmarks.

use anyhow::{Context, Result, bail};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::{apt, process};

const OLDEST: u32 = 15;
const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The owner makes databases and migrates them. The application is neither owner nor superuser and
/// cannot look past row-level security: that wall is what its tests are about.
const ROLES: &str = "CREATE ROLE qudao_owner LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS; \
    CREATE ROLE qudao_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;";

/// Whether the server may lose what it acknowledged when the machine dies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Quick: for tests.
    Lost,
    /// As in production: for benchmarks.
    Kept,
}

/// A running server. Dropping it stops the server and removes its data.
pub struct Postgres {
    server: Child,
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

/// The folder of the server's programs; installs them where it may.
///
/// # Errors
/// When they are missing and cannot be installed; the message holds the command to type.
pub fn find_or_install() -> Result<PathBuf> {
    if find().is_none() {
        apt::install(&["postgresql"])?;
    }
    find().with_context(|| {
        format!("there is still no Postgres {OLDEST} or later on PATH or in /usr/lib/postgresql")
    })
}

fn find() -> Option<PathBuf> {
    let on_path = process::find_program("initdb").and_then(|program| Some(program.parent()?.to_owned()));
    let configured = process::capture(Command::new("pg_config").arg("--bindir")).ok();
    let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = packaged.map(|entry| entry.path().join("bin")).collect();
    folders.extend(on_path);
    folders.extend(configured.map(|folder| PathBuf::from(folder.trim())));
    folders.retain(|folder| version(folder).is_some_and(|version| version >= OLDEST));
    folders.into_iter().max_by_key(|folder| version(folder))
}

/// The major version, from `postgres (PostgreSQL) 15.18 (Debian …)`.
fn version(programs: &Path) -> Option<u32> {
    let said = process::capture(Command::new(programs.join("postgres")).arg("--version")).ok()?;
    if !programs.join("initdb").exists() {
        return None;
    }
    let number = said.split(' ').find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.trim().split('.').next()?.parse().ok()
}

impl Postgres {
    /// Starts a server on a free port of this machine, with the roles of the tests.
    ///
    /// # Errors
    /// When it cannot be started; the message holds the server's own words.
    pub fn start(programs: &Path, durability: Durability) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("qudao-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        // From here on, dropping `made` removes the folder.
        let mut made = Made(Some(folder.clone()));
        if apt::is_root() {
            let id = |flag| -> Result<u32> {
                Ok(process::capture(Command::new("id").args([flag, "postgres"]))?.trim().parse()?)
            };
            chown(&folder, Some(id("-u")?), Some(id("-g")?))?;
        }
        let data = folder.join("data");
        let mut initdb = as_server_user(&programs.join("initdb"), &folder);
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        process::capture(initdb.arg("-D").arg(&data))?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let server = serve(programs, &folder, port, durability)?;
        made.0 = None;
        let mut postgres = Self { server, programs: programs.to_owned(), folder, port };
        postgres.wait_until_ready()?;
        postgres.sql(ROLES)?;
        Ok(postgres)
    }

    /// What tests read: who owns, who serves, and where `pgbench` is.
    pub fn environment(&self) -> [(&'static str, String); 3] {
        let address = |role| format!("postgres://{role}@127.0.0.1:{}/postgres", self.port);
        [
            ("QUDAO_TEST_PG", address("qudao_owner")),
            ("QUDAO_TEST_PG_APP", address("qudao_app")),
            ("QUDAO_PG_BIN", self.programs.display().to_string()),
        ]
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        while self.sql("SELECT 1").is_err() {
            if let Some(status) = self.server.try_wait()? {
                bail!("Postgres ended with {status}: {}", self.last_words());
            }
            if begun.elapsed() > START_LIMIT || process::interrupted() {
                bail!("Postgres is not ready after {} s: {}", begun.elapsed().as_secs(), self.last_words());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(5)..].join(" / ")
    }

    fn sql(&self, statements: &str) -> Result<()> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-p"]).arg(self.port.to_string());
        psql.args(["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-c", statements]);
        process::capture(&mut psql).map(drop)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is Postgres's "fast" shutdown: it does not wait for clients.
        process::signal("INT", &self.server.id().to_string());
        let begun = Instant::now();
        while matches!(self.server.try_wait(), Ok(None)) && begun.elapsed() < STOP_LIMIT {
            sleep(Duration::from_millis(50));
        }
        // Nothing is left to do where these fail: the server is gone or the folder is.
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A folder that is removed unless someone took it over.
struct Made(Option<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

fn serve(programs: &Path, folder: &Path, port: u16, durability: Durability) -> Result<Child> {
    let log = fs::File::create(folder.join("log"))?;
    let mut server = as_server_user(&programs.join("postgres"), folder);
    server.arg("-D").arg(folder.join("data")).arg("-p").arg(port.to_string());
    let mut settings = vec!["listen_addresses=127.0.0.1".to_owned(), "max_connections=300".to_owned()];
    settings.push(format!("unix_socket_directories={}", folder.display()));
    if durability == Durability::Lost {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    for setting in settings {
        server.arg("-c").arg(setting);
    }
    server.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    server.spawn().context("cannot start postgres")
}

/// Postgres refuses to run as root. Where `setpriv` can, it also ends the server should this program
/// be killed.
fn as_server_user(program: &Path, folder: &Path) -> Command {
    let help = process::capture(Command::new("setpriv").arg("--help")).unwrap_or_default();
    let dies_with_us = help.contains("--pdeathsig");
    let mut command = match (apt::is_root(), dies_with_us) {
        (true, true) => words(&["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]),
        (true, false) => words(&["runuser", "-u", "postgres", "--"]),
        (false, true) => words(&["setpriv"]),
        (false, false) => words(&["env"]),
    };
    if dies_with_us {
        command.args(["--pdeathsig", "INT", "--"]);
    }
    command.arg(program).current_dir(folder);
    // A group of its own: a Ctrl-C is for us, and we stop the server when the tests are done with it.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

fn words(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}
