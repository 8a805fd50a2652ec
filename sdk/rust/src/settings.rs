//! Settings: how they are described to the host, and how they are read.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::marker::PhantomData;

/// The schema of a [`Decimal`](crate::Decimal) in settings: a string such as `"0.05"`, since a JSON
/// number would pass through a float. Name it in the field's `schemars` attribute, with the limits
/// that the host checks (`x-minimum`, `x-maximum`, strings too) and the unit that the form shows
/// (`x-unit`: `%` means that 0.05 is shown and typed as 5 %):
///
/// ```
/// use qudao_sdk::{DecimalText, Decimal, JsonSchema, settings_schema};
///
/// #[derive(serde::Deserialize, JsonSchema)]
/// struct Settings {
///     #[schemars(title = "Discount", extend("x-title-zh-CN" = "折扣"))]
///     #[schemars(with = "DecimalText", extend("x-minimum" = "0", "x-maximum" = "0.5", "x-unit" = "%"))]
///     discount: Decimal,
/// }
/// assert!(settings_schema::<Settings>().contains(r#""x-maximum":"0.5""#));
/// ```
pub struct DecimalText;

impl JsonSchema for DecimalText {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "decimal", "pattern": "^-?[0-9]{1,18}(\\.[0-9]{1,9})?$" })
    }
}

/// The schema of an `Option` that may be null but is always written, so that it keeps its place in the
/// form: `#[schemars(with = "Nullable<i64>")]`.
pub struct Nullable<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for Nullable<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Nullable{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}

/// The JSON Schema (2020-12) of the settings, in one piece, without any `$ref`.
///
/// The form shows required fields in the order in which the struct declares them (`x-order`), so
/// give an `Option` the schema of [`Nullable`] unless it may come last.
///
/// Titles and descriptions are English; the Chinese ones stand beside them as `x-title-zh-CN` and
/// `x-description-zh-CN`.
#[must_use]
pub fn settings_schema<S: JsonSchema>() -> String {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let settings = settings.with_transform(RecursiveTransform(keep_order));
    settings.into_generator().into_root_schema_for::<S>().as_value().to_string()
}

/// A JSON object has no order, but the list of what is required is written in that of the struct.
fn keep_order(schema: &mut Schema) {
    let required = schema.get("required").and_then(|names| names.as_array()).cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(|properties| properties.as_object_mut())
    else {
        return;
    };
    for (place, name) in required.iter().enumerate() {
        let property = name.as_str().and_then(|name| properties.get_mut(name));
        if let Some(property) = property.and_then(|property| property.as_object_mut()) {
            property.entry("x-order").or_insert_with(|| place.into());
        }
    }
}

/// The settings to begin with, as JSON.
///
/// # Panics
/// When they cannot be written as JSON, for example a map whose keys are no strings.
#[must_use]
pub fn settings_default<S: Serialize + Default>() -> String {
    serde_json::to_string(&S::default())
        .unwrap_or_else(|error| crate::boundary::settings_are_not_json(&error))
}

/// Reads settings; the error names the place.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn read<S: DeserializeOwned>(settings: &str) -> Result<S, String> {
    serde_json::from_str(settings).map_err(|error| format!("settings: {error}"))
}

/// Reads settings that the host has checked against the schema, so that they must fit.
pub(crate) fn must_read<S: DeserializeOwned>(settings: &str) -> S {
    serde_json::from_str(settings)
        .unwrap_or_else(|error| crate::boundary::settings_do_not_fit_the_plugin(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    struct Settings {
        #[schemars(with = "Nullable<i64>", range(min = 1))]
        zebra: Option<i64>,
        #[schemars(with = "Nullable<DecimalText>", extend("x-minimum" = "0"))]
        ape: Option<crate::Decimal>,
    }

    #[test]
    fn a_nullable_setting_may_be_null_and_keeps_its_place() {
        let schema: serde_json::Value = serde_json::from_str(&settings_schema::<Settings>()).unwrap();
        let (zebra, ape) = (&schema["properties"]["zebra"], &schema["properties"]["ape"]);
        assert_eq!(zebra["type"], serde_json::json!(["integer", "null"]));
        assert_eq!(ape["type"], serde_json::json!(["string", "null"]));
        assert_eq!((&zebra["minimum"], &ape["x-minimum"]), (&1.into(), &"0".into()));
        assert_eq!((&zebra["x-order"], &ape["x-order"]), (&0.into(), &1.into()));
        assert_eq!(schema["required"], serde_json::json!(["zebra", "ape"]));
    }
}
