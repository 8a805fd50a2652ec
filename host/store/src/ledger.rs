//! The one ledger. Nothing is posted but through here, and nothing that does not balance.

use crate::bulk::{Bulk, Column};
use crate::{Result, StoreError, Tx};
use chrono::NaiveDate;
use qudao_domain::ids::{CompanyId, DealerId, EntryId, ProgramId};
use qudao_domain::ledger::{AccountCode, EntryKind, Posting, balanced};
use qudao_domain::time::Instant;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Which settlement a posting belongs to, so that later runs can net it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// The program.
    pub program: ProgramId,
    /// The period, as `2026-Q4`.
    pub period: &'a str,
}

/// An entry to be posted.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Which document posts it.
    pub kind: EntryKind,
    /// The document.
    pub document: Uuid,
    /// The day on which it counts.
    pub effective_on: NaiveDate,
    /// Both sides.
    pub postings: &'a [Posting],
    /// For each posting the payout's code (settlements only; empty otherwise).
    pub codes: &'a [String],
    /// The settlement, if it is one.
    pub source: Option<Source<'a>>,
}

/// Posts an entry.
///
/// # Errors
/// [`StoreError::Corrupt`] when it does not balance: a fault of ours, and nothing is written.
pub async fn post(tx: &mut Tx, company: CompanyId, now: Instant, entry: &Entry<'_>) -> Result<()> {
    post_many(tx, company, now, std::slice::from_ref(entry)).await
}

/// Posts any number of entries with a statement for each table.
///
/// # Errors
/// [`StoreError::Corrupt`] when one does not balance: a fault of ours, and nothing is written.
pub async fn post_many(tx: &mut Tx, company: CompanyId, now: Instant, entries: &[Entry<'_>]) -> Result<()> {
    for entry in entries {
        balanced(entry.postings).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    }
    let ids: Vec<EntryId> = entries.iter().map(|_| EntryId::at(now)).collect();
    Bulk::into("entries")
        .column("id", Column::ids(ids.iter().map(|id| id.0)))
        .column("kind", Column::texts(entries.iter().map(|entry| entry.kind)))
        .column("document_id", Column::ids(entries.iter().map(|entry| entry.document)))
        .column("effective_on", Column::days(entries.iter().map(|entry| entry.effective_on)))
        .column("recorded_at", Column::Moments(entries.iter().map(|_| now).collect()))
        .insert(tx, company)
        .await?;
    let rows: Vec<Row<'_>> = ids.iter().zip(entries).flat_map(|(id, entry)| rows_of(*id, entry)).collect();
    let source = |row: &Row<'_>| row.source.map(|source| source.program.0);
    let period = |row: &Row<'_>| row.source.map(|source| source.period.to_owned());
    Bulk::into("postings")
        .column("entry_id", Column::ids(rows.iter().map(|row| row.entry.0)))
        .column("line", Column::numbers(rows.iter().map(|row| row.line)))
        .column("account", Column::texts(rows.iter().map(|row| row.posting.account)))
        .column("dealer_id", Column::ids(rows.iter().map(|row| row.posting.dealer.0)))
        .column("currency", Column::texts(rows.iter().map(|row| row.posting.currency)))
        .column("amount_minor", Column::numbers(rows.iter().map(|row| row.posting.amount_minor)))
        .column("fact_seq", Column::numbers(rows.iter().map(|row| row.posting.fact_seq)))
        .column("code", Column::Texts(rows.iter().map(|row| row.code.cloned()).collect()))
        .column("program_id", Column::ids(rows.iter().map(source)))
        .column("period", Column::Texts(rows.iter().map(period).collect()))
        .insert(tx, company)
        .await?;
    add_to_balances(tx, company, rows.iter().map(|row| row.posting)).await
}

/// A posting as it is stored.
struct Row<'a> {
    entry: EntryId,
    line: i64,
    posting: &'a Posting,
    code: Option<&'a String>,
    source: Option<Source<'a>>,
}

fn rows_of<'a>(id: EntryId, entry: &Entry<'a>) -> impl Iterator<Item = Row<'a>> {
    let (codes, source) = (entry.codes, entry.source);
    let row =
        move |(at, posting)| Row { entry: id, line: at as i64 + 1, posting, code: codes.get(at), source };
    entry.postings.iter().enumerate().map(row)
}

/// Adds the postings to the balances of their accounts, in a fixed order so that two entries never wait for each
/// other. The rows stay locked until the transaction ends: a limit checked after this holds.
async fn add_to_balances<'a>(
    tx: &mut Tx,
    company: CompanyId,
    postings: impl Iterator<Item = &'a Posting>,
) -> Result<()> {
    let mut sums: BTreeMap<(DealerId, &str, &str), i64> = BTreeMap::new();
    for posting in postings {
        let key = (posting.dealer, posting.account.as_str(), posting.currency.code());
        let sum = sums.entry(key).or_default();
        *sum = sum.checked_add(posting.amount_minor).ok_or_else(|| {
            StoreError::Corrupt(format!("the entry's sum for {} is larger than can be kept", key.1))
        })?;
    }
    Bulk::into("balances")
        .column("dealer_id", Column::ids(sums.keys().map(|key| key.0.0)))
        .column("account", Column::texts(sums.keys().map(|key| key.1)))
        .column("currency", Column::texts(sums.keys().map(|key| key.2)))
        .column("amount_minor", Column::numbers(sums.values().copied()))
        .then(
            "ON CONFLICT (company_id, dealer_id, account, currency)
             DO UPDATE SET amount_minor = balances.amount_minor + excluded.amount_minor",
        )
        .insert(tx, company)
        .await?;
    Ok(())
}

/// Balances of a dealer's accounts in a currency, in minor units: debit positive. Accounts never posted to are left
/// out.
///
/// # Errors
/// As any query.
pub async fn balances(
    tx: &mut Tx,
    company: CompanyId,
    dealer: DealerId,
    currency: &str,
) -> Result<Vec<(AccountCode, i64)>> {
    all!(
        tx,
        (AccountCode, i64),
        "SELECT account, amount_minor FROM balances WHERE company_id = $1 AND dealer_id = $2 AND currency = $3",
        company,
        dealer,
        currency
    )
}

/// Every account whose kept balance is not the sum of its postings: dealer, account, currency, kept, summed.
///
/// # Errors
/// As any query.
pub async fn drifted(
    tx: &mut Tx,
    company: CompanyId,
) -> Result<Vec<(DealerId, AccountCode, String, i64, i64)>> {
    all!(
        tx,
        (DealerId, AccountCode, String, i64, i64),
        "SELECT b.dealer_id, b.account, b.currency, b.amount_minor, COALESCE(p.sum, 0)
         FROM balances b LEFT JOIN (
             SELECT dealer_id, account, currency, CAST(SUM(amount_minor) AS BIGINT) AS sum FROM postings
             WHERE company_id = $1 GROUP BY dealer_id, account, currency
         ) p ON p.dealer_id = b.dealer_id AND p.account = b.account AND p.currency = b.currency
         WHERE b.company_id = $1 AND b.amount_minor <> COALESCE(p.sum, 0)",
        company
    )
}

/// Every currency in which an entry of the company is out of balance, with the entry and by how much.
///
/// # Errors
/// As any query.
pub async fn unbalanced(tx: &mut Tx, company: CompanyId) -> Result<Vec<(EntryId, String, i64)>> {
    all!(
        tx,
        (EntryId, String, i64),
        "SELECT entry_id, currency, CAST(SUM(amount_minor) AS BIGINT) FROM postings WHERE company_id = $1
         GROUP BY entry_id, currency HAVING SUM(amount_minor) <> 0 ORDER BY entry_id",
        company
    )
}
