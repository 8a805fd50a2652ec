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
pub async fn post(tx: &mut Tx, company: CompanyId, now: Instant, entry: &Entry<'_>) -> Result<EntryId> {
    balanced(entry.postings).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let id = EntryId::at(now);
    execute!(
        tx,
        "INSERT INTO entries (company_id, id, kind, document_id, effective_on, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        company,
        id,
        entry.kind,
        entry.document,
        entry.effective_on,
        now
    )?;
    // Postings go in by the column: one statement for any number of them.
    let rows = Columns::of(entry);
    match &mut *tx {
        Tx::Postgres(_) => rows.insert_postgres(tx, company, id, entry.source).await?,
        Tx::Sqlite(_) => rows.insert_sqlite(tx, company, id, entry.source).await?,
    }
    add_to_balances(tx, company, entry.postings).await?;
    Ok(id)
}

/// Posts many entries (none of a settlement), for history that arrives in bulk.
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
    let numbered =
        |(id, entry): (EntryId, &Entry<'_>)| (1_i64..).zip(entry.postings.to_vec()).map(move |row| (id, row));
    let rows: Vec<(EntryId, (i64, Posting))> = ids.iter().copied().zip(entries).flat_map(numbered).collect();
    Bulk::into("postings")
        .column("entry_id", Column::ids(rows.iter().map(|row| row.0.0)))
        .column("line", Column::numbers(rows.iter().map(|row| row.1.0)))
        .column("account", Column::texts(rows.iter().map(|row| row.1.1.account)))
        .column("dealer_id", Column::ids(rows.iter().map(|row| row.1.1.dealer.0)))
        .column("currency", Column::texts(rows.iter().map(|row| row.1.1.currency)))
        .column("amount_minor", Column::numbers(rows.iter().map(|row| row.1.1.amount_minor)))
        .column("fact_seq", Column::numbers(rows.iter().map(|row| row.1.1.fact_seq)))
        .insert(tx, company)
        .await?;
    let postings: Vec<Posting> = rows.into_iter().map(|row| row.1.1).collect();
    add_to_balances(tx, company, &postings).await
}

/// Adds the postings to the balances of their accounts, in a fixed order so that two entries never wait for each
/// other. The rows stay locked until the transaction ends: a limit checked after this holds.
async fn add_to_balances(tx: &mut Tx, company: CompanyId, postings: &[Posting]) -> Result<()> {
    let mut sums: BTreeMap<(DealerId, &str, &str), i64> = BTreeMap::new();
    for posting in postings {
        let key = (posting.dealer, posting.account.as_str(), posting.currency.code());
        let sum = sums.entry(key).or_default();
        *sum = sum.checked_add(posting.amount_minor).ok_or_else(|| {
            StoreError::Corrupt(format!("the entry's sum for {} is larger than can be kept", key.1))
        })?;
    }
    if let Tx::Postgres(connection) = tx {
        sqlx::query(
            "INSERT INTO balances (company_id, dealer_id, account, currency, amount_minor)
             SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[])
             ON CONFLICT (company_id, dealer_id, account, currency)
             DO UPDATE SET amount_minor = balances.amount_minor + excluded.amount_minor",
        )
        .bind(company)
        .bind(sums.keys().map(|key| key.0.0).collect::<Vec<_>>())
        .bind(sums.keys().map(|key| key.1).collect::<Vec<_>>())
        .bind(sums.keys().map(|key| key.2).collect::<Vec<_>>())
        .bind(sums.values().copied().collect::<Vec<_>>())
        .execute(&mut **connection)
        .await?;
        return Ok(());
    }
    for ((dealer, account, currency), sum) in sums {
        execute!(
            tx,
            "INSERT INTO balances (company_id, dealer_id, account, currency, amount_minor)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (company_id, dealer_id, account, currency)
             DO UPDATE SET amount_minor = balances.amount_minor + excluded.amount_minor",
            company,
            dealer,
            account,
            currency,
            sum
        )?;
    }
    Ok(())
}

struct Columns {
    lines: Vec<i64>,
    accounts: Vec<String>,
    dealers: Vec<Uuid>,
    currencies: Vec<String>,
    amounts: Vec<i64>,
    facts: Vec<Option<i64>>,
    codes: Vec<Option<String>>,
}

impl Columns {
    fn of(entry: &Entry<'_>) -> Self {
        let postings = entry.postings;
        Self {
            lines: (1..).take(postings.len()).collect(),
            accounts: postings.iter().map(|posting| posting.account.as_str().to_owned()).collect(),
            dealers: postings.iter().map(|posting| posting.dealer.0).collect(),
            currencies: postings.iter().map(|posting| posting.currency.code().to_owned()).collect(),
            amounts: postings.iter().map(|posting| posting.amount_minor).collect(),
            facts: postings.iter().map(|posting| posting.fact_seq).collect(),
            codes: (0..postings.len()).map(|at| entry.codes.get(at).cloned()).collect(),
        }
    }

    async fn insert_postgres(
        &self,
        tx: &mut Tx,
        company: CompanyId,
        entry: EntryId,
        source: Option<Source<'_>>,
    ) -> Result<()> {
        let Tx::Postgres(connection) = tx else { return Ok(()) };
        sqlx::query(
            "INSERT INTO postings (company_id, entry_id, line, account, dealer_id, currency, amount_minor, fact_seq,
                                   code, program_id, period)
             SELECT $1, $2, line, account, dealer_id, currency, amount_minor, fact_seq, code, $10, $11
             FROM unnest($3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::bigint[], $8::bigint[], $9::text[])
                AS p (line, account, dealer_id, currency, amount_minor, fact_seq, code)",
        )
        .bind(company)
        .bind(entry)
        .bind(&self.lines)
        .bind(&self.accounts)
        .bind(&self.dealers)
        .bind(&self.currencies)
        .bind(&self.amounts)
        .bind(&self.facts)
        .bind(&self.codes)
        .bind(source.map(|source| source.program))
        .bind(source.map(|source| source.period))
        .execute(&mut **connection)
        .await?;
        Ok(())
    }

    async fn insert_sqlite(
        &self,
        tx: &mut Tx,
        company: CompanyId,
        entry: EntryId,
        source: Option<Source<'_>>,
    ) -> Result<()> {
        for at in 0..self.lines.len() {
            execute!(
                tx,
                "INSERT INTO postings (company_id, entry_id, line, account, dealer_id, currency, amount_minor,
                                       fact_seq, code, program_id, period)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                company,
                entry,
                self.lines[at],
                &self.accounts[at],
                self.dealers[at],
                &self.currencies[at],
                self.amounts[at],
                self.facts[at],
                self.codes[at].as_deref(),
                source.map(|source| source.program),
                source.map(|source| source.period)
            )?;
        }
        Ok(())
    }
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
