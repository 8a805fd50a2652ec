//! What the current period would pay if it were settled now: for a dealer's home. Computed by the program's own
//! plugin and kept until the facts, the rule or the day change, at most once in [`FRESH_MS`] for each program.

use crate::errors::{AppError, Result};
use crate::incentives::running;
use crate::{App, Context};
use qudao_domain::contract::{Message, Note};
use qudao_domain::ids::{BindingId, CompanyId, DealerId, ProgramId};
use qudao_domain::incentive::IncentiveAnswer;
use qudao_domain::permissions::Action;
use qudao_domain::time::{Instant, Period};
use qudao_store::programs::Program;
use qudao_store::{companies, facts};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// An estimate younger than this is shown although newer facts are there: a busy day must not run the plugin for
/// each page.
const FRESH_MS: i64 = 60_000;

/// What the current period of one program would pay a dealer.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// The program.
    pub program: Program,
    /// The current period, as `2026-Q4`.
    pub period: String,
    /// Over what was recorded until then.
    pub as_of: Instant,
    /// In all, in minor units.
    pub total_minor: i64,
    /// Each payout, with its amount in minor units and the steps to it.
    pub payouts: Vec<(Note, i64, Vec<Note>)>,
    /// Why schemes would not pay.
    pub unpaid: Vec<Note>,
    /// The plugin's sentences.
    pub messages: Vec<Message>,
}

/// What an answer was given for.
#[derive(Debug, Clone, Copy)]
struct Stand {
    watermark: i64,
    binding: BindingId,
    period: Period,
    at: Instant,
}

impl Stand {
    /// Whether an answer given for this still does for `wanted`.
    fn serves(&self, wanted: &Self) -> bool {
        let fresh = self.watermark == wanted.watermark || self.at.plus_ms(FRESH_MS) > wanted.at;
        self.binding == wanted.binding && self.period == wanted.period && fresh
    }
}

/// One program's answer for the current period; none when the plugin failed.
struct Answered {
    stand: Stand,
    dealers: HashMap<DealerId, usize>,
    answer: Option<IncentiveAnswer>,
    messages: Vec<Message>,
}

type Slot = Arc<tokio::sync::Mutex<Option<Arc<Answered>>>>;

/// The estimates that were made, one for each company and program.
#[derive(Default)]
pub(crate) struct Estimates(std::sync::Mutex<HashMap<(CompanyId, ProgramId), Slot>>);

impl Estimates {
    fn slot(&self, company: CompanyId, program: ProgramId) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((company, program)).or_default())
    }
}

impl App {
    /// What the current period of each program would pay the reader's dealer if it were settled now. Programs
    /// without a plugin are left out, and so are those whose plugin fails or refuses: a failure is recorded for ops.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for those who belong to no dealer.
    pub async fn incentives_so_far(&self, ctx: &Context) -> Result<Vec<Estimate>> {
        ctx.reach(Action::StatementsRead)?;
        let dealer = ctx.dealer.ok_or(AppError::Forbidden)?;
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let watermark = companies::counted(&mut tx, ctx.company, facts::COUNTER).await?;
        let running = running(&mut tx, ctx, now).await?;
        drop(tx);
        let mut estimates = Vec::new();
        for (program, live) in running {
            let period = program.calendar.period_of(ctx.day(now));
            let stand = Stand { watermark, binding: live.binding_id, period, at: now };
            let answered = self.estimate(ctx, &program, stand).await?;
            estimates.extend(of_dealer(program, dealer, &answered));
        }
        Ok(estimates)
    }

    /// The held answer if it still fits, else a new one; whoever comes meanwhile waits for it rather than asks again.
    /// A failure is held too, so that a broken plugin is not run for each page.
    async fn estimate(&self, ctx: &Context, program: &Program, stand: Stand) -> Result<Arc<Answered>> {
        let slot = self.estimates().slot(ctx.company, program.id);
        let mut held = slot.lock().await;
        if let Some(answered) = held.as_ref().filter(|held| held.stand.serves(&stand)) {
            return Ok(Arc::clone(answered));
        }
        let answered = match self.ask_incentive(ctx, &program.code, stand.period).await {
            Ok(asked) => Answered {
                stand: Stand { watermark: asked.input.watermark, binding: asked.live.binding_id, ..stand },
                dealers: asked.input.dealers.iter().copied().zip(0..).collect(),
                answer: Some(asked.answer),
                messages: asked.plugin.descriptor().messages.clone(),
            },
            Err(AppError::Rule { .. } | AppError::NoRule(_)) => {
                Answered { stand, dealers: HashMap::new(), answer: None, messages: Vec::new() }
            }
            Err(error) => return Err(error),
        };
        let answered = Arc::new(answered);
        *held = Some(Arc::clone(&answered));
        Ok(answered)
    }
}

fn of_dealer(program: Program, dealer: DealerId, answered: &Answered) -> Option<Estimate> {
    let Some(IncentiveAnswer::Settled(settlement)) = &answered.answer else { return None };
    let place = *answered.dealers.get(&dealer)?;
    let mine = |beneficiary: u32| usize::try_from(beneficiary).is_ok_and(|beneficiary| beneficiary == place);
    let payouts = settlement.payouts.iter().filter(|payout| mine(payout.beneficiary));
    let payouts: Vec<_> =
        payouts.map(|payout| (payout.reason.clone(), payout.amount_minor, payout.steps.clone())).collect();
    let unpaid = settlement.unpaid.iter().filter(|unpaid| mine(unpaid.beneficiary));
    Some(Estimate {
        program,
        period: answered.stand.period.to_string(),
        as_of: answered.stand.at,
        total_minor: payouts.iter().fold(0, |sum, (_, amount, _)| i64::saturating_add(sum, *amount)),
        payouts,
        unpaid: unpaid.map(|unpaid| unpaid.reason.clone()).collect(),
        messages: answered.messages.clone(),
    })
}
