//! Who owns an opportunity: protection by tier, who goes first where two register the same customer, and a floor below
//! which none of them may quote. The README has the rules and worked examples.

mod defaults;
mod rivals;
mod settings;
mod words;

use qudao_sdk::deal::{
    Affected, Claim, ClaimantKind, Deal, Earlier, Floor, Outcome, Ruling, Share, Standing,
};
use qudao_sdk::{
    Date, Descriptor, Kind, Money, Note, Text, allocate, export_deal, note, percent, settings_default,
    settings_schema,
};
use rivals::Rivals;
pub use settings::{BetweenDealers, DealerAndDirect, Protection, Same, Settings};

/// The plugin.
pub struct DealRegistration;

export_deal!(DealRegistration);

impl Deal for DealRegistration {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            kind: Kind::Deal,
            name: "deal-registration".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            title: Text::new("商机报备", "Deal registration"),
            summary: Text::new(
                "先报备者按等级受保护；两家经销商或经销商与直销报备同一客户时，按规则裁定归属，并守住同一最低价。",
                "Protects whoever registers first, by tier; rules where two dealers, or a dealer and direct sales, \
                 register the same customer; keeps one price floor for all.",
            ),
            settings_schema: settings_schema::<Settings>(),
            settings_default: settings_default::<Settings>(),
            messages: words::messages(),
            attributes: vec![],
            metrics: vec![],
        }
    }

    fn decide(claim: &Claim, settings: &Settings) -> Result<Ruling, Vec<Note>> {
        let minimum = Money::round(settings.minimum_amount, claim.amount.currency);
        if claim.amount.minor < minimum.minor {
            return Err(vec![note!("below-minimum", claim.amount, minimum)]);
        }
        let rivals = Rivals::of(claim, settings.same);
        let ruling = match rivals.own.last() {
            Some(own) => again(claim, own, &rivals, settings),
            None => rule(claim, &rivals, settings),
        };
        Ok(with_floor(ruling, claim, settings))
    }
}

/// The claimant has registered this before, and it is open.
fn again(claim: &Claim, own: &Earlier, rivals: &Rivals<'_>, settings: &Settings) -> Ruling {
    if own.standing == Standing::Asked {
        return Ruling::refuse(note!("still-undecided"));
    }
    if claim.progress.trim().is_empty() || settings.extension_days == 0 {
        return Ruling::refuse(note!("already-registered", own.registered_on));
    }
    // The host says of what was extended when it was registered first.
    let longest = own.registered_on.plus_days(settings.longest_days);
    let wanted = claim.on.plus_days(settings.extension_days);
    if wanted > longest && own.protected_until.is_some_and(|protected| protected >= longest) {
        return Ruling::refuse(note!("extended-enough", longest));
    }
    let extended = wanted.min(longest);
    let until = own.protected_until.map_or(extended, |protected| protected.max(extended));
    let told = Affected { registration: own.number, ends: true, reasons: vec![note!("own-extended", until)] };
    let shared = rivals.blocking().next().is_some();
    // With whom it is shared, it goes on being shared.
    let outcome = if shared { Outcome::Accept } else { Outcome::Protect };
    Ruling { outcome, affected: vec![told], ..Ruling::protect(until, note!("extended", until)) }
}

fn rule(claim: &Claim, rivals: &Rivals<'_>, settings: &Settings) -> Ruling {
    match claim.claimant.kind {
        ClaimantKind::Dealer => for_dealer(claim, rivals, settings),
        ClaimantKind::Salesperson => for_salesperson(claim, rivals, settings),
    }
}

fn for_dealer(claim: &Claim, rivals: &Rivals<'_>, settings: &Settings) -> Ruling {
    if !rivals.direct.is_empty() {
        match settings.dealer_and_direct {
            DealerAndDirect::DealerWins => {}
            DealerAndDirect::SalespersonWins => return turned_away(note!("direct-first"), rivals),
            DealerAndDirect::Ask => return asked(claim, note!("somebody-decides-direct"), rivals, settings),
        }
    }
    if rivals.dealers.is_empty() {
        return protected(claim, rivals, &rivals.direct, "ended-for-dealer", settings);
    }
    match settings.between_dealers {
        BetweenDealers::FirstWins => turned_away(taken(&rivals.dealers), rivals),
        BetweenDealers::Ask => asked(claim, note!("somebody-decides-dealers"), rivals, settings),
        // What nobody has decided yet cannot be shared.
        BetweenDealers::Split if rivals.dealers.iter().any(|rival| rival.standing == Standing::Asked) => {
            asked(claim, note!("somebody-decides-dealers"), rivals, settings)
        }
        BetweenDealers::Split => shared(claim, rivals, settings),
    }
}

fn for_salesperson(claim: &Claim, rivals: &Rivals<'_>, settings: &Settings) -> Ruling {
    if !rivals.direct.is_empty() {
        return turned_away(taken(&rivals.direct), rivals);
    }
    if rivals.dealers.is_empty() {
        return protected(claim, rivals, &[], "", settings);
    }
    match settings.dealer_and_direct {
        DealerAndDirect::DealerWins => turned_away(note!("dealer-first"), rivals),
        DealerAndDirect::SalespersonWins => {
            protected(claim, rivals, &rivals.dealers, "ended-for-direct", settings)
        }
        DealerAndDirect::Ask => asked(claim, note!("somebody-decides-direct"), rivals, settings),
    }
}

/// The claim alone; `ended` make way for it, with this reason.
fn protected(
    claim: &Claim,
    rivals: &Rivals<'_>,
    ended: &[&Earlier],
    reason: &str,
    settings: &Settings,
) -> Ruling {
    let until = until(claim, settings);
    let ends = ended.iter().map(|rival| tell(rival, true, note!(reason)));
    let others = rivals.unprotected.iter().map(|rival| tell(rival, false, note!("other-protected")));
    Ruling { affected: ends.chain(others).collect(), ..Ruling::protect(until, note!("protected", until)) }
}

/// Refused; those who stand in the way hear that somebody asked.
fn turned_away(reason: Note, rivals: &Rivals<'_>) -> Ruling {
    let affected = rivals.blocking().map(|rival| tell(rival, false, note!("other-refused"))).collect();
    Ruling { affected, ..Ruling::refuse(reason) }
}

/// Somebody decides; accepted, it has the opportunity alone.
fn asked(claim: &Claim, reason: Note, rivals: &Rivals<'_>, settings: &Settings) -> Ruling {
    let affected = rivals.blocking().map(|rival| tell(rival, true, note!("other-asks"))).collect();
    let protected_until = Some(until(claim, settings));
    Ruling { affected, protected_until, ..Ruling::of(Outcome::Ask, reason) }
}

/// In equal parts with the dealers who came before; what does not divide goes to the earliest.
fn shared(claim: &Claim, rivals: &Rivals<'_>, settings: &Settings) -> Ruling {
    let numbers = rivals.dealers.iter().map(|rival| rival.number).chain([0]);
    let parts = allocate(10_000, &vec![1; rivals.dealers.len() + 1]);
    let part = |part: i64| u32::try_from(part).unwrap_or(0);
    let shares =
        numbers.zip(parts).map(|(registration, points)| Share { registration, basis_points: part(points) });
    let ends = rivals.direct.iter().map(|rival| tell(rival, true, note!("ended-for-dealer")));
    let sharing = rivals.dealers.iter().map(|rival| tell(rival, false, note!("now-shared")));
    let others = u32::try_from(rivals.dealers.len()).unwrap_or(u32::MAX);
    Ruling {
        shares: shares.collect(),
        protected_until: Some(until(claim, settings)),
        affected: ends.chain(sharing).collect(),
        ..Ruling::of(Outcome::Split, note!("shared", others))
    }
}

fn tell(rival: &Earlier, ends: bool, reason: Note) -> Affected {
    Affected { registration: rival.number, ends, reasons: vec![reason] }
}

fn until(claim: &Claim, settings: &Settings) -> Date {
    claim.on.plus_days(settings.days_of(&claim.claimant.tier))
}

/// Taken until the last of these ends, or until somebody decided.
fn taken(by: &[&Earlier]) -> Note {
    match by.iter().filter_map(|rival| rival.protected_until).max() {
        Some(until) if by.iter().all(|rival| rival.standing == Standing::Accepted) => {
            note!("taken-until", until)
        }
        _ => note!("taken-undecided"),
    }
}

/// The floor is never lower than one that holds already.
fn with_floor(mut ruling: Ruling, claim: &Claim, settings: &Settings) -> Ruling {
    let Some(own) = settings.floor_share else { return ruling };
    let affected =
        |earlier: &&Earlier| ruling.affected.iter().any(|told| told.registration == earlier.number);
    let held = claim.earlier.iter().filter(affected).filter_map(|earlier| match earlier.floor {
        Some(Floor::Share(share)) => Some(share),
        Some(Floor::Amount(_)) | None => None,
    });
    let share = held.fold(own, Ord::max);
    ruling.floor = Some(Floor::Share(share));
    let reasons = ruling.affected.iter_mut().map(|told| &mut told.reasons);
    for reasons in reasons.chain([&mut ruling.reasons]) {
        reasons.push(note!("floor", percent(share)));
    }
    ruling
}
