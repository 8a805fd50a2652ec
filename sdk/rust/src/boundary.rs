//! The one place where the author's types become the contract's and back.
//!
//! A number that the contract cannot carry stops the plugin in a function whose name says why; the
//! host shows that name in the backtrace. No digit is ever dropped.

use crate::bindings::deal::exports::qudao::deal::deal;
use crate::bindings::incentive::exports::qudao::incentive::incentive;
use crate::bindings::kpi::exports::qudao::kpi::kpi;
use crate::bindings::pricing::exports::qudao::pricing::pricing;
use crate::bindings::types;
use crate::{Attribute, Currency, Decimal, Descriptor, Kind, Message, Money, Note, Text, Value};

/// The most decimals a number of the contract may carry.
pub const MAX_SCALE: u32 = 9;

#[cold]
#[inline(never)]
pub(crate) fn amount_does_not_fit(exact: Decimal) -> ! {
    panic!("the amount {exact} has more than 64 bits of minor units")
}

#[cold]
#[inline(never)]
fn number_does_not_fit_the_contract(number: Decimal) -> ! {
    panic!("{number} has more than {MAX_SCALE} decimals or 19 digits; round it before you answer")
}

#[cold]
#[inline(never)]
fn currency_is_not_iso_4217(code: &str) -> ! {
    panic!("the host sent `{code}` as a currency")
}

#[cold]
#[inline(never)]
pub(crate) fn settings_are_not_json(error: &serde_json::Error) -> ! {
    panic!("the default settings cannot be written as JSON: {error}")
}

#[cold]
#[inline(never)]
pub(crate) fn run_is_finished() -> ! {
    panic!("the host used a run after it had finished")
}

#[cold]
#[inline(never)]
fn the_descriptor_is_of_another_kind(kind: Kind) -> ! {
    panic!("the descriptor says {kind:?}; it must say the kind of the macro that exports the rule")
}

/// Not a refusal: the dealer can do nothing about it, and the host must notice that the rule fails.
#[cold]
#[inline(never)]
pub(crate) fn settings_do_not_fit_the_plugin(error: &str) -> ! {
    panic!("the settings do not fit the plugin: {error}")
}

pub(crate) fn each<A, B>(all: Vec<A>, convert: impl FnMut(A) -> B) -> Vec<B> {
    all.into_iter().map(convert).collect()
}

/// Mantissa and scale, trailing zeros dropped.
pub(crate) fn from_decimal(number: Decimal) -> types::Decimal {
    // Most numbers fit as they are: only a wide one pays for being normalised.
    let number = if number.scale() > MAX_SCALE { number.normalize() } else { number };
    match (i64::try_from(number.mantissa()), u8::try_from(number.scale())) {
        (Ok(mantissa), Ok(scale)) if u32::from(scale) <= MAX_SCALE => types::Decimal { mantissa, scale },
        _ => number_does_not_fit_the_contract(number),
    }
}

pub(crate) fn to_decimal(number: types::Decimal) -> Decimal {
    Decimal::new(number.mantissa, u32::from(number.scale))
}

pub(crate) fn currency(code: &str) -> Currency {
    code.parse().unwrap_or_else(|_| currency_is_not_iso_4217(code))
}

fn from_money(amount: Money) -> types::Money {
    types::Money { minor: amount.minor, currency: amount.currency.code().to_owned() }
}

fn to_money(amount: &types::Money) -> Money {
    Money::new(amount.minor, currency(&amount.currency))
}

fn from_value(value: Value) -> types::Value {
    match value {
        Value::Text(words) => types::Value::Text(words),
        Value::Number(number) => types::Value::Number(from_decimal(number)),
        Value::Percent(rate) => types::Value::Percent(from_decimal(rate)),
        Value::Amount(amount) => types::Value::Amount(from_money(amount)),
        Value::Day(day) => types::Value::Day(day),
        Value::Flag(flag) => types::Value::Flag(flag),
    }
}

fn to_value(value: types::Value) -> Value {
    match value {
        types::Value::Text(words) => Value::Text(words),
        types::Value::Number(number) => Value::Number(to_decimal(number)),
        types::Value::Percent(rate) => Value::Percent(to_decimal(rate)),
        types::Value::Amount(amount) => Value::Amount(to_money(&amount)),
        types::Value::Day(day) => Value::Day(day),
        types::Value::Flag(flag) => Value::Flag(flag),
    }
}

pub(crate) fn attributes(all: Vec<types::Attribute>) -> Vec<Attribute> {
    each(all, |attribute| Attribute { key: attribute.key, value: to_value(attribute.value) })
}

pub(crate) fn note(note: Note) -> types::Note {
    types::Note { code: note.code, args: each(note.args, from_value) }
}

pub(crate) fn notes(all: Vec<Note>) -> Vec<types::Note> {
    each(all, note)
}

fn text(text: Text) -> types::Text {
    types::Text { zh_cn: text.zh_cn, en: text.en }
}

fn message(message: Message) -> types::Message {
    types::Message { code: message.code, text: text(message.text) }
}

pub(crate) fn descriptor(own: Descriptor) -> types::Descriptor {
    types::Descriptor {
        kind: match own.kind {
            Kind::Pricing => types::Kind::Pricing,
            Kind::Incentive => types::Kind::Incentive,
            Kind::Kpi => types::Kind::Kpi,
            Kind::Deal => the_descriptor_is_of_another_kind(own.kind),
        },
        name: own.name,
        version: own.version,
        title: text(own.title),
        summary: text(own.summary),
        settings_schema: own.settings_schema,
        settings_default: own.settings_default,
        messages: each(own.messages, message),
        attributes: own.attributes,
        metrics: own.metrics,
    }
}

pub(crate) fn order(order: pricing::Order) -> crate::pricing::Order {
    crate::pricing::Order {
        currency: currency(&order.currency),
        on: order.on,
        dealer: crate::pricing::Dealer {
            code: order.dealer.code,
            tier: order.dealer.tier,
            region: order.dealer.region,
            attributes: attributes(order.dealer.attributes),
        },
        terms: attributes(order.terms),
        history: attributes(order.history),
        lines: each(order.lines, |line| crate::pricing::Line {
            number: line.number,
            sku: line.sku,
            category: line.category,
            quantity: line.quantity,
            base_price: to_decimal(line.base_price),
            former_price: line.former_price.map(|former| crate::pricing::FormerPrice {
                price: to_decimal(former.price),
                until: former.until,
            }),
            attributes: attributes(line.attributes),
        }),
    }
}

pub(crate) fn quote(quote: crate::pricing::Quote) -> pricing::Quote {
    pricing::Quote {
        lines: each(quote.lines, |line| pricing::PricedLine {
            number: line.number,
            unit_price: from_decimal(line.unit_price),
            adjustments: each(line.adjustments, |step| pricing::Adjustment {
                amount: from_decimal(step.amount),
                reason: note(step.reason),
            }),
            skipped: notes(line.skipped),
        }),
        adjustments: each(quote.adjustments, |step| pricing::OrderAdjustment {
            amount: from_money(step.amount),
            reason: note(step.reason),
        }),
        approvals: notes(quote.approvals),
    }
}

pub(crate) fn violation(violation: crate::pricing::Violation) -> pricing::Violation {
    pricing::Violation { line: violation.line, reason: note(violation.reason) }
}

pub(crate) fn header(header: incentive::Header) -> crate::incentive::Header {
    crate::incentive::Header {
        program: header.program,
        currency: currency(&header.currency),
        first: header.period.first,
        last: header.period.last,
        participants: each(header.participants, |participant| crate::incentive::Participant {
            code: participant.code,
            tier: participant.tier,
            region: participant.region,
            parent: participant.parent,
            attributes: attributes(participant.attributes),
        }),
        products: each(header.products, |product| crate::incentive::Product {
            sku: product.sku,
            category: product.category,
            attributes: attributes(product.attributes),
        }),
        targets: each(header.targets, |target| crate::incentive::Figure {
            participant: target.participant,
            code: target.code,
            value: to_decimal(target.value),
        }),
        metrics: each(header.metrics, |metric| crate::incentive::Figure {
            participant: metric.participant,
            code: metric.code,
            value: to_decimal(metric.value),
        }),
        budget_left: header.budget_left,
    }
}

pub(crate) fn settlement(settlement: crate::incentive::Settlement) -> incentive::Settlement {
    incentive::Settlement {
        payouts: each(settlement.payouts, |payout| incentive::Payout {
            beneficiary: payout.beneficiary,
            reason: note(payout.reason),
            amount: payout.amount,
            basis: match payout.basis {
                crate::incentive::Basis::All => incentive::Basis::All,
                crate::incentive::Basis::Category(category) => incentive::Basis::Category(category),
                crate::incentive::Basis::Facts(facts) => incentive::Basis::Facts(facts),
            },
            steps: notes(payout.steps),
        }),
        unpaid: each(settlement.unpaid, |unpaid| incentive::Unpaid {
            beneficiary: unpaid.beneficiary,
            reason: note(unpaid.reason),
        }),
    }
}

pub(crate) fn subject(subject: kpi::Subject) -> crate::kpi::Subject {
    crate::kpi::Subject {
        code: subject.code,
        tier: subject.tier,
        region: subject.region,
        attributes: attributes(subject.attributes),
        first: subject.first,
        last: subject.last,
        metrics: each(subject.metrics, |metric| crate::kpi::Metric {
            code: metric.code,
            actual: metric.actual.map(to_decimal),
            previous: metric.previous.map(to_decimal),
            target: metric.target.map(to_decimal),
        }),
    }
}

pub(crate) fn scorecard(card: crate::kpi::Scorecard) -> kpi::Scorecard {
    kpi::Scorecard {
        indicators: each(card.indicators, |indicator| kpi::Indicator {
            code: indicator.code,
            weight: from_decimal(indicator.weight),
            target: indicator.target.map(from_decimal),
            actual: indicator.actual.map(from_decimal),
            attainment: indicator.attainment.map(from_decimal),
            score: from_decimal(indicator.score),
            steps: notes(indicator.steps),
        }),
        total: from_decimal(card.total),
        grade: card.grade,
    }
}

/// A deal plugin describes itself by its own contract, which has no kind and no metrics.
pub(crate) fn deal_descriptor(own: Descriptor) -> deal::Descriptor {
    if own.kind != Kind::Deal {
        the_descriptor_is_of_another_kind(own.kind);
    }
    deal::Descriptor {
        name: own.name,
        version: own.version,
        title: text(own.title),
        summary: text(own.summary),
        settings_schema: own.settings_schema,
        settings_default: own.settings_default,
        messages: each(own.messages, message),
        attributes: own.attributes,
    }
}

fn claimant(claimant: deal::Claimant) -> crate::deal::Claimant {
    crate::deal::Claimant {
        kind: match claimant.kind {
            deal::ClaimantKind::Dealer => crate::deal::ClaimantKind::Dealer,
            deal::ClaimantKind::Salesperson => crate::deal::ClaimantKind::Salesperson,
        },
        code: claimant.code,
        tier: claimant.tier,
        region: claimant.region,
        attributes: attributes(claimant.attributes),
    }
}

fn to_floor(floor: deal::Floor) -> crate::deal::Floor {
    match floor {
        deal::Floor::Share(share) => crate::deal::Floor::Share(to_decimal(share)),
        deal::Floor::Amount(amount) => crate::deal::Floor::Amount(to_money(&amount)),
    }
}

fn from_floor(floor: crate::deal::Floor) -> deal::Floor {
    match floor {
        crate::deal::Floor::Share(share) => deal::Floor::Share(from_decimal(share)),
        crate::deal::Floor::Amount(amount) => deal::Floor::Amount(from_money(amount)),
    }
}

pub(crate) fn claim(claim: deal::Claim) -> crate::deal::Claim {
    crate::deal::Claim {
        on: claim.on,
        claimant: claimant(claim.claimant),
        customer: crate::deal::Customer {
            key: claim.customer.key,
            name: claim.customer.name,
            registered_number: claim.customer.registered_number,
            region: claim.customer.region,
        },
        category: claim.category,
        skus: claim.skus,
        amount: to_money(&claim.amount),
        expected_close: claim.expected_close,
        progress: claim.progress,
        note: claim.note,
        earlier: each(claim.earlier, |earlier| crate::deal::Earlier {
            number: earlier.number,
            claimant: claimant(earlier.claimant),
            is_own: earlier.is_own,
            registered_on: earlier.registered_on,
            category: earlier.category,
            amount: to_money(&earlier.amount),
            standing: match earlier.standing {
                deal::Standing::Accepted => crate::deal::Standing::Accepted,
                deal::Standing::Asked => crate::deal::Standing::Asked,
            },
            protected_until: earlier.protected_until,
            floor: earlier.floor.map(to_floor),
        }),
    }
}

pub(crate) fn ruling(ruling: crate::deal::Ruling) -> deal::Ruling {
    deal::Ruling {
        outcome: match ruling.outcome {
            crate::deal::Outcome::Accept => deal::Outcome::Accept,
            crate::deal::Outcome::Ask => deal::Outcome::Ask,
            crate::deal::Outcome::Protect => deal::Outcome::Protect,
            crate::deal::Outcome::Split => deal::Outcome::Split,
            crate::deal::Outcome::Refuse => deal::Outcome::Refuse,
        },
        protected_until: ruling.protected_until,
        shares: each(ruling.shares, |share| deal::Share {
            registration: share.registration,
            basis_points: share.basis_points,
        }),
        floor: ruling.floor.map(from_floor),
        reasons: notes(ruling.reasons),
        affected: each(ruling.affected, |affected| deal::Affected {
            registration: affected.registration,
            ends: affected.ends,
            reasons: notes(affected.reasons),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_of_the_contract_survives(mantissa: i64, scale in 0_u8..=9) {
            let there = from_decimal(to_decimal(types::Decimal { mantissa, scale }));
            prop_assert_eq!((there.mantissa, there.scale), (mantissa, scale));
        }
    }

    #[test]
    fn trailing_zeros_may_go_but_no_digit() {
        let wide: Decimal = "1.0500000000000".parse().unwrap();
        let there = from_decimal(wide);
        assert_eq!((there.mantissa, there.scale), (105, 2));
    }

    #[test]
    #[should_panic(expected = "round it before you answer")]
    fn ten_decimals_stop_the_plugin() {
        from_decimal("0.1234567891".parse().unwrap());
    }

    #[test]
    #[should_panic(expected = "19 digits")]
    fn twenty_digits_stop_the_plugin() {
        from_decimal("12345678901234567890".parse().unwrap());
    }
}
