//! Settings: how they are described to the host, and how they are read.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

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

/// The JSON Schema (2020-12) of the settings, in one piece, without any `$ref`.
///
/// The form shows required fields in the order in which the struct declares them (`x-order`), so mark
/// an `Option` as `#[schemars(required)]` unless it may come last.
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
