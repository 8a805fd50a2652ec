//! The same rules as a Rhai script, given every advantage that an embedder would give it: the script is
//! parsed once, the settings are converted once and shared, and the engine is not thread-safe.

use super::asked::Asked;
use super::contenders::{Contender, Told};
use super::script_values::{answer, order, settings_value};
use anyhow::{Result, anyhow};
use rhai::{AST, CallFnOptions, Dynamic, Engine, Map, OptimizationLevel, Scope};
use volume_pricing::Settings;

/// Operations that a script may take; the only limit that is set.
const MAX_OPERATIONS: u64 = 10_000_000;

/// A parsed script and the settings in its own values.
pub struct Script {
    engine: Engine,
    ast: AST,
    settings: Dynamic,
}

impl Script {
    /// Parses the script and converts the settings.
    pub fn new(settings: &Settings) -> Result<Self> {
        let mut engine = Engine::new();
        engine.set_optimization_level(OptimizationLevel::Full).set_max_operations(MAX_OPERATIONS);
        let ast = engine.compile(include_str!("pricing.rhai")).map_err(|error| anyhow!("{error}"))?;
        Ok(Self { engine, ast, settings: settings_value(settings) })
    }
}

impl Contender for Script {
    fn name(&self) -> &'static str {
        "Rhai, script parsed once"
    }

    fn price(&mut self, asked: &Asked) -> Result<Told> {
        let arguments = (order(&asked.request), self.settings.clone());
        let options = CallFnOptions::new().eval_ast(false);
        let told = self.engine.call_fn_with_options::<Map>(
            options,
            &mut Scope::new(),
            &self.ast,
            "price",
            arguments,
        );
        answer(told.map_err(|error| anyhow!("the script: {error}"))?).map(Told::Host)
    }
}
