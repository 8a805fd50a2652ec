//! What a deal plugin is asked and what it answers, and when two customers are the same.

use crate::contract::{Attribute, Note};
use crate::decimal::Decimal;
use crate::money::Money;
use crate::words::words;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The shares of a split add up to this, in hundredths of a per cent.
pub const WHOLE_BASIS_POINTS: u32 = 10_000;

/// A protection lasts at most so many days.
pub const MAX_PROTECTION_DAYS: u64 = 3 * 366;

/// The most open registrations of one customer that a plugin is told.
pub const MAX_EARLIER: usize = 1_000;

words! {
    /// Who registers.
    ClaimantKind: "claimant" {
        /// A dealer.
        Dealer = "dealer",
        /// The company's own direct sales.
        Salesperson = "salesperson",
    }
}

words! {
    /// What a ruling says.
    Outcome: "outcome of a ruling" {
        /// It holds until the expected close, and keeps nobody else out.
        Accept = "accept",
        /// Somebody decides.
        Ask = "ask",
        /// The claimant alone may win the customer until a day.
        Protect = "protect",
        /// Several claimants share it.
        Split = "split",
        /// Somebody else has it.
        Refuse = "refuse",
    }
}

words! {
    /// How an open registration stands, as a plugin is told.
    Standing: "standing" {
        /// It holds: accepted, protected or split.
        Accepted = "accepted",
        /// Somebody still has to decide it.
        Asked = "asked",
    }
}

words! {
    /// Where a registration stands. That it expired is not among these: a day says it.
    DealState: "state of a registration" {
        /// It holds.
        Accepted = "accepted",
        /// Somebody still has to decide it.
        Asked = "asked",
        /// It was not accepted.
        Refused = "refused",
        /// Whoever made it took it back.
        Withdrawn = "withdrawn",
        /// A later one of the same claimant took its place.
        Replaced = "replaced",
    }
}

impl DealState {
    /// Where a registration stands after a ruling.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept | Outcome::Protect | Outcome::Split => Self::Accepted,
            Outcome::Ask => Self::Asked,
            Outcome::Refuse => Self::Refused,
        }
    }

    /// What a plugin is told of it; none where it concerns nobody any more.
    #[must_use]
    pub const fn standing(self) -> Option<Standing> {
        match self {
            Self::Accepted => Some(Standing::Accepted),
            Self::Asked => Some(Standing::Asked),
            Self::Refused | Self::Withdrawn | Self::Replaced => None,
        }
    }
}

/// Who registers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claimant {
    /// A dealer or the company's own sales.
    pub kind: ClaimantKind,
    /// The dealer's code, or the salesperson's id.
    pub code: String,
    /// The dealer's tier.
    pub tier: String,
    /// The dealer's region.
    pub region: String,
    /// Those of the dealer's attributes that the plugin reads.
    pub attributes: Vec<Attribute>,
}

/// Who is to buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The same for all that is taken for the same customer.
    pub key: String,
    /// As the claimant wrote it.
    pub name: String,
    /// Number in a public register; empty where none was given.
    pub registered_number: String,
    /// Where it is.
    pub region: String,
}

/// The lowest price at which anybody may quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Floor {
    /// A share of the list price, 0 to 1.
    Share(Decimal),
    /// The whole opportunity.
    Amount(Money),
}

/// An open registration of the same customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// From 1, the oldest first.
    pub number: u32,
    /// Who made it.
    pub claimant: Claimant,
    /// Whether it is the claimant's own.
    pub is_own: bool,
    /// When.
    pub registered_on: NaiveDate,
    /// What is to be sold.
    pub category: String,
    /// What it may be worth.
    pub amount: Money,
    /// How it stands.
    pub standing: Standing,
    /// Until when nobody else may win the customer.
    pub protected_until: Option<NaiveDate>,
    /// The lowest price.
    pub floor: Option<Floor>,
}

/// A registration that is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The day on which it is made, in the company's zone.
    pub on: NaiveDate,
    /// Who makes it.
    pub claimant: Claimant,
    /// Who is to buy.
    pub customer: Customer,
    /// What is to be sold.
    pub category: String,
    /// Which products, by their codes.
    pub skus: Vec<String>,
    /// What it may be worth.
    pub amount: Money,
    /// When the customer may decide.
    pub expected_close: NaiveDate,
    /// What the claimant says happened since it last registered this customer.
    pub progress: String,
    /// What else there is to say.
    pub note: String,
    /// What was registered before and is open.
    pub earlier: Vec<Earlier>,
}

/// Who gets how much of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// 0 for the claim, else the number of an earlier registration.
    pub registration: u32,
    /// Hundredths of a per cent.
    pub basis_points: u32,
}

/// What the ruling means for an earlier registration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    /// Its number.
    pub registration: u32,
    /// It ends, for the claim has the opportunity now; with `ask`, once somebody accepts the claim.
    pub ends: bool,
    /// Why, for whoever made it.
    pub reasons: Vec<Note>,
}

/// Who owns the opportunity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    /// What becomes of the claim.
    pub outcome: Outcome,
    /// Until when it is protected.
    pub protected_until: Option<NaiveDate>,
    /// For a split: who gets how much.
    pub shares: Vec<Share>,
    /// The lowest price, for the claim and for every registration in `affected`.
    pub floor: Option<Floor>,
    /// Why, for the claimant.
    pub reasons: Vec<Note>,
    /// Why, for those who registered before.
    pub affected: Vec<Affected>,
}

/// What a deal rule says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DealAnswer {
    /// A ruling.
    Ruled(Ruling),
    /// Coded reasons why it is no registration at all.
    Refused(Vec<Note>),
}

/// What stands at the end of a company's name in many ways and tells no two companies apart. The longer come first.
const FORMS: [&str; 5] = ["股份有限公司", "有限责任公司", "股份公司", "有限公司", "公司"];
/// The same in Latin script, where words stand apart.
const LATIN_FORMS: [&str; 14] = [
    "co",
    "company",
    "corp",
    "corporation",
    "inc",
    "incorporated",
    "limited",
    "ltd",
    "llc",
    "plc",
    "gmbh",
    "ag",
    "bv",
    "sa",
];

/// The key of a customer's name: names written alike have the same. Full width becomes half width, capitals small;
/// spaces and punctuation go, and so does the legal form at the end. What is left is compared as it is: an abbreviation
/// is another name.
///
/// ```
/// use qudao_domain::deal::customer_key;
/// assert_eq!(customer_key("ＡＢＣ 科技（北京）有限公司"), customer_key("abc科技(北京)股份有限公司"));
/// assert_eq!(customer_key("Acme Co., Ltd."), customer_key("ACME"));
/// assert_ne!(customer_key("Zinc"), customer_key("Z"));
/// ```
#[must_use]
pub fn customer_key(name: &str) -> String {
    let plain: String = name.chars().map(half_width).flat_map(char::to_lowercase).collect();
    // A dot may stand within a word: L.L.C.
    let undotted = plain.replace('.', "");
    let mut words: Vec<&str> =
        undotted.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    while words.len() > 1 && words.last().is_some_and(|word| LATIN_FORMS.contains(word)) {
        words.pop();
    }
    let joined = words.concat();
    let bare = FORMS.iter().find_map(|form| joined.strip_suffix(form)).filter(|bare| !bare.is_empty());
    bare.map_or_else(|| joined.clone(), str::to_owned)
}

/// A registered number as it is compared: half width, capitals, without spaces and punctuation.
#[must_use]
pub fn registered_key(number: &str) -> String {
    number
        .chars()
        .map(half_width)
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

fn half_width(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_written_alike_are_the_same_customer() {
        for alike in [
            &["星渠科技有限公司", " 星渠科技 ", "星渠科技股份有限公司", "星渠 科技有限责任公司"][..],
            &["ＡＢＣ（北京）有限公司", "abc(北京)有限公司", "ABC北京"],
            &["Acme Co., Ltd.", "ACME", "acme limited", "Acme, Inc."],
            &["Nord-Pumpe GmbH", "nord pumpe gmbh", "NORD PUMPE"],
        ] {
            let keys: Vec<String> = alike.iter().map(|name| customer_key(name)).collect();
            assert!(keys.iter().all(|key| *key == keys[0] && !key.is_empty()), "{keys:?}");
        }
    }

    #[test]
    fn other_names_stay_apart_and_a_bare_form_is_a_name() {
        assert_ne!(customer_key("星渠科技"), customer_key("星渠贸易"));
        assert_ne!(customer_key("Zinc"), customer_key("Z"));
        assert_eq!(customer_key("有限公司"), "有限公司");
        assert_eq!(customer_key("Ltd."), "ltd");
        assert_eq!(customer_key(" ，。"), "");
        assert_eq!(registered_key("９１ 110108-mabc"), "91110108MABC");
    }

    #[test]
    fn what_is_open_is_told_and_nothing_else() {
        let told: Vec<_> = DealState::ALL.iter().filter_map(|state| state.standing()).collect();
        assert_eq!(told, Standing::ALL);
        assert_eq!(DealState::of(Outcome::Split), DealState::Accepted);
    }
}
