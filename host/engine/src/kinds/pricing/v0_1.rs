//! `qudao:pricing@0.1.0`: the same without former prices. Answers have the same shape.

use super::{SentAttribute, SentDealer, WitDate, WitDecimal};
use wasmtime::component::{ComponentType, Lower};

/// The function's parameters.
pub(crate) type Params<'a> = (SentOrder<'a>, &'a str);

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentLine<'a> {
    number: u32,
    sku: &'a str,
    category: &'a str,
    quantity: i64,
    #[component(name = "base-price")]
    base_price: WitDecimal,
    attributes: Vec<SentAttribute<'a>>,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentOrder<'a> {
    currency: &'a str,
    on: WitDate,
    dealer: SentDealer<'a>,
    terms: Vec<SentAttribute<'a>>,
    history: Vec<SentAttribute<'a>>,
    lines: Vec<SentLine<'a>>,
}

impl<'a> From<super::SentOrder<'a>> for SentOrder<'a> {
    fn from(order: super::SentOrder<'a>) -> Self {
        let super::SentOrder { currency, on, dealer, terms, history, lines } = order;
        Self { currency, on, dealer, terms, history, lines: lines.into_iter().map(SentLine::from).collect() }
    }
}

impl<'a> From<super::SentLine<'a>> for SentLine<'a> {
    fn from(line: super::SentLine<'a>) -> Self {
        let super::SentLine { number, sku, category, quantity, base_price, former_price: _, attributes } =
            line;
        Self { number, sku, category, quantity, base_price, attributes }
    }
}
