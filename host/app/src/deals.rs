//! Registered deals: who owns an opportunity, as the deal plugin rules and, where it asks, as somebody decides.
//!
//! Registrations of one customer are ruled one after the other: each counts the customer's revision up, and is ruled
//! again when somebody was faster.

mod asking;
mod draft;

use crate::errors::{AppError, Issue, Result};
use crate::rules::{RuleLine, rule_line};
use crate::{App, Context};
use asking::{Found, Ruled};
use chrono::NaiveDate;
pub use draft::DealDraft;
use qudao_domain::contract::{Message, Note};
use qudao_domain::deal::{DealAnswer, DealState, Floor, Outcome, Ruling};
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{DealId, DecisionId};
use qudao_domain::permissions::{Action, Reach};
use qudao_domain::pricing::Violation;
use qudao_domain::time::Instant;
use qudao_store::deals::{self, Deal, List, NewDeal};
use qudao_store::outbox::{self, Event};
use qudao_store::{StoreError, Tx, audit, companies, components, decisions, revisions};
use serde_json::json;

/// How often a registration is ruled anew when others register the same customer at the same moment.
const RULINGS: usize = 32;
/// The most that a list gives at once.
const MAX_LISTED: i64 = 200;

/// Which registrations to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DealFilter {
    /// Only in this state.
    pub state: Option<DealState>,
    /// Words in the customer's name.
    pub search: String,
    /// Only those older than this one.
    pub before: Option<DealId>,
    /// At most so many; 1 to 200.
    pub limit: i64,
}

/// What a claimant was told at some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// When.
    pub at: Instant,
    /// The evaluation that says so.
    pub decision: DecisionId,
    /// Why.
    pub reasons: Vec<Note>,
}

/// A registration with all that its reader may know.
#[derive(Debug, Clone)]
pub struct DealPage {
    /// The registration.
    pub deal: Deal,
    /// What its claimant was told, the latest first.
    pub told: Vec<Told>,
    /// The plugins' sentences.
    pub messages: Vec<Message>,
    /// The rule that ruled on it.
    pub rule: Option<RuleLine>,
    /// The open registrations of the same customer; for the company's people alone.
    pub others: Vec<Deal>,
    /// Whether the reader may take it back.
    pub may_withdraw: bool,
    /// Whether the reader may decide what is asked.
    pub may_decide: bool,
}

/// Whether a registration still concerns anybody on a day: it is accepted or asked, and its protection, or without one
/// the expected close, has not passed.
#[must_use]
pub fn is_open(deal: &Deal, on: NaiveDate) -> bool {
    deal.state.standing().is_some() && deal.protected_until.unwrap_or(deal.expected_close) >= on
}

/// What became of an attempt to keep a registration.
enum Written {
    Done(DealId),
    /// The customer, the binding or the dealers changed meanwhile: look again.
    Moved,
}

impl App {
    /// Registers a deal: for their own dealer by its people, as direct sales by the company's. The deal plugin rules;
    /// also a registration that it refuses is kept.
    ///
    /// # Errors
    /// [`AppError::Invalid`] by field; [`AppError::Refused`] when the rule says that it is no registration at all;
    /// [`AppError::NoRule`]; [`AppError::Rule`] when the plugin fails; [`AppError::Conflict`] `deals-moving` when too
    /// many register the same customer at once.
    pub async fn register_deal(&self, ctx: &Context, draft: &DealDraft) -> Result<DealPage> {
        ctx.reach(Action::DealsRegister)?;
        let draft = draft.checked(ctx.day(self.clock().now()))?;
        for _ in 0..RULINGS {
            let found = self.find_for_deal(ctx, &draft).await?;
            let ruled = self.ask_deal(ctx, &found, &draft).await?;
            if let Written::Done(id) = self.write_deal(ctx, &found, &draft, &ruled).await? {
                return self.deal(ctx, id).await;
            }
        }
        Err(moving())
    }

    async fn write_deal(
        &self,
        ctx: &Context,
        found: &Found,
        draft: &DealDraft,
        ruled: &Ruled,
    ) -> Result<Written> {
        let ruling = match &ruled.answer {
            DealAnswer::Ruled(ruling) => ruling,
            DealAnswer::Refused(notes) => {
                let violation = |note: &Note| Violation { line: None, reason: note.clone() };
                let messages = ruled.plugin.descriptor().messages.clone();
                return Err(AppError::Refused {
                    violations: notes.iter().map(violation).collect(),
                    messages,
                });
            }
        };
        let now = self.clock().now();
        let (mut tx, revisions) = companies::begin_resting(self.db(), ctx.company).await?;
        // Prices are nothing to a ruling.
        let rests = (revisions.bindings, revisions.dealers);
        if rests != (found.revisions.bindings, found.revisions.dealers) {
            return Ok(Written::Moved);
        }
        match deals::advance(&mut tx, ctx.company, &found.customer).await {
            Ok(true) => {}
            // Another customer took the registered number.
            Ok(false) | Err(StoreError::Conflict(_)) => return Ok(Written::Moved),
            Err(error) => return Err(error.into()),
        }
        let id = DealId::at(now);
        let decision = ruled.decision(self.rules().engine().version(), found, id, now)?;
        decisions::insert(&mut tx, ctx.company, &decision).await?;
        deals::insert(&mut tx, ctx.company, &new_deal(ctx, found, draft, ruling, (id, decision.id, now)))
            .await?;
        deals::tell(&mut tx, ctx.company, id, decision.id, now, (false, &ruling.reasons)).await?;
        for affected in &ruling.affected {
            let earlier = found.earlier(affected.registration)?;
            let share = share_of(ruling, affected.registration);
            deals::affect(&mut tx, ctx.company, earlier.id, floor_columns(ruling.floor), share).await?;
            let told = (affected.ends, affected.reasons.as_slice());
            deals::tell(&mut tx, ctx.company, earlier.id, decision.id, self.clock().now(), told).await?;
            if affected.ends && ruling.outcome != Outcome::Ask {
                deals::step(&mut tx, ctx.company, earlier.id, earlier.state, DealState::Replaced).await?;
            }
        }
        let about = json!({ "outcome": ruling.outcome, "customer": found.customer.key });
        record(&mut tx, ctx, now, id, "deal.registered", about).await?;
        tx.commit().await?;
        Ok(Written::Done(id))
    }

    /// Registrations within the reader's reach, the latest first. A dealer's people see those of their dealer.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn deals(&self, ctx: &Context, filter: &DealFilter) -> Result<Vec<Deal>> {
        let within = ctx.within(Action::DealsRead)?;
        let list = List {
            ancestor: within.ancestor,
            depth: within.depth,
            state: filter.state.map_or("", DealState::as_str),
            search: filter.search.trim(),
            before: filter.before,
            limit: filter.limit.clamp(1, MAX_LISTED),
        };
        let mut tx = self.db().read(ctx.company).await?;
        Ok(deals::list(&mut tx, ctx.company, &list).await?)
    }

    /// How many registrations within the reader's reach stand in each state.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn deal_counts(&self, ctx: &Context) -> Result<Vec<(DealState, i64)>> {
        let within = ctx.within(Action::DealsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(deals::counts(&mut tx, ctx.company, within.ancestor, within.depth).await?)
    }

    /// A registration, explained.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none within the reader's reach.
    pub async fn deal(&self, ctx: &Context, id: DealId) -> Result<DealPage> {
        let mut tx = self.db().read(ctx.company).await?;
        let deal = reachable(&mut tx, ctx, id).await?;
        let today = ctx.day(self.clock().now());
        let notices = deals::told(&mut tx, ctx.company, id).await?;
        let mut messages: Vec<Message> = Vec::new();
        for notice in &notices {
            let known = components::descriptor(&mut tx, ctx.company, &notice.plugin_digest).await?;
            for message in known.map(|known| known.messages).unwrap_or_default() {
                if messages.iter().all(|known| known.code != message.code) {
                    messages.push(message);
                }
            }
        }
        let others = if ctx.whole_company(Action::DealsRead).is_ok() {
            let open = deals::open(&mut tx, ctx.company, &deal.customer_key, today, MAX_LISTED).await?;
            open.into_iter().filter(|other| other.id != id).collect()
        } else {
            Vec::new()
        };
        let told = notices.into_iter().map(|notice| Told {
            at: notice.at,
            decision: notice.decision_id,
            reasons: notice.reasons.0,
        });
        Ok(DealPage {
            told: told.collect(),
            messages,
            rule: rule_of(&mut tx, ctx, &deal).await?,
            others,
            may_withdraw: is_open(&deal, today) && may_withdraw(ctx, &deal),
            may_decide: deal.state == DealState::Asked
                && is_open(&deal, today)
                && ctx.whole_company(Action::DealsDecide).is_ok()
                && deal.user_id != ctx.user,
            deal,
        })
    }

    /// Decides what the rule asked. Accepted, the registrations end that its ruling names; the reason is needed where
    /// it is refused.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Invalid`] without a reason; [`AppError::Conflict`] `own-deal` for whoever
    /// registered it or loses by it, `deal-state` when nothing is asked any more, `deals-moving`.
    pub async fn decide_deal(&self, ctx: &Context, id: DealId, accept: bool, note: &str) -> Result<DealPage> {
        ctx.whole_company(Action::DealsDecide)?;
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let deal = reachable(&mut tx, ctx, id).await?;
        check_reason(accept, note)?;
        if deal.state != DealState::Asked || !is_open(&deal, ctx.day(now)) {
            return Err(moved_on(deal.state));
        }
        let (to, verb) = match accept {
            true => (DealState::Accepted, "deal.accepted"),
            false => (DealState::Refused, "deal.refused"),
        };
        change(&mut tx, ctx, &deal, to).await?;
        let mut own = deal.user_id == ctx.user;
        for notice in deals::told_by(&mut tx, ctx.company, deal.decision_id).await? {
            if !notice.ends || notice.registration_id == id {
                continue;
            }
            let Some(rival) = deals::find(&mut tx, ctx.company, notice.registration_id, None, 0).await?
            else {
                continue;
            };
            own |= rival.user_id == ctx.user;
            if accept && rival.state.standing().is_some() {
                deals::step(&mut tx, ctx.company, rival.id, rival.state, DealState::Replaced).await?;
            }
        }
        if own {
            let message = "you registered this customer yourself; somebody else must decide";
            return Err(AppError::conflict("own-deal", message));
        }
        deals::decided(&mut tx, ctx.company, id, ctx.user, now, note.trim()).await?;
        record(&mut tx, ctx, now, id, verb, json!({ "note": note.trim() })).await?;
        tx.commit().await?;
        self.deal(ctx, id).await
    }

    /// Takes a registration back. What it ended stays ended.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Forbidden`] for anybody but the claimant and the administrator;
    /// [`AppError::Conflict`] `deal-state` when it is not open, `deals-moving`.
    pub async fn withdraw_deal(&self, ctx: &Context, id: DealId) -> Result<DealPage> {
        ctx.reach(Action::DealsRegister)?;
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let deal = reachable(&mut tx, ctx, id).await?;
        if !may_withdraw(ctx, &deal) {
            return Err(AppError::Forbidden);
        }
        if !is_open(&deal, ctx.day(now)) {
            return Err(moved_on(deal.state));
        }
        change(&mut tx, ctx, &deal, DealState::Withdrawn).await?;
        record(&mut tx, ctx, now, id, "deal.withdrawn", json!({})).await?;
        tx.commit().await?;
        self.deal(ctx, id).await
    }
}

async fn reachable(tx: &mut Tx, ctx: &Context, id: DealId) -> Result<Deal> {
    let within = ctx.within(Action::DealsRead)?;
    deals::find(tx, ctx.company, id, within.ancestor, within.depth).await?.ok_or(AppError::NotFound)
}

/// A dealer's people take back what is their dealer's, the company's what they registered themselves.
fn may_withdraw(ctx: &Context, deal: &Deal) -> bool {
    match ctx.reach(Action::DealsRegister) {
        Ok(Reach::Own | Reach::Branch) => ctx.dealer.is_some() && deal.dealer_id == ctx.dealer,
        Ok(Reach::Company) => deal.user_id == ctx.user || ctx.role == qudao_domain::permissions::Role::Admin,
        Err(_) => false,
    }
}

/// Moves an open registration on, beside nobody who rules on the same customer.
async fn change(tx: &mut Tx, ctx: &Context, deal: &Deal, to: DealState) -> Result<()> {
    let customer = deals::customer(tx, ctx.company, &deal.customer_key, "").await?;
    let customer =
        customer.ok_or_else(|| AppError::Internal(format!("the customer of deal {} is gone", deal.id)))?;
    let alone = deals::advance(tx, ctx.company, &customer).await?;
    if alone && deals::step(tx, ctx.company, deal.id, deal.state, to).await? {
        return Ok(());
    }
    Err(moving())
}

fn moving() -> AppError {
    let message = "others are registering this customer just now; try again in a moment";
    AppError::conflict("deals-moving", message)
}

fn moved_on(state: DealState) -> AppError {
    let message = "the registration is no longer open; look at it again";
    AppError::conflict("deal-state", message).with("state", state)
}

fn check_reason(accept: bool, note: &str) -> Result<()> {
    if !accept && note.trim().is_empty() {
        let message = "say why it is refused; the claimant reads it";
        return Err(AppError::invalid(Issue::new("/note", "required", message)));
    }
    draft::check_length("/note", note, draft::MAX_NOTE).map_or(Ok(()), |issue| Err(AppError::invalid(issue)))
}

async fn rule_of(tx: &mut Tx, ctx: &Context, deal: &Deal) -> Result<Option<RuleLine>> {
    let Some(decision) = decisions::find(tx, ctx.company, deal.decision_id).await? else { return Ok(None) };
    let descriptor = components::descriptor(tx, ctx.company, &decision.plugin_digest).await?;
    let revision = revisions::find(tx, ctx.company, decision.revision_id).await?;
    let number = revision.map_or(0, |revision| revision.number);
    Ok(descriptor.map(|descriptor| rule_line(&descriptor, number)))
}

async fn record(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    id: DealId,
    what: &'static str,
    about: serde_json::Value,
) -> Result<()> {
    audit::record(tx, ctx.company, now, ctx.user, what, &format!("deal {id}"), &about).await?;
    let seq = outbox::next(tx, ctx.company, id.0).await?;
    let event = Event {
        aggregate: "deal",
        aggregate_id: id.0,
        aggregate_seq: seq,
        event: what,
        version: 1,
        body: about,
    };
    Ok(outbox::insert(tx, ctx.company, now, &event).await?)
}

fn new_deal<'a>(
    ctx: &'a Context,
    found: &'a Found,
    draft: &'a DealDraft,
    ruling: &Ruling,
    (id, decision, now): (DealId, DecisionId, Instant),
) -> NewDeal<'a> {
    let (floor_share, floor_minor) = floor_columns(ruling.floor);
    NewDeal {
        id,
        customer_key: &found.customer.key,
        customer_name: &draft.customer,
        registered_number: &draft.registered_number,
        customer_region: &draft.customer_region,
        dealer: found.dealer.as_ref().map(|dealer| dealer.id),
        user: ctx.user,
        category: &draft.category,
        skus: &draft.skus,
        amount_minor: draft.amount_minor,
        currency: ctx.currency.code(),
        expected_close: draft.expected_close,
        progress: &draft.progress,
        note: &draft.note,
        registered_on: found.on,
        first_registered_on: found.first_registered_on(ruling),
        registered_at: now,
        decision,
        outcome: ruling.outcome,
        protected_until: ruling.protected_until,
        floor_share,
        floor_minor,
        share_bp: share_of(ruling, 0).or_else(|| found.own_share(ruling)),
    }
}

fn floor_columns(floor: Option<Floor>) -> (Option<Exact>, Option<i64>) {
    match floor {
        Some(Floor::Share(share)) => (Some(Exact(share)), None),
        // The host has checked that it is in the company's currency.
        Some(Floor::Amount(amount)) => (None, Some(amount.minor)),
        None => (None, None),
    }
}

fn share_of(ruling: &Ruling, number: u32) -> Option<i64> {
    let share = ruling.shares.iter().find(|share| share.registration == number);
    share.map(|share| i64::from(share.basis_points))
}
