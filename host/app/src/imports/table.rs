//! A file as a table: which column holds which field, and rows whose cells are read with their line and column.

use super::csv::{Failure, Record, Records};
use super::fields::{Field, ImportKind, preset, presets};
use super::problem::Problem;
use super::values::{self, Refused};
use super::{ImportOptions, MAX_ATTRIBUTES};
use serde_json::{Map, Value as Json, json};
use std::io::Read;
use std::sync::Arc;

/// The header, resolved.
#[derive(Debug)]
struct Columns {
    header: Vec<String>,
    /// Where each field of the kind stands, by its name.
    fields: Vec<(&'static str, usize)>,
    attributes: Vec<AttributeColumn>,
}

#[derive(Debug)]
struct AttributeColumn {
    key: String,
    kind: AttributeKind,
    at: usize,
}

#[derive(Debug, Clone, Copy)]
enum AttributeKind {
    Text,
    Number,
    Percent,
    Day,
    Flag,
}

/// A file being read.
pub(super) struct Table<R> {
    records: Records<R>,
    columns: Arc<Columns>,
}

/// One row, and what is wrong with the cells that were read of it.
#[derive(Debug)]
pub(super) struct Row {
    pub line: u64,
    pub problems: Vec<Problem>,
    cells: Vec<String>,
    columns: Arc<Columns>,
}

/// Why there is no table: problems with the header, or the disk.
pub(super) enum Unread {
    Problems(Vec<Problem>),
    Io(std::io::Error),
}

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Problem(problem) => Self::Problems(vec![problem]),
            Failure::Io(error) => Self::Io(error),
        }
    }
}

impl<R: Read> Table<R> {
    /// Reads the header and settles which column holds which field.
    pub(super) fn open(input: R, kind: ImportKind, options: &ImportOptions) -> Result<Self, Unread> {
        let mut records = Records::new(input).map_err(Unread::Io)?;
        let header = records.next()?.unwrap_or(Record { line: 1, fields: Vec::new() });
        let columns = resolve(header, kind, options).map_err(Unread::Problems)?;
        Ok(Self { records, columns: Arc::new(columns) })
    }

    /// The next row; none at the end. A row with more or fewer cells than the header comes with that problem.
    pub(super) fn next(&mut self) -> Result<Option<Row>, Failure> {
        let Some(record) = self.records.next()? else { return Ok(None) };
        let mut row = Row {
            line: record.line,
            problems: Vec::new(),
            cells: record.fields,
            columns: Arc::clone(&self.columns),
        };
        let (got, expected) = (row.cells.len(), self.columns.header.len());
        if got != expected {
            let message = format!(
                "this row has {got} cells and the header {expected}; put a cell that contains the separator in quotes"
            );
            row.problems.push(Problem::new(row.line, None, "cells", message));
            row.cells.resize(expected, String::new());
        }
        Ok(Some(row))
    }
}

fn resolve(header: Record, kind: ImportKind, options: &ImportOptions) -> Result<Columns, Vec<Problem>> {
    let line = header.line;
    let header: Vec<String> = header.fields.iter().map(|name| name.trim().to_owned()).collect();
    let mapping = mapping(line, kind, options).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let mut fields = Vec::new();
    for field in kind.fields() {
        let mapped = mapping.iter().rfind(|(name, _)| name == field.name).map(|(_, column)| column.as_str());
        match place(&header, field, mapped) {
            Ok(Some(at)) => fields.push((field.name, at)),
            Ok(None) => {}
            Err((code, message)) => {
                problems.push(Problem::new(line, mapped.map(str::to_owned), code, message))
            }
        }
    }
    let mut attributes = Vec::new();
    for (name, column) in &mapping {
        if kind.fields().iter().any(|field| field.name == name) {
            continue;
        }
        match attribute(&header, kind, name, column) {
            Ok(found) => {
                attributes.retain(|known: &AttributeColumn| known.key != found.key);
                attributes.push(found);
            }
            Err((code, message)) => problems.push(Problem::new(line, Some(column.clone()), code, message)),
        }
    }
    if attributes.len() > MAX_ATTRIBUTES {
        let message = format!("at most {MAX_ATTRIBUTES} attributes can be mapped");
        problems.push(Problem::new(line, None, "map", message));
    }
    if problems.is_empty() { Ok(Columns { header, fields, attributes }) } else { Err(problems) }
}

/// The preset's pairs, then those given: the later wins.
fn mapping(line: u64, kind: ImportKind, options: &ImportOptions) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    if let Some(name) = options.preset.as_deref() {
        let known = preset(name, kind).ok_or_else(|| {
            let (kind, known) = (kind.as_str(), presets(kind).join(", "));
            Problem::new(
                line,
                None,
                "preset",
                format!("there is no preset `{name}` for {kind}; there are: {known}"),
            )
        })?;
        pairs.extend(known.iter().map(|(field, column)| ((*field).to_owned(), (*column).to_owned())));
    }
    pairs.extend(options.mapping.iter().cloned());
    Ok(pairs)
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn place(header: &[String], field: &Field, mapped: Option<&str>) -> Result<Option<usize>, Refused> {
    if let Some(column) = mapped {
        return find(header, column).map(Some);
    }
    let matches =
        |column: &String| same(column, field.name) || field.aliases.iter().any(|alias| same(column, alias));
    // The field's own name beats its other names.
    let own = header.iter().position(|column| same(column, field.name));
    match own.or_else(|| header.iter().position(matches)) {
        Some(at) => Ok(Some(at)),
        None if field.required => {
            let (name, columns) = (field.name, header.join(", "));
            let message = format!(
                "no column holds `{name}`; the columns are: {columns}. Name the right one with --map {name}=COLUMN"
            );
            Err(("missing-column", message))
        }
        None => Ok(None),
    }
}

fn find(header: &[String], column: &str) -> Result<usize, Refused> {
    let mut found = header.iter().enumerate().filter(|(_, name)| same(name, column)).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => {
            Err(("double-column", format!("two columns are called `{column}`; rename one")))
        }
        (None, _) => {
            let message = format!("there is no column `{column}`; the columns are: {}", header.join(", "));
            Err(("missing-column", message))
        }
    }
}

/// `attr.NAME` or `attr.NAME:TYPE`.
fn attribute(
    header: &[String],
    kind: ImportKind,
    name: &str,
    column: &str,
) -> Result<AttributeColumn, Refused> {
    let Some(named) = name.strip_prefix("attr.").filter(|_| kind.has_attributes()) else {
        let fields: Vec<&str> = kind.fields().iter().map(|field| field.name).collect();
        let more = if kind.has_attributes() { ", and attr.NAME for your own data" } else { "" };
        let message =
            format!("`{name}` is no field of {}; the fields are: {}{more}", kind.as_str(), fields.join(", "));
        return Err(("map", message));
    };
    let (key, word) = named.split_once(':').unwrap_or((named, "text"));
    let kind = match word {
        "text" => AttributeKind::Text,
        "number" => AttributeKind::Number,
        "percent" => AttributeKind::Percent,
        "day" => AttributeKind::Day,
        "flag" => AttributeKind::Flag,
        _ => return Err(("map", format!("`{word}` is no type; write text, number, percent, day or flag"))),
    };
    if key.is_empty() {
        return Err(("map", "name the attribute: --map attr.NAME=COLUMN".to_owned()));
    }
    Ok(AttributeColumn { key: key.to_owned(), kind, at: find(header, column)? })
}

impl Row {
    /// Whether the file has a column for the field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.columns.fields.iter().any(|(name, _)| *name == field)
    }

    /// The name of the field's column.
    pub(super) fn column(&self, field: &str) -> Option<String> {
        let (_, at) = self.columns.fields.iter().find(|(name, _)| *name == field)?;
        self.columns.header.get(*at).cloned()
    }

    /// Notes something wrong with a field.
    pub(super) fn wrong(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        let problem = Problem::new(self.line, self.column(field), code, message);
        self.problems.push(problem);
    }

    /// The field's text; none where there is no column or the cell is empty.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        let (_, at) = self.columns.fields.iter().find(|(name, _)| *name == field)?;
        values::text(self.cells.get(*at)?)
    }

    /// The field's text, which must be there.
    pub(super) fn must(&mut self, field: &str) -> String {
        match self.text(field) {
            Some(text) => text.to_owned(),
            None => {
                self.wrong(field, "required", "this cell is empty and must not be");
                String::new()
            }
        }
    }

    /// The field's value; a cell that cannot be read is noted.
    pub(super) fn read<T>(&mut self, field: &str, reader: impl Fn(&str) -> Result<T, Refused>) -> Option<T> {
        match reader(self.text(field)?) {
            Ok(value) => Some(value),
            Err((code, message)) => {
                self.wrong(field, code, message);
                None
            }
        }
    }

    /// The field's value, which must be there.
    pub(super) fn must_read<T>(
        &mut self,
        field: &str,
        reader: impl Fn(&str) -> Result<T, Refused>,
    ) -> Option<T> {
        if self.text(field).is_none() {
            self.must(field);
            return None;
        }
        self.read(field, reader)
    }

    /// Puts the mapped attributes into an object; an empty cell takes one out.
    pub(super) fn attributes_into(&mut self, object: &mut Map<String, Json>) {
        let columns = Arc::clone(&self.columns);
        for column in &columns.attributes {
            let cell = self.cells.get(column.at).and_then(|cell| values::text(cell));
            let Some(cell) = cell else {
                object.remove(&column.key);
                continue;
            };
            match attribute_value(column.kind, cell) {
                Ok(value) => {
                    object.insert(column.key.clone(), value);
                }
                Err((code, message)) => {
                    let name = columns.header.get(column.at).cloned();
                    self.problems.push(Problem::new(self.line, name, code, message));
                }
            }
        }
    }
}

fn attribute_value(kind: AttributeKind, cell: &str) -> Result<Json, Refused> {
    Ok(match kind {
        AttributeKind::Text => json!(cell),
        AttributeKind::Number => json!({ "number": values::number(cell)?.to_string() }),
        AttributeKind::Percent => json!({ "percent": values::number(cell)?.to_string() }),
        AttributeKind::Day => json!({ "day": values::day(cell)? }),
        AttributeKind::Flag => json!(values::flag(cell)?),
    })
}
