//! What the company can set.

use qudao_sdk::{Decimal, DecimalText, JsonSchema, Nullable};
use serde::{Deserialize, Serialize};

/// Settings of the plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What is scored. The weights must add up to 100 %.
    #[schemars(title = "Indicators", extend("x-title-zh-CN" = "考核指标"), length(min = 1, max = 5))]
    #[schemars(extend("x-description-zh-CN" = "考核哪些指标；权重合计须为 100%。"))]
    pub indicators: Vec<Weighted>,
    /// Attainment beyond this counts no further.
    #[schemars(title = "Attainment cap", extend("x-title-zh-CN" = "达成率上限"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "1", "x-maximum" = "10", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "达成率超过此值的部分不计分。"))]
    pub cap: Decimal,
    /// What happens to an indicator without a figure or a target.
    #[schemars(title = "Where a figure is missing", extend("x-title-zh-CN" = "缺少数据时"))]
    #[schemars(extend("x-description-zh-CN" = "指标没有实际值或目标时如何处理。"))]
    pub missing: Missing,
    /// Points from which a grade holds; below C it is D.
    #[schemars(title = "Grades", extend("x-title-zh-CN" = "等级分数线"))]
    #[schemars(extend("x-description-zh-CN" = "各等级的最低分；低于 C 为 D。"))]
    pub grades: Grades,
}

/// One indicator's share and target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weighted {
    /// Which figure.
    #[schemars(title = "Indicator", extend("x-title-zh-CN" = "指标"))]
    pub measure: Measure,
    /// Share of the total.
    #[schemars(title = "Weight", extend("x-title-zh-CN" = "权重"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    pub weight: Decimal,
    /// What is to be reached where the dealer has no target of its own; a share is written 0.95.
    #[schemars(title = "Target", extend("x-title-zh-CN" = "目标"))]
    #[schemars(with = "Nullable<DecimalText>", extend("x-minimum" = "-1", "x-maximum" = "999999999999"))]
    #[schemars(extend("x-description-zh-CN" = "未单独下达目标的经销商按此目标；比例写作 0.95。"))]
    pub target: Option<Decimal>,
}

/// What can be scored; the words are the metric codes that the host knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Net turnover of the period, in whole currency units.
    #[schemars(title = "Turnover", extend("x-title-zh-CN" = "销售额"))]
    Turnover,
    /// Growth of the turnover on the same days of last year: 0.1 is 10 %.
    #[schemars(title = "Growth", extend("x-title-zh-CN" = "增长率"))]
    Growth,
    /// Customers who bought for the first time.
    #[schemars(title = "New customers", extend("x-title-zh-CN" = "新客户"))]
    NewCustomers,
    /// Share of what was due that was paid.
    #[schemars(title = "Collection", extend("x-title-zh-CN" = "回款率"))]
    Collection,
    /// Share of the required records that are filled in.
    #[schemars(title = "Completeness", extend("x-title-zh-CN" = "资料完整度"))]
    Completeness,
}

impl Measure {
    /// Every measure, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::Turnover, Self::Growth, Self::NewCustomers, Self::Collection, Self::Completeness];

    /// The metric's code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Turnover => "turnover",
            Self::Growth => "growth",
            Self::NewCustomers => "new-customers",
            Self::Collection => "collection",
            Self::Completeness => "completeness",
        }
    }

    /// Whether its figures are shares, shown as per cent.
    #[must_use]
    pub fn is_share(self) -> bool {
        matches!(self, Self::Growth | Self::Collection | Self::Completeness)
    }
}

/// What happens to an indicator that cannot be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The others share its weight.
    #[schemars(title = "Share its weight among the others", extend("x-title-zh-CN" = "权重分摊给其他指标"))]
    Redistribute,
    /// It scores 0.
    #[schemars(title = "Score it 0", extend("x-title-zh-CN" = "计 0 分"))]
    Zero,
}

/// Points from which a grade holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grades {
    /// A from.
    #[schemars(title = "A from", extend("x-title-zh-CN" = "A 级"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1000"))]
    pub a: Decimal,
    /// B from.
    #[schemars(title = "B from", extend("x-title-zh-CN" = "B 级"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1000"))]
    pub b: Decimal,
    /// C from.
    #[schemars(title = "C from", extend("x-title-zh-CN" = "C 级"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1000"))]
    pub c: Decimal,
}
