//! What can be said of an upload without compiling it: size, structure, imports, world.

use crate::config::Limits;
use crate::digest::Digest;
use crate::kinds::{self, Contract};
use crate::refusal::Refusal;
use qudao_domain::contract::Kind;
use serde::Serialize;
use wasmparser::component_types::ComponentEntityType;
use wasmparser::types::TypesRef;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// How many imports a refusal names.
const MAX_NAMES: usize = 8;

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

/// Looks at an upload.
pub(crate) fn inspect(component: &[u8], limits: &Limits) -> Result<Inspected, Refusal> {
    if component.len() > limits.max_component_bytes {
        return Err(Refusal::TooLarge { bytes: component.len(), limit: limits.max_component_bytes });
    }
    if !component.starts_with(b"\0asm") {
        return Err(Refusal::NotWasm);
    }
    if Parser::is_core_wasm(component) {
        return Err(Refusal::CoreModule);
    }
    let bad = |error: wasmparser::BinaryReaderError| Refusal::BadStructure { detail: error.to_string() };
    let types = Validator::new_with_features(features()).validate_all(component).map_err(bad)?;
    let names = top_level_names(component).map_err(bad)?;
    let mut wanted = Vec::new();
    for name in &names.imports {
        let entity = types.as_ref().component_item_for_import(name).map(|item| item.ty);
        list_needs(types.as_ref(), name, entity, &mut wanted);
    }
    if !wanted.is_empty() {
        return Err(Refusal::ImportsFunction { names: wanted });
    }
    let spoken = contract_of(&names.exports)?;
    Ok(Inspected {
        digest: Digest::of(component),
        kind: spoken.kind(),
        contract: spoken.name(),
        spoken,
        exports: names.exports,
        size: component.len(),
    })
}

/// What a component may be made of: that which the engine's configuration compiles.
fn features() -> WasmFeatures {
    let mut features = WasmFeatures::WASM2 | WasmFeatures::COMPONENT_MODEL | WasmFeatures::MULTI_MEMORY;
    features |= WasmFeatures::TAIL_CALL | WasmFeatures::EXTENDED_CONST;
    features
}

struct Names {
    imports: Vec<String>,
    exports: Vec<String>,
}

/// Names of the outermost component's imports and exports; those of nested ones concern nobody.
fn top_level_names(component: &[u8]) -> wasmparser::Result<Names> {
    let mut names = Names { imports: Vec::new(), exports: Vec::new() };
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    names.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    names.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

/// Adds whatever of an import the host would have to provide. An interface of mere types is harmless.
fn list_needs(
    types: TypesRef<'_>,
    name: &str,
    entity: Option<ComponentEntityType>,
    wanted: &mut Vec<String>,
) {
    if wanted.len() >= MAX_NAMES {
        return;
    }
    match entity {
        Some(ComponentEntityType::Instance(instance)) => {
            for (inner, item) in &types[instance].exports {
                list_needs(types, &format!("{name}#{inner}"), Some(item.ty), wanted);
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
                format!("it exports `{}`, a contract or version that this host does not speak", short(other))
            }
            None => format!(
                "it exports {}",
                exports
                    .iter()
                    .take(5)
                    .map(|name| format!("`{}`", short(name)))
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

fn short(name: &str) -> String {
    name.chars().take(80).collect()
}
