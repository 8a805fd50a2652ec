//! The life of a plugin and of what held in its places: uploads, settings, bindings, the latest first.

use qudao_app::{Dated, PluginPage, Standing};
use qudao_domain::bindings::WHOLE_SHARE;
use qudao_domain::lifecycle::PluginStep;
use qudao_domain::time::Instant;
use qudao_store::bindings::Binding;
use qudao_store::lifecycle::Step;
use qudao_store::plugins::Plugin;
use std::cmp::Reverse;

use super::shown::{EventView, ProgramNames, ScopeView, program_of};

/// How many events are shown.
const SHOWN: usize = 60;

/// Every event that the page knows of, the latest first.
pub fn events(page: &PluginPage, names: &ProgramNames) -> Vec<EventView> {
    let versions: Vec<&str> = page.versions.iter().map(|version| version.digest.as_str()).collect();
    let ours = |dated: &&Dated| versions.contains(&dated.binding.plugin_digest.as_str());
    let bindings = page.bindings.iter().filter(ours).map(|dated| bound(dated, page, names));
    let settings = page.revisions.iter().filter(|revision| revision.number > 1).map(|revision| EventView {
        // All that an import makes has one moment.
        event: if imported_at(page, revision.created_at) { "settings-imported" } else { "settings" },
        version: page.plugin.version.clone(),
        revision: revision.number,
        state: "",
        scope: None,
        program: None,
        by: revision.created_by_name.clone(),
        at: revision.created_at,
        digest: page.plugin.digest.clone(),
        reason: revision.note.clone(),
        share: WHOLE_SHARE,
    });
    let signed = page.signatures.iter().map(|signature| EventView {
        event: "signed",
        version: page.plugin.version.clone(),
        revision: 0,
        state: if signature.revoked_at.is_some() { "revoked" } else { "" },
        scope: None,
        program: None,
        by: signature.recorded_by_name.clone(),
        at: signature.recorded_at,
        digest: page.plugin.digest.clone(),
        reason: signature.key_name.clone(),
        share: WHOLE_SHARE,
    });
    let steps = page.steps.iter().filter_map(|step| stepped(step, page));
    // A version that came with a file has a step that says so.
    let brought =
        |version: &&Plugin| version.digest == page.plugin.digest && imported_at(page, version.uploaded_at);
    let uploads = page.versions.iter().filter(|version| !brought(version)).map(|version| EventView {
        event: "uploaded",
        version: version.version.clone(),
        revision: 0,
        state: version.state.as_str(),
        scope: None,
        program: None,
        by: version.uploaded_by_name.clone(),
        at: version.uploaded_at,
        digest: version.digest.clone(),
        reason: String::new(),
        share: WHOLE_SHARE,
    });
    let mut events: Vec<EventView> =
        bindings.chain(settings).chain(signed).chain(steps).chain(uploads).collect();
    events.sort_by_key(|event| Reverse(event.at));
    events.truncate(SHOWN);
    events
}

fn bound(dated: &Dated, page: &PluginPage, names: &ProgramNames) -> EventView {
    let binding = &dated.binding;
    let event = match dated.standing {
        Standing::Scheduled => "scheduled",
        Standing::Live | Standing::Past if binding.automatic => "rolled-back-automatically",
        Standing::Live | Standing::Past if goes_back(binding, &page.bindings) => "rolled-back",
        Standing::Live | Standing::Past => "activated",
    };
    EventView {
        event,
        version: binding.plugin_version.clone(),
        revision: binding.revision,
        state: match dated.standing {
            Standing::Scheduled => "scheduled",
            Standing::Live => "live",
            Standing::Past => "superseded",
        },
        scope: Some(ScopeView::from(&binding.slot)),
        program: program_of(binding, names),
        by: binding.created_by_name.clone(),
        at: binding.effective_from,
        digest: binding.plugin_digest.clone(),
        reason: binding.reason.clone(),
        share: binding.share,
    }
}

fn imported_at(page: &PluginPage, at: Instant) -> bool {
    page.steps.iter().any(|step| step.step == PluginStep::Imported && step.taken_at == at)
}

/// What was done to this version. Uploads are told of every version.
fn stepped(step: &Step, page: &PluginPage) -> Option<EventView> {
    let event = match step.step {
        PluginStep::Uploaded => return None,
        PluginStep::Approved => "approved",
        PluginStep::Retired => "retired",
        PluginStep::Restored => "restored",
        PluginStep::Imported => "imported",
    };
    Some(EventView {
        event,
        version: page.plugin.version.clone(),
        revision: 0,
        state: "",
        scope: None,
        program: None,
        by: step.taken_by_name.clone(),
        at: step.taken_at,
        digest: page.plugin.digest.clone(),
        reason: step.reason.clone(),
        share: WHOLE_SHARE,
    })
}

/// Whether a binding put back what held before the one that it replaced.
fn goes_back(binding: &Binding, all: &[Dated]) -> bool {
    let same = |one: &Binding, other: &Binding| one.revision_id == other.revision_id;
    let mut earlier = all
        .iter()
        .map(|dated| &dated.binding)
        .filter(|other| other.slot == binding.slot && other.effective_from < binding.effective_from);
    let Some(replaced) = earlier.next() else { return false };
    earlier.find(|other| !same(other, replaced)).is_some_and(|before| same(before, binding))
}
