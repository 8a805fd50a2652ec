//! How two settings differ, in plain words.

use serde::Serialize;
use serde_json::Value as Json;

use super::field::{Field, Shape};
use super::schema::SettingsSchema;
use super::shown::row_title;
use super::typed::read_aloud;
use crate::web::i18n::{Args, Language, say};
use crate::web::notes::words;

/// The most rows that are matched one by one; longer tables are compared by their places.
const MAX_MATCHED: usize = 500;

/// One difference between two settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `changed`, `added`, `removed` or `moved`.
    pub kind: &'static str,
    /// Where, from the outside in: `Tiers › Tier 3 › From`.
    pub place: String,
    /// How it was; empty where something was added.
    pub before: String,
    /// How it is; empty where something was removed.
    pub after: String,
    /// The whole in one sentence.
    pub sentence: String,
}

/// What changed from `old` to `new`, in the order of the form. Empty where they mean the same.
#[must_use]
pub fn changes(schema: &SettingsSchema, old: &Json, new: &Json, language: Language) -> Vec<Change> {
    let mut walk = Walk { found: Vec::new(), place: Vec::new(), language };
    walk.field(&schema.root, Some(old), Some(new));
    walk.found
}

struct Walk {
    found: Vec<Change>,
    place: Vec<String>,
    language: Language,
}

/// A row of the new table beside the row of the old one, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pair {
    Both(usize, usize),
    Old(usize),
    New(usize),
}

impl Walk {
    fn field(&mut self, field: &Field, old: Option<&Json>, new: Option<&Json>) {
        let known = |value: Option<&'_ Json>| {
            value.or(field.default.as_ref()).filter(|value| !value.is_null()).cloned()
        };
        let (old, new) = (known(old), known(new));
        if old == new {
            return;
        }
        match (&field.shape, &old, &new) {
            (Shape::Group(fields), Some(old), Some(new)) => {
                for inner in fields {
                    self.within(words(&inner.title, self.language).to_owned(), |walk| {
                        walk.field(inner, old.get(&inner.key), new.get(&inner.key));
                    });
                }
            }
            (Shape::Rows { row, .. }, old, new) if old.is_some() || new.is_some() => {
                let items = |table: &Option<Json>| {
                    table.as_ref().and_then(Json::as_array).cloned().unwrap_or_default()
                };
                self.rows(row, &items(old), &items(new));
            }
            (Shape::Entries { value }, Some(Json::Object(old)), Some(Json::Object(new))) => {
                let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
                keys.sort();
                keys.dedup();
                for key in keys {
                    self.within(key.clone(), |walk| walk.entry(value, old.get(key), new.get(key)));
                }
            }
            _ => {
                let before = self.said(field, old.as_ref());
                let after = self.said(field, new.as_ref());
                self.note("changed", before, after);
            }
        }
    }

    fn entry(&mut self, field: &Field, old: Option<&Json>, new: Option<&Json>) {
        match (old, new) {
            (None, Some(new)) => {
                let after = self.said(field, Some(new));
                self.note("added", String::new(), after);
            }
            (Some(old), None) => {
                let before = self.said(field, Some(old));
                self.note("removed", before, String::new());
            }
            _ => self.field(field, old, new),
        }
    }

    fn rows(&mut self, row: &Field, old: &[Json], new: &[Json]) {
        let pairs = matched(old, new);
        let gone = |pair: &Pair| if let Pair::Old(place) = pair { Some(*place) } else { None };
        let mut left: Vec<usize> = pairs.iter().filter_map(gone).collect();
        let mut moved: Vec<(usize, usize)> = Vec::new();
        for pair in &pairs {
            let Pair::New(to) = *pair else { continue };
            if let Some(at) = left.iter().position(|from| old.get(*from) == new.get(to)) {
                moved.push((left.remove(at), to));
            }
        }
        for pair in pairs {
            match pair {
                Pair::Both(from, to) => self.within(row_title(row, to + 1, self.language), |walk| {
                    walk.field(row, old.get(from), new.get(to));
                }),
                Pair::Old(from) if left.contains(&from) => {
                    let before = self.said(row, old.get(from));
                    let place = row_title(row, from + 1, self.language);
                    self.within(place, |walk| walk.note("removed", before, String::new()));
                }
                Pair::Old(_) => {}
                Pair::New(to) => {
                    let place = row_title(row, to + 1, self.language);
                    match moved.iter().find(|(_, there)| *there == to) {
                        Some((from, _)) => {
                            let before = row_title(row, from + 1, self.language);
                            self.within(place.clone(), |walk| walk.note("moved", before, place));
                        }
                        None => {
                            let after = self.said(row, new.get(to));
                            self.within(place, |walk| walk.note("added", String::new(), after));
                        }
                    }
                }
            }
        }
    }

    fn within(&mut self, place: String, walk: impl FnOnce(&mut Self)) {
        self.place.push(place);
        walk(self);
        self.place.pop();
    }

    /// A value in words; a row by its fields: `From 500, Discount 8%`.
    fn said(&self, field: &Field, value: Option<&Json>) -> String {
        let (Shape::Group(fields), Some(Json::Object(object))) = (&field.shape, value) else {
            return read_aloud(field, value, self.language);
        };
        let filled = fields.iter().filter_map(|inner| Some((inner, object.get(&inner.key)?)));
        let filled = filled.filter(|(_, value)| !value.is_null());
        let said: Vec<String> = filled
            .map(|(inner, value)| {
                format!("{} {}", words(&inner.title, self.language), self.said(inner, Some(value)))
            })
            .collect();
        said.join(match self.language {
            Language::ZhCn => "，",
            Language::En => ", ",
        })
    }

    fn note(&mut self, kind: &'static str, before: String, after: String) {
        let place = self.place.join(" › ");
        let mut args = Args::new();
        args.set("place", self.place.join(if self.language == Language::ZhCn { " " } else { ", " }));
        args.set("before", before.clone());
        args.set("after", after.clone());
        let sentence = say(self.language, &format!("settings-{kind}"), Some(&args));
        self.found.push(Change { kind, place, before, after, sentence });
    }
}

/// Lays the rows of two tables side by side: equal rows first (the longest common order), what lies between
/// by place, the rest as removed or added.
fn matched(old: &[Json], new: &[Json]) -> Vec<Pair> {
    let same = if old.len().max(new.len()) > MAX_MATCHED { Vec::new() } else { common(old, new) };
    let mut pairs = Vec::with_capacity(old.len().max(new.len()));
    let (mut from, mut to) = (0, 0);
    for (old_end, new_end) in same.into_iter().chain([(old.len(), new.len())]) {
        let both = (old_end - from).min(new_end - to);
        pairs.extend((0..both).map(|place| Pair::Both(from + place, to + place)));
        pairs.extend((from + both..old_end).map(Pair::Old));
        pairs.extend((to + both..new_end).map(Pair::New));
        if old_end < old.len() && new_end < new.len() {
            pairs.push(Pair::Both(old_end, new_end));
        }
        (from, to) = (old_end + 1, new_end + 1);
    }
    pairs
}

/// The longest common subsequence, as places in both.
fn common(old: &[Json], new: &[Json]) -> Vec<(usize, usize)> {
    let mut longest = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for (a, one) in old.iter().enumerate().rev() {
        for (b, other) in new.iter().enumerate().rev() {
            let best = if one == other {
                longest[a + 1][b + 1] + 1
            } else {
                longest[a + 1][b].max(longest[a][b + 1])
            };
            longest[a][b] = best;
        }
    }
    let (mut a, mut b, mut found) = (0, 0, Vec::new());
    while a < old.len() && b < new.len() {
        if old[a] == new[b] {
            found.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if longest[a + 1][b] >= longest[a][b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    found
}
