//! Rebates on turnover bands by category, with a bonus for growth, a cap and a budget.
//! The README has the formula and worked examples.

mod bands;
mod dealer;
mod defaults;
mod limits;
mod settings;
mod sums;
mod words;

use bands::Groups;
use dealer::Scheme;
use qudao_sdk::incentive::{Fact, Header, Incentive, Settlement, Unpaid};
use qudao_sdk::{Descriptor, Kind, Note, Text, export_incentive, settings_default, settings_schema};
pub use settings::{Band, GrowthStep, Method, Settings};
use sums::Sums;

/// A run of the plugin.
pub struct TieredRebate {
    scheme: Scheme,
    sums: Sums,
}

export_incentive!(TieredRebate);

impl Incentive for TieredRebate {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            kind: Kind::Incentive,
            name: "tiered-rebate".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            title: Text::new("阶梯返利", "Tiered rebate"),
            summary: Text::new(
                "按品类的净销售额阶梯计算返利，可全额或分段；同比增长另有奖励；有单家上限和总预算。",
                "Rebates on bands of net turnover by category, retroactive or incremental, a bonus for growth \
                 on last year, a cap for each dealer and a budget.",
            ),
            settings_schema: settings_schema::<Settings>(),
            settings_default: settings_default::<Settings>(),
            messages: words::messages(),
            attributes: vec![],
            metrics: vec![],
        }
    }

    fn open(header: Header, settings: Settings) -> Result<Self, Vec<Note>> {
        let groups = Groups::of(&settings.bands, &header)?;
        let sums = Sums::new(&header, &groups);
        Ok(Self { scheme: Scheme { header, settings, groups }, sums })
    }

    fn add(&mut self, facts: &[Fact]) {
        for fact in facts {
            self.sums.add(fact);
        }
    }

    fn finish(self) -> Result<Settlement, Vec<Note>> {
        let mut payouts = Vec::new();
        let mut unpaid = Vec::new();
        for beneficiary in 0..u32::try_from(self.scheme.header.participants.len()).unwrap_or(u32::MAX) {
            match self.scheme.settle(beneficiary, &self.sums) {
                Ok(own) => payouts.extend(own),
                Err(reason) => unpaid.push(Unpaid { beneficiary, reason }),
            }
        }
        limits::keep_to_budget(&self.scheme.header, &mut payouts, &mut unpaid);
        Ok(Settlement { payouts, unpaid })
    }
}
