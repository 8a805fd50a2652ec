//! Build and check tasks: `cargo xtask run`, `cargo xtask test` and their smaller sisters.

mod apt;
mod browser;
mod clean;
mod counts;
mod house;
mod npm;
mod plugins;
mod postgres;
mod process;
mod release;
mod report;
mod serve;
mod setup;
mod shots;
mod stages;
mod typescript;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

use house::House;
use postgres::{Durability, Postgres};

/// Build and check tasks of Qudao.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the portal, make demo data if there is none, and serve it.
    Run(serve::Options),
    /// Check everything: format, lints, all tests, the browser, a clean tree.
    Test(stages::Options),
    /// Build the one self-contained release binary, `release/qudao` under the target directory.
    Build,
    /// Build the reference plugins as WebAssembly components.
    Plugins,
    /// Take the pictures of docs/screenshots.
    Shots,
    /// Run the long tests, which are marked `#[ignore]`: kill loops, ten million lines, fuzzing.
    Soak,
    /// Run a benchmark of the crate `bench`, such as `plugin` or `orders`.
    Bench {
        /// The benchmark and its own arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run a command beside the Postgres of the tests: `cargo xtask postgres cargo test -p qudao-store`.
    Postgres {
        /// The command and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    let house = House::find()?;
    if !matches!(task, Task::Run(_)) {
        process::listen_for_interrupts()?;
    }
    match task {
        Task::Run(options) => serve::run(&house, &options)?,
        Task::Test(options) => return stages::run(&house, &options),
        Task::Build => release::build(&house)?,
        Task::Plugins => {
            for plugin in plugins::build(&house)? {
                println!("{}", plugin.display());
            }
        }
        Task::Shots => shots::take(&house)?,
        Task::Soak => soak(&house)?,
        Task::Bench { arguments } => bench(&house, &arguments)?,
        Task::Postgres { command } => beside_postgres(&house, &command)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The long tests are `#[ignore]`d, so that `cargo xtask test` does not run them.
fn soak(house: &House) -> Result<()> {
    setup::for_building(house)?;
    plugins::build(house)?;
    // Some of them kill the portal itself.
    process::run(house.cargo(["build", "--bins"]).args(house.crates()))?;
    let server = Postgres::start(&postgres::find_or_install()?, Durability::Lost)?;
    let mut tests = house.cargo(["test", "--no-fail-fast"]);
    tests.args(house.crates()).args(["--", "--ignored", "--nocapture", "--test-threads=1"]);
    let (status, output) = process::tee(tests.envs(server.environment()))?;
    anyhow::ensure!(status.success(), "a soak test failed: {status}");
    let counted = counts::of_cargo(&output);
    anyhow::ensure!(counted.passed > 0, "no test is marked #[ignore], so there was nothing to soak");
    println!("{counted}");
    Ok(())
}

/// A command of cargo in the benchmarks' own workspace, with a target directory of its own: both workspaces
/// build plugins, whose files have no hash in their names.
fn cargo_bench<const N: usize>(house: &House, arguments: [&str; N]) -> std::process::Command {
    let mut command = house.cargo(arguments);
    command.args(["--manifest-path", "bench/Cargo.toml"]);
    command.env("CARGO_TARGET_DIR", house.target().join("bench"));
    command.env("QUDAO_PLUGINS", house.target().join("plugins"));
    command
}

/// Benchmarks compare with a Postgres that keeps what it acknowledged.
fn bench(house: &House, arguments: &[String]) -> Result<()> {
    setup::for_building(house)?;
    let name = arguments.first().map(String::as_str);
    let mut command = cargo_bench(house, ["run", "--release"]);
    if name == Some("plugin") {
        plugins::build(house)?;
        let stack = plugins::build_with_linkers_stack(house, &house.target().join("bench-stack"))?;
        command.env("QUDAO_LINKERS_STACK", stack);
        // Its peer, the same rule as an Extism plugin; the profile is that of our own plugins.
        let mut guest = cargo_bench(house, ["build", "-p", "extism-pricing", "--profile", "plugin"]);
        process::run(guest.args(["--target", "wasm32-unknown-unknown"]))?;
    } else {
        plugins::build_rust(house)?;
    }
    command.arg("--").args(arguments);
    if !matches!(name, Some("orders" | "neighbour" | "simulation")) {
        return process::run(&mut command);
    }
    let server = Postgres::start(&postgres::find_or_install()?, Durability::Kept)?;
    process::run(command.envs(server.environment()))
}

fn beside_postgres(house: &House, command: &[String]) -> Result<()> {
    let server = Postgres::start(&postgres::find_or_install()?, Durability::Lost)?;
    for (name, value) in server.environment() {
        println!("{name}={value}");
    }
    let (program, arguments) = command.split_first().expect("clap asks for at least one word");
    process::run(house.command(program).args(arguments).envs(server.environment()))
}
