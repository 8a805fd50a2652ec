//! Keeps the tree tidy: what the compiler cannot see and a reader relies on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// No file of Rust is longer: it would be about more than one noun.
const LONGEST_LINES: usize = 600;

/// Folders that are made, not written.
const MADE: [&str; 7] = ["target", "node_modules", ".git", "release", "test-results", "dist", "generated"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root").to_owned()
}

/// Every written file, by its path from the root.
fn files() -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
            let path = entry.path();
            if MADE.iter().any(|made| entry.file_name() == *made) {
                continue;
            }
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let (root, mut found) = (root(), Vec::new());
    walk(&root, &mut found);
    let relative = |path: PathBuf| path.strip_prefix(&root).expect("below the root").display().to_string();
    let mut files: Vec<String> = found.into_iter().map(relative).collect();
    files.sort();
    assert!(files.len() > 50, "the walk found the tree");
    files
}

fn with_ending(endings: &[&str]) -> Vec<String> {
    files().into_iter().filter(|file| endings.iter().any(|ending| file.ends_with(ending))).collect()
}

/// The text of a file; empty when it is not text.
fn read(file: &str) -> String {
    let bytes = fs::read(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    String::from_utf8(bytes).unwrap_or_default()
}

/// Asserts that a list of complaints is empty, and prints them one a line if not.
#[track_caller]
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn rust_files_are_about_one_noun() {
    let long = |file: &String| {
        let lines = read(file).lines().count();
        (lines > LONGEST_LINES).then(|| format!("{file} has {lines} lines; split it at {LONGEST_LINES}"))
    };
    none(&with_ending(&[".rs"]).iter().filter_map(long).collect::<Vec<_>>());
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let patterns = [concat!("#[", "allow("), concat!("#![", "allow(")];
    let mut complaints = Vec::new();
    for file in with_ending(&[".rs"]) {
        for (index, line) in read(&file).lines().enumerate() {
            if patterns.iter().any(|pattern| line.contains(pattern)) {
                complaints.push(format!("{file}:{}: write #[expect(lint, reason = \"…\")]", index + 1));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_crate_inherits_the_lints_of_the_house() {
    let mut complaints = Vec::new();
    for file in with_ending(&["/Cargo.toml"]) {
        let manifest = read(&file);
        let inherits =
            section(&manifest, "lints").iter().any(|line| line.replace(' ', "") == "workspace=true");
        if !inherits && !manifest.contains("[workspace]") {
            complaints.push(format!("{file}: add [lints] workspace = true"));
        }
    }
    none(&complaints);
}

#[test]
fn migrations_have_the_same_names_for_both_databases() {
    let names = |folder: &str| -> BTreeSet<String> {
        files().iter().filter_map(|file| file.strip_prefix(folder)).map(str::to_owned).collect()
    };
    let (sqlite, postgres) = (names("migrations/sqlite/"), names("migrations/postgres/"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
}

/// The lines of `[name]` in a manifest.
fn section<'a>(manifest: &'a str, name: &str) -> Vec<&'a str> {
    let head = format!("[{name}]");
    let lines = manifest.lines().map(str::trim).skip_while(|line| *line != head).skip(1);
    lines.take_while(|line| !line.starts_with('[')).collect()
}

/// What a crate imports when it is not being tested. A dependency may also be a table of its own.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for table in ["dependencies", "build-dependencies"] {
        for line in section(manifest, table) {
            if let Some((name, _)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
                names.insert(name.trim().trim_end_matches(".workspace").to_owned());
            }
        }
        let head = format!("[{table}.");
        let tables = manifest.lines().filter_map(|line| line.trim().strip_prefix(&head)?.strip_suffix(']'));
        names.extend(tables.map(str::to_owned));
    }
    names
}

const WEB: [&str; 6] = ["axum", "tower-http", "hyper", "minijinja", "fluent-bundle", "utoipa"];
const SQL: [&str; 1] = ["sqlx"];
const WASM: [&str; 2] = ["wasmtime", "wasmparser"];
const RUNTIME: [&str; 2] = ["tokio", "futures"];

/// One crate of the host: where it is, the crates of ours that lie below it, and what it may not name.
struct Layer {
    folder: &'static str,
    below: &'static [&'static str],
    banned: &'static [&'static [&'static str]],
}

const LAYERS: [Layer; 6] = [
    Layer { folder: "host/domain", below: &[], banned: &[&WEB, &WASM, &RUNTIME] },
    Layer { folder: "host/engine", below: &["qudao-domain"], banned: &[&WEB, &SQL] },
    Layer { folder: "host/store", below: &["qudao-domain"], banned: &[&WEB, &WASM] },
    Layer {
        folder: "host/app",
        below: &["qudao-domain", "qudao-engine", "qudao-store"],
        banned: &[&WEB, &WASM, &SQL],
    },
    Layer { folder: "host/component", below: &[], banned: &[&WEB, &WASM, &SQL, &RUNTIME] },
    Layer {
        folder: "host/portal",
        below: &["qudao-domain", "qudao-engine", "qudao-store", "qudao-app", "qudao-component"],
        banned: &[&SQL, &WASM],
    },
];

#[test]
fn layers_import_only_what_lies_below_them() {
    let mut complaints = Vec::new();
    for Layer { folder, below, banned } in LAYERS {
        let imported = dependencies(&read(&format!("{folder}/Cargo.toml")));
        assert!(!imported.is_empty(), "{folder} imports something");
        for name in imported {
            let upwards = name.starts_with("qudao") && !below.contains(&name.as_str());
            // The domain's types travel to a column behind an optional feature; no query lives there.
            if upwards || banned.iter().any(|names| names.contains(&name.as_str())) {
                complaints.push(format!("{folder} may not import {name}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn the_domain_holds_no_query() {
    let manifest = read("host/domain/Cargo.toml");
    let optional = section(&manifest, "dependencies")
        .iter()
        .any(|line| line.starts_with("sqlx") && line.contains("optional = true"));
    assert!(optional, "sqlx must stay optional in host/domain");
    let queries = with_ending(&[".rs"]).into_iter().filter(|file| file.starts_with("host/domain/"));
    let queries = queries
        .filter(|file| ["sqlx::query", "SELECT ", "INSERT "].iter().any(|word| read(file).contains(word)));
    none(&queries.map(|file| format!("{file}: queries belong in host/store")).collect::<Vec<_>>());
}

#[test]
fn plugins_share_only_the_sdk_with_the_house() {
    let mut complaints = Vec::new();
    for file in with_ending(&["/Cargo.toml"]) {
        let allowed: &[&str] = match file.split('/').next() {
            Some("plugins") => &["qudao-sdk"],
            Some("sdk") => &[],
            _ => continue,
        };
        let imported = dependencies(&read(&file));
        let foreign =
            imported.iter().filter(|name| name.starts_with("qudao") && !allowed.contains(&name.as_str()));
        complaints.extend(foreign.map(|name| format!("{file} may not import {name}")));
    }
    none(&complaints);
}

/// Runs of text between backticks, outside fenced code.
fn spans(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// Targets of links and pictures.
fn links(markdown: &str) -> Vec<String> {
    let ends = markdown.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    ends.map(|(target, _)| target.split('#').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn paths_in_documents_exist() {
    let tops: BTreeSet<String> =
        files().iter().filter_map(|file| Some(file.split_once('/')?.0.to_owned())).collect();
    let mut complaints = Vec::new();
    let mut cited = 0;
    for file in with_ending(&[".md"]) {
        let text = read(&file);
        let folder = root().join(&file).parent().expect("a file has a folder").to_owned();
        let inside = |span: &String| {
            let top = span.split_once('/').map(|(top, _)| top.to_owned());
            let placeholder = span.contains(['*', '{', '<', ' ', '…', '|']) || span.contains("YOUR");
            top.is_some_and(|top| tops.contains(&top)) && !placeholder
        };
        // A path is meant from the root, or from where the document lies; a link always the latter.
        let somewhere = |path: &String| root().join(path).exists() || folder.join(path).exists();
        let quoted: Vec<String> = spans(&text).into_iter().filter(inside).collect();
        let local = |target: &String| !target.is_empty() && !target.contains(':');
        let linked: Vec<String> = links(&text).into_iter().filter(local).collect();
        cited += quoted.len() + linked.len();
        let broken = quoted.iter().filter(|path| !somewhere(path));
        let broken = broken.chain(linked.iter().filter(|target| !folder.join(target).exists()));
        complaints.extend(broken.map(|path| format!("{file} cites {path}, which does not exist")));
    }
    none(&complaints);
    assert!(cited > 20, "documents cite {cited} paths");
}

#[test]
fn messages_of_templates_exist_in_both_languages() {
    let ids = |language: &str| -> BTreeSet<String> {
        let text = read(&format!("messages/{language}.ftl"));
        text.lines().filter_map(|line| line.split_once(" =")).map(|(id, _)| id.to_owned()).collect()
    };
    let languages = ["zh-CN", "en"].map(|language| (language, ids(language)));
    let mut complaints = Vec::new();
    let mut said = 0;
    for file in with_ending(&[".html"]).into_iter().filter(|file| file.starts_with("templates/")) {
        for id in messages_of(&read(&file)) {
            said += 1;
            for (language, ids) in &languages {
                if !ids.contains(&id) {
                    complaints
                        .push(format!("{file} says `{id}`, which messages/{language}.ftl does not hold"));
                }
            }
        }
    }
    none(&complaints);
    assert!(said > 0, "templates say something");
}

/// The ids in `t('id')`; those put together while a page is drawn are the portal's own tests' matter.
fn messages_of(template: &str) -> Vec<String> {
    let spoken =
        |part: &str| part.split_once("#}").map_or_else(|| part.to_owned(), |(_, rest)| rest.to_owned());
    let template: String = template.split("{#").map(spoken).collect();
    let mut ids = Vec::new();
    for (at, found) in template.match_indices("t('") {
        let name_ends_here =
            template[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        let Some((id, rest)) = template[at + found.len()..].split_once('\'') else { continue };
        if !name_ends_here && rest.trim_start().starts_with([',', ')']) {
            ids.push(id.to_owned());
        }
    }
    ids
}

#[test]
fn ids_of_messages_are_found_in_templates() {
    assert_eq!(
        messages_of(
            "{{ t('yes') }} {# t('comment') #}{{ fmt('no') }} {{ t('sum', n=1) }} {{ t('part-' ~ kind) }}"
        ),
        ["yes", "sum"]
    );
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    let banned = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("registry.", "npmjs.org"),
        concat!("static.", "crates.io"),
        concat!("index.", "crates.io"),
        concat!("deb.", "debian.org"),
        concat!("\"", "resolved\": \"http"),
    ];
    let mut complaints = Vec::new();
    for file in files() {
        let text = read(&file);
        for word in banned.iter().filter(|word| text.contains(**word)) {
            complaints.push(format!("{file} holds `{word}`"));
        }
    }
    none(&complaints);
}
