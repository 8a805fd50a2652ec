//! `qudao plugin new`: a project that builds, tests and explains itself.

use clap::{Args, ValueEnum};
use qudao_domain::contract::{Kind, is_hyphenated};
use serde_json::json;
use std::path::PathBuf;

use super::folder::NewFolder;
use super::{Env, starter, tell};

/// What a plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// Rust, compiled by the toolchain that rustup installs.
    Rust,
    /// TypeScript, built by Node.js; a JavaScript engine comes with the plugin.
    #[value(alias = "typescript")]
    Ts,
}

impl Lang {
    const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Ts => "ts",
        }
    }

    /// What an author does first, in the project's folder.
    const fn next(self) -> &'static str {
        match self {
            Self::Rust => "cargo test",
            Self::Ts => "npm ci\n  npm test",
        }
    }
}

/// What to begin.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The plugin's name: lower-case words joined by hyphens, such as bulk-discount.
    #[arg(value_parser = name)]
    name: String,
    /// What it is written in.
    #[arg(long, default_value = "rust")]
    lang: Lang,
    /// What it decides: pricing, incentive, kpi or deal.
    #[arg(long)]
    kind: Kind,
    /// The project's folder; a folder of the plugin's name here when left out.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// The longest name: the component's file and the crate or package are called so too.
const MAX_NAME: usize = 40;
/// Names that Rust, cargo or the SDK have taken. They are refused for TypeScript too, so that a rule can be written
/// anew in the other language.
const TAKEN: [&str; 62] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "qudao-sdk",
    "ref",
    "return",
    "schemars",
    "self",
    "serde",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "build",
    "deps",
];

fn name(text: &str) -> Result<String, String> {
    let example = "write lower-case words joined by hyphens, for example bulk-discount";
    if text.len() > MAX_NAME {
        return Err(format!("it has {} bytes, at most {MAX_NAME} are allowed; {example}", text.len()));
    }
    if !is_hyphenated(text) || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Err(example.to_owned());
    }
    if TAKEN.contains(&text) {
        return Err(format!("Rust has this word itself; {example}"));
    }
    Ok(text.to_owned())
}

/// Writes the project.
///
/// # Errors
/// `AppError::Conflict` when the folder is not empty; nothing is written then.
pub fn run(env: &Env, args: NewArgs) -> anyhow::Result<()> {
    let NewArgs { name, lang, kind, dir } = args;
    let files = match lang {
        Lang::Rust => starter::rust(kind, &name)?,
        Lang::Ts => starter::typescript(kind, &name)?,
    };
    let shown = dir.unwrap_or_else(|| PathBuf::from(&name));
    let folder = NewFolder::begin(&shown)?;
    for (path, bytes) in &files {
        folder.write(path, bytes)?;
    }
    let place = folder.finish()?;
    let json = json!({ "name": name, "kind": kind, "lang": lang.name(), "dir": place, "files": files.len() });
    let words = format!(
        "{name}, a plugin of kind {kind}, is in {}. Next:\n  cd {}\n  {}\n  qudao plugin test .\nIts README.md says more.",
        place.display(),
        shown.display(),
        lang.next()
    );
    tell(env, &json, &words);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_for_the_plugin_and_for_the_crate() {
        for good in ["a", "bulk-discount", "x2", "rebate-2026-q4", &"a".repeat(40)] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in
            ["", "Bulk", "bulk_discount", "-a", "a-", "a--b", "2x", "折扣", "a b", "../a", "fn", "serde"]
        {
            assert!(name(bad).is_err(), "{bad}");
        }
        assert!(name(&"a".repeat(41)).unwrap_err().contains("at most 40"));
    }
}
