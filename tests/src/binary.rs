//! The binary `qudao` itself, as a person would run it.

#![expect(clippy::unwrap_used, reason = "what cannot be started ends the test")]

use serde_json::Value as Json;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use ureq::{Agent, RequestBuilder};

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said on standard error.
    pub err: String,
}

impl Ended {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What it printed for programs.
    ///
    /// # Panics
    /// When it failed or printed no JSON.
    #[must_use]
    pub fn json(&self) -> Json {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }
}

/// The binary with a data folder of its own.
#[derive(Debug)]
pub struct Binary {
    program: PathBuf,
    data: TempDir,
}

impl Binary {
    /// Beside this test: in the folder above.
    ///
    /// # Panics
    /// When the binary was not built.
    #[must_use]
    pub fn new() -> Self {
        let here = std::env::current_exe().unwrap();
        let program = here.ancestors().nth(2).unwrap().join("qudao");
        assert!(program.is_file(), "{} is missing; `cargo xtask test` builds it first", program.display());
        Self { program, data: TempDir::new().unwrap() }
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("QUDAO_"))
        {
            command.env_remove(name);
        }
        command.arg("--data-dir").arg(self.data.path());
        command
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command().args(arguments))
    }

    /// Runs a script of the shell in a folder, with the binary on its path, until a command of it fails. Cargo keeps
    /// what it builds there beside the binary, for the next time. Neither cargo nor npm asks the network.
    ///
    /// # Panics
    /// When the shell cannot be started.
    #[must_use]
    pub fn shell(&self, folder: &Path, script: &str) -> Ended {
        let ours = self.program.parent().unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([ours.to_owned()].into_iter().chain(std::env::split_paths(&path)));
        let mut shell = Command::new("sh");
        shell.args(["-euc", script]).current_dir(folder).env("PATH", path.unwrap());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            // What cargo tells a test of the crate that it belongs to.
            if ["QUDAO_", "CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|own| text.starts_with(own)) {
                shell.env_remove(&name);
            }
        }
        shell.env("CARGO_TARGET_DIR", crate::plugins_dir().with_file_name("author"));
        shell.env("CARGO_NET_OFFLINE", "true").env("npm_config_offline", "true");
        Ended::of(shell.stdin(Stdio::null()))
    }

    /// Serves on a free port until it is dropped or killed.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn serve(&self) -> Served {
        self.serve_with(&[])
    }

    /// The same, in an environment that has these variables as well.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn serve_with(&self, environment: &[(&str, &str)]) -> Served {
        let mut command = self.command();
        command.envs(environment.iter().copied());
        command.args(["--json", "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]);
        command.env("QUDAO_LOG", "error");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Json = serde_json::from_str(&line).unwrap();
        let text = |key: &str| told[key].as_str().unwrap().to_owned();
        Served { child, address: text("address"), metrics: text("metrics") }
    }
}

impl Default for Binary {
    fn default() -> Self {
        Self::new()
    }
}

/// A serving process. Dropped, it is killed as by `kill -9`.
#[derive(Debug)]
pub struct Served {
    child: Child,
    address: String,
    metrics: String,
}

impl Served {
    /// The figures for Prometheus.
    ///
    /// # Panics
    /// When they are not served.
    #[must_use]
    pub fn metrics(&self) -> String {
        ureq::get(&self.metrics).call().unwrap().body_mut().read_to_string().unwrap()
    }

    /// A client for a token.
    #[must_use]
    pub fn client(&self, token: &str) -> Client {
        let config = Agent::config_builder().http_status_as_error(false);
        let agent = config.timeout_global(Some(Duration::from_secs(30))).build().new_agent();
        Client { agent, address: self.address.clone(), token: token.to_owned(), headers: Vec::new() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Talks to the API with a token.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    address: String,
    token: String,
    headers: Vec<(String, String)>,
}

impl Client {
    /// The same with a header that it sends along.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut with = self.clone();
        with.headers.push((name.to_owned(), value.to_owned()));
        with
    }

    /// Status and body of an answer; none when the connection broke before it was whole.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<(u16, Json)> {
        answer(self.known(self.agent.get(format!("{}{path}", self.address))).call())
    }

    /// Status and body of an answer; none when the connection broke before it was whole.
    #[must_use]
    pub fn put(&self, path: &str, body: &Json) -> Option<(u16, Json)> {
        answer(self.known(self.agent.put(format!("{}{path}", self.address))).send_json(body))
    }

    /// Status and body of an answer; none when the connection broke before it was whole.
    #[must_use]
    pub fn post(&self, path: &str, key: &str, body: &Json) -> Option<(u16, Json)> {
        let request = self.known(self.agent.post(format!("{}{path}", self.address)));
        answer(request.header("idempotency-key", key).send_json(body))
    }

    /// With the token and the headers that are sent along.
    fn known<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        let request = request.header("authorization", format!("Bearer {}", self.token));
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }
}

fn answer(result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Option<(u16, Json)> {
    let mut response = result.ok()?;
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().ok()?;
    Some((status, if text.is_empty() { Json::Null } else { serde_json::from_str(&text).ok()? }))
}
