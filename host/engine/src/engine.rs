//! The engine: takes uploads apart, compiles and keeps them, and hands out loaded plugins.

use crate::artifact::{Cache, deserialize};
use crate::compile::compile;
use crate::config::EngineConfig;
use crate::descriptor::check_descriptor;
use crate::digest::Digest;
use crate::enclosed::cases_in;
use crate::inspect::{Inspected, inspect};
use crate::kinds;
use crate::plugin::Plugin;
use crate::refusal::Refusal;
use crate::report::{Report, examine, try_out};
use crate::run::{Prepared, ShapeError};
use crate::runtime::Runtime;
use crate::schema::SettingsSchema;
use qudao_domain::contract::Descriptor;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

/// The engine that is recorded in decisions; the dependency is pinned to it.
const VERSION: &str = "wasmtime 48.0.8";

/// An upload that passed every check.
#[derive(Debug)]
pub struct Verified {
    /// What it is.
    pub inspected: Inspected,
    /// What it says of itself.
    pub descriptor: Descriptor,
    /// Its settings schema, parsed.
    pub schema: SettingsSchema,
    /// What the checks measured.
    pub report: Report,
    /// The plugin itself, ready to be asked. The engine does not keep it: [`Engine::load`] and [`Engine::hold`] do.
    pub plugin: Arc<Plugin>,
}

/// How the engine stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Places of the pool.
    pub pool_size: u32,
    /// Places that are taken.
    pub pool_taken: u32,
    /// Plugins in memory.
    pub loaded: usize,
    /// Plugins that were brought into memory from the cache, since the engine was started.
    pub from_cache: u64,
    /// Plugins that were compiled again for want of a kept artifact.
    pub compiled: u64,
}

/// Why the engine cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The bytes are not those that the digest names.
    #[error("the stored component has digest {found}, not {wanted}; restore it from a backup")]
    NotThisDigest {
        /// Asked for.
        wanted: Digest,
        /// Of the bytes.
        found: Digest,
    },
    /// The component would not be taken today.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The directory of compiled artifacts cannot be used.
    #[error("the directory of compiled plugins cannot be used: {0}; see that the server may write there")]
    Cache(#[from] io::Error),
    /// Wasmtime did not start.
    #[error("the plugin engine did not start: {0}")]
    Start(String),
}

/// Runs plugins. Cloning is cheap; all clones are the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    config: EngineConfig,
    runtime: Arc<Runtime>,
    cache: Option<Cache>,
    plugins: RwLock<HashMap<Digest, Arc<Plugin>>>,
    /// One lock for each digest that is being loaded, so that nobody compiles the same twice.
    loading: Mutex<HashMap<Digest, Arc<Mutex<()>>>>,
    from_cache: AtomicU64,
    compiled: AtomicU64,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Engine({VERSION}, pool of {})", self.0.config.pool_size)
    }
}

/// A compiled component and what compiling it measured.
struct Compiled {
    prepared: Prepared,
    artifact: Vec<u8>,
    compile_ms: u64,
}

impl Engine {
    /// Starts an engine: reserves the pool, opens the cache, starts the epoch clock.
    ///
    /// # Errors
    /// When wasmtime does not start or the cache directory cannot be made.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        let runtime = Runtime::new(&config).map_err(|error| EngineError::Start(format!("{error:#}")))?;
        let directory = config.cache_dir.as_deref();
        let cache = directory.map(|path| Cache::open(path, &runtime.wasmtime)).transpose()?;
        let (plugins, loading) = (RwLock::default(), Mutex::default());
        let (from_cache, compiled) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self(Arc::new(Inner { config, runtime, cache, plugins, loading, from_cache, compiled })))
    }

    /// The engine's name and version, recorded in decisions.
    #[must_use]
    pub fn version(&self) -> &'static str {
        VERSION
    }

    /// How it stands just now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let (pool_size, pool_taken) = self.0.runtime.pool();
        Stats {
            pool_size,
            pool_taken,
            loaded: self.0.plugins.read().unwrap_or_else(PoisonError::into_inner).len(),
            from_cache: self.0.from_cache.load(Ordering::Relaxed),
            compiled: self.0.compiled.load(Ordering::Relaxed),
        }
    }

    /// Looks at an upload without compiling it: size, structure, imports, world.
    ///
    /// # Errors
    /// [`Refusal`] that says what is wrong and how to mend it.
    pub fn inspect(&self, component: &[u8]) -> Result<Inspected, Refusal> {
        inspect(component, &self.0.config.limits)
    }

    /// Checks an upload wholly: inspects it, compiles it, asks it to describe itself, checks what it
    /// says, tries it out with its default settings, and examines it. Blocks for as long as compiling and twenty
    /// seconds take.
    ///
    /// # Errors
    /// [`Refusal`] that says what is wrong and how to mend it.
    pub fn verify(&self, component: &[u8]) -> Result<Verified, Refusal> {
        let inspected = self.inspect(component)?;
        let cases = cases_in(component)?;
        let compiled = self.compile(&inspected, component)?;
        compiled.prepared.check_shapes().map_err(shape_refusal)?;
        let described = Plugin::describe(&compiled.prepared).map_err(Refusal::DescribeFailed)?;
        let descriptor = described.answer;
        let schema = check_descriptor(&descriptor, inspected.kind)?;
        let plugin = Arc::new(Plugin::new(inspected.clone(), descriptor.clone(), compiled.prepared));
        let trial = try_out(&plugin, &plugin.descriptor().settings_default).map_err(Refusal::TrialFailed)?;
        let examined = examine(&plugin, &cases)?;
        self.keep(&inspected.digest, &compiled.artifact);
        let report = Report {
            engine: VERSION.to_owned(),
            compile_ms: compiled.compile_ms,
            artifact_bytes: u64::try_from(compiled.artifact.len()).unwrap_or(u64::MAX),
            describe_fuel: described.fuel,
            describe_memory_bytes: described.memory_bytes,
            describe_us: described.elapsed_us,
            trial_fuel: trial.fuel,
            trial_us: trial.elapsed_us,
            examined: Some(examined),
        };
        Ok(Verified { inspected, descriptor, schema, report, plugin })
    }

    /// The plugin, if it is in memory already.
    #[must_use]
    pub fn loaded(&self, digest: &Digest) -> Option<Arc<Plugin>> {
        self.0.plugins.read().unwrap_or_else(PoisonError::into_inner).get(digest).map(Arc::clone)
    }

    /// The plugin, brought into memory: from the cache, or compiled again from its component.
    /// Blocks for as long as that takes.
    ///
    /// # Errors
    /// When the bytes are not those of the digest, or the component would be refused today.
    pub fn load(&self, digest: &Digest, component: &[u8]) -> Result<Arc<Plugin>, EngineError> {
        if let Some(plugin) = self.loaded(digest) {
            return Ok(plugin);
        }
        let found = Digest::of(component);
        if found != *digest {
            return Err(EngineError::NotThisDigest { wanted: *digest, found });
        }
        let turn = self.turn(digest);
        let held = turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plugin) = self.loaded(digest) {
            return Ok(plugin);
        }
        let loaded = self.load_now(digest, component);
        if let Ok(plugin) = &loaded {
            self.hold(plugin);
        }
        drop(held);
        self.0.loading.lock().unwrap_or_else(PoisonError::into_inner).remove(digest);
        loaded
    }

    /// Keeps a plugin that was verified, ready to be asked.
    pub fn hold(&self, plugin: &Arc<Plugin>) {
        let mut plugins = self.0.plugins.write().unwrap_or_else(PoisonError::into_inner);
        plugins.insert(plugin.digest(), Arc::clone(plugin));
    }

    /// Lets go of a plugin; evaluations under way finish on it.
    pub fn unload(&self, digest: &Digest) {
        self.0.plugins.write().unwrap_or_else(PoisonError::into_inner).remove(digest);
    }

    fn turn(&self, digest: &Digest) -> Arc<Mutex<()>> {
        let mut loading = self.0.loading.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(loading.entry(*digest).or_default())
    }

    fn load_now(&self, digest: &Digest, component: &[u8]) -> Result<Arc<Plugin>, EngineError> {
        let inspected = self.inspect(component)?;
        let prepared = match self.cached(&inspected) {
            Some(prepared) => {
                self.0.from_cache.fetch_add(1, Ordering::Relaxed);
                prepared
            }
            None => {
                self.0.compiled.fetch_add(1, Ordering::Relaxed);
                let compiled = self.compile(&inspected, component)?;
                self.keep(digest, &compiled.artifact);
                compiled.prepared
            }
        };
        prepared.check_shapes().map_err(shape_refusal)?;
        let described = Plugin::describe(&prepared).map_err(Refusal::DescribeFailed)?;
        Ok(Arc::new(Plugin::new(inspected, described.answer, prepared)))
    }

    fn cached(&self, inspected: &Inspected) -> Option<Prepared> {
        let artifact = self.0.cache.as_ref()?.read(&inspected.digest)?;
        match self.prepare(inspected, &artifact) {
            Ok(prepared) => Some(prepared),
            Err(refusal) => {
                tracing::warn!(digest = %inspected.digest, %refusal, "compiled plugin does not load; compiling again");
                None
            }
        }
    }

    /// Keeping an artifact only saves time, so a full disk is reported but stops nobody.
    fn keep(&self, digest: &Digest, artifact: &[u8]) {
        if let Some(Err(error)) = self.0.cache.as_ref().map(|cache| cache.write(digest, artifact)) {
            tracing::warn!(%digest, %error, "compiled plugin cannot be kept; it will be compiled again");
        }
    }

    fn compile(&self, inspected: &Inspected, component: &[u8]) -> Result<Compiled, Refusal> {
        let began = Instant::now();
        let artifact = compile(&self.0.runtime.wasmtime, &self.0.config, component)?;
        let compile_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let prepared = self.prepare(inspected, &artifact)?;
        Ok(Compiled { prepared, artifact, compile_ms })
    }

    fn prepare(&self, inspected: &Inspected, artifact: &[u8]) -> Result<Prepared, Refusal> {
        let bad = |error: wasmtime::Error| Refusal::bad_structure(&format!("{error:#}"));
        let component = deserialize(&self.0.runtime.wasmtime, artifact).map_err(bad)?;
        let prepared = Prepared::new(&self.0.runtime, &component, inspected.spoken);
        prepared.map_err(|detail| Refusal::wrong_world(&detail, kinds::contracts()))
    }
}

fn shape_refusal(error: ShapeError) -> Refusal {
    match error {
        ShapeError::Start(failure) => Refusal::DescribeFailed(failure),
        ShapeError::Shape(detail) => Refusal::wrong_world(&detail, kinds::contracts()),
    }
}

#[cfg(test)]
mod tests {
    use super::VERSION;

    #[test]
    fn the_recorded_version_is_the_one_that_runs() {
        let locked = include_str!("../../../Cargo.lock");
        let version = VERSION.strip_prefix("wasmtime ").unwrap();
        assert!(locked.contains(&format!("name = \"wasmtime\"\nversion = \"{version}\"\n")));
    }
}
