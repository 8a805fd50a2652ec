//! One line's price. The exact price is carried from step to step; what a step shows is the
//! difference between the rounded prices after and before it, so that the steps add up to the cent.

use crate::discounts::Offers;
use crate::notice::list_price;
use crate::settings::{Settings, Stacking};
use qudao_sdk::pricing::{Line, PricedLine};
use qudao_sdk::{Decimal, Note, RoundingStrategy, note, percent};

/// A price on its way: exact, and as shown.
struct Walk {
    exact: Decimal,
    priced: PricedLine,
    decimals: u32,
}

impl Walk {
    fn to(&mut self, exact: Decimal, reason: Note) {
        let shown = exact.round_dp_with_strategy(self.decimals, RoundingStrategy::MidpointNearestEven);
        self.priced.adjust(shown - self.priced.unit_price, reason);
        self.exact = exact;
    }
}

/// Prices one line.
pub(crate) fn price(line: &Line, offers: &Offers<'_>, settings: &Settings) -> PricedLine {
    let decimals = settings.decimals;
    let mut walk = Walk { exact: line.base_price, priced: PricedLine::at_base(line), decimals };
    walk.to(line.base_price, note!("rounding", decimals));
    let (list_price, held) = list_price(line, offers.on, settings);
    if let Some(reason) = held {
        walk.to(list_price, reason);
    }
    if !offers.uplift.is_zero() {
        let uplifted = list_price * (Decimal::ONE + offers.uplift);
        walk.to(uplifted, note!("region-uplift", offers.region, percent(offers.uplift)));
    }
    let list = walk.exact;
    let (discounts, skipped) = offers.for_line(line);
    for discount in discounts {
        let from = if settings.stacking == Stacking::Compound { walk.exact } else { list };
        walk.to(walk.exact - from * discount.rate, discount.used);
    }
    lift_to_floor(&mut walk, line, list_price, settings);
    walk.priced.skipped = skipped;
    walk.priced
}

/// The floor is rounded up, so that the price is never below it.
fn lift_to_floor(walk: &mut Walk, line: &Line, list_price: Decimal, settings: &Settings) {
    let up =
        |floor: Decimal| floor.round_dp_with_strategy(walk.decimals, RoundingStrategy::ToPositiveInfinity);
    let by_share = up(list_price * settings.floor_share);
    let own = settings.floors.iter().find(|floor| floor.sku == line.sku).map(|floor| floor.price);
    let by_price = up(own.unwrap_or(Decimal::ZERO));
    if walk.priced.unit_price >= by_share.max(by_price) {
        return;
    }
    match own {
        Some(own) if by_price >= by_share => walk.to(by_price, note!("floor-price", own)),
        _ => walk.to(by_share, note!("floor-share", percent(settings.floor_share))),
    }
}
