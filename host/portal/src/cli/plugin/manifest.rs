//! Manifests that build outside this repository: what a crate inherits from the workspace is written out, with the
//! same versions.

use std::fmt::Write as _;

/// The workspace's manifest.
const WORKSPACE: &str = include_str!("../../../../../Cargo.toml");

/// How the author's own project is built. The release profile is that of the reference plugins.
const PROJECT: &str = r#"
# The SDK below is no member: its tests are not yours.
[workspace]
exclude = ["sdk"]

[lints.rust]
unsafe_code = "deny"

[lints.clippy]
float_arithmetic = "warn"

# Lines in a panic's backtrace are enough, and half as much is written.
[profile.dev]
debug = "line-tables-only"

# Small, quick, and no unwinding. Names stay, for backtraces.
[profile.release]
opt-level = 3
lto = "fat"
codegen-units = 1
panic = "abort"
strip = "debuginfo"
"#;

/// A manifest of the workspace with its inherited values written out; without what only this repository needs.
#[must_use]
pub fn resolved(manifest: &str) -> String {
    let mut written = String::new();
    let mut section = "";
    for line in manifest.lines() {
        if let Some(head) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = head;
        }
        if !matches!(section, "dev-dependencies" | "lints") {
            let _ = writeln!(written, "{}", inherited(section, line).unwrap_or_else(|| line.to_owned()));
        }
    }
    written.trim_end().to_owned() + "\n"
}

/// The manifest of an author's project, out of that of a starter.
#[must_use]
pub fn of_project(starter: &str) -> String {
    // Whose it is, and what it is about, is the author's to say.
    let kept = |line: &&str| !line.starts_with("license") && !line.starts_with("description");
    let lines: Vec<String> = resolved(starter).lines().filter(kept).map(str::to_owned).collect();
    lines.join("\n") + "\n" + PROJECT
}

/// `name.workspace = true`, or the same as a table, with the workspace's value.
fn inherited(section: &str, line: &str) -> Option<String> {
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.replace(' ', ""));
    let name = match key.strip_suffix(".workspace") {
        Some(name) if value == "true" => name,
        None if value == "{workspace=true}" => key,
        _ => return None,
    };
    let table = if section == "package" { "[workspace.package]" } else { "[workspace.dependencies]" };
    let lines = WORKSPACE.lines().skip_while(|line| *line != table).skip(1);
    let mut lines = lines.take_while(|line| !line.starts_with('['));
    lines.find(|line| line.split_once('=').is_some_and(|(key, _)| key.trim() == name)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_sdk_stays_inherited() {
        let manifest = resolved(include_str!("../../../../../sdk/rust/Cargo.toml"));
        assert!(!manifest.contains("workspace"), "{manifest}");
        for line in ["edition = \"2024\"", "publish = false", "schemars = \"1\""] {
            assert!(manifest.lines().any(|written| written == line), "{manifest}");
        }
        assert!(manifest.contains("wit-bindgen = { version"), "{manifest}");
        assert!(!manifest.contains("proptest") && !manifest.contains("[lints]"), "{manifest}");
    }

    #[test]
    fn a_project_is_a_workspace_of_its_own_and_finds_the_sdk_inside() {
        let manifest = of_project(include_str!("../../../../../plugins/starter-rust/Cargo.toml"));
        assert!(!manifest.contains("workspace = true"), "{manifest}");
        assert!(manifest.contains("qudao-sdk = { path = \"sdk/rust\" }"), "{manifest}");
        assert!(manifest.contains("\n[workspace]\n") && !manifest.contains("license"), "{manifest}");
        assert!(manifest.contains("crate-type = [\"cdylib\", \"rlib\"]"), "{manifest}");
    }
}
