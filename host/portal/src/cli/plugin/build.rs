//! `qudao plugin build`: from a project to a component that an upload would take.

use anyhow::{Context as _, bail};
use qudao_app::AppError;
use qudao_engine::{Digest, Engine, EngineConfig, Verified};
use serde_json::json;
use std::path::{Path, PathBuf};

use super::{Env, rust, tell, typescript};
use crate::config;

/// A component that passed every check of an upload.
struct Built {
    /// Where it is.
    file: PathBuf,
    /// Its bytes.
    component: Vec<u8>,
    /// What it is.
    verified: Verified,
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

/// Makes a component of the project in `dir` and its cases, checks that as an upload would, and leaves it in
/// `dir/dist/NAME.wasm`.
///
/// # Errors
/// When what it is built with is missing, with the command that brings it; when it cannot be built; and
/// [`AppError::Upload`] when the component would not be accepted.
fn build(dir: &Path) -> anyhow::Result<Built> {
    let (file, component) = component(dir)?;
    let verified = verify(&component)?;
    Ok(Built { file, component, verified })
}

/// Makes a component of the project in `dir` and its cases, unchecked: where it was left, and its bytes.
///
/// # Errors
/// As [`build`], but for what an upload would refuse.
pub fn component(dir: &Path) -> anyhow::Result<(PathBuf, Vec<u8>)> {
    let (file, mut component) = make(dir)?;
    qudao_component::enclose_cases(&mut component, &dir.join("cases"))?;
    qudao_component::write(&file, &component)
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok((file, component))
}

/// What [`build`] would make, checked without its cases, and its digest with them: an upload refuses what differs from
/// its own cases, and whoever tests wants to see all that differs.
///
/// # Errors
/// As [`build`].
pub fn build_for_tests(dir: &Path) -> anyhow::Result<(Verified, Digest)> {
    let (_, mut component) = make(dir)?;
    let verified = verify(&component)?;
    qudao_component::enclose_cases(&mut component, &dir.join("cases"))?;
    Ok((verified, Digest::of(&component)))
}

/// Builds the project in `dir`: where its component belongs, and the component without cases.
fn make(dir: &Path) -> anyhow::Result<(PathBuf, Vec<u8>)> {
    if dir.join("Cargo.toml").is_file() {
        rust::make(dir)
    } else if dir.join("package.json").is_file() {
        typescript::make(dir)
    } else {
        bail!(
            "{} has neither a Cargo.toml nor a package.json; name a project's folder, or begin one with \
             `qudao plugin new`",
            dir.display()
        )
    }
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
