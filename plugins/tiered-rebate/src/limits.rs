//! What bounds the payouts: the dealer's cap, the minimum, the program's budget.

use qudao_sdk::incentive::{Header, Payout, Unpaid};
use qudao_sdk::{Currency, Decimal, Money, Note, allocate, note};

fn total(payouts: &[Payout]) -> i128 {
    payouts.iter().map(|payout| i128::from(payout.amount)).sum()
}

/// A sum as shown; one beyond 64 bits would have been refused long before.
fn shown(minor: i128, currency: Currency) -> Money {
    Money::new(i64::try_from(minor).unwrap_or(i64::MAX), currency)
}

/// Shares `limit` out in proportion to what each payout was, to the last minor unit, and says so.
fn scale(payouts: &mut [Payout], limit: i64, reason: &Note) {
    let weights: Vec<u64> = payouts.iter().map(|payout| payout.amount.unsigned_abs()).collect();
    for (payout, share) in payouts.iter_mut().zip(allocate(limit, &weights)) {
        payout.amount = share;
        payout.steps.push(reason.clone());
    }
}

/// No dealer gets more than the cap.
pub(crate) fn keep_to_cap(payouts: &mut [Payout], cap: Option<Decimal>, currency: Currency) {
    let Some(cap) = cap.map(|cap| Money::round(cap, currency)) else { return };
    let sum = total(payouts);
    if sum > i128::from(cap.minor) {
        scale(payouts, cap.minor, &note!("capped", shown(sum, currency), cap));
    }
}

/// Too little is not worth a payment; nothing is no payment at all.
pub(crate) fn reach_minimum(payouts: &[Payout], minimum: Decimal, currency: Currency) -> Result<(), Note> {
    let minimum = Money::round(minimum, currency);
    let sum = total(payouts);
    if sum == 0 || sum < i128::from(minimum.minor) {
        return Err(note!("below-minimum", shown(sum, currency), minimum));
    }
    Ok(())
}

/// All payouts together stay within what is left; a payout of nothing is none.
pub(crate) fn keep_to_budget(header: &Header, payouts: &mut Vec<Payout>, unpaid: &mut Vec<Unpaid>) {
    let sum = total(payouts);
    if let Some(left) = header.budget_left.map(|left| left.max(0)).filter(|left| sum > i128::from(*left)) {
        let currency = header.currency;
        scale(payouts, left, &note!("budget-shared", shown(sum, currency), Money::new(left, currency)));
    }
    let earned: Vec<u32> = payouts.iter().map(|payout| payout.beneficiary).collect();
    payouts.retain(|payout| payout.amount > 0);
    let mut paid: Vec<u32> = payouts.iter().map(|payout| payout.beneficiary).collect();
    paid.dedup();
    let mut without: Vec<u32> =
        earned.into_iter().filter(|dealer| paid.binary_search(dealer).is_err()).collect();
    without.dedup();
    unpaid.extend(
        without.into_iter().map(|beneficiary| Unpaid { beneficiary, reason: note!("budget-used-up") }),
    );
    unpaid.sort_by_key(|unpaid| unpaid.beneficiary);
}
