//! Finds the Chromium of the browser tests, and fonts that hold Chinese.

use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

use crate::{apt, process};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// The path of a Chromium that can show Chinese; installs what is missing where it may.
///
/// # Errors
/// When it is missing and cannot be installed; the message holds the command to type.
pub fn find_or_install() -> Result<PathBuf> {
    let mut missing = Vec::new();
    if find().is_none() {
        missing.push("chromium");
    }
    if !has_chinese_fonts() {
        missing.extend(["fonts-noto-cjk", "fontconfig"]);
    }
    if !missing.is_empty() {
        apt::install(&missing)?;
    }
    find().context("there is still no Chromium; QUDAO_CHROMIUM may name one")
}

fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("QUDAO_CHROMIUM") {
        return Some(named.into()).filter(|path: &PathBuf| path.exists());
    }
    NAMES.iter().find_map(|name| process::find_program(name))
}

fn has_chinese_fonts() -> bool {
    // A Mac brings its own and has no fontconfig.
    cfg!(target_os = "macos")
        || process::capture(Command::new("fc-list").arg(":lang=zh-cn"))
            .is_ok_and(|fonts| !fonts.trim().is_empty())
}
