//! What a ruling must satisfy.

use super::{Returned, ToldAffected, ToldFloor, ToldRuling, ToldShare, WitOutcome};
use crate::kinds::types::{Checked, NoteRules, told_date, told_decimal, told_money};
use chrono::Days;
use qudao_domain::contract::{Note, Value};
use qudao_domain::deal::{
    Affected, Claim, DealAnswer, Floor, MAX_PROTECTION_DAYS, Outcome, Ruling, Share, WHOLE_BASIS_POINTS,
};
use qudao_domain::decimal::Decimal;
use std::collections::HashSet;

/// The claim's own number among the registrations.
const CLAIM: u32 = 0;

/// The answer as the domain knows it, if it is one that an answer may be.
pub(crate) fn receive(returned: Returned, claim: &Claim, rules: &NoteRules<'_>) -> Checked<DealAnswer> {
    match returned.0 {
        Ok(ruling) => receive_ruling(ruling, claim, rules).map(DealAnswer::Ruled),
        Err(notes) => {
            let reasons = rules.reasons(notes)?;
            names_nobody_else(&reasons, CLAIM, claim)?;
            Ok(DealAnswer::Refused(reasons))
        }
    }
}

fn receive_ruling(told: ToldRuling, claim: &Claim, rules: &NoteRules<'_>) -> Checked<Ruling> {
    let outcome = match told.outcome {
        WitOutcome::Accept => Outcome::Accept,
        WitOutcome::Ask => Outcome::Ask,
        WitOutcome::Protect => Outcome::Protect,
        WitOutcome::Split => Outcome::Split,
        WitOutcome::Refuse => Outcome::Refuse,
    };
    rules.count("shares", told.shares.len(), claim.earlier.len() + 1)?;
    rules.count("affected registrations", told.affected.len(), claim.earlier.len())?;
    let affected = told.affected.into_iter().map(|told| receive_affected(told, claim, rules));
    let share = |told: ToldShare| Share { registration: told.registration, basis_points: told.basis_points };
    let ruling = Ruling {
        outcome,
        protected_until: told.protected_until.map(told_date).transpose()?,
        shares: told.shares.into_iter().map(share).collect(),
        floor: told.floor.map(|floor| receive_floor(&floor, claim)).transpose()?,
        reasons: rules.notes("reasons", told.reasons)?,
        affected: affected.collect::<Checked<_>>()?,
    };
    names_nobody_else(&ruling.reasons, CLAIM, claim)?;
    if outcome != Outcome::Accept && ruling.reasons.is_empty() {
        return Err(format!("the ruling is {outcome} without any reason"));
    }
    check_protection(&ruling, claim)?;
    check_affected(&ruling)?;
    check_shares(&ruling, claim)?;
    Ok(ruling)
}

fn receive_affected(told: ToldAffected, claim: &Claim, rules: &NoteRules<'_>) -> Checked<Affected> {
    let number = told.registration;
    let within = |what: String| format!("affected registration {number}: {what}");
    if !claim.earlier.iter().any(|earlier| earlier.number == number) {
        return Err(within("there is no earlier registration with this number".to_owned()));
    }
    let reasons = rules.notes("reasons", told.reasons).map_err(within)?;
    if reasons.is_empty() {
        return Err(within("it is told no reason".to_owned()));
    }
    names_nobody_else(&reasons, number, claim).map_err(within)?;
    Ok(Affected { registration: number, ends: told.ends, reasons })
}

fn receive_floor(told: &ToldFloor, claim: &Claim) -> Checked<Floor> {
    match told {
        ToldFloor::Share(share) => {
            let share = told_decimal(*share).map_err(|what| format!("floor: {what}"))?;
            if share < Decimal::ZERO || share > Decimal::ONE {
                return Err(format!("floor: the share {share} of the list price is not between 0 and 1"));
            }
            Ok(Floor::Share(share))
        }
        ToldFloor::Amount(amount) => {
            let amount = told_money(amount).map_err(|what| format!("floor: {what}"))?;
            if amount.currency != claim.amount.currency {
                let (got, wanted) = (amount.currency, claim.amount.currency);
                return Err(format!("floor: it is in {got}, the registration in {wanted}"));
            }
            if amount.minor < 0 {
                return Err(format!("floor: {} minor units are negative", amount.minor));
            }
            Ok(Floor::Amount(amount))
        }
    }
}

fn check_protection(ruling: &Ruling, claim: &Claim) -> Checked<()> {
    match (ruling.outcome, ruling.protected_until) {
        (Outcome::Protect, None) => Err("it protects without saying until when".to_owned()),
        (Outcome::Refuse, Some(_)) => Err("it refuses and protects at once".to_owned()),
        (_, None) => Ok(()),
        (_, Some(until)) => {
            let longest = claim.on.checked_add_days(Days::new(MAX_PROTECTION_DAYS)).unwrap_or(claim.on);
            if until < claim.on {
                return Err(format!(
                    "it protects until {until}, which was before the registration on {}",
                    claim.on
                ));
            }
            if until > longest {
                return Err(format!("it protects until {until}, at most until {longest} is allowed"));
            }
            Ok(())
        }
    }
}

fn check_affected(ruling: &Ruling) -> Checked<()> {
    let mut seen = HashSet::new();
    for affected in &ruling.affected {
        let number = affected.registration;
        if !seen.insert(number) {
            return Err(format!("registration {number} is affected twice"));
        }
        if affected.ends && ruling.outcome == Outcome::Refuse {
            return Err(format!(
                "registration {number} ends, and so does the claim; a refused claim ends nothing"
            ));
        }
        if affected.ends && ruling.shares.iter().any(|share| share.registration == number) {
            return Err(format!("registration {number} ends and has a share"));
        }
    }
    Ok(())
}

/// The claim and at least one earlier registration share the whole; whoever shares is told why.
fn check_shares(ruling: &Ruling, claim: &Claim) -> Checked<()> {
    if ruling.outcome != Outcome::Split {
        return if ruling.shares.is_empty() {
            Ok(())
        } else {
            Err(format!("the ruling is {} and has shares; only a split has", ruling.outcome))
        };
    }
    let mut seen = HashSet::new();
    let mut sum = 0_u64;
    for share in &ruling.shares {
        let number = share.registration;
        if !seen.insert(number) {
            return Err(format!("shares: registration {number} has two"));
        }
        if number != CLAIM && !claim.earlier.iter().any(|earlier| earlier.number == number) {
            return Err(format!("shares: there is no registration {number}"));
        }
        if number != CLAIM && !ruling.affected.iter().any(|affected| affected.registration == number) {
            return Err(format!("shares: registration {number} has one and is told no reason in `affected`"));
        }
        if share.basis_points == 0 {
            return Err(format!("shares: registration {number} gets nothing"));
        }
        sum += u64::from(share.basis_points);
    }
    if !seen.contains(&CLAIM) || seen.len() < 2 {
        return Err(
            "shares: a split is between the claim (0) and at least one earlier registration".to_owned()
        );
    }
    if sum != u64::from(WHOLE_BASIS_POINTS) {
        return Err(format!("the shares add up to {sum} basis points, not to {WHOLE_BASIS_POINTS}"));
    }
    Ok(())
}

/// What one claimant is told holds no other claimant's code. A salesperson's own dealers are others too.
fn names_nobody_else(notes: &[Note], whose: u32, claim: &Claim) -> Checked<()> {
    let claim_itself = std::iter::once((CLAIM, &claim.claimant.code));
    let everybody =
        claim_itself.chain(claim.earlier.iter().map(|earlier| (earlier.number, &earlier.claimant.code)));
    let everybody: Vec<(u32, &String)> = everybody.collect();
    let own = everybody.iter().find(|(number, _)| *number == whose).map(|(_, code)| *code);
    for note in notes {
        for value in &note.args {
            let Value::Text(text) = value else { continue };
            let named = everybody.iter().find(|(_, code)| Some(*code) != own && names(text, code));
            if let Some((number, _)) = named {
                return Err(format!(
                    "note `{}` names the claimant of registration {number} to another",
                    note.code
                ));
            }
        }
    }
    Ok(())
}

/// Whether a code stands in a text as a word of its own.
fn names(text: &str, code: &str) -> bool {
    let of_a_word = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
    !code.is_empty()
        && text.match_indices(code).any(|(at, found)| {
            let before = text[..at].chars().next_back();
            let after = text[at + found.len()..].chars().next();
            !before.is_some_and(of_a_word) && !after.is_some_and(of_a_word)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Limits;
    use crate::kinds::types::{ToldMoney, ToldNote, ToldValue, send_date, send_decimal, told_note};
    use chrono::NaiveDate;
    use qudao_domain::deal::{Claimant, ClaimantKind, Customer, Earlier, Standing};
    use qudao_domain::money::Money;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn claimant(code: &str) -> Claimant {
        let (tier, region) = (String::new(), String::new());
        Claimant { kind: ClaimantKind::Dealer, code: code.into(), tier, region, attributes: Vec::new() }
    }

    fn claim() -> Claim {
        let amount = Money::new(1_000, "CNY".parse().unwrap());
        let earlier = |number: u32, code: &str| Earlier {
            number,
            claimant: claimant(code),
            is_own: false,
            registered_on: day("2026-01-01"),
            category: "c".into(),
            amount,
            standing: Standing::Accepted,
            protected_until: None,
            floor: None,
        };
        Claim {
            on: day("2026-01-10"),
            claimant: claimant("D9"),
            customer: Customer {
                key: "k".into(),
                name: "K".into(),
                registered_number: String::new(),
                region: String::new(),
            },
            category: "c".into(),
            skus: Vec::new(),
            amount,
            expected_close: day("2026-03-01"),
            progress: String::new(),
            note: String::new(),
            earlier: vec![earlier(1, "D1"), earlier(2, "D2")],
        }
    }

    fn ruling(outcome: WitOutcome) -> ToldRuling {
        ToldRuling {
            outcome,
            protected_until: None,
            shares: Vec::new(),
            floor: None,
            reasons: vec![told_note("why")],
            affected: Vec::new(),
        }
    }

    fn received(told: ToldRuling) -> Checked<DealAnswer> {
        let (codes, limits) = (HashSet::from(["why".to_owned()]), Limits::default());
        receive((Ok(told),), &claim(), &NoteRules { codes: &codes, limits: &limits })
    }

    fn affected(numbers: &[u32]) -> Vec<ToldAffected> {
        let one = |number: &u32| ToldAffected {
            registration: *number,
            ends: false,
            reasons: vec![told_note("why")],
        };
        numbers.iter().map(one).collect()
    }

    fn shares(all: &[(u32, u32)]) -> Vec<ToldShare> {
        all.iter()
            .map(|(registration, basis_points)| ToldShare {
                registration: *registration,
                basis_points: *basis_points,
            })
            .collect()
    }

    #[test]
    fn shares_add_up_exactly_over_known_claimants_who_are_told() {
        let split = |all: &[(u32, u32)], told: &[u32]| {
            received(ToldRuling {
                shares: shares(all),
                affected: affected(told),
                ..ruling(WitOutcome::Split)
            })
        };
        assert!(split(&[(0, 5_000), (1, 5_000)], &[1]).is_ok());
        assert!(split(&[(0, 1), (1, 2), (2, 9_997)], &[1, 2]).is_ok());
        for (all, told, wrong) in [
            (&[(0, 5_000), (1, 4_999)][..], &[1][..], "add up to 9999"),
            (&[(0, u32::MAX), (1, 10_001)], &[1], "add up to 4294977296"),
            (&[(0, 10_000)], &[], "at least one earlier"),
            (&[(1, 5_000), (2, 5_000)], &[1, 2], "between the claim"),
            (&[(0, 5_000), (0, 5_000)], &[], "has two"),
            (&[(0, 5_000), (3, 5_000)], &[], "no registration 3"),
            (&[(0, 5_000), (1, 5_000)], &[], "told no reason"),
            (&[(0, 10_000), (1, 0)], &[1], "gets nothing"),
            (&[(0, 5_000), (1, 5_000)], &[1, 1], "affected twice"),
            (&[(0, 5_000), (1, 5_000)], &[1, 7], "no earlier registration"),
        ] {
            let said = split(all, told).unwrap_err();
            assert!(said.contains(wrong), "{said}");
        }
        let ending = |outcome| {
            let affected =
                vec![ToldAffected { ends: true, registration: 1, reasons: vec![told_note("why")] }];
            let shares =
                if matches!(outcome, WitOutcome::Split) { shares(&[(0, 1), (1, 9_999)]) } else { Vec::new() };
            received(ToldRuling { shares, affected, ..ruling(outcome) })
        };
        assert!(ending(WitOutcome::Accept).is_ok() && ending(WitOutcome::Ask).is_ok());
        assert!(ending(WitOutcome::Refuse).unwrap_err().contains("ends nothing"));
        assert!(ending(WitOutcome::Split).unwrap_err().contains("ends and has a share"));
        let told = ToldRuling { shares: shares(&[(0, 10_000)]), ..ruling(WitOutcome::Accept) };
        assert!(received(told).unwrap_err().contains("only a split"));
    }

    #[test]
    fn protection_lasts_from_today_to_three_years() {
        let until = |outcome, day: Option<&str>| {
            let protected_until = day.map(|day| send_date(day.parse().unwrap()).unwrap());
            received(ToldRuling { protected_until, ..ruling(outcome) })
        };
        assert!(until(WitOutcome::Protect, Some("2026-01-10")).is_ok());
        assert!(until(WitOutcome::Protect, Some("2029-01-12")).is_ok());
        assert!(
            until(WitOutcome::Protect, Some("2029-01-13")).unwrap_err().contains("at most until 2029-01-12")
        );
        assert!(until(WitOutcome::Protect, Some("2026-01-09")).unwrap_err().contains("was before"));
        assert!(until(WitOutcome::Protect, None).unwrap_err().contains("until when"));
        assert!(until(WitOutcome::Refuse, Some("2026-02-01")).unwrap_err().contains("at once"));
        assert!(until(WitOutcome::Accept, None).is_ok());
    }

    #[test]
    fn a_floor_is_a_share_or_money_of_the_claims_currency() {
        let floor =
            |floor: ToldFloor| received(ToldRuling { floor: Some(floor), ..ruling(WitOutcome::Accept) });
        let share = |text: &str| ToldFloor::Share(send_decimal(text.parse().unwrap()).unwrap());
        let money = |minor, currency: &str| ToldFloor::Amount(ToldMoney { minor, currency: currency.into() });
        for good in [share("0"), share("1"), share("0.85"), money(0, "CNY"), money(9, "CNY")] {
            assert!(floor(good).is_ok());
        }
        for wrong in [share("-0.1"), share("1.000000001"), money(-1, "CNY"), money(1, "EUR"), money(1, "XXX")]
        {
            assert!(floor(wrong).unwrap_err().starts_with("floor: "));
        }
    }

    #[test]
    fn nobody_is_told_who_the_other_is() {
        let saying = |text: &str| {
            let note = ToldNote { code: "why".into(), args: vec![ToldValue::Text(text.into())] };
            received(ToldRuling { reasons: vec![note], ..ruling(WitOutcome::Refuse) })
        };
        for fine in ["D9 was later", "gold", "XD1", "D1-b", ""] {
            assert!(saying(fine).is_ok(), "{fine}");
        }
        for telling in ["D1", "(D2)", "taken by D1"] {
            assert!(saying(telling).unwrap_err().contains("names the claimant"), "{telling}");
        }
        let note = ToldNote { code: "why".into(), args: vec![ToldValue::Text("D9".into())] };
        let affected = vec![ToldAffected { registration: 1, ends: false, reasons: vec![note] }];
        assert!(
            received(ToldRuling { affected, ..ruling(WitOutcome::Accept) }).unwrap_err().contains("names")
        );
        let told = ToldRuling { reasons: vec![told_note("unheard")], ..ruling(WitOutcome::Refuse) };
        assert!(received(told).unwrap_err().contains("none of the descriptor's messages"));
        let told = ToldRuling { reasons: Vec::new(), ..ruling(WitOutcome::Refuse) };
        assert!(received(told).unwrap_err().contains("without any reason"));
    }
}
