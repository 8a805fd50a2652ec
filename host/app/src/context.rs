//! Who asks: the typed ticket that every use case takes.

use crate::errors::{AppError, Result};
use chrono::NaiveDate;
use qudao_domain::ids::{CompanyId, DealerId, UserId};
use qudao_domain::money::Currency;
use qudao_domain::permissions::{Action, Reach, Role, reach};
use qudao_domain::time::Instant;

/// Somebody of a company, with what they may do there.
#[derive(Debug, Clone)]
pub struct Context {
    /// The company; every row that is read or written belongs to it.
    pub company: CompanyId,
    /// Its short name.
    pub company_code: String,
    /// Its name.
    pub company_name: String,
    /// The currency of its price list and ledger.
    pub currency: Currency,
    /// Its time zone.
    pub zone: chrono_tz::Tz,
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their e-mail.
    pub email: String,
    /// What they are.
    pub role: Role,
    /// The dealer that they belong to.
    pub dealer: Option<DealerId>,
    /// The language they chose.
    pub language: Option<String>,
    /// With an API token: the actions it is limited to.
    pub scopes: Option<Vec<Action>>,
}

/// Which dealers' rows may be seen: all, or those of a branch down to a depth. Binds as two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// The dealer at the top of the branch; none for all.
    pub ancestor: Option<DealerId>,
    /// How far below it; 0 for itself alone.
    pub depth: i64,
}

impl Context {
    /// How far this reader may go with an action.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when role or token do not permit it.
    pub fn reach(&self, action: Action) -> Result<Reach> {
        let scoped = self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&action));
        reach(self.role, action).filter(|_| scoped).ok_or(AppError::Forbidden)
    }

    /// Checks that the action is permitted in the whole company.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when it is not.
    pub fn whole_company(&self, action: Action) -> Result<()> {
        match self.reach(action)? {
            Reach::Company => Ok(()),
            Reach::Own | Reach::Branch => Err(AppError::Forbidden),
        }
    }

    /// Which dealers' rows an action may touch.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when none.
    pub fn within(&self, action: Action) -> Result<Within> {
        let depth = match self.reach(action)? {
            Reach::Company => return Ok(Within { ancestor: None, depth: 0 }),
            Reach::Branch => i64::from(i16::MAX),
            Reach::Own => 0,
        };
        let ancestor = Some(self.dealer.ok_or(AppError::Forbidden)?);
        Ok(Within { ancestor, depth })
    }

    /// The day in the company's zone.
    #[must_use]
    pub fn day(&self, at: Instant) -> NaiveDate {
        at.day_in(self.zone)
    }
}
