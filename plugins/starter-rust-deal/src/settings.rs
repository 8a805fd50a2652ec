//! What the company can set. Each field's title is the form's label; the Chinese one stands beside it.

use qudao_sdk::{Decimal, DecimalText, JsonSchema};
use serde::{Deserialize, Serialize};

/// Settings of the plugin.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Days for which whoever comes first has the customer.
    #[schemars(title = "Days of protection", extend("x-title-zh-CN" = "保护天数", "x-unit" = "days", "x-unit-zh-CN" = "天"))]
    #[schemars(range(min = 1, max = 365))]
    #[schemars(extend("x-description-zh-CN" = "先报备者受保护的天数。"))]
    pub days: u32,
    /// Nobody may quote below this share of the list price.
    #[schemars(title = "Price floor", extend("x-title-zh-CN" = "最低价比例"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "1", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "各方报价均不得低于目录价的此比例。"))]
    pub floor_share: Decimal,
}

impl Default for Settings {
    fn default() -> Self {
        Self { days: 60, floor_share: Decimal::new(8, 1) }
    }
}
