//! What engine and plugins share while they run: wasmtime, the epoch clock and the pool's slots.

use crate::config::{EngineConfig, Limits, TICK_MS, wasmtime_config};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Lives as long as the engine or any plugin that was loaded by it.
pub(crate) struct Runtime {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) limits: Limits,
    pool_size: u32,
    free: Mutex<u32>,
    freed: Condvar,
    /// The clock's thread ends when this is dropped.
    _clock: mpsc::Sender<()>,
}

impl Runtime {
    pub(crate) fn new(config: &EngineConfig) -> wasmtime::Result<Arc<Self>> {
        let wasmtime = wasmtime::Engine::new(&wasmtime_config(Some(config)))?;
        let clock = start_clock(&wasmtime)?;
        Ok(Arc::new(Self {
            wasmtime,
            limits: config.limits.clone(),
            pool_size: config.pool_size.max(1),
            free: Mutex::new(config.pool_size.max(1)),
            freed: Condvar::new(),
            _clock: clock,
        }))
    }

    /// Places of the pool: all, and those that are taken.
    pub(crate) fn pool(&self) -> (u32, u32) {
        let free = *self.free.lock().unwrap_or_else(PoisonError::into_inner);
        (self.pool_size, self.pool_size.saturating_sub(free))
    }

    /// A place in the pool, waited for at most as long as the deadline; none when all stay taken.
    pub(crate) fn slot(self: &Arc<Self>) -> Option<Slot> {
        let until = Instant::now() + Duration::from_millis(self.limits.deadline_ms);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            let left = until.checked_duration_since(Instant::now())?;
            free = self.freed.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        Some(Slot(Arc::clone(self)))
    }
}

/// One of the pool's places; free again when dropped.
pub(crate) struct Slot(Arc<Runtime>);

impl Drop for Slot {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

/// The thread at whose ticks evaluations look at their clocks. It holds the engine weakly and ends with the sender.
fn start_clock(engine: &wasmtime::Engine) -> wasmtime::Result<mpsc::Sender<()>> {
    let (alive, ended) = mpsc::channel::<()>();
    let weak = engine.weak();
    thread::Builder::new().name("qudao-epoch".into()).spawn(move || {
        while ended.recv_timeout(Duration::from_millis(TICK_MS)) == Err(RecvTimeoutError::Timeout) {
            match weak.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    })?;
    Ok(alive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_waited_for_and_given_back() {
        let limits = Limits { deadline_ms: 60, ..Limits::default() };
        let runtime = Runtime::new(&EngineConfig::default().pool_size(1).limits(limits)).unwrap();
        let held = runtime.slot().expect("the only one");
        let began = Instant::now();
        assert!(runtime.slot().is_none(), "taken");
        assert!(began.elapsed() >= Duration::from_millis(60));
        drop(held);
        assert!(runtime.slot().is_some());
    }

    #[test]
    fn the_clock_ends_with_the_engine() {
        let engine = wasmtime::Engine::new(&wasmtime_config(None)).unwrap();
        let clock = start_clock(&engine).unwrap();
        let weak = engine.weak();
        drop((clock, engine));
        let until = Instant::now() + Duration::from_secs(5);
        while weak.upgrade().is_some() {
            assert!(Instant::now() < until, "the clock's thread still holds the engine");
            thread::sleep(Duration::from_millis(TICK_MS));
        }
    }
}
