//! What happens when a plugin fails again and again: what held before is put back, and people are told.

use crate::bindings::{LEASE_MS, Terms, check_reason};
use crate::errors::{AppError, Result};
use crate::{App, Context};
use qudao_domain::bindings::WHOLE_SHARE;
use qudao_domain::ids::IncidentId;
use qudao_domain::lifecycle::Policy;
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_store::bindings::{self, Binding, Live};
use qudao_store::incidents::{self, Incident, NewIncident};
use qudao_store::outbox::{self, Event};
use qudao_store::{Tx, audit, lifecycle, revisions, runs};
use serde_json::json;

/// How many incidents a list shows.
const SHOWN: i64 = 50;

impl App {
    /// Bindings that failed again and again and that nobody has looked into yet, the latest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn open_incidents(&self, ctx: &Context) -> Result<Vec<Incident>> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(incidents::list(&mut tx, ctx.company, true, "", SHOWN).await?)
    }

    /// Every incident, the latest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn incidents(&self, ctx: &Context) -> Result<Vec<Incident>> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(incidents::list(&mut tx, ctx.company, false, "", SHOWN).await?)
    }

    /// Says that somebody looked into an incident, and what they found.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::NotFound`] when there is no open one of this id; [`AppError::Invalid`] for a
    /// note that is too long.
    pub async fn close_incident(&self, ctx: &Context, id: IncidentId, note: &str) -> Result<()> {
        ctx.whole_company(Action::PluginsActivate)?;
        check_reason("/note", note)?;
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        if !incidents::close(&mut tx, ctx.company, id, ctx.user, now, note).await? {
            return Err(AppError::NotFound);
        }
        let (subject, detail) = (format!("incident {id}"), json!({ "note": note }));
        audit::record(&mut tx, ctx.company, now, ctx.user, "incident.closed", &subject, &detail).await?;
        let event = Event {
            aggregate: "incident",
            aggregate_id: id.0,
            aggregate_seq: 2,
            event: "incident.closed",
            version: 1,
            body: detail,
        };
        outbox::insert(&mut tx, ctx.company, now, &event).await?;
        Ok(tx.commit().await?)
    }

    /// After a failure of a binding: when it is one too many, puts back what held before and opens an incident.
    pub(crate) async fn count_failure(&self, ctx: &Context, live: &Live, error: &str) -> Result<()> {
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let policy = lifecycle::policy(&mut tx, ctx.company).await?;
        let failures = failures(&mut tx, ctx, live, &policy, now).await?;
        let open = incidents::is_open(&mut tx, ctx.company, live.binding_id).await?;
        drop(tx);
        if policy.breaker_failures == 0 || failures < policy.breaker_failures || open {
            return Ok(());
        }
        let mut tx = self.begin_binding(ctx).await?;
        // Somebody else may have been as far at the same moment, or have put something else there.
        let held = bindings::find(&mut tx, ctx.company, live.binding_id).await?;
        let held = held.ok_or_else(|| AppError::Internal(format!("binding {} is gone", live.binding_id)))?;
        let moment = now.plus_ms(LEASE_MS);
        let holds = bindings::held_in(&mut tx, ctx.company, &held.slot, moment).await?;
        if holds.is_none_or(|holds| holds.id != held.id)
            || incidents::is_open(&mut tx, ctx.company, held.id).await?
        {
            return Ok(());
        }
        let restored = self.put_back(&mut tx, ctx, &held, (failures, error), moment).await?;
        tell(&mut tx, ctx, now, &held, restored.as_ref(), (failures, error)).await?;
        tx.commit().await?;
        tracing::error!(
            company = %ctx.company_code, plugin = %held.plugin_digest, failures, error,
            restored = restored.as_ref().map(|binding| binding.plugin_digest.as_str()), "a binding failed too often"
        );
        Ok(())
    }

    /// Makes what held before hold again, in the name of who made it hold then.
    async fn put_back(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        held: &Binding,
        (failures, error): (i64, &str),
        from: Instant,
    ) -> Result<Option<Binding>> {
        let Some(before) = bindings::before(tx, ctx.company, held).await? else { return Ok(None) };
        let revision = revisions::find(tx, ctx.company, before.revision_id).await?;
        let revision =
            revision.ok_or_else(|| AppError::Internal(format!("revision {} is gone", before.revision_id)))?;
        let reason = format!("{failures} × {error}");
        let terms = Terms {
            from,
            reason: &reason,
            share: WHOLE_SHARE,
            on_failure: before.on_failure,
            automatic: true,
            by: before.created_by,
        };
        let made = self.bind(tx, ctx, &held.slot, &revision, &terms).await?;
        Ok(Some(made.binding))
    }
}

async fn failures(tx: &mut Tx, ctx: &Context, live: &Live, policy: &Policy, now: Instant) -> Result<i64> {
    let since = now.plus_ms(-policy.breaker_minutes * 60_000);
    Ok(runs::since(tx, ctx.company, live.binding_id, since).await?)
}

async fn tell(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    held: &Binding,
    restored: Option<&Binding>,
    (failures, error): (i64, &str),
) -> Result<()> {
    let id = IncidentId::at(now);
    let restored_id = restored.map(|binding| binding.id);
    let new = NewIncident { id, opened_at: now, binding: held.id, restored: restored_id, failures, error };
    incidents::open(tx, ctx.company, &new).await?;
    let body = json!({
        "incident": id,
        "binding": held.id,
        "plugin": held.plugin_digest,
        "name": held.plugin_name,
        "version": held.plugin_version,
        "failures": failures,
        "error": error,
        "restored": restored.map(|binding| json!({
            "binding": binding.id, "plugin": binding.plugin_digest, "version": binding.plugin_version,
        })),
    });
    let event = Event {
        aggregate: "incident",
        aggregate_id: id.0,
        aggregate_seq: 1,
        event: "incident.opened",
        version: 1,
        body,
    };
    Ok(outbox::insert(tx, ctx.company, now, &event).await?)
}
