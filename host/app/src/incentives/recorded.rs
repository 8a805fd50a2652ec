//! The facts of a recorded settlement, read again: its decision keeps their hash alone.

use super::{CHUNK, Positions, RunInput, check_query, stream_differs};
use crate::errors::{AppError, Result};
use crate::rules::whole;
use crate::{App, Context};
use qudao_domain::incentive::StreamedFact;
use qudao_domain::settlement::fact_bytes;
use qudao_engine::cases::Run;
use qudao_store::decisions::Decision;
use qudao_store::facts;
use sha2::{Digest, Sha256};

/// The most facts that one recorded question may have: more make a file that nobody reads.
pub const MAX_RECORDED_FACTS: i64 = 10_000;

impl App {
    /// What the plugin was asked in a recorded settlement, with every fact up to its watermark.
    ///
    /// # Errors
    /// [`AppError::Conflict`]: `too-many-facts` above [`MAX_RECORDED_FACTS`]; `query-version` and `stream-differs` when
    /// the facts are no longer those that were hashed.
    pub(crate) async fn recorded_run(&self, ctx: &Context, decision: &Decision) -> Result<Run> {
        let input: RunInput = serde_json::from_slice(&decision.input)
            .map_err(|error| AppError::Internal(format!("input of decision {}: {error}", decision.id)))?;
        if input.facts > MAX_RECORDED_FACTS {
            let message = format!(
                "the settlement of decision {} rests on {} facts, at most {MAX_RECORDED_FACTS} can be written into a \
                 case; record a shorter period, or `qudao plugin replay` it where it is",
                decision.id, input.facts
            );
            return Err(AppError::conflict("too-many-facts", message));
        }
        check_query(&input)?;
        let facts = self.facts_of(ctx, &input).await?;
        let mut hash = Sha256::new();
        facts.iter().for_each(|fact| hash.update(fact_bytes(fact)));
        if (whole(facts.len() as u64), hex::encode(hash.finalize())) != (input.facts, input.stream_sha256) {
            return Err(stream_differs());
        }
        Ok(Run { header: input.header, facts })
    }

    async fn facts_of(&self, ctx: &Context, input: &RunInput) -> Result<Vec<StreamedFact>> {
        let (window, positions) = (input.window(), Positions::of(input));
        let mut tx = self.db().read(ctx.company).await?;
        let extent = facts::extent(&mut tx, ctx.company, &window).await?;
        let mut told = Vec::new();
        let mut after = extent.first - 1;
        while extent.count > 0 && after < extent.last {
            let through = after.saturating_add(CHUNK);
            for fact in facts::between(&mut tx, ctx.company, &window, after, through).await? {
                told.push(positions.told(&fact).map_err(|failure| AppError::Internal(failure.detail))?);
            }
            after = through;
        }
        Ok(told)
    }
}
