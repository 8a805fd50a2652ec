//! A company at work behind a real socket.

use crate::machine;
use anyhow::{Context as _, Result, ensure};
use qudao::server;
use qudao::state::AppState;
use qudao::web::Views;
use qudao_app::imports::{ImportKind, ImportOptions};
use qudao_app::{Activation, App, Clock, Company, Context, DealerInput, NewUser};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::CompanyId;
use qudao_domain::lifecycle::Policy;
use qudao_domain::permissions::Role;
use qudao_engine::{Engine, EngineConfig};
use qudao_store::testing::TestDb;
use serde_json::json;
use sqlx::{Connection as _, Executor as _};
use std::fmt::Write as _;
use std::io::Cursor;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;

/// Dealers, each with a buyer.
pub const DEALERS: usize = 64;
/// Products, each in ample stock.
pub const PRODUCTS: usize = 4_000;
/// Different orders; each dealer has some.
pub const DRAFTS: usize = 256;
pub const LINES: usize = 20;

/// A served company.
pub struct Stage {
    /// Whose rows are counted.
    pub company: CompanyId,
    /// Where the server listens.
    pub address: SocketAddr,
    /// What is ordered, by whom.
    pub drafts: Vec<Draft>,
    /// The server's own.
    pub app: App,
    /// Who may do everything.
    pub admin: Context,
    /// The rule's digest.
    pub rule: String,
    /// Kept as long as it is used.
    pub test: TestDb,
}

/// An order to be placed again and again.
#[derive(Clone)]
pub struct Draft {
    /// The buyer's bearer token.
    pub token: String,
    /// The request's body.
    pub body: String,
}

impl Stage {
    /// Makes the company and serves it on a free port.
    pub async fn set(test: TestDb) -> Result<Self> {
        let engine = Engine::new(EngineConfig::default())?;
        let app = App::new(test.db.clone(), engine, Clock::System);
        let company = app.add_company("acme", "Acme", "CNY", "Asia/Shanghai").await?;
        let admin = person(&app, &company, "admin", Role::Admin, None).await?;
        let policy = Policy { second_person: false, ..Policy::default() };
        app.save_plugin_policy(&admin, &policy).await?;
        let ops = person(&app, &company, "ops", Role::Ops, None).await?;
        add_products(&app, &ops).await?;
        let mut tokens = Vec::with_capacity(DEALERS);
        for number in 0..DEALERS {
            tokens.push(add_dealer(&app, &company, &ops, number).await?);
        }
        let rule = activate_rule(&app, &ops).await?;
        analyze(&test).await?;
        let drafts = (0..DRAFTS).map(|number| draft(number, &tokens)).collect();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = AppState { app: app.clone(), views: Views::new(false)?, secure_cookies: false };
        tokio::spawn(server::serve(listener, state, std::future::pending()));
        Ok(Self { company: company.id, address, drafts, app, admin, rule, test })
    }
}

/// What autovacuum does within the minute: before it, plans rest on guesses.
async fn analyze(test: &TestDb) -> Result<()> {
    if let Some(owner) = &test.owner {
        sqlx::PgConnection::connect(owner).await?.execute("ANALYZE").await?;
    }
    Ok(())
}

async fn person(
    app: &App,
    company: &Company,
    name: &str,
    role: Role,
    dealer: Option<qudao_domain::ids::DealerId>,
) -> Result<Context> {
    let email = format!("{name}@acme.example");
    let (name, password) = (name.to_owned(), "correct horse".to_owned());
    app.add_user(company, NewUser { email: email.clone(), name, role, dealer, password }).await?;
    Ok(app.act_as(company, &email).await?)
}

/// Imports the products with their prices and stock.
async fn add_products(app: &App, ops: &Context) -> Result<()> {
    let mut csv = String::from("sku,name,category,price,price_from,on_hand\n");
    let first = app.clock().now().utc().date_naive().pred_opt().context("there was a yesterday")?;
    for number in 0..PRODUCTS {
        let category = ["Bikes", "Accessories", "Clothing", "Components"][number % 4];
        let price = Decimal::new(i64::try_from(number * 7_919 % 200_000)? + 999, 2);
        let sku = sku(number);
        writeln!(csv, "{sku},Product {number},{category},{price},{first},1000000000")?;
    }
    let (mut file, options) = (Cursor::new(csv), ImportOptions::default());
    let report = app.import(ops, ImportKind::Products, &mut file, &options, &mut |_| {}).await?;
    ensure!(report.accepted, "the products were not imported: {report:?}");
    Ok(())
}

fn sku(number: usize) -> String {
    format!("BK-M68B-{number:04}")
}

/// Gives the token of the dealer's buyer.
async fn add_dealer(app: &App, company: &Company, ops: &Context, number: usize) -> Result<String> {
    let dealer = DealerInput {
        code: format!("D{number:04}"),
        name: format!("Dealer {number}"),
        tier: ["gold", "silver", "bronze"][number % 3].to_owned(),
        region: ["east", "west"][number % 2].to_owned(),
        credit_limit: Some(Decimal::from(50_000_000_000_000_i64)),
        terms_days: 30,
        attributes: json!({}),
        ..DealerInput::default()
    };
    let dealer = app.save_dealer(ops, &dealer).await?;
    let buyer = person(app, company, &format!("buyer{number}"), Role::DealerBuyer, Some(dealer.id)).await?;
    Ok(app.add_token(&buyer, "bench", &[]).await?)
}

/// Binds the volume-pricing plugin with its own settings, and waits until it holds.
async fn activate_rule(app: &App, ops: &Context) -> Result<String> {
    let digest = app.upload_plugin(ops, machine::component("volume-pricing")?).await?.digest;
    let activation = Activation { reason: "benchmark".into(), ..Activation::of(&digest) };
    let made = app.activate(ops, &activation).await?;
    let wait_us = made.binding.effective_from.micros() - app.clock().now().micros();
    tokio::time::sleep(Duration::from_micros(wait_us.max(0).unsigned_abs())).await;
    Ok(digest)
}

/// Twenty different products: a step that shares no factor with their number meets none twice.
fn draft(number: usize, tokens: &[String]) -> Draft {
    let step = [1_777, 1_123, 2_341, 907, 3_119, 1_451, 2_689, 613][number % 8];
    let line = |line: usize| {
        let product = (number * 397 + line * step) % PRODUCTS;
        json!({ "sku": sku(product), "quantity": (number + line) % 70 + 1 })
    };
    let lines: Vec<_> = (0..LINES).map(line).collect();
    Draft { token: tokens[number % tokens.len()].clone(), body: json!({ "lines": lines }).to_string() }
}
