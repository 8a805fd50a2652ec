//! Where work runs that keeps a processor busy, and what gives way to what.

use crate::errors::{AppError, Result};
use qudao_engine::{processor_time, when_long};
use std::cell::Cell;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What an evaluation may take of a processor before it gives way to everybody else's.
const PATIENCE: Duration = Duration::from_millis(5);
/// For how many times as long as an evaluation took too much its company's next ones give way from their beginning.
const REMEMBERED: u32 = 50;
/// And for how long at most.
const REMEMBERED_AT_MOST: Duration = Duration::from_secs(10);
/// What a company's long evaluations may take of a processor ahead of its share.
const AHEAD_AT_MOST: Duration = Duration::from_secs(1);
/// How many threads may wait for the next evaluation; more of them end.
const RESTING_AT_MOST: usize = 32;

type Work = Box<dyn FnOnce() + Send>;

/// Threads that wait for the next evaluation.
static RESTING: Mutex<Vec<Sender<Work>>> = Mutex::new(Vec::new());

thread_local! {
    /// Whether this thread gave way: no thread can take back what it gave of its priority.
    static GAVE_WAY: Cell<bool> = const { Cell::new(false) };
}

/// How the evaluations of one company go on after some of them lasted.
pub(crate) struct Pace {
    /// What those that last may take of one processor while other companies are at work.
    percent: u32,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    /// Until then they give way from their beginning.
    gives_way_until: Option<Instant>,
    /// When the time that they took of a processor is within the company's share again.
    even_at: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(percent: u32) -> Self {
        Self { percent: percent.max(1), taken: Mutex::default() }
    }

    fn gives_way(&self, now: Instant) -> bool {
        self.taken().gives_way_until.is_some_and(|until| now < until)
    }

    fn took(&self, used: Duration, now: Instant) {
        let too_much = used.saturating_sub(PATIENCE);
        if too_much.is_zero() {
            return;
        }
        let until = now + (too_much * REMEMBERED).min(REMEMBERED_AT_MOST);
        let mut taken = self.taken();
        taken.gives_way_until = taken.gives_way_until.max(Some(until));
        taken.even_at = taken.even_at.max(Some(now)).map(|even| even + self.at_share(used));
    }

    /// How long the next evaluation would have to wait where other companies are at work; what they took out of turn is
    /// forgiven up to [`AHEAD_AT_MOST`].
    pub(crate) fn wait(&self, now: Instant) -> Duration {
        let even_at = self.taken().even_at.unwrap_or(now);
        even_at.saturating_duration_since(now).saturating_sub(self.at_share(AHEAD_AT_MOST))
    }

    /// The time on the wall in which the company's share comes to so much of a processor.
    fn at_share(&self, used: Duration) -> Duration {
        used * 100 / self.percent
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs an evaluation that somebody waits for. Once it lasts it gives way, and so do those that its company asks for soon
/// after: one company's slow rule costs the others next to nothing.
///
/// # Errors
/// [`AppError::Internal`] when it panics or no thread can be had.
pub(crate) async fn at_pace<T: Send + 'static>(
    pace: Arc<Pace>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let (done, result) = oneshot::channel();
    let paced = move || {
        let before = processor_time();
        if pace.gives_way(Instant::now()) {
            give_way();
        }
        let finished = when_long(PATIENCE, give_way, work);
        pace.took(processor_time().saturating_sub(before), Instant::now());
        // Nobody listens any more where the request was given up.
        drop(done.send(finished));
    };
    hand_over(Box::new(paced))?;
    result.await.map_err(panicked)
}

/// Runs something that nobody waits for at a screen on a thread of its own, which gives way to the others.
///
/// # Errors
/// [`AppError::Internal`] when it panics or no thread can be had.
pub(crate) async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (done, result) = oneshot::channel();
    begin("qudao-background", move || {
        give_way();
        drop(done.send(work()));
    })?;
    result.await.map_err(panicked)
}

/// Runs something that keeps a processor busy off the async threads.
///
/// # Errors
/// [`AppError::Internal`] when it panics.
pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| AppError::Internal(error.to_string()))
}

/// Lets this thread give way to the others for the rest of its life: it runs while a processor has nothing else to do.
/// Elsewhere than on Linux nothing is done.
pub(crate) fn give_way() {
    GAVE_WAY.set(true);
    #[cfg(target_os = "linux")]
    {
        use thread_priority::unix::{NormalThreadSchedulePolicy, ThreadSchedulePolicy};
        use thread_priority::{ThreadPriority, set_thread_priority_and_policy, thread_native_id};
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
            tracing::debug!(?error, "a thread cannot give way");
        }
    }
}

/// To a thread that rests, or else to a new one.
fn hand_over(work: Work) -> Result<()> {
    let rested = RESTING.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = match rested {
        Some(thread) => match thread.send(work) {
            Ok(()) => return Ok(()),
            Err(returned) => returned.0,
        },
        None => work,
    };
    begin("qudao-rule", || take_turns(work))
}

/// One evaluation after the other, until one of them made the thread give way.
fn take_turns(first: Work) {
    let (to_me, mine) = mpsc::channel();
    let mut next = Ok(first);
    while let Ok(work) = next {
        work();
        let mut resting = RESTING.lock().unwrap_or_else(PoisonError::into_inner);
        if GAVE_WAY.get() || resting.len() >= RESTING_AT_MOST {
            return;
        }
        resting.push(to_me.clone());
        drop(resting);
        next = mine.recv();
    }
}

fn begin(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let begun = thread::Builder::new().name(name.to_owned()).spawn(work);
    begun.map(drop).map_err(|error| AppError::Internal(format!("no thread to run on: {error}")))
}

fn panicked(_: oneshot::error::RecvError) -> AppError {
    AppError::Internal("a thread panicked at its work".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn spend(time: Duration) {
        let until = processor_time() + time;
        while processor_time() < until {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn a_company_is_remembered_by_what_it_took_too_much() {
        let (pace, began) = (Pace::new(10), Instant::now());
        let at = |ms| began + Duration::from_millis(ms);
        pace.took(PATIENCE, began);
        assert!(!pace.gives_way(began));
        pace.took(PATIENCE + Duration::from_millis(10), began);
        assert!(pace.gives_way(at(499)) && !pace.gives_way(at(500)));
        pace.took(Duration::from_secs(5), began);
        pace.took(PATIENCE + Duration::from_millis(1), at(1));
        assert!(pace.gives_way(at(9_999)) && !pace.gives_way(at(10_000)), "the longest holds");
    }

    #[test]
    fn what_lasts_keeps_to_the_share_of_its_company() {
        let (pace, began) = (Pace::new(10), Instant::now());
        let at = |ms| began + Duration::from_millis(ms);
        for _ in 0..10_000 {
            pace.took(PATIENCE, began);
        }
        assert_eq!(pace.wait(began), Duration::ZERO, "what is short is free");
        pace.took(AHEAD_AT_MOST, began);
        assert_eq!(pace.wait(began), Duration::ZERO, "a second ahead");
        pace.took(Duration::from_millis(30), began);
        assert_eq!(pace.wait(at(100)), Duration::from_millis(200));
        pace.took(Duration::from_millis(30), at(100));
        assert_eq!(pace.wait(at(100)), Duration::from_millis(500));
        assert_eq!(pace.wait(at(600)), Duration::ZERO);
        pace.took(AHEAD_AT_MOST, at(60_000));
        assert_eq!(pace.wait(at(60_000)), Duration::ZERO, "no more than a second is saved or owed");
    }

    #[tokio::test]
    async fn a_thread_is_used_again_unless_it_gave_way() {
        let pace = Arc::new(Pace::new(10));
        let ask = || at_pace(Arc::clone(&pace), || thread::current().id());
        let (mut seen, mut again) = (HashSet::new(), false);
        // It may not rest yet when the next one is asked, and other tests' threads rest here too.
        for _ in 0..1_000 {
            again = !seen.insert(ask().await.unwrap());
            if again {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        assert!(again);
        at_pace(Arc::clone(&pace), || spend(PATIENCE * 20)).await.unwrap();
        let giving_way = || at_pace(Arc::clone(&pace), || (GAVE_WAY.get(), thread::current().id()));
        let (one, other) = (giving_way().await.unwrap(), giving_way().await.unwrap());
        assert!(one.0 && other.0, "the company is remembered");
        assert_ne!(one.1, other.1, "such a thread ends");
        let elsewhere = at_pace(Arc::new(Pace::new(10)), || GAVE_WAY.get()).await.unwrap();
        assert!(!elsewhere, "others are not");
    }

    #[tokio::test]
    async fn a_panic_is_told_and_ends_its_thread_alone() {
        let pace = Arc::new(Pace::new(10));
        let told = at_pace(Arc::clone(&pace), || panic!("at work")).await;
        let told: Result<()> = told;
        assert!(matches!(told, Err(AppError::Internal(_))));
        assert!(at_pace(pace, || true).await.unwrap());
    }
}
