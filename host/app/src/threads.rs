//! Where work runs that keeps a processor busy, and what gives way to what.

use crate::errors::{AppError, Result};
use qudao_engine::{processor_time, when_long};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tracing::Span;

/// What an evaluation may take of a processor before it gives way to everybody else's.
const PATIENCE: Duration = Duration::from_millis(5);
/// For how many times as long as an evaluation took too much its company's next ones give way from their beginning.
const REMEMBERED: u32 = 50;
/// And for how long at most.
const REMEMBERED_AT_MOST: Duration = Duration::from_secs(10);
/// What each evaluation may take of a processor without its company's share being counted down: asking it takes the
/// server about as much.
const FREE: Duration = Duration::from_millis(1);
/// What a company's evaluations may take of a processor ahead of its share.
const AHEAD_AT_MOST: Duration = Duration::from_secs(1);
/// How long an evaluation sleeps before it looks whether others are still at work.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
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
    /// What they may take of one processor while other companies are at work.
    percent: u32,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    /// Until then they give way from their beginning.
    gives_way_until: Option<Instant>,
    /// When the time that they all took of a processor is within the company's share again.
    even_at: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(percent: u32) -> Self {
        Self { percent: percent.max(1), taken: Mutex::default() }
    }

    fn gives_way(&self, now: Instant) -> bool {
        self.taken().gives_way_until.is_some_and(|until| now < until)
    }

    /// What an evaluation took of a processor: by now in all, and when this was last told.
    fn took(&self, in_all: Duration, told: Duration, now: Instant) {
        let since = in_all.max(FREE).saturating_sub(told.max(FREE));
        let mut taken = self.taken();
        let too_much = in_all.saturating_sub(PATIENCE);
        if !too_much.is_zero() {
            let until = now + (too_much * REMEMBERED).min(REMEMBERED_AT_MOST);
            taken.gives_way_until = taken.gives_way_until.max(Some(until));
        }
        // Where nobody waited, since no other company was at work, the rest is forgiven.
        let most = now + self.at_share(AHEAD_AT_MOST + since);
        taken.even_at = taken.even_at.max(Some(now)).map(|even| (even + self.at_share(since)).min(most));
    }

    /// How long the next part of an evaluation has to wait where other companies are at work; what was taken ahead of
    /// the share is forgiven up to [`AHEAD_AT_MOST`].
    fn wait(&self, now: Instant) -> Duration {
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

/// An evaluation under way.
struct Lasting {
    pace: Arc<Pace>,
    others_at_work: Box<dyn Fn() -> bool>,
    began: Duration,
    told: Duration,
}

impl Lasting {
    /// Counts what the evaluation took since this was last called.
    fn count(&mut self) {
        let in_all = processor_time().saturating_sub(self.began);
        self.pace.took(in_all, self.told, Instant::now());
        self.told = in_all;
    }

    /// Sleeps until the company is within its share, or no other company is at work.
    fn wait(&self) {
        loop {
            let wait = self.pace.wait(Instant::now());
            if wait.is_zero() || !(self.others_at_work)() {
                return;
            }
            thread::sleep(wait.min(LOOK_AGAIN));
        }
    }
}

/// Runs an evaluation that somebody waits for. Once it lasts it gives way, and so do those that its company asks for soon
/// after; and while other companies are at work it begins and goes on, in small steps, within the company's share: one
/// company's slow rule costs the others next to nothing.
///
/// # Errors
/// [`AppError::Internal`] when it panics or no thread can be had.
pub(crate) async fn at_pace<T: Send + 'static>(
    pace: Arc<Pace>,
    others_at_work: impl Fn() -> bool + Send + 'static,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let (done, result) = oneshot::channel();
    let asked_in = Span::current();
    let paced = move || {
        if pace.gives_way(Instant::now()) {
            give_way();
        }
        let began = processor_time();
        let others_at_work = Box::new(others_at_work);
        let lasting = Lasting { pace, others_at_work, began, told: Duration::ZERO };
        let lasting = Rc::new(RefCell::new(lasting));
        lasting.borrow().wait();
        let at_tick = Rc::clone(&lasting);
        let lasts = move || {
            give_way();
            let mut lasting = at_tick.borrow_mut();
            lasting.count();
            lasting.wait();
        };
        let finished = asked_in.in_scope(|| when_long(PATIENCE, lasts, work));
        lasting.borrow_mut().count();
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
    let asked_in = Span::current();
    begin("qudao-background", move || {
        give_way();
        drop(done.send(asked_in.in_scope(work)));
    })?;
    result.await.map_err(panicked)
}

/// Runs something that keeps a processor busy off the async threads.
///
/// # Errors
/// [`AppError::Internal`] when it panics.
pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let asked_in = Span::current();
    tokio::task::spawn_blocking(move || asked_in.in_scope(work))
        .await
        .map_err(|error| AppError::Internal(error.to_string()))
}

/// Lets this thread give way to the others for the rest of its life: it runs while a processor has nothing else to do.
/// Elsewhere than on Linux nothing is done.
pub(crate) fn give_way() {
    if GAVE_WAY.replace(true) {
        return;
    }
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
        let took = |used, now| pace.took(used, Duration::ZERO, now);
        took(PATIENCE, began);
        assert!(!pace.gives_way(began));
        took(PATIENCE + Duration::from_millis(10), began);
        assert!(pace.gives_way(at(499)) && !pace.gives_way(at(500)));
        took(Duration::from_secs(5), began);
        took(PATIENCE + Duration::from_millis(1), at(1));
        assert!(pace.gives_way(at(9_999)) && !pace.gives_way(at(10_000)), "the longest holds");
    }

    #[test]
    fn evaluations_keep_to_the_share_of_their_company() {
        let (pace, began) = (Pace::new(10), Instant::now());
        let ms = Duration::from_millis;
        let took = |used, now| pace.took(FREE + used, Duration::ZERO, now);
        for _ in 0..10_000 {
            took(Duration::ZERO, began);
        }
        for _ in 0..200 {
            took(ms(5), began);
        }
        assert_eq!(pace.wait(began), Duration::ZERO, "a second ahead");
        took(ms(30), began);
        assert_eq!(pace.wait(began + ms(100)), ms(200));
        pace.took(FREE + ms(60), FREE + ms(40), began + ms(300));
        assert_eq!(pace.wait(began + ms(300)), ms(200), "only what is new counts");
        assert_eq!(pace.wait(began + ms(500)), Duration::ZERO);
        for _ in 0..1_000 {
            took(ms(40), began + ms(500));
        }
        assert_eq!(
            pace.wait(began + ms(500)),
            ms(400),
            "what nobody waited for is forgiven but for the last part"
        );
        let later = began + Duration::from_secs(60);
        took(AHEAD_AT_MOST, later);
        assert_eq!(pace.wait(later), Duration::ZERO, "no more than a second is saved up");
    }

    #[tokio::test]
    async fn a_thread_is_used_again_unless_it_gave_way() {
        let pace = Arc::new(Pace::new(10));
        let ask = || at_pace(Arc::clone(&pace), || true, || thread::current().id());
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
        at_pace(Arc::clone(&pace), || true, || spend(PATIENCE * 20)).await.unwrap();
        let giving_way = || at_pace(Arc::clone(&pace), || true, || (GAVE_WAY.get(), thread::current().id()));
        let (one, other) = (giving_way().await.unwrap(), giving_way().await.unwrap());
        assert!(one.0 && other.0, "the company is remembered");
        assert_ne!(one.1, other.1, "such a thread ends");
        let elsewhere = at_pace(Arc::new(Pace::new(10)), || true, || GAVE_WAY.get()).await.unwrap();
        assert!(!elsewhere, "others are not");
    }

    #[tokio::test]
    async fn a_panic_is_told_and_ends_its_thread_alone() {
        let pace = Arc::new(Pace::new(10));
        let told = at_pace(Arc::clone(&pace), || true, || panic!("at work")).await;
        let told: Result<()> = told;
        assert!(matches!(told, Err(AppError::Internal(_))));
        assert!(at_pace(pace, || true, || true).await.unwrap());
    }
}
