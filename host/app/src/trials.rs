//! Rules asked without anything coming of it: simulations and comparisons ask those that need not hold anywhere.

use crate::errors::Result;
use crate::{App, Context};
use qudao_engine::{Plugin, RuleFailure};
use std::sync::Arc;

/// A plugin with settings, ready to be asked.
#[derive(Clone)]
pub(crate) struct Rule {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// The settings' bytes.
    pub settings: String,
}

/// What a question came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came<T> {
    /// An answer.
    Answered(T),
    /// A refusal; the first reason's code.
    Refused(String),
    /// Nothing that could be used; the failure's name.
    Failed(&'static str),
}

impl<T> Came<T> {
    /// The answer, where there is one.
    #[must_use]
    pub const fn answer(&self) -> Option<&T> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Refused(_) | Self::Failed(_) => None,
        }
    }

    /// A failure by its name.
    pub(crate) fn failed(failure: &RuleFailure) -> Self {
        Self::Failed(failure.error.as_str())
    }
}

impl App {
    /// Loads a rule by its plugin's digest.
    ///
    /// # Errors
    /// [`crate::AppError::NotFound`] when the company has no such plugin.
    pub(crate) async fn rule(&self, ctx: &Context, digest: &str, settings: &str) -> Result<Rule> {
        let plugin = self.rules().plugin(self.db(), ctx.company, digest).await?;
        Ok(Rule { plugin, settings: settings.to_owned() })
    }
}
