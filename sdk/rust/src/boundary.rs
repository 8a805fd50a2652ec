//! The one place where the author's types become the contract's and back.
//!
//! A number that the contract cannot carry stops the plugin in a function whose name says why; the
//! host shows that name in the backtrace. No digit is ever dropped.

use crate::bindings::pricing::exports::qudao::pricing::pricing;
use crate::bindings::types;
use crate::{Attribute, Currency, Decimal, Descriptor, Kind, Message, Money, Note, Text, Value};

/// The most decimals a number of the contract may carry.
pub const MAX_SCALE: u32 = 9;

const SETTINGS_UNREADABLE: &str = "settings-unreadable";

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

/// What a plugin says when the host's settings do not fit its own type.
pub(crate) fn settings_unreadable(error: String) -> Note {
    crate::note!(SETTINGS_UNREADABLE, error)
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
        types::Value::Amount(amount) => Value::Amount(Money::new(amount.minor, currency(&amount.currency))),
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

/// The author's descriptor and the one sentence that the SDK itself may utter.
pub(crate) fn descriptor(mut own: Descriptor) -> types::Descriptor {
    own.messages.push(Message::new(
        SETTINGS_UNREADABLE,
        "插件无法读取参数：{0}",
        "The plugin cannot read its settings: {0}",
    ));
    types::Descriptor {
        kind: match own.kind {
            Kind::Pricing => types::Kind::Pricing,
            Kind::Incentive => types::Kind::Incentive,
            Kind::Kpi => types::Kind::Kpi,
        },
        name: own.name,
        version: own.version,
        title: text(own.title),
        summary: text(own.summary),
        settings_schema: own.settings_schema,
        settings_default: own.settings_default,
        messages: each(own.messages, |message| types::Message {
            code: message.code,
            text: text(message.text),
        }),
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
