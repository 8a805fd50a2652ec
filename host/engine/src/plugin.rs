//! A loaded plugin, and what each kind is asked.

use crate::config::Limits;
use crate::digest::Digest;
use crate::failure::{RuleError, RuleFailure};
use crate::inspect::Inspected;
use crate::kinds::size::HandedOver;
use crate::kinds::types::{Checked, NoteRules, ToldDescriptor};
use crate::kinds::{Contract, deal, incentive, kpi, pricing};
use crate::run::{Prepared, Run};
use qudao_domain::contract::{Descriptor, Kind, Note};
use qudao_domain::deal::{Claim, DealAnswer};
use qudao_domain::incentive::{IncentiveAnswer, IncentiveHeader, StreamedFact};
use qudao_domain::kpi::{KpiAnswer, Subject};
use qudao_domain::pricing::{PricingAnswer, PricingRequest};
use std::collections::HashSet;
use std::sync::Arc;
use wasmtime::component::{ResourceAny, TypedFunc};

/// An answer that passed every check, and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated<T> {
    /// What the plugin says.
    pub answer: T,
    /// Fuel spent; the same for the same input on every machine under one engine version.
    pub fuel: u64,
    /// Linear memory at its largest.
    pub memory_bytes: u64,
    /// What the plugin handed over, in bytes, as `Limits::max_answer_bytes` counts it.
    pub answer_bytes: u64,
    /// Time from the question to the checked answer, in microseconds.
    pub elapsed_us: u64,
}

impl<T> Evaluated<T> {
    /// The same with another answer.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Evaluated<U> {
        let Self { answer, fuel, memory_bytes, answer_bytes, elapsed_us } = self;
        Evaluated { answer: change(answer), fuel, memory_bytes, answer_bytes, elapsed_us }
    }
}

/// A compiled plugin, ready to be asked from any thread. Every question gets an instance of its own.
pub struct Plugin {
    about: Inspected,
    descriptor: Descriptor,
    codes: HashSet<String>,
    attributes: HashSet<String>,
    metrics: HashSet<String>,
    prepared: Prepared,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plugin({} {} {})", self.descriptor.name, self.descriptor.version, self.about.digest)
    }
}

impl Plugin {
    /// Asks a compiled component to describe itself.
    pub(crate) fn describe(prepared: &Prepared) -> Result<Evaluated<Descriptor>, RuleFailure> {
        let mut run = Run::begin(prepared, 0)?;
        let index = &prepared.exports.describe;
        if prepared.contract == Contract::Deal {
            let describe: TypedFunc<(), (deal::ToldDescriptor,)> = run.function(index)?;
            let (told,) = run.call(&describe, ())?;
            return run.end(told.answer_bytes(), Ok(Descriptor::from(told)));
        }
        let describe: TypedFunc<(), (ToldDescriptor,)> = run.function(index)?;
        let (told,) = run.call(&describe, ())?;
        run.end(told.answer_bytes(), Ok(Descriptor::from(told)))
    }

    pub(crate) fn new(about: Inspected, descriptor: Descriptor, prepared: Prepared) -> Self {
        Self {
            codes: descriptor.messages.iter().map(|message| message.code.clone()).collect(),
            attributes: descriptor.attributes.iter().cloned().collect(),
            metrics: descriptor.metrics.iter().cloned().collect(),
            about,
            descriptor,
            prepared,
        }
    }

    /// The component's digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.about.digest
    }

    /// What it decides.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.about.kind
    }

    /// The contract that it fulfils: `qudao:pricing@0.2.0`.
    #[must_use]
    pub fn contract(&self) -> &str {
        &self.about.contract
    }

    /// What it says of itself.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Asks a pricing plugin for the prices of an order.
    ///
    /// # Errors
    /// [`RuleFailure`] with its name when there is no answer that may be used.
    pub fn price(
        &self,
        request: &PricingRequest,
        settings: &str,
    ) -> Result<Evaluated<PricingAnswer>, RuleFailure> {
        self.expect(Kind::Pricing)?;
        let order = pricing::send(request, &self.attributes).map_err(bad_request)?;
        let mut run = Run::begin(&self.prepared, request.lines.len())?;
        let ask = &self.prepared.exports.ask;
        let told = if self.prepared.contract == Contract::PricingV0_1 {
            let price: TypedFunc<pricing::v0_1::Params<'_>, pricing::Returned> = run.function(ask)?;
            run.call(&price, (order.into(), settings))?
        } else {
            let price: TypedFunc<pricing::Params<'_>, pricing::Returned> = run.function(ask)?;
            run.call(&price, (order, settings))?
        };
        run.end(told.answer_bytes(), pricing::receive(told, request, &self.rules()))
    }

    /// Asks a KPI plugin to score a subject.
    ///
    /// # Errors
    /// [`RuleFailure`] with its name when there is no answer that may be used.
    pub fn score(&self, subject: &Subject, settings: &str) -> Result<Evaluated<KpiAnswer>, RuleFailure> {
        self.expect(Kind::Kpi)?;
        let sent = kpi::send(subject, &self.attributes, &self.metrics).map_err(bad_request)?;
        let mut run = Run::begin(&self.prepared, subject.metrics.len())?;
        let score: TypedFunc<kpi::Params<'_>, kpi::Returned> = run.function(&self.prepared.exports.ask)?;
        let told = run.call(&score, (sent, settings))?;
        run.end(told.answer_bytes(), kpi::receive(told, &self.rules()))
    }

    /// Asks a deal plugin who owns an opportunity.
    ///
    /// # Errors
    /// [`RuleFailure`] with its name when there is no answer that may be used.
    pub fn decide(&self, claim: &Claim, settings: &str) -> Result<Evaluated<DealAnswer>, RuleFailure> {
        self.expect(Kind::Deal)?;
        let sent = deal::send(claim, &self.attributes).map_err(bad_request)?;
        let mut run = Run::begin(&self.prepared, claim.earlier.len())?;
        let decide: TypedFunc<deal::Params<'_>, deal::Returned> = run.function(&self.prepared.exports.ask)?;
        let told = run.call(&decide, (sent, settings))?;
        run.end(told.answer_bytes(), deal::receive(told, claim, &self.rules()))
    }

    /// Opens a run of an incentive plugin. The run holds a place in the pool until it ends.
    ///
    /// # Errors
    /// [`RuleFailure`] with its name when the plugin came to no usable answer.
    pub fn open_incentive(
        self: &Arc<Self>,
        header: &IncentiveHeader,
        settings: &str,
    ) -> Result<Opened, RuleFailure> {
        self.expect(Kind::Incentive)?;
        let sent = incentive::send(header, settings, &self.attributes).map_err(bad_request)?;
        let mut run = Run::begin(&self.prepared, header.entries())?;
        let open: TypedFunc<incentive::OpenParams<'_>, incentive::Opening> =
            run.function(&self.prepared.exports.ask)?;
        match run.call(&open, (sent,))?.0 {
            Err(notes) => run.end(notes.answer_bytes(), self.rules().reasons(notes)).map(Opened::Refused),
            Ok(accumulator) => {
                let plugin = Arc::clone(self);
                let bounds = incentive::RunBounds::new(header);
                Ok(Opened::Run(Box::new(IncentiveRun {
                    plugin,
                    run,
                    accumulator,
                    bounds,
                    chunk: Vec::new(),
                })))
            }
        }
    }

    fn expect(&self, kind: Kind) -> Result<(), RuleFailure> {
        if self.about.kind == kind {
            return Ok(());
        }
        let detail = format!("plugin `{}` is of kind {}, not {kind}", self.descriptor.name, self.about.kind);
        Err(bad_request(detail))
    }

    fn rules(&self) -> NoteRules<'_> {
        NoteRules { codes: &self.codes, limits: self.limits() }
    }

    /// What each of its evaluations may use.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.prepared.runtime.limits
    }
}

fn bad_request(detail: String) -> RuleFailure {
    RuleFailure::before_run(RuleError::BadRequest, detail)
}

/// How an incentive run begins.
#[derive(Debug)]
pub enum Opened {
    /// Facts may be added.
    Run(Box<IncentiveRun>),
    /// Coded reasons why the run is impossible.
    Refused(Evaluated<Vec<Note>>),
}

/// An incentive run under way: its memory does not grow with the facts unless the plugin's does.
pub struct IncentiveRun {
    plugin: Arc<Plugin>,
    run: Run,
    accumulator: ResourceAny,
    bounds: incentive::RunBounds,
    chunk: Vec<incentive::SentFact>,
}

impl std::fmt::Debug for IncentiveRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IncentiveRun({:?}, {:?})", self.plugin, self.bounds)
    }
}

impl IncentiveRun {
    /// Adds facts, best some hundreds at a time. After a failure the run is of no more use.
    ///
    /// # Errors
    /// [`RuleFailure`] with its name.
    pub fn add(&mut self, facts: &[StreamedFact]) -> Result<(), RuleFailure> {
        self.chunk.clear();
        for fact in facts {
            self.bounds.admit(fact).map_err(bad_request)?;
            self.chunk.push(incentive::send_fact(fact).map_err(bad_request)?);
        }
        self.run.grant_facts(facts.len())?;
        let exports = &self.plugin.prepared.exports;
        let add: TypedFunc<incentive::AddParams<'_>, ()> =
            self.run.optional_function(exports.add.as_ref())?;
        self.run.call(&add, (self.accumulator, self.chunk.as_slice()))
    }

    /// Ends the run and takes its answer.
    ///
    /// # Errors
    /// [`RuleFailure`] with its name.
    pub fn finish(mut self) -> Result<Evaluated<IncentiveAnswer>, RuleFailure> {
        let exports = &self.plugin.prepared.exports;
        let finish: TypedFunc<(ResourceAny,), incentive::Returned> =
            self.run.optional_function(exports.finish.as_ref())?;
        let told = self.run.call(&finish, (self.accumulator,))?;
        let size = told.answer_bytes();
        let answer: Checked<IncentiveAnswer> = incentive::receive(told, &self.bounds, &self.plugin.rules());
        self.run.end(size, answer)
    }
}
