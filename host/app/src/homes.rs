//! What each role finds on its home page: what waits, what holds, how it goes.

mod company;
mod dealer;
mod money;

pub use company::{DeskHome, Month, PricingHome};
pub use dealer::{Again, DealerHome, News};
pub use money::{FinanceHome, ProgramLine, SalesHome};

use crate::errors::Result;
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::decimal::Decimal;
use qudao_domain::kpi;
use qudao_domain::time::Instant;
use qudao_store::homes::Begun;

/// Rows in a list on a home page.
const SHOWN: i64 = 8;
const DAY_MS: i64 = 24 * 3_600_000;

impl App {
    /// What the company has already, to say what to do first.
    ///
    /// # Errors
    /// As any query.
    pub async fn begun(&self, ctx: &Context) -> Result<Begun> {
        let mut tx = self.db().read(ctx.company).await?;
        Ok(qudao_store::homes::begun(&mut tx, ctx.company).await?)
    }
}

/// A moment surely before everything that happened on a day in whatever zone.
fn before_day(day: NaiveDate) -> Instant {
    let midnight = day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc();
    Instant::from_utc(midnight).plus_ms(-DAY_MS)
}

/// `part ÷ whole` to a tenth of a per cent; none where there is no whole.
fn share(part: i64, whole: i64) -> Option<Decimal> {
    Some(kpi::share(part, whole)?.round_dp(3))
}
