//! Single values: as JSON, as typed into a field, and as read by people.

use chrono::NaiveDate;
use qudao_domain::decimal::Decimal;
use serde_json::{Number, Value as Json};

use super::field::{Choice, Field, NumberShape, Shape, Wire};
use crate::web::format;
use crate::web::i18n::{Language, say};
use crate::web::notes::words;

/// Between the items of a list in one box.
const COMMA: &str = ", ";

/// The value as it stands in its field.
pub(super) fn typed(field: &Field, value: &Json) -> String {
    match (&field.shape, value) {
        (_, Json::Null) => String::new(),
        (Shape::Choice(_), value) => choice_word(value),
        (Shape::Number(number), value) => typed_number(number, value).unwrap_or_else(|| plain(value)),
        (Shape::List(item), Json::Array(items)) => {
            let quoted: Vec<String> = items.iter().map(|value| quoted(&typed(item, value))).collect();
            quoted.join(COMMA)
        }
        (Shape::Json, value) => serde_json::to_string_pretty(value).unwrap_or_default(),
        (_, value) => plain(value),
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn typed_number(shape: &NumberShape, value: &Json) -> Option<String> {
    let kept = kept_number(value)?;
    let shown = if shape.is_share() { kept.checked_mul(Decimal::ONE_HUNDRED)? } else { kept };
    Some(shown.normalize().to_string())
}

/// The exact number that a JSON value holds.
pub(super) fn kept_number(value: &Json) -> Option<Decimal> {
    match value {
        Json::String(text) => text.parse().ok(),
        Json::Number(number) => decimal_of(number),
        _ => None,
    }
}

/// A JSON number as an exact one.
pub(super) fn decimal_of(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// A number as its JSON wants it. None where it is no whole number but should be.
pub(super) fn number_json(number: Decimal, wire: Wire) -> Option<Json> {
    let text = number.normalize().to_string();
    match wire {
        Wire::Decimal => Some(Json::String(text)),
        Wire::Integer => text.parse::<i64>().ok().map(Json::from),
        Wire::Number => text.parse::<Number>().ok().map(Json::Number),
    }
}

/// What an option of a choice posts: text as it is, unless it is empty or could be taken for other JSON.
pub(super) fn choice_word(value: &Json) -> String {
    match value {
        Json::String(text) if !text.is_empty() && text.trim() == text => {
            let clear = serde_json::from_str::<Json>(text).is_err();
            if clear { text.clone() } else { value.to_string() }
        }
        other => other.to_string(),
    }
}

/// The choice that a posted word names.
pub(super) fn chosen<'a>(choices: &'a [Choice], word: &str) -> Option<&'a Choice> {
    choices.iter().find(|choice| choice_word(&choice.value) == word)
}

/// A day as people type it: 2026-11-24, 2026/11/24 or 2026年11月24日.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let marks = ['/', '.', '年', '月', '－'];
    let text = crate::web::forms::plain_number(text).replace(marks, "-").replace('日', "");
    text.parse().ok()
}

fn quoted(item: &str) -> String {
    let is_plain =
        !item.is_empty() && item.trim() == item && !item.contains(is_separator) && !item.contains('"');
    if is_plain { item.to_owned() } else { format!("\"{}\"", item.replace('"', "\"\"")) }
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | '，' | '、' | ';' | '；' | '\n' | '\r')
}

/// The items typed into one box; an item in quotes keeps its separators and blanks.
pub(super) fn list_items(typed: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut item = String::new();
    let mut was_quoted = false;
    let mut letters = typed.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if item.trim().is_empty() && !was_quoted => {
                was_quoted = true;
                item.clear();
                while let Some(inside) = letters.next() {
                    if inside != '"' {
                        item.push(inside);
                    } else if letters.next_if_eq(&'"').is_some() {
                        item.push('"');
                    } else {
                        break;
                    }
                }
            }
            letter if is_separator(letter) => end_item(&mut items, &mut item, &mut was_quoted),
            letter if was_quoted && letter.is_whitespace() => {}
            letter => item.push(letter),
        }
    }
    end_item(&mut items, &mut item, &mut was_quoted);
    items
}

fn end_item(items: &mut Vec<String>, item: &mut String, was_quoted: &mut bool) {
    let done = std::mem::take(item);
    if std::mem::take(was_quoted) {
        items.push(done);
    } else if !done.trim().is_empty() {
        items.push(done.trim().to_owned());
    }
}

/// The most characters of JSON text that a sentence quotes.
const MAX_QUOTED: usize = 80;

/// The value as people read it: grouped, with its unit, a choice by its title.
pub(super) fn read_aloud(field: &Field, value: Option<&Json>, language: Language) -> String {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return say(language, "settings-unset", None);
    };
    match (&field.shape, value) {
        (Shape::Number(shape), value) => {
            kept_number(value).map_or_else(|| plain(value), |number| with_unit(shape, number, language))
        }
        (Shape::Choice(choices), value) => {
            let chosen = choices.iter().find(|choice| choice.value == *value);
            chosen.map_or_else(|| plain(value), |choice| words(&choice.title, language).to_owned())
        }
        (Shape::Flag, Json::Bool(flag)) => say(language, if *flag { "yes" } else { "no" }, None),
        (Shape::Day, Json::String(text)) => {
            text.parse().map_or_else(|_| text.clone(), |day: NaiveDate| format::day(day, language))
        }
        (Shape::List(_), Json::Array(items)) if items.is_empty() => say(language, "settings-empty", None),
        (Shape::List(item), Json::Array(items)) => {
            let said: Vec<String> = items.iter().map(|one| read_aloud(item, Some(one), language)).collect();
            said.join(match language {
                Language::ZhCn => "、",
                Language::En => ", ",
            })
        }
        (_, Json::String(text)) if text.is_empty() => say(language, "settings-empty", None),
        (_, value) => shortened(&plain(value)),
    }
}

/// A number with its unit, a share as per cent.
pub(super) fn with_unit(shape: &NumberShape, number: Decimal, language: Language) -> String {
    let unit = words(&shape.unit, language);
    match unit {
        _ if shape.is_share() => format::percent(number),
        "" => format::decimal(number),
        "%" => format!("{}%", format::decimal(number)),
        unit => format!("{}\u{a0}{unit}", format::decimal(number)),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_QUOTED {
        return text.to_owned();
    }
    text.chars().take(MAX_QUOTED).chain(['…']).collect()
}
