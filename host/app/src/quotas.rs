//! One company's share of the server: how many plugins, how large, how many evaluations at once and in a second.

use crate::errors::{AppError, Issue, Result};
use crate::threads::{Pace, at_pace};
use crate::{App, Context};
use qudao_domain::ids::CompanyId;
use qudao_domain::lifecycle::PluginState;
use qudao_domain::quotas::Quotas;
use qudao_store::companies::Company;
use qudao_store::{plugins, quotas};
use std::collections::HashMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a server remembers of a company's limits is read again after so long.
pub(crate) const FRESH: Duration = Duration::from_secs(10);
/// The longest wait for a turn.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// A company may have this many turns by the bucket's fill at least, however few it has in a second.
const LEAST_BURST: u64 = 10;
/// A company is at work for so long after it asked something of this server.
const AT_WORK: Duration = Duration::from_secs(2);
const MICROS: u64 = 1_000_000;

/// What is left of each company's share on this server.
#[derive(Default)]
pub(crate) struct Gates {
    by_company: Mutex<HashMap<CompanyId, Gate>>,
    at_work: Arc<AtWork>,
}

/// Which companies were at work last.
#[derive(Default)]
struct AtWork(Mutex<Last>);

/// The company that last asked something of this server, and the last one other than that.
#[derive(Default)]
struct Last {
    latest: Option<(CompanyId, Instant)>,
    other: Option<(CompanyId, Instant)>,
}

impl AtWork {
    fn seen(&self, company: CompanyId, now: Instant) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.latest.is_some_and(|(latest, _)| latest != company) {
            last.other = last.latest;
        }
        last.latest = Some((company, now));
    }

    /// Whether another company is.
    fn other_than(&self, company: CompanyId, now: Instant) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let other = last.latest.filter(|(latest, _)| *latest != company).or(last.other);
        other.is_some_and(|(_, at)| now.saturating_duration_since(at) < AT_WORK)
    }
}

/// A turn at asking a plugin; over when it was used or is dropped.
pub(crate) struct Turn {
    permit: OwnedSemaphorePermit,
    company: CompanyId,
    pace: Arc<Pace>,
    at_work: Arc<AtWork>,
}

impl Turn {
    /// Uses the turn, on a thread of its own. It is over with the work, even where nobody waits for that any more.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the work panics or no thread can be had.
    pub(crate) async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let Self { permit, company, pace, at_work } = self;
        at_pace(
            pace,
            move || at_work.other_than(company, Instant::now()),
            move || {
                let _permit = permit;
                work()
            },
        )
        .await
    }
}

struct Gate {
    quotas: Quotas,
    read_at: Instant,
    at_once: Arc<Semaphore>,
    pace: Arc<Pace>,
    bucket: Bucket,
}

/// Turns by time: a bucket that fills evenly.
struct Bucket {
    per_second: u64,
    /// In millionths of a turn.
    left: u64,
    filled_at: Instant,
}

impl Bucket {
    fn new(per_second: i64, now: Instant) -> Self {
        let per_second = per_second.unsigned_abs();
        let mut bucket = Self { per_second, left: 0, filled_at: now };
        bucket.left = bucket.most();
        bucket
    }

    fn most(&self) -> u64 {
        (self.per_second / 10).max(LEAST_BURST).saturating_mul(MICROS)
    }

    /// Whether there is a turn.
    fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled_at).as_micros();
        let more = u64::try_from(passed).unwrap_or(u64::MAX).saturating_mul(self.per_second);
        self.left = self.left.saturating_add(more).min(self.most());
        self.filled_at = now;
        let taken = self.left >= MICROS;
        if taken {
            self.left -= MICROS;
        }
        taken
    }
}

/// One fewer than there are processors, and one at least.
fn usual_at_once() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1).max(1)
}

impl Gate {
    fn new(quotas: Quotas, now: Instant) -> Self {
        let at_once = quotas.calls_at_once.and_then(|calls| usize::try_from(calls).ok());
        let at_once = at_once.unwrap_or_else(usual_at_once).clamp(1, Semaphore::MAX_PERMITS);
        let bucket = Bucket::new(quotas.calls_per_second, now);
        let percent = u32::try_from(quotas.processor_percent).unwrap_or(u32::MAX);
        let (at_once, pace) = (Arc::new(Semaphore::new(at_once)), Arc::new(Pace::new(percent)));
        Self { quotas, read_at: now, at_once, pace, bucket }
    }
}

impl Gates {
    /// The semaphore to wait at and the company's pace, if there is a turn by time; none where the quotas must be read
    /// first.
    fn enter(&self, company: CompanyId, now: Instant) -> Option<Result<(Arc<Semaphore>, Arc<Pace>)>> {
        let mut gates = self.by_company.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.get_mut(&company)?;
        if now.saturating_duration_since(gate.read_at) > FRESH {
            return None;
        }
        if !gate.bucket.take(now) {
            return Some(Err(AppError::TooMany));
        }
        Some(Ok((Arc::clone(&gate.at_once), Arc::clone(&gate.pace))))
    }

    /// Notes that a company asks something of this server.
    pub(crate) fn seen(&self, company: CompanyId) {
        self.at_work.seen(company, Instant::now());
    }

    /// Those that hold; turns under way go on.
    fn refresh(&self, company: CompanyId, quotas: Quotas, now: Instant) {
        let mut gates = self.by_company.lock().unwrap_or_else(PoisonError::into_inner);
        match gates.get_mut(&company) {
            Some(gate) if gate.quotas == quotas => gate.read_at = now,
            _ => drop(gates.insert(company, Gate::new(quotas, now))),
        }
    }
}

impl App {
    /// What a company may use, for the operator.
    ///
    /// # Errors
    /// As any query.
    pub async fn quotas_of(&self, company: &Company) -> Result<Quotas> {
        let mut tx = self.db().read(company.id).await?;
        Ok(quotas::of(&mut tx, company.id).await?)
    }

    /// Sets what a company may use, for the operator. Servers that run know it after ten seconds.
    ///
    /// # Errors
    /// [`AppError::Invalid`] where one is below 1.
    pub async fn set_quotas(&self, company: &Company, new: &Quotas) -> Result<()> {
        let all = [
            ("/plugins", Some(new.plugins)),
            ("/component_bytes", Some(new.component_bytes)),
            ("/simulations", Some(new.simulations)),
            ("/calls_per_second", Some(new.calls_per_second)),
            ("/calls_at_once", new.calls_at_once),
            ("/processor_percent", Some(new.processor_percent)),
        ];
        let low = all.into_iter().filter(|(_, quota)| quota.is_some_and(|quota| quota < 1));
        let issues: Vec<Issue> =
            low.map(|(pointer, _)| Issue::new(pointer, "low", "write a number of at least 1")).collect();
        if !issues.is_empty() {
            return Err(AppError::Invalid(issues));
        }
        let mut tx = self.db().write(company.id).await?;
        quotas::save(&mut tx, company.id, new).await?;
        tx.commit().await?;
        self.gates().refresh(company.id, *new, Instant::now());
        Ok(())
    }

    /// A turn at asking a plugin while somebody waits. What runs in the background needs none: it runs beside
    /// everything else, and gives way.
    ///
    /// # Errors
    /// [`AppError::TooMany`] where the company had its turns of this second; [`AppError::Busy`] where it waits for
    /// others of its own too long.
    pub(crate) async fn turn(&self, company: CompanyId) -> Result<Turn> {
        self.gates().seen(company);
        let (semaphore, pace) = match self.gates().enter(company, Instant::now()) {
            Some(entered) => entered?,
            None => {
                let mut tx = self.db().read(company).await?;
                let read = quotas::of(&mut tx, company).await?;
                drop(tx);
                self.gates().refresh(company, read, Instant::now());
                self.gates().enter(company, Instant::now()).ok_or(AppError::Busy)??
            }
        };
        let waited = tokio::time::timeout(LONGEST_WAIT, semaphore.acquire_owned()).await;
        let permit = waited.map_err(|_| AppError::Busy)?.map_err(|_| AppError::Busy)?;
        Ok(Turn { permit, company, pace, at_work: Arc::clone(&self.gates().at_work) })
    }

    /// Whether the company may have one more plugin, of so many bytes.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `quota-plugins` or `quota-component`.
    pub(crate) async fn may_upload(&self, ctx: &Context, bytes: usize) -> Result<()> {
        let mut tx = self.db().read(ctx.company).await?;
        let most = quotas::of(&mut tx, ctx.company).await?;
        let all = plugins::all(&mut tx, ctx.company).await?;
        let in_use = all.iter().filter(|plugin| plugin.state != PluginState::Retired).count();
        if i64::try_from(in_use).unwrap_or(i64::MAX) >= most.plugins {
            let message = format!(
                "your company has {in_use} plugins, and may have {}; retire one, or ask the operator for more",
                most.plugins
            );
            return Err(AppError::conflict("quota-plugins", message).with("most", most.plugins));
        }
        if i64::try_from(bytes).unwrap_or(i64::MAX) > most.component_bytes {
            let most = most.component_bytes;
            let message = format!("your company's plugins may have {most} bytes; this one has {bytes}");
            return Err(AppError::conflict("quota-component", message)
                .with("most", most)
                .with("bytes", bytes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qudao_domain::time::Instant as Moment;

    #[test]
    fn turns_come_evenly_and_a_few_may_come_at_once() {
        let began = Instant::now();
        let at = |ms| began + Duration::from_millis(ms);
        let mut bucket = Bucket::new(200, began);
        let at_once = (0..100).filter(|_| bucket.take(began)).count();
        assert_eq!(at_once, 20);
        assert!(!bucket.take(at(4)), "one turn takes five milliseconds");
        assert!(bucket.take(at(5)));
        assert!(!bucket.take(at(5)));
        assert_eq!((0..100).filter(|_| bucket.take(at(60_000))).count(), 20, "no more than fits");
    }

    #[test]
    fn another_company_is_at_work_for_a_while_after_it_asked() {
        let (began, at_work) = (Instant::now(), AtWork::default());
        let at = |ms| began + Duration::from_millis(ms);
        let [one, two, three] = [0, 1, 2].map(|micros| CompanyId::at(Moment::from_micros(micros)));
        at_work.seen(one, at(0));
        at_work.seen(one, at(1));
        assert!(!at_work.other_than(one, at(1)), "only itself");
        assert!(at_work.other_than(two, at(2_000)) && !at_work.other_than(two, at(2_001)));
        at_work.seen(two, at(3_000));
        at_work.seen(one, at(4_000));
        assert!(at_work.other_than(one, at(4_999)) && !at_work.other_than(one, at(5_000)), "two was");
        at_work.seen(three, at(5_000));
        at_work.seen(three, at(6_000));
        assert!(at_work.other_than(three, at(5_999)) && !at_work.other_than(three, at(6_000)), "one was");
        assert!(at_work.other_than(one, at(6_000)));
    }

    #[test]
    fn the_least_share_is_one_at_once() {
        assert!(usual_at_once() >= 1);
        let quotas = Quotas { calls_at_once: Some(3), ..Quotas::default() };
        assert_eq!(Gate::new(quotas, Instant::now()).at_once.available_permits(), 3);
    }
}
