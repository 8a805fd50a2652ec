//! Installs npm packages by their lock file.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::house::House;
use crate::process;

/// Installs the packages of a folder of the workspace, unless they are there already. A folder
/// without a lock file has none.
///
/// # Errors
/// When Node is missing or too old, or npm fails.
pub fn install(house: &House, folder: &str) -> Result<()> {
    let folder = house.root().join(folder);
    if !folder.join("package-lock.json").exists() || is_current(&folder) {
        return Ok(());
    }
    check_node()?;
    let mut npm = house.command("npm");
    npm.current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    process::run(&mut npm).with_context(|| format!("npm failed in {}", folder.display()))
}

/// npm writes `node_modules/.package-lock.json` last.
fn is_current(folder: &Path) -> bool {
    let Some(installed) = changed(&folder.join("node_modules/.package-lock.json")) else { return false };
    ["package.json", "package-lock.json"]
        .iter()
        .all(|name| changed(&folder.join(name)).is_some_and(|time| time <= installed))
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn check_node() -> Result<()> {
    let version = process::capture(Command::new("node").arg("--version")).context(
        "Qudao needs Node.js 20 or later for its pages' scripts, plugins in TypeScript and the browser tests",
    )?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse().ok());
    match major {
        Some(20_u32..) => Ok(()),
        _ => bail!("Qudao needs Node.js 20 or later; this one is {}", version.trim()),
    }
}
