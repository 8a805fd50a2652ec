//! Hides whom a question is about and how much money it is about. SKUs, categories, tiers, regions, days and quantities
//! stay, since rules turn on them.

use qudao_domain::contract::{Attribute, Value};
use qudao_domain::deal::{Claim, Claimant, Floor};
use qudao_domain::decimal::Decimal;
use qudao_domain::incentive::Figure;
use qudao_domain::kpi::Metric;
use qudao_domain::money::Money;
use qudao_engine::cases::{Question, Run};
use rust_decimal::RoundingStrategy::MidpointNearestEven;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::Value as Json;
use std::collections::HashMap;

/// The metric that is money; the others are shares and counts.
const MONEY_METRIC: &str = "turnover";

/// Placeholders and a factor, the same for every question of a recording.
pub(super) struct Mask {
    factor: Decimal,
    dealers: Names,
    programs: Names,
    texts: Names,
}

/// Real words and what stands for them.
struct Names {
    letter: char,
    count: usize,
    known: HashMap<String, String>,
}

impl Names {
    fn new(letter: char) -> Self {
        Self { letter, count: 0, known: HashMap::new() }
    }

    fn next(&mut self) -> String {
        self.count += 1;
        format!("{}{}", self.letter, self.count)
    }

    /// The same placeholder for the same word; an empty one says nothing.
    fn hide(&mut self, word: &mut String) {
        if word.is_empty() {
            return;
        }
        if let Some(known) = self.known.get(word) {
            word.clone_from(known);
            return;
        }
        let placeholder = self.next();
        self.known.insert(std::mem::replace(word, placeholder.clone()), placeholder);
    }
}

impl Mask {
    /// With the dealers' codes and names, in the order in which they are numbered.
    pub(super) fn new(factor: Decimal, dealers: impl Iterator<Item = (String, String)>) -> Self {
        let mut names = Names::new('D');
        for (code, name) in dealers {
            let placeholder = names.next();
            // A code counts before another dealer's name.
            names.known.entry(name).or_insert_with(|| placeholder.clone());
            names.known.insert(code, placeholder);
        }
        Self { factor, dealers: names, programs: Names::new('P'), texts: Names::new('T') }
    }

    /// Masks a question. The error says which amount does not fit any more.
    pub(super) fn question(&mut self, question: &mut Question) -> Result<(), String> {
        match question {
            Question::Pricing(order) => {
                self.dealers.hide(&mut order.dealer.code);
                self.attributes(&mut order.dealer.attributes)?;
                self.attributes(&mut order.terms)?;
                self.attributes(&mut order.history)?;
                let exponent = order.currency.exponent();
                for line in &mut order.lines {
                    self.attributes(&mut line.attributes)?;
                    self.scale(&mut line.base_price, exponent)?;
                }
                Ok(())
            }
            Question::Kpi(subject) => {
                self.dealers.hide(&mut subject.code);
                self.attributes(&mut subject.attributes)?;
                subject.metrics.iter_mut().try_for_each(|metric| self.metric(metric))
            }
            Question::Incentive(run) => self.run(run),
            Question::Deal(claim) => self.claim(claim),
        }
    }

    /// Dealers that settings name are called as in the question; what else the company has set stays.
    pub(super) fn settings(&self, settings: Json) -> Json {
        match settings {
            Json::String(text) => Json::String(self.dealers.known.get(&text).cloned().unwrap_or(text)),
            Json::Array(all) => Json::Array(all.into_iter().map(|each| self.settings(each)).collect()),
            Json::Object(fields) => {
                Json::Object(fields.into_iter().map(|(key, value)| (key, self.settings(value))).collect())
            }
            other => other,
        }
    }

    fn run(&mut self, run: &mut Run) -> Result<(), String> {
        let header = &mut run.header;
        self.programs.hide(&mut header.program);
        for participant in &mut header.participants {
            self.dealers.hide(&mut participant.code);
            self.attributes(&mut participant.attributes)?;
        }
        for product in &mut header.products {
            self.attributes(&mut product.attributes)?;
        }
        let figures = header.targets.iter_mut().chain(&mut header.metrics);
        for Figure { value, .. } in figures.filter(|figure| figure.code == MONEY_METRIC) {
            self.scale(value, header.currency.exponent())?;
        }
        if let Some(left) = &mut header.budget_left {
            self.scale_minor(left)?;
        }
        run.facts.iter_mut().try_for_each(|fact| self.scale_minor(&mut fact.amount_minor))
    }

    fn claim(&mut self, claim: &mut Claim) -> Result<(), String> {
        let customer = &mut claim.customer;
        for text in [&mut customer.key, &mut customer.name, &mut customer.registered_number] {
            self.texts.hide(text);
        }
        for text in [&mut claim.progress, &mut claim.note] {
            self.texts.hide(text);
        }
        self.scale_minor(&mut claim.amount.minor)?;
        self.claimant(&mut claim.claimant)?;
        for earlier in &mut claim.earlier {
            self.claimant(&mut earlier.claimant)?;
            self.scale_minor(&mut earlier.amount.minor)?;
            if let Some(Floor::Amount(amount)) = &mut earlier.floor {
                self.scale_minor(&mut amount.minor)?;
            }
        }
        Ok(())
    }

    fn claimant(&mut self, claimant: &mut Claimant) -> Result<(), String> {
        self.dealers.hide(&mut claimant.code);
        self.attributes(&mut claimant.attributes)
    }

    fn metric(&self, metric: &mut Metric) -> Result<(), String> {
        if metric.code != MONEY_METRIC {
            return Ok(());
        }
        let figures = [&mut metric.actual, &mut metric.previous, &mut metric.target];
        figures.into_iter().flatten().try_for_each(|figure| self.scale(figure, 2))
    }

    fn attributes(&mut self, attributes: &mut [Attribute]) -> Result<(), String> {
        for attribute in attributes {
            match &mut attribute.value {
                Value::Text(text) => self.texts.hide(text),
                Value::Amount(Money { minor, .. }) => self.scale_minor(minor)?,
                Value::Number(_) | Value::Percent(_) | Value::Day(_) | Value::Flag(_) => {}
            }
        }
        Ok(())
    }

    /// To as many decimals as it had, and at least the currency's.
    fn scale(&self, amount: &mut Decimal, least: u32) -> Result<(), String> {
        let exact = amount.checked_mul(self.factor).ok_or_else(|| too_large(*amount))?;
        *amount = exact.round_dp_with_strategy(amount.scale().max(least), MidpointNearestEven).normalize();
        Ok(())
    }

    fn scale_minor(&self, minor: &mut i64) -> Result<(), String> {
        let amount = Decimal::from(*minor);
        let exact =
            amount.checked_mul(self.factor).map(|exact| exact.round_dp_with_strategy(0, MidpointNearestEven));
        *minor = exact.and_then(|exact| exact.to_i64()).ok_or_else(|| too_large(amount))?;
        Ok(())
    }
}

fn too_large(amount: Decimal) -> String {
    format!("the amount {amount} is too large to be masked")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mask() -> Mask {
        let dealers = [("A-17", "North Ltd"), ("B-4", "South Ltd")];
        let dealers = dealers.map(|(code, name)| (code.to_owned(), name.to_owned()));
        Mask::new(Decimal::new(15, 1), dealers.into_iter())
    }

    #[test]
    fn dealers_texts_and_amounts_of_an_order_are_hidden_alike_each_time() {
        let attributes = json!([
            { "key": "owner", "value": { "text": "Someone" } },
            { "key": "again", "value": { "text": "Someone" } },
            { "key": "limit", "value": { "amount": { "minor": -101, "currency": "CNY" } } },
            { "key": "count", "value": { "number": "7" } },
        ]);
        let order = json!({
            "currency": "CNY", "on": "2026-11-24", "terms": [], "history": [],
            "dealer": { "code": "B-4", "tier": "gold", "region": "east", "attributes": attributes },
            "lines": [{ "number": 1, "sku": "S", "category": "C", "quantity": 3, "base_price": "9.99", "attributes": [] }],
        });
        let mut mask = mask();
        let masked = |mask: &mut Mask| {
            let mut question = Question::read(qudao_domain::contract::Kind::Pricing, &order).unwrap();
            mask.question(&mut question).unwrap();
            serde_json::to_value(question).unwrap()
        };
        let first = masked(&mut mask);
        assert_eq!(first["dealer"]["code"], "D2");
        let values = |at: usize| first["dealer"]["attributes"][at]["value"].clone();
        assert_eq!((values(0), values(1)), (json!({ "text": "T1" }), json!({ "text": "T1" })));
        // 151.5 fen: half-even.
        assert_eq!(values(2), json!({ "amount": { "minor": -152, "currency": "CNY" } }));
        assert_eq!(values(3), json!({ "number": "7" }));
        assert_eq!(
            (&first["lines"][0]["base_price"], &first["lines"][0]["sku"]),
            (&json!("14.98"), &json!("S"))
        );
        assert_eq!(masked(&mut mask), first);
    }

    #[test]
    fn only_turnover_of_the_metrics_is_money() {
        let metric = |code: &str| json!({ "code": code, "actual": "10", "previous": null, "target": "0.5" });
        let subject = json!({
            "code": "New dealer", "tier": "t", "region": "r", "attributes": [], "first": "2026-10-01", "last": "2026-12-31",
            "metrics": [metric("turnover"), metric("orders")],
        });
        let mut question = Question::read(qudao_domain::contract::Kind::Kpi, &subject).unwrap();
        mask().question(&mut question).unwrap();
        let masked = serde_json::to_value(question).unwrap();
        assert_eq!(masked["code"], "D3");
        assert_eq!(
            (&masked["metrics"][0]["actual"], &masked["metrics"][0]["target"]),
            (&json!("15"), &json!("0.75"))
        );
        assert_eq!(masked["metrics"][1], metric("orders"));
    }

    #[test]
    fn claimants_customer_and_amounts_of_a_deal_are_hidden() {
        let claimant = |code: &str| json!({ "kind": "dealer", "code": code, "tier": "t", "region": "r", "attributes": [] });
        let amount = |minor: i64| json!({ "minor": minor, "currency": "CNY" });
        let earlier = json!({
            "number": 1, "claimant": claimant("B-4"), "is_own": false, "registered_on": "2026-01-01", "category": "c",
            "amount": amount(200), "standing": "accepted", "protected_until": null, "floor": { "amount": amount(100) },
        });
        let claim = json!({
            "on": "2026-01-10", "claimant": claimant("A-17"), "category": "c", "skus": ["S"], "amount": amount(300),
            "customer": { "key": "secret", "name": "Secret Ltd", "registered_number": "91", "region": "east" },
            "expected_close": "2026-02-01", "progress": "Met Someone", "note": "", "earlier": [earlier],
        });
        let mut question = Question::read(qudao_domain::contract::Kind::Deal, &claim).unwrap();
        mask().question(&mut question).unwrap();
        let masked = serde_json::to_value(question).unwrap();
        let text = masked.to_string().to_lowercase();
        assert!(
            ["secret", "someone", "a-17", "b-4", "\"91\""].iter().all(|word| !text.contains(word)),
            "{text}"
        );
        assert_eq!(
            (&masked["claimant"]["code"], &masked["earlier"][0]["claimant"]["code"]),
            (&json!("D1"), &json!("D2"))
        );
        assert_eq!(
            (&masked["amount"]["minor"], &masked["earlier"][0]["amount"]["minor"]),
            (&json!(450), &json!(300))
        );
        assert_eq!(masked["earlier"][0]["floor"], json!({ "amount": amount(150) }));
        assert_eq!((&masked["skus"][0], &masked["customer"]["region"]), (&json!("S"), &json!("east")));
    }

    #[test]
    fn settings_name_the_same_dealers() {
        let settings = json!({ "exempt": ["A-17", "gold"], "note": "South Ltd", "rate": "0.05" });
        assert_eq!(
            mask().settings(settings),
            json!({ "exempt": ["D1", "gold"], "note": "D2", "rate": "0.05" })
        );
    }

    #[test]
    fn an_amount_beyond_all_bounds_is_named() {
        let mut amount = i64::MAX;
        assert!(mask().scale_minor(&mut amount).unwrap_err().contains("too large"));
    }
}
