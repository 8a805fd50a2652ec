//! A plugin's JSON Schema as a tree of fields.

use qudao_domain::contract::Text;
use qudao_domain::decimal::Decimal;
use serde_json::Value as Json;

use super::field::{Choice, Field, MAX_ROWS, NumberShape, PER_CENT, Shape, Wire};
use super::ordered::Ordered;

/// How deep fields may nest before the rest is edited as JSON text.
const MAX_DEPTH: usize = 8;
/// How many fields a schema may unfold into before the rest is edited as JSON text.
const MAX_FIELDS: usize = 1_000;
/// How many values one choice may offer before it becomes free text.
const MAX_CHOICES: usize = 300;
/// How often one field may refer on before it is taken for a circle.
const MAX_LAYERS: usize = 16;

/// Why no form can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the settings schema is not JSON: {0}")]
pub struct SchemaError(String);

/// A plugin's settings schema, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsSchema {
    pub(super) root: Field,
}

impl SettingsSchema {
    /// Reads the schema that a plugin describes. What the form cannot draw becomes JSON text, so that
    /// a schema which the engine accepted always gives a form; its size and depth are bounded.
    ///
    /// # Errors
    /// [`SchemaError`] when the text is not JSON.
    pub fn parse(schema: &str) -> Result<Self, SchemaError> {
        let root: Ordered = serde_json::from_str(schema).map_err(|error| SchemaError(error.to_string()))?;
        let mut reader = Reader { root: &root, left: MAX_FIELDS };
        // Settings as a whole are always there.
        Ok(Self { root: Field { nullable: false, ..reader.field("", &root, false, 0) } })
    }

    /// Puts fields in the order of the settings to begin with, where the schema itself has them in
    /// alphabetical order: schemars sorts keys, serde writes a struct's fields as they were declared.
    #[must_use]
    pub fn in_order_of(mut self, settings_default: &str) -> Self {
        if let Ok(example) = serde_json::from_str(settings_default) {
            reorder(&mut self.root, &example);
        }
        self
    }
}

fn reorder(field: &mut Field, example: &Ordered) {
    match (&mut field.shape, example) {
        (Shape::Group(fields), Ordered::Map(pairs)) => {
            for field in fields.iter_mut() {
                if let Some(inner) = example.get(&field.key) {
                    reorder(field, inner);
                }
            }
            let place = |field: &Field| pairs.iter().position(|(key, _)| *key == field.key);
            if !field.ordered {
                fields.sort_by_key(|field| place(field).unwrap_or(usize::MAX));
            }
        }
        (Shape::Rows { row, .. }, Ordered::List(items)) => {
            items.first().into_iter().for_each(|item| reorder(row, item));
        }
        (Shape::Entries { value }, Ordered::Map(pairs)) => {
            pairs.first().into_iter().for_each(|(_, inner)| reorder(value, inner));
        }
        _ => {}
    }
}

/// A schema with all that it refers to; the outer words go before the inner.
struct Layers<'a> {
    layers: Vec<&'a Ordered>,
    nullable: bool,
}

impl<'a> Layers<'a> {
    fn get(&self, key: &str) -> Option<&'a Ordered> {
        self.layers.iter().find_map(|layer| layer.get(key))
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Ordered::text)
    }

    /// The words `key` and, beside it, `x-<key>-zh-CN`. A title that is not translated stays as it is; a
    /// description is left out instead.
    fn words(&self, key: &str) -> Option<Text> {
        let layer = self.layers.iter().find(|layer| layer.get(key).is_some())?;
        let en = layer.get(key)?.text()?;
        let other = format!("x-{}-zh-CN", key.trim_start_matches("x-"));
        let zh = layer.get(&other).or_else(|| self.get(&other)).and_then(Ordered::text);
        let zh = zh.unwrap_or(if key == "description" { "" } else { en });
        Some(Text { zh_cn: zh.to_owned(), en: en.to_owned() })
    }

    fn number(&self, key: &str) -> Option<Decimal> {
        match self.get(key)? {
            Ordered::Text(text) => text.parse().ok(),
            Ordered::Number(number) => super::typed::decimal_of(number),
            _ => None,
        }
    }

    fn count(&self, key: &str) -> Option<usize> {
        let Ordered::Number(number) = self.get(key)? else { return None };
        number.as_u64().and_then(|count| usize::try_from(count).ok())
    }

    /// The first type that is not null.
    fn kind(&self) -> Option<&'a str> {
        match self.get("type")? {
            Ordered::Text(kind) => Some(kind),
            Ordered::List(kinds) => {
                let mut named = kinds.iter().filter_map(Ordered::text).filter(|kind| *kind != "null");
                let only = named.next();
                if named.next().is_some() { None } else { only }
            }
            _ => None,
        }
    }
}

struct Reader<'a> {
    root: &'a Ordered,
    left: usize,
}

impl<'a> Reader<'a> {
    fn field(&mut self, key: &str, schema: &'a Ordered, optional: bool, depth: usize) -> Field {
        let layers = self.resolve(schema);
        self.left = self.left.saturating_sub(1);
        let shape = match &layers {
            Some(layers) if depth <= MAX_DEPTH && self.left > 0 => self.shape(layers, depth),
            _ => Shape::Json,
        };
        let layers = layers.unwrap_or(Layers { layers: vec![schema], nullable: false });
        let title = layers.words("title");
        let fallback = || Text { zh_cn: readable(key), en: readable(key) };
        Field {
            ordered: layers.get("properties").is_none_or(says_order),
            key: key.to_owned(),
            titled: title.is_some(),
            title: title.unwrap_or_else(fallback),
            help: layers.words("description").unwrap_or(Text { zh_cn: String::new(), en: String::new() }),
            optional,
            nullable: layers.nullable,
            default: layers.get("default").map(Ordered::json),
            shape,
        }
    }

    /// Follows `$ref`, single `allOf` and `anyOf [X, null]`. None where it goes in a circle or leads nowhere.
    fn resolve(&self, schema: &'a Ordered) -> Option<Layers<'a>> {
        let mut found = Layers { layers: Vec::new(), nullable: false };
        let mut here = schema;
        while found.layers.len() < MAX_LAYERS {
            found.layers.push(here);
            found.nullable |= here.get("type").is_some_and(|kinds| kinds.items().iter().any(is_null_word));
            found.nullable |= here.get("enum").is_some_and(|values| values.items().contains(&Ordered::Null));
            here = match self.next_layer(here, &mut found.nullable)? {
                Some(next) => next,
                None => return Some(found),
            };
        }
        None
    }

    /// Outer none: leads nowhere. Inner none: this is the last layer.
    fn next_layer(&self, here: &'a Ordered, nullable: &mut bool) -> Option<Option<&'a Ordered>> {
        if let Some(target) = here.get("$ref").and_then(Ordered::text) {
            return target.strip_prefix('#').and_then(|pointer| self.root.at(pointer)).map(Some);
        }
        if let Some([only]) = here.get("allOf").map(Ordered::items) {
            return Some(Some(only));
        }
        for branches in ["anyOf", "oneOf"].into_iter().filter_map(|key| here.get(key)) {
            let is_null = |branch: &&Ordered| branch.get("type").is_some_and(is_null_word);
            let mut rest = branches.items().iter().filter(|branch| !is_null(branch));
            let only = rest.next();
            if branches.items().len() == 2 && rest.next().is_none() {
                *nullable = true;
                return Some(only);
            }
        }
        Some(None)
    }

    fn shape(&mut self, layers: &Layers<'a>, depth: usize) -> Shape {
        if let Some(choices) = choices(layers) {
            return Shape::Choice(choices);
        }
        // A choice between objects; a wrapper around `null` is never the last layer.
        let branches = |last: &&Ordered| last.get("oneOf").is_some() || last.get("anyOf").is_some();
        if layers.layers.last().is_some_and(branches) {
            return Shape::Json;
        }
        let has_properties = layers.get("properties").is_some();
        match layers.kind() {
            Some("boolean") if layers.nullable => Shape::Choice(yes_or_no()),
            Some("boolean") => Shape::Flag,
            Some("integer") => number(layers, Wire::Integer, "minimum", "maximum"),
            Some("number") => number(layers, Wire::Number, "minimum", "maximum"),
            Some("string") => match layers.text("format") {
                Some("decimal") => number(layers, Wire::Decimal, "x-minimum", "x-maximum"),
                Some("date") => Shape::Day,
                _ => Shape::Text {
                    long: layers.count("maxLength").is_some_and(|most| most > 200),
                    blank: layers.count("minLength").unwrap_or(0) == 0 && layers.get("pattern").is_none(),
                },
            },
            Some("array") => self.list(layers, depth),
            Some("object") => self.object(layers, depth),
            None if has_properties => self.object(layers, depth),
            _ => Shape::Json,
        }
    }

    fn list(&mut self, layers: &Layers<'a>, depth: usize) -> Shape {
        let Some(items @ Ordered::Map(_)) = layers.get("items") else { return Shape::Json };
        if layers.get("prefixItems").is_some() {
            return Shape::Json;
        }
        let row = Box::new(self.field("", items, false, depth + 1));
        let plain = match &row.shape {
            Shape::Text { long, .. } => !long,
            Shape::Number(_) | Shape::Day => true,
            _ => false,
        };
        if plain && !row.nullable {
            return Shape::List(row);
        }
        let fewest = layers.count("minItems").unwrap_or(0);
        Shape::Rows { row, fewest, most: layers.count("maxItems").unwrap_or(MAX_ROWS).min(MAX_ROWS) }
    }

    fn object(&mut self, layers: &Layers<'a>, depth: usize) -> Shape {
        let others = layers.get("additionalProperties").filter(|others| matches!(others, Ordered::Map(_)));
        let properties = match layers.get("properties") {
            Some(Ordered::Map(properties)) => properties.as_slice(),
            _ => &[],
        };
        match others {
            Some(value) if properties.is_empty() => {
                Shape::Entries { value: Box::new(self.field("", value, false, depth + 1)) }
            }
            None if !properties.is_empty() => Shape::Group(self.fields(layers, properties, depth)),
            _ => Shape::Json,
        }
    }

    /// In the order of `x-order`, where it is given, else as written.
    fn fields(&mut self, layers: &Layers<'a>, written: &'a [(String, Ordered)], depth: usize) -> Vec<Field> {
        let required = layers.get("required").map_or(&[][..], Ordered::items);
        let is_required = |key: &str| required.iter().any(|name| name.text() == Some(key));
        let mut ordered: Vec<&(String, Ordered)> = written.iter().collect();
        ordered.sort_by_key(|(_, schema)| x_order(schema));
        ordered.iter().map(|(key, schema)| self.field(key, schema, !is_required(key), depth + 1)).collect()
    }
}

fn x_order(schema: &Ordered) -> i64 {
    match schema.get("x-order") {
        Some(Ordered::Number(place)) => place.as_i64().unwrap_or(i64::MAX),
        _ => i64::MAX,
    }
}

/// Keys in alphabetical order say nothing, unless each has its `x-order`.
fn says_order(properties: &Ordered) -> bool {
    let Ordered::Map(pairs) = properties else { return true };
    let alphabetical = pairs.is_sorted_by(|(one, _), (next, _)| one <= next);
    !alphabetical || pairs.iter().all(|(_, schema)| schema.get("x-order").is_some())
}

fn is_null_word(kind: &Ordered) -> bool {
    kind.text() == Some("null")
}

/// A flag that may be unset needs three states.
fn yes_or_no() -> Vec<Choice> {
    let choice = |value: bool, zh_cn: &str, en: &str| {
        let title = Text { zh_cn: zh_cn.to_owned(), en: en.to_owned() };
        Choice { value: Json::Bool(value), title }
    };
    vec![choice(true, "是", "Yes"), choice(false, "否", "No")]
}

fn number(layers: &Layers<'_>, wire: Wire, low: &str, high: &str) -> Shape {
    let unit = layers.words("x-unit").unwrap_or(Text { zh_cn: String::new(), en: String::new() });
    let per_cent = || Text { zh_cn: PER_CENT.to_owned(), en: PER_CENT.to_owned() };
    let unit = if unit.en == "percent" { per_cent() } else { unit };
    Shape::Number(NumberShape { low: layers.number(low), high: layers.number(high), unit, wire })
}

/// The values of `const`, `enum` or a `oneOf` of these.
fn choices(layers: &Layers<'_>) -> Option<Vec<Choice>> {
    let last = layers.layers.last()?;
    let branches = last.get("oneOf").or_else(|| last.get("anyOf")).map(Ordered::items);
    let mut found = Vec::new();
    match branches {
        Some(branches) => branches.iter().try_for_each(|branch| fixed(branch, &mut found))?,
        None => layers.layers.iter().find_map(|layer| fixed(layer, &mut found))?,
    }
    found.retain(|choice| !choice.value.is_null());
    (!found.is_empty() && found.len() <= MAX_CHOICES).then_some(found)
}

fn fixed(schema: &Ordered, found: &mut Vec<Choice>) -> Option<()> {
    let layers = Layers { layers: vec![schema], nullable: false };
    let plain = |value: &Ordered| {
        let shown = value.text().map_or_else(|| value.json().to_string(), readable);
        Choice { value: value.json(), title: Text { zh_cn: shown.clone(), en: shown } }
    };
    if let Some(value) = schema.get("const") {
        let mut choice = plain(value);
        if let Some(title) = layers.words("title") {
            choice.title = title;
        }
        found.push(choice);
        return Some(());
    }
    let Ordered::List(values) = schema.get("enum")? else { return None };
    found.extend(values.iter().map(plain));
    Some(())
}

/// `from_quantity` as `From quantity`.
fn readable(key: &str) -> String {
    let spaced = key.replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
