//! What a new plugin begins with: a starter of this repository under another name, with the SDK beside it.

use anyhow::Context as _;
use qudao_domain::contract::Kind;
use rust_embed::Embed;

use super::{manifest, package};

/// The starters, one for each kind and language. They are plugins of this repository: built, linted and tested like
/// the others.
#[derive(Embed)]
#[folder = "../../plugins"]
#[include = "starter-rust*/*"]
#[include = "starter-ts*/*"]
#[exclude = "*/node_modules/*"]
#[exclude = "*/dist/*"]
struct Starters;

/// The SDK of Rust.
#[derive(Embed)]
#[folder = "../../sdk/rust"]
#[include = "src/*"]
#[include = "Cargo.toml"]
struct RustSdk;

/// The SDK of TypeScript, with the tool that builds and tests.
#[derive(Embed)]
#[folder = "../../sdk/js"]
#[include = "src/*"]
#[include = "tool/*"]
#[include = "build.mjs"]
#[include = "package.json"]
#[include = "tsconfig.plugin.json"]
struct TypeScriptSdk;

/// The contract, which the SDK is generated from.
#[derive(Embed)]
#[folder = "../../sdk/wit"]
#[include = "*.wit"]
struct Contract;

/// The versions that the SDK was tested with. Cargo strikes out what a project does not use.
const LOCK: &[u8] = include_bytes!("../../../../../Cargo.lock");

/// The same of npm.
const NPM_LOCK: &str = include_str!("../../../../../sdk/js/package-lock.json");

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
    rewrite(&mut files, "Cargo.toml", |starter| Some(manifest::of_project(starter)))?;
    let mut sdk = embedded::<RustSdk>("sdk/rust/");
    rewrite(&mut sdk, "sdk/rust/Cargo.toml", |manifest| Some(manifest::resolved(manifest)))?;
    files.extend(sdk);
    files.extend(embedded::<Contract>("sdk/wit/"));
    files.push(("Cargo.lock".into(), LOCK.to_vec()));
    files.push((".gitignore".into(), b"/target\n/dist\n".to_vec()));
    Ok(files)
}

/// Every file of a new project in TypeScript.
///
/// # Errors
/// When this binary was built without a file that it needs.
pub fn typescript(kind: Kind, name: &str) -> anyhow::Result<Vec<File>> {
    let starter = match kind {
        Kind::Pricing => "starter-ts",
        Kind::Incentive => "starter-ts-incentive",
        Kind::Kpi => "starter-ts-kpi",
        Kind::Deal => "starter-ts-deal",
    };
    let mut files = own_files(starter, name)?;
    rewrite(&mut files, "package.json", |starter| Some(package::of_project(starter)))?;
    rewrite(&mut files, "package-lock.json", |starter| package::lock(starter, NPM_LOCK))?;
    files.extend(embedded::<TypeScriptSdk>("sdk/js/"));
    files.extend(embedded::<Contract>("sdk/wit/"));
    let ignored = b"node_modules/\n/dist\n/sdk/js/generated\n/sdk/js/.generated-*\n";
    files.push((".gitignore".into(), ignored.to_vec()));
    Ok(files)
}

/// A starter's own files, under the plugin's name.
fn own_files(starter: &str, name: &str) -> anyhow::Result<Vec<File>> {
    let folder = format!("{starter}/");
    let mut files = Vec::new();
    for (path, bytes) in embedded::<Starters>("") {
        let Some(inside) = path.strip_prefix(&folder) else { continue };
        files.push((inside.to_owned(), renamed(&text(&bytes), starter, name).into_bytes()));
    }
    let whole = files.iter().any(|(path, _)| path.starts_with("src/"));
    whole.then_some(files).with_context(|| format!("this binary was built without the starter {starter}"))
}

/// The files of a folder of this repository.
fn embedded<Folder: Embed>(below: &str) -> Vec<File> {
    let bytes = |path: &str| Folder::get(path).map(|file| file.data.into_owned()).unwrap_or_default();
    Folder::iter().map(|path| (format!("{below}{path}"), bytes(&path))).collect()
}

/// Makes one file another.
fn rewrite(files: &mut [File], path: &str, make: impl FnOnce(&str) -> Option<String>) -> anyhow::Result<()> {
    let file = files.iter_mut().find(|(known, _)| known == path);
    let made = file.and_then(|(_, bytes)| Some((make(&text(bytes))?, bytes)));
    let (made, bytes) = made.with_context(|| format!("this binary was built without a good {path}"))?;
    *bytes = made.into_bytes();
    Ok(())
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

    /// Files that any project has, whatever it is written in.
    fn check(kind: Kind, files: &[File], expected: &[&str], kept: &[&str]) {
        let file = |path: &str| files.iter().find(|(known, _)| known == path).map(|(_, bytes)| text(bytes));
        for path in [".gitignore", "README.md", "sdk/wit/types.wit"].iter().chain(expected) {
            assert!(file(path).is_some_and(|text| !text.is_empty()), "{kind}: {path}");
        }
        assert_eq!(files.iter().filter(|(path, _)| path.starts_with("cases/")).count(), 2, "{kind}");
        for (path, bytes) in files {
            assert!(!path.contains("node_modules/") && !path.starts_with("dist/"), "{kind}: {path}");
            if !path.starts_with("sdk/") && !kept.contains(&path.as_str()) {
                let text = text(bytes);
                assert!(!text.contains("starter-") && !text.contains("starter_"), "{kind} {path}: {text}");
            }
        }
    }

    #[test]
    fn each_kind_has_a_whole_project_in_rust_under_its_new_name() {
        for kind in Kind::ALL {
            let files = rust(kind, "my-rule").unwrap();
            let expected = [
                "Cargo.toml",
                "Cargo.lock",
                "src/lib.rs",
                "src/settings.rs",
                "tests/cases.rs",
                "sdk/rust/Cargo.toml",
                "sdk/rust/src/testkit/difference.rs",
            ];
            check(kind, &files, &expected, &["Cargo.lock"]);
            let file = |path: &str| text(&files.iter().find(|(known, _)| known == path).unwrap().1);
            assert!(file("src/lib.rs").contains("name: \"my-rule\".into()"), "{kind}");
            assert!(file("tests/cases.rs").contains("my_rule::Starter"), "{kind}");
        }
    }

    #[test]
    fn each_kind_has_a_whole_project_in_typescript_under_its_new_name() {
        for kind in Kind::ALL {
            let files = typescript(kind, "my-rule").unwrap();
            let expected = [
                "package.json",
                "package-lock.json",
                ".npmrc",
                "tsconfig.json",
                "src/plugin.ts",
                "src/settings.ts",
                "tests/cases.test.ts",
                "sdk/js/build.mjs",
                "sdk/js/package.json",
                "sdk/js/tsconfig.plugin.json",
                "sdk/js/tool/component.mjs",
                "sdk/js/src/testkit/difference.ts",
            ];
            check(kind, &files, &expected, &[]);
            let file = |path: &str| text(&files.iter().find(|(known, _)| known == path).unwrap().1);
            for path in ["package.json", "package-lock.json"] {
                assert!(file(path).contains("\"name\": \"my-rule\""), "{kind} {path}");
                assert!(!file(path).contains("../"), "{kind} {path}");
            }
            assert!(file("src/plugin.ts").contains(&format!("export const {kind} = ")), "{kind}");
        }
    }
}
