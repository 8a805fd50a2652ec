//! The command line. Exit codes: 0 done; 1 failed; 2 used wrongly; 3 refused, with the reason told.

mod company;
mod demo;
mod import;
mod plugin;
mod serve;
mod settle;
mod simulation;

use clap::{Parser, Subcommand};
use qudao_app::AppError;
use std::process::ExitCode;

use crate::config::{COMPILE_PLUGIN, DataArgs};

/// Partner portal: dealers order, headquarters sets prices, incentives are worked out by plugins.
#[derive(Debug, Parser)]
#[command(name = "qudao", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    data: DataArgs,
    /// Print JSON for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the portal and its API.
    Serve(serve::ServeArgs),
    /// Bring the database's tables up to date.
    Migrate(serve::MigrateArgs),
    /// Begin, build, test, check, upload, activate, roll back and list plugins; replay and record their decisions.
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Settle a program's period: post what it earns less what is posted already.
    Settle(settle::SettleArgs),
    /// Score a period: a scorecard for each dealer.
    Score(settle::ScoreArgs),
    /// Try a rule over what really happened, before it goes live.
    #[command(subcommand)]
    Simulation(simulation::SimulationCommand),
    /// Import products, prices, costs, dealers or past orders from CSV.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Make a demonstration: two companies with dealers, orders, plugins and users.
    Demo(demo::DemoArgs),
    /// Add and list companies.
    #[command(subcommand)]
    Company(company::CompanyCommand),
    /// Add and list people.
    #[command(subcommand)]
    User(company::UserCommand),
    /// Make API tokens.
    #[command(subcommand)]
    Token(company::TokenCommand),
    /// Compile a plugin from standard input to standard output, under limits; the server runs this itself.
    #[command(name = COMPILE_PLUGIN, hide = true)]
    CompilePlugin,
}

/// What a subcommand gets.
#[derive(Debug)]
pub struct Env {
    /// Where data lives.
    pub data: DataArgs,
    /// Whether to print JSON.
    pub json: bool,
}

/// Runs the command that was typed.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::CompilePlugin) {
        return qudao_engine::compile_child();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("qudao: no threads to run on: {error}");
            return ExitCode::FAILURE;
        }
    };
    let env = Env { data: cli.data, json: cli.json };
    match runtime.block_on(run(&env, cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&env, &error),
    }
}

async fn run(env: &Env, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => serve::serve(env, args).await,
        Command::Migrate(args) => serve::migrate(env, args).await,
        Command::Plugin(command) => plugin::run(env, command).await,
        Command::Settle(args) => settle::settle(env, args).await,
        Command::Score(args) => settle::score(env, args).await,
        Command::Simulation(command) => simulation::run(env, command).await,
        Command::Import(command) => import::run(env, command).await,
        Command::Demo(args) => demo::run(env, args).await,
        Command::Company(command) => company::companies(env, command).await,
        Command::User(command) => company::users(env, command).await,
        Command::Token(command) => company::tokens(env, command).await,
        Command::CompilePlugin => Ok(()),
    }
}

/// Tells why, on standard error, and says by the code whether it was refused or failed.
fn failed(env: &Env, error: &anyhow::Error) -> ExitCode {
    let refused = error
        .downcast_ref::<AppError>()
        .is_some_and(|error| !matches!(error, AppError::Internal(_) | AppError::Busy));
    let words: Vec<String> = error.chain().map(ToString::to_string).collect();
    if env.json {
        eprintln!("{}", serde_json::json!({ "error": words.join(": "), "refused": refused }));
    } else {
        eprintln!("qudao: {}", words.join(": "));
    }
    ExitCode::from(if refused { 3 } else { 1 })
}
