//! Whether a plugin's words are whole: every code described, in both languages, with the same places.

use crate::Descriptor;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is wrong with a descriptor: a code described twice, a text left empty or whose places differ
/// between the languages, settings without a Chinese title, defaults that are no JSON object.
#[must_use]
pub fn faults(descriptor: &Descriptor) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for message in &descriptor.messages {
        let (code, text) = (&message.code, &message.text);
        if !seen.insert(code) {
            found.push(format!("`{code}` is described twice"));
        }
        if text.zh_cn.is_empty() || text.en.is_empty() {
            found.push(format!("`{code}` lacks a language"));
        }
        if places(&text.zh_cn) != places(&text.en) {
            found.push(format!("`{code}` has other places in Chinese than in English"));
        }
    }
    match serde_json::from_str::<Value>(&descriptor.settings_schema) {
        Ok(schema) => untitled("settings", &schema, &mut found),
        Err(error) => found.push(format!("the settings schema is no JSON: {error}")),
    }
    if !serde_json::from_str::<Value>(&descriptor.settings_default).is_ok_and(|default| default.is_object()) {
        found.push("the default settings are no JSON object".to_owned());
    }
    found
}

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(place, _)| place).collect()
}

fn untitled(place: &str, schema: &Value, found: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (name, property) in properties {
            let place = format!("{place}.{name}");
            for key in ["title", "x-title-zh-CN"] {
                if property.get(key).and_then(Value::as_str).is_none_or(str::is_empty) {
                    found.push(format!("{place} has no `{key}`"));
                }
            }
            untitled(&place, property, found);
        }
    }
    if let Some(items) = schema.get("items") {
        untitled(&format!("{place}[]"), items, found);
    }
}

/// Codes and grades in an answer that the descriptor does not describe, and arguments it has no place for.
pub(super) fn unknown(descriptor: &Descriptor, answer: &Value) -> Vec<String> {
    let mut found = BTreeSet::new();
    walk(descriptor, answer, &mut found);
    found.into_iter().collect()
}

fn walk(descriptor: &Descriptor, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|each| walk(descriptor, each, found)),
        Value::Object(object) => {
            for code in ["code", "grade"].iter().filter_map(|key| object.get(*key)?.as_str()) {
                let given = object.get("args").and_then(Value::as_array).map_or(0, Vec::len);
                check(descriptor, code, given, found);
            }
            object.values().for_each(|each| walk(descriptor, each, found));
        }
        _ => {}
    }
}

fn check(descriptor: &Descriptor, code: &str, given: usize, found: &mut BTreeSet<String>) {
    let Some(message) = descriptor.messages.iter().find(|message| message.code == code) else {
        found.insert(format!("the descriptor has no message `{code}`"));
        return;
    };
    let wanted = places(&message.text.en).len();
    if wanted != given {
        found.insert(format!("`{code}` has {wanted} places and was given {given} arguments"));
    }
}
