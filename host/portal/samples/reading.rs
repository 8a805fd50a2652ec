//! Sample contexts of every template: `samples/<template without .html>/<case>.json`.
//! The tests render all of them, and `cargo run -p qudao --example look` writes them out to be looked at.
//! Nothing here is in the binary.

use qudao::web::i18n::{Language, say};
use qudao::web::page::{Account, Notice, Page, Theme, Visitor, Zone};
use qudao_domain::time::Instant;
use serde::Deserialize;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

/// 24 November 2026, 10:30 in Shanghai: the moment at which every sample is looked at.
const NOW_MICROS: i64 = 1_795_487_400_000_000;
const SHANGHAI_S: i32 = 8 * 3600;

/// One template with one context.
#[derive(Debug)]
pub struct Sample {
    /// The template's path, e.g. `orders/show.html`.
    pub template: String,
    /// The file's name without `.json`.
    pub case: String,
    /// What the template gets.
    pub context: Json,
    visit: Visit,
}

#[derive(Debug, Deserialize)]
struct File {
    page: Visit,
    context: Json,
}

/// Who looks at the sample, and where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Visit {
    path: String,
    #[serde(default)]
    query: String,
    role: Option<String>,
    notice: Option<String>,
}

impl Sample {
    /// The page around the sample, in a language and a theme.
    pub fn page(&self, language: Language, theme: Theme) -> Page {
        let account = self.visit.role.as_deref().map(|role| account(role, language));
        let zone = Zone::of(chrono::FixedOffset::east_opt(SHANGHAI_S).expect("an offset within a day"));
        let visitor = Visitor { now: Some(Instant::from_micros(NOW_MICROS)), zone, account, alarm: None };
        Page {
            visitor: Arc::new(visitor),
            language,
            theme,
            path: self.visit.path.clone(),
            query: self.visit.query.clone(),
            partial: false,
            notice: self.visit.notice.as_deref().and_then(|code| Notice::coded(code, language)),
        }
    }
}

fn account(role: &str, language: Language) -> Account {
    let role: qudao_domain::permissions::Role = role.parse().expect("a sample names a role");
    // Nobody who does not exist is named: a sample's reader is called by what they do.
    let name = say(language, &format!("role-{role}"), None);
    let (company, dealer) = match language {
        Language::ZhCn => ("远山自行车", "北辰车行"),
        Language::En => ("Yuanshan Bicycles", "Beichen Cycles"),
    };
    let dealer = qudao_domain::permissions::Role::is_dealer(role).then(|| dealer.to_owned());
    Account {
        name,
        email: "buyer@beichen.example".to_owned(),
        role,
        company: company.to_owned(),
        dealer,
        csrf: "sample".to_owned(),
        language: Some(language),
    }
}

/// Every sample, in the order of its path.
///
/// # Errors
/// When a file cannot be read or is no sample.
pub fn all() -> io::Result<Vec<Sample>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut files = Vec::new();
    find(&root, &mut files)?;
    files.sort();
    files.iter().map(|file| read(&root, file)).collect()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

fn read(root: &Path, file: &Path) -> io::Result<Sample> {
    let named = |error: serde_json::Error| io::Error::other(format!("{}: {error}", file.display()));
    let File { page, context } = serde_json::from_slice(&fs::read(file)?).map_err(named)?;
    let folder = file.parent().and_then(|folder| folder.strip_prefix(root).ok()).unwrap_or(Path::new(""));
    let case = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Sample { template: format!("{}.html", folder.display()), case, context, visit: page })
}
