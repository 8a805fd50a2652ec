//! One evaluation: a fresh instance in a fresh store, metered, and never used again.

use crate::failure::{RuleError, RuleFailure, backtrace, name_error};
use crate::kinds::types::{Checked, ToldDescriptor};
use crate::kinds::{Contract, deal, incentive, kpi, pricing};
use crate::meter::Meter;
use crate::plugin::Evaluated;
use crate::runtime::{Runtime, Slot};
use qudao_domain::contract::Kind;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Linker, Lower,
    ResourceAny, TypedFunc,
};
use wasmtime::{AsContextMut, Store, UpdateDeadline};

/// A component linked with nothing, its functions found: instantiating it is all that is left.
pub(crate) struct Prepared {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) exports: Exports,
    pub(crate) contract: Contract,
    linked: InstancePre<Meter>,
}

/// Where a plugin's functions are.
pub(crate) struct Exports {
    pub(crate) describe: ComponentExportIndex,
    /// `price`, `score`, `decide` or `accumulator.open`.
    pub(crate) ask: ComponentExportIndex,
    /// `accumulator.add`, for incentives.
    pub(crate) add: Option<ComponentExportIndex>,
    /// `accumulator.finish`, for incentives.
    pub(crate) finish: Option<ComponentExportIndex>,
}

impl Prepared {
    /// Links a component and finds the functions of its kind. The message says what is missing.
    pub(crate) fn new(
        runtime: &Arc<Runtime>,
        component: &Component,
        contract: Contract,
    ) -> Result<Self, String> {
        let exports = Exports::find(component, contract)?;
        let linker: Linker<Meter> = Linker::new(&runtime.wasmtime);
        let linked = linker.instantiate_pre(component).map_err(|error| format!("{error:#}"))?;
        Ok(Self { runtime: Arc::clone(runtime), exports, contract, linked })
    }

    /// Whether every function has the contract's shape: looked up as it will be when it is called.
    pub(crate) fn check_shapes(&self) -> Result<(), ShapeError> {
        let mut run = Run::begin(self, 0).map_err(ShapeError::Start)?;
        let exports = &self.exports;
        let describe = Some(&exports.describe);
        match self.contract {
            Contract::Deal => run.has_shape::<(), (deal::ToldDescriptor,)>("describe", describe)?,
            Contract::Pricing | Contract::PricingV0_1 | Contract::Incentive | Contract::Kpi => {
                run.has_shape::<(), (ToldDescriptor,)>("describe", describe)?;
            }
        }
        match self.contract {
            Contract::PricingV0_1 => {
                run.has_shape::<pricing::v0_1::Params<'_>, pricing::Returned>("price", Some(&exports.ask))
            }
            Contract::Pricing => {
                run.has_shape::<pricing::Params<'_>, pricing::Returned>("price", Some(&exports.ask))
            }
            Contract::Kpi => run.has_shape::<kpi::Params<'_>, kpi::Returned>("score", Some(&exports.ask)),
            Contract::Deal => run.has_shape::<deal::Params<'_>, deal::Returned>("decide", Some(&exports.ask)),
            Contract::Incentive => {
                run.has_shape::<incentive::OpenParams<'_>, incentive::Opening>("open", Some(&exports.ask))?;
                run.has_shape::<incentive::AddParams<'_>, ()>("add", exports.add.as_ref())?;
                run.has_shape::<(ResourceAny,), incentive::Returned>("finish", exports.finish.as_ref())
            }
        }
    }
}

/// Why a component's shapes could not be confirmed.
pub(crate) enum ShapeError {
    /// Its instance did not come up.
    Start(RuleFailure),
    /// A function is of another shape.
    Shape(String),
}

impl Exports {
    fn find(component: &Component, contract: Contract) -> Result<Self, String> {
        let name = contract.interface();
        let interface =
            component.get_export_index(None, &name).ok_or_else(|| format!("`{name}` is missing"))?;
        let find = |function: &str| {
            let found = component.get_export_index(Some(&interface), function);
            found.ok_or_else(|| format!("`{name}` has no function `{function}`"))
        };
        let (ask, add, finish) = match contract.kind() {
            Kind::Pricing => (find("price")?, None, None),
            Kind::Kpi => (find("score")?, None, None),
            Kind::Deal => (find("decide")?, None, None),
            Kind::Incentive => (
                find("[static]accumulator.open")?,
                Some(find("[method]accumulator.add")?),
                Some(find("[method]accumulator.finish")?),
            ),
        };
        Ok(Self { describe: find("describe")?, ask, add, finish })
    }
}

/// An instance that is being asked. Dropping it frees its place in the pool.
pub(crate) struct Run {
    // Fields drop in this order: the pool's memory is given back before the slot is.
    store: Store<Meter>,
    instance: Instance,
    runtime: Arc<Runtime>,
    fuel_given: u64,
    began: Instant,
    _slot: Slot,
}

impl Run {
    /// Instantiates with the fuel for so many lines.
    pub(crate) fn begin(prepared: &Prepared, lines: usize) -> Result<Self, RuleFailure> {
        let runtime = &prepared.runtime;
        let limits = &runtime.limits;
        let slot = runtime.slot().ok_or_else(|| {
            let waited = limits.deadline_ms;
            RuleFailure::before_run(
                RuleError::Busy,
                format!("no place in the pool became free in {waited} ms"),
            )
        })?;
        let began = Instant::now();
        let mut store = Store::new(&runtime.wasmtime, Meter::new(limits));
        store.limiter(|meter| meter);
        store.set_hostcall_fuel(limits.max_answer_bytes);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            let goes_on = store.data_mut().clock.goes_on();
            Ok(if goes_on { UpdateDeadline::Continue(1) } else { UpdateDeadline::Interrupt })
        });
        let fuel_given = limits.fuel(lines, 0);
        let filled = store.set_fuel(fuel_given);
        let started = filled.and_then(|()| prepared.linked.instantiate(&mut store));
        match started {
            Ok(instance) => {
                Ok(Self { store, instance, runtime: Arc::clone(runtime), fuel_given, began, _slot: slot })
            }
            Err(error) => Err(failure(&mut store, &error, runtime, fuel_given, began)),
        }
    }

    /// More fuel, for facts that are about to be added.
    pub(crate) fn grant_facts(&mut self, facts: usize) -> Result<(), RuleFailure> {
        let facts = u64::try_from(facts).unwrap_or(u64::MAX);
        let more = self.runtime.limits.fuel_per_fact.saturating_mul(facts);
        self.fuel_given = self.fuel_given.saturating_add(more);
        let filled = self.store.get_fuel().and_then(|left| self.store.set_fuel(left.saturating_add(more)));
        filled.map_err(|error| self.failed(&error))
    }

    /// A function of the instance.
    pub(crate) fn function<P, R>(
        &mut self,
        index: &ComponentExportIndex,
    ) -> Result<TypedFunc<P, R>, RuleFailure>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.optional_function(Some(index))
    }

    /// A function that only one kind has.
    pub(crate) fn optional_function<P, R>(
        &mut self,
        index: Option<&ComponentExportIndex>,
    ) -> Result<TypedFunc<P, R>, RuleFailure>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let found = self.find(index);
        found.map_err(|error| self.failed(&error))
    }

    fn find<P, R>(&mut self, index: Option<&ComponentExportIndex>) -> wasmtime::Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let index = index.ok_or_else(|| wasmtime::Error::msg("the plugin has no such function"))?;
        self.instance.get_typed_func(&mut self.store, index)
    }

    fn has_shape<P, R>(&mut self, name: &str, index: Option<&ComponentExportIndex>) -> Result<(), ShapeError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        match self.find::<P, R>(index) {
            Ok(_) => Ok(()),
            Err(error) => Err(ShapeError::Shape(format!("function `{name}`: {error:#}"))),
        }
    }

    /// Calls into the plugin, with the whole deadline before it.
    pub(crate) fn call<P, R>(&mut self, function: &TypedFunc<P, R>, params: P) -> Result<R, RuleFailure>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.store.data_mut().clock.restart();
        let returned = function.call(self.store.as_context_mut(), params);
        returned.map_err(|error| self.failed(&error))
    }

    /// Ends the run with the size of what was handed over and the checked answer.
    pub(crate) fn end<T>(
        mut self,
        answer_bytes: usize,
        answer: Checked<T>,
    ) -> Result<Evaluated<T>, RuleFailure> {
        let fuel = spent(&mut self.store, self.fuel_given);
        let elapsed_us = micros_since(self.began);
        match answer {
            Ok(answer) => Ok(Evaluated {
                answer,
                fuel,
                memory_bytes: self.store.data().peak(),
                answer_bytes: u64::try_from(answer_bytes).unwrap_or(u64::MAX),
                elapsed_us,
            }),
            Err(detail) => {
                Err(RuleFailure { error: RuleError::BadAnswer, detail, backtrace: None, fuel, elapsed_us })
            }
        }
    }

    fn failed(&mut self, error: &wasmtime::Error) -> RuleFailure {
        failure(&mut self.store, error, &self.runtime, self.fuel_given, self.began)
    }
}

fn failure(
    store: &mut Store<Meter>,
    error: &wasmtime::Error,
    runtime: &Runtime,
    fuel_given: u64,
    began: Instant,
) -> RuleFailure {
    let limits = &runtime.limits;
    let (name, detail) = match store.data().denied {
        Some(asked) => {
            let limit = limits.memory_bytes;
            (RuleError::Memory, format!("asked for {asked} bytes of memory, at most {limit} are allowed"))
        }
        None => name_error(error, limits.deadline_ms),
    };
    let fuel = spent(store, fuel_given);
    RuleFailure { error: name, detail, backtrace: backtrace(error), fuel, elapsed_us: micros_since(began) }
}

fn spent(store: &mut Store<Meter>, given: u64) -> u64 {
    given.saturating_sub(store.get_fuel().unwrap_or(0))
}

fn micros_since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)
}
