//! `bench neighbour`: a quiet company's orders while another company on the same server keeps its worst plugins busy,
//! beside the same orders while it is alone.

use crate::machine;
use crate::orders::client::Load;
use crate::orders::stage::Stage;
use crate::rounds::{at_share, median, ratio};
use anyhow::{Context as _, Result};
use qudao_app::{Activation, App, Context, DealerInput, Draft, NewSettings, NewUser, ProductInput, Wish};
use qudao_domain::bindings::ScopeKind;
use qudao_domain::decimal::Decimal;
use qudao_domain::lifecycle::Policy;
use qudao_domain::permissions::Role;
use qudao_store::testing::TestDb;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NOISY_CLIENTS: usize = 16;
const ROUNDS: usize = 7;
const TURN: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(2);
/// Above this the plugin misbehaves; trials when it is activated order less.
const MANY: i64 = 50_000;

/// Sets two companies up on one server and times the quiet one's orders, in turns.
pub fn run() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(bench())
}

async fn bench() -> Result<()> {
    let missing = "QUDAO_TEST_PG is not set; run it as `cargo xtask bench neighbour`";
    // SQLite has one writer for both companies: there the failures that are recorded hold up the other's orders.
    let stage = Stage::set(TestDb::postgres().await.context(missing)?).await?;
    let load = Load::new(&stage);
    load.each_draft_once().await?;
    let noisy = Noisy::set(&stage.app).await?;
    load.run(1, WARM_UP).await?;
    let (mut alone, mut beside) = (Turns::default(), Turns::default());
    for _ in 0..ROUNDS {
        alone.take(&load.run(1, TURN).await?.latencies_ms);
        let noise = noisy.begin();
        // Until every one of its clients waits for a turn or has one.
        tokio::time::sleep(Duration::from_millis(500)).await;
        beside.take(&load.run(1, TURN).await?.latencies_ms);
        noise.end().await?;
    }
    println!("{:<26}{:>10}{:>10}{:>10}", "a quiet company's orders", "orders", "p50 ms", "p99 ms");
    for (name, turns) in [("alone", &alone), ("beside the noisy one", &beside)] {
        println!("{name:<26}{:>10}{:>10.2}{:>10.2}", turns.orders, median(&turns.p50), median(&turns.p99));
    }
    println!(
        "\np99 beside to p99 alone, the median of {ROUNDS} rounds: {:.2}",
        ratio(&beside.p99, &alone.p99)
    );
    println!("The aim is 1.10: no more than a tenth longer.");
    println!("\nMeanwhile the noisy company's {NOISY_CLIENTS} clients came to:");
    for (outcome, count) in noisy.outcomes() {
        println!("{count:>8}  {outcome}");
    }
    Ok(())
}

/// Percentiles of each round.
#[derive(Default)]
struct Turns {
    p50: Vec<f64>,
    p99: Vec<f64>,
    orders: usize,
}

impl Turns {
    fn take(&mut self, latencies_ms: &[f64]) {
        self.p50.push(median(latencies_ms));
        self.p99.push(at_share(latencies_ms, 0.99));
        self.orders += latencies_ms.len();
    }
}

/// A company with two dealers: one's orders burn all the fuel, the other's take all the memory.
struct Noisy {
    app: App,
    buyers: [Context; 2],
    outcomes: Arc<Mutex<BTreeMap<String, usize>>>,
}

/// The company's clients at work.
struct Noise {
    stop: Arc<AtomicBool>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Noise {
    async fn end(self) -> Result<()> {
        self.stop.store(true, Ordering::SeqCst);
        for client in self.clients {
            client.await?;
        }
        Ok(())
    }
}

impl Noisy {
    async fn set(app: &App) -> Result<Self> {
        let company = app.add_company("noisy", "Noisy", "CNY", "Asia/Shanghai").await?;
        let person = |role: Role, name: &'static str, dealer| NewUser {
            email: format!("{name}@noisy.example"),
            name: name.to_owned(),
            role,
            dealer,
            password: "correct horse".into(),
        };
        app.add_user(&company, person(Role::Admin, "admin", None)).await?;
        let admin = app.act_as(&company, "admin@noisy.example").await?;
        // Nothing is put back, so that it stays as bad as it is.
        let policy = Policy { second_person: false, breaker_failures: 0, ..Policy::default() };
        app.save_plugin_policy(&admin, &policy).await?;
        app.save_product(
            &admin,
            &ProductInput {
                sku: "P".into(),
                name: "Pump".into(),
                category: "pumps".into(),
                active: true,
                attributes: json!({}),
            },
        )
        .await?;
        let first = app.clock().now().utc().date_naive();
        app.set_price(&admin, "P", first, Decimal::from(100)).await?;
        let mut buyers = Vec::new();
        for (name, deed) in [("fuel", "endless-loop"), ("memory", "memory-hog")] {
            let dealer = DealerInput {
                code: name.into(),
                name: name.into(),
                tier: name.into(),
                region: "east".into(),
                terms_days: 30,
                attributes: json!({}),
                ..DealerInput::default()
            };
            let dealer = app.save_dealer(&admin, &dealer).await?;
            app.add_user(&company, person(Role::DealerBuyer, name, Some(dealer.id))).await?;
            buyers.push(app.act_as(&company, &format!("{name}@noisy.example")).await?);
            bind(app, &admin, name, deed).await?;
        }
        tokio::time::sleep(Duration::from_millis(qudao_app::LEASE_MS.unsigned_abs() + 50)).await;
        let buyers = buyers.try_into().map_err(|_| anyhow::anyhow!("two buyers"))?;
        Ok(Self { app: app.clone(), buyers, outcomes: Arc::default() })
    }

    fn begin(&self) -> Noise {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |number: usize| {
            let (app, buyer) = (self.app.clone(), self.buyers[number % 2].clone());
            let (stop, outcomes) = (Arc::clone(&stop), Arc::clone(&self.outcomes));
            tokio::spawn(async move {
                let draft =
                    Draft { lines: vec![Wish { sku: "P".into(), quantity: MANY }], ..Draft::default() };
                while !stop.load(Ordering::SeqCst) {
                    let outcome = match app.quote(&buyer, &draft).await {
                        Ok(_) => "priced".to_owned(),
                        Err(qudao_app::AppError::Rule { failure, .. }) => failure.error.to_string(),
                        Err(other) => other.to_string(),
                    };
                    let mut outcomes = outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    *outcomes.entry(outcome).or_default() += 1;
                }
            })
        };
        let clients = (0..NOISY_CLIENTS).map(client).collect();
        Noise { stop, clients }
    }

    fn outcomes(&self) -> BTreeMap<String, usize> {
        self.outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// The hostile plugin with a deed, for a tier.
async fn bind(app: &App, admin: &Context, tier: &str, deed: &str) -> Result<()> {
    let digest = app.upload_plugin(admin, machine::component("hostile")?).await?.digest;
    let based_on = app.settings(admin, &digest, None).await?.latest;
    let json = json!({ "deed": deed, "from_pieces": MANY }).to_string();
    let settings = NewSettings { json, note: String::new(), based_on };
    let revision = app.save_settings(admin, &digest, &settings).await?.number;
    let activation = Activation {
        revision: Some(revision),
        scope: ScopeKind::Tier,
        scope_value: tier.to_owned(),
        ..Activation::of(&digest)
    };
    app.activate(admin, &activation).await?;
    Ok(())
}
