//! A plugin's project in TypeScript, built by the tool of its SDK.

use anyhow::{Context as _, anyhow, bail, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest Node.js that the SDK is tested with.
const NODE: u32 = 20;
/// Where npm puts the SDK.
const SDK: &str = "node_modules/@qudao/sdk/package.json";

/// What counts of a `package.json`.
#[derive(Deserialize)]
struct Manifest {
    name: String,
    #[serde(default)]
    scripts: BTreeMap<String, String>,
}

/// Runs the project's script `build` in `dir`: where it leaves the component, and the component without its cases.
///
/// # Errors
/// When Node.js, npm or the packages are missing, with what brings them; and when the script fails, or leaves no
/// component.
pub fn make(dir: &Path) -> anyhow::Result<(PathBuf, Vec<u8>)> {
    let file = dir.join("package.json");
    let manifest: Manifest = serde_json::from_slice(&super::read(&file)?)
        .with_context(|| format!("{} is no manifest of a package", file.display()))?;
    ensure!(
        manifest.scripts.contains_key("build"),
        "{} has no script that builds; add `\"build\": \"qudao-plugin build\"` to its `scripts`",
        file.display()
    );
    look_for_node()?;
    look_for_packages(dir)?;
    // The script's words go to standard error, in sight: standard output is for what this command tells.
    let mut npm = Command::new("npm");
    npm.current_dir(dir).args(["run", "--silent", "build"]).stdin(Stdio::null()).stdout(std::io::stderr());
    let status = npm.status().map_err(|error| cannot_start("npm", &error))?;
    ensure!(status.success(), "`npm run build` failed in {}; it has said why", dir.display());
    let component = dir.join("dist").join(format!("{}.wasm", manifest.name));
    let bytes = super::read(&component)?;
    let bare = qudao_component::without_cases(&bytes)
        .with_context(|| format!("{} is no component", component.display()))?;
    Ok((component, bare))
}

fn look_for_node() -> anyhow::Result<()> {
    let output = Command::new("node").arg("--version").stdin(Stdio::null()).output();
    let output = output.map_err(|error| cannot_start("node", &error))?;
    let version = String::from_utf8_lossy(&output.stdout);
    let version = version.trim();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= NODE),
        "a plugin in TypeScript needs Node.js {NODE} or later; this one is `{version}`"
    );
    Ok(())
}

/// As Node looks for it: beside the project, or in a folder above.
fn look_for_packages(dir: &Path) -> anyhow::Result<()> {
    let place = std::path::absolute(dir).context("the current folder is gone")?;
    if place.ancestors().any(|folder| folder.join(SDK).is_file()) {
        return Ok(());
    }
    let install = if dir.join("package-lock.json").is_file() { "npm ci" } else { "npm install" };
    bail!("the packages of {} are not installed; run `{install}` there", dir.display())
}

fn cannot_start(program: &str, error: &std::io::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::NotFound {
        anyhow!("`{program}` is missing; install Node.js {NODE} or later with npm, from https://nodejs.org")
    } else {
        anyhow!("`{program}` cannot be started: {error}")
    }
}
