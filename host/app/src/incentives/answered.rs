//! One rule asked over one period of a program, whether or not it holds; nothing is recorded.

use super::{RunInput, ask, check_bases, freeze};
use crate::Context;
use crate::errors::Result;
use crate::trials::{Came, Rule};
use qudao_domain::ids::DealerId;
use qudao_domain::incentive::{IncentiveAnswer, Settlement};
use qudao_domain::time::Period;
use qudao_engine::{Evaluated, RuleFailure};
use qudao_store::Tx;
use qudao_store::programs::Program;
use std::collections::BTreeMap;

/// What dealers are paid, in minor units.
pub(crate) type Paid = BTreeMap<DealerId, i64>;

/// A frozen question and what the rule made of it.
pub(crate) struct Answered {
    pub input: RunInput,
    pub evaluated: std::result::Result<Evaluated<IncentiveAnswer>, RuleFailure>,
}

/// Asks a rule what a period of a program earns. The transaction fixes everything that it is told; the plugin runs on a
/// thread that gives way.
///
/// # Errors
/// As any query. That the plugin refuses or fails is in the answer.
pub(crate) async fn answer(
    tx: &mut Tx,
    ctx: &Context,
    rule: &Rule,
    program: &Program,
    period: Period,
    budget_left: Option<i64>,
) -> Result<Answered> {
    let frozen = freeze(tx, ctx, program, period, budget_left, rule.plugin.descriptor()).await?;
    let (input, evaluated) = ask(tx, ctx, &rule.plugin, rule.settings.clone(), frozen).await?;
    let evaluated = match evaluated {
        Ok(evaluated) => check_bases(tx, ctx.company, &input, evaluated).await?,
        Err(failure) => Err(failure),
    };
    Ok(Answered { input, evaluated })
}

impl Answered {
    /// What each dealer would be paid.
    pub fn paid(&self) -> Came<Paid> {
        match &self.evaluated {
            Ok(evaluated) => match &evaluated.answer {
                IncentiveAnswer::Settled(settlement) => Came::Answered(self.by_dealer(settlement)),
                IncentiveAnswer::Refused(notes) => {
                    Came::Refused(notes.first().map(|note| note.code.clone()).unwrap_or_default())
                }
            },
            Err(failure) => Came::failed(failure),
        }
    }

    fn by_dealer(&self, settlement: &Settlement) -> Paid {
        let mut paid = Paid::new();
        for payout in &settlement.payouts {
            // The engine has checked that every beneficiary is one of the participants.
            if let Some(dealer) = self.input.dealers.get(payout.beneficiary as usize) {
                let sum = paid.entry(*dealer).or_default();
                *sum = sum.saturating_add(payout.amount_minor);
            }
        }
        paid
    }
}
