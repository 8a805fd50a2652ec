//! The volume-pricing rule behind an Extism export: the same rule, the same input, the same answer.

#![expect(missing_docs, reason = "the macro makes a function that it does not document")]

use extism_pdk::{FnResult, Msgpack, plugin_fn};
use qudao_sdk::pricing::{Order, Pricing, PricingAnswer};
use volume_pricing::VolumePricing;

/// Prices an order. The settings come as the JSON that a component gets.
#[plugin_fn]
pub fn price(Msgpack((order, settings)): Msgpack<(Order, String)>) -> FnResult<Msgpack<PricingAnswer>> {
    let settings = serde_json::from_str(&settings)?;
    Ok(Msgpack(match VolumePricing::price(&order, &settings) {
        Ok(quote) => PricingAnswer::Quoted(quote),
        Err(violations) => PricingAnswer::Refused(violations),
    }))
}
