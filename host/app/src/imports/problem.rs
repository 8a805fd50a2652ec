//! What an import says of a file: where, what, and how to mend it.

/// Something wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The line of the file, from 1 (the header).
    pub line: u64,
    /// The column by its name in the file.
    pub column: Option<String>,
    /// Which rule is broken.
    pub code: &'static str,
    /// What is wrong and how to mend it, in English.
    pub message: String,
}

impl Problem {
    /// Something wrong at a line.
    pub(super) fn new(
        line: u64,
        column: Option<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { line, column, code, message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, column {column}: {}", self.line, self.message),
            None => write!(f, "line {}: {}", self.line, self.message),
        }
    }
}

/// The most problems that a report lists.
pub(super) const LISTED: usize = 100;

/// Collects problems: all are counted, the first [`LISTED`] are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Problems {
    pub kept: Vec<Problem>,
    pub count: u64,
    /// The rest of the file cannot be known: nothing of it may be written.
    pub fatal: bool,
}

impl Problems {
    pub(super) fn add(&mut self, problem: Problem) {
        self.count += 1;
        if self.kept.len() < LISTED {
            self.kept.push(problem);
        }
    }

    pub(super) fn add_all(&mut self, found: impl IntoIterator<Item = Problem>) {
        found.into_iter().for_each(|problem| self.add(problem));
    }

    /// Notes why the file cannot be read to its end.
    pub(super) fn end(&mut self, problem: Problem) {
        self.fatal = true;
        self.add(problem);
    }

    /// Whether something may be written all the same.
    pub(super) fn permit(&self, skip_bad: bool) -> bool {
        self.count == 0 || (skip_bad && !self.fatal)
    }
}
