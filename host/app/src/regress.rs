//! The gate of an upgrade: a new engine must answer what the old one answered.

use crate::decisions::{DecisionFilter, MAX_PAGE, Replay};
use crate::errors::Result;
use crate::threads::off_thread;
use crate::{App, Context};
use qudao_domain::contract::Kind;
use qudao_domain::ids::DecisionId;
use qudao_domain::permissions::Action;
use qudao_store::plugins::Plugin;
use qudao_store::{components, plugins};
use serde::Serialize;

/// Fuel that moved by more than one part in so many is told.
const FUEL_PARTS: i64 = 100;

/// How one plugin came through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Regressed {
    /// The component's digest.
    pub digest: String,
    /// What it decides.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The contract that it fulfils.
    pub contract: String,
    /// Time that compiling took, in milliseconds; none where it was refused.
    pub compile_ms: Option<u64>,
    /// Why an upload of it would be refused now: it does not compile, or does not do what its own cases say.
    pub refused: Option<String>,
    /// How many of its own cases were run.
    pub cases: u32,
    /// How many recorded decisions were run again.
    pub decisions: u32,
    /// Those that came out otherwise.
    pub different: Vec<Different>,
    /// Those that came out the same for more than a hundredth more or less fuel.
    pub fuel: Vec<FuelMoved>,
}

impl Regressed {
    /// Whether it must not go on.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.refused.is_some() || !self.different.is_empty()
    }
}

/// A decision that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Different {
    /// The decision.
    pub decision: DecisionId,
    /// Where, what was decided and what came now; or why it could not be run.
    pub detail: String,
}

/// A decision that cost another amount of fuel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FuelMoved {
    /// The decision.
    pub decision: DecisionId,
    /// What it cost.
    pub then: i64,
    /// What it costs now.
    pub now: i64,
}

impl App {
    /// Puts each plugin of a company to the test on this engine: compiles it, runs the cases that it carries and its
    /// last `last` recorded decisions (at most [`MAX_PAGE`]). Nothing is stored. The engine should have no cache, so
    /// that everything is compiled again.
    ///
    /// # Errors
    /// [`crate::AppError::Forbidden`]. That a plugin fails is in the answer.
    pub async fn regress(&self, ctx: &Context, last: i64) -> Result<Vec<Regressed>> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let all = plugins::all(&mut tx, ctx.company).await?;
        drop(tx);
        let mut regressed = Vec::with_capacity(all.len());
        for plugin in all {
            regressed.push(self.regress_one(ctx, plugin, last).await?);
        }
        Ok(regressed)
    }

    async fn regress_one(&self, ctx: &Context, plugin: Plugin, last: i64) -> Result<Regressed> {
        let mut tx = self.db().read(ctx.company).await?;
        let component = components::bytes(&mut tx, ctx.company, &plugin.digest).await?.unwrap_or_default();
        drop(tx);
        let engine = self.rules().engine().clone();
        let verified = off_thread(move || {
            let verified = engine.verify(&component);
            verified.inspect(|verified| engine.hold(&verified.plugin))
        })
        .await?;
        let mut regressed = Regressed {
            digest: plugin.digest,
            kind: plugin.kind,
            name: plugin.name,
            version: plugin.version,
            contract: plugin.contract,
            compile_ms: None,
            refused: None,
            cases: 0,
            decisions: 0,
            different: Vec::new(),
            fuel: Vec::new(),
        };
        match verified {
            Err(refusal) => regressed.refused = Some(refusal.to_string()),
            Ok(verified) => {
                regressed.compile_ms = Some(verified.report.compile_ms);
                regressed.cases = verified.report.examined.map_or(0, |examined| examined.cases.run);
                self.replay_last(ctx, &mut regressed, last).await?;
            }
        }
        Ok(regressed)
    }

    async fn replay_last(&self, ctx: &Context, regressed: &mut Regressed, last: i64) -> Result<()> {
        if last < 1 {
            return Ok(());
        }
        let filter = DecisionFilter { plugin: Some(regressed.digest.clone()), ..DecisionFilter::default() };
        let listed = self.decisions(ctx, &filter, None, last.min(MAX_PAGE)).await?.items;
        for decision in listed.iter().map(|listed| listed.id) {
            regressed.decisions += 1;
            let different = |detail: String| Different { decision, detail };
            match self.replay_for(ctx, decision, false).await {
                Err(error) => regressed.different.push(different(error.to_string())),
                Ok(Replay { identical: false, first_difference, .. }) => {
                    let place = first_difference.map_or_else(String::new, |found| {
                        format!("{}: was {}, is {} now", found.pointer, found.was, found.now)
                    });
                    regressed.different.push(different(place));
                }
                Ok(Replay { fuel_then: then, fuel_now: now, .. }) if moved(then, now) => {
                    regressed.fuel.push(FuelMoved { decision, then, now });
                }
                Ok(_) => {}
            }
        }
        Ok(())
    }
}

fn moved(then: i64, now: i64) -> bool {
    now.abs_diff(then) > (then / FUEL_PARTS).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn a_hundredth_of_the_fuel_may_move() {
        assert!(!moved(10_000, 10_100) && !moved(10_000, 9_900) && !moved(0, 0));
        assert!(moved(10_000, 10_101) && moved(10_000, 9_899) && moved(0, 1));
    }
}
