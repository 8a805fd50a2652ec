//! What the company can set.

use qudao_sdk::{Decimal, DecimalText, JsonSchema, Nullable};
use serde::{Deserialize, Serialize};

/// Settings of the plugin. Amounts are in whole currency units (yuan, not fen).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Retroactive: the band reached pays on the whole turnover. Incremental: each band pays on its part.
    #[schemars(title = "Method", extend("x-title-zh-CN" = "计算方式"))]
    #[schemars(extend("x-description-zh-CN" = "全额：达到的档位按全部销售额返利；分段：各档只对其区间内的销售额返利。"))]
    pub method: Method,
    /// Bands of net turnover. A category that has bands of its own is counted by itself; all other
    /// products are counted together by the bands without a category.
    #[schemars(title = "Bands", extend("x-title-zh-CN" = "返利阶梯"), length(min = 1, max = 150))]
    #[schemars(extend("x-description-zh-CN" = "净销售额的阶梯。有自己阶梯的品类单独计算，其余产品合并按无品类的阶梯计算。"))]
    pub bands: Vec<Band>,
    /// Bonus on the whole net turnover for growth on the same days of last year.
    #[schemars(title = "Growth bonus", extend("x-title-zh-CN" = "增长奖励"), length(max = 20))]
    #[schemars(extend("x-description-zh-CN" = "净销售额较去年同期增长达到比例时，按全部净销售额另给的奖励。"))]
    pub growth: Vec<GrowthStep>,
    /// The most that one dealer gets in a period; empty for no cap.
    #[schemars(title = "Cap for a dealer", extend("x-title-zh-CN" = "单家上限"))]
    #[schemars(with = "Nullable<DecimalText>", extend("x-minimum" = "0", "x-maximum" = "999999999999"))]
    #[schemars(extend("x-description-zh-CN" = "每家经销商每期最多可得的金额；留空则不限。"))]
    pub cap: Option<Decimal>,
    /// Less than this is not paid.
    #[schemars(title = "Minimum payout", extend("x-title-zh-CN" = "起付金额"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "999999999999"))]
    #[schemars(extend("x-description-zh-CN" = "合计低于此金额不予兑付。"))]
    pub minimum: Decimal,
}

/// On what a band pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The band reached pays on the whole turnover.
    #[schemars(title = "Retroactive", extend("x-title-zh-CN" = "全额"))]
    Retroactive,
    /// Each band pays on its own part.
    #[schemars(title = "Incremental", extend("x-title-zh-CN" = "分段"))]
    Incremental,
}

/// One band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The category; empty for all products without bands of their own.
    #[schemars(title = "Category", extend("x-title-zh-CN" = "品类"), length(max = 100))]
    #[schemars(extend("x-description-zh-CN" = "留空表示没有单独阶梯的全部产品。"))]
    pub category: String,
    /// Net turnover from which it holds.
    #[schemars(title = "From turnover", extend("x-title-zh-CN" = "销售额起"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "999999999999"))]
    #[schemars(extend("x-description-zh-CN" = "从此净销售额起适用。"))]
    pub from: Decimal,
    /// Share of the turnover that is paid.
    #[schemars(title = "Rate", extend("x-title-zh-CN" = "返利比例"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "按销售额返还的比例。"))]
    pub rate: Decimal,
}

/// One step of the growth bonus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrowthStep {
    /// Growth on last year from which it holds.
    #[schemars(title = "From growth", extend("x-title-zh-CN" = "增长起"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "100", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "较去年同期增长达到此比例起适用。"))]
    pub from: Decimal,
    /// Share of the turnover that is paid.
    #[schemars(title = "Rate", extend("x-title-zh-CN" = "奖励比例"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "按全部净销售额奖励的比例。"))]
    pub rate: Decimal,
}
