//! What can be said of an upload without compiling it: size, structure, imports, world.

use crate::config::Limits;
use crate::digest::Digest;
use crate::kinds::{self, Contract};
use crate::outline::Outline;
use crate::quoted::quoted;
use crate::refusal::Refusal;
use qudao_domain::contract::Kind;
use serde::Serialize;
use std::{panic, thread};
use wasmparser::component_types::ComponentEntityType;
use wasmparser::types::{Types, TypesRef};
use wasmparser::{Parser, Validator, WasmFeatures};

/// How many imports a refusal names.
const MAX_NAMES: usize = 8;
/// The longest part of a name that a refusal shows.
const MAX_SHOWN: usize = 80;
/// How deep an import's instances may lie in one another. No tool makes more than two; thousands would exhaust
/// the stack of whoever walks through them.
const MAX_DEPTH: usize = 8;

/// What an upload is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspected {
    /// Its name.
    pub digest: Digest,
    /// What it decides.
    pub kind: Kind,
    /// The contract that it fulfils: `qudao:pricing@0.2.0`.
    pub contract: String,
    #[serde(skip)]
    pub(crate) spoken: Contract,
    /// Everything that it exports.
    pub exports: Vec<String>,
    /// In bytes.
    pub size: usize,
}

/// The stack of the thread that looks at an upload, in bytes. The validator calls itself for types within types; the
/// most that [`Outline`] lets through take 4 MiB.
const STACK_BYTES: usize = 32 << 20;

/// Looks at an upload, on a thread of its own.
pub(crate) fn inspect(component: &[u8], limits: &Limits) -> Result<Inspected, Refusal> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("qudao-inspect".into()).stack_size(STACK_BYTES);
        let looking = thread.spawn_scoped(scope, || look(component, limits));
        let looking = looking.map_err(|error| Refusal::CompilerFailed { detail: error.to_string() })?;
        looking.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked))
    })
}

fn look(component: &[u8], limits: &Limits) -> Result<Inspected, Refusal> {
    if component.len() > limits.max_component_bytes {
        return Err(Refusal::TooLarge { bytes: component.len(), limit: limits.max_component_bytes });
    }
    if !component.starts_with(b"\0asm") {
        return Err(Refusal::NotWasm);
    }
    if Parser::is_core_wasm(component) {
        return Err(Refusal::CoreModule);
    }
    let outline = Outline::of(component)?;
    let types = validate(component)?;
    let mut wanted = Vec::new();
    for name in &outline.imports {
        let entity = types.as_ref().component_item_for_import(name).map(|item| item.ty);
        list_needs(types.as_ref(), &quoted(name, MAX_SHOWN), entity, 0, &mut wanted);
    }
    if !wanted.is_empty() {
        return Err(Refusal::ImportsFunction { names: wanted });
    }
    let spoken = contract_of(&outline.exports)?;
    Ok(Inspected {
        digest: Digest::of(component),
        kind: spoken.kind(),
        contract: spoken.name(),
        spoken,
        exports: outline.exports,
        size: component.len(),
    })
}

/// This validator counts how deep types lie in one another, and has an assertion where it should have an error.
fn validate(component: &[u8]) -> Result<Types, Refusal> {
    match panic::catch_unwind(|| Validator::new_with_features(features()).validate_all(component)) {
        Ok(Ok(types)) => Ok(types),
        Ok(Err(error)) => Err(Refusal::bad_structure(&error.to_string())),
        Err(_) => Err(Refusal::bad_structure("its types lie in one another too deep to be checked")),
    }
}

/// What a component may be made of: that which the engine's configuration compiles.
fn features() -> WasmFeatures {
    let mut features = WasmFeatures::WASM2 | WasmFeatures::COMPONENT_MODEL | WasmFeatures::MULTI_MEMORY;
    // References to the host's own objects need the garbage collector, which is not built in.
    features.remove(WasmFeatures::GC_TYPES);
    features |= WasmFeatures::TAIL_CALL | WasmFeatures::EXTENDED_CONST;
    features
}

/// Adds whatever of an import the host would have to provide. An interface of mere types is harmless, one that lies
/// too deep is not looked into.
fn list_needs(
    types: TypesRef<'_>,
    name: &str,
    entity: Option<ComponentEntityType>,
    depth: usize,
    wanted: &mut Vec<String>,
) {
    if wanted.len() >= MAX_NAMES {
        return;
    }
    match entity {
        Some(ComponentEntityType::Instance(instance)) if depth < MAX_DEPTH => {
            for (inner, item) in &types[instance].exports {
                let inner = format!("{name}#{}", quoted(inner, MAX_SHOWN));
                list_needs(types, &inner, Some(item.ty), depth + 1, wanted);
            }
        }
        Some(ComponentEntityType::Type { created, .. }) => {
            // A resource is more than a type: the host would have to own it.
            if matches!(created, wasmparser::component_types::ComponentAnyTypeId::Resource(_)) {
                wanted.push(name.to_owned());
            }
        }
        Some(
            ComponentEntityType::Func(_)
            | ComponentEntityType::Instance(_)
            | ComponentEntityType::Module(_)
            | ComponentEntityType::Component(_)
            | ComponentEntityType::Value(_),
        )
        | None => wanted.push(name.to_owned()),
    }
}

/// The one contract whose interface is exported.
fn contract_of(exports: &[String]) -> Result<Contract, Refusal> {
    let has = |contract: &Contract| exports.contains(&contract.interface());
    let found: Vec<Contract> = Contract::ALL.into_iter().filter(has).collect();
    let detail = match found.as_slice() {
        [contract] => return Ok(*contract),
        [] if exports.is_empty() => "it exports nothing".to_owned(),
        [] => match exports.iter().find(|export| export.starts_with("qudao:")) {
            Some(other) => {
                format!(
                    "it exports `{}`, a contract or version that this host does not speak",
                    quoted(other, MAX_SHOWN)
                )
            }
            None => format!(
                "it exports {}",
                exports
                    .iter()
                    .take(5)
                    .map(|name| format!("`{}`", quoted(name, MAX_SHOWN)))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        },
        several => {
            let several: Vec<String> = several.iter().map(|contract| contract.name()).collect();
            format!("it is of more than one contract ({}); make one plugin for each", several.join(" and "))
        }
    };
    Err(Refusal::WrongWorld { detail, contracts: kinds::contracts() })
}
