//! `cargo xtask build`: one self-contained binary.

use anyhow::Result;

use crate::house::House;
use crate::{plugins, process, setup};

/// Leaves `release/qudao` under the target directory.
///
/// # Errors
/// When a part cannot be built.
pub fn build(house: &House) -> Result<()> {
    setup::for_building(house)?;
    plugins::build_rust(house)?;
    process::run(&mut house.cargo(["build", "--release", "-p", "qudao"]))?;
    println!("{}", house.target().join("release/qudao").display());
    Ok(())
}
