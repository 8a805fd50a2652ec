//! `qudao:incentive`: how header and facts go in, how a settlement comes out, and what it must satisfy.

use super::types::{
    Checked, NoteRules, SentAttribute, ToldNote, WitDate, WitDecimal, send_attributes, send_date,
    send_decimal,
};
use qudao_domain::incentive::{
    Basis, FactKind, FactProduct, Figure, IncentiveAnswer, IncentiveHeader, Participant, Payout, Settlement,
    StreamedFact, Unpaid,
};
use std::collections::HashSet;
use wasmtime::component::{ComponentType, Lift, Lower, ResourceAny};

/// Parameters of `accumulator.open`.
pub(crate) type OpenParams<'a> = (SentHeader<'a>,);
/// Result of `accumulator.open`.
pub(crate) type Opening = (Result<ResourceAny, Vec<ToldNote>>,);
/// Parameters of `accumulator.add`.
pub(crate) type AddParams<'a> = (ResourceAny, &'a [SentFact]);
/// Result of `accumulator.finish`.
pub(crate) type Returned = (Result<ToldSettlement, Vec<ToldNote>>,);

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentPeriod {
    first: WitDate,
    last: WitDate,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentParticipant<'a> {
    code: &'a str,
    tier: &'a str,
    region: &'a str,
    parent: Option<u32>,
    attributes: Vec<SentAttribute<'a>>,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentProduct<'a> {
    sku: &'a str,
    category: &'a str,
    attributes: Vec<SentAttribute<'a>>,
}

/// A target or a metric: both have this shape.
#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentFigure<'a> {
    participant: u32,
    code: &'a str,
    value: WitDecimal,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentHeader<'a> {
    program: &'a str,
    currency: &'a str,
    period: SentPeriod,
    participants: Vec<SentParticipant<'a>>,
    products: Vec<SentProduct<'a>>,
    targets: Vec<SentFigure<'a>>,
    metrics: Vec<SentFigure<'a>>,
    #[component(name = "budget-left")]
    budget_left: Option<i64>,
    settings: &'a str,
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum SentFactKind {
    #[component(name = "shipped")]
    Shipped,
    #[component(name = "returned")]
    Returned,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentFact {
    seq: u64,
    kind: SentFactKind,
    participant: u32,
    product: u32,
    on: WitDate,
    #[component(name = "paid-on")]
    paid_on: Option<WitDate>,
    quantity: i64,
    amount: i64,
    reverses: Option<u64>,
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub(crate) enum ToldBasis {
    #[component(name = "all")]
    All,
    #[component(name = "category")]
    Category(String),
    #[component(name = "facts")]
    Facts(Vec<u64>),
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldPayout {
    pub(super) beneficiary: u32,
    pub(super) reason: ToldNote,
    pub(super) amount: i64,
    pub(super) basis: ToldBasis,
    pub(super) steps: Vec<ToldNote>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldUnpaid {
    pub(super) beneficiary: u32,
    pub(super) reason: ToldNote,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldSettlement {
    pub(super) payouts: Vec<ToldPayout>,
    pub(super) unpaid: Vec<ToldUnpaid>,
}

/// The header as the plugin sees it: only the attributes that it reads.
pub(crate) fn send<'a>(
    header: &'a IncentiveHeader,
    settings: &'a str,
    read: &HashSet<String>,
) -> Checked<SentHeader<'a>> {
    let participants = header.participants.iter().map(|participant| send_participant(participant, read));
    let products = header.products.iter().map(|product| send_product(product, read));
    Ok(SentHeader {
        program: &header.program,
        currency: header.currency.code(),
        period: SentPeriod { first: send_date(header.first)?, last: send_date(header.last)? },
        participants: participants.collect::<Checked<_>>()?,
        products: products.collect::<Checked<_>>()?,
        targets: send_figures("target", &header.targets)?,
        metrics: send_figures("metric", &header.metrics)?,
        budget_left: header.budget_left,
        settings,
    })
}

fn send_participant<'a>(from: &'a Participant, read: &HashSet<String>) -> Checked<SentParticipant<'a>> {
    let attributes = send_attributes(&from.attributes, read);
    let attributes = attributes.map_err(|what| format!("participant `{}`: {what}", from.code))?;
    Ok(SentParticipant {
        code: &from.code,
        tier: &from.tier,
        region: &from.region,
        parent: from.parent,
        attributes,
    })
}

fn send_product<'a>(from: &'a FactProduct, read: &HashSet<String>) -> Checked<SentProduct<'a>> {
    let attributes = send_attributes(&from.attributes, read);
    let attributes = attributes.map_err(|what| format!("product `{}`: {what}", from.sku))?;
    Ok(SentProduct { sku: &from.sku, category: &from.category, attributes })
}

fn send_figures<'a>(what: &str, figures: &'a [Figure]) -> Checked<Vec<SentFigure<'a>>> {
    let send = |figure: &'a Figure| {
        let value =
            send_decimal(figure.value).map_err(|inner| format!("{what} `{}`: {inner}", figure.code))?;
        Ok(SentFigure { participant: figure.participant, code: &figure.code, value })
    };
    figures.iter().map(send).collect()
}

/// One fact as the plugin sees it.
pub(crate) fn send_fact(fact: &StreamedFact) -> Checked<SentFact> {
    let within = |what: String| format!("fact {}: {what}", fact.seq);
    let seq =
        |number: i64| u64::try_from(number).map_err(|_| within(format!("sequence {number} is negative")));
    Ok(SentFact {
        seq: seq(fact.seq)?,
        kind: match fact.kind {
            FactKind::Shipped => SentFactKind::Shipped,
            FactKind::Returned => SentFactKind::Returned,
        },
        participant: fact.participant,
        product: fact.product,
        on: send_date(fact.on).map_err(within)?,
        paid_on: fact.paid_on.map(send_date).transpose().map_err(within)?,
        quantity: fact.quantity,
        amount: fact.amount_minor,
        reverses: fact.reverses.map(seq).transpose()?,
    })
}

/// What is kept of a run to hold its answer against; it does not grow with the facts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunBounds {
    participants: usize,
    products: usize,
    budget_left: Option<i64>,
    /// The least and the greatest sequence that was sent.
    seqs: Option<(i64, i64)>,
}

impl RunBounds {
    pub(crate) fn new(header: &IncentiveHeader) -> Self {
        Self {
            participants: header.participants.len(),
            products: header.products.len(),
            budget_left: header.budget_left,
            seqs: None,
        }
    }

    /// Takes note of a fact, after making sure that it names a participant and a product of the header.
    pub(crate) fn admit(&mut self, fact: &StreamedFact) -> Checked<()> {
        let known = |position: u32, count: usize| usize::try_from(position).is_ok_and(|place| place < count);
        if !known(fact.participant, self.participants) {
            return Err(format!("fact {}: participant {} is not in the header", fact.seq, fact.participant));
        }
        if !known(fact.product, self.products) {
            return Err(format!("fact {}: product {} is not in the header", fact.seq, fact.product));
        }
        let (least, greatest) = self.seqs.unwrap_or((fact.seq, fact.seq));
        self.seqs = Some((least.min(fact.seq), greatest.max(fact.seq)));
        Ok(())
    }

    fn check_beneficiary(&self, beneficiary: u32) -> Checked<()> {
        if usize::try_from(beneficiary).is_ok_and(|place| place < self.participants) {
            return Ok(());
        }
        Err(format!("beneficiary {beneficiary} is none of the {} participants", self.participants))
    }

    fn check_seq(&self, seq: u64) -> Checked<i64> {
        let sent = |seq: &i64| self.seqs.is_some_and(|(least, greatest)| (least..=greatest).contains(seq));
        i64::try_from(seq).ok().filter(sent).ok_or_else(|| format!("fact {seq} was not part of the run"))
    }

    /// What is paid in all fits and stays within the budget. A budget that is overdrawn already
    /// allows nothing, but does not forbid to pay nothing.
    fn check_sum(&self, payouts: &[Payout]) -> Checked<()> {
        let sum: i128 = payouts.iter().map(|payout| i128::from(payout.amount_minor)).sum();
        if i64::try_from(sum).is_err() {
            return Err("the payouts are too large to be added".to_owned());
        }
        match self.budget_left {
            Some(left) if sum > i128::from(left.max(0)) => Err(format!(
                "the payouts add up to {sum} minor units, but only {left} are left of the budget"
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// The answer as the domain knows it, if it is one that an answer may be.
pub(crate) fn receive(
    returned: Returned,
    bounds: &RunBounds,
    rules: &NoteRules<'_>,
) -> Checked<IncentiveAnswer> {
    match returned.0 {
        Ok(settlement) => receive_settlement(settlement, bounds, rules).map(IncentiveAnswer::Settled),
        Err(notes) => rules.reasons(notes).map(IncentiveAnswer::Refused),
    }
}

fn receive_settlement(
    told: ToldSettlement,
    bounds: &RunBounds,
    rules: &NoteRules<'_>,
) -> Checked<Settlement> {
    rules.count("payouts", told.payouts.len(), rules.limits.max_payouts)?;
    rules.count("unpaid", told.unpaid.len(), rules.limits.max_payouts)?;
    let payouts = told.payouts.into_iter().enumerate().map(|(place, payout)| {
        receive_payout(payout, bounds, rules).map_err(|what| format!("payout {}: {what}", place + 1))
    });
    let payouts = payouts.collect::<Checked<Vec<_>>>()?;
    bounds.check_sum(&payouts)?;
    let unpaid = told.unpaid.into_iter().map(|unpaid| {
        bounds.check_beneficiary(unpaid.beneficiary).map_err(|what| format!("unpaid: {what}"))?;
        let reason = rules.note(unpaid.reason).map_err(|what| format!("unpaid: {what}"))?;
        Ok(Unpaid { beneficiary: unpaid.beneficiary, reason })
    });
    Ok(Settlement { payouts, unpaid: unpaid.collect::<Checked<_>>()? })
}

fn receive_payout(told: ToldPayout, bounds: &RunBounds, rules: &NoteRules<'_>) -> Checked<Payout> {
    bounds.check_beneficiary(told.beneficiary)?;
    let basis = match told.basis {
        ToldBasis::All => Basis::All,
        ToldBasis::Category(category) if category.len() > rules.limits.max_text_bytes => {
            return Err(format!("a category's name of {} bytes", category.len()));
        }
        ToldBasis::Category(category) => Basis::Category(category),
        ToldBasis::Facts(seqs) => {
            let seqs = seqs.into_iter().map(|seq| bounds.check_seq(seq));
            Basis::Facts(seqs.collect::<Checked<_>>()?)
        }
    };
    Ok(Payout {
        beneficiary: told.beneficiary,
        reason: rules.note(told.reason)?,
        amount_minor: told.amount,
        basis,
        steps: rules.notes("steps", told.steps)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use qudao_domain::contract::Note;

    fn bounds(budget_left: Option<i64>) -> RunBounds {
        RunBounds { participants: 2, products: 1, budget_left, seqs: Some((10, 20)) }
    }

    fn payout(amount_minor: i64) -> Payout {
        let reason = Note { code: "x".into(), args: Vec::new() };
        Payout { beneficiary: 0, reason, amount_minor, basis: Basis::All, steps: Vec::new() }
    }

    #[test]
    fn payouts_stay_within_the_budget() {
        for (budget, amounts, good) in [
            (None, vec![i64::MAX], true),
            (None, vec![i64::MAX, 1], false),
            (Some(100), vec![60, 40], true),
            (Some(100), vec![60, 41], false),
            (Some(100), vec![150, -50], true),
            (Some(-5), vec![], true),
            (Some(-5), vec![-1], true),
            (Some(-5), vec![1], false),
        ] {
            let payouts: Vec<_> = amounts.iter().map(|amount| payout(*amount)).collect();
            assert_eq!(bounds(budget).check_sum(&payouts).is_ok(), good, "{budget:?} {amounts:?}");
        }
    }

    #[test]
    fn a_basis_names_facts_of_the_run() {
        for (seq, good) in [(10, true), (20, true), (9, false), (21, false), (u64::MAX, false)] {
            assert_eq!(bounds(None).check_seq(seq).is_ok(), good, "{seq}");
        }
        let empty = RunBounds { seqs: None, ..bounds(None) };
        assert!(empty.check_seq(0).is_err());
    }

    #[test]
    fn beneficiaries_take_part() {
        assert!(bounds(None).check_beneficiary(1).is_ok());
        assert!(bounds(None).check_beneficiary(2).is_err());
    }
}
