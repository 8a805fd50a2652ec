//! Installs what needs root, where we are root on Debian; elsewhere says the command.

use anyhow::{Result, bail};
use std::process::Command;

use crate::process;

/// Whether this program runs as root.
pub fn is_root() -> bool {
    process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs Debian packages.
///
/// # Errors
/// When we may not, with the command to type; or when the installation fails.
pub fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    let able = is_root() && process::capture(Command::new("apt-get").arg("--version")).is_ok();
    if !able {
        bail!("run this once, then try again: sudo apt-get update && sudo apt-get install -y {names}");
    }
    eprintln!("installing {names}");
    process::run(&mut apt(&["update"]))?;
    process::run(apt(&["install", "-y", "--no-install-recommends"]).args(packages))
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-qq", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0"]).args(arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
