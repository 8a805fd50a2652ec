//! The time that an evaluation takes of a processor. What it waits for one, on a busy machine, is not its doing and
//! makes it no slower: deadlines are about the processor's time.

use cpu_time::ThreadTime;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// How many deadlines may pass by the clock on the wall before an evaluation that had no processor is ended all the
/// same: it keeps its place in the pool meanwhile.
const DEADLINES_OF_WAITING: u32 = 12;

/// What this thread does at every tick of an evaluation that lasts.
struct Patience {
    until: Duration,
    then: Box<dyn FnMut()>,
}

thread_local! {
    static PATIENCE: RefCell<Option<Patience>> = const { RefCell::new(None) };
}

/// Time that this thread has had of a processor.
#[must_use]
pub fn processor_time() -> Duration {
    ThreadTime::try_now().map_or(Duration::ZERO, |time| time.as_duration())
}

/// Does some work, and calls `then` again and again, on this thread, once the plugins that are asked in it have taken
/// `patience` of the processor's time: every few milliseconds of it. It may sleep; no deadline counts that.
pub fn when_long<T>(patience: Duration, then: impl FnMut() + 'static, work: impl FnOnce() -> T) -> T {
    let patience = Patience { until: processor_time() + patience, then: Box::new(then) };
    PATIENCE.set(Some(patience));
    let done = work();
    PATIENCE.set(None);
    done
}

/// Calls what is to be called where an evaluation has lasted by now; gives the time by the wall that this took.
fn tell_if_long(now: Duration) -> Duration {
    let began = Instant::now();
    PATIENCE.with_borrow_mut(|patience| match patience.as_mut().filter(|patience| patience.until <= now) {
        Some(patience) => {
            (patience.then)();
            began.elapsed()
        }
        None => Duration::ZERO,
    })
}

/// Watches one call into a plugin. It stays on the thread on which it began.
pub(crate) struct Clock {
    deadline: Duration,
    until: Duration,
    until_by_the_wall: Instant,
}

impl Clock {
    pub(crate) fn start(deadline_ms: u64) -> Self {
        Self::of(Duration::from_millis(deadline_ms))
    }

    fn of(deadline: Duration) -> Self {
        let until_by_the_wall = Instant::now() + deadline * DEADLINES_OF_WAITING;
        Self { deadline, until: processor_time() + deadline, until_by_the_wall }
    }

    /// The whole deadline again, for the next call.
    pub(crate) fn restart(&mut self) {
        *self = Self::of(self.deadline);
    }

    /// Whether the call may go on; asked at every tick.
    pub(crate) fn goes_on(&mut self) -> bool {
        let now = processor_time();
        self.until_by_the_wall += tell_if_long(now);
        now < self.until && Instant::now() < self.until_by_the_wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    fn spend(time: Duration) {
        let until = processor_time() + time;
        while processor_time() < until {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn waiting_takes_nothing_of_the_deadline() {
        let mut clock = Clock::start(20);
        std::thread::sleep(Duration::from_millis(40));
        assert!(clock.goes_on(), "it had no processor meanwhile");
        spend(Duration::from_millis(20));
        assert!(!clock.goes_on());
        let mut never_run = Clock::start(0);
        assert!(!never_run.goes_on());
    }

    #[test]
    fn what_lasts_is_told_at_every_tick() {
        let called = Rc::new(Cell::new(0));
        let count = Rc::clone(&called);
        let then = move || count.set(count.get() + 1);
        when_long(Duration::from_millis(5), then, || {
            let mut clock = Clock::start(1_000);
            assert!(clock.goes_on());
            assert_eq!(called.get(), 0);
            spend(Duration::from_millis(5));
            assert!(clock.goes_on() && clock.goes_on());
        });
        assert_eq!(called.get(), 2);
        spend(Duration::from_millis(5));
        assert!(Clock::start(1_000).goes_on());
        assert_eq!(called.get(), 2, "it ends with the work");
    }

    #[test]
    fn no_deadline_counts_what_is_slept() {
        let sleep = || std::thread::sleep(Duration::from_millis(30));
        when_long(Duration::ZERO, sleep, || {
            let mut clock = Clock::start(2);
            assert!(clock.goes_on(), "longer than all of its deadlines by the wall");
        });
    }
}
