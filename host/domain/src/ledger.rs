//! Double entry: every entry balances by currency before it is written.

use crate::ids::DealerId;
use crate::money::Currency;
use crate::words::words;
use std::collections::BTreeMap;

words! {
    /// What an account holds. Each is kept per dealer and currency.
    AccountCode: "account" {
        /// Ordered and not yet shipped (memo, debit).
        OpenOrders = "open-orders",
        /// The other side of open orders (memo, credit).
        OrderBacklog = "order-backlog",
        /// Shipped, to be invoiced (debit).
        Unbilled = "unbilled",
        /// Earned by shipping (credit).
        Revenue = "revenue",
        /// Paid by dealers (debit).
        Received = "received",
        /// What incentives cost (debit).
        IncentiveExpense = "incentive-expense",
        /// What is owed to dealers as incentives (credit).
        IncentivePayable = "incentive-payable",
    }
}

words! {
    /// Which document posted an entry.
    EntryKind: "ledger entry" {
        /// An order was placed.
        OrderPlaced = "order-placed",
        /// An order was called off.
        OrderCancelled = "order-cancelled",
        /// Goods were shipped.
        Shipment = "shipment",
        /// A dealer paid.
        Payment = "payment",
        /// A period was settled.
        Settlement = "settlement",
    }
}

/// One side of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// What it is posted to.
    pub account: AccountCode,
    /// Whose account it is.
    pub dealer: DealerId,
    /// Minor units: debit positive, credit negative.
    pub amount_minor: i64,
    /// Of the amount.
    pub currency: Currency,
    /// The fact that caused it, by its sequence.
    pub fact_seq: Option<i64>,
}

/// The entry does not balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the entry is out of balance by {by_minor} minor units of {currency}")]
pub struct Unbalanced {
    /// In which currency.
    pub currency: Currency,
    /// By how much.
    pub by_minor: i128,
}

/// Both sides of a movement between two of a dealer's accounts.
#[must_use]
pub fn transfer(
    dealer: DealerId,
    debit: AccountCode,
    credit: AccountCode,
    amount_minor: i64,
    currency: Currency,
    fact_seq: Option<i64>,
) -> [Posting; 2] {
    let side = |account, amount_minor| Posting { account, dealer, amount_minor, currency, fact_seq };
    [side(debit, amount_minor), side(credit, -amount_minor)]
}

/// Checks that postings balance in every currency.
///
/// # Errors
/// The first currency in which they do not.
pub fn balanced(postings: &[Posting]) -> Result<(), Unbalanced> {
    let mut sums: BTreeMap<&str, (Currency, i128)> = BTreeMap::new();
    for posting in postings {
        let sum = sums.entry(posting.currency.code()).or_insert((posting.currency, 0));
        sum.1 += i128::from(posting.amount_minor);
    }
    match sums.into_values().find(|(_, sum)| *sum != 0) {
        Some((currency, by_minor)) => Err(Unbalanced { currency, by_minor }),
        None => Ok(()),
    }
}
