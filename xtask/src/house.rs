//! Where the workspace and its target directory are, and how commands are started there.

use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The checkout that these tasks work on.
pub struct House {
    root: PathBuf,
    target: PathBuf,
}

impl House {
    /// Finds the checkout from what cargo tells a program that it runs.
    ///
    /// # Errors
    /// When this program was not started by cargo.
    pub fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("start it as `cargo xtask …`")?;
        let root = Path::new(&manifest).parent().context("the crate xtask lies in the workspace")?;
        let program = std::env::current_exe()?;
        let target = program.ancestors().nth(2).context("cargo builds into <target>/debug")?;
        Ok(Self { root: root.to_owned(), target: target.to_owned() })
    }

    /// The root of the workspace.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target directory, absolute.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The portal, built in the dev profile.
    pub fn portal(&self) -> PathBuf {
        self.target.join("debug").join("qudao")
    }

    /// A command that starts in the root, without what cargo set for this program only: such
    /// variables would make cargo's children believe that something changed.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|own| text.starts_with(own)) {
                command.env_remove(&name);
            }
        }
        command.env_remove("CARGO_CRATE_NAME").env_remove("CARGO_PRIMARY_PACKAGE");
        command
    }

    /// Cargo with these arguments.
    pub fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments);
        command
    }

    /// Chooses all crates but xtask, which is built alone anyway, by `cargo xtask`: together with the others
    /// it would ask for other features of their dependencies, and they would be built twice. The benchmarks
    /// are a workspace of their own.
    pub fn crates(&self) -> [&'static str; 3] {
        ["--workspace", "--exclude", "xtask"]
    }
}
