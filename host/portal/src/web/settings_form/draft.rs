//! What stands in the form: every field as typed, right or wrong.

use serde_json::Value as Json;
use std::collections::HashMap;

use super::field::{Field, MAX_ROWS, Shape};
use super::schema::SettingsSchema;
use super::typed::typed;
use crate::web::forms::Form;

/// A settings form with what stands in it.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsForm<'s> {
    pub(super) schema: &'s SettingsSchema,
    pub(super) draft: Draft,
}

/// What stands in one field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Draft {
    /// As typed.
    Typed(String),
    /// A box, ticked or not.
    Flag(bool),
    /// One for each field of the group; `on` is false where the whole is left out.
    Group { on: bool, fields: Vec<Draft> },
    /// The rows of a table or the entries of an object.
    Rows { on: bool, rows: Vec<Row> },
}

/// A row, by the name that its fields carried when it was posted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    /// An entry's key, as typed.
    pub(super) key: String,
    pub(super) draft: Draft,
}

impl<'s> SettingsForm<'s> {
    /// A form that shows settings.
    #[must_use]
    pub fn of(schema: &'s SettingsSchema, settings: &Json) -> Self {
        Self { schema, draft: filled(&schema.root, Some(settings)) }
    }

    /// A form as somebody posted it; fields that were not sent are empty.
    #[must_use]
    pub fn posted(schema: &'s SettingsSchema, form: &Form) -> Self {
        let mut sent: HashMap<&str, Vec<&str>> = HashMap::new();
        for (name, value) in form.pairs() {
            sent.entry(name).or_default().push(value.trim());
        }
        Self { schema, draft: posted(&schema.root, "", &sent) }
    }

    /// Adds, removes or moves a row as a button says: `add:/tiers`, `remove:/tiers/2`, `up:/tiers/2`,
    /// `down:/tiers/2`, the rows named as they were posted. Says whether there was anything to do.
    pub fn edit(&mut self, order: &str) -> bool {
        let Some((verb, pointer)) = order.split_once(':') else { return false };
        let steps: Vec<&str> = pointer.split('/').skip(1).collect();
        let steps = if pointer.is_empty() { &[][..] } else { steps.as_slice() };
        edited(&self.schema.root, &mut self.draft, verb, steps)
    }
}

/// A key as a step of a JSON pointer.
pub(super) fn step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The field with a value in it, or with its default where there is none.
pub(super) fn filled(field: &Field, value: Option<&Json>) -> Draft {
    let value = value.or(field.default.as_ref());
    let on = value.is_some_and(|value| !value.is_null()) || !field.has_switch();
    match &field.shape {
        Shape::Flag => Draft::Flag(value.and_then(Json::as_bool).unwrap_or(false)),
        Shape::Group(fields) => {
            let inner = |inner: &Field| filled(inner, value.and_then(|value| value.get(&inner.key)));
            Draft::Group { on, fields: fields.iter().map(inner).collect() }
        }
        Shape::Rows { row, .. } => {
            let items = value.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
            let rows = items.iter().map(|item| ("", filled(row, Some(item))));
            Draft::Rows { on, rows: named(rows) }
        }
        Shape::Entries { value: inner } => {
            let entries = value.and_then(Json::as_object).into_iter().flatten();
            let rows = entries.map(|(key, item)| (key.as_str(), filled(inner, Some(item))));
            Draft::Rows { on, rows: named(rows) }
        }
        _ => Draft::Typed(value.map_or_else(String::new, |value| typed(field, value))),
    }
}

fn named<'a>(rows: impl Iterator<Item = (&'a str, Draft)>) -> Vec<Row> {
    let numbered = rows.enumerate();
    numbered
        .map(|(place, (key, draft))| Row { name: place.to_string(), key: key.to_owned(), draft })
        .collect()
}

fn posted(field: &Field, name: &str, sent: &HashMap<&str, Vec<&str>>) -> Draft {
    let first = |name: &str| sent.get(name).and_then(|values| values.first()).copied();
    let on = || !field.has_switch() || first(&format!("{name}~on")).is_some();
    match &field.shape {
        Shape::Flag => Draft::Flag(first(name).is_some()),
        Shape::Group(fields) => {
            let inner = |inner: &Field| posted(inner, &format!("{name}/{}", step(&inner.key)), sent);
            Draft::Group { on: on(), fields: fields.iter().map(inner).collect() }
        }
        Shape::Rows { row, .. } | Shape::Entries { value: row } => {
            let mut rows: Vec<Row> = Vec::new();
            let names = sent.get(name).map_or(&[][..], Vec::as_slice);
            for row_name in names.iter().filter(|name| is_row_name(name)).take(MAX_ROWS + 1) {
                let at = format!("{name}/{row_name}");
                let key = first(&format!("{at}~key")).unwrap_or_default().to_owned();
                rows.push(Row { name: (*row_name).to_owned(), key, draft: posted(row, &at, sent) });
            }
            Draft::Rows { on: on(), rows }
        }
        _ => Draft::Typed(first(name).unwrap_or_default().replace("\r\n", "\n")),
    }
}

/// What rows may be called; anything else was not sent by our form.
fn is_row_name(name: &str) -> bool {
    (1..=20).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn edited(field: &Field, draft: &mut Draft, verb: &str, steps: &[&str]) -> bool {
    match (&field.shape, draft) {
        (Shape::Group(fields), Draft::Group { on, fields: drafts }) => {
            let [first, rest @ ..] = steps else { return false };
            let place = fields.iter().position(|field| step(&field.key) == *first);
            let inner = place.and_then(|place| Some((fields.get(place)?, drafts.get_mut(place)?)));
            inner.is_some_and(|(field, draft)| {
                *on = true;
                edited(field, draft, verb, rest)
            })
        }
        (Shape::Rows { row, .. } | Shape::Entries { value: row }, Draft::Rows { on, rows }) => {
            *on = true;
            edited_rows(row, rows, verb, steps)
        }
        _ => false,
    }
}

fn edited_rows(row: &Field, rows: &mut Vec<Row>, verb: &str, steps: &[&str]) -> bool {
    let [first, rest @ ..] = steps else {
        let room = rows.len() < MAX_ROWS && verb == "add";
        if room {
            rows.push(Row { name: "new".to_owned(), key: String::new(), draft: filled(row, None) });
        }
        return room;
    };
    let Some(place) = rows.iter().position(|row| row.name == *first) else { return false };
    match (verb, rest) {
        ("remove", []) => {
            rows.remove(place);
            true
        }
        ("up", []) if place > 0 => {
            rows.swap(place, place - 1);
            true
        }
        ("down", []) if place + 1 < rows.len() => {
            rows.swap(place, place + 1);
            true
        }
        (_, []) if verb != "add" => false,
        _ => rows.get_mut(place).is_some_and(|found| edited(row, &mut found.draft, verb, rest)),
    }
}
