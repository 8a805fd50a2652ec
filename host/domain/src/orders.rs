//! What a placed order is worth, and which steps it may take.

use crate::money::{Currency, Money, MoneyError};
use crate::pricing::{LineRequest, Quote};
use crate::words::words;

/// The most pieces one line may ask for.
pub const MAX_QUANTITY: i64 = 1_000_000;
/// The most lines one order may have.
pub const MAX_LINES: usize = 2_000;

words! {
    /// Where an order stands.
    OrderStatus: "order status" {
        /// The dealer ordered; stock is reserved.
        Placed = "placed",
        /// The vendor accepted it.
        Confirmed = "confirmed",
        /// Some of it left the warehouse.
        PartlyShipped = "partly-shipped",
        /// All of it left the warehouse.
        Shipped = "shipped",
        /// Called off before anything was shipped.
        Cancelled = "cancelled",
    }
}

/// A step that an order may be asked to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStep {
    /// The vendor accepts.
    Confirm,
    /// Goods leave; `all` when nothing remains afterwards.
    Ship {
        /// Nothing remains to be shipped.
        all: bool,
    },
    /// Call it off.
    Cancel,
}

/// The step makes no sense where the order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {status} cannot take this step")]
pub struct StepRefused {
    /// Where the order stands.
    pub status: OrderStatus,
}

impl OrderStatus {
    /// Where the order stands after a step.
    ///
    /// # Errors
    /// [`StepRefused`] when the step makes no sense here.
    pub fn after(self, step: OrderStep) -> Result<Self, StepRefused> {
        use OrderStatus::{Cancelled, Confirmed, PartlyShipped, Placed, Shipped};
        match (self, step) {
            (Placed, OrderStep::Confirm) => Ok(Confirmed),
            (Confirmed | PartlyShipped, OrderStep::Ship { all: true }) => Ok(Shipped),
            (Confirmed | PartlyShipped, OrderStep::Ship { all: false }) => Ok(PartlyShipped),
            (Placed | Confirmed, OrderStep::Cancel) => Ok(Cancelled),
            (Placed | Confirmed | PartlyShipped | Shipped | Cancelled, _) => {
                Err(StepRefused { status: self })
            }
        }
    }
}

/// A document's amounts, each in minor units of the order's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Each line, rounded for itself.
    pub lines_minor: Vec<i64>,
    /// Sum of the lines.
    pub subtotal_minor: i64,
    /// Sum of the changes to the order.
    pub adjustments_minor: i64,
    /// What the dealer owes.
    pub total_minor: i64,
}

/// Adds an order up by the one rounding rule ([`Money::round`]).
///
/// # Errors
/// When an amount does not fit, or an adjustment is in another currency.
pub fn totals(lines: &[LineRequest], quote: &Quote, currency: Currency) -> Result<Totals, MoneyError> {
    let mut lines_minor = Vec::with_capacity(lines.len());
    let mut subtotal = Money::new(0, currency);
    for (line, priced) in lines.iter().zip(&quote.lines) {
        let amount = Money::of_line(priced.unit_price, line.quantity, currency)?;
        lines_minor.push(amount.minor);
        subtotal = subtotal.checked_add(amount)?;
    }
    let mut adjustments = Money::new(0, currency);
    for adjustment in &quote.adjustments {
        adjustments = adjustments.checked_add(adjustment.amount)?;
    }
    let total = subtotal.checked_add(adjustments)?;
    Ok(Totals {
        lines_minor,
        subtotal_minor: subtotal.minor,
        adjustments_minor: adjustments.minor,
        total_minor: total.minor,
    })
}

/// What part of a line's amount belongs to the next `pieces` of it, so that the parts of all
/// shipments add up to the line exactly: the amount of all pieces shipped so far, rounded down to
/// the minor unit, less what was taken before; the last piece takes the rest.
#[must_use]
pub fn part_of_line(amount_minor: i64, quantity: i64, shipped_before: i64, pieces: i64) -> i64 {
    let up_to = |count: i64| {
        let share = i128::from(amount_minor) * i128::from(count) / i128::from(quantity.max(1));
        i64::try_from(share).unwrap_or(amount_minor)
    };
    up_to(shipped_before + pieces) - up_to(shipped_before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_sensible_steps_are_taken() {
        use OrderStatus::{Cancelled, Confirmed, PartlyShipped, Placed, Shipped};
        let all = OrderStep::Ship { all: true };
        assert_eq!(Placed.after(OrderStep::Confirm), Ok(Confirmed));
        assert_eq!(Confirmed.after(OrderStep::Ship { all: false }), Ok(PartlyShipped));
        assert_eq!(PartlyShipped.after(all), Ok(Shipped));
        assert_eq!(Confirmed.after(OrderStep::Cancel), Ok(Cancelled));
        for (status, step) in [
            (Placed, all),
            (Shipped, OrderStep::Cancel),
            (PartlyShipped, OrderStep::Cancel),
            (Cancelled, OrderStep::Confirm),
            (Cancelled, OrderStep::Cancel),
            (Shipped, all),
        ] {
            assert_eq!(status.after(step), Err(StepRefused { status }));
        }
    }

    proptest! {
        #[test]
        fn parts_of_a_line_add_up(amount in 0..10_000_000_i64, parts in prop::collection::vec(1..50_i64, 1..20)) {
            let quantity: i64 = parts.iter().sum();
            let mut shipped = 0;
            let mut sum = 0;
            for pieces in parts {
                let part = part_of_line(amount, quantity, shipped, pieces);
                prop_assert!(part >= 0);
                sum += part;
                shipped += pieces;
            }
            prop_assert_eq!(sum, amount);
        }
    }
}
