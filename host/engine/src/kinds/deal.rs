//! `qudao:deal`: how a claim goes in and how a ruling comes out; `ruling` has what a ruling must satisfy.
//!
//! Its descriptor is its own: the one of `qudao:types` lists the kinds that were there first, and a component
//! that was built when there were three could not be loaded if it listed more.

mod ruling;

use super::types::{
    Checked, SentAttribute, SentMoney, ToldMessage, ToldMoney, ToldNote, ToldText, WitDate, WitDecimal,
    send_attributes, send_date, send_decimal, send_money,
};
use qudao_domain::contract::{Descriptor, Kind};
use qudao_domain::deal::{Claim, Claimant, ClaimantKind, Customer, Earlier, Floor, Standing};
pub(crate) use ruling::receive;
use std::collections::HashSet;
use wasmtime::component::{ComponentType, Lift, Lower};

/// The function's parameters.
pub(crate) type Params<'a> = (SentClaim<'a>, &'a str);
/// The function's result.
pub(crate) type Returned = (Result<ToldRuling, Vec<ToldNote>>,);

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldDescriptor {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) title: ToldText,
    pub(super) summary: ToldText,
    #[component(name = "settings-schema")]
    pub(super) settings_schema: String,
    #[component(name = "settings-default")]
    pub(super) settings_default: String,
    pub(super) messages: Vec<ToldMessage>,
    pub(super) attributes: Vec<String>,
}

impl From<ToldDescriptor> for Descriptor {
    fn from(told: ToldDescriptor) -> Self {
        Self {
            kind: Kind::Deal,
            name: told.name,
            version: told.version,
            title: told.title.into(),
            summary: told.summary.into(),
            settings_schema: told.settings_schema,
            settings_default: told.settings_default,
            messages: told.messages.into_iter().map(Into::into).collect(),
            attributes: told.attributes,
            metrics: Vec::new(),
        }
    }
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum WitClaimantKind {
    #[component(name = "dealer")]
    Dealer,
    #[component(name = "salesperson")]
    Salesperson,
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum WitStanding {
    #[component(name = "accepted")]
    Accepted,
    #[component(name = "asked")]
    Asked,
}

#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[cfg_attr(not(test), expect(dead_code, reason = "made by lifting, from its number"))]
pub(crate) enum WitOutcome {
    #[component(name = "accept")]
    Accept,
    #[component(name = "ask")]
    Ask,
    #[component(name = "protect")]
    Protect,
    #[component(name = "split")]
    Split,
    #[component(name = "refuse")]
    Refuse,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentClaimant<'a> {
    kind: WitClaimantKind,
    code: &'a str,
    tier: &'a str,
    region: &'a str,
    attributes: Vec<SentAttribute<'a>>,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentCustomer<'a> {
    key: &'a str,
    name: &'a str,
    #[component(name = "registered-number")]
    registered_number: &'a str,
    region: &'a str,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
pub(crate) enum SentFloor {
    #[component(name = "share")]
    Share(WitDecimal),
    #[component(name = "amount")]
    Amount(SentMoney),
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentEarlier<'a> {
    number: u32,
    claimant: SentClaimant<'a>,
    #[component(name = "is-own")]
    is_own: bool,
    #[component(name = "registered-on")]
    registered_on: WitDate,
    category: &'a str,
    amount: SentMoney,
    standing: WitStanding,
    #[component(name = "protected-until")]
    protected_until: Option<WitDate>,
    floor: Option<SentFloor>,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentClaim<'a> {
    on: WitDate,
    claimant: SentClaimant<'a>,
    customer: SentCustomer<'a>,
    category: &'a str,
    skus: Vec<&'a str>,
    amount: SentMoney,
    #[component(name = "expected-close")]
    expected_close: WitDate,
    progress: &'a str,
    note: &'a str,
    earlier: Vec<SentEarlier<'a>>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldShare {
    registration: u32,
    #[component(name = "basis-points")]
    basis_points: u32,
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub(crate) enum ToldFloor {
    #[component(name = "share")]
    Share(WitDecimal),
    #[component(name = "amount")]
    Amount(ToldMoney),
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldAffected {
    registration: u32,
    ends: bool,
    pub(super) reasons: Vec<ToldNote>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldRuling {
    outcome: WitOutcome,
    #[component(name = "protected-until")]
    protected_until: Option<WitDate>,
    pub(super) shares: Vec<ToldShare>,
    pub(super) floor: Option<ToldFloor>,
    pub(super) reasons: Vec<ToldNote>,
    pub(super) affected: Vec<ToldAffected>,
}

/// The claim as the plugin sees it: only the attributes that it reads.
pub(crate) fn send<'a>(claim: &'a Claim, read: &HashSet<String>) -> Checked<SentClaim<'a>> {
    let earlier = claim.earlier.iter().map(|earlier| {
        send_earlier(earlier, read).map_err(|what| format!("registration {}: {what}", earlier.number))
    });
    Ok(SentClaim {
        on: send_date(claim.on)?,
        claimant: send_claimant(&claim.claimant, read)?,
        customer: send_customer(&claim.customer),
        category: &claim.category,
        skus: claim.skus.iter().map(String::as_str).collect(),
        amount: send_money(claim.amount),
        expected_close: send_date(claim.expected_close)?,
        progress: &claim.progress,
        note: &claim.note,
        earlier: earlier.collect::<Checked<_>>()?,
    })
}

fn send_claimant<'a>(claimant: &'a Claimant, read: &HashSet<String>) -> Checked<SentClaimant<'a>> {
    Ok(SentClaimant {
        kind: match claimant.kind {
            ClaimantKind::Dealer => WitClaimantKind::Dealer,
            ClaimantKind::Salesperson => WitClaimantKind::Salesperson,
        },
        code: &claimant.code,
        tier: &claimant.tier,
        region: &claimant.region,
        attributes: send_attributes(&claimant.attributes, read)?,
    })
}

fn send_customer(customer: &Customer) -> SentCustomer<'_> {
    SentCustomer {
        key: &customer.key,
        name: &customer.name,
        registered_number: &customer.registered_number,
        region: &customer.region,
    }
}

fn send_earlier<'a>(earlier: &'a Earlier, read: &HashSet<String>) -> Checked<SentEarlier<'a>> {
    Ok(SentEarlier {
        number: earlier.number,
        claimant: send_claimant(&earlier.claimant, read)?,
        is_own: earlier.is_own,
        registered_on: send_date(earlier.registered_on)?,
        category: &earlier.category,
        amount: send_money(earlier.amount),
        standing: match earlier.standing {
            Standing::Accepted => WitStanding::Accepted,
            Standing::Asked => WitStanding::Asked,
        },
        protected_until: earlier.protected_until.map(send_date).transpose()?,
        floor: earlier.floor.map(send_floor).transpose()?,
    })
}

fn send_floor(floor: Floor) -> Checked<SentFloor> {
    Ok(match floor {
        Floor::Share(share) => SentFloor::Share(send_decimal(share)?),
        Floor::Amount(amount) => SentFloor::Amount(send_money(amount)),
    })
}
