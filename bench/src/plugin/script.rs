//! The same rules as a Rhai script, given every advantage that an embedder would give it: the script is
//! parsed once, the settings are converted once and shared, and the engine is not thread-safe.

use super::asked::Asked;
use super::contenders::{Contender, Told};
use super::script_values::{answer, order, settings_value};
use anyhow::{Result, anyhow};
use rhai::{AST, Engine, OptimizationLevel, Scope};
use volume_pricing::Settings;

/// Operations that a script may take; the only limit that is set.
const MAX_OPERATIONS: u64 = 10_000_000;

/// A parsed script and the settings in its own values.
pub struct Script {
    engine: Engine,
    ast: AST,
    scope: Scope<'static>,
}

impl Script {
    /// Parses the script and converts the settings.
    pub fn new(settings: &Settings) -> Result<Self> {
        let mut engine = Engine::new();
        engine.set_optimization_level(OptimizationLevel::Full).set_max_operations(MAX_OPERATIONS);
        let ast = engine.compile(include_str!("pricing.rhai")).map_err(|error| anyhow!("{error}"))?;
        let mut scope = Scope::new();
        scope.push_constant_dynamic("settings", settings_value(settings));
        Ok(Self { engine, ast, scope })
    }
}

impl Contender for Script {
    fn name(&self) -> &'static str {
        "Rhai, script parsed once"
    }

    fn price(&mut self, asked: &Asked) -> Result<Told> {
        let settings_only = self.scope.len();
        self.scope.push_constant_dynamic("order", order(&asked.request));
        let told = self.engine.eval_ast_with_scope::<rhai::Map>(&mut self.scope, &self.ast);
        self.scope.rewind(settings_only);
        answer(told.map_err(|error| anyhow!("the script: {error}"))?).map(Told::Host)
    }
}
