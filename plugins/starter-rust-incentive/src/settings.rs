//! What the company can set. Each field's title is the form's label; the Chinese one stands beside it.

use qudao_sdk::{Decimal, DecimalText, JsonSchema};
use serde::{Deserialize, Serialize};

/// Settings of the plugin.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Net turnover of the period from which the rebate is paid, in the currency's whole units.
    #[schemars(title = "Threshold", extend("x-title-zh-CN" = "返利起点"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "999999999999"))]
    #[schemars(extend("x-description-zh-CN" = "本期净销售额达到此数即返利，以元为单位。"))]
    pub threshold: Decimal,
    /// Share of the whole turnover that is paid.
    #[schemars(title = "Rate", extend("x-title-zh-CN" = "返利比例"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "0.5", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "按全部净销售额返还的比例。"))]
    pub rate: Decimal,
}

impl Default for Settings {
    fn default() -> Self {
        Self { threshold: Decimal::from(100_000), rate: Decimal::new(2, 2) }
    }
}
