//! From a plugin's crate to a component. `cargo xtask plugins` and `qudao plugin build` both come here, so that a
//! plugin is linked and encoded alike wherever it is built.
//!
//! Invariant: nothing here runs a plugin, and no other crate of ours is named.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;
use wit_component::ComponentEncoder;

/// What plugins are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The guest's stack in bytes. The host clears the pages a call has touched, so a small stack is a
/// quick one: pricing 20 lines cost 30 µs with the linker's 1 MiB and 23 µs with a small one. It lies
/// below the data, so that too deep a recursion traps instead of overwriting it.
pub const STACK_BYTES: u32 = 64 << 10;

/// Makes a `cargo build` one for plugins: the target, and the linker's flags. Flags of the caller's own build
/// are not for the guest.
pub fn for_plugins(cargo: &mut Command) {
    let flags = [format!("-Clink-arg=-zstack-size={STACK_BYTES}"), "-Clink-arg=--stack-first".to_owned()];
    cargo.args(["--target", TARGET]).env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
}

/// The file that cargo makes of a crate's library for [`TARGET`].
#[must_use]
pub fn module_file(library: &str) -> String {
    format!("{}.wasm", library.replace('-', "_"))
}

/// Wraps a core module that was built with the SDK into a component.
///
/// # Errors
/// When it is no module, or exports no plugin.
pub fn encode(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default().validate(true).module(module)?.encode()
}

/// Wraps the module in a file into a component in another, whose folder is made.
///
/// # Errors
/// As [`encode`], and when a file cannot be read or written.
pub fn encode_file(module: &Path, component: &Path) -> Result<()> {
    let bytes = fs::read(module).with_context(|| format!("{} cannot be read", module.display()))?;
    let encoded =
        encode(&bytes).with_context(|| format!("no component can be made of {}", module.display()))?;
    write(component, &encoded).with_context(|| format!("{} cannot be written", component.display()))
}

/// Written aside and renamed, so that whoever reads sees the old file or the new one.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}.{}", std::process::id()));
    fs::write(&aside, bytes)?;
    fs::rename(&aside, file)
}
