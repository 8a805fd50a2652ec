//! `cargo xtask shots`: the pictures of the README.

use anyhow::Result;

use crate::house::House;
use crate::{browser, npm, process, serve};

/// Takes every picture that tests/e2e/shots.mjs lists.
///
/// # Errors
/// When the portal cannot be built, or the browser or a page fails.
pub fn take(house: &House) -> Result<()> {
    npm::install(house, "tests/e2e")?;
    let chromium = browser::find_or_install()?;
    let portal = serve::build(house)?;
    let mut node = house.command("node");
    node.arg("tests/e2e/shots.mjs").arg(house.root().join("docs/screenshots"));
    process::run(node.env("QUDAO_CHROMIUM", chromium).env("QUDAO_BIN", portal))
}
