//! System tests, and what they share.

pub mod binary;
pub mod desk;
pub mod history;
pub mod portal;

use std::path::{Path, PathBuf};

/// Where `cargo xtask plugins` leaves the components: `plugins` in the target directory.
#[must_use]
pub fn plugins_dir() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // A relative target directory is meant from the root of the workspace.
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    target.join("plugins")
}

/// The bytes of a built component, for example of `volume-pricing`.
///
/// # Panics
/// When it was not built yet.
#[must_use]
pub fn plugin(name: &str) -> Vec<u8> {
    let path = plugins_dir().join(format!("{name}.wasm"));
    match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => panic!("{}: {error}; run `cargo xtask plugins` first", path.display()),
    }
}
