//! `qudao company`, `qudao user` and `qudao token`: for the operator.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use qudao_app::{Company, NewUser};
use qudao_domain::permissions::{Action, Role};
use qudao_domain::quotas::Quotas;
use serde_json::json;
use std::io::Read;

use super::Env;
use super::plugin::{Who, open, tell};

/// Companies.
#[derive(Debug, Subcommand)]
pub enum CompanyCommand {
    /// Add a company.
    Add {
        /// Short name that is typed at log-in: lower-case letters, digits and hyphens.
        code: String,
        /// Its name.
        #[arg(long)]
        name: String,
        /// ISO 4217 code of its price list and ledger, such as CNY.
        #[arg(long)]
        currency: String,
        /// IANA time zone, such as Asia/Shanghai.
        #[arg(long)]
        zone: String,
    },
    /// List the companies.
    List,
    /// Show what a company may use of this server, and change what is named.
    Quota(QuotaArgs),
}

/// A company's share of the server.
#[derive(Debug, Args)]
pub struct QuotaArgs {
    /// The company's code.
    code: String,
    /// Plugins that are not retired.
    #[arg(long, value_name = "NUMBER")]
    plugins: Option<i64>,
    /// The largest component, in bytes.
    #[arg(long, value_name = "BYTES")]
    component_bytes: Option<i64>,
    /// Simulations at the same moment.
    #[arg(long, value_name = "NUMBER")]
    simulations: Option<i64>,
    /// Evaluations that somebody waits for, in a second, on each server.
    #[arg(long, value_name = "NUMBER")]
    calls_per_second: Option<i64>,
    /// Such evaluations at the same moment, on each server; 0 for one fewer than it has processors.
    #[arg(long, value_name = "NUMBER")]
    calls_at_once: Option<i64>,
    /// What they may take of one processor while other companies are at work, on each server.
    #[arg(long, value_name = "PERCENT")]
    processor_percent: Option<i64>,
}

impl QuotaArgs {
    fn change(&self, mut quotas: Quotas) -> Quotas {
        quotas.plugins = self.plugins.unwrap_or(quotas.plugins);
        quotas.component_bytes = self.component_bytes.unwrap_or(quotas.component_bytes);
        quotas.simulations = self.simulations.unwrap_or(quotas.simulations);
        quotas.calls_per_second = self.calls_per_second.unwrap_or(quotas.calls_per_second);
        quotas.processor_percent = self.processor_percent.unwrap_or(quotas.processor_percent);
        if let Some(calls) = self.calls_at_once {
            quotas.calls_at_once = (calls != 0).then_some(calls);
        }
        quotas
    }
}

/// People.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add somebody; the password is read from standard input.
    Add(NewUserArgs),
    /// List a company's people.
    List {
        /// The company's code.
        #[arg(long, env = "QUDAO_COMPANY", value_name = "CODE")]
        company: String,
    },
}

/// Somebody to be added.
#[derive(Debug, Args)]
pub struct NewUserArgs {
    /// Their e-mail.
    email: String,
    /// The company's code.
    #[arg(long, env = "QUDAO_COMPANY", value_name = "CODE")]
    company: String,
    /// dealer-buyer, dealer-manager, sales, ops, pricing, finance or company-admin.
    #[arg(long)]
    role: Role,
    /// Their name.
    #[arg(long)]
    name: String,
    /// Code of the dealer they belong to; for a dealer's people.
    #[arg(long, value_name = "CODE")]
    dealer: Option<String>,
}

/// API tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token for the user to act as; it is shown once.
    Add {
        /// What it is for.
        name: String,
        /// What it may do, such as orders:place; everything that the user may do when left out. May be given many times.
        #[arg(long = "scope", value_name = "ACTION")]
        scopes: Vec<Action>,
        #[command(flatten)]
        who: Who,
    },
}

/// Runs `qudao company`.
///
/// # Errors
/// A `qudao_app::AppError` when it is refused.
pub async fn companies(env: &Env, command: CompanyCommand) -> anyhow::Result<()> {
    let app = env.data.open().await?;
    let told = |company: &Company| json!({ "code": company.code, "name": company.name, "currency": company.currency, "zone": company.zone });
    match command {
        CompanyCommand::Add { code, name, currency, zone } => {
            let company = app.add_company(&code, &name, &currency, &zone).await?;
            tell(
                env,
                &told(&company),
                &format!("company {code} added; add its people with `qudao user add`"),
            );
        }
        CompanyCommand::Quota(args) => {
            let company = app.company(&args.code).await;
            let company = company.with_context(|| format!("company `{}`", args.code))?;
            let before = app.quotas_of(&company).await?;
            let quotas = args.change(before);
            if quotas != before {
                app.set_quotas(&company, &quotas).await?;
            }
            let at_once = quotas.calls_at_once.map_or_else(
                || "one fewer than the server has processors".to_owned(),
                |calls| calls.to_string(),
            );
            let words = format!(
                "plugins            {}\ncomponent bytes    {}\nsimulations        {}\ncalls per second   {}\n\
                 calls at once      {at_once}\nprocessor percent  {}",
                quotas.plugins,
                quotas.component_bytes,
                quotas.simulations,
                quotas.calls_per_second,
                quotas.processor_percent
            );
            tell(env, &serde_json::to_value(quotas)?, &words);
        }
        CompanyCommand::List => {
            let all = app.companies().await?;
            let row = |company: &Company| {
                format!("{:<20} {} {:<20} {}", company.code, company.currency, company.zone, company.name)
            };
            let rows: Vec<String> = all.iter().map(row).collect();
            tell(env, &json!({ "companies": all.iter().map(told).collect::<Vec<_>>() }), &rows.join("\n"));
        }
    }
    Ok(())
}

/// Runs `qudao user`.
///
/// # Errors
/// A `qudao_app::AppError` when it is refused.
pub async fn users(env: &Env, command: UserCommand) -> anyhow::Result<()> {
    let app = env.data.open().await?;
    match command {
        UserCommand::Add(args) => {
            let company = app.company(&args.company).await;
            let company = company.with_context(|| format!("company `{}`", args.company))?;
            let dealer = match &args.dealer {
                Some(code) => {
                    Some(app.dealer_id(&company, code).await.with_context(|| format!("dealer `{code}`"))?)
                }
                None => None,
            };
            let mut password = String::new();
            std::io::stdin()
                .read_to_string(&mut password)
                .context("the password is read from standard input")?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            let new =
                NewUser { email: args.email.clone(), name: args.name, role: args.role, dealer, password };
            let id = app.add_user(&company, new).await?;
            tell(
                env,
                &json!({ "id": id, "email": args.email }),
                &format!("{} added as {}", args.email, args.role),
            );
        }
        UserCommand::List { company } => {
            let company = app.company(&company).await.with_context(|| format!("company `{company}`"))?;
            let all = app.users(&company).await?;
            let told: Vec<_> = all
                .iter()
                .map(|user| json!({ "email": user.email, "name": user.name, "role": user.role, "disabled": user.disabled_at.is_some() }))
                .collect();
            let rows: Vec<String> = all
                .iter()
                .map(|user| format!("{:<36} {:<16} {}", user.email, user.role.as_str(), user.name))
                .collect();
            tell(env, &json!({ "users": told }), &rows.join("\n"));
        }
    }
    Ok(())
}

/// Runs `qudao token`.
///
/// # Errors
/// A `qudao_app::AppError` when it is refused.
pub async fn tokens(env: &Env, command: TokenCommand) -> anyhow::Result<()> {
    match command {
        TokenCommand::Add { name, scopes, who } => {
            let (app, ctx) = open(env, &who).await?;
            let token = app.add_token(&ctx, &name, &scopes).await?;
            tell(env, &json!({ "token": token }), &token);
        }
    }
    Ok(())
}
