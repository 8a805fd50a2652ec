//! Asks the pricing plugin that holds; when it fails, goes on as its binding says.

use super::{Found, Wish, request};
use crate::errors::{AppError, Result};
use crate::measured::measured;
use crate::{App, Context};
use qudao_domain::bindings::OnFailure;
use qudao_domain::contract::Kind;
use qudao_domain::pricing::{PricingAnswer, PricingRequest, base_price_answer};
use qudao_engine::{Evaluated, Plugin, RuleError, RuleFailure};
use qudao_store::bindings::{self, Live};
use std::sync::Arc;

/// The outcome of a decision that a plugin's answer made.
const ANSWERED: &str = "answered";
/// The outcome of a decision that was made at base price, since the plugin failed.
pub(crate) const AT_BASE_PRICE: &str = "base-price";

/// A question with its answer, and who gave it.
pub(super) struct Asked {
    pub live: Live,
    pub plugin: Arc<Plugin>,
    pub request: Arc<PricingRequest>,
    pub input: Vec<u8>,
    pub answer: PricingAnswer,
    pub outcome: &'static str,
    pub fuel: u64,
    pub elapsed_us: u64,
}

/// A question on which a plugin failed.
struct Failed {
    live: Live,
    plugin: Arc<Plugin>,
    request: Arc<PricingRequest>,
    input: Vec<u8>,
    failure: RuleFailure,
}

impl App {
    /// The answer to a question: of the plugin that holds, else as its binding says.
    pub(super) async fn ask_pricing(&self, ctx: &Context, found: &Found, wishes: &[Wish]) -> Result<Asked> {
        match self.ask_one(ctx, found, found.live.clone(), wishes).await? {
            Ok(asked) => Ok(asked),
            Err(failed) => self.go_on(ctx, found, wishes, failed).await,
        }
    }

    async fn ask_one(
        &self,
        ctx: &Context,
        found: &Found,
        live: Live,
        wishes: &[Wish],
    ) -> Result<std::result::Result<Asked, Failed>> {
        let plugin = self.rules().plugin(self.db(), ctx.company, &live.plugin_digest).await?;
        let request = Arc::new(request(ctx, found, wishes, plugin.descriptor().attributes.as_slice())?);
        let input = serde_json::to_vec(&*request).map_err(|error| AppError::Internal(error.to_string()))?;
        let evaluated = {
            let (plugin, request, settings) =
                (Arc::clone(&plugin), Arc::clone(&request), live.settings.clone());
            let (company, turn) = (ctx.company_code.clone(), self.turn(ctx.company).await?);
            turn.run(move || measured(&company, &plugin, || plugin.price(&request, &settings))).await?
        };
        match evaluated {
            Ok(Evaluated { answer, fuel, elapsed_us, .. }) => {
                let outcome = ANSWERED;
                Ok(Ok(Asked { live, plugin, request, input, answer, outcome, fuel, elapsed_us }))
            }
            Err(failure) if failure.error == RuleError::Busy => Err(AppError::Busy),
            Err(failure) => Ok(Err(Failed { live, plugin, request, input, failure })),
        }
    }

    async fn go_on(&self, ctx: &Context, found: &Found, wishes: &[Wish], failed: Failed) -> Result<Asked> {
        let Failed { live, plugin, request, input, failure } = failed;
        let told = self.pricing_failed(ctx, found, &live, input.clone(), failure).await;
        let error @ AppError::Rule { .. } = told else { return Err(told) };
        match live.on_failure {
            OnFailure::Refuse => Err(error),
            OnFailure::BasePrice => {
                let answer = base_price_answer(&request);
                let outcome = AT_BASE_PRICE;
                Ok(Asked { live, plugin, request, input, answer, outcome, fuel: 0, elapsed_us: 0 })
            }
            OnFailure::LastGood => {
                let Some(before) = self.last_good(ctx, &live).await? else { return Err(error) };
                match self.ask_one(ctx, found, before, wishes).await? {
                    Ok(asked) => Ok(asked),
                    Err(failed) => {
                        let Failed { live, input, failure, .. } = failed;
                        Err(self.pricing_failed(ctx, found, &live, input, failure).await)
                    }
                }
            }
        }
    }

    async fn pricing_failed(
        &self,
        ctx: &Context,
        found: &Found,
        live: &Live,
        input: Vec<u8>,
        failure: RuleFailure,
    ) -> AppError {
        let subject = format!("dealer {}", found.buyer.code);
        self.rule_failed(ctx, Kind::Pricing, subject, live, input, failure).await
    }

    /// What held for everybody before a binding, in its place.
    async fn last_good(&self, ctx: &Context, live: &Live) -> Result<Option<Live>> {
        let mut tx = self.db().read(ctx.company).await?;
        let Some(binding) = bindings::find(&mut tx, ctx.company, live.binding_id).await? else {
            return Ok(None);
        };
        let Some(before) = bindings::before(&mut tx, ctx.company, &binding).await? else { return Ok(None) };
        Ok(bindings::whole(&mut tx, ctx.company, before.id).await?)
    }
}
