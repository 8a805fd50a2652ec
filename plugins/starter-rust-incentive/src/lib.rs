//! The smallest honest incentive plugin: a flat rate on a dealer's turnover, from a threshold on.

mod settings;

use qudao_sdk::incentive::{Basis, Fact, Header, Incentive, Payout, Settlement, Unpaid};
use qudao_sdk::{
    Decimal, Descriptor, Kind, Message, Money, Note, Text, allocate, export_incentive, note, percent,
    settings_default, settings_schema,
};
pub use settings::Settings;

/// A run of the plugin over one period. The name is yours to choose; the host never sees it.
pub struct Starter {
    header: Header,
    settings: Settings,
    /// Net turnover of each participant, in minor units. Keep sums, not facts: there may be ten million.
    turnover: Vec<i64>,
}

// One macro makes the type the component's exports. Forget it, and the upload is refused.
export_incentive!(Starter);

impl Incentive for Starter {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            kind: Kind::Incentive,
            name: "starter-rust-incentive".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            title: Text::new("达标返利", "Rebate from a threshold"),
            summary: Text::new(
                "本期净销售额达到起点后，按固定比例返利。",
                "A flat rate on the period's net turnover, once it reaches a threshold.",
            ),
            settings_schema: settings_schema::<Settings>(),
            settings_default: settings_default::<Settings>(),
            // Every code that an answer may use, in both languages.
            messages: vec![
                Message::new("rebate", "销售额返利", "Rebate on turnover"),
                Message::new("rate", "销售额 {0} × {1} = {2}", "Turnover {0} × {1} = {2}"),
                Message::new(
                    "not-reached",
                    "销售额 {0}，还差 {1}",
                    "Turnover {0}, {1} short of the threshold",
                ),
                Message::new("nothing-earned", "没有可返的金额", "There is nothing to pay"),
                Message::new(
                    "budget-shared",
                    "预算只余 {0}，按比例分配",
                    "Only {0} is left of the budget: shared",
                ),
                Message::new("budget-used-up", "预算已用完", "The budget is used up"),
            ],
            attributes: vec![],
            metrics: vec![],
        }
    }

    fn open(header: Header, settings: Settings) -> Result<Self, Vec<Note>> {
        let turnover = vec![0; header.participants.len()];
        Ok(Self { header, settings, turnover })
    }

    fn add(&mut self, facts: &[Fact]) {
        // What came back is negative. The host also sends the same days of the year before, for growth.
        for fact in facts.iter().filter(|fact| self.header.covers(fact.on)) {
            self.turnover[fact.participant as usize] += fact.amount;
        }
    }

    fn finish(self) -> Result<Settlement, Vec<Note>> {
        let mut settlement = Settlement { payouts: vec![], unpaid: vec![] };
        for (beneficiary, turnover) in (0..).zip(&self.turnover) {
            match self.settle(beneficiary, *turnover) {
                Ok(payout) => settlement.payouts.push(payout),
                Err(reason) => settlement.unpaid.push(Unpaid { beneficiary, reason }),
            }
        }
        self.keep_to_budget(&mut settlement);
        Ok(settlement)
    }
}

impl Starter {
    /// The rule itself: what a turnover earns, or why nothing.
    fn settle(&self, beneficiary: u32, turnover: i64) -> Result<Payout, Note> {
        let turnover = self.money(turnover);
        let missing = self.settings.threshold - turnover.to_decimal();
        if missing > Decimal::ZERO {
            return Err(note!("not-reached", turnover, Money::round(missing, self.header.currency)));
        }
        let earned = Money::round(turnover.to_decimal() * self.settings.rate, self.header.currency);
        if earned.minor == 0 {
            return Err(note!("nothing-earned"));
        }
        Ok(Payout {
            beneficiary,
            reason: note!("rebate"),
            amount: earned.minor,
            basis: Basis::All,
            steps: vec![note!("rate", turnover, percent(self.settings.rate), earned)],
        })
    }

    /// The host takes no answer that pays more than is left. Everybody gets the same part of what was earned.
    fn keep_to_budget(&self, settlement: &mut Settlement) {
        let earned: i64 = settlement.payouts.iter().map(|payout| payout.amount).sum();
        let Some(left) = self.header.budget_left.map(|left| left.max(0)).filter(|left| earned > *left) else {
            return;
        };
        let weights: Vec<u64> =
            settlement.payouts.iter().map(|payout| payout.amount.unsigned_abs()).collect();
        for (payout, share) in settlement.payouts.iter_mut().zip(allocate(left, &weights)) {
            payout.amount = share;
            payout.steps.push(note!("budget-shared", self.money(left)));
        }
        let nothing = settlement.payouts.extract_if(.., |payout| payout.amount == 0);
        let unpaid =
            nothing.map(|payout| Unpaid { beneficiary: payout.beneficiary, reason: note!("budget-used-up") });
        settlement.unpaid.extend(unpaid);
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.header.currency)
    }
}
