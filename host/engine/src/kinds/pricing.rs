//! `qudao:pricing`: how an order goes in, how a quote comes out, and what a quote must satisfy.

pub(crate) mod v0_1;

use super::types::{
    Checked, NoteRules, SentAttribute, ToldMoney, ToldNote, WitDate, WitDecimal, billionths, billionths_text,
    send_attributes, send_date, send_decimal, told_decimal, told_money,
};
use qudao_domain::orders;
use qudao_domain::pricing::{
    Adjustment, Buyer, FormerPrice, LineRequest, OrderAdjustment, PricedLine, PricingAnswer, PricingRequest,
    Quote, Violation,
};
use std::collections::HashSet;
use wasmtime::component::{ComponentType, Lift, Lower};

/// The function's parameters.
pub(crate) type Params<'a> = (SentOrder<'a>, &'a str);
/// The function's result.
pub(crate) type Returned = (Result<ToldQuote, Vec<ToldViolation>>,);

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentDealer<'a> {
    code: &'a str,
    tier: &'a str,
    region: &'a str,
    attributes: Vec<SentAttribute<'a>>,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentFormerPrice {
    price: WitDecimal,
    until: WitDate,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentLine<'a> {
    number: u32,
    sku: &'a str,
    category: &'a str,
    quantity: i64,
    #[component(name = "base-price")]
    base_price: WitDecimal,
    #[component(name = "former-price")]
    former_price: Option<SentFormerPrice>,
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

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldAdjustment {
    pub(super) amount: WitDecimal,
    pub(super) reason: ToldNote,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldLine {
    pub(super) number: u32,
    #[component(name = "unit-price")]
    pub(super) unit_price: WitDecimal,
    pub(super) adjustments: Vec<ToldAdjustment>,
    pub(super) skipped: Vec<ToldNote>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldOrderAdjustment {
    pub(super) amount: ToldMoney,
    pub(super) reason: ToldNote,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldQuote {
    pub(super) lines: Vec<ToldLine>,
    pub(super) adjustments: Vec<ToldOrderAdjustment>,
    pub(super) approvals: Vec<ToldNote>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldViolation {
    pub(super) line: Option<u32>,
    pub(super) reason: ToldNote,
}

/// The order as the plugin sees it: only the attributes that it reads.
pub(crate) fn send<'a>(request: &'a PricingRequest, read: &HashSet<String>) -> Checked<SentOrder<'a>> {
    let lines = request
        .lines
        .iter()
        .map(|line| send_line(line, read).map_err(|what| format!("line {}: {what}", line.number)));
    Ok(SentOrder {
        currency: request.currency.code(),
        on: send_date(request.on)?,
        dealer: send_dealer(&request.dealer, read)?,
        terms: send_attributes(&request.terms, read)?,
        history: send_attributes(&request.history, read)?,
        lines: lines.collect::<Checked<_>>()?,
    })
}

fn send_dealer<'a>(dealer: &'a Buyer, read: &HashSet<String>) -> Checked<SentDealer<'a>> {
    let attributes = send_attributes(&dealer.attributes, read)?;
    Ok(SentDealer { code: &dealer.code, tier: &dealer.tier, region: &dealer.region, attributes })
}

fn send_line<'a>(line: &'a LineRequest, read: &HashSet<String>) -> Checked<SentLine<'a>> {
    Ok(SentLine {
        number: line.number,
        sku: &line.sku,
        category: &line.category,
        quantity: line.quantity,
        base_price: send_decimal(line.base_price)?,
        former_price: line.former_price.map(send_former_price).transpose()?,
        attributes: send_attributes(&line.attributes, read)?,
    })
}

fn send_former_price(former: FormerPrice) -> Checked<SentFormerPrice> {
    Ok(SentFormerPrice { price: send_decimal(former.price)?, until: send_date(former.until)? })
}

/// The answer as the domain knows it, if it is one that an answer may be.
pub(crate) fn receive(
    returned: Returned,
    request: &PricingRequest,
    rules: &NoteRules<'_>,
) -> Checked<PricingAnswer> {
    match returned.0 {
        Ok(quote) => receive_quote(quote, request, rules).map(PricingAnswer::Quoted),
        Err(violations) => receive_violations(violations, request, rules).map(PricingAnswer::Refused),
    }
}

fn receive_quote(told: ToldQuote, request: &PricingRequest, rules: &NoteRules<'_>) -> Checked<Quote> {
    if told.lines.len() != request.lines.len() {
        return Err(format!("{} lines asked, {} answered", request.lines.len(), told.lines.len()));
    }
    let pairs = told.lines.into_iter().zip(&request.lines);
    let lines = pairs.map(|(told, asked)| {
        let number = asked.number;
        receive_line(told, asked, rules).map_err(|what| format!("line {number}: {what}"))
    });
    let lines = lines.collect::<Checked<Vec<_>>>()?;
    rules.count("adjustments of the order", told.adjustments.len(), rules.limits.max_notes)?;
    let adjustments =
        told.adjustments.into_iter().map(|told| receive_order_adjustment(&told.amount, told.reason, rules));
    let quote = Quote {
        lines,
        adjustments: adjustments.collect::<Checked<_>>()?,
        approvals: rules.notes("approvals", told.approvals)?,
    };
    check_totals(&quote, request)?;
    Ok(quote)
}

fn receive_line(told: ToldLine, asked: &LineRequest, rules: &NoteRules<'_>) -> Checked<PricedLine> {
    if told.number != asked.number {
        return Err(format!(
            "answered as line {}; each line is answered once, in the order asked",
            told.number
        ));
    }
    let unit_price = told_decimal(told.unit_price)?;
    if unit_price.is_sign_negative() && !unit_price.is_zero() {
        return Err(format!("unit price {unit_price} is negative"));
    }
    rules.count("adjustments", told.adjustments.len(), rules.limits.max_notes)?;
    let mut sum = billionths(asked.base_price);
    let mut adjustments = Vec::with_capacity(told.adjustments.len());
    for adjustment in told.adjustments {
        let amount = told_decimal(adjustment.amount)?;
        sum += billionths(amount);
        adjustments.push(Adjustment { amount, reason: rules.note(adjustment.reason)? });
    }
    if sum != billionths(unit_price) {
        let off = billionths_text(billionths(unit_price) - sum);
        return Err(format!(
            "unit price {unit_price} is not base price plus adjustments; it is off by {off}"
        ));
    }
    let skipped = rules.notes("skipped rules", told.skipped)?;
    Ok(PricedLine { number: told.number, unit_price, adjustments, skipped })
}

fn receive_order_adjustment(
    amount: &ToldMoney,
    reason: ToldNote,
    rules: &NoteRules<'_>,
) -> Checked<OrderAdjustment> {
    let within = |what: String| format!("adjustment of the order: {what}");
    let amount = told_money(amount).map_err(within)?;
    Ok(OrderAdjustment { amount, reason: rules.note(reason).map_err(within)? })
}

/// Every amount fits, adjustments are in the order's currency, the order's total is not negative.
fn check_totals(quote: &Quote, request: &PricingRequest) -> Checked<()> {
    let totals = orders::totals(&request.lines, quote, request.currency)
        .map_err(|error| format!("the order cannot be added up: {error}"))?;
    if totals.total_minor < 0 {
        return Err(format!("the order's total is negative: {} minor units", totals.total_minor));
    }
    Ok(())
}

fn receive_violations(
    told: Vec<ToldViolation>,
    request: &PricingRequest,
    rules: &NoteRules<'_>,
) -> Checked<Vec<Violation>> {
    if told.is_empty() {
        return Err("refuses without any violation".to_owned());
    }
    rules.count("violations", told.len(), rules.limits.max_notes.max(request.lines.len()))?;
    let numbers: HashSet<u32> = request.lines.iter().map(|line| line.number).collect();
    let all = told.into_iter().map(|violation| {
        if let Some(unknown) = violation.line.filter(|line| !numbers.contains(line)) {
            return Err(format!("violation: line {unknown} was not asked"));
        }
        let reason = rules.note(violation.reason).map_err(|what| format!("violation: {what}"))?;
        Ok(Violation { line: violation.line, reason })
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Limits;
    use crate::kinds::types::told_note;

    fn request() -> PricingRequest {
        let line = |number: u32| LineRequest {
            number,
            sku: "S".into(),
            category: "C".into(),
            quantity: 3,
            base_price: "10".parse().unwrap(),
            former_price: None,
            attributes: Vec::new(),
        };
        let dealer = Buyer { code: "D".into(), tier: "t".into(), region: "r".into(), attributes: Vec::new() };
        PricingRequest {
            currency: "CNY".parse().unwrap(),
            on: "2026-01-01".parse().unwrap(),
            dealer,
            terms: Vec::new(),
            history: Vec::new(),
            lines: vec![line(7), line(3)],
        }
    }

    fn line(number: u32, price: &str, steps: &[&str]) -> ToldLine {
        let told = |text: &&str| ToldAdjustment {
            amount: send_decimal(text.parse().unwrap()).unwrap(),
            reason: told_note("step"),
        };
        ToldLine {
            number,
            unit_price: send_decimal(price.parse().unwrap()).unwrap(),
            adjustments: steps.iter().map(told).collect(),
            skipped: Vec::new(),
        }
    }

    fn receive_lines(lines: Vec<ToldLine>, adjustments: Vec<ToldOrderAdjustment>) -> Checked<PricingAnswer> {
        let (codes, limits) = (HashSet::from(["step".to_owned()]), Limits::default());
        let rules = NoteRules { codes: &codes, limits: &limits };
        receive((Ok(ToldQuote { lines, adjustments, approvals: Vec::new() }),), &request(), &rules)
    }

    fn off(minor: i64, currency: &str) -> Vec<ToldOrderAdjustment> {
        let amount = ToldMoney { minor, currency: currency.into() };
        vec![ToldOrderAdjustment { amount, reason: told_note("step") }]
    }

    #[test]
    fn lines_are_answered_once_in_their_order() {
        assert!(receive_lines(vec![line(7, "10", &[]), line(3, "10", &[])], vec![]).is_ok());
        for numbers in [[3, 7], [7, 7], [7, 4]] {
            let lines = numbers.map(|number| line(number, "10", &[])).into();
            let wrong = receive_lines(lines, vec![]).unwrap_err();
            assert!(wrong.contains("once, in the order asked"), "{wrong}");
        }
    }

    #[test]
    fn steps_lead_to_the_price_to_the_last_billionth() {
        let last = || line(3, "10", &[]);
        for (price, steps, good) in [
            ("9.5", &["-0.5"][..], true),
            ("9.999999999", &["-0.000000001"], true),
            ("9.999999999", &["-0.000000002"], false),
            ("10", &["9000000000000000000", "-9000000000000000000"], true),
            ("10", &["9000000000000000000", "0.000000001", "-9000000000000000000"], false),
            ("0", &["-10"], true),
        ] {
            let answer = receive_lines(vec![line(7, price, steps), last()], vec![]);
            assert_eq!(answer.is_ok(), good, "{price} {steps:?} {answer:?}");
        }
        let wrong = receive_lines(vec![line(7, "9", &["-0.5"]), last()], vec![]).unwrap_err();
        assert_eq!(wrong, "line 7: unit price 9 is not base price plus adjustments; it is off by -0.5");
    }

    #[test]
    fn the_total_is_not_negative_and_of_one_currency() {
        let lines = || vec![line(7, "10", &[]), line(3, "10", &[])];
        assert!(receive_lines(lines(), off(-6_000, "CNY")).is_ok(), "down to nothing");
        assert!(receive_lines(lines(), off(-6_001, "CNY")).unwrap_err().contains("negative"));
        assert!(receive_lines(lines(), off(-1, "USD")).unwrap_err().contains("USD"));
        assert!(receive_lines(lines(), off(-1, "XXX")).unwrap_err().contains("ISO 4217"));
        assert!(receive_lines(lines(), off(i64::MAX, "CNY")).is_err(), "does not fit");
    }
}
