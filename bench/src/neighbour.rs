//! `bench neighbour`: a quiet company's orders while another company on the same server keeps its worst plugins busy,
//! beside the same orders while it is alone. Alone is measured twice: how far those two differ is the machine's noise,
//! most of it the disk's.

use crate::machine;
use crate::orders::client::Load;
use crate::orders::stage::Stage;
use crate::rounds::at_share;
use anyhow::{Context as _, Result};
use qudao_app::{Activation, App, Context, DealerInput, Draft, NewSettings, NewUser, ProductInput, Wish};
use qudao_domain::bindings::ScopeKind;
use qudao_domain::decimal::Decimal;
use qudao_domain::lifecycle::Policy;
use qudao_domain::permissions::Role;
use qudao_store::testing::TestDb;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NOISY_CLIENTS: usize = 16;
/// Many short turns: a disk has bad seconds, and they should fall on all alike.
const ROUNDS: usize = 40;
const TURN: Duration = Duration::from_millis(1_500);
/// Until the noisy company has used what it may take ahead of its share; and, when its clients went, until the call that
/// was under way has ended, which sleeps most of the time.
const SETTLE: Duration = Duration::from_millis(1_500);
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
    let mut latencies = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let [alone, beside, again] = &mut latencies;
        alone.extend(load.run(1, TURN).await?.latencies_ms);
        let noise = noisy.begin();
        tokio::time::sleep(SETTLE).await;
        beside.extend(load.run(1, TURN).await?.latencies_ms);
        drop(noise);
        tokio::time::sleep(SETTLE).await;
        again.extend(load.run(1, TURN).await?.latencies_ms);
    }
    println!(
        "{:<26}{:>10}{:>10}{:>10}{:>10}",
        "a quiet company's orders", "orders", "p50 ms", "p90 ms", "p99 ms"
    );
    for (name, turns) in ["alone", "beside the noisy one", "alone again"].into_iter().zip(&latencies) {
        let at = |share| at_share(turns, share);
        println!("{name:<26}{:>10}{:>10.2}{:>10.2}{:>10.2}", turns.len(), at(0.5), at(0.9), at(0.99));
    }
    let [alone, beside, again] = latencies.map(|turns| at_share(&turns, 0.99));
    println!("\np99 beside to p99 alone, of both: {:.2}", beside / f64::midpoint(alone, again));
    println!("The aim is 1.10: no more than a tenth longer.");
    println!("p99 alone, the larger to the smaller: {:.2}", alone.max(again) / alone.min(again));
    println!("\nMeanwhile the noisy company's {NOISY_CLIENTS} clients came to:");
    for (outcome, count) in noisy.outcomes() {
        println!("{count:>8}  {outcome}");
    }
    Ok(())
}

/// A company with two dealers: one's orders burn all the fuel, the other's take all the memory.
struct Noisy {
    app: App,
    buyers: [Context; 2],
    outcomes: Arc<Mutex<BTreeMap<String, usize>>>,
}

/// The company's clients at work, until it is dropped.
struct Noise(Vec<tokio::task::JoinHandle<()>>);

impl Drop for Noise {
    fn drop(&mut self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
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
        let client = |number: usize| {
            let (app, buyer) = (self.app.clone(), self.buyers[number % 2].clone());
            let outcomes = Arc::clone(&self.outcomes);
            tokio::spawn(async move {
                let draft =
                    Draft { lines: vec![Wish { sku: "P".into(), quantity: MANY }], ..Draft::default() };
                loop {
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
        Noise((0..NOISY_CLIENTS).map(client).collect())
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
