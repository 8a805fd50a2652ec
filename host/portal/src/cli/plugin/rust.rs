//! A plugin's project in Rust, built by cargo.

use anyhow::{Context as _, anyhow, bail, ensure};
use qudao_component::TARGET;
use serde::Deserialize;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What `cargo metadata` says of a project.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

/// Compiles the crate in `dir`: where its component belongs, and the component.
///
/// # Errors
/// When cargo or the target is missing, with the command that brings it; and when the crate does not compile, or makes
/// no plugin.
pub fn make(dir: &Path) -> anyhow::Result<(PathBuf, Vec<u8>)> {
    let (package, library, target_directory) = describe(dir)?;
    look_for_target(dir)?;
    compile(dir, &package)?;
    let file = qudao_component::module_file(&library);
    let module = super::read(&target_directory.join(TARGET).join("release").join(file))?;
    Ok((dir.join("dist").join(format!("{package}.wasm")), qudao_component::encode(&module)?))
}

/// A program of the Rust toolchain, started in the project, so that its own choice of toolchain counts.
fn rust(program: &str, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).stdin(Stdio::null());
    command
}

fn cannot_start(program: &str, error: &std::io::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::NotFound {
        anyhow!(
            "`{program}` is missing; install Rust with `curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh`"
        )
    } else {
        anyhow!("`{program}` cannot be started: {error}")
    }
}

/// Names of the package and its library, and the target directory.
fn describe(dir: &Path) -> anyhow::Result<(String, String, PathBuf)> {
    let mut cargo = rust("cargo", dir);
    let output =
        cargo.args(["metadata", "--format-version", "1", "--no-deps"]).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| cannot_start("cargo", &error))?;
    ensure!(
        output.status.success(),
        "cargo cannot read {}; it has said why",
        dir.join("Cargo.toml").display()
    );
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let manifest = dir.join("Cargo.toml").canonicalize()?;
    let own = |package: &Package| package.manifest_path.canonicalize().is_ok_and(|path| path == manifest);
    let package = metadata.packages.into_iter().find(own);
    let package = package.with_context(|| format!("{} describes no package", manifest.display()))?;
    let is_plugin = |target: &Target| target.crate_types.iter().any(|kind| kind == "cdylib");
    let Some(library) = package.targets.into_iter().find(is_plugin) else {
        bail!(
            "{} makes no plugin; add `crate-type = [\"cdylib\", \"rlib\"]` below `[lib]`",
            manifest.display()
        );
    };
    Ok((package.name, library.name, metadata.target_directory))
}

/// The compiler's own message for a missing target does not say how to get it.
fn look_for_target(dir: &Path) -> anyhow::Result<()> {
    let mut rustc = rust("rustc", dir);
    let output = rustc.args(["--print", "target-libdir", "--target", TARGET]).output();
    let output = output.map_err(|error| cannot_start("rustc", &error))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    ensure!(
        output.status.success() && folder.is_dir(),
        "the Rust target {TARGET} is missing; add it with `rustup target add {TARGET}`"
    );
    Ok(())
}

/// What cargo prints goes to standard error, in sight.
fn compile(dir: &Path, package: &str) -> anyhow::Result<()> {
    let mut cargo = rust("cargo", dir);
    cargo.args(["build", "--release", "--lib", "--package", package]);
    qudao_component::for_plugins(&mut cargo);
    let status = cargo.status().map_err(|error| cannot_start("cargo", &error))?;
    ensure!(status.success(), "the plugin does not compile; cargo has said why");
    Ok(())
}
