//! Counts tests from what cargo and Node print.

use std::fmt;
use std::ops::AddAssign;

/// How many tests ended how.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Tests that ran and held.
    pub passed: u64,
    /// Tests that did not hold, and stages that failed.
    pub failed: u64,
    /// Tests that did not run.
    pub skipped: u64,
}

impl Counts {
    /// Tests that returned early for want of data said "ok" to their runner: they were skipped.
    pub fn move_to_skipped(&mut self, tests: u64) {
        let moved = tests.min(self.passed);
        self.passed -= moved;
        self.skipped += moved;
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Adds up the `test result:` lines of `cargo test`.
pub fn of_cargo(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        let Some(result) = plain(line).strip_prefix("test result: ").map(str::to_owned) else { continue };
        for part in result.split([';', '.']) {
            match number_before(part.trim()) {
                Some((count, "passed")) => counts.passed += count,
                Some((count, "failed")) => counts.failed += count,
                Some((count, "ignored")) => counts.skipped += count,
                _ => {}
            }
        }
    }
    counts
}

/// The names of the tests that `cargo test` saw fail.
pub fn failures_of_cargo(output: &str) -> Vec<String> {
    let name = |line| plain(line).strip_prefix("test ")?.strip_suffix(" ... FAILED").map(str::to_owned);
    output.lines().filter_map(name).collect()
}

/// Reads the summary of `node --test`, in its `spec` or `tap` form.
pub fn of_node(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        let line = plain(line);
        let Some(summary) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) else { continue };
        let Some((word, count)) = summary.split_once(' ') else { continue };
        let Ok(count) = count.trim().parse::<u64>() else { continue };
        match word {
            "pass" => counts.passed += count,
            "fail" | "cancelled" => counts.failed += count,
            "skipped" | "todo" => counts.skipped += count,
            _ => {}
        }
    }
    counts
}

fn number_before(part: &str) -> Option<(u64, &str)> {
    let (number, word) = part.split_once(' ')?;
    Some((number.parse().ok()?, word))
}

/// The line without colours.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.trim_end().chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_results_add_up() {
        let output = "running 3 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.01s\n\
            test result: \u{1b}[31mFAILED\u{1b}[0m. 4 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n\
            not a test result: ok. 9 passed; 9 failed\n";
        assert_eq!(of_cargo(output), Counts { passed: 6, failed: 3, skipped: 1 });
    }

    #[test]
    fn failures_have_names() {
        let output = "test orders::twice ... FAILED\ntest orders::once ... ok\n";
        assert_eq!(failures_of_cargo(output), ["orders::twice"]);
    }

    #[test]
    fn both_forms_of_node_are_read() {
        let spec = "ℹ tests 9\nℹ suites 0\nℹ pass 5\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\nℹ todo 0\nℹ duration_ms 71.5\n";
        let expected = Counts { passed: 5, failed: 2, skipped: 2 };
        assert_eq!(of_node(spec), expected);
        assert_eq!(of_node(&spec.replace('ℹ', "#")), expected);
    }

    #[test]
    fn no_more_are_moved_than_passed() {
        let mut counts = Counts { passed: 2, failed: 0, skipped: 1 };
        counts.move_to_skipped(3);
        assert_eq!(counts, Counts { passed: 0, failed: 0, skipped: 3 });
        assert_eq!(counts.to_string(), "0 passed, 0 failed, 3 skipped");
    }
}
