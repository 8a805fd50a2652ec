//! Between serde and the template engine: a page's context is any `Serialize` type.

use minijinja::value::{Value, ValueKind};
use serde_json::Value as Json;

/// A template value from JSON.
pub fn from_json(json: Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(flag) => Value::from(flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(signed), _) => Value::from(signed),
            (None, Some(unsigned)) => Value::from(unsigned),
            (None, None) => Value::from(number.to_string()),
        },
        Json::String(text) => Value::from(text),
        Json::Array(items) => items.into_iter().map(from_json).collect(),
        Json::Object(fields) => {
            Value::from_pairs(fields.into_iter().map(|(key, value)| (key, from_json(value))))
        }
    }
}

/// JSON from a template value; what JSON cannot say becomes null.
pub fn to_json(value: &Value) -> Json {
    match value.kind() {
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => value
            .as_i64()
            .map_or_else(|| Json::String(value.to_string()), |number| Json::Number(number.into())),
        ValueKind::String => Json::String(value.to_string()),
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter().map_or(Json::Null, |items| items.map(|item| to_json(&item)).collect())
        }
        ValueKind::Map => value.try_iter().map_or(Json::Null, |keys| {
            let pairs = keys.map(|key| {
                let inner = value.get_item(&key).map_or(Json::Null, |inner| to_json(&inner));
                (key.to_string(), inner)
            });
            Json::Object(pairs.collect())
        }),
        _ => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_round_trips() {
        let json = serde_json::json!({"a": [1, -2, true, null, "x"], "b": {"c": i64::MIN, "渠道": {}}});
        assert_eq!(to_json(&from_json(json.clone())), json);
    }
}
