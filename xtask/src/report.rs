//! What `cargo xtask test` says: each stage as it begins and ends, a table, and the closing line.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::counts::Counts;

/// How a stage ended.
pub enum Outcome {
    /// All is well.
    Passed,
    /// It could not be tried, and why.
    Skipped(String),
    /// Something is wrong, and what.
    Failed(String),
}

/// What a stage found.
pub struct Finding {
    /// How it ended.
    pub outcome: Outcome,
    /// The tests that it ran.
    pub counts: Counts,
    /// Tests that failed or were skipped, one a line.
    pub notes: Vec<String>,
}

impl Finding {
    /// Both: it passed only if each did.
    pub fn and(mut self, other: Self) -> Self {
        if !matches!(self.outcome, Outcome::Failed(_)) {
            self.outcome = other.outcome;
        }
        self.counts += other.counts;
        self.notes.extend(other.notes);
        self
    }
}

impl From<Outcome> for Finding {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, counts: Counts::default(), notes: Vec::new() }
    }
}

impl From<anyhow::Result<()>> for Finding {
    fn from(result: anyhow::Result<()>) -> Self {
        match result {
            Ok(()) => Outcome::Passed.into(),
            Err(error) => Outcome::Failed(format!("{error:#}")).into(),
        }
    }
}

struct Row {
    name: &'static str,
    took: Duration,
    finding: Finding,
}

/// The stages so far.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Runs a stage between two lines that say its name and what came of it.
    pub fn stage(&mut self, place: &str, name: &'static str, stage: impl FnOnce() -> Finding) {
        eprintln!("\n== {place} {name} ==");
        let begun = Instant::now();
        let mut finding = stage();
        // Cargo counts each failed test; a stage that failed otherwise counts once.
        if matches!(finding.outcome, Outcome::Failed(_)) && finding.counts.failed == 0 {
            finding.counts.failed = 1;
        }
        let row = Row { name, took: begun.elapsed(), finding };
        eprintln!("== {place} {name}: {} ({} min)", word(&row.finding.outcome), minutes(row.took));
        self.rows.push(row);
    }

    /// Whether any stage failed.
    pub fn failed(&self) -> bool {
        self.counts().failed > 0
    }

    /// All tests of all stages.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            counts += row.finding.counts;
        }
        counts
    }

    /// Prints the notes, the table and, alone on the last line, the counts.
    pub fn close(&self) {
        let mut out = std::io::stdout().lock();
        // A closed pipe is no reason to change how the run ends.
        let _ = self.write(&mut out);
    }

    fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out)?;
        for row in &self.rows {
            for note in &row.finding.notes {
                writeln!(out, "{}: {note}", row.name)?;
            }
        }
        writeln!(
            out,
            "\n{:<10} {:<8} {:>6} {:>7} {:>7} {:>8}",
            "stage", "result", "min", "passed", "failed", "skipped"
        )?;
        for Row { name, took, finding } in &self.rows {
            let Counts { passed, failed, skipped } = finding.counts;
            let result = word(&finding.outcome);
            write!(out, "{name:<10} {result:<8} {:>6} {passed:>7} {failed:>7} {skipped:>8}", minutes(*took))?;
            match &finding.outcome {
                Outcome::Passed => writeln!(out)?,
                Outcome::Skipped(why) | Outcome::Failed(why) => writeln!(out, "  {why}")?,
            }
        }
        let whole = self.rows.iter().map(|row| row.took).sum();
        writeln!(out, "{:<10} {:<8} {:>6}", "all", "", minutes(whole))?;
        writeln!(out, "\n{}", self.counts())
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "ok",
        Outcome::Skipped(_) => "skipped",
        Outcome::Failed(_) => "FAILED",
    }
}

/// Minutes and seconds, as `1:05`.
fn minutes(took: Duration) -> String {
    format!("{}:{:02}", took.as_secs() / 60, took.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(counts: Counts) -> Finding {
        Finding { outcome: Outcome::Passed, counts, notes: Vec::new() }
    }

    #[test]
    fn the_last_line_is_the_counts_alone() {
        let mut report = Report::default();
        report.stage("1/2", "tests", || passed(Counts { passed: 7, failed: 0, skipped: 2 }));
        assert!(!report.failed());
        report.stage("2/2", "format", || Outcome::Failed("two files differ".to_owned()).into());
        assert!(report.failed());
        let mut text = Vec::new();
        report.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.lines().last(), Some("7 passed, 1 failed, 2 skipped"));
        assert!(text.contains("two files differ"), "{text}");
    }

    #[test]
    fn a_failed_stage_adds_nothing_to_its_failed_tests() {
        let mut report = Report::default();
        report.stage("1/1", "tests", || Finding {
            outcome: Outcome::Failed("cargo test failed".to_owned()),
            counts: Counts { passed: 1, failed: 3, skipped: 0 },
            notes: Vec::new(),
        });
        assert_eq!(report.counts(), Counts { passed: 1, failed: 3, skipped: 0 });
    }

    #[test]
    fn two_findings_pass_only_together() {
        let failed = || Finding::from(Outcome::Failed("no".to_owned()));
        let fine = || passed(Counts { passed: 2, failed: 0, skipped: 0 });
        for both in [failed().and(fine()), fine().and(failed())] {
            assert!(matches!(both.outcome, Outcome::Failed(_)));
            assert_eq!(both.counts.passed, 2);
        }
        assert!(matches!(fine().and(fine()).outcome, Outcome::Passed));
    }

    #[test]
    fn minutes_are_read_at_a_glance() {
        assert_eq!(minutes(Duration::from_millis(65_900)), "1:05");
    }
}
