//! What the company can set. Each field's title is the form's label; the Chinese one stands beside it.

use qudao_sdk::{Decimal, DecimalText, JsonSchema};
use serde::{Deserialize, Serialize};

/// Settings of the starter.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Pieces on one line from which the discount holds.
    #[schemars(title = "From pieces", extend("x-title-zh-CN" = "起始件数"), range(min = 1, max = 1_000_000))]
    #[schemars(extend("x-description-zh-CN" = "一行达到此件数即享优惠。"))]
    pub from_pieces: i64,
    /// Share of the base price that is taken off.
    #[schemars(title = "Discount", extend("x-title-zh-CN" = "优惠比例"))]
    #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "0.5", "x-unit" = "%"))]
    #[schemars(extend("x-description-zh-CN" = "从目录价中扣除的比例。"))]
    pub discount: Decimal,
}

impl Default for Settings {
    fn default() -> Self {
        Self { from_pieces: 10, discount: Decimal::new(5, 2) }
    }
}
