//! What keeps a hostile schema from hurting: size, depth, patterns, and references that stay inside.

use super::SchemaError;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The longest schema, in bytes.
pub const MAX_SCHEMA_BYTES: usize = 64 * 1024;
/// The deepest nesting of schemas.
pub const MAX_DEPTH: usize = 32;
/// The most JSON values of a schema, counted with every `$ref` followed.
pub const MAX_NODES: u64 = 20_000;
/// The longest `pattern`, in bytes.
pub const MAX_PATTERN_BYTES: usize = 256;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const DEFS: &str = "#/$defs/";

/// Keywords whose value is a schema or an array of them.
const SCHEMAS: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords whose value is an object of schemas.
const NAMED_SCHEMAS: &[&str] =
    &["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"];

/// Keywords that give a schema another name or base, or look a name up at run time.
const REFUSED: &[&str] = &[
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$recursiveAnchor",
    "$recursiveRef",
    "$vocabulary",
    "id",
];

/// What a definition holds: its own parts, and the definitions that it refers to.
#[derive(Default)]
struct Definition {
    parts: u64,
    refs: Vec<String>,
}

/// Checks a schema whose top is an object.
pub(super) fn check(schema: &Value) -> Result<(), SchemaError> {
    let mut walk = Walk { definitions: HashMap::new(), here: String::new() };
    if let Some(definitions) = schema.get("$defs").and_then(Value::as_object) {
        for name in definitions.keys() {
            walk.definitions.insert(name.clone(), Definition::default());
        }
    }
    // The top is a definition of its own, under a name that no reference can spell.
    walk.definitions.insert(String::new(), Definition::default());
    walk.schema(schema, "", 0)?;
    let mut counted = HashMap::new();
    let names: Vec<String> = walk.definitions.keys().cloned().collect();
    for name in names {
        count(&name, &walk.definitions, &mut counted, 0)?;
    }
    Ok(())
}

struct Walk {
    definitions: HashMap<String, Definition>,
    /// The definition that is being walked.
    here: String,
}

impl Walk {
    fn schema(&mut self, schema: &Value, pointer: &str, depth: usize) -> Result<(), SchemaError> {
        if depth > MAX_DEPTH {
            return Err(SchemaError::TooDeep(pointer.to_owned()));
        }
        self.add_parts(1);
        match schema {
            Value::Object(keywords) => self.keywords(keywords, pointer, depth),
            Value::Array(schemas) => {
                for (place, inner) in schemas.iter().enumerate() {
                    self.schema(inner, &format!("{pointer}/{place}"), depth + 1)?;
                }
                Ok(())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn keywords(
        &mut self,
        keywords: &Map<String, Value>,
        pointer: &str,
        depth: usize,
    ) -> Result<(), SchemaError> {
        for (keyword, value) in keywords {
            let at = format!("{pointer}/{}", escape(keyword));
            if REFUSED.contains(&keyword.as_str()) {
                return Err(SchemaError::Keyword { pointer: pointer.to_owned(), keyword: keyword.clone() });
            }
            match keyword.as_str() {
                "$ref" => self.reference(value, pointer)?,
                "$schema" => check_dialect(value)?,
                "pattern" => check_pattern(value.as_str().unwrap_or_default(), &at)?,
                name if NAMED_SCHEMAS.contains(&name) => self.named(name, value, &at, depth)?,
                name if SCHEMAS.contains(&name) => self.schema(value, &at, depth + 1)?,
                _ => self.add_parts(parts(value)),
            }
        }
        Ok(())
    }

    /// An object of schemas; a definition of the top is counted for itself.
    fn named(
        &mut self,
        keyword: &str,
        value: &Value,
        pointer: &str,
        depth: usize,
    ) -> Result<(), SchemaError> {
        let Some(schemas) = value.as_object() else {
            // What else may stand here is refused when the schema is built.
            return Ok(());
        };
        for (name, schema) in schemas {
            let at = format!("{pointer}/{}", escape(name));
            if keyword == "patternProperties" {
                check_pattern(name, &at)?;
            }
            if pointer == "/$defs" {
                let outside = std::mem::replace(&mut self.here, name.clone());
                self.schema(schema, &at, depth + 1)?;
                self.here = outside;
            } else {
                self.schema(schema, &at, depth + 1)?;
            }
        }
        Ok(())
    }

    fn reference(&mut self, value: &Value, pointer: &str) -> Result<(), SchemaError> {
        let target = value.as_str().unwrap_or_default();
        let shown = || target.chars().take(200).collect::<String>();
        let plain = |name: &&str| !name.is_empty() && !name.contains(['/', '~', '%', '#']);
        let Some(name) = target.strip_prefix(DEFS).filter(plain) else {
            return Err(SchemaError::ForeignRef { pointer: pointer.to_owned(), target: shown() });
        };
        if !self.definitions.contains_key(name) {
            return Err(SchemaError::MissingRef { pointer: pointer.to_owned(), target: shown() });
        }
        if let Some(here) = self.definitions.get_mut(&self.here) {
            here.refs.push(name.to_owned());
        }
        Ok(())
    }

    fn add_parts(&mut self, more: u64) {
        if let Some(here) = self.definitions.get_mut(&self.here) {
            here.parts = here.parts.saturating_add(more);
        }
    }
}

/// Parts of a definition with its references followed. `depth` above the number of definitions
/// means that one contains itself.
fn count(
    name: &str,
    definitions: &HashMap<String, Definition>,
    counted: &mut HashMap<String, u64>,
    depth: usize,
) -> Result<u64, SchemaError> {
    if let Some(parts) = counted.get(name) {
        return Ok(*parts);
    }
    if depth > definitions.len() {
        return Err(SchemaError::RecursiveRef(name.to_owned()));
    }
    if depth > MAX_DEPTH {
        return Err(SchemaError::TooDeep(format!("/$defs/{name}")));
    }
    let Some(definition) = definitions.get(name) else {
        return Ok(0);
    };
    let mut parts = definition.parts;
    for target in &definition.refs {
        parts = parts.saturating_add(count(target, definitions, counted, depth + 1)?);
    }
    if parts > MAX_NODES {
        return Err(SchemaError::TooManyParts);
    }
    counted.insert(name.to_owned(), parts);
    Ok(parts)
}

fn check_dialect(value: &Value) -> Result<(), SchemaError> {
    let dialect = value.as_str().unwrap_or_default();
    if dialect.trim_end_matches('#') == DIALECT {
        return Ok(());
    }
    Err(SchemaError::Dialect(dialect.chars().take(200).collect()))
}

fn check_pattern(pattern: &str, pointer: &str) -> Result<(), SchemaError> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(SchemaError::PatternTooLong(pointer.to_owned()));
    }
    Ok(())
}

/// JSON values within a value that is no schema (a default, a list of choices, …). Its depth is
/// bounded by the JSON reader.
fn parts(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(parts).fold(1, u64::saturating_add),
        Value::Object(members) => members.values().map(parts).fold(1, u64::saturating_add),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// A name as a part of a JSON pointer.
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
