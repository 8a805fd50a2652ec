//! Orders of the past: written as placed and shipped, with their facts and ledger entries. Stock is left alone, no
//! event is told to others, and their numbers must be new.

use super::grouped::{Grouper, Known, Ready};
use super::problem::{Problem, Problems};
use super::{BREATH, Listener, Phase, Progress, Report, Source, csv};
use crate::errors::Result;
use crate::products::find_warehouse;
use crate::{App, Context};
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{ProductId, WarehouseId};
use qudao_domain::time::Instant;
use qudao_store::history::{self, PastOrder};
use qudao_store::{Tx, audit, dealers, prices, products, warehouses};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// Orders are looked up and written so many at a time.
const BATCH: usize = 500;

/// What one reading of the file came to.
#[derive(Default)]
struct Pass {
    read: u64,
    rows: u64,
    orders: u64,
    total_minor: i64,
    problems: Problems,
}

impl App {
    pub(super) async fn import_orders<F: Read + Seek + Send>(
        &self,
        ctx: &Context,
        mut source: Source<'_, F>,
        progress: Listener<'_>,
    ) -> Result<Report> {
        let now = self.clock().now();
        let (skip_bad, dry_run) = (source.options.skip_bad, source.options.dry_run);
        let mut pass = Pass::default();
        // A file that must be right as a whole is read through before the database's writers are kept waiting.
        if dry_run || !skip_bad {
            let mut tx = self.db().read(ctx.company).await?;
            let known = known(&mut tx, ctx, now).await?;
            pass = run(&mut source, &mut tx, ctx, &known, Phase::Checking, progress).await?;
        }
        let mut accepted = pass.problems.permit(skip_bad);
        if accepted && !dry_run {
            let mut tx = self.db().write(ctx.company).await?;
            find_warehouse(&mut tx, ctx.company, "", now).await?;
            let known = known(&mut tx, ctx, now).await?;
            pass = run(&mut source, &mut tx, ctx, &known, Phase::Writing, progress).await?;
            accepted = pass.problems.permit(skip_bad);
            if accepted && pass.orders > 0 {
                let detail = json!({ "orders": pass.orders, "total_minor": pass.total_minor });
                audit::record(&mut tx, ctx.company, now, ctx.user, "orders.imported", "", &detail).await?;
                tx.commit().await?;
            }
        }
        let mut report = Report::begun(source.kind, source.options);
        report.read = pass.read;
        report.accepted = accepted && pass.orders > 0;
        if report.accepted {
            (report.written, report.documents, report.total_minor) =
                (pass.rows, pass.orders, pass.total_minor);
        }
        Ok(report.with(pass.problems))
    }
}

async fn known(tx: &mut Tx, ctx: &Context, now: Instant) -> Result<Known> {
    let products = products::all(tx, ctx.company).await?;
    let dealers = dealers::all(tx, ctx.company).await?;
    let mut dated: HashMap<ProductId, Vec<(chrono::NaiveDate, Exact)>> = HashMap::new();
    for price in prices::all(tx, ctx.company).await? {
        dated.entry(price.product_id).or_default().push((price.valid_from, price.price));
    }
    let warehouse = warehouses::all(tx, ctx.company).await?.first().map(|warehouse| warehouse.id);
    Ok(Known {
        products: products.into_iter().map(|product| (product.sku, product.id)).collect(),
        prices: dated,
        dealers: dealers.into_iter().map(|dealer| (dealer.code, dealer.id)).collect(),
        // While only checking there may be none yet; nothing is written then.
        warehouse: warehouse.unwrap_or(WarehouseId(Uuid::nil())),
        currency: ctx.currency,
        zone: ctx.zone,
        user: ctx.user,
        now,
    })
}

/// Reads the file once; in the writing phase what is right is written as it comes.
async fn run<F: Read + Seek + Send>(
    source: &mut Source<'_, F>,
    tx: &mut Tx,
    ctx: &Context,
    known: &Known,
    phase: Phase,
    progress: Listener<'_>,
) -> Result<Pass> {
    let mut pass = Pass::default();
    let (bytes, size) = (Arc::clone(&source.bytes), source.look.size);
    let mut table = match source.table()? {
        Ok(table) => table,
        Err(found) => {
            found.into_iter().for_each(|problem| pass.problems.end(problem));
            return Ok(pass);
        }
    };
    let mut grouper = Grouper::new(known);
    let mut batch: Vec<Ready> = Vec::with_capacity(BATCH);
    loop {
        match table.next() {
            Ok(Some(row)) => batch.extend(grouper.push(row)),
            Ok(None) => break,
            Err(csv::Failure::Problem(problem)) => {
                pass.problems.end(problem);
                break;
            }
            Err(csv::Failure::Io(error)) => return Err(super::unreadable(error)),
        }
        pass.read += 1;
        if batch.len() == BATCH {
            settle(tx, ctx, known, phase, &mut pass, std::mem::take(&mut batch)).await?;
        }
        if pass.read.is_multiple_of(BREATH) {
            progress(Progress { phase, rows: pass.read, bytes: bytes.load(Ordering::Relaxed), size });
            tokio::task::yield_now().await;
        }
    }
    batch.extend(grouper.finish());
    settle(tx, ctx, known, phase, &mut pass, batch).await?;
    progress(Progress { phase, rows: pass.read, bytes: size, size });
    Ok(pass)
}

/// Sorts out what is wrong, and in the writing phase writes the rest.
async fn settle(
    tx: &mut Tx,
    ctx: &Context,
    known: &Known,
    phase: Phase,
    pass: &mut Pass,
    batch: Vec<Ready>,
) -> Result<()> {
    let numbers: Vec<&str> = batch.iter().map(|ready| ready.number.as_str()).collect();
    let taken: HashSet<String> = history::taken(tx, ctx.company, &numbers).await?.into_iter().collect();
    let mut good: Vec<PastOrder> = Vec::with_capacity(batch.len());
    for ready in batch {
        if taken.contains(&ready.number) {
            let message = format!("there is an order `{}` already; it is left as it is", ready.number);
            pass.problems.add(Problem::new(ready.line, ready.column, "order-exists", message));
            continue;
        }
        match ready.order {
            Ok(order) => {
                pass.rows += ready.rows;
                pass.orders += 1;
                pass.total_minor = pass.total_minor.saturating_add(order.order.total_minor);
                good.push(order);
            }
            Err(found) => pass.problems.add_all(found),
        }
    }
    if phase == Phase::Writing && !pass.problems.fatal {
        history::insert(tx, ctx.company, known.now, known.currency, &good).await?;
    }
    Ok(())
}
