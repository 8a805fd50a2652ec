//! Which of the earlier registrations are of the same opportunity, and which of them stand in the way.

use crate::settings::Same;
use qudao_sdk::deal::{Claim, ClaimantKind, Earlier, Standing};

/// The registrations of the same opportunity.
pub(crate) struct Rivals<'a> {
    /// The claimant's own, the oldest first.
    pub(crate) own: Vec<&'a Earlier>,
    /// Of other dealers, in the way.
    pub(crate) dealers: Vec<&'a Earlier>,
    /// Of direct sales, in the way.
    pub(crate) direct: Vec<&'a Earlier>,
    /// Of others, accepted without protection: they keep nobody out.
    pub(crate) unprotected: Vec<&'a Earlier>,
}

impl<'a> Rivals<'a> {
    pub(crate) fn of(claim: &'a Claim, same: Same) -> Self {
        let mut rivals = Self { own: vec![], dealers: vec![], direct: vec![], unprotected: vec![] };
        for earlier in &claim.earlier {
            if same == Same::Category && earlier.category != claim.category {
                continue;
            }
            let list = match (earlier.is_own, earlier.claimant.kind) {
                (true, _) => &mut rivals.own,
                _ if !blocks(earlier, claim) => &mut rivals.unprotected,
                (_, ClaimantKind::Dealer) => &mut rivals.dealers,
                (_, ClaimantKind::Salesperson) => &mut rivals.direct,
            };
            list.push(earlier);
        }
        rivals
    }

    /// All that stand in the way.
    pub(crate) fn blocking(&self) -> impl Iterator<Item = &'a Earlier> {
        self.direct.iter().chain(&self.dealers).copied()
    }
}

fn blocks(earlier: &Earlier, claim: &Claim) -> bool {
    earlier.standing == Standing::Asked || earlier.protected_until.is_some_and(|until| until >= claim.on)
}
