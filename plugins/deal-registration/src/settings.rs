//! What the company can set.

use qudao_sdk::{Decimal, DecimalText, JsonSchema, Nullable};
use serde::{Deserialize, Serialize};

/// Settings of the plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Days for which a dealer of this tier is protected.
    #[schemars(title = "Protection by tier", extend("x-title-zh-CN" = "各等级保护天数"), length(max = 50))]
    #[schemars(extend("x-description-zh-CN" = "该等级的经销商报备后受保护的天数。"))]
    pub protection: Vec<Protection>,
    /// Days for every other tier, and for direct sales.
    #[schemars(title = "Protection of all others", extend("x-title-zh-CN" = "其他保护天数"))]
    #[schemars(range(min = 1, max = 1000))]
    #[schemars(extend("x-unit" = "days", "x-unit-zh-CN" = "天", "x-description-zh-CN" = "其他等级以及直销人员受保护的天数。"))]
    pub protection_days: u32,
    /// What makes two registrations the same opportunity.
    #[schemars(title = "The same opportunity", extend("x-title-zh-CN" = "视为同一商机"))]
    #[schemars(extend("x-description-zh-CN" = "两次报备在什么情况下视为同一商机。"))]
    pub same: Same,
    /// What happens where another dealer has registered the opportunity.
    #[schemars(title = "Between dealers", extend("x-title-zh-CN" = "经销商之间冲突"))]
    #[schemars(extend("x-description-zh-CN" = "另一家经销商已报备同一商机时如何处理。"))]
    pub between_dealers: BetweenDealers,
    /// What happens between a dealer and the company's own sales.
    #[schemars(title = "Between dealer and direct sales", extend("x-title-zh-CN" = "经销商与直销冲突"))]
    #[schemars(extend("x-description-zh-CN" = "经销商与厂商直销人员报备同一商机时如何处理。"))]
    pub dealer_and_direct: DealerAndDirect,
    /// Smaller opportunities are not registered, in whole units of the currency.
    #[schemars(title = "Smallest amount", extend("x-title-zh-CN" = "最低报备金额"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "999999999999"))]
    #[schemars(extend("x-description-zh-CN" = "低于此金额的商机不受理报备，单位为元。"))]
    pub minimum_amount: Decimal,
    /// Days from the day on which whoever holds the opportunity reports progress; 0: never longer.
    #[schemars(title = "Extension with progress", extend("x-title-zh-CN" = "有进展时延期天数"))]
    #[schemars(range(max = 1000))]
    #[schemars(extend("x-unit" = "days", "x-unit-zh-CN" = "天", "x-description-zh-CN" = "报备人汇报进展后自当日起延长的保护天数；0 为不延期。"))]
    pub extension_days: u32,
    /// Days from the first registration on, over which no extension goes.
    #[schemars(title = "Longest, with extensions", extend("x-title-zh-CN" = "延期后最长保护天数"))]
    #[schemars(range(min = 1, max = 1000))]
    #[schemars(extend("x-unit" = "days", "x-unit-zh-CN" = "天", "x-description-zh-CN" = "自首次报备起，延期后的保护不超过此天数。"))]
    pub longest_days: u32,
    /// Nobody may quote below this share of the list price; empty: no floor.
    #[schemars(title = "Price floor", extend("x-title-zh-CN" = "最低价比例"))]
    #[schemars(with = "Nullable<DecimalText>", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "各方报价均不得低于目录价的此比例；留空为不设。"))]
    pub floor_share: Option<Decimal>,
}

impl Settings {
    /// Days of protection for a tier.
    #[must_use]
    pub fn days_of(&self, tier: &str) -> u32 {
        let set = self.protection.iter().find(|protection| protection.tier == tier);
        set.map_or(self.protection_days, |protection| protection.days)
    }
}

/// One tier's protection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// The tier.
    #[schemars(title = "Tier", extend("x-title-zh-CN" = "等级"), length(min = 1, max = 60))]
    pub tier: String,
    /// How long.
    #[schemars(title = "Days", extend("x-title-zh-CN" = "天数", "x-unit" = "days", "x-unit-zh-CN" = "天"), range(min = 1, max = 1000))]
    pub days: u32,
}

/// What makes two registrations the same opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Same {
    /// The customer alone.
    #[schemars(title = "The same customer", extend("x-title-zh-CN" = "客户相同"))]
    Customer,
    /// Customer and product category.
    #[schemars(title = "The same customer and category", extend("x-title-zh-CN" = "客户与产品类别都相同"))]
    Category,
}

/// What happens where another dealer has registered the opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BetweenDealers {
    /// The later is refused.
    #[schemars(title = "The first has it", extend("x-title-zh-CN" = "先报备者得"))]
    FirstWins,
    /// Somebody decides.
    #[schemars(title = "Somebody decides", extend("x-title-zh-CN" = "人工裁定"))]
    Ask,
    /// They share it.
    #[schemars(title = "They share it", extend("x-title-zh-CN" = "共享"))]
    Split,
}

/// What happens between a dealer and direct sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DealerAndDirect {
    /// The dealer has it, whoever came first.
    #[schemars(title = "The dealer has it", extend("x-title-zh-CN" = "归经销商"))]
    DealerWins,
    /// Direct sales have it, whoever came first.
    #[schemars(title = "Direct sales have it", extend("x-title-zh-CN" = "归直销"))]
    SalespersonWins,
    /// Somebody decides.
    #[schemars(title = "Somebody decides", extend("x-title-zh-CN" = "人工裁定"))]
    Ask,
}
