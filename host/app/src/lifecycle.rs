//! A version's way through a company: approved by a second person, used, retired, taken back.

use crate::bindings::check_reason;
use crate::errors::{AppError, Issue, Result};
use crate::plugins::tell_of_plugin;
use crate::simulations::approvable;
use crate::{App, Context, signing};
use qudao_domain::bindings::ScopeKind;
use qudao_domain::lifecycle::{PluginState, PluginStep, Policy};
use qudao_domain::permissions::{Action, Role, reach};
use qudao_engine::Digest;
use qudao_store::lifecycle::{self, NewStep};
use qudao_store::plugins::{self, Plugin};
use qudao_store::{Tx, audit, bindings};
use serde_json::json;

/// The most failures and minutes that the breaker may be set to.
const MOST_FAILURES: i64 = 1_000;
const MOST_MINUTES: i64 = 24 * 60;

impl App {
    /// Agrees to the use of a version. Where the company wants a second person, that is somebody who did not upload it.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for a role that may not approve; [`AppError::NotFound`]; [`AppError::Conflict`]
    /// `own-upload`, `plugin-unsigned` and `plugin-key-revoked` where the company wants signatures, `guard-failed` and `simulation-needed` by its last simulation, or `plugin-state` when it is approved or retired already.
    pub async fn approve_plugin(&self, ctx: &Context, digest: &str, reason: &str) -> Result<Plugin> {
        ctx.whole_company(Action::PluginsApprove)?;
        let mut tx = self.db().write(ctx.company).await?;
        let plugin = found(&mut tx, ctx, digest).await?;
        let policy = lifecycle::policy(&mut tx, ctx.company).await?;
        if !policy.approvers.contains(&ctx.role) {
            return Err(AppError::Forbidden);
        }
        if policy.second_person && plugin.uploaded_by == ctx.user {
            let message = "you uploaded this version yourself; somebody else must approve it";
            return Err(AppError::conflict("own-upload", message));
        }
        signing::approvable(&mut tx, ctx, &plugin, &policy).await?;
        approvable(&mut tx, ctx, &plugin, &policy).await?;
        let plugin = self.step(&mut tx, ctx, plugin, PluginStep::Approved, reason).await?;
        tx.commit().await?;
        Ok(plugin)
    }

    /// Takes a version out of use. What holds, or will hold, is not retired.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Conflict`] `plugin-live` while it holds or is scheduled somewhere, or
    /// `plugin-state` when it is retired already.
    pub async fn retire_plugin(&self, ctx: &Context, digest: &str, reason: &str) -> Result<Plugin> {
        ctx.whole_company(Action::PluginsApprove)?;
        // Alone among those who make something hold: it cannot be made to hold meanwhile.
        let mut tx = self.begin_binding(ctx).await?;
        let plugin = found(&mut tx, ctx, digest).await?;
        let now = self.clock().now();
        if let Some(binding) = bindings::used(&mut tx, ctx.company, digest, now).await? {
            let slot = &binding.slot;
            let place = match slot.scope_kind {
                ScopeKind::Company => "the whole company".to_owned(),
                narrower => format!("{narrower} {}", slot.scope_value),
            };
            let message = format!("it holds or is scheduled for {place}; put something else there first");
            return Err(AppError::conflict("plugin-live", message).with("place", place));
        }
        let plugin = self.step(&mut tx, ctx, plugin, PluginStep::Retired, reason).await?;
        tx.commit().await?;
        Ok(plugin)
    }

    /// Takes a retired version back; it waits for approval again.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Conflict`] `plugin-state` when it is not retired.
    pub async fn restore_plugin(&self, ctx: &Context, digest: &str, reason: &str) -> Result<Plugin> {
        ctx.whole_company(Action::PluginsApprove)?;
        let mut tx = self.db().write(ctx.company).await?;
        let plugin = found(&mut tx, ctx, digest).await?;
        let plugin = self.step(&mut tx, ctx, plugin, PluginStep::Restored, reason).await?;
        tx.commit().await?;
        Ok(plugin)
    }

    /// How careful the company is with plugins.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn plugin_policy(&self, ctx: &Context) -> Result<Policy> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(lifecycle::policy(&mut tx, ctx.company).await?)
    }

    /// Says how careful the company is with plugins.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for all but the company's administrator; [`AppError::Invalid`] for values that cannot
    /// be.
    pub async fn save_plugin_policy(&self, ctx: &Context, policy: &Policy) -> Result<()> {
        ctx.whole_company(Action::PluginsPolicy)?;
        let issues = issues(policy);
        if !issues.is_empty() {
            return Err(AppError::Invalid(issues));
        }
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let before = lifecycle::policy(&mut tx, ctx.company).await?;
        lifecycle::save_policy(&mut tx, ctx.company, policy, ctx.user, now).await?;
        let detail = json!({ "before": told(&before), "after": told(policy) });
        audit::record(&mut tx, ctx.company, now, ctx.user, "plugin-policy.saved", "plugin policy", &detail)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Where no second person is asked for, whoever makes a version hold approves it.
    pub(crate) async fn approve_alone(&self, tx: &mut Tx, ctx: &Context, plugin: &Plugin) -> Result<()> {
        if plugin.state == PluginState::Verified {
            let policy = lifecycle::policy(tx, ctx.company).await?;
            signing::approvable(tx, ctx, plugin, &policy).await?;
            self.step(tx, ctx, plugin.clone(), PluginStep::Approved, "").await?;
        }
        Ok(())
    }

    async fn step(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        plugin: Plugin,
        step: PluginStep,
        reason: &str,
    ) -> Result<Plugin> {
        check_reason("/reason", reason)?;
        let elsewhere = || {
            let message = format!("this version is {}; see its page", plugin.state);
            AppError::conflict("plugin-state", message).with("state", plugin.state)
        };
        let state = plugin.state.after(step).ok_or_else(elsewhere)?;
        if !lifecycle::set_state(tx, ctx.company, &plugin.digest, plugin.state, state).await? {
            return Err(elsewhere());
        }
        let now = self.clock().now();
        let new = NewStep { step, reason, by: ctx.user, at: now };
        lifecycle::record(tx, ctx.company, &plugin.digest, &new).await?;
        let name = format!("plugin.{step}");
        let about = json!({ "digest": plugin.digest, "name": plugin.name, "version": plugin.version,
                            "state": state, "reason": reason });
        let subject = format!("plugin {}", plugin.digest);
        audit::record(tx, ctx.company, now, ctx.user, &name, &subject, &about).await?;
        let digest: Digest = plugin.digest.parse().map_err(|_| AppError::NotFound)?;
        tell_of_plugin(tx, ctx, now, &digest, &name, about).await?;
        Ok(Plugin { state, ..plugin })
    }
}

async fn found(tx: &mut Tx, ctx: &Context, digest: &str) -> Result<Plugin> {
    plugins::find(tx, ctx.company, digest).await?.ok_or(AppError::NotFound)
}

fn issues(policy: &Policy) -> Vec<Issue> {
    let mut issues = Vec::new();
    let may = |role: &Role| reach(*role, Action::PluginsApprove).is_some();
    if policy.approvers.is_empty() {
        issues.push(Issue::new("/approvers", "required", "name at least one role that may approve"));
    } else if let Some(role) = policy.approvers.iter().find(|role| !may(role)) {
        let message = format!("the role {role} may not approve plugins");
        issues.push(Issue::new("/approvers", "role", message).with("role", role));
    }
    let range = |pointer: &str, value: i64, low: i64, high: i64| {
        let issue = Issue::new(pointer, "range", format!("write a number between {low} and {high}"));
        (!(low..=high).contains(&value)).then(|| issue.with("low", low).with("high", high))
    };
    issues.extend(range("/breaker_failures", policy.breaker_failures, 0, MOST_FAILURES));
    issues.extend(range("/breaker_minutes", policy.breaker_minutes, 1, MOST_MINUTES));
    issues
}

fn told(policy: &Policy) -> serde_json::Value {
    json!({
        "second_person": policy.second_person,
        "approvers": policy.approvers,
        "needs_simulation": policy.needs_simulation,
        "needs_signature": policy.needs_signature,
        "breaker_failures": policy.breaker_failures,
        "breaker_minutes": policy.breaker_minutes,
    })
}
