//! The form for a plugin's settings, drawn from the JSON Schema that the plugin describes itself with.
//!
//! The way of a form: [`SettingsSchema::parse`] reads the schema into a tree of fields;
//! [`SettingsForm::of`] fills it with settings, [`SettingsForm::posted`] with what somebody typed;
//! [`SettingsForm::shown`] is what the template draws; [`SettingsForm::value`] gives typed JSON back;
//! [`changes`] says in plain words how two settings differ.
//!
//! How a field is named: by the JSON pointer of its value (`/tiers/0/rate`), so that an error's pointer
//! names its field. Besides these there are
//!
//! - `/tiers` once for each row, in the order of the rows, with the row's name as value;
//! - `/discounts/0~key` for the key of an entry whose keys people choose;
//! - `/cap~on` where a whole group or table may be left out;
//! - `~edit` for the buttons that add, remove or move a row: `add:/tiers`, `remove:/tiers/2`,
//!   `up:/tiers/2`, `down:/tiers/2`. They post the whole form, so that they work without script.
//!
//! A pointer never holds a bare `~`, so these names cannot meet.
//!
//! What is typed: `x-unit: "%"` marks a decimal as a share. It is typed and shown as per cent with the
//! sign inside the field and kept as the share: 5 for `"0.05"`. `x-minimum` and `x-maximum` are in the kept
//! unit (`"0"` to `"1"`). Numbers may be typed with full-width digits and grouping.
//!
//! What leaving a field empty means: null where the schema allows null, else the key is left out where the
//! schema does not require it, else an error. A key that the value leaves out and that has a default is
//! shown, and saved, with its default. Text is kept without blanks around it. Decimals are kept without
//! needless zeros. Keys that the schema does not name are dropped. A shape that the form cannot draw
//! (a tuple, a choice between objects, a schema that refers to itself) is edited as JSON text.

mod changes;
mod draft;
mod field;
mod issues;
mod ordered;
mod reading;
mod schema;
mod shown;
#[cfg(test)]
mod tests;
mod typed;

pub use changes::{Change, changes};
pub use draft::SettingsForm;
pub use issues::Issue;
pub use schema::{SchemaError, SettingsSchema};
pub use shown::{ChoiceView, ColumnView, FieldView, RowView, SettingsView};

/// The field by which a button says what to do with a row.
pub const EDIT_FIELD: &str = "~edit";
