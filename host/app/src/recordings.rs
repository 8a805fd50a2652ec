//! Recorded decisions as cases: what a company's past asked of a plugin, for the tests of the next version.

mod mask;

use crate::errors::{AppError, Result};
use crate::threads::in_background;
use crate::{App, Context};
use mask::Mask;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::DecisionId;
use qudao_domain::permissions::Action;
use qudao_engine::Plugin;
use qudao_engine::cases::{Case, Question};
use qudao_store::decisions::{self, Decision, Listed, Wanted};
use qudao_store::{dealers, revisions};
use serde_json::Value;
use std::sync::Arc;

pub use crate::incentives::MAX_RECORDED_FACTS;

/// Which decisions to record. What is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    /// What was decided.
    pub kind: Option<Kind>,
    /// By which plugin, by its digest; that which decided last when empty.
    pub plugin: Option<String>,
    /// At most so many, the latest first.
    pub last: i64,
    /// Hide whom it is about, and multiply amounts by this.
    pub mask: Option<Decimal>,
}

/// Decisions of one plugin as cases.
#[derive(Debug, Clone)]
pub struct RecordedCases {
    /// The plugin's digest.
    pub plugin: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it decides.
    pub kind: Kind,
    /// The cases with the decisions that they come from, the latest first.
    pub cases: Vec<(DecisionId, Case)>,
    /// Decisions on whose masked question the plugin failed, and how: they are no cases.
    pub left_out: Vec<(DecisionId, String)>,
}

/// A decision on its way to being a case.
struct Found {
    decision: Decision,
    settings: Value,
    input: Value,
}

impl App {
    /// Turns recorded decisions of one plugin into cases. Unmasked, the expected answer is the recorded one; masked, it is
    /// what the same plugin answers to the masked question.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `no-decisions` when there are none; of settlements also `too-many-facts`, and what
    /// [`App::replay_incentive`] names.
    pub async fn record_cases(&self, ctx: &Context, wanted: &Recording) -> Result<RecordedCases> {
        ctx.whole_company(Action::PluginsRead)?;
        let listed = self.decisions_to_record(ctx, wanted).await?;
        let latest = &listed[0];
        let mut recorded = RecordedCases {
            plugin: latest.plugin_digest.clone(),
            name: latest.plugin_name.clone(),
            version: latest.plugin_version.clone(),
            kind: latest.kind,
            cases: Vec::with_capacity(listed.len()),
            left_out: Vec::new(),
        };
        let mut masking = match wanted.mask {
            Some(factor) => Some((self.mask(ctx, factor).await?, self.plugin_of(ctx, latest).await?)),
            None => None,
        };
        for one in &listed {
            let found = self.find_to_record(ctx, one.id).await?;
            let case = match &mut masking {
                None => Ok(self.as_it_was(ctx, one, found).await?),
                Some((mask, plugin)) => masked(mask, plugin, one, found).await?,
            };
            match case {
                Ok(case) => recorded.cases.push((one.id, case)),
                Err(why) => recorded.left_out.push((one.id, why)),
            }
        }
        Ok(recorded)
    }

    /// At least one, all of one plugin.
    async fn decisions_to_record(&self, ctx: &Context, wanted: &Recording) -> Result<Vec<Listed>> {
        let mut tx = self.db().read(ctx.company).await?;
        let mut narrowed = Wanted { kind: wanted.kind, plugin: wanted.plugin.clone(), ..Wanted::default() };
        if narrowed.plugin.is_none() {
            let latest = decisions::list(&mut tx, ctx.company, &narrowed, None, 1).await?;
            narrowed.plugin = latest.into_iter().next().map(|listed| listed.plugin_digest);
        }
        let listed = decisions::list(&mut tx, ctx.company, &narrowed, None, wanted.last.max(1)).await?;
        if listed.is_empty() {
            let message = "no such decision is recorded; leave --kind and --plugin out to see what there is";
            return Err(AppError::conflict("no-decisions", message));
        }
        Ok(listed)
    }

    async fn find_to_record(&self, ctx: &Context, id: DecisionId) -> Result<Found> {
        let broken = |what: &str| AppError::Internal(format!("the {what} of decision {id} cannot be read"));
        let mut tx = self.db().read(ctx.company).await?;
        let decision = decisions::find(&mut tx, ctx.company, id).await?.ok_or(AppError::NotFound)?;
        let revision = revisions::find(&mut tx, ctx.company, decision.revision_id).await?;
        drop(tx);
        let revision = revision.ok_or_else(|| broken("settings"))?;
        let settings = serde_json::from_str(&revision.settings).map_err(|_| broken("settings"))?;
        // Facts are streamed and not kept with the decision; every other input is.
        let input = if decision.kind == Kind::Incentive {
            serde_json::to_value(self.recorded_run(ctx, &decision).await?)
        } else {
            serde_json::from_slice(&decision.input)
        };
        Ok(Found { settings, input: input.map_err(|_| broken("input"))?, decision })
    }

    async fn as_it_was(&self, ctx: &Context, listed: &Listed, found: Found) -> Result<Case> {
        let about = self.about(ctx, &[&listed.subject]).await?.pop();
        let about = about.map_or_else(String::new, |about| format!("{} {}", about.kind, about.label));
        let expected = serde_json::from_slice(&found.decision.output);
        let expected = expected.map_err(|_| {
            AppError::Internal(format!("the output of decision {} cannot be read", listed.id))
        })?;
        let about = format!(
            "Recorded: {about}, decided {} by {} {} with settings {}",
            listed.made_at, listed.plugin_name, listed.plugin_version, listed.revision
        );
        Ok(Case { about, settings: Some(found.settings), input: found.input, expected })
    }

    async fn plugin_of(&self, ctx: &Context, listed: &Listed) -> Result<Arc<Plugin>> {
        self.rules().plugin(self.db(), ctx.company, &listed.plugin_digest).await
    }

    async fn mask(&self, ctx: &Context, factor: Decimal) -> Result<Mask> {
        let mut tx = self.db().read(ctx.company).await?;
        let mut dealers = dealers::all(&mut tx, ctx.company).await?;
        // In the order in which they joined, so that a dealer is called the same next month.
        dealers.sort_by_key(|dealer| dealer.id);
        Ok(Mask::new(factor, dealers.into_iter().map(|dealer| (dealer.code, dealer.name))))
    }
}

/// The masked question with the answer that the plugin gives to it; or how it fails on it.
async fn masked(
    mask: &mut Mask,
    plugin: &Arc<Plugin>,
    listed: &Listed,
    found: Found,
) -> Result<std::result::Result<Case, String>> {
    let mut question = Question::read(listed.kind, &found.input)
        .map_err(|error| AppError::Internal(format!("the input of decision {}: {error}", listed.id)))?;
    if let Err(why) = mask.question(&mut question) {
        return Ok(Err(why));
    }
    let settings = mask.settings(found.settings);
    let input = serde_json::to_value(&question).map_err(|error| AppError::Internal(error.to_string()))?;
    let (plugin, text) = (Arc::clone(plugin), settings.to_string());
    let answered = in_background(move || question.ask(&plugin, &text)).await?;
    let expected = match answered {
        Ok(evaluated) => serde_json::to_value(&evaluated.answer),
        Err(failure) => return Ok(Err(failure.to_string())),
    };
    let expected = expected.map_err(|error| AppError::Internal(error.to_string()))?;
    let about = format!(
        "Masked: dealers, texts and amounts are not the real ones; the answer is that of {} {} to this question",
        listed.plugin_name, listed.plugin_version
    );
    Ok(Ok(Case { about, settings: Some(settings), input, expected }))
}
