//! What the company can set.

use qudao_sdk::{Date, Decimal, DecimalText, JsonSchema, Nullable};
use serde::{Deserialize, Serialize};

/// Settings of the plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Share taken off for each dealer tier; a tier that is not listed gets nothing.
    #[schemars(title = "Tier discounts", extend("x-title-zh-CN" = "等级折扣"), length(max = 50))]
    #[schemars(extend("x-description-zh-CN" = "各经销商等级的折扣；未列出的等级没有折扣。"))]
    pub tiers: Vec<TierDiscount>,
    /// Of the breaks that fit a line the most specific holds (product, then category, then all), and of
    /// these the largest.
    #[schemars(title = "Volume breaks", extend("x-title-zh-CN" = "批量阶梯"), length(max = 500))]
    #[schemars(extend("x-description-zh-CN" = "多条适用时，产品优先于品类，品类优先于全部；同级取折扣最大者。"))]
    pub breaks: Vec<Break>,
    /// Of the promotions that run on the day and fit a line the largest holds.
    #[schemars(title = "Promotions", extend("x-title-zh-CN" = "限时促销"), length(max = 200))]
    #[schemars(extend("x-description-zh-CN" = "当日有效且适用的促销中，取折扣最大者。"))]
    pub promotions: Vec<Promotion>,
    /// Share added to the list price in a region, before any discount.
    #[schemars(title = "Regional uplifts", extend("x-title-zh-CN" = "区域加价"), length(max = 50))]
    #[schemars(extend("x-description-zh-CN" = "在折扣之前按区域加到目录价上的比例。"))]
    pub regions: Vec<RegionUplift>,
    /// How the discounts of tier, volume and promotion meet.
    #[schemars(title = "Stacking", extend("x-title-zh-CN" = "叠加方式"))]
    #[schemars(extend("x-description-zh-CN" = "等级、批量与促销折扣如何合并。"))]
    pub stacking: Stacking,
    /// No price falls below this share of the list price.
    #[schemars(title = "Price floor", extend("x-title-zh-CN" = "最低价比例"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "成交价不低于目录价的这一比例。"))]
    pub floor_share: Decimal,
    /// No price of these products falls below the amount, whatever the share says.
    #[schemars(title = "Product floors", extend("x-title-zh-CN" = "产品最低价"), length(max = 500))]
    #[schemars(extend("x-description-zh-CN" = "这些产品的成交价不低于所列金额。"))]
    pub floors: Vec<SkuFloor>,
    /// A price below this share of the list price needs somebody's approval.
    #[schemars(title = "Approval below", extend("x-title-zh-CN" = "低于此比例须审批"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "成交价低于目录价的这一比例时，订单须审批。"))]
    pub approval_below: Decimal,
    /// A line of more pieces is refused; empty for no limit.
    #[schemars(title = "Most pieces on a line", extend("x-title-zh-CN" = "单行最大数量"))]
    #[schemars(with = "Nullable<i64>", range(min = 1), extend("x-description-zh-CN" = "超过此数量的行会被拒绝；留空则不限。"))]
    pub max_quantity: Option<i64>,
    /// Unit prices are rounded half-even to so many decimals.
    #[schemars(title = "Decimals of a unit price", extend("x-title-zh-CN" = "单价小数位"), range(max = 6))]
    #[schemars(extend("x-description-zh-CN" = "单价按四舍六入五成双取到此小数位。"))]
    pub decimals: u32,
    /// After a raise a dealer pays from the former list price for so many days more; 0 for no notice.
    #[schemars(title = "Days of notice of a raise", extend("x-title-zh-CN" = "涨价通知天数"), range(max = 365))]
    #[schemars(extend("x-description-zh-CN" = "目录价上涨后，经销商在此天数内仍按原目录价计算；0 表示不设通知期。"))]
    pub notice_days: u16,
}

/// How several discounts meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stacking {
    /// Only the largest of the three.
    #[schemars(title = "The largest alone", extend("x-title-zh-CN" = "只取最大"))]
    Best,
    /// All three, each from the list price.
    #[schemars(title = "Added up", extend("x-title-zh-CN" = "相加"))]
    Sum,
    /// All three, each from what the one before left.
    #[schemars(title = "One after the other", extend("x-title-zh-CN" = "逐级连乘"))]
    Compound,
}

/// To which products something applies. The order is that of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Every product.
    #[schemars(title = "All products", extend("x-title-zh-CN" = "全部产品"))]
    All,
    /// One category.
    #[schemars(title = "A category", extend("x-title-zh-CN" = "品类"))]
    Category,
    /// One product.
    #[schemars(title = "A product", extend("x-title-zh-CN" = "产品"))]
    Sku,
}

/// A tier's discount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierDiscount {
    /// The tier's code.
    #[schemars(title = "Tier", extend("x-title-zh-CN" = "等级"), length(min = 1, max = 60))]
    pub tier: String,
    /// Share taken off.
    #[schemars(title = "Discount", extend("x-title-zh-CN" = "折扣"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    pub discount: Decimal,
}

/// A discount for a range of quantities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// To which products it applies.
    #[schemars(title = "Applies to", extend("x-title-zh-CN" = "适用于"))]
    pub scope: Scope,
    /// The category's or the product's code; empty for all.
    #[schemars(title = "Code", extend("x-title-zh-CN" = "代码"), length(max = 100))]
    pub code: String,
    /// Fewest pieces.
    #[schemars(title = "From", extend("x-title-zh-CN" = "从"), range(min = 1))]
    pub from: i64,
    /// Most pieces; empty for any number.
    #[schemars(with = "Nullable<i64>", title = "To", extend("x-title-zh-CN" = "到"), range(min = 1))]
    pub to: Option<i64>,
    /// Share taken off.
    #[schemars(title = "Discount", extend("x-title-zh-CN" = "折扣"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    pub discount: Decimal,
}

/// A discount for a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// What the buyer reads.
    #[schemars(title = "Name", extend("x-title-zh-CN" = "名称"), length(min = 1, max = 100))]
    pub name: String,
    /// To which products it applies.
    #[schemars(title = "Applies to", extend("x-title-zh-CN" = "适用于"))]
    pub scope: Scope,
    /// The category's or the product's code; empty for all.
    #[schemars(title = "Code", extend("x-title-zh-CN" = "代码"), length(max = 100))]
    pub code: String,
    /// First day.
    #[schemars(title = "First day", extend("x-title-zh-CN" = "首日"))]
    pub first: Date,
    /// Last day.
    #[schemars(title = "Last day", extend("x-title-zh-CN" = "末日"))]
    pub last: Date,
    /// Fewest pieces.
    #[schemars(title = "From", extend("x-title-zh-CN" = "从"), range(min = 1))]
    pub from: i64,
    /// Most pieces; empty for any number.
    #[schemars(with = "Nullable<i64>", title = "To", extend("x-title-zh-CN" = "到"), range(min = 1))]
    pub to: Option<i64>,
    /// Share taken off.
    #[schemars(title = "Discount", extend("x-title-zh-CN" = "折扣"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    pub discount: Decimal,
}

/// A region's uplift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionUplift {
    /// The region's code.
    #[schemars(title = "Region", extend("x-title-zh-CN" = "区域"), length(min = 1, max = 60))]
    pub region: String,
    /// Share added to the list price.
    #[schemars(title = "Uplift", extend("x-title-zh-CN" = "加价"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    pub uplift: Decimal,
}

/// A product's lowest price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SkuFloor {
    /// The product's code.
    #[schemars(title = "Product", extend("x-title-zh-CN" = "产品"), length(min = 1, max = 100))]
    pub sku: String,
    /// Lowest unit price, in the order's currency.
    #[schemars(title = "Lowest price", extend("x-title-zh-CN" = "最低价"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "999999999"))]
    pub price: Decimal,
}
