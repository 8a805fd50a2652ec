//! The life of a plugin's version, and how careful a company is with it.

use crate::permissions::Role;
use crate::words::words;

words! {
    /// Where an uploaded plugin stands.
    PluginState: "plugin state" {
        /// Checked, compiled, described; waits for somebody to approve it.
        Verified = "verified",
        /// May be made to hold.
        Approved = "approved",
        /// No longer to be made to hold.
        Retired = "retired",
    }
}

words! {
    /// What somebody did to a plugin.
    PluginStep: "plugin step" {
        /// Brought it in.
        Uploaded = "uploaded",
        /// Agreed to its use.
        Approved = "approved",
        /// Took it out of use.
        Retired = "retired",
        /// Took it back; it waits for approval again.
        Restored = "restored",
        /// Brought it in, or its history alone, with a file from elsewhere.
        Imported = "imported",
    }
}

words! {
    /// Where a simulation stands.
    SimulationState: "simulation state" {
        /// Orders are being priced again.
        Running = "running",
        /// It came to its end.
        Done = "done",
        /// Somebody stopped it.
        Cancelled = "cancelled",
        /// It could not go on.
        Failed = "failed",
    }
}

impl PluginState {
    /// Where a step leads from here; none where it makes no sense.
    #[must_use]
    pub const fn after(self, step: PluginStep) -> Option<Self> {
        match (self, step) {
            (Self::Verified, PluginStep::Approved) => Some(Self::Approved),
            (Self::Verified | Self::Approved, PluginStep::Retired) => Some(Self::Retired),
            (Self::Retired, PluginStep::Restored) => Some(Self::Verified),
            _ => None,
        }
    }
}

/// How careful a company is with its plugins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether a version needs the approval of somebody who did not upload it.
    pub second_person: bool,
    /// Who may approve.
    pub approvers: Vec<Role>,
    /// Whether a version is approved only after a simulation whose guards held.
    pub needs_simulation: bool,
    /// Whether a version is taken in and approved only with a signature by one of the company's keys.
    pub needs_signature: bool,
    /// After so many failures of one binding …
    pub breaker_failures: i64,
    /// … within so many minutes what held before is put back. 0 failures: never.
    pub breaker_minutes: i64,
}

/// Which evaluations that decided nothing a company keeps, beside those that failed, and for how long. What decided is
/// kept for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunPolicy {
    /// Days after which such a run is forgotten, failures too.
    pub keep_days: i64,
    /// Of a thousand prices that were asked and not ordered, so many are kept.
    pub sample_per_mille: i64,
}

impl Default for RunPolicy {
    fn default() -> Self {
        Self { keep_days: 90, sample_per_mille: 10 }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            second_person: true,
            approvers: vec![Role::Ops, Role::Pricing, Role::Finance, Role::Admin],
            needs_simulation: false,
            needs_signature: false,
            breaker_failures: 5,
            breaker_minutes: 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_goes_forward_and_comes_back_only_through_approval() {
        let steps = [PluginStep::Approved, PluginStep::Retired, PluginStep::Restored];
        let end = steps.iter().try_fold(PluginState::Verified, |state, step| state.after(*step));
        assert_eq!(end, Some(PluginState::Verified));
        assert_eq!(PluginState::Retired.after(PluginStep::Approved), None);
        assert_eq!(PluginState::Approved.after(PluginStep::Approved), None);
        assert_eq!(PluginState::Verified.after(PluginStep::Restored), None);
        for brought in [PluginStep::Uploaded, PluginStep::Imported] {
            assert!(PluginState::ALL.iter().all(|state| state.after(brought).is_none()));
        }
    }
}
