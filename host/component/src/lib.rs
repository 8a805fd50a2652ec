//! From a plugin's crate to a component. `cargo xtask plugins` and `qudao plugin build` both come here, so that a
//! plugin is linked and encoded alike wherever it is built.
//!
//! Invariant: nothing here runs a plugin, and no other crate of ours is named.

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::process::Command;
use wasm_encoder::{ComponentSection, CustomSection};
use wit_component::ComponentEncoder;

/// What plugins are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The guest's stack in bytes. The host clears the pages a call has touched, so a small stack is a
/// quick one: pricing 20 lines cost 30 µs with the linker's 1 MiB and 23 µs with a small one. It lies
/// below the data, so that too deep a recursion traps instead of overwriting it.
pub const STACK_BYTES: u32 = 64 << 10;

/// The custom section that carries a plugin's cases: a JSON object of them, by name. The host runs them at upload.
const CASES_SECTION: &str = "qudao:cases";

/// Makes a `cargo build` one for plugins: the target, and the linker's flags. Flags of the caller's own build
/// are not for the guest.
pub fn for_plugins(cargo: &mut Command) {
    with_stack(cargo, STACK_BYTES);
}

/// As [`for_plugins`], with a stack of another size: for the benchmark that shows what it costs.
pub fn with_stack(cargo: &mut Command, bytes: u32) {
    let flags = [format!("-Clink-arg=-zstack-size={bytes}"), "-Clink-arg=--stack-first".to_owned()];
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

/// Puts the cases of a folder, its files `NAME.json`, into a component. Without such a folder, or such files, the
/// component stays as it is.
///
/// # Errors
/// When a file cannot be read or is no JSON.
pub fn enclose_cases(component: &mut Vec<u8>, folder: &Path) -> Result<()> {
    let mut cases = Map::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let read = || -> Result<Value> { Ok(serde_json::from_str(&fs::read_to_string(&path)?)?) };
                let case = read().with_context(|| format!("{} is no case", path.display()))?;
                cases.insert(path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), case);
            }
        }
    }
    if !cases.is_empty() {
        // The object's members are sorted by name, so that the same folder gives the same bytes.
        cases.sort_keys();
        let data = serde_json::to_vec(&cases)?;
        let section = CustomSection { name: CASES_SECTION.into(), data: Cow::Owned(data) };
        section.append_to_component(component);
    }
    Ok(())
}

/// A component without its cases.
///
/// # Errors
/// When it is no component.
pub fn without_cases(component: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    ensure!(component.starts_with(b"\0asm") && component.len() >= HEADER, "it does not begin as a component");
    let (header, mut rest) = component.split_at(HEADER);
    let mut kept = header.to_vec();
    while let Some(section) = next_section(rest)? {
        if !section.custom_named(CASES_SECTION) {
            kept.extend_from_slice(section.whole);
        }
        rest = &rest[section.whole.len()..];
    }
    Ok(kept)
}

/// A section of a component: its kind and size, then what it holds.
struct Section<'a> {
    whole: &'a [u8],
    content: &'a [u8],
}

impl Section<'_> {
    /// A custom section's content begins with its name.
    fn custom_named(&self, name: &str) -> bool {
        let named = || {
            let (length, rest) = unsigned(self.content)?;
            rest.get(..length)
        };
        self.whole.first() == Some(&0) && named() == Some(name.as_bytes())
    }
}

/// The first section; none at the end.
fn next_section(bytes: &[u8]) -> Result<Option<Section<'_>>> {
    let Some((_, sized)) = bytes.split_first() else { return Ok(None) };
    let content = unsigned(sized).and_then(|(size, rest)| rest.get(..size).map(|content| (content, rest)));
    let (content, rest) = content.context("a section of it is cut off")?;
    let whole = &bytes[..bytes.len() - rest.len() + content.len()];
    Ok(Some(Section { whole, content }))
}

/// A number as Wasm writes a size (LEB128, at most 32 bits), and what comes after it.
fn unsigned(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0_usize;
    for (place, byte) in bytes.iter().enumerate().take(5) {
        number |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[place + 1..]));
        }
    }
    None
}

/// Wraps the module in a file into a component in another, whose folder is made, with the cases of a folder.
///
/// # Errors
/// As [`encode`] and [`enclose_cases`], and when a file cannot be read or written.
pub fn encode_file(module: &Path, cases: &Path, component: &Path) -> Result<()> {
    let bytes = fs::read(module).with_context(|| format!("{} cannot be read", module.display()))?;
    let mut encoded =
        encode(&bytes).with_context(|| format!("no component can be made of {}", module.display()))?;
    enclose_cases(&mut encoded, cases)?;
    write(component, &encoded).with_context(|| format!("{} cannot be written", component.display()))
}

/// Writes a file whose folder is made. Written aside and renamed, so that whoever reads sees the old file or the new
/// one.
///
/// # Errors
/// When it cannot be written.
pub fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}.{}", std::process::id()));
    fs::write(&aside, bytes)?;
    fs::rename(&aside, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_cases_becomes_a_section_and_no_folder_none() {
        let folder = tempfile::tempdir().unwrap();
        let empty = b"\0asm\x0d\0\x01\0".to_vec();
        let mut component = empty.clone();
        enclose_cases(&mut component, &folder.path().join("gone")).unwrap();
        enclose_cases(&mut component, folder.path()).unwrap();
        assert_eq!(component, empty);

        fs::write(folder.path().join("b.json"), r#"{ "about": 2 }"#).unwrap();
        fs::write(folder.path().join("a.json"), r#"{ "about": 1 }"#).unwrap();
        fs::write(folder.path().join("notes.txt"), "no case").unwrap();
        enclose_cases(&mut component, folder.path()).unwrap();
        let text = r#"qudao:cases{"a":{"about":1},"b":{"about":2}}"#;
        assert!(component.ends_with(text.as_bytes()), "{component:?}");

        component.extend_from_slice(&[0, 2, 1, b'x']);
        let bare = [&empty[..], &[0, 2, 1, b'x']].concat();
        assert_eq!(without_cases(&component).unwrap(), bare, "the cases alone are taken out");
        assert!(without_cases(&component[..component.len() - 1]).is_err(), "cut off");
        assert!(without_cases(b"no component").is_err());

        fs::write(folder.path().join("c.json"), "{").unwrap();
        let error = enclose_cases(&mut component, folder.path()).unwrap_err();
        assert!(format!("{error:#}").contains("c.json is no case"), "{error:#}");
    }
}
