//! Import from CSV. All or nothing by default: a file is read through and checked before anything is written, and
//! everything is written in one transaction. A report names what is wrong by line and column.

mod csv;
mod dealers;
mod encoding;
mod fields;
mod grouped;
mod orders;
mod prices;
mod problem;
mod products;
mod sales_prices;
mod table;
mod values;

pub use fields::{Field, ImportKind, preset, presets};
pub use problem::Problem;

use crate::errors::{AppError, Issue, Result};
use crate::{App, Context};
use encoding::{Decoded, Look};
use problem::Problems;
use qudao_domain::permissions::Action;
use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use table::{Row, Table, Unread};

/// The most attributes that a file may carry.
const MAX_ATTRIBUTES: usize = 50;
/// After so many rows others get the thread, and progress is told.
const BREATH: u64 = 1_000;

/// How a file is to be read.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Field → column, where the header's own names do not say it.
    pub mapping: Vec<(String, String)>,
    /// A mapping that comes with Qudao; [`ImportOptions::mapping`] beats it.
    pub preset: Option<String>,
    /// The name of the file's encoding, such as `gb18030`; none to find it out.
    pub encoding: Option<String>,
    /// Check and report only.
    pub dry_run: bool,
    /// Write what is right and report the rest; else one problem keeps everything out.
    pub skip_bad: bool,
}

/// What an import is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading and checking.
    Checking,
    /// Writing.
    Writing,
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is at; each phase reads the file anew.
    pub phase: Phase,
    /// Rows so far in this phase.
    pub rows: u64,
    /// Bytes so far in this phase.
    pub bytes: u64,
    /// Bytes of the file.
    pub size: u64,
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// What the file holds.
    pub kind: ImportKind,
    /// Whether something was written (or, in a dry run, would have been).
    pub accepted: bool,
    /// Whether it was a dry run: nothing was written.
    pub dry_run: bool,
    /// Rows that were read.
    pub read: u64,
    /// Rows that were written (in a dry run: would have been).
    pub written: u64,
    /// Products, dealers, orders, dated prices or dated costs that these rows are.
    pub documents: u64,
    /// Sum of the orders that were written, in minor units of the company's currency.
    pub total_minor: i64,
    /// How many problems there are.
    pub problem_count: u64,
    /// The first hundred of them.
    pub skipped: Vec<Problem>,
}

impl Report {
    fn begun(kind: ImportKind, options: &ImportOptions) -> Self {
        let (dry_run, skipped) = (options.dry_run, Vec::new());
        Self {
            kind,
            accepted: false,
            dry_run,
            read: 0,
            written: 0,
            documents: 0,
            total_minor: 0,
            problem_count: 0,
            skipped,
        }
    }

    fn with(mut self, problems: Problems) -> Self {
        self.problem_count = problems.count;
        self.skipped = problems.kept;
        self
    }
}

/// Hears of progress.
pub type Listener<'l> = &'l mut (dyn FnMut(Progress) + Send);

/// A file on its way in: what every kind of import needs.
pub(crate) struct Source<'s, F> {
    file: &'s mut F,
    look: Look,
    kind: ImportKind,
    options: &'s ImportOptions,
    bytes: Arc<AtomicU64>,
}

impl<F: Read + Seek> Source<'_, F> {
    /// The file from its beginning.
    fn table(&mut self) -> Result<std::result::Result<Table<Decoded<'_, F>>, Vec<Problem>>> {
        let decoded = Decoded::new(self.file, &self.look, Arc::clone(&self.bytes)).map_err(unreadable)?;
        match Table::open(decoded, self.kind, self.options) {
            Ok(table) => Ok(Ok(table)),
            Err(Unread::Problems(problems)) => Ok(Err(problems)),
            Err(Unread::Io(error)) => Err(unreadable(error)),
        }
    }

    /// Every row of the file, each given to `take`, with the problems of the file's form.
    async fn rows(
        &mut self,
        phase: Phase,
        problems: &mut Problems,
        progress: Listener<'_>,
        mut take: impl FnMut(Row, &mut Problems) + Send,
    ) -> Result<u64>
    where
        F: Send,
    {
        let (bytes, size) = (Arc::clone(&self.bytes), self.look.size);
        let mut table = match self.table()? {
            Ok(table) => table,
            Err(found) => {
                found.into_iter().for_each(|problem| problems.end(problem));
                return Ok(0);
            }
        };
        let mut rows = 0_u64;
        loop {
            match table.next() {
                Ok(Some(row)) => take(row, problems),
                Ok(None) => break,
                Err(csv::Failure::Problem(problem)) => {
                    problems.end(problem);
                    break;
                }
                Err(csv::Failure::Io(error)) => return Err(unreadable(error)),
            }
            rows += 1;
            if rows.is_multiple_of(BREATH) {
                progress(Progress { phase, rows, bytes: bytes.load(Ordering::Relaxed), size });
                tokio::task::yield_now().await;
            }
        }
        progress(Progress { phase, rows, bytes: size, size });
        Ok(rows)
    }
}

fn unreadable(error: std::io::Error) -> AppError {
    AppError::invalid(Issue::new("/file", "file", format!("the file cannot be read: {error}")))
}

impl App {
    /// Imports a file. What is wrong with its contents is in the report, by line and column; unless
    /// [`ImportOptions::skip_bad`] is set nothing of such a file is written.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::Invalid`] when the file cannot be read at all.
    pub async fn import<F: Read + Seek + Send>(
        &self,
        ctx: &Context,
        kind: ImportKind,
        file: &mut F,
        options: &ImportOptions,
        progress: Listener<'_>,
    ) -> Result<Report> {
        ctx.whole_company(match kind {
            ImportKind::Products | ImportKind::Prices | ImportKind::PricesFromSales => Action::ProductsWrite,
            ImportKind::Costs => Action::CostsWrite,
            ImportKind::Dealers => Action::DealersWrite,
            ImportKind::Orders => Action::OrdersFulfil,
        })?;
        let told = encoding_of(options)?;
        let look = match encoding::look(file, told).map_err(unreadable)? {
            Ok(look) => look,
            Err(problem) => {
                let mut problems = Problems::default();
                problems.end(problem);
                return Ok(Report::begun(kind, options).with(problems));
            }
        };
        let source = Source { file, look, kind, options, bytes: Arc::default() };
        match kind {
            ImportKind::Products => self.import_products(ctx, source, progress).await,
            ImportKind::Prices | ImportKind::Costs => self.import_prices(ctx, source, progress).await,
            ImportKind::PricesFromSales => self.import_sales_prices(ctx, source, progress).await,
            ImportKind::Dealers => self.import_dealers(ctx, source, progress).await,
            ImportKind::Orders => self.import_orders(ctx, source, progress).await,
        }
    }
}

fn encoding_of(options: &ImportOptions) -> Result<Option<&'static encoding_rs::Encoding>> {
    let Some(name) = options.encoding.as_deref() else { return Ok(None) };
    let unknown = || {
        Issue::new("/encoding", "encoding", format!("there is no encoding `{name}`; try utf-8 or gb18030"))
    };
    encoding_rs::Encoding::for_label(name.as_bytes()).map(Some).ok_or_else(|| AppError::invalid(unknown()))
}

/// A length as the report counts.
fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Notes what is wrong with the values of a row, each at the field that its pointer names.
fn note_issues(row: &mut Row, issues: Vec<Issue>) {
    for issue in issues {
        let field = issue.pointer.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        let column = row.column(&field);
        // An empty cell was noted when it was read.
        if row.problems.iter().all(|known| known.column != column || column.is_none()) {
            row.wrong(&field, issue.code, issue.message);
        }
    }
}

/// Notes a key that an earlier row has.
fn note_repeated(row: &mut Row, field: &str, key: &str, seen: &mut std::collections::HashMap<String, u64>) {
    match seen.entry(key.to_owned()) {
        std::collections::hash_map::Entry::Occupied(first) => {
            let message = format!("`{key}` is on line {} already; keep one of the two", first.get());
            row.wrong(field, "repeated", message);
        }
        std::collections::hash_map::Entry::Vacant(place) => {
            place.insert(row.line);
        }
    }
}
