//! Decimals in settings: strings at the contract's width, with bounds of the same form.

use super::SchemaError;
use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError};
use qudao_domain::decimal::{self, Decimal};
use serde_json::{Map, Value};

/// A decimal as settings write it: an optional minus, digits, at most nine decimals after a point.
pub(super) fn parse(text: &str) -> Result<Decimal, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || text.len() > 40 {
        return Err("write digits with a point before the decimals, for example 0.05".to_owned());
    }
    let number: Decimal = text.parse().map_err(|_| "the number is too long".to_owned())?;
    if fraction.len() > usize::from(decimal::MAX_SCALE) {
        return Err(format!("at most {} decimals are allowed", decimal::MAX_SCALE));
    }
    decimal::to_parts(number).map_err(|error| error.to_string())?;
    Ok(number)
}

/// Bounds are decimals themselves, wherever they stand.
pub(super) fn check_keywords(schema: &Value) -> Result<(), SchemaError> {
    check_bounds(schema, "")
}

fn check_bounds(value: &Value, pointer: &str) -> Result<(), SchemaError> {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let at = format!("{pointer}/{}", super::bounds::escape(name));
                // A bound that is an object is a property of that name.
                if (name == "x-minimum" || name == "x-maximum") && !member.is_object() {
                    let detail = |detail: String| SchemaError::Invalid { pointer: at.clone(), detail };
                    let text = member.as_str().ok_or_else(|| detail("write the bound as a string".into()))?;
                    parse(text).map_err(detail)?;
                }
                check_bounds(member, &at)?;
            }
            Ok(())
        }
        Value::Array(items) => {
            let mut places = items.iter().enumerate();
            places.try_for_each(|(place, item)| check_bounds(item, &format!("{pointer}/{place}")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// `x-minimum` or `x-maximum`. What is no decimal is the business of `format`.
struct Bound {
    limit: Decimal,
    at_least: bool,
}

impl Bound {
    fn holds(&self, value: &Value) -> bool {
        let number = value.as_str().and_then(|text| parse(text).ok());
        number.is_none_or(|number| if self.at_least { number >= self.limit } else { number <= self.limit })
    }
}

impl<'i> Keyword<'i> for Bound {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.holds(instance) { Ok(()) } else { Err(ValidationError::custom(self.limit.to_string())) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.holds(instance)
    }
}

fn bound<'a>(value: &'a Value, at_least: bool) -> Result<Bound, ValidationError<'a>> {
    let limit = value.as_str().ok_or_else(|| "write the bound as a string".to_owned()).and_then(parse);
    limit.map(|limit| Bound { limit, at_least }).map_err(ValidationError::schema)
}

type BoxedKeyword = Box<dyn for<'i> Keyword<'i>>;

/// Makes `x-minimum`.
pub(super) fn minimum<'a>(
    _schema: &'a Map<String, Value>,
    value: &'a Value,
    _at: Location,
) -> Result<BoxedKeyword, ValidationError<'a>> {
    Ok(Box::new(bound(value, true)?))
}

/// Makes `x-maximum`.
pub(super) fn maximum<'a>(
    _schema: &'a Map<String, Value>,
    value: &'a Value,
    _at: Location,
) -> Result<BoxedKeyword, ValidationError<'a>> {
    Ok(Box::new(bound(value, false)?))
}
