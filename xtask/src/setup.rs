//! What must be there before anything is built; the plugins bring their own wasm target.

use anyhow::Result;

use crate::house::House;
use crate::npm;

/// The scripts that the pages load, which the portal embeds.
///
/// # Errors
/// When npm cannot install them.
pub fn for_building(house: &House) -> Result<()> {
    npm::install(house, "web")
}
