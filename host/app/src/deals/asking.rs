//! Finds what the deal plugin may know, and asks it.

use super::DealDraft;
use crate::errors::{AppError, Issue, Result};
use crate::incentives::json;
use crate::measured::measured;
use crate::rules::{attributes, sha256_hex, whole};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::contract::Kind;
use qudao_domain::deal::{
    self, Claim, Claimant, ClaimantKind, DealAnswer, Earlier, Floor, MAX_EARLIER, Ruling, Standing,
    customer_key, registered_key,
};
use qudao_domain::ids::{DealId, DecisionId, UserId};
use qudao_domain::money::{Currency, Money};
use qudao_domain::permissions::{Action, Reach};
use qudao_domain::time::Instant;
use qudao_engine::{Evaluated, Plugin, RuleError};
use qudao_store::bindings::{self, For, Live};
use qudao_store::companies::{self, Revisions};
use qudao_store::dealers::{self, Dealer};
use qudao_store::deals::{self, Customer, Deal};
use qudao_store::decisions::Decision;
use qudao_store::{Json, Tx, prices, products};
use std::collections::HashSet;
use std::sync::Arc;

/// What the read transaction finds: everything that a ruling rests on.
pub(super) struct Found {
    /// Who registers.
    pub user: UserId,
    /// The dealer; none for direct sales.
    pub dealer: Option<Dealer>,
    /// The customer as it was seen; of revision 0 where it is new.
    pub customer: Customer,
    /// Its open registrations, the oldest first.
    pub open: Vec<Deal>,
    pub live: Live,
    pub revisions: Revisions,
    pub made_for: Instant,
    pub on: NaiveDate,
}

impl Found {
    /// The claimant's own registrations whose place the claim takes.
    fn own_ended(&self, ruling: &Ruling) -> impl Iterator<Item = &Deal> {
        let ended = ruling.affected.iter().filter(|affected| affected.ends);
        let known = ended.filter_map(|affected| self.earlier(affected.registration).ok());
        known.filter(|deal| self.is_own(deal))
    }

    /// The share of the claimant's own registration whose place the claim takes.
    pub(super) fn own_share(&self, ruling: &Ruling) -> Option<i64> {
        self.own_ended(ruling).find_map(|deal| deal.share_bp)
    }

    /// The first day of what the claim extends; none where it extends nothing.
    pub(super) fn first_registered_on(&self, ruling: &Ruling) -> Option<NaiveDate> {
        self.own_ended(ruling).map(|deal| deal.first_registered_on).min()
    }

    /// Whether a registration is the claimant's own.
    fn is_own(&self, deal: &Deal) -> bool {
        match &self.dealer {
            Some(dealer) => deal.dealer_id == Some(dealer.id),
            None => deal.dealer_id.is_none() && deal.user_id == self.user,
        }
    }

    /// The registration that the plugin knows by a number from 1.
    pub(super) fn earlier(&self, number: u32) -> Result<&Deal> {
        let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        // The host has checked the numbers of an answer.
        at.and_then(|at| self.open.get(at))
            .ok_or_else(|| AppError::Internal(format!("no registration {number}")))
    }
}

/// A claim with its answer, and who gave it.
pub(super) struct Ruled {
    pub plugin: Arc<Plugin>,
    pub answer: DealAnswer,
    input: Vec<u8>,
    fuel: u64,
    elapsed_us: u64,
}

impl Ruled {
    /// The evaluation as it is recorded.
    pub(super) fn decision(&self, engine: &str, found: &Found, id: DealId, now: Instant) -> Result<Decision> {
        let (input, output) = (self.input.clone(), json(&self.answer)?);
        Ok(Decision {
            id: DecisionId::at(now),
            kind: Kind::Deal,
            outcome: "answered".to_owned(),
            subject: format!("deal {id}"),
            plugin_digest: found.live.plugin_digest.clone(),
            contract: self.plugin.contract().to_owned(),
            revision_id: found.live.revision_id,
            binding_id: found.live.binding_id,
            engine: engine.to_owned(),
            made_for: found.made_for,
            made_at: now,
            input_hash: sha256_hex(&input),
            input,
            output_hash: sha256_hex(&output),
            output,
            fuel: whole(self.fuel),
            elapsed_us: whole(self.elapsed_us),
            parent_id: None,
        })
    }
}

impl App {
    /// Everything that the ruling rests on, as one transaction sees it.
    pub(super) async fn find_for_deal(&self, ctx: &Context, draft: &DealDraft) -> Result<Found> {
        let made_for = self.clock().now();
        let on = ctx.day(made_for);
        let mut tx = self.db().read(ctx.company).await?;
        let dealer = match ctx.reach(Action::DealsRegister)? {
            Reach::Company => None,
            Reach::Own | Reach::Branch => {
                let id = ctx.dealer.ok_or(AppError::Forbidden)?;
                Some(dealers::by_id(&mut tx, ctx.company, id).await?.ok_or(AppError::Forbidden)?)
            }
        };
        check_products(&mut tx, ctx, draft, on).await?;
        let whom = dealer.as_ref().map_or_else(For::default, |dealer| For {
            dealer: &dealer.code,
            tier: &dealer.tier,
            region: &dealer.region,
        });
        let live = bindings::live(&mut tx, ctx.company, Kind::Deal, None, whom, made_for).await?;
        let live = live.ok_or(AppError::NoRule(Kind::Deal))?;
        let revisions = companies::revisions(&mut tx, ctx.company).await?;
        let customer = find_customer(&mut tx, ctx, draft).await?;
        let most = i64::try_from(MAX_EARLIER).unwrap_or(i64::MAX);
        let open = deals::open(&mut tx, ctx.company, &customer.key, on, most).await?;
        Ok(Found { user: ctx.user, dealer, customer, open, live, revisions, made_for, on })
    }

    /// What the plugin that holds says to a claim.
    pub(super) async fn ask_deal(&self, ctx: &Context, found: &Found, draft: &DealDraft) -> Result<Ruled> {
        let plugin = self.rules().plugin(self.db(), ctx.company, &found.live.plugin_digest).await?;
        let claim = claim(ctx, found, draft, &plugin.descriptor().attributes)?;
        let input = json(&claim)?;
        let subject = match &found.dealer {
            Some(dealer) => format!("dealer {}", dealer.code),
            None => format!("salesperson {}", ctx.user),
        };
        let evaluated = {
            let (plugin, settings) = (Arc::clone(&plugin), found.live.settings.clone());
            let (company, turn) = (ctx.company_code.clone(), self.turn(ctx.company).await?);
            turn.run(move || measured(&company, &plugin, || plugin.decide(&claim, &settings))).await?
        };
        match evaluated {
            Ok(Evaluated { answer, fuel, elapsed_us, .. }) => {
                Ok(Ruled { plugin, answer, input, fuel, elapsed_us })
            }
            Err(failure) if failure.error == RuleError::Busy => Err(AppError::Busy),
            Err(failure) => {
                Err(self.rule_failed(ctx, Kind::Deal, subject, &found.live, input, failure).await)
            }
        }
    }
}

async fn check_products(tx: &mut Tx, ctx: &Context, draft: &DealDraft, on: NaiveDate) -> Result<()> {
    let mut issues = Vec::new();
    let categories = products::categories(tx, ctx.company).await?;
    if categories.iter().all(|(category, _)| *category != draft.category) {
        let message = "no product is of this category; take one of the catalogue's";
        issues.push(Issue::new("/category", "unknown-category", message));
    }
    let skus: Vec<&str> = draft.skus.iter().map(String::as_str).collect();
    let offers = prices::offers(tx, ctx.company, &skus, on).await?;
    let known: HashSet<&str> = offers.iter().map(|offer| offer.sku.as_str()).collect();
    let unknown = skus.iter().enumerate().filter(|(_, sku)| !known.contains(**sku));
    issues.extend(unknown.map(|(at, _)| {
        Issue::new(format!("/skus/{at}"), "unknown-sku", "there is no product with this code")
    }));
    if issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(issues)) }
}

/// The customer that is meant: the one with the registered number, else the one whose name is written alike; with
/// another number than that one has, it is another company of the same name.
async fn find_customer(tx: &mut Tx, ctx: &Context, draft: &DealDraft) -> Result<Customer> {
    let (key, number) = (customer_key(&draft.customer), registered_key(&draft.registered_number));
    let found = deals::customer(tx, ctx.company, &key, &number).await?;
    let name = draft.customer.clone();
    Ok(match found {
        None => Customer { key, registered_number: number, name, revision: 0 },
        Some(known) if known.registered_number.is_empty() => Customer { registered_number: number, ..known },
        Some(known) if number.is_empty() || known.registered_number == number => known,
        Some(_) => Customer { key: format!("{key}#{number}"), registered_number: number, name, revision: 0 },
    })
}

fn claim(ctx: &Context, found: &Found, draft: &DealDraft, reads: &[String]) -> Result<Claim> {
    let earlier =
        (1_u32..).zip(&found.open).map(|(number, deal)| earlier(number, deal, found.is_own(deal), reads));
    Ok(Claim {
        on: found.on,
        claimant: match &found.dealer {
            Some(dealer) => of_dealer(&dealer.code, &dealer.tier, &dealer.region, &dealer.attributes, reads),
            None => of_sales(ctx.user),
        },
        customer: deal::Customer {
            key: found.customer.key.clone(),
            name: draft.customer.clone(),
            registered_number: draft.registered_number.clone(),
            region: draft.customer_region.clone(),
        },
        category: draft.category.clone(),
        skus: draft.skus.clone(),
        amount: Money::new(draft.amount_minor, ctx.currency),
        expected_close: draft.expected_close,
        progress: draft.progress.clone(),
        note: draft.note.clone(),
        earlier: earlier.collect::<Result<_>>()?,
    })
}

fn of_dealer(
    code: &str,
    tier: &str,
    region: &str,
    known: &Json<serde_json::Value>,
    reads: &[String],
) -> Claimant {
    Claimant {
        kind: ClaimantKind::Dealer,
        code: code.to_owned(),
        tier: tier.to_owned(),
        region: region.to_owned(),
        attributes: attributes(&known.0, reads),
    }
}

fn of_sales(user: UserId) -> Claimant {
    let (tier, region) = (String::new(), String::new());
    Claimant { kind: ClaimantKind::Salesperson, code: user.to_string(), tier, region, attributes: Vec::new() }
}

fn earlier(number: u32, deal: &Deal, is_own: bool, reads: &[String]) -> Result<Earlier> {
    let broken = |what: &str| AppError::Internal(format!("deal {}: {what}", deal.id));
    let currency: Currency = deal.currency.parse().map_err(|_| broken("its currency is none"))?;
    let claimant = match (&deal.dealer, &deal.attributes) {
        (Some(code), Some(known)) => {
            let word = |word: &Option<String>| word.clone().unwrap_or_default();
            of_dealer(code, &word(&deal.tier), &word(&deal.region), known, reads)
        }
        _ => of_sales(deal.user_id),
    };
    let floor = match (deal.floor_share, deal.floor_minor) {
        (Some(share), _) => Some(Floor::Share(share.0)),
        (None, Some(minor)) => Some(Floor::Amount(Money::new(minor, currency))),
        (None, None) => None,
    };
    let standing = deal.state.standing().ok_or_else(|| broken("it is not open"))?;
    Ok(Earlier {
        number,
        claimant,
        is_own,
        // What was extended counts from its first day, so that a rule can end it.
        registered_on: deal.first_registered_on,
        category: deal.category.clone(),
        amount: Money::new(deal.amount_minor, currency),
        standing,
        // What is asked protects nobody yet.
        protected_until: deal.protected_until.filter(|_| standing == Standing::Accepted),
        floor,
    })
}
