//! Where two JSON values differ, place by place.

use qudao_domain::decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// One place at which two values differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// JSON pointer to it; empty for the whole.
    pub path: String,
    /// What was expected there; `null` for nothing.
    pub expected: Value,
    /// What is there; `null` for nothing.
    pub got: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() { "the whole" } else { self.path.as_str() };
        write!(f, "{place} is {}, not {}", short(&self.got), short(&self.expected))
    }
}

/// The beginning of a value, as JSON.
fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 120 { text } else { text.chars().take(119).chain(['…']).collect() }
}

/// The first places, at most `most`, at which two values differ. `same` judges what is neither two objects nor two
/// lists: `Value::eq`, or [`same_amount`].
#[must_use]
pub fn differences(
    expected: &Value,
    got: &Value,
    same: fn(&Value, &Value) -> bool,
    most: usize,
) -> Vec<Difference> {
    let mut search = Search { same, most, found: Vec::new() };
    search.compare("", expected, got);
    search.found
}

/// Whether two leaves say the same: `"0.10"` is `"0.1"`, and an absent list is an empty one.
#[must_use]
pub fn same_amount(expected: &Value, got: &Value) -> bool {
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<Decimal>().ok());
    let nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    expected == got
        || (nothing(expected) && nothing(got))
        || number(expected).is_some_and(|expected| Some(expected) == number(got))
}

struct Search {
    same: fn(&Value, &Value) -> bool,
    most: usize,
    found: Vec<Difference>,
}

impl Search {
    fn compare(&mut self, path: &str, expected: &Value, got: &Value) {
        if self.found.len() >= self.most || expected == got {
            return;
        }
        match (expected, got) {
            (Value::Object(one), Value::Object(other)) => self.compare_objects(path, one, other),
            (Value::Array(one), Value::Array(other)) => {
                for place in 0..one.len().max(other.len()) {
                    let side = |list: &[Value]| list.get(place).cloned().unwrap_or_default();
                    self.compare(&format!("{path}/{place}"), &side(one), &side(other));
                }
            }
            _ if (self.same)(expected, got) => {}
            _ => {
                let (expected, got) = (expected.clone(), got.clone());
                self.found.push(Difference { path: path.to_owned(), expected, got });
            }
        }
    }

    fn compare_objects(&mut self, path: &str, one: &Map<String, Value>, other: &Map<String, Value>) {
        let nothing = Value::Null;
        for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
            let step = key.replace('~', "~0").replace('/', "~1");
            let (expected, got) = (one.get(key).unwrap_or(&nothing), other.get(key).unwrap_or(&nothing));
            self.compare(&format!("{path}/{step}"), expected, got);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(expected: &Value, got: &Value, same: fn(&Value, &Value) -> bool, most: usize) -> Vec<String> {
        differences(expected, got, same, most).into_iter().map(|found| found.path).collect()
    }

    #[test]
    fn each_place_is_named() {
        let expected = json!({ "a": [ { "b/c": "0.10" }, 2 ], "c": 1 });
        let got = json!({ "a": [ { "b/c": "0.1" }, 3, 4 ], "c": 1, "d": [] });
        assert_eq!(paths(&expected, &got, same_amount, 9), ["/a/1", "/a/2"]);
        assert_eq!(paths(&expected, &got, Value::eq, 9), ["/a/0/b~1c", "/a/1", "/a/2", "/d"]);
        assert_eq!(paths(&expected, &got, Value::eq, 1), ["/a/0/b~1c"]);
        let last = differences(&expected, &got, same_amount, 9).pop();
        assert_eq!(last, Some(Difference { path: "/a/2".into(), expected: json!(null), got: json!(4) }));
    }

    #[test]
    fn another_kind_of_answer_differs_as_a_whole_or_by_its_name() {
        assert_eq!(paths(&json!(1), &json!([1]), same_amount, 9), [""]);
        assert_eq!(
            paths(&json!({"quoted": 1}), &json!({"refused": 2}), same_amount, 9),
            ["/quoted", "/refused"]
        );
    }
}
