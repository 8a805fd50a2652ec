//! Those who run the rule itself: native code, a component in a fresh instance, an Extism plugin.

use super::asked::Asked;
use anyhow::{Result, anyhow};
use extism::convert::Msgpack;
use extism::{CompiledPlugin, Manifest, PluginBuilder, Wasm};
use qudao_domain::pricing::PricingAnswer;
use qudao_engine::{Digest, Engine, EngineConfig, Limits, Plugin};
use qudao_sdk::pricing::Pricing;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use volume_pricing::{Settings, VolumePricing};

const WASM_PAGE_BYTES: u64 = 64 << 10;

/// Who prices an order.
pub trait Contender {
    /// What it is called in the table.
    fn name(&self) -> &'static str;
    /// Prices the order, from the host's types to types that the host can use.
    fn price(&mut self, asked: &Asked) -> Result<Told>;
}

/// An answer, in the types that the contender answers with.
pub enum Told {
    /// The host's.
    Host(PricingAnswer),
    /// The SDK's, from native code.
    Native(qudao_sdk::pricing::PricingAnswer),
}

impl Told {
    /// In the host's types, to be compared.
    pub fn into_answer(self) -> Result<PricingAnswer> {
        match self {
            Self::Host(answer) => Ok(answer),
            Self::Native(answer) => Ok(serde_json::from_value(serde_json::to_value(answer)?)?),
        }
    }
}

/// The crate of the plugin, called as any Rust function.
pub struct Native(Settings);

impl Native {
    /// With settings that were parsed beforehand.
    pub fn new(settings: &Settings) -> Result<Self> {
        Ok(Self(serde_json::from_str(&serde_json::to_string(settings)?)?))
    }
}

/// The same, but the settings are parsed for each order, as a component does: what keeping them parsed would save.
pub struct Parsing(String);

impl Parsing {
    /// With settings as text.
    pub fn new(settings: &Settings) -> Result<Self> {
        Ok(Self(serde_json::to_string(settings)?))
    }
}

impl Contender for Parsing {
    fn name(&self) -> &'static str {
        "native, settings parsed anew"
    }

    fn price(&mut self, asked: &Asked) -> Result<Told> {
        Native(serde_json::from_str(&self.0)?).price(asked)
    }
}

impl Contender for Native {
    fn name(&self) -> &'static str {
        "native Rust"
    }

    fn price(&mut self, asked: &Asked) -> Result<Told> {
        use qudao_sdk::pricing::PricingAnswer::{Quoted, Refused};
        Ok(Told::Native(VolumePricing::price(&asked.order, &self.0).map_or_else(Refused, Quoted)))
    }
}

/// A component, as the portal runs it.
pub struct Component {
    name: &'static str,
    plugin: Arc<Plugin>,
    settings: String,
}

impl Component {
    /// Loads it. The usual configuration has a pool, and limits on fuel, time, memory and answer.
    pub fn load(
        name: &'static str,
        component: &[u8],
        config: EngineConfig,
        settings: &Settings,
    ) -> Result<Self> {
        let engine = Engine::new(config)?;
        let plugin = engine.load(&Digest::of(component), component)?;
        Ok(Self { name, plugin, settings: serde_json::to_string(settings)? })
    }
}

impl Contender for Component {
    fn name(&self) -> &'static str {
        self.name
    }

    fn price(&mut self, asked: &Asked) -> Result<Told> {
        let evaluated = self.plugin.price(&asked.request, &self.settings);
        Ok(Told::Host(evaluated.map_err(|failure| anyhow!("{failure:?}"))?.answer))
    }
}

/// The rule as an Extism plugin.
pub struct Guest {
    compiled: CompiledPlugin,
    settings: String,
}

impl Guest {
    /// Compiles it, with the limits that the component has as far as Extism knows them.
    pub fn compile(module: &Path, settings: &Settings) -> Result<Self> {
        anyhow::ensure!(module.exists(), "{} is missing; `cargo xtask bench` builds it", module.display());
        let limits = Limits::default();
        let pages = u32::try_from(limits.memory_bytes / WASM_PAGE_BYTES)?;
        let manifest = Manifest::new([Wasm::file(module)])
            .with_memory_max(pages)
            .with_timeout(Duration::from_millis(limits.deadline_ms));
        let builder = PluginBuilder::new(manifest)
            .with_wasi(false)
            .with_cache_disabled()
            .with_fuel_limit(limits.fuel_base);
        Ok(Self { compiled: builder.compile()?, settings: serde_json::to_string(settings)? })
    }
}

impl Contender for Guest {
    fn name(&self) -> &'static str {
        "Extism, fresh instance"
    }

    fn price(&mut self, asked: &Asked) -> Result<Told> {
        let mut plugin = extism::Plugin::new_from_compiled(&self.compiled)?;
        let input = Msgpack((&asked.request, &self.settings));
        let Msgpack(answer) = plugin.call::<_, Msgpack<PricingAnswer>>("price", input)?;
        Ok(Told::Host(answer))
    }
}
