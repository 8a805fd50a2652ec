//! What a new plugin begins with: a starter of this repository under another name, with the SDK beside it.

use anyhow::Context as _;
use qudao_domain::contract::Kind;
use rust_embed::Embed;

use super::manifest;

/// The starters, one for each kind. They are plugins of this repository: built, linted and tested like the others.
#[derive(Embed)]
#[folder = "../../plugins"]
#[include = "starter-rust*/*"]
struct Starters;

/// The SDK of Rust.
#[derive(Embed)]
#[folder = "../../sdk/rust"]
#[include = "src/*"]
#[include = "Cargo.toml"]
struct Sdk;

/// The contract, which the SDK is generated from.
#[derive(Embed)]
#[folder = "../../sdk/wit"]
#[include = "*.wit"]
struct Contract;

/// The versions that the SDK was tested with. Cargo strikes out what a project does not use.
const LOCK: &[u8] = include_bytes!("../../../../../Cargo.lock");

/// A file of a project: its path below the project's folder, and its bytes.
pub type File = (String, Vec<u8>);

/// The starter of a kind: it is named after it, but for the first one.
fn starter(kind: Kind) -> String {
    if kind == Kind::Pricing { "starter-rust".to_owned() } else { format!("starter-rust-{kind}") }
}

/// Every file of a new project in Rust.
///
/// # Errors
/// When this binary was built without a file that it needs.
pub fn rust(kind: Kind, name: &str) -> anyhow::Result<Vec<File>> {
    let mut files = own_files(&starter(kind), name)?;
    for path in Sdk::iter() {
        let bytes = Sdk::get(&path).map(|file| file.data.into_owned()).unwrap_or_default();
        let bytes = if path == "Cargo.toml" { manifest::resolved(&text(&bytes)).into_bytes() } else { bytes };
        files.push((format!("sdk/rust/{path}"), bytes));
    }
    for path in Contract::iter() {
        let bytes = Contract::get(&path).map(|file| file.data.into_owned()).unwrap_or_default();
        files.push((format!("sdk/wit/{path}"), bytes));
    }
    files.push(("Cargo.lock".into(), LOCK.to_vec()));
    files.push((".gitignore".into(), b"/target\n/dist\n".to_vec()));
    Ok(files)
}

fn own_files(starter: &str, name: &str) -> anyhow::Result<Vec<File>> {
    let folder = format!("{starter}/");
    let mut files = Vec::new();
    for path in Starters::iter() {
        let Some(inside) = path.strip_prefix(&folder) else { continue };
        let bytes = Starters::get(&path).map(|file| file.data.into_owned()).unwrap_or_default();
        let words = renamed(&text(&bytes), starter, name);
        let words = if inside == "Cargo.toml" { manifest::of_project(&words) } else { words };
        files.push((inside.to_owned(), words.into_bytes()));
    }
    let whole = files.iter().any(|(path, _)| path == "src/lib.rs");
    whole.then_some(files).with_context(|| format!("this binary was built without the starter {starter}"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The name as plugins have it, and as Rust has it.
fn renamed(text: &str, starter: &str, name: &str) -> String {
    text.replace(starter, name).replace(&starter.replace('-', "_"), &name.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_whole_project_under_its_new_name() {
        for kind in Kind::ALL {
            let files = rust(kind, "my-rule").unwrap();
            let file =
                |path: &str| files.iter().find(|(known, _)| known == path).map(|(_, bytes)| text(bytes));
            for path in [
                "Cargo.toml",
                "Cargo.lock",
                ".gitignore",
                "README.md",
                "src/lib.rs",
                "src/settings.rs",
                "tests/cases.rs",
                "sdk/rust/Cargo.toml",
                "sdk/rust/src/testkit/difference.rs",
                "sdk/wit/types.wit",
            ] {
                assert!(file(path).is_some_and(|text| !text.is_empty()), "{kind}: {path}");
            }
            assert_eq!(files.iter().filter(|(path, _)| path.starts_with("cases/")).count(), 2, "{kind}");
            for (path, bytes) in
                files.iter().filter(|(path, _)| !path.starts_with("sdk/") && path != "Cargo.lock")
            {
                let text = text(bytes);
                assert!(!text.contains("starter-") && !text.contains("starter_"), "{kind} {path}: {text}");
            }
            assert!(file("src/lib.rs").unwrap().contains("name: \"my-rule\".into()"), "{kind}");
            assert!(file("tests/cases.rs").unwrap().contains("my_rule::Starter"), "{kind}");
        }
    }
}
