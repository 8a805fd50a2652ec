//! The form as its template draws it.

use serde::Serialize;
use std::collections::HashMap;

use super::draft::{Draft, Row, SettingsForm, step};
use super::field::{Choice, Field, Shape};
use super::typed::{choice_word, with_unit};
use crate::web::errors::FieldError;
use crate::web::forms::Summary;
use crate::web::i18n::{Args, Language, say};
use crate::web::notes::words;

/// The form: its fields, and every error for the summary on top.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingsView {
    /// The fields in order.
    pub fields: Vec<FieldView>,
    /// What is wrong, each with its field's name.
    pub summary: Vec<Summary>,
}

/// A field, drawn by its `kind`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FieldView {
    /// `text`, `area`, `number`, `flag`, `day`, `choice`, `list`, `json`, `group`, `table` or `cards`.
    pub kind: &'static str,
    /// Its name in the form: the pointer of its value.
    pub name: String,
    /// Its name as an id.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// What it means; may be empty.
    pub help: String,
    /// What is wrong; empty where nothing is.
    pub error: String,
    /// What stands in it.
    pub value: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// Its bounds in words; may be empty.
    pub bounds: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// Whether a flag is ticked.
    pub ticked: bool,
    /// `numeric` or `decimal` for the phone's keyboard; may be empty.
    pub inputmode: &'static str,
    /// What can be chosen.
    pub choices: Vec<ChoiceView>,
    /// The fields of a group.
    pub fields: Vec<FieldView>,
    /// The heads of a table.
    pub columns: Vec<ColumnView>,
    /// The rows of a table or cards.
    pub rows: Vec<RowView>,
    /// What a row is called.
    pub noun: String,
    /// Whether another row fits.
    pub room: bool,
    /// The name of the box to leave the whole out; empty where it must be there.
    pub switch: String,
    /// Whether the whole is there.
    pub on: bool,
}

/// One value of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChoiceView {
    /// What it posts.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// Whether it is chosen.
    pub selected: bool,
}

/// A table's head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnView {
    /// What it is called.
    pub label: String,
    /// What it means; may be empty.
    pub help: String,
    /// Whether its cells hold numbers.
    pub numeric: bool,
    /// Whether its cells must be filled in.
    pub required: bool,
}

/// A row of a table, or a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowView {
    /// Its name among the rows.
    pub name: String,
    /// The pointer of its value.
    pub at: String,
    /// What it is called: `第 2 档`.
    pub title: String,
    /// Its cells or fields.
    pub fields: Vec<FieldView>,
    /// Whether it can go up.
    pub up: bool,
    /// Whether it can go down.
    pub down: bool,
    /// Whether it can go: some tables need rows.
    pub removable: bool,
}

impl SettingsForm<'_> {
    /// What the template draws, with errors next to their fields. Rows are named by their places.
    #[must_use]
    pub fn shown(&self, errors: &[FieldError], language: Language) -> SettingsView {
        let mut said: HashMap<String, String> = HashMap::new();
        let mut summary = Vec::new();
        for error in errors {
            let message = error.said(language).message;
            let place = self.place_of(&error.pointer, language);
            let line = if place.is_empty() { message.clone() } else { format!("{place}: {message}") };
            let line = if language == Language::ZhCn { line.replacen(": ", "：", 1) } else { line };
            summary.push(Summary { field: error.pointer.clone(), message: line });
            said.entry(error.pointer.clone()).or_insert(message);
        }
        let drawing = Drawing { said, language };
        let root = drawing.field(&self.schema.root, &self.draft, "");
        let fields = if root.kind == "group" { root.fields } else { vec![root] };
        SettingsView { fields, summary }
    }

    /// Where a field is, in words: `Tiers › Tier 3 › From`.
    pub(super) fn place_of(&self, name: &str, language: Language) -> String {
        let name = name.trim_end_matches("~key");
        let mut place: Vec<String> = Vec::new();
        let mut field = &self.schema.root;
        for part in name.split('/').skip(1) {
            field = match &field.shape {
                Shape::Group(fields) => match fields.iter().find(|inner| step(&inner.key) == part) {
                    Some(inner) => {
                        place.push(words(&inner.title, language).to_owned());
                        inner
                    }
                    None => break,
                },
                Shape::Rows { row, .. } | Shape::Entries { value: row } => {
                    let number = part.parse::<usize>().map_or(0, |place| place + 1);
                    place.push(row_title(row, number, language));
                    row
                }
                _ => break,
            };
        }
        place.join(" › ")
    }
}

/// What the rows of a table are called.
pub(super) fn noun(row: &Field, language: Language) -> String {
    if row.titled { words(&row.title, language).to_owned() } else { say(language, "settings-row", None) }
}

/// `第 2 档`, `Tier 2`.
pub(super) fn row_title(row: &Field, number: usize, language: Language) -> String {
    let mut args = Args::new();
    args.set("number", number);
    args.set("noun", noun(row, language));
    say(language, "settings-row-title", Some(&args))
}

struct Drawing {
    said: HashMap<String, String>,
    language: Language,
}

impl Drawing {
    fn words(&self, text: &qudao_domain::contract::Text) -> String {
        words(text, self.language).to_owned()
    }

    fn field(&self, field: &Field, draft: &Draft, at: &str) -> FieldView {
        let mut view = FieldView {
            name: at.to_owned(),
            id: id_of(at),
            label: self.words(&field.title),
            help: self.words(&field.help),
            error: self.said.get(at).cloned().unwrap_or_default(),
            required: !field.may_be_empty(),
            on: true,
            ..FieldView::default()
        };
        if field.has_switch() {
            view.switch = format!("{at}~on");
        }
        match draft {
            Draft::Typed(text) => view.value.clone_from(text),
            Draft::Flag(ticked) => view.ticked = *ticked,
            Draft::Group { on, .. } | Draft::Rows { on, .. } => view.on = *on,
        }
        self.fill(&mut view, field, draft, at);
        view
    }

    fn fill(&self, view: &mut FieldView, field: &Field, draft: &Draft, at: &str) {
        match (&field.shape, draft) {
            (Shape::Text { long, .. }, _) => view.kind = if *long { "area" } else { "text" },
            (Shape::Number(shape), _) => {
                view.kind = "number";
                view.unit = self.words(&shape.unit);
                view.bounds = self.bounds(shape);
                view.inputmode = if shape.low.is_some_and(|low| !low.is_sign_negative() || low.is_zero()) {
                    "decimal"
                } else {
                    // Phones' number keyboards have no minus.
                    ""
                };
            }
            (Shape::Flag, _) => view.kind = "flag",
            (Shape::Day, _) => view.kind = "day",
            (Shape::List(_), _) => view.kind = "list",
            (Shape::Json, _) => view.kind = "json",
            (Shape::Choice(choices), _) => {
                view.kind = "choice";
                view.choices = self.choices(choices, &view.value, view.required);
            }
            (Shape::Group(fields), Draft::Group { fields: drafts, .. }) => {
                view.kind = "group";
                view.fields = self.group(fields, drafts, at);
            }
            (Shape::Rows { row, fewest, most }, Draft::Rows { rows, .. }) => {
                view.room = rows.len() < *most;
                self.rows(view, row, rows, at, Some(*fewest));
            }
            (Shape::Entries { value }, Draft::Rows { rows, .. }) => {
                view.room = rows.len() < super::field::MAX_ROWS;
                self.rows(view, value, rows, at, None);
            }
            _ => view.kind = "json",
        }
    }

    fn group(&self, fields: &[Field], drafts: &[Draft], at: &str) -> Vec<FieldView> {
        let named = |inner: &Field| format!("{at}/{}", step(&inner.key));
        fields.iter().zip(drafts).map(|(inner, draft)| self.field(inner, draft, &named(inner))).collect()
    }

    fn choices(&self, choices: &[Choice], chosen: &str, required: bool) -> Vec<ChoiceView> {
        let known = choices.iter().any(|choice| choice_word(&choice.value) == chosen);
        let mut views = Vec::with_capacity(choices.len() + 1);
        if !required || !known {
            let id = if required { "settings-choose" } else { "settings-unset" };
            let label = say(self.language, id, None);
            views.push(ChoiceView { value: String::new(), label, selected: !known });
        }
        views.extend(choices.iter().map(|choice| {
            let value = choice_word(&choice.value);
            ChoiceView { selected: value == chosen, value, label: self.words(&choice.title) }
        }));
        views
    }

    /// `fewest` rows must stay; none where the rows are entries whose keys people choose.
    fn rows(&self, view: &mut FieldView, row: &Field, rows: &[Row], at: &str, fewest: Option<usize>) {
        let keyed = fewest.is_none();
        let cells: &[Field] = match &row.shape {
            Shape::Group(fields) => fields,
            _ => std::slice::from_ref(row),
        };
        let is_table = !row.has_switch() && cells.iter().all(Field::is_cell);
        view.kind = if is_table { "table" } else { "cards" };
        view.noun = noun(row, self.language);
        let key_label = say(self.language, "settings-key", None);
        if keyed {
            view.columns.push(ColumnView {
                label: key_label.clone(),
                help: String::new(),
                numeric: false,
                required: true,
            });
        }
        view.columns.extend(cells.iter().map(|cell| ColumnView {
            label: if cell.titled || !cell.key.is_empty() {
                self.words(&cell.title)
            } else {
                view.noun.clone()
            },
            help: self.words(&cell.help),
            numeric: matches!(cell.shape, Shape::Number(_)),
            required: !cell.may_be_empty(),
        }));
        let last = rows.len().saturating_sub(1);
        view.rows = rows
            .iter()
            .enumerate()
            .map(|(place, one)| {
                let row_at = format!("{at}/{place}");
                let mut fields = match (&row.shape, &one.draft) {
                    (Shape::Group(inner), Draft::Group { fields, .. }) if is_table => {
                        self.group(inner, fields, &row_at)
                    }
                    _ => vec![self.field(row, &one.draft, &row_at)],
                };
                if keyed {
                    fields.insert(0, self.key(&row_at, &one.key, &key_label));
                }
                RowView {
                    name: place.to_string(),
                    title: row_title(row, place + 1, self.language),
                    fields,
                    up: place > 0 && !keyed,
                    down: place < last && !keyed,
                    removable: rows.len() > fewest.unwrap_or(0),
                    at: row_at,
                }
            })
            .collect();
    }

    fn key(&self, row_at: &str, key: &str, label: &str) -> FieldView {
        let name = format!("{row_at}~key");
        FieldView {
            kind: "text",
            id: id_of(&name),
            label: label.to_owned(),
            error: self.said.get(&name).cloned().unwrap_or_default(),
            value: key.to_owned(),
            required: true,
            on: true,
            name,
            ..FieldView::default()
        }
    }

    fn bounds(&self, shape: &super::field::NumberShape) -> String {
        let said = |bound| with_unit(shape, bound, self.language);
        let mut args = Args::new();
        let id = match (shape.low, shape.high) {
            (Some(low), Some(high)) => {
                args.set("low", said(low));
                args.set("high", said(high));
                "settings-between"
            }
            (Some(low), None) => {
                args.set("limit", said(low));
                "settings-at-least"
            }
            (None, Some(high)) => {
                args.set("limit", said(high));
                "settings-at-most"
            }
            (None, None) => return String::new(),
        };
        say(self.language, id, Some(&args))
    }
}

/// As the summary of errors links to it.
fn id_of(name: &str) -> String {
    format!("f-{}", name.trim_matches('/').replace('/', "-"))
}
