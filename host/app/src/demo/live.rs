//! Orders of today, placed through the use cases, one or more in each state.

use super::dice::Dice;
use super::people::People;
use super::sketch::Sketch;
use crate::App;
use crate::errors::Result;
use crate::orders::{Shipping, ShippingLine};
use crate::pricing::{Draft, Wish};
use qudao_domain::decimal::Decimal;
use qudao_domain::orders::OrderStatus;

const STATES: [OrderStatus; 9] = [
    OrderStatus::Shipped,
    OrderStatus::PartlyShipped,
    OrderStatus::PartlyShipped,
    OrderStatus::Cancelled,
    OrderStatus::Confirmed,
    OrderStatus::Confirmed,
    OrderStatus::Placed,
    OrderStatus::Placed,
    OrderStatus::Placed,
];

/// Places the orders; gives how many.
pub(super) async fn place(app: &App, people: &People, sketch: &Sketch, dice: &mut Dice) -> Result<usize> {
    for (state, buyer) in STATES.into_iter().zip(people.buyers.iter().cycle()) {
        let draft = draft(sketch, dice);
        let order = app.place_order(buyer, &draft, None).await?.order;
        match state {
            OrderStatus::Placed => {}
            OrderStatus::Cancelled => {
                app.cancel_order(buyer, order.id, None, "").await?;
            }
            OrderStatus::Confirmed => {
                app.confirm_order(&people.ops, order.id, None).await?;
            }
            OrderStatus::PartlyShipped | OrderStatus::Shipped => {
                app.confirm_order(&people.ops, order.id, None).await?;
                let lines = if state == OrderStatus::Shipped {
                    Vec::new()
                } else {
                    vec![ShippingLine {
                        number: 1,
                        quantity: draft.lines.first().map_or(1, |line| line.quantity),
                    }]
                };
                let tracking = format!("TR{}", dice.between(10_000_000, 99_999_999));
                app.ship_order(
                    &people.ops,
                    order.id,
                    &Shipping { lines, tracking, on: None, revision: None },
                )
                .await?;
            }
        }
    }
    Ok(STATES.len())
}

/// At least two lines, so that one of them can be shipped alone.
fn draft(sketch: &Sketch, dice: &mut Dice) -> Draft {
    let wanted = usize::try_from(dice.between(2, 7)).unwrap_or(2);
    let mut lines: Vec<Wish> = Vec::new();
    while lines.len() < wanted {
        let Some(product) = dice.pick(&sketch.products) else { break };
        if lines.iter().all(|line| line.sku != product.sku) {
            // Within the buyer's credit, whatever the dice say.
            let most = Decimal::from(sketch.line_worth * 2) / product.price;
            let most = i64::try_from(most.trunc().mantissa()).unwrap_or(1).clamp(1, 25);
            lines.push(Wish { sku: product.sku.clone(), quantity: dice.between(1, most) });
        }
    }
    let customer = dice.pick(&sketch.customers).cloned().unwrap_or_default();
    Draft { dealer: None, reference: format!("PO-{}", dice.between(1_000, 9_999)), customer, lines }
}
