//! A company at work, without the portal: its people, one dealer, one product, and the plugins as components.

#![expect(clippy::unwrap_used, reason = "what cannot be made ends the test")]

use qudao_app::{App, Clock, Company, Context, DealerInput, Draft, NewUser, ProductInput, Wish};
use qudao_domain::decimal::Decimal;
use qudao_domain::lifecycle::Policy;
use qudao_domain::permissions::Role;
use qudao_domain::time::Instant;
use qudao_engine::{Engine, EngineConfig};
use qudao_store::testing::TestDb;
use serde_json::json;

/// A company at work.
pub struct Desk {
    /// The application, whose clock stands still.
    pub app: App,
    /// The company.
    pub company: Company,
    /// Administers the company.
    pub admin: Context,
    /// Runs the plugins.
    pub ops: Context,
    /// Sets prices.
    pub pricing: Context,
    /// Settles.
    pub finance: Context,
    /// Buys for the dealer `D1` of tier `gold` and region `east`.
    pub buyer: Context,
    /// Kept so that the database lives as long as this.
    pub test: TestDb,
}

/// The moment at which every desk begins: 2026-11-24 08:00 UTC.
#[must_use]
pub fn morning() -> Instant {
    Instant::from_micros(1_795_507_200_000_000)
}

impl Desk {
    /// A desk on each database at hand, with one engine.
    ///
    /// # Panics
    /// When anything cannot be made.
    pub async fn both(engine: &Engine) -> Vec<Self> {
        let mut desks = Vec::new();
        for test in TestDb::both().await {
            desks.push(Self::open(test, engine).await);
        }
        desks
    }

    /// A desk on a database. Nothing is uploaded yet.
    ///
    /// # Panics
    /// When anything cannot be made.
    pub async fn open(test: TestDb, engine: &Engine) -> Self {
        Self::open_at(test, engine, Clock::fixed(morning())).await
    }

    /// A desk whose clock is this one.
    ///
    /// # Panics
    /// When anything cannot be made.
    pub async fn open_at(test: TestDb, engine: &Engine, clock: Clock) -> Self {
        let app = App::new(test.db.clone(), engine.clone(), clock);
        let company = app.add_company("acme", "Acme", "CNY", "Asia/Shanghai").await.unwrap();
        let admin = person(&app, &company, Role::Admin).await;
        // Most tests have one person who uploads and activates.
        let policy = Policy { second_person: false, ..Policy::default() };
        app.save_plugin_policy(&admin, &policy).await.unwrap();
        let ops = person(&app, &company, Role::Ops).await;
        let dealer = DealerInput {
            code: "D1".into(),
            name: "Dealer One".into(),
            tier: "gold".into(),
            region: "east".into(),
            terms_days: 30,
            attributes: json!({}),
            ..DealerInput::default()
        };
        let dealer = app.save_dealer(&ops, &dealer).await.unwrap();
        let product = ProductInput {
            sku: "P1".into(),
            name: "Pump".into(),
            category: "pumps".into(),
            active: true,
            attributes: json!({}),
        };
        app.save_product(&ops, &product).await.unwrap();
        let first = morning().utc().date_naive();
        app.set_price(&ops, "P1", first, Decimal::new(10_000, 2)).await.unwrap();
        app.count_stock(&ops, "P1", "", 1_000_000).await.unwrap();
        let buyer = NewUser { dealer: Some(dealer.id), ..user(Role::DealerBuyer) };
        app.add_user(&company, buyer).await.unwrap();
        let buyer = app.act_as(&company, &user(Role::DealerBuyer).email).await.unwrap();
        let pricing = person(&app, &company, Role::Pricing).await;
        let finance = person(&app, &company, Role::Finance).await;
        Self { app, company, admin, ops, pricing, finance, buyer, test }
    }

    /// An engine for tests.
    ///
    /// # Panics
    /// When wasmtime does not start.
    #[must_use]
    pub fn engine() -> Engine {
        Engine::new(EngineConfig::default().pool_size(4)).unwrap()
    }

    /// Somebody of another company on the same server.
    ///
    /// # Panics
    /// When there is a company of this code already.
    pub async fn neighbour(&self, code: &str, role: Role) -> Context {
        let company = self.app.add_company(code, code, "CNY", "Asia/Shanghai").await.unwrap();
        person(&self.app, &company, role).await
    }

    /// Lets time pass, in milliseconds.
    pub fn wait_ms(&self, ms: i64) {
        self.app.clock().set(self.app.clock().now().plus_ms(ms));
    }

    /// An order of the dealer for so many pieces.
    #[must_use]
    pub fn draft(quantity: i64) -> Draft {
        Draft { lines: vec![Wish { sku: "P1".into(), quantity }], ..Draft::default() }
    }
}

fn user(role: Role) -> NewUser {
    NewUser {
        email: format!("{role}@acme.example"),
        name: format!("The {role}"),
        role,
        dealer: None,
        password: "correct horse".into(),
    }
}

async fn person(app: &App, company: &Company, role: Role) -> Context {
    app.add_user(company, user(role)).await.unwrap();
    app.act_as(company, &user(role).email).await.unwrap()
}
