//! A component's sections, looked at without going into anything that lies in something else.
//!
//! The validator walks through types by calling itself, as deep as they lie in one another; a hostile upload of half a
//! megabyte would exhaust the stack, which ends the whole process. Components that lie in one another take it time that
//! grows with the square of their number, and types that hold another twice are walked through for every name that has
//! them. So all of these are bounded before it is asked.

use crate::refusal::Refusal;
use wasmparser::{BinaryReaderError, Parser, Payload};

/// The most modules and components, in one another or side by side; a plugin of the SDK has 4.
const MAX_PARTS: usize = 100;
/// The most instances, of all components together; a plugin of the SDK has 1.
const MAX_INSTANCES: u32 = 500;
/// The most imports and exports, of all components together; a plugin of the SDK has 58.
const MAX_NAMES: u32 = 1_000;
/// The most bytes of component types, of all components together. A level of nesting takes three; a plugin of the SDK
/// has 2,446.
const MAX_TYPE_BYTES: usize = 12 * 1024;

/// Names of the outermost component's imports and exports; those of nested ones concern nobody.
#[derive(Default)]
pub(crate) struct Outline {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

/// What was met so far.
#[derive(Default)]
struct Met {
    depth: usize,
    parts: usize,
    instances: u32,
    names: u32,
    type_bytes: usize,
}

impl Outline {
    /// Reads the sections of a component that was not validated yet.
    pub(crate) fn of(component: &[u8]) -> Result<Self, Refusal> {
        let bad = |error: BinaryReaderError| Refusal::bad_structure(&error.to_string());
        let (mut outline, mut met) = (Self::default(), Met::default());
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload.map_err(bad)?;
            met.add(&payload)?;
            if met.depth == 0 {
                outline.add(payload).map_err(bad)?;
            }
        }
        Ok(outline)
    }

    fn add(&mut self, payload: Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section {
                    self.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    self.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Met {
    fn add(&mut self, payload: &Payload<'_>) -> Result<(), Refusal> {
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                self.depth += 1;
                self.parts += 1;
            }
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::ComponentTypeSection(section) => self.type_bytes += section.range().len(),
            Payload::ComponentInstanceSection(section) => {
                self.instances = self.instances.saturating_add(section.count());
            }
            Payload::ComponentImportSection(section) => self.count_names(section.count()),
            Payload::ComponentExportSection(section) => self.count_names(section.count()),
            _ => {}
        }
        let (what, limit) = if self.parts > MAX_PARTS {
            ("modules and components", MAX_PARTS.to_string())
        } else if self.instances > MAX_INSTANCES {
            ("instances", MAX_INSTANCES.to_string())
        } else if self.names > MAX_NAMES {
            ("imports and exports", MAX_NAMES.to_string())
        } else if self.type_bytes > MAX_TYPE_BYTES {
            ("bytes of component types", MAX_TYPE_BYTES.to_string())
        } else {
            return Ok(());
        };
        Err(Refusal::bad_structure(&format!("it has more than {limit} {what}")))
    }

    fn count_names(&mut self, more: u32) {
        self.names = self.names.saturating_add(more);
    }
}
