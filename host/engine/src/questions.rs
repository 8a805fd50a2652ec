//! Made-up questions: what an upload is tried with before anybody asks it a real one.

use crate::cases::{Question, Run};
use chrono::NaiveDate;
use qudao_domain::contract::{Attribute, Descriptor, Kind, Value};
use qudao_domain::deal::{Claim, Claimant, ClaimantKind, Customer, Earlier, Floor, Standing};
use qudao_domain::decimal::Decimal;
use qudao_domain::incentive::{FactKind, FactProduct, IncentiveHeader, Participant, StreamedFact};
use qudao_domain::kpi::{Metric, Subject};
use qudao_domain::money::{Currency, Money, UnknownCurrency};
use qudao_domain::pricing::{Buyer, FormerPrice, LineRequest, PricingRequest};

const FIRST: NaiveDate = day(1);
const LAST: NaiveDate = day(31);
/// Dealers and products of a made-up incentive period.
const PARTICIPANTS: u32 = 10;
const PRODUCTS: u32 = 20;
/// An amount near the largest that a period of a large company sees, in minor units.
const LARGE_MINOR: i64 = 900_000_000_000_000;
/// Words that nobody's data should hold and that some do.
const STRANGE: &str = "  \"渠道'\n\u{202e}\u{1f9ea}\\{0}  ";

const fn day(day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(2026, 1, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// A plain question with so many lines, facts or earlier registrations. A KPI has as many metrics as it declares.
///
/// # Errors
/// Never: the currency is one.
pub(crate) fn plain(about: &Descriptor, entries: u32) -> Result<Question, UnknownCurrency> {
    Ok(match about.kind {
        Kind::Pricing => Question::Pricing(order(entries)?),
        Kind::Kpi => Question::Kpi(subject(about)),
        Kind::Deal => Question::Deal(claim(entries)?),
        Kind::Incentive => Question::Incentive(period(entries)?),
    })
}

/// Questions that fit the contract and are far from what an author has in mind, each with a code.
///
/// # Errors
/// Never: the currencies are some.
pub(crate) fn odd(about: &Descriptor) -> Result<Vec<(&'static str, Question)>, UnknownCurrency> {
    match about.kind {
        Kind::Pricing => odd_orders(about),
        Kind::Kpi => Ok(odd_subjects(about)),
        Kind::Deal => odd_claims(about),
        Kind::Incentive => odd_periods(),
    }
}

fn order(lines: u32) -> Result<PricingRequest, UnknownCurrency> {
    let line = |number: u32| LineRequest {
        number,
        sku: format!("TRIAL-{number}"),
        category: format!("trial-{}", number % 3),
        quantity: i64::from(number % 7) * 20 + 1,
        base_price: Decimal::new(9_999 + i64::from(number), 2),
        former_price: None,
        attributes: Vec::new(),
    };
    let dealer =
        Buyer { code: "trial".into(), tier: "trial".into(), region: "trial".into(), attributes: Vec::new() };
    Ok(PricingRequest {
        currency: "CNY".parse()?,
        on: FIRST,
        dealer,
        terms: Vec::new(),
        history: Vec::new(),
        lines: (1..=lines).map(line).collect(),
    })
}

fn odd_orders(about: &Descriptor) -> Result<Vec<(&'static str, Question)>, UnknownCurrency> {
    let plain = order(2)?;
    let changed = |change: &dyn Fn(&mut PricingRequest)| {
        let mut order = plain.clone();
        change(&mut order);
        Question::Pricing(order)
    };
    let each = |change: fn(&mut LineRequest)| changed(&|order| order.lines.iter_mut().for_each(change));
    let in_currency = |currency: Currency| changed(&|order| order.currency = currency);
    Ok(vec![
        ("huge-quantity", each(|line| line.quantity = 1_000_000_000)),
        ("free-product", each(|line| line.base_price = Decimal::ZERO)),
        ("finest-price", each(|line| line.base_price = Decimal::new(1, 9))),
        ("dearest-price", each(|line| (line.base_price, line.quantity) = (Decimal::from(LARGE_MINOR), 1))),
        (
            "price-raised",
            each(|line| line.former_price = Some(FormerPrice { price: Decimal::ONE, until: FIRST })),
        ),
        ("same-product", each(|line| line.sku = "TRIAL-1".into())),
        ("whole-currency", in_currency("JPY".parse()?)),
        ("fine-currency", in_currency("KWD".parse()?)),
        ("far-day", changed(&|order| order.on = NaiveDate::from_ymd_opt(2100, 2, 28).unwrap_or(LAST))),
        ("strange-words", changed(&|order| order_with_strange_words(order, &about.attributes))),
    ])
}

fn order_with_strange_words(order: &mut PricingRequest, keys: &[String]) {
    let attributes: Vec<Attribute> = keys.iter().map(|key| strange(key)).collect();
    let dealer = &mut order.dealer;
    for text in [&mut dealer.code, &mut dealer.tier, &mut dealer.region] {
        STRANGE.clone_into(text);
    }
    dealer.attributes.clone_from(&attributes);
    order.terms.clone_from(&attributes);
    order.history.clone_from(&attributes);
    for line in &mut order.lines {
        (line.sku, line.category) = (STRANGE.to_owned(), String::new());
        line.attributes.clone_from(&attributes);
    }
}

fn strange(key: &str) -> Attribute {
    Attribute { key: key.to_owned(), value: Value::Text(STRANGE.to_owned()) }
}

fn period(facts: u32) -> Result<Run, UnknownCurrency> {
    let participant = |number: u32| Participant {
        code: format!("trial-{number}"),
        tier: format!("trial-{}", number % 3),
        region: "trial".into(),
        parent: (number > 0).then_some(0),
        attributes: Vec::new(),
    };
    let product = |number: u32| FactProduct {
        sku: format!("TRIAL-{number}"),
        category: format!("trial-{}", number % 3),
        attributes: Vec::new(),
    };
    let header = IncentiveHeader {
        program: "trial".into(),
        currency: "CNY".parse()?,
        first: FIRST,
        last: LAST,
        participants: (0..PARTICIPANTS).map(participant).collect(),
        products: (0..PRODUCTS).map(product).collect(),
        targets: Vec::new(),
        metrics: Vec::new(),
        budget_left: None,
    };
    Ok(Run { header, facts: (1..=facts).map(fact).collect() })
}

/// Every seventh fact takes back the one before it.
fn fact(seq: u32) -> StreamedFact {
    let back = seq.is_multiple_of(7);
    let of = if back { seq - 1 } else { seq };
    let quantity = i64::from(of % 5) + 1;
    let sign = if back { -1 } else { 1 };
    StreamedFact {
        seq: i64::from(seq),
        kind: if back { FactKind::Returned } else { FactKind::Shipped },
        participant: of % PARTICIPANTS,
        product: of % PRODUCTS,
        on: FIRST,
        paid_on: None,
        quantity: sign * quantity,
        amount_minor: sign * quantity * 9_999,
        reverses: back.then(|| i64::from(of)),
    }
}

fn odd_periods() -> Result<Vec<(&'static str, Question)>, UnknownCurrency> {
    let plain = period(20)?;
    let changed = |change: &dyn Fn(&mut Run)| {
        let mut run = plain.clone();
        change(&mut run);
        Question::Incentive(run)
    };
    let in_currency = |currency: Currency| changed(&|run| run.header.currency = currency);
    Ok(vec![
        ("nothing-happened", changed(&|run| run.facts.clear())),
        ("returns-alone", changed(&|run| run.facts.retain(|fact| fact.kind == FactKind::Returned))),
        ("large-amounts", changed(&|run| run.facts.iter_mut().for_each(enlarge))),
        ("nothing-paid", changed(&|run| run.facts.iter_mut().for_each(|fact| fact.amount_minor = 0))),
        ("budget-gone", changed(&|run| run.header.budget_left = Some(0))),
        ("one-day", changed(&|run| run.header.last = FIRST)),
        ("whole-currency", in_currency("JPY".parse()?)),
        ("strange-words", changed(&period_with_strange_words)),
    ])
}

fn enlarge(fact: &mut StreamedFact) {
    fact.amount_minor = fact.amount_minor.signum() * LARGE_MINOR;
}

fn period_with_strange_words(run: &mut Run) {
    STRANGE.clone_into(&mut run.header.program);
    for (index, participant) in run.header.participants.iter_mut().enumerate() {
        // Codes are unique.
        participant.code = format!("{STRANGE}{index}");
        (participant.tier, participant.region) = (STRANGE.to_owned(), String::new());
    }
    for product in &mut run.header.products {
        product.category = STRANGE.to_owned();
    }
}

fn subject(about: &Descriptor) -> Subject {
    let metric = |code: &String| Metric {
        code: code.clone(),
        actual: Some(Decimal::from(80)),
        previous: Some(Decimal::from(70)),
        target: Some(Decimal::from(100)),
    };
    Subject {
        code: "trial".into(),
        tier: "trial".into(),
        region: "trial".into(),
        attributes: Vec::new(),
        first: FIRST,
        last: LAST,
        metrics: about.metrics.iter().map(metric).collect(),
    }
}

fn odd_subjects(about: &Descriptor) -> Vec<(&'static str, Question)> {
    let with = |change: fn(&mut Metric)| {
        let mut subject = subject(about);
        subject.metrics.iter_mut().for_each(change);
        Question::Kpi(subject)
    };
    let mut strangely = subject(about);
    strangely.attributes = about.attributes.iter().map(|key| strange(key)).collect();
    for text in [&mut strangely.code, &mut strangely.tier, &mut strangely.region] {
        STRANGE.clone_into(text);
    }
    vec![
        ("nothing-measured", with(|metric| (metric.actual, metric.previous) = (None, None))),
        ("no-target", with(|metric| metric.target = None)),
        ("target-zero", with(|metric| metric.target = Some(Decimal::ZERO))),
        ("target-missed", with(|metric| metric.actual = Some(Decimal::from(-50)))),
        ("far-above", with(|metric| metric.actual = Some(Decimal::from(1_000_000_000)))),
        ("strange-words", Question::Kpi(strangely)),
    ]
}

fn claimant(number: u32) -> Claimant {
    let direct = number.is_multiple_of(5) && number > 0;
    let word = |word: &str| if direct { String::new() } else { word.to_owned() };
    Claimant {
        kind: if direct { ClaimantKind::Salesperson } else { ClaimantKind::Dealer },
        code: format!("trial-{number}"),
        tier: word("trial"),
        region: word("trial"),
        attributes: Vec::new(),
    }
}

fn claim(earlier: u32) -> Result<Claim, UnknownCurrency> {
    let amount = Money::new(12_345_600, "CNY".parse()?);
    let registered = |number: u32| Earlier {
        number,
        claimant: claimant(number),
        is_own: false,
        registered_on: FIRST,
        category: format!("trial-{}", number % 3),
        amount,
        standing: if number.is_multiple_of(4) { Standing::Asked } else { Standing::Accepted },
        protected_until: number.is_multiple_of(2).then_some(LAST),
        floor: number.is_multiple_of(3).then(|| Floor::Share(Decimal::new(85, 2))),
    };
    Ok(Claim {
        on: FIRST,
        claimant: claimant(0),
        customer: Customer {
            key: "trial".into(),
            name: "Trial".into(),
            registered_number: String::new(),
            region: "trial".into(),
        },
        category: "trial-0".into(),
        skus: vec!["TRIAL-1".into()],
        amount,
        expected_close: LAST,
        progress: String::new(),
        note: String::new(),
        earlier: (1..=earlier).map(registered).collect(),
    })
}

fn odd_claims(about: &Descriptor) -> Result<Vec<(&'static str, Question)>, UnknownCurrency> {
    let plain = claim(4)?;
    let changed = |change: &dyn Fn(&mut Claim)| {
        let mut claim = plain.clone();
        change(&mut claim);
        Question::Deal(claim)
    };
    let each = |change: fn(&mut Earlier)| changed(&|claim| claim.earlier.iter_mut().for_each(change));
    let yen: Currency = "JPY".parse()?;
    let whole = |claim: &mut Claim| {
        claim.amount.currency = yen;
        claim.earlier.iter_mut().for_each(|earlier| earlier.amount.currency = yen);
    };
    Ok(vec![
        ("nobody-before", changed(&|claim| claim.earlier.clear())),
        ("worth-nothing", changed(&|claim| claim.amount.minor = 0)),
        ("large-amounts", changed(&|claim| claim.amount.minor = LARGE_MINOR)),
        ("all-own", each(|earlier| earlier.is_own = true)),
        ("all-undecided", each(|earlier| earlier.standing = Standing::Asked)),
        ("protection-ends-today", each(|earlier| earlier.protected_until = Some(FIRST))),
        ("closes-today", changed(&|claim| claim.expected_close = claim.on)),
        ("direct-sales", changed(&|claim| claim.claimant = claimant(5))),
        ("whole-currency", changed(&whole)),
        ("far-day", changed(&|claim| claim.on = NaiveDate::from_ymd_opt(2100, 2, 28).unwrap_or(LAST))),
        ("strange-words", changed(&|claim| claim_with_strange_words(claim, &about.attributes))),
    ])
}

fn claim_with_strange_words(claim: &mut Claim, keys: &[String]) {
    let attributes: Vec<Attribute> = keys.iter().map(|key| strange(key)).collect();
    let earlier = claim.earlier.iter_mut().map(|earlier| (&mut earlier.claimant, &mut earlier.category));
    for (number, (claimant, category)) in
        std::iter::once((&mut claim.claimant, &mut claim.category)).chain(earlier).enumerate()
    {
        // Codes are unique.
        claimant.code = format!("{STRANGE}{number}");
        (claimant.tier, claimant.region) = (STRANGE.to_owned(), String::new());
        claimant.attributes.clone_from(&attributes);
        STRANGE.clone_into(category);
    }
    let customer = &mut claim.customer;
    for text in [&mut customer.name, &mut customer.region, &mut claim.progress, &mut claim.note] {
        STRANGE.clone_into(text);
    }
}
