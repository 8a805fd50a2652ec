//! `bench simulation`: how long it takes to try a rule over a hundred thousand orders of twenty lines.

use crate::orders::client::Load;
use crate::orders::rows;
use crate::orders::stage::{DRAFTS, LINES, Stage};
use anyhow::{Context as _, Result, ensure};
use qudao_app::{NewSimulation, Simulated};
use qudao_domain::lifecycle::SimulationState;
use qudao_store::testing::TestDb;
use sqlx::Executor as _;
use std::time::{Duration, Instant};

const ORDERS: usize = 100_000;

/// Copies orders until there are enough, and simulates.
pub fn run() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(bench())
}

async fn bench() -> Result<()> {
    let missing = "QUDAO_TEST_PG is not set; run it as `cargo xtask bench simulation`";
    let stage = Stage::set(TestDb::postgres().await.context(missing)?).await?;
    Load::new(&stage).each_draft_once().await?;
    multiply(&stage).await?;
    let today = stage.app.clock().now().utc().date_naive();
    let days = (today.pred_opt().context("yesterday")?, today.succ_opt().context("tomorrow")?);
    let new =
        NewSimulation { digest: stage.rule.clone(), first: days.0, last: days.1, ..NewSimulation::default() };
    let began = Instant::now();
    let id = stage.app.start_simulation(&stage.admin, &new).await?;
    let (ended, outcome) = loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let (found, outcome) = stage.app.simulation(&stage.admin, id).await?;
        if found.state != SimulationState::Running {
            break (found, outcome);
        }
    };
    let took = began.elapsed().as_secs_f64();
    ensure!(ended.state == SimulationState::Done, "the simulation ended otherwise: {}", ended.error);
    let Some(Simulated::Pricing(outcome)) = outcome else { anyhow::bail!("no prices came out") };
    ensure!(outcome.failed == 0 && outcome.changed == 0, "the same rule gives the same prices");
    println!("{} orders, {} lines on Postgres: {took:.1} s", outcome.orders, outcome.lines);
    println!(
        "{:.0} orders a second; the aim is {ORDERS} within a minute on two cores",
        outcome.orders as f64 / took
    );
    Ok(())
}

/// Copies each order with its lines, in the database.
async fn multiply(stage: &Stage) -> Result<()> {
    let owner = stage.test.owner.as_deref().context("the owner's address")?;
    let mut connection = rows::connect(owner, stage.company).await?;
    let copies = (ORDERS - DRAFTS).div_ceil(DRAFTS);
    let copy = format!(
        "CREATE TEMP TABLE copies AS SELECT o.id AS old, gen_random_uuid() AS new, n
             FROM orders o, generate_series(1, {copies}) n;
         ANALYZE copies;
         INSERT INTO orders (company_id, id, number, dealer_id, placed_by, status, revision, currency, subtotal_minor,
                 adjustments_minor, total_minor, lines, reference, customer, ordered_on, placed_at, decision_id)
             SELECT company_id, c.new, number || '-' || c.n, dealer_id, placed_by, status, revision, currency,
                 subtotal_minor, adjustments_minor, total_minor, lines, reference, customer, ordered_on, placed_at,
                 decision_id
             FROM orders o JOIN copies c ON c.old = o.id;
         INSERT INTO order_lines (company_id, order_id, number, product_id, warehouse_id, quantity, shipped, base_price,
                 unit_price, amount_minor)
             SELECT company_id, c.new, number, product_id, warehouse_id, quantity, shipped, base_price, unit_price,
                 amount_minor
             FROM order_lines l JOIN copies c ON c.old = l.order_id;
         ANALYZE orders; ANALYZE order_lines"
    );
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(copy))).await?;
    let wanted = DRAFTS * (copies + 1) * LINES;
    let (lines,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM order_lines").fetch_one(&mut connection).await?;
    ensure!(usize::try_from(lines)? == wanted, "{lines} lines instead of {wanted}");
    Ok(())
}
