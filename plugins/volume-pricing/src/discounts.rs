//! Which discounts a line may have. What does not depend on the line is found once for the order.

use crate::settings::{Break, Promotion, Scope, Settings, Stacking};
use qudao_sdk::pricing::{Line, Order};
use qudao_sdk::{Date, Decimal, Note, note, percent};

/// What one order's dealer and day allow.
pub(crate) struct Offers<'a> {
    pub(crate) on: Date,
    pub(crate) region: &'a str,
    pub(crate) uplift: Decimal,
    tier: &'a str,
    tier_discount: Option<Decimal>,
    breaks: &'a [Break],
    /// Those that run on the order's day.
    promotions: Vec<&'a Promotion>,
    stacking: Stacking,
}

/// One discount of a line.
pub(crate) struct Discount {
    pub(crate) rate: Decimal,
    /// What the buyer reads when it is used.
    pub(crate) used: Note,
    not_best: &'static str,
}

impl<'a> Offers<'a> {
    pub(crate) fn of(order: &'a Order, settings: &'a Settings) -> Self {
        let dealer = &order.dealer;
        let uplift = settings.regions.iter().find(|region| region.region == dealer.region);
        let tier = settings.tiers.iter().find(|tier| tier.tier == dealer.tier);
        let runs = |promotion: &&Promotion| promotion.first <= order.on && order.on <= promotion.last;
        Self {
            on: order.on,
            region: &dealer.region,
            uplift: uplift.map_or(Decimal::ZERO, |region| region.uplift),
            tier: &dealer.tier,
            tier_discount: tier.map(|tier| tier.discount),
            breaks: &settings.breaks,
            promotions: settings.promotions.iter().filter(runs).collect(),
            stacking: settings.stacking,
        }
    }

    /// The discounts to take, in order, and why others are not taken.
    pub(crate) fn for_line(&self, line: &Line) -> (Vec<Discount>, Vec<Note>) {
        let mut skipped = Vec::new();
        if self.tier_discount.is_none() {
            skipped.push(note!("tier-not-listed", self.tier));
        }
        let breaks = self.breaks_for(line);
        let three = [self.by_tier(), by_volume(&breaks, line.quantity), self.by_promotion(line)];
        let mut found: Vec<Discount> = three.into_iter().flatten().collect();
        found.retain(|discount| !discount.rate.is_zero());
        if self.stacking == Stacking::Best {
            keep_largest(&mut found, &mut skipped);
        }
        skipped.extend(next_break(&breaks, line.quantity));
        (found, skipped)
    }

    fn by_tier(&self) -> Option<Discount> {
        let rate = self.tier_discount?;
        Some(Discount {
            rate,
            used: note!("tier-discount", self.tier, percent(rate)),
            not_best: "tier-not-best",
        })
    }

    fn by_promotion(&self, line: &Line) -> Option<Discount> {
        let fits = |promotion: &&&Promotion| {
            applies(promotion.scope, &promotion.code, line)
                && within(line.quantity, promotion.from, promotion.to)
        };
        let best = first_max(self.promotions.iter().filter(fits), |promotion| promotion.discount)?;
        let used = note!("promotion", best.name.as_str(), percent(best.discount), best.last);
        Some(Discount { rate: best.discount, used, not_best: "promotion-not-best" })
    }

    /// The breaks for a line's product, whatever the quantity.
    fn breaks_for<'b>(&'b self, line: &Line) -> Vec<&'b Break> {
        self.breaks.iter().filter(|each| applies(each.scope, &each.code, line)).collect()
    }
}

fn by_volume(breaks: &[&Break], quantity: i64) -> Option<Discount> {
    let best = break_at(breaks, quantity)?;
    let used = note!("volume-discount", best.from, percent(best.discount));
    Some(Discount { rate: best.discount, used, not_best: "volume-not-best" })
}

/// The break that holds at a quantity: the most specific, then the largest.
fn break_at<'a>(breaks: &[&'a Break], quantity: i64) -> Option<&'a Break> {
    let fits = breaks.iter().copied().filter(|each| within(quantity, each.from, each.to));
    first_max(fits, |each| (each.scope, each.discount))
}

/// The nearest larger quantity at which the line would have a larger volume discount.
fn next_break(breaks: &[&Break], quantity: i64) -> Option<Note> {
    let now = break_at(breaks, quantity).map_or(Decimal::ZERO, |each| each.discount);
    let mut starts: Vec<i64> = breaks.iter().map(|each| each.from).filter(|from| *from > quantity).collect();
    starts.sort_unstable();
    let mut there = starts.into_iter().filter_map(|from| Some((from, break_at(breaks, from)?.discount)));
    let (from, rate) = there.find(|(_, rate)| *rate > now)?;
    Some(note!("next-break", from - quantity, percent(rate)))
}

/// Of equals the first: a setting's place then decides, and not the sorting.
fn first_max<T, K: PartialOrd>(all: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Option<T> {
    all.fold(None, |best: Option<T>, next| match best {
        Some(best) if key(&best) >= key(&next) => Some(best),
        _ => Some(next),
    })
}

fn keep_largest(found: &mut Vec<Discount>, skipped: &mut Vec<Note>) {
    let Some(largest) = found.iter().map(|discount| discount.rate).max() else { return };
    let mut taken = false;
    found.retain(|discount| {
        let keep = !taken && discount.rate == largest;
        taken |= keep;
        if !keep {
            skipped.push(note!(discount.not_best, percent(discount.rate)));
        }
        keep
    });
}

fn applies(scope: Scope, code: &str, line: &Line) -> bool {
    match scope {
        Scope::All => true,
        Scope::Category => code == line.category,
        Scope::Sku => code == line.sku,
    }
}

fn within(quantity: i64, from: i64, to: Option<i64>) -> bool {
    from <= quantity && to.is_none_or(|to| quantity <= to)
}
