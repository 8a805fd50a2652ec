//! Which plugin and settings hold for whom: activating, rolling back, and what was, is and will be.

use crate::errors::{AppError, Issue, Result};
use crate::measured::measured;
use crate::{App, Context};
use qudao_domain::bindings::{OnFailure, ScopeKind, WHOLE_SHARE};
use qudao_domain::contract::Kind;
use qudao_domain::ids::{BindingId, UserId};
use qudao_domain::lifecycle::{PluginState, Policy};
use qudao_domain::permissions::Action;
use qudao_domain::time::{Instant, Period};
use qudao_store::bindings::{self, Binding, NewBinding, Slot};
use qudao_store::companies::{self, Changed};
use qudao_store::lifecycle;
use qudao_store::outbox::{self, Event};
use qudao_store::plugins::{self, Plugin};
use qudao_store::programs;
use qudao_store::revisions::{self, Revision};
use qudao_store::{StoreError, Tx, audit, dealers};
use serde_json::json;

/// "Now" is this far ahead, so that whoever serves the company has heard of a binding before it holds.
pub const LEASE_MS: i64 = 200;
/// The longest reason or note, in characters.
const MAX_REASON: usize = 500;

/// Where something holds, as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What is decided.
    pub kind: Kind,
    /// What is covered.
    pub scope: ScopeKind,
    /// A region, a tier or a dealer's code; empty for the company.
    pub value: String,
    /// The program's code; needed for incentives, and for them alone.
    pub program: Option<String>,
}

/// A plugin and settings to be made to hold.
#[derive(Debug, Clone)]
pub struct Activation {
    /// The plugin.
    pub digest: String,
    /// Number of the settings; none for the plugin's latest.
    pub revision: Option<i64>,
    /// What is covered.
    pub scope: ScopeKind,
    /// A region, a tier or a dealer's code; empty for the company.
    pub scope_value: String,
    /// The program's code; needed for incentives, and for them alone.
    pub program: Option<String>,
    /// From when; none for now.
    pub from: Option<Instant>,
    /// Why; may be empty.
    pub reason: String,
    /// For how many of a hundred dealers, 1 to 100: the others keep what holds now. For every kind but incentives.
    pub share: i64,
    /// What happens when the plugin fails. For pricing alone.
    pub on_failure: OnFailure,
}

impl Activation {
    /// A plugin's latest settings for the whole company from now on; a failure refuses.
    #[must_use]
    pub fn of(digest: impl Into<String>) -> Self {
        Self {
            digest: digest.into(),
            revision: None,
            scope: ScopeKind::Company,
            scope_value: String::new(),
            program: None,
            from: None,
            reason: String::new(),
            share: WHOLE_SHARE,
            on_failure: OnFailure::Refuse,
        }
    }
}

/// How a binding is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub from: Instant,
    pub reason: &'a str,
    pub share: i64,
    pub on_failure: OnFailure,
    /// Whether the breaker makes it.
    pub automatic: bool,
    pub by: UserId,
}

/// A binding that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The binding; it holds from its `effective_from` on.
    pub binding: Binding,
    /// What held there until then.
    pub instead_of: Option<Binding>,
}

/// Whether a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Will hold from its date on.
    Scheduled,
    /// Holds.
    Live,
    /// Held until another took its place.
    Past,
}

/// A binding and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// The binding.
    pub binding: Binding,
    /// Whether it holds.
    pub standing: Standing,
}

impl Place {
    /// The place as the database knows it.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when the program or the scope is not there.
    pub(crate) async fn slot(&self, tx: &mut Tx, ctx: &Context) -> Result<Slot> {
        let program = self.program.as_deref().filter(|code| !code.is_empty());
        let program_id = match (self.kind == Kind::Incentive, program) {
            (true, None) => {
                return Err(wrong(
                    "/program",
                    "program-needed",
                    "an incentive plugin holds for a program; name one",
                ));
            }
            (false, Some(_)) => {
                return Err(wrong(
                    "/program",
                    "program-unwanted",
                    "only incentive plugins hold for a program",
                ));
            }
            (false, None) => None,
            (true, Some(code)) => {
                let found = programs::by_code(tx, ctx.company, code).await?;
                let unknown = || wrong("/program", "unknown-program", "there is no program with this code");
                Some(found.ok_or_else(unknown)?.id)
            }
        };
        if self.kind == Kind::Incentive && self.scope != ScopeKind::Company {
            return Err(wrong(
                "/scope",
                "program-scope",
                "a program has one rule for the whole company; what differs by region, tier or dealer goes into its settings",
            ));
        }
        let exists = match self.scope {
            ScopeKind::Company => self.value.is_empty(),
            narrower => bindings::dealers_in(tx, ctx.company, narrower, &self.value).await? > 0,
        };
        if !exists {
            let message = match self.scope {
                ScopeKind::Company => "the whole company needs no value; leave it empty",
                ScopeKind::Region => "no dealer is in this region",
                ScopeKind::Tier => "no dealer is of this tier",
                ScopeKind::Dealer => "there is no dealer with this code",
            };
            return Err(wrong("/scope_value", "unknown-scope", message));
        }
        Ok(Slot { kind: self.kind, program_id, scope_kind: self.scope, scope_value: self.value.clone() })
    }
}

impl App {
    /// Makes a plugin with settings hold in a place, from a moment on. Evaluations under way finish on what they
    /// began with.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for an unknown plugin or revision; [`AppError::Invalid`] for a place that is not there,
    /// a moment that is past, or a share or way to go on that is not for this kind; [`AppError::Rule`] when the plugin
    /// fails on a simple question with these settings; [`AppError::Conflict`] `plugin-unapproved`, `plugin-retired`,
    /// `plugin-unsigned` and `plugin-key-revoked` where this approves it and the company wants signatures,
    /// `already-holds`, or `binding-tie` when the place has a binding from the same moment on.
    pub async fn activate(&self, ctx: &Context, activation: &Activation) -> Result<Made> {
        ctx.whole_company(Action::PluginsActivate)?;
        check_reason("/reason", &activation.reason)?;
        moment_of(self.clock().now(), activation.from)?;
        check_share(activation.share)?;
        let mut tx = self.db().read(ctx.company).await?;
        let plugin =
            plugins::find(&mut tx, ctx.company, &activation.digest).await?.ok_or(AppError::NotFound)?;
        let revision = match activation.revision {
            Some(number) => revisions::by_number(&mut tx, ctx.company, &plugin.digest, number).await?,
            None => revisions::latest(&mut tx, ctx.company, &plugin.digest).await?,
        };
        let unknown = || wrong("/revision", "unknown-revision", "the plugin has no settings of this number");
        let revision = revision.ok_or_else(unknown)?;
        let place = Place {
            kind: plugin.kind,
            scope: activation.scope,
            value: activation.scope_value.clone(),
            program: activation.program.clone(),
        };
        let slot = place.slot(&mut tx, ctx).await?;
        let policy = lifecycle::policy(&mut tx, ctx.company).await?;
        drop(tx);
        check_kind(plugin.kind, activation.share, activation.on_failure)?;
        usable(&plugin, &policy)?;
        self.try_plugin(ctx, &plugin.digest, &revision.settings).await?;
        let mut tx = self.begin_binding(ctx).await?;
        // It may have been retired meanwhile.
        let plugin =
            plugins::find(&mut tx, ctx.company, &activation.digest).await?.ok_or(AppError::NotFound)?;
        usable(&plugin, &policy)?;
        self.approve_alone(&mut tx, ctx, &plugin).await?;
        let terms = Terms {
            from: moment_of(self.clock().now(), activation.from)?,
            reason: &activation.reason,
            share: activation.share,
            on_failure: activation.on_failure,
            automatic: false,
            by: ctx.user,
        };
        let made = self.bind(&mut tx, ctx, &slot, &revision, &terms).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Puts back what held in a place before that which holds now. Nothing is compiled or checked again: it held
    /// before.
    ///
    /// # Errors
    /// [`AppError::NoRule`] when nothing holds there; [`AppError::Conflict`] `nothing-before` when nothing else
    /// held there before.
    pub async fn roll_back(&self, ctx: &Context, place: &Place, reason: &str) -> Result<Made> {
        ctx.whole_company(Action::PluginsActivate)?;
        check_reason("/reason", reason)?;
        let mut tx = self.begin_binding(ctx).await?;
        let slot = place.slot(&mut tx, ctx).await?;
        // A binding made a moment ago may still lie ahead by its lease; it is what is to be undone.
        let from = moment_of(self.clock().now(), None)?;
        let live = bindings::held_in(&mut tx, ctx.company, &slot, from).await?;
        let live = live.ok_or(AppError::NoRule(slot.kind))?;
        let nothing = || {
            AppError::conflict(
                "nothing-before",
                "nothing else held here before; there is nothing to go back to",
            )
        };
        let before = bindings::before(&mut tx, ctx.company, &live).await?.ok_or_else(nothing)?;
        let revision = revisions::find(&mut tx, ctx.company, before.revision_id).await?;
        let revision =
            revision.ok_or_else(|| AppError::Internal(format!("revision {} is gone", before.revision_id)))?;
        let on_failure = before.on_failure;
        let terms = Terms { from, reason, share: WHOLE_SHARE, on_failure, automatic: false, by: ctx.user };
        let made = self.bind(&mut tx, ctx, &slot, &revision, &terms).await?;
        tx.commit().await?;
        // It may have left the memory since; the first order after the swap should not wait for it.
        self.rules().plugin(self.db(), ctx.company, &before.plugin_digest).await?;
        Ok(made)
    }

    /// What holds in each place now.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn live_bindings(&self, ctx: &Context) -> Result<Vec<Binding>> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(bindings::held(&mut tx, ctx.company, self.clock().now()).await?)
    }

    /// What was, is and will be for a kind, the latest first, at most `limit`, those before `before`.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn bindings(
        &self,
        ctx: &Context,
        kind: Kind,
        before: Option<Instant>,
        limit: i64,
    ) -> Result<Vec<Dated>> {
        ctx.whole_company(Action::PluginsRead)?;
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let held = bindings::held(&mut tx, ctx.company, now).await?;
        let line = bindings::time_line(&mut tx, ctx.company, kind, before, limit).await?;
        Ok(dated(line, &held, kind, now))
    }

    /// How many dealers a place covers, and how many recent cases: orders of 30 days, facts of the present quarter, or
    /// scorecards.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn covered(
        &self,
        ctx: &Context,
        kind: Kind,
        scope: ScopeKind,
        value: &str,
    ) -> Result<(i64, i64)> {
        ctx.whole_company(Action::PluginsRead)?;
        let now = self.clock().now();
        let quarter = Period::quarter_of(ctx.day(now));
        let mut tx = self.db().read(ctx.company).await?;
        let dealers = bindings::dealers_in(&mut tx, ctx.company, scope, value).await?;
        let month_ago = now.plus_ms(-30 * 24 * 3_600_000);
        Ok((dealers, bindings::cases(&mut tx, ctx.company, kind, month_ago, quarter.first).await?))
    }

    /// What rolling a place back would bring: the binding that held before the one that holds now.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn before(&self, ctx: &Context, live: &Binding) -> Result<Option<Binding>> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(bindings::before(&mut tx, ctx.company, live).await?)
    }

    /// The regions and tiers that something can be made to hold for.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn scopes(&self, ctx: &Context) -> Result<(Vec<String>, Vec<String>)> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let words = |counted: Vec<(String, i64)>| counted.into_iter().map(|(word, _)| word).collect();
        let regions = dealers::regions(&mut tx, ctx.company).await?;
        Ok((words(regions), words(dealers::tiers(&mut tx, ctx.company).await?)))
    }

    /// Loads a plugin and asks it a simple question with settings, so that what cannot run is not made to hold.
    pub(crate) async fn try_plugin(&self, ctx: &Context, digest: &str, settings: &str) -> Result<()> {
        let plugin = self.rules().plugin(self.db(), ctx.company, digest).await?;
        let (kind, settings) = (plugin.kind(), settings.to_owned());
        let (company, turn) = (ctx.company_code.clone(), self.turn(ctx.company).await?);
        let tried =
            turn.run(move || measured(&company, &plugin, || qudao_engine::try_out(&plugin, &settings)));
        match tried.await? {
            Ok(_) => Ok(()),
            Err(failure) => Err(AppError::Rule { kind, failure: Box::new(failure) }),
        }
    }

    /// Begins the transaction that makes a binding. It counts the company's revision up before the moment is chosen
    /// from which the binding holds: an order that did not see it has ended by then, and one that begins later waits
    /// until it can, however long this transaction takes.
    pub(crate) async fn begin_binding(&self, ctx: &Context) -> Result<Tx> {
        Ok(companies::begin_change(self.db(), ctx.company, Changed::Bindings).await?)
    }

    /// Makes the binding of settings and their plugin, within a transaction.
    pub(crate) async fn bind(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        slot: &Slot,
        revision: &Revision,
        terms: &Terms<'_>,
    ) -> Result<Made> {
        let now = self.clock().now();
        let instead_of = bindings::held_in(tx, ctx.company, slot, terms.from).await?;
        let same = |held: &Binding| {
            (held.revision_id, held.share, held.on_failure) == (revision.id, terms.share, terms.on_failure)
        };
        if instead_of.as_ref().is_some_and(same) {
            return Err(AppError::conflict(
                "already-holds",
                "this plugin with these settings holds there already",
            ));
        }
        let binding = NewBinding {
            id: BindingId::at(now),
            slot,
            plugin_digest: &revision.plugin_digest,
            revision_id: revision.id,
            effective_from: terms.from,
            reason: terms.reason,
            share: terms.share,
            on_failure: terms.on_failure,
            automatic: terms.automatic,
            created_by: terms.by,
            created_at: now,
        };
        let tie = |error| match error {
            StoreError::Conflict(_) => AppError::conflict(
                "binding-tie",
                "something else begins to hold there at the same moment; choose another moment",
            ),
            other => other.into(),
        };
        bindings::insert(tx, ctx.company, &binding).await.map_err(tie)?;
        let made = bindings::find(tx, ctx.company, binding.id).await?;
        let made = made.ok_or_else(|| AppError::Internal(format!("binding {} was not kept", binding.id)))?;
        tell(tx, ctx, now, &made, instead_of.as_ref()).await?;
        Ok(Made { binding: made, instead_of })
    }
}

async fn tell(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    made: &Binding,
    instead_of: Option<&Binding>,
) -> Result<()> {
    let body = json!({
        "binding": made.id,
        "kind": made.slot.kind,
        "program": made.program,
        "scope": made.slot.scope_kind,
        "scope_value": made.slot.scope_value,
        "plugin": made.plugin_digest,
        "name": made.plugin_name,
        "version": made.plugin_version,
        "revision": made.revision,
        "effective_from": made.effective_from,
        "instead_of": instead_of.map(|binding| binding.id),
        "reason": made.reason,
        "share": made.share,
        "on_failure": made.on_failure,
        "automatic": made.automatic,
    });
    let subject = format!("binding {}", made.id);
    audit::record(tx, ctx.company, now, made.created_by, "binding.made", &subject, &body).await?;
    let event = Event {
        aggregate: "binding",
        aggregate_id: made.id.0,
        aggregate_seq: 1,
        event: "binding.made",
        version: 1,
        body,
    };
    Ok(outbox::insert(tx, ctx.company, now, &event).await?)
}

/// The moment from which something is to hold: never before everybody can have heard of it.
///
/// # Errors
/// [`AppError::Invalid`] when it is past.
pub(crate) fn moment_of(now: Instant, wanted: Option<Instant>) -> Result<Instant> {
    let soonest = now.plus_ms(LEASE_MS);
    match wanted {
        Some(wanted) if wanted <= now => {
            let message = "this moment is past; choose a later one, or leave it empty for now";
            Err(wrong("/from", "past", message))
        }
        Some(wanted) => Ok(wanted.max(soonest)),
        None => Ok(soonest),
    }
}

pub(crate) fn check_reason(pointer: &str, text: &str) -> Result<()> {
    if text.chars().count() > MAX_REASON {
        let message = format!("use at most {MAX_REASON} characters");
        return Err(AppError::invalid(Issue::new(pointer, "max-length", message).with("limit", MAX_REASON)));
    }
    Ok(())
}

/// Whether a plugin may be made to hold.
fn usable(plugin: &Plugin, policy: &Policy) -> Result<()> {
    match plugin.state {
        PluginState::Approved => Ok(()),
        PluginState::Verified if !policy.second_person => Ok(()),
        PluginState::Verified => {
            let message = format!(
                "this version waits for approval by somebody other than {}, who uploaded it",
                plugin.uploaded_by_name
            );
            Err(AppError::conflict("plugin-unapproved", message))
        }
        PluginState::Retired => {
            Err(AppError::conflict("plugin-retired", "this plugin was retired; activate another version"))
        }
    }
}

fn check_share(share: i64) -> Result<()> {
    if (1..=WHOLE_SHARE).contains(&share) {
        return Ok(());
    }
    let issue = Issue::new("/share", "range", "name a share of the dealers between 1 and 100");
    Err(AppError::invalid(issue.with("low", 1).with("high", WHOLE_SHARE)))
}

/// Money that is settled waits for a mended rule; it is neither shared out by two rules nor formed by another one.
fn check_kind(kind: Kind, share: i64, on_failure: OnFailure) -> Result<()> {
    if kind == Kind::Incentive && share != WHOLE_SHARE {
        let message = "a program is settled by one rule for everybody; leave the share at 100";
        return Err(wrong("/share", "share-unwanted", message));
    }
    if kind != Kind::Pricing && on_failure != OnFailure::Refuse {
        let message = "settlements, scorings and registrations wait until the rule is mended; only pricing can go on otherwise";
        return Err(wrong("/on_failure", "on-failure-unwanted", message));
    }
    Ok(())
}

fn wrong(pointer: &str, code: &'static str, message: &str) -> AppError {
    AppError::invalid(Issue::new(pointer, code, message))
}

/// Says of each binding of a time line whether it holds. Those that hold are shown however old they are.
pub(crate) fn dated(line: Vec<Binding>, held: &[Binding], kind: Kind, now: Instant) -> Vec<Dated> {
    let live = |binding: &Binding| held.iter().any(|held| held.id == binding.id);
    let older: Vec<Binding> = held
        .iter()
        .filter(|held| held.slot.kind == kind && !line.iter().any(|binding| binding.id == held.id))
        .cloned()
        .collect();
    let standing = |binding: Binding| {
        let standing = match live(&binding) {
            true => Standing::Live,
            false if binding.effective_from > now => Standing::Scheduled,
            false => Standing::Past,
        };
        Dated { binding, standing }
    };
    line.into_iter().chain(older).map(standing).collect()
}
