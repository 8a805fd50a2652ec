//! A demonstration: two companies with dealers, products, a past, plugins of every kind, settled quarters,
//! orders and registered deals under way, and users for each role. The same seed and day draw the same business; ids, tokens and the
//! numbers of live orders are fresh each time.

mod deals;
mod dice;
mod history;
mod live;
mod network;
mod people;
mod pumps;
mod rules;
mod sketch;

use crate::errors::{AppError, Result};
use crate::imports::{ImportKind, ImportOptions};
use crate::products::find_warehouse;
use crate::{App, Company, Context};
use chrono::{Days, NaiveDate};
use dice::Dice;
use people::People;
use qudao_domain::decimal::{Decimal, Exact};
use qudao_domain::ids::{DealerId, ProductId};
use qudao_domain::permissions::Role;
use qudao_store::companies::{self, Changed};
use qudao_store::costs::{self, Cost};
use qudao_store::dealers::{self, Dealer};
use qudao_store::prices::{self, Price};
use qudao_store::products::{self, Product};
use qudao_store::{Json, warehouses};
use sketch::Sketch;
use std::collections::HashMap;
use std::io::Cursor;

/// The components that the demo runs on.
#[derive(Debug, Clone, Copy)]
pub struct DemoPlugins<'p> {
    /// Forms prices: `volume-pricing`.
    pub pricing: &'p [u8],
    /// Works out incentives: `tiered-rebate`.
    pub incentive: &'p [u8],
    /// Scores dealers: `weighted-kpi`.
    pub kpi: &'p [u8],
    /// Rules on registered deals: `deal-registration`.
    pub deal: &'p [u8],
}

/// Somebody who can log in to the demo.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DemoUser {
    /// Code of the company.
    pub company: String,
    /// What they are.
    pub role: Role,
    /// For log-in.
    pub email: String,
    /// For log-in.
    pub password: String,
    /// Bearer token for the API.
    pub api_token: String,
    /// What they are called.
    pub name: String,
}

/// A company of the demo in figures.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DemoCompany {
    /// Its code, typed at log-in.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many dealers.
    pub dealers: usize,
    /// How many products.
    pub products: usize,
    /// How many orders of the past.
    pub past_orders: u64,
    /// How many orders under way.
    pub live_orders: usize,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DemoReport {
    /// The companies.
    pub companies: Vec<DemoCompany>,
    /// Everybody who can log in.
    pub users: Vec<DemoUser>,
}

/// What the demo is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoStep {
    /// Code of the company.
    pub company: String,
    /// What is being made.
    pub what: &'static str,
    /// Steps done.
    pub done: u64,
    /// Steps in all.
    pub of: u64,
}

/// Hears of each step.
pub type DemoListener<'l> = &'l mut (dyn FnMut(DemoStep) + Send);

/// What the dice of costs begin with.
const COST_SEED: u64 = 15;

/// Steps of one company.
const STEPS: [&str; 6] = ["people", "catalogue", "plugins", "history", "settlements", "orders"];

impl App {
    /// Makes the demonstration in a database that has none yet.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `company-exists` when it was made before; [`AppError::Upload`] when a component is
    /// none of the right kind.
    pub async fn make_demo(
        &self,
        plugins: DemoPlugins<'_>,
        seed: u64,
        progress: DemoListener<'_>,
    ) -> Result<DemoReport> {
        let mut dice = Dice::new(seed);
        // The companies' zones differ by hours only; one day for both keeps their files the same all day.
        let today = self.clock().now().utc().date_naive();
        let sketches = sketch::all(&mut dice, today);
        let of = u64::try_from(sketches.len() * STEPS.len()).unwrap_or(0);
        let mut report = DemoReport { companies: Vec::new(), users: Vec::new() };
        let mut done = 0;
        for sketch in &sketches {
            let mut step = |what: &'static str| {
                progress(DemoStep { company: sketch.code.to_owned(), what, done, of });
                done += 1;
            };
            let made =
                self.make_company(sketch, plugins, &mut dice, today, &mut report.users, &mut step).await?;
            report.companies.push(made);
        }
        Ok(report)
    }

    async fn make_company(
        &self,
        sketch: &Sketch,
        plugins: DemoPlugins<'_>,
        dice: &mut Dice,
        today: NaiveDate,
        users: &mut Vec<DemoUser>,
        step: &mut (dyn FnMut(&'static str) + Send),
    ) -> Result<DemoCompany> {
        step(STEPS[0]);
        let company = self.add_company(sketch.code, sketch.name, sketch.currency, sketch.zone).await?;
        let mut people = people::of_vendor(self, &company, sketch, dice, users).await?;
        step(STEPS[1]);
        let ids = self.store_dealers(&people.ops, sketch).await?;
        people.buyers = people::of_dealers(self, &company, sketch, &ids, dice, users).await?;
        self.store_products(&people.ops, sketch, dice, today).await?;
        step(STEPS[2]);
        rules::activate(self, &people, sketch, &plugins).await?;
        step(STEPS[3]);
        let past_orders = self.import_past(&people, &history::file(sketch, dice, today)).await?;
        step(STEPS[4]);
        rules::settle(self, &people, sketch, today).await?;
        step(STEPS[5]);
        let live_orders = live::place(self, &people, sketch, dice).await?;
        deals::register(self, &people, sketch, today).await?;
        let Company { code, name, .. } = company;
        let (dealers, products) = (sketch.dealers.len(), sketch.products.len());
        Ok(DemoCompany { code, name, dealers, products, past_orders, live_orders })
    }

    /// The dealers' ids, in the order of the sketch.
    async fn store_dealers(&self, ctx: &Context, sketch: &Sketch) -> Result<Vec<DealerId>> {
        let now = self.clock().now();
        let ids: HashMap<&str, DealerId> =
            sketch.dealers.iter().map(|dealer| (dealer.code.as_str(), DealerId::at(now))).collect();
        let id = |code: &str| ids.get(code).copied();
        let exponent = ctx.currency.exponent();
        let row = |dealer: &sketch::DealerSketch| {
            Some(Dealer {
                id: id(&dealer.code)?,
                code: dealer.code.clone(),
                name: dealer.name.clone(),
                parent_id: dealer.parent.as_deref().and_then(id),
                tier: dealer.tier.to_owned(),
                region: dealer.region.to_owned(),
                credit_limit_minor: Some(dealer.credit * 10_i64.pow(exponent)),
                terms_days: dealer.terms_days,
                attributes: Json(dealer.attributes.clone()),
                created_at: now,
            })
        };
        let rows: Vec<Dealer> = sketch.dealers.iter().filter_map(row).collect();
        let mut tx = companies::begin_change(self.db(), ctx.company, Changed::Dealers).await?;
        dealers::save(&mut tx, ctx.company, &rows).await?;
        dealers::rebuild_branches(&mut tx, ctx.company).await?;
        tx.commit().await?;
        Ok(rows.iter().map(|dealer| dealer.id).collect())
    }

    async fn store_products(
        &self,
        ctx: &Context,
        sketch: &Sketch,
        dice: &mut Dice,
        today: NaiveDate,
    ) -> Result<()> {
        let now = self.clock().now();
        let row = |product: &sketch::ProductSketch| Product {
            id: ProductId::at(now),
            sku: product.sku.clone(),
            name: product.name.clone(),
            category: product.category.to_owned(),
            attributes: Json(product.attributes.clone()),
            active: true,
            created_at: now,
        };
        let rows: Vec<Product> = sketch.products.iter().map(row).collect();
        let mut tx = companies::begin_change(self.db(), ctx.company, Changed::Prices).await?;
        products::save(&mut tx, ctx.company, &rows).await?;
        // Dice of their own, so that the rest of the demo is drawn as before.
        let mut cost_dice = Dice::new(COST_SEED);
        let mut dated = Vec::new();
        for (sketched, product) in sketch.products.iter().zip(&rows) {
            dated.extend(dated_prices(product.id, sketched.price, dice, today));
        }
        prices::save(&mut tx, ctx.company, &dated).await?;
        let of_product = rows.iter().map(|product| product.id).zip(&sketch.products);
        let dated: Vec<Cost> = of_product
            .flat_map(|(id, product)| dated_costs(id, product.price, &mut cost_dice, today))
            .collect();
        costs::save(&mut tx, ctx.company, &dated).await?;
        let warehouse = find_warehouse(&mut tx, ctx.company, "", now).await?;
        for product in &rows {
            let on_hand = if dice.percent(4) { 300 } else { dice.between(400, 2_500) };
            warehouses::count(&mut tx, ctx.company, warehouse, product.id, on_hand).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn import_past(&self, people: &People, file: &str) -> Result<u64> {
        let mut file = Cursor::new(file.as_bytes());
        let options = ImportOptions::default();
        let report = self.import(&people.ops, ImportKind::Orders, &mut file, &options, &mut |_| {}).await?;
        if !report.accepted {
            let first = report.skipped.first().map(ToString::to_string).unwrap_or_default();
            return Err(AppError::Internal(format!("the demo's history is not accepted: {first}")));
        }
        Ok(report.documents)
    }
}

/// A cost from the first day of history on and another one since; a few products are bought in and have none.
fn dated_costs(product: ProductId, price: Decimal, dice: &mut Dice, today: NaiveDate) -> Vec<Cost> {
    if dice.percent(8) {
        return Vec::new();
    }
    let percent = dice.between(52, 68);
    let since = today.checked_sub_days(Days::new(200)).unwrap_or(today);
    let at = |valid_from: NaiveDate, percent: i64| Cost {
        product_id: product,
        valid_from,
        cost: Exact((price * Decimal::new(percent, 2)).round_dp(2).normalize()),
    };
    vec![at(history::first_day(today), percent), at(since, percent + dice.between(0, 3))]
}

/// A price from the first day of history on, today's, and for some one that is announced.
fn dated_prices(product: ProductId, price: Decimal, dice: &mut Dice, today: NaiveDate) -> Vec<Price> {
    let at = |valid_from: NaiveDate, percent: i64| Price {
        product_id: product,
        valid_from,
        price: Exact((price * Decimal::new(percent, 2)).round_dp(2).normalize()),
    };
    let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let mut dated = vec![at(history::first_day(today), dice.between(94, 100)), at(back(120), 100)];
    if dice.percent(15) {
        let soon = today.checked_add_days(Days::new(30)).unwrap_or(today);
        dated.push(at(soon, dice.between(102, 106)));
    }
    dated
}
