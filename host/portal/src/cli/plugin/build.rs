//! `qudao plugin build`: from a project to a component that an upload would take.

use anyhow::{Context as _, anyhow, bail, ensure};
use qudao_app::AppError;
use qudao_component::TARGET;
use qudao_engine::{Digest, Engine, EngineConfig, Verified};
use serde::Deserialize;
use serde_json::json;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Env, tell};
use crate::config;

/// A component that passed every check of an upload.
pub struct Built {
    /// Where it is.
    pub file: PathBuf,
    /// Its bytes.
    pub component: Vec<u8>,
    /// What it is.
    pub verified: Verified,
}

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

/// Builds a project and tells of it.
///
/// # Errors
/// As [`build`].
pub fn run(env: &Env, dir: &Path) -> anyhow::Result<()> {
    let built = build(dir)?;
    let (about, size) = (&built.verified.descriptor, built.component.len());
    let digest = built.verified.inspected.digest;
    let json = json!({
        "file": built.file, "digest": digest, "kind": about.kind, "name": about.name, "version": about.version,
        "contract": built.verified.inspected.contract, "size": size, "report": built.verified.report,
    });
    let words = format!(
        "{} {} is a {} plugin and would be accepted.\n  file      {} ({} KiB)\n{}",
        about.name,
        about.version,
        about.kind,
        built.file.display(),
        size.div_ceil(1024),
        super::report::words(&digest.to_string(), &built.verified.report)
    );
    tell(env, &json, &words);
    Ok(())
}

/// Compiles the crate in `dir`, makes a component of it and its cases, checks that as an upload would, and leaves it
/// in `dir/dist/NAME.wasm`.
///
/// # Errors
/// When cargo or the target is missing, with the command that brings it; when the crate does not compile; and
/// [`AppError::Upload`] when the component would not be accepted.
pub fn build(dir: &Path) -> anyhow::Result<Built> {
    let (file, module) = make(dir)?;
    let mut component = qudao_component::encode(&module)?;
    qudao_component::enclose_cases(&mut component, &dir.join("cases"))?;
    qudao_component::write(&file, &component)
        .with_context(|| format!("{} cannot be written", file.display()))?;
    let verified = verify(&component)?;
    Ok(Built { file, component, verified })
}

/// What [`build`] would make, checked without its cases, and its digest with them: an upload refuses what differs from
/// its own cases, and whoever tests wants to see all that differs.
///
/// # Errors
/// As [`build`].
pub fn build_for_tests(dir: &Path) -> anyhow::Result<(Verified, Digest)> {
    let (_, module) = make(dir)?;
    let mut component = qudao_component::encode(&module)?;
    let verified = verify(&component)?;
    qudao_component::enclose_cases(&mut component, &dir.join("cases"))?;
    Ok((verified, Digest::of(&component)))
}

/// Compiles the crate in `dir`: where its component belongs, and the core module.
fn make(dir: &Path) -> anyhow::Result<(PathBuf, Vec<u8>)> {
    let manifest = dir.join("Cargo.toml");
    ensure!(
        manifest.is_file(),
        "{} has no Cargo.toml; name a project's folder, or begin one with `qudao plugin new`",
        dir.display()
    );
    let (package, library, target_directory) = describe(dir)?;
    look_for_target(dir)?;
    compile(dir, &package)?;
    let file = qudao_component::module_file(&library);
    let module = target_directory.join(TARGET).join("release").join(file);
    Ok((dir.join("dist").join(format!("{package}.wasm")), super::read(&module)?))
}

/// Checks a component as an upload would.
///
/// # Errors
/// [`AppError::Upload`] when it would not be accepted.
pub fn verify(component: &[u8]) -> anyhow::Result<Verified> {
    let verified = engine()?.verify(component);
    Ok(verified.map_err(|refusal| AppError::Upload(Box::new(refusal)))?)
}

/// The server's own engine, for one evaluation at a time.
fn engine() -> anyhow::Result<Engine> {
    let program = std::env::current_exe().context("the path of this executable is unknown")?;
    let compiler = qudao_engine::Compiler::child(program, &[config::COMPILE_PLUGIN]);
    Ok(Engine::new(EngineConfig::default().pool_size(1).compiler(compiler))?)
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
