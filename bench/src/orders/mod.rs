//! `bench orders`: 20-line orders over HTTP against Postgres, beside pgbench writing the same rows.

pub mod client;
mod peer;
mod replay;
pub mod rows;
pub mod stage;

use crate::rounds::{at_share, median, ratio};
use anyhow::{Context, Result};
use client::Load;
use peer::Peer;
use qudao_store::testing::TestDb;
use stage::Stage;
use std::time::Duration;

const CLIENTS: [usize; 2] = [1, 16];
const ROUNDS: usize = 5;
const TURN: Duration = Duration::from_secs(5);
/// Opens the pool's connections and lets plans settle.
const WARM_UP: Duration = Duration::from_secs(2);

/// Sets a company up, checks that both sides write the same rows, then times them in turns.
pub fn run() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(bench())
}

async fn bench() -> Result<()> {
    let missing = "QUDAO_TEST_PG is not set; run it as `cargo xtask bench orders`";
    let test = TestDb::postgres().await.context(missing)?;
    let owner = test.owner.clone().context(missing)?;
    rows::print_server(&owner).await?;
    println!(
        "setting up: {} dealers, {} products, {} drafts",
        stage::DEALERS,
        stage::PRODUCTS,
        stage::DRAFTS
    );
    let stage = Stage::set(test).await?;
    let load = Load::new(&stage);
    load.each_draft_once().await?;
    let peer = Peer::prepare(&stage, &owner).await?;
    check_rows(&load, &peer, &stage, &owner).await?;
    println!("\n{:>7}  {:<8}{:>10}{:>10}{:>10}{:>8}", "clients", "", "orders/s", "p50 ms", "p99 ms", "ratio");
    for clients in CLIENTS {
        time(&load, &peer, clients).await?;
    }
    println!("\nMedians of {ROUNDS} rounds of {} s a side, in turns.", TURN.as_secs());
    println!("Ratio: orders over HTTP to replayed orders, within a round. Bar: 0.3; aim: 0.7.");
    Ok(())
}

/// Every draft once more over HTTP, as many orders by pgbench: the same number of rows in every table, of about the same size.
async fn check_rows(load: &Load, peer: &Peer, stage: &Stage, owner: &str) -> Result<()> {
    let before = rows::count(owner, stage.company).await?;
    load.each_draft_once().await?;
    let between = rows::count(owner, stage.company).await?;
    peer.replay(stage::DRAFTS as i64).await?;
    let after = rows::count(owner, stage.company).await?;
    let ours = between.since(&before, stage::DRAFTS as i64)?;
    let theirs = after.since(&between, stage::DRAFTS as i64)?;
    rows::compare(&ours, &theirs)
}

async fn time(load: &Load, peer: &Peer, clients: usize) -> Result<()> {
    let (mut ours, mut theirs, mut latencies_ms) = (Vec::new(), Vec::new(), Vec::new());
    load.run(clients, WARM_UP).await?;
    for _ in 0..ROUNDS {
        let outcome = load.run(clients, TURN).await?;
        ours.push(outcome.orders_per_second);
        latencies_ms.extend(outcome.latencies_ms);
        theirs.push(peer.run(clients, TURN).await?);
    }
    let (p50, p99) = (median(&latencies_ms), at_share(&latencies_ms, 0.99));
    let name = "HTTP";
    println!(
        "{clients:>7}  {name:<8}{:>10.0}{p50:>10.2}{p99:>10.2}{:>8.2}",
        median(&ours),
        ratio(&ours, &theirs)
    );
    let mean_ms = clients as f64 * 1e3 / median(&theirs);
    println!("{clients:>7}  {:<8}{:>10.0}   mean {mean_ms:.2} ms", "pgbench", median(&theirs));
    Ok(())
}
