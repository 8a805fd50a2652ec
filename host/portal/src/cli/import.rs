//! `qudao import`: products, prices, costs, dealers and orders of the past from CSV.

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use qudao_app::imports::{ImportKind, ImportOptions, Phase, Progress, Report};
use qudao_app::{App, AppError, Context};
use qudao_domain::decimal::Decimal;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::Env;
use super::plugin::{Who, open};

/// What to import.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Products: sku, name, category, and where the file has them active, price, price_from, on_hand.
    Products {
        #[command(flatten)]
        args: ImportArgs,
        /// Also work the base prices out from past sales: the highest unit price of the twelve months before a day,
        /// else the first. With a preset its columns are known; else name sku, date and unit_price in the header.
        #[arg(long, value_name = "FILE")]
        prices_from: Option<PathBuf>,
    },
    /// Dated base prices: sku, price, valid_from.
    Prices(ImportArgs),
    /// Dated costs of products: sku, cost, valid_from.
    Costs(ImportArgs),
    /// Dealers: code, name, tier, region, and where the file has them parent, credit_limit, terms_days.
    Dealers(ImportArgs),
    /// Orders of the past, a row for each line: number, date, dealer, sku, quantity, unit_price or amount, and where
    /// the file has them base_price, shipped_on, paid_on, reference, customer.
    Orders(ImportArgs),
}

/// How to read the file.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file: CSV with a header, parted by commas, semicolons, tabs or bars, in UTF-8 or GB18030.
    file: PathBuf,
    /// Which column holds a field, where its name does not say so; attr.NAME[:TYPE] takes your own data (text, number,
    /// percent, day, flag). May be given many times.
    #[arg(long = "map", value_name = "FIELD=COLUMN", value_parser = pair)]
    map: Vec<(String, String)>,
    /// A mapping that comes with Qudao, such as adventureworks-orders.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// The file's encoding; found out when left out.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Check and report, write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write the rows that are right and report the others; else one wrong row keeps everything out.
    #[arg(long)]
    skip_bad: bool,
    #[command(flatten)]
    who: Who,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (field, column) = text.split_once('=').ok_or("write FIELD=COLUMN, such as sku=ProductKey")?;
    Ok((field.trim().to_owned(), column.trim().to_owned()))
}

impl ImportArgs {
    fn options(&self) -> ImportOptions {
        ImportOptions {
            mapping: self.map.clone(),
            preset: self.preset.clone(),
            encoding: self.encoding.clone(),
            dry_run: self.dry_run,
            skip_bad: self.skip_bad,
        }
    }
}

/// Runs the subcommand.
///
/// # Errors
/// An [`AppError`] when it is refused, a file's contents included; what is wrong was told by then.
pub async fn run(env: &Env, command: ImportCommand) -> anyhow::Result<()> {
    let (kind, args, prices_from) = match command {
        ImportCommand::Products { args, prices_from } => (ImportKind::Products, args, prices_from),
        ImportCommand::Prices(args) => (ImportKind::Prices, args, None),
        ImportCommand::Costs(args) => (ImportKind::Costs, args, None),
        ImportCommand::Dealers(args) => (ImportKind::Dealers, args, None),
        ImportCommand::Orders(args) => (ImportKind::Orders, args, None),
    };
    let (app, ctx) = open(env, &args.who).await?;
    let report = one(&app, &ctx, kind, &args.file, &args.options()).await?;
    let mut reports = vec![report];
    // A dry run has written no products that sales could name.
    if let Some(file) = prices_from.filter(|_| !args.dry_run && reports.iter().all(|report| report.accepted))
    {
        let options = ImportOptions { mapping: Vec::new(), ..args.options() };
        reports.push(one(&app, &ctx, ImportKind::PricesFromSales, &file, &options).await?);
    }
    tell(env, &ctx, &reports);
    match reports.iter().find(|report| !report.accepted) {
        None => Ok(()),
        Some(report) => {
            let message =
                format!("nothing of the {} was imported; see what is wrong above", report.kind.as_str());
            Err(AppError::conflict("import-refused", message).into())
        }
    }
}

async fn one(
    app: &App,
    ctx: &Context,
    kind: ImportKind,
    path: &Path,
    options: &ImportOptions,
) -> anyhow::Result<Report> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        return Err(anyhow!("{} is a folder", path.display()));
    }
    let mut file = std::io::BufReader::new(file);
    // On standard error, and only where somebody looks at it.
    let bar = ProgressBar::new(0).with_style(style());
    bar.set_prefix(kind.as_str());
    let mut hear = |progress: Progress| {
        let word = match progress.phase {
            Phase::Checking => "checking",
            Phase::Writing => "writing",
        };
        bar.set_length(progress.size);
        bar.set_position(progress.bytes);
        bar.set_message(format!("{word}, {} rows of {}", progress.rows, HumanBytes(progress.size)));
    };
    let report = app.import(ctx, kind, &mut file, options, &mut hear).await;
    bar.finish_and_clear();
    Ok(report?)
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{prefix} [{bar:40}] {percent}% {msg}");
    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

fn tell(env: &Env, ctx: &Context, reports: &[Report]) {
    if env.json {
        println!("{}", serde_json::json!({ "imports": reports, "currency": ctx.currency }));
        return;
    }
    for report in reports {
        for problem in &report.skipped {
            eprintln!("{problem}");
        }
        let listed = u64::try_from(report.skipped.len()).unwrap_or(0);
        if report.problem_count > listed {
            eprintln!("… and {} more", report.problem_count - listed);
        }
        println!("{}", sentence(ctx, report));
    }
}

fn sentence(ctx: &Context, report: &Report) -> String {
    let what = report.kind.as_str();
    if !report.accepted {
        return format!(
            "{what}: {} rows read, nothing imported, {} problems",
            report.read, report.problem_count
        );
    }
    let done = if report.dry_run { "would be imported" } else { "imported" };
    let total = if report.kind == ImportKind::Orders {
        format!(", {} {}", ctx.currency, Decimal::new(report.total_minor, ctx.currency.exponent()))
    } else {
        String::new()
    };
    let left = if report.problem_count > 0 {
        format!(", {} problems left out", report.problem_count)
    } else {
        String::new()
    };
    format!(
        "{what}: {} rows read, {} {done} from {} rows{total}{left}",
        report.read, report.documents, report.written
    )
}
