//! What the company can set. Each field's title is the form's label; the Chinese one stands beside it.

use qudao_sdk::{Decimal, DecimalText, JsonSchema};
use serde::{Deserialize, Serialize};

/// Settings of the plugin.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Turnover's share of the total; collection has the rest.
    #[schemars(title = "Weight of turnover", extend("x-title-zh-CN" = "销售额权重"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "销售额占总分的比重，其余为回款率。"))]
    pub turnover_weight: Decimal,
    /// Share of what was due that is to be paid in time.
    #[schemars(title = "Collection target", extend("x-title-zh-CN" = "回款率目标"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0.01", "x-maximum" = "1", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "应收货款中须按期收回的比例。"))]
    pub collection_target: Decimal,
    /// Points from which a dealer passes.
    #[schemars(title = "Pass from", extend("x-title-zh-CN" = "合格分数线"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "100"))]
    #[schemars(extend("x-description-zh-CN" = "总分达到此数为合格。"))]
    pub pass_from: Decimal,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            turnover_weight: Decimal::new(7, 1),
            collection_target: Decimal::new(95, 2),
            pass_from: Decimal::from(60),
        }
    }
}
