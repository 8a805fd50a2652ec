//! The time that an evaluation takes of a processor. What it waits for one, on a busy machine, is not its doing and
//! makes it no slower: deadlines are about the processor's time.

use cpu_time::ThreadTime;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// How many deadlines may pass by the clock on the wall before an evaluation that had no processor is ended all the
/// same: it keeps its place in the pool meanwhile.
const DEADLINES_OF_WAITING: u32 = 12;

/// What this thread does when an evaluation on it lasts.
#[derive(Clone, Copy)]
struct Patience {
    until: Duration,
    then: fn(),
}

thread_local! {
    static PATIENCE: Cell<Option<Patience>> = const { Cell::new(None) };
}

/// Time that this thread has had of a processor.
#[must_use]
pub fn processor_time() -> Duration {
    ThreadTime::try_now().map_or(Duration::ZERO, |time| time.as_duration())
}

/// Does some work, and calls `then` once, on this thread, when the plugins that are asked in it have taken `patience`
/// of the processor's time, to within some milliseconds.
pub fn when_long<T>(patience: Duration, then: fn(), work: impl FnOnce() -> T) -> T {
    PATIENCE.set(Some(Patience { until: processor_time() + patience, then }));
    let done = work();
    PATIENCE.set(None);
    done
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
    pub(crate) fn goes_on(&self) -> bool {
        let now = processor_time();
        if let Some(patience) = PATIENCE.get().filter(|patience| patience.until <= now) {
            PATIENCE.set(None);
            (patience.then)();
        }
        now < self.until && Instant::now() < self.until_by_the_wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    static CALLED: AtomicU32 = AtomicU32::new(0);

    fn spend(time: Duration) {
        let until = processor_time() + time;
        while processor_time() < until {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn waiting_takes_nothing_of_the_deadline() {
        let clock = Clock::start(20);
        std::thread::sleep(Duration::from_millis(40));
        assert!(clock.goes_on(), "it had no processor meanwhile");
        spend(Duration::from_millis(20));
        assert!(!clock.goes_on());
        let never_run = Clock::start(0);
        assert!(!never_run.goes_on());
    }

    #[test]
    fn patience_ends_once() {
        let then = || {
            CALLED.fetch_add(1, Ordering::SeqCst);
        };
        when_long(Duration::from_millis(5), then, || {
            let clock = Clock::start(1_000);
            assert!(clock.goes_on());
            assert_eq!(CALLED.load(Ordering::SeqCst), 0);
            spend(Duration::from_millis(5));
            assert!(clock.goes_on() && clock.goes_on());
        });
        assert_eq!(CALLED.load(Ordering::SeqCst), 1);
        spend(Duration::from_millis(5));
        assert!(Clock::start(1_000).goes_on());
        assert_eq!(CALLED.load(Ordering::SeqCst), 1, "it ends with the work");
    }
}
