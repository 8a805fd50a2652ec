//! Where two answers differ, place by place.

use crate::Decimal;
use serde_json::Value;
use std::collections::BTreeSet;

/// One line for each place at which the answer is another.
pub(super) fn between(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("$", expected, actual, &mut found);
    found
}

fn compare(place: &str, expected: &Value, actual: &Value, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for key in theirs.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
                let side =
                    |object: &serde_json::Map<String, Value>| object.get(key).cloned().unwrap_or_default();
                compare(&format!("{place}.{key}"), &side(theirs), &side(ours), found);
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            for position in 0..theirs.len().max(ours.len()) {
                let side = |array: &Vec<Value>| array.get(position).cloned().unwrap_or_default();
                compare(&format!("{place}[{position}]"), &side(theirs), &side(ours), found);
            }
        }
        _ if same(expected, actual) => {}
        _ => found.push(format!("{place}: expected {expected}, got {actual}")),
    }
}

/// Whether two leaves say the same: "0.10" is "0.1", and an absent list is an empty one.
fn same(expected: &Value, actual: &Value) -> bool {
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<Decimal>().ok());
    let nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    expected == actual
        || (nothing(expected) && nothing(actual))
        || number(expected).is_some_and(|number_expected| Some(number_expected) == number(actual))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_place_is_named() {
        let expected = json!({ "a": [ { "b": "0.10" }, 2 ], "c": 1 });
        let actual = json!({ "a": [ { "b": "0.1" }, 3, 4 ], "c": 1, "d": [] });
        assert_eq!(
            between(&expected, &actual),
            ["$.a[1]: expected 2, got 3", "$.a[2]: expected null, got 4"]
        );
    }
}
