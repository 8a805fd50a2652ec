//! What two deal rules make of the latest registrations, as they were asked then.

use super::{NAMED, Side};
use crate::decisions::recorded_input;
use crate::errors::Result;
use crate::measured::measured;
use crate::trials::{Came, Rule};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::contract::Kind;
use qudao_domain::deal::{Claim, ClaimantKind, DealAnswer, Floor, Outcome, Ruling, Share};

/// Registrations, ruled by both.
#[derive(Debug, Clone)]
pub struct RuledByBoth {
    /// How many.
    pub deals: usize,
    /// How many come out otherwise.
    pub changed: usize,
    /// Those that come out otherwise, the latest first.
    pub rows: Vec<RuledRow>,
}

/// A registration that comes out otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct RuledRow {
    /// What the decision was about, as recorded: `deal 0198…`.
    pub subject: String,
    /// The customer, as the claimant wrote it.
    pub customer: String,
    /// Who registered: a dealer or the company's own sales.
    pub claimant_kind: ClaimantKind,
    /// The dealer's code, or the salesperson's id.
    pub claimant: String,
    /// The day.
    pub on: NaiveDate,
    /// By the one.
    pub one: Came<Verdict>,
    /// By the other.
    pub other: Came<Verdict>,
}

/// What a ruling comes to; its reasons are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What becomes of the claim.
    pub outcome: Outcome,
    /// Until when it is protected.
    pub protected_until: Option<NaiveDate>,
    /// Who gets how much of a split.
    pub shares: Vec<Share>,
    /// The lowest price.
    pub floor: Option<Floor>,
    /// Numbers of the earlier registrations that end.
    pub ended: Vec<u32>,
}

impl From<Ruling> for Verdict {
    fn from(ruling: Ruling) -> Self {
        let ended = ruling.affected.iter().filter(|affected| affected.ends);
        Self {
            outcome: ruling.outcome,
            protected_until: ruling.protected_until,
            ended: ended.map(|affected| affected.registration).collect(),
            shares: ruling.shares,
            floor: ruling.floor,
        }
    }
}

impl App {
    pub(super) async fn rule_by_both(
        &self,
        ctx: &Context,
        one: &Side,
        other: &Side,
    ) -> Result<Option<RuledByBoth>> {
        let mut claims: Vec<(String, Claim)> = Vec::new();
        for found in self.latest_answered(ctx, Kind::Deal).await? {
            let claim = recorded_input(&found)?;
            claims.push((found.subject, claim));
        }
        if claims.is_empty() {
            return Ok(None);
        }
        let (one, other) = self.rules_of(ctx, one, other).await?;
        let (company, turn) = (ctx.company_code.clone(), self.turn(ctx.company).await?);
        turn.run(move || Some(rule_all(&company, &one, &other, claims))).await
    }
}

fn rule_all(company: &str, one: &Rule, other: &Rule, claims: Vec<(String, Claim)>) -> RuledByBoth {
    let deals = claims.len();
    let mut rows = Vec::new();
    for (subject, claim) in claims {
        let (one, other) = (verdict(company, one, &claim), verdict(company, other, &claim));
        if one != other {
            let Claim { claimant, customer, on, .. } = claim;
            rows.push(RuledRow {
                subject,
                customer: customer.name,
                claimant_kind: claimant.kind,
                claimant: claimant.code,
                on,
                one,
                other,
            });
        }
    }
    let changed = rows.len();
    rows.truncate(NAMED);
    RuledByBoth { deals, changed, rows }
}

fn verdict(company: &str, rule: &Rule, claim: &Claim) -> Came<Verdict> {
    let evaluated = measured(company, &rule.plugin, || rule.plugin.decide(claim, &rule.settings));
    match evaluated.map(|evaluated| evaluated.answer) {
        Ok(DealAnswer::Ruled(ruling)) => Came::Answered(Verdict::from(ruling)),
        Ok(DealAnswer::Refused(notes)) => {
            Came::Refused(notes.into_iter().next().map(|first| first.code).unwrap_or_default())
        }
        Err(failure) => Came::failed(&failure),
    }
}
