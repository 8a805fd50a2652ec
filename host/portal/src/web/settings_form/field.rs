//! What a settings form is made of.

use qudao_domain::contract::Text;
use qudao_domain::decimal::Decimal;
use serde_json::Value as Json;

/// The unit of shares, as it is shown.
pub(super) const PER_CENT: &str = "%";
/// The most rows of a table for which the schema names no fewer.
pub(super) const MAX_ROWS: usize = 500;

/// One place in the settings.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// Its key in the object around it; empty for the root, a row or an entry's value.
    pub(super) key: String,
    /// What it is called.
    pub(super) title: Text,
    /// Whether the schema itself names it.
    pub(super) titled: bool,
    /// What it means; may be empty.
    pub(super) help: Text,
    /// Whether the schema says in which order its inner fields come.
    pub(super) ordered: bool,
    /// Whether its key may be left out.
    pub(super) optional: bool,
    /// Whether it may be null.
    pub(super) nullable: bool,
    /// What holds where it is left out.
    pub(super) default: Option<Json>,
    /// What it holds.
    pub(super) shape: Shape,
}

impl Field {
    /// Whether the form has a box to leave the whole group or table out.
    pub(super) fn has_switch(&self) -> bool {
        let whole = matches!(self.shape, Shape::Group(_) | Shape::Rows { .. } | Shape::Entries { .. });
        whole && self.may_be_empty()
    }

    /// Whether leaving it empty means something: null, or left out without a default that takes its place.
    pub(super) fn may_be_empty(&self) -> bool {
        let blank = matches!(self.shape, Shape::Text { blank: true, .. } | Shape::List(_));
        blank || self.nullable || (self.optional && self.default.is_none())
    }

    /// Whether it fits into one cell of a table.
    pub(super) fn is_cell(&self) -> bool {
        match &self.shape {
            Shape::Text { long, .. } => !long,
            Shape::Number(_) | Shape::Flag | Shape::Day | Shape::Choice(_) | Shape::List(_) => true,
            Shape::Group(_) | Shape::Rows { .. } | Shape::Entries { .. } | Shape::Json => false,
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Text {
        /// More than a line.
        long: bool,
        /// Whether no text at all is a value too.
        blank: bool,
    },
    Number(NumberShape),
    Flag,
    Day,
    Choice(Vec<Choice>),
    /// Several plain values in one box, parted by commas.
    List(Box<Field>),
    Group(Vec<Field>),
    Rows {
        row: Box<Field>,
        fewest: usize,
        most: usize,
    },
    /// An object whose keys people choose.
    Entries {
        value: Box<Field>,
    },
    /// Whatever the form cannot draw.
    Json,
}

/// A number's bounds, unit and form in JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NumberShape {
    pub(super) low: Option<Decimal>,
    pub(super) high: Option<Decimal>,
    pub(super) unit: Text,
    pub(super) wire: Wire,
}

impl NumberShape {
    /// Whether it is kept as a share and typed as per cent.
    pub(super) fn is_share(&self) -> bool {
        self.wire == Wire::Decimal && self.unit.en == PER_CENT
    }
}

/// How a number stands in the JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// `"0.05"`
    Decimal,
    /// `5`
    Integer,
    /// `0.05`
    Number,
}

/// One value of a choice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub(super) value: Json,
    pub(super) title: Text,
}
