//! From what is typed to typed JSON, with every error told next to its field.

use qudao_domain::decimal::{Decimal, MAX_SCALE};
use serde_json::{Map, Value as Json};

use super::draft::{Draft, Row, SettingsForm, step};
use super::field::{Field, NumberShape, PER_CENT, Shape, Wire};
use super::typed::{chosen, day, list_items, number_json};
use crate::web::errors::FieldError;
use crate::web::format;
use crate::web::forms::plain_number;

impl SettingsForm<'_> {
    /// The settings that stand in the form.
    ///
    /// # Errors
    /// Everything that is not of its field's type or bounds, by the names of the fields. Rules that the form
    /// does not know (patterns, lengths) are the engine's to check: see [`SettingsForm::locate`].
    pub fn value(&self) -> Result<Json, Vec<FieldError>> {
        let mut errors = Vec::new();
        let value = Reading { errors: &mut errors }.read(&self.schema.root, &self.draft, "");
        if errors.is_empty() { Ok(value.unwrap_or(Json::Null)) } else { Err(errors) }
    }
}

struct Reading<'e> {
    errors: &'e mut Vec<FieldError>,
}

impl Reading<'_> {
    fn fail<T>(&mut self, error: FieldError) -> Option<T> {
        self.errors.push(error);
        None
    }

    /// None where the key is left out, or an error was noted.
    fn read(&mut self, field: &Field, draft: &Draft, at: &str) -> Option<Json> {
        match (&field.shape, draft) {
            (Shape::Flag, Draft::Flag(flag)) => Some(Json::Bool(*flag)),
            (_, Draft::Group { on: false, .. } | Draft::Rows { on: false, .. }) => {
                field.nullable.then_some(Json::Null)
            }
            (Shape::Group(fields), Draft::Group { fields: drafts, .. }) => {
                let mut object = Map::new();
                for (inner, draft) in fields.iter().zip(drafts) {
                    if let Some(value) = self.read(inner, draft, &format!("{at}/{}", step(&inner.key))) {
                        object.insert(inner.key.clone(), value);
                    }
                }
                Some(Json::Object(object))
            }
            (Shape::Rows { row, fewest, most }, Draft::Rows { rows, .. }) => {
                let read = |(place, one): (usize, &Row)| self.read(row, &one.draft, &format!("{at}/{place}"));
                let items: Vec<Json> = rows.iter().enumerate().filter_map(read).collect();
                self.count(at, rows.len(), *fewest, *most);
                Some(Json::Array(items))
            }
            (Shape::Entries { value }, Draft::Rows { rows, .. }) => Some(self.entries(value, rows, at)),
            (_, Draft::Typed(text)) if text.trim().is_empty() => self.empty(field, at),
            (_, Draft::Typed(text)) => self.typed(field, text.trim(), at),
            _ => None,
        }
    }

    fn empty(&mut self, field: &Field, at: &str) -> Option<Json> {
        match (&field.shape, field.nullable, field.optional) {
            (_, true, _) => Some(Json::Null),
            (Shape::List(_), false, _) => Some(Json::Array(Vec::new())),
            (_, false, true) => None,
            (Shape::Text { blank: true, .. }, false, false) => Some(Json::String(String::new())),
            (_, false, false) => self.fail(FieldError::new(at, "required")),
        }
    }

    fn count(&mut self, at: &str, rows: usize, fewest: usize, most: usize) {
        if rows < fewest {
            self.errors.push(FieldError::new(at, "min-items").with("limit", fewest.to_string()));
        }
        if rows > most {
            self.errors.push(FieldError::new(at, "max-items").with("limit", most.to_string()));
        }
    }

    fn entries(&mut self, value: &Field, rows: &[Row], at: &str) -> Json {
        let mut object = Map::new();
        for (place, row) in rows.iter().enumerate() {
            let named = format!("{at}/{place}");
            let read = self.read(value, &row.draft, &named);
            if row.key.is_empty() {
                self.errors.push(FieldError::new(format!("{named}~key"), "required"));
            } else if object.contains_key(&row.key) {
                self.errors.push(FieldError::new(format!("{named}~key"), "duplicate"));
            } else {
                object.insert(row.key.clone(), read.unwrap_or_default());
            }
        }
        Json::Object(object)
    }

    fn typed(&mut self, field: &Field, text: &str, at: &str) -> Option<Json> {
        match &field.shape {
            Shape::Number(shape) => self.number(shape, text, at),
            Shape::Day => match day(text) {
                Some(day) => Some(Json::String(day.to_string())),
                None => self.fail(FieldError::new(at, "date")),
            },
            Shape::Choice(choices) => match chosen(choices, text) {
                Some(choice) => Some(choice.value.clone()),
                None => self.fail(FieldError::new(at, "choice")),
            },
            Shape::List(item) => {
                let items = list_items(text);
                let read = items.iter().filter_map(|one| self.item(item, one, at));
                Some(Json::Array(read.collect()))
            }
            Shape::Json => match serde_json::from_str(text) {
                Ok(value) => Some(value),
                Err(error) => self.fail(FieldError::new(at, "json").with("detail", error.to_string())),
            },
            _ => Some(Json::String(text.to_owned())),
        }
    }

    fn item(&mut self, item: &Field, text: &str, at: &str) -> Option<Json> {
        if matches!(item.shape, Shape::Text { .. }) {
            return Some(Json::String(text.to_owned()));
        }
        self.typed(item, text, at)
    }

    fn number(&mut self, shape: &NumberShape, text: &str, at: &str) -> Option<Json> {
        let plain = plain_number(text);
        let plain = if shape.unit.en == PER_CENT { plain.trim_end_matches('%') } else { &plain };
        let code = if shape.wire == Wire::Integer { "integer" } else { "decimal" };
        let Ok(typed) = plain.parse::<Decimal>() else { return self.fail(FieldError::new(at, code)) };
        let kept = if shape.is_share() { typed.checked_mul(Decimal::new(1, 2)) } else { Some(typed) };
        let Some(kept) = kept.map(|kept| kept.normalize()) else {
            return self.fail(FieldError::new(at, code));
        };
        let most = u32::from(MAX_SCALE);
        if shape.wire != Wire::Integer && kept.scale() > most {
            let limit = if shape.is_share() { most - 2 } else { most };
            return self.fail(FieldError::new(at, "decimals").with("limit", limit.to_string()));
        }
        if let Some(error) = out_of_bounds(shape, kept, at) {
            return self.fail(error);
        }
        match number_json(kept, shape.wire) {
            Some(value) => Some(value),
            None => self.fail(FieldError::new(at, code)),
        }
    }
}

/// The bound that a kept number breaks, told in the unit in which it is typed.
fn out_of_bounds(shape: &NumberShape, kept: Decimal, at: &str) -> Option<FieldError> {
    let below = shape.low.is_some_and(|low| kept < low);
    let above = shape.high.is_some_and(|high| kept > high);
    if !below && !above {
        return None;
    }
    let said = |bound: Decimal| bound_said(shape, bound);
    Some(match (shape.low, shape.high) {
        (Some(low), Some(high)) => {
            FieldError::new(at, "range").with("low", said(low)).with("high", said(high))
        }
        (Some(low), None) => FieldError::new(at, "minimum").with("limit", said(low)),
        (_, high) => FieldError::new(at, "maximum").with("limit", high.map_or_else(String::new, said)),
    })
}

/// A bound in the unit in which the number is typed.
pub(super) fn bound_said(shape: &NumberShape, bound: Decimal) -> String {
    if shape.is_share() { format::percent(bound) } else { format::decimal(bound) }
}
