//! `cargo xtask test`, stage by stage.

use anyhow::{Context, Result, anyhow};
use clap::ValueEnum;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::clean::Tree;
use crate::counts::{self, Counts};
use crate::house::House;
use crate::postgres::{self, Durability, Postgres};
use crate::report::{Finding, Outcome, Report};
use crate::{browser, npm, plugins, process, setup, typescript};

/// The arguments of `cargo xtask test`.
#[derive(clap::Args)]
pub struct Options {
    /// Stop after the first stage that fails.
    #[arg(long)]
    fail_fast: bool,
    /// Run one stage only, with what it needs.
    #[arg(long, value_name = "STAGE")]
    only: Option<Stage>,
}

/// One step of the checks, in their order.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// `cargo fmt --check`.
    Format,
    /// The wasm target, npm packages, Postgres, Chromium.
    #[value(name = "set-up")]
    SetUp,
    /// The reference plugins.
    Plugins,
    /// The SDK for TypeScript and the plugins written with it, natively.
    #[value(name = "typescript")]
    TypeScript,
    /// Clippy, with warnings as errors.
    Lint,
    /// Binaries and tests.
    Build,
    /// Unit, doc, store and system tests.
    Tests,
    /// The pages in a real Chromium.
    Browser,
    /// cargo-deny, where it is installed.
    Licences,
    /// The tree is as it was.
    Clean,
}

impl Stage {
    const fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::SetUp => "set-up",
            Self::Plugins => "plugins",
            Self::TypeScript => "typescript",
            Self::Lint => "lint",
            Self::Build => "build",
            Self::Tests => "tests",
            Self::Browser => "browser",
            Self::Licences => "licences",
            Self::Clean => "clean",
        }
    }

    /// The stages that must run before this one can.
    const fn needs(self) -> &'static [Self] {
        match self {
            Self::Format | Self::SetUp | Self::TypeScript | Self::Licences | Self::Clean => &[],
            Self::Plugins => &[Self::SetUp],
            Self::Lint | Self::Build | Self::Tests => &[Self::SetUp, Self::Plugins],
            Self::Browser => &[Self::SetUp, Self::Plugins, Self::Build],
        }
    }

    fn chosen(only: Option<Self>) -> Vec<Self> {
        let wanted = |stage: &Self| only.is_none_or(|only| only == *stage || only.needs().contains(stage));
        Self::value_variants().iter().copied().filter(wanted).collect()
    }
}

/// Runs the stages, prints the report and returns how the whole ended.
///
/// # Errors
/// Never for what a stage finds: that is in the report.
pub fn run(house: &House, options: &Options) -> Result<ExitCode> {
    let stages = Stage::chosen(options.only);
    let before = Tree::look(house);
    let mut bench = Bench { house, postgres: None, chromium: None, before };
    let mut report = Report::default();
    for (index, stage) in stages.iter().enumerate() {
        let place = format!("[{}/{}]", index + 1, stages.len());
        report.stage(&place, stage.name(), || bench.perform(*stage));
        if process::interrupted() || (options.fail_fast && report.failed()) {
            break;
        }
    }
    drop(bench);
    report.close();
    Ok(if process::interrupted() {
        ExitCode::from(130)
    } else if report.failed() || (options.only.is_none() && report.counts().passed == 0) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What the stages work with.
struct Bench<'a> {
    house: &'a House,
    postgres: Option<Postgres>,
    chromium: Option<PathBuf>,
    before: Tree,
}

impl Bench<'_> {
    fn perform(&mut self, stage: Stage) -> Finding {
        let house = self.house;
        match stage {
            Stage::Format => process::run(&mut house.cargo(["fmt", "--all", "--check"])).into(),
            Stage::SetUp => self.set_up().into(),
            Stage::Plugins => plugins::build(house).map(|built| eprintln!("{} built", built.len())).into(),
            Stage::TypeScript => self.typescript(),
            Stage::Lint => self.lint().into(),
            Stage::Build => self.build().into(),
            Stage::Tests => self.tests(),
            Stage::Browser => self.browser(),
            Stage::Licences => licences(house),
            Stage::Clean => Tree::look(house).same_as(&self.before).into(),
        }
    }

    /// Tries every part, so that one run shows all that is missing. Without Postgres or Chromium,
    /// tests are skipped and counted.
    fn set_up(&mut self) -> Result<()> {
        let built = setup::for_building(self.house);
        let harness = npm::install(self.house, "tests/e2e");
        match postgres::find_or_install().and_then(|programs| Postgres::start(&programs, Durability::Lost)) {
            Ok(server) => self.postgres = Some(server),
            Err(error) => eprintln!("tests on Postgres will be skipped: {error:#}"),
        }
        match browser::find_or_install() {
            Ok(path) => self.chromium = Some(path),
            Err(error) => eprintln!("browser tests will be skipped: {error:#}"),
        }
        built.and(harness)
    }

    fn lint(&self) -> Result<()> {
        let clippy = |crates: &[&str]| {
            let mut clippy = self.house.cargo(["clippy", "--all-targets"]);
            process::run(clippy.args(crates).args(["--", "-D", "warnings"]))
        };
        clippy(&self.house.crates()).and(clippy(&["-p", "xtask"]))
    }

    /// With tests among the targets, cargo unites the same features as `cargo test`: nothing is built twice.
    fn build(&self) -> Result<()> {
        let mut build = self.house.cargo(["build", "--bins", "--tests", "--examples"]);
        process::run(build.args(self.house.crates()))
    }

    fn tests(&self) -> Finding {
        let test = |crates: &[&str]| {
            let mut tests = self.house.cargo(["test", "--no-fail-fast"]);
            let judged = self.judge(tests.args(crates), "tests", counts::of_cargo);
            judged.unwrap_or_else(|error| Err(error).into())
        };
        test(&self.house.crates()).and(test(&["-p", "xtask"]))
    }

    fn typescript(&self) -> Finding {
        let checked = Finding::from(typescript::check(self.house));
        let tests = match typescript::tests(self.house) {
            Ok(tests) => tests,
            Err(error) => return Err(error).into(),
        };
        tests.into_iter().fold(checked, |found, mut test| {
            let judged = self.judge(&mut test, "typescript", counts::of_node);
            found.and(judged.unwrap_or_else(|error| Err(error).into()))
        })
    }

    fn browser(&self) -> Finding {
        let files = match self.browser_files() {
            Ok(files) => files,
            Err(error) => return Err(error).into(),
        };
        let Some(chromium) = &self.chromium else {
            let skipped = files.len() as u64;
            let why = format!("no Chromium for {skipped} files of tests");
            return Finding {
                counts: Counts { skipped, ..Counts::default() },
                ..Outcome::Skipped(why).into()
            };
        };
        let demo = self.house.target().join("qudao-e2e-demo");
        // Made anew by the first file that asks, from the portal as it is now.
        let _ = fs::remove_dir_all(&demo);
        let mut node = self.house.command("node");
        node.env("QUDAO_E2E_DEMO", &demo);
        node.args(["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=300000"])
            .args(files);
        node.env("QUDAO_CHROMIUM", chromium).env("QUDAO_BIN", self.house.portal());
        let judged = self.judge(&mut node, "browser", counts::of_node);
        judged.unwrap_or_else(|error| Err(error).into())
    }

    fn browser_files(&self) -> Result<Vec<PathBuf>> {
        let folder =
            fs::read_dir(self.house.root().join("tests/e2e")).context("there are no browser tests")?;
        let mut files: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
        files.sort();
        Ok(files)
    }

    /// Runs a test runner and counts what it prints.
    fn judge(&self, command: &mut Command, name: &str, count: fn(&str) -> Counts) -> Result<Finding> {
        let skips = self.house.target().join(format!("qudao-skips-{name}"));
        fs::write(&skips, "")?;
        command.env("QUDAO_SKIPS", &skips);
        if let Some(server) = &self.postgres {
            command.envs(server.environment());
        }
        let (status, output) = process::tee(command)?;
        let mut counts = count(&output);
        let reasons = fs::read_to_string(&skips)?;
        let reasons: Vec<&str> = reasons.lines().filter(|line| !line.trim().is_empty()).collect();
        counts.move_to_skipped(reasons.len() as u64);
        let mut notes: Vec<String> = reasons.iter().map(|reason| format!("skipped: {reason}")).collect();
        notes.extend(counts::failures_of_cargo(&output).iter().map(|test| format!("FAILED: {test}")));
        let outcome = match status.success() {
            true => Outcome::Passed,
            false => Outcome::Failed(format!("ended with {status}")),
        };
        Ok(Finding { outcome, counts, notes })
    }
}

/// Advisories need the network; licences, bans and sources do not.
fn licences(house: &House) -> Finding {
    if process::capture(&mut house.cargo(["deny", "--version"])).is_err() {
        return Outcome::Skipped("cargo-deny is not installed".to_owned()).into();
    }
    let mut deny = house.cargo(["deny", "--offline", "check", "licenses", "bans", "sources"]);
    process::run(&mut deny).map_err(|error| anyhow!("see deny.toml: {error}")).into()
}

#[cfg(test)]
mod tests {
    use super::Stage;

    #[test]
    fn one_stage_brings_what_it_needs() {
        let names = |only| Stage::chosen(only).into_iter().map(Stage::name).collect::<Vec<_>>();
        assert_eq!(names(Some(Stage::Format)), ["format"]);
        assert_eq!(names(Some(Stage::Browser)), ["set-up", "plugins", "build", "browser"]);
        assert_eq!(names(None).len(), 10);
    }
}
