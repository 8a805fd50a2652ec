//! The shapes that every kind shares. In JSON they look as the host writes them.

use crate::{Date, Decimal, Money};
use serde::{Deserialize, Serialize};

/// What a plugin decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// How a price is formed.
    Pricing,
    /// What earns an incentive.
    Incentive,
    /// How performance is scored.
    Kpi,
    /// Who owns an opportunity.
    Deal,
}

/// A value that the host shows to a person, formatted for the reader's language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Words, as they are.
    Text(String),
    /// A plain number.
    Number(Decimal),
    /// A rate: 0.05 is shown as 5 %.
    Percent(Decimal),
    /// Money.
    Amount(Money),
    /// A day.
    Day(Date),
    /// Yes or no.
    Flag(bool),
}

/// A rate as a value: 0.05 is shown as 5 %.
#[must_use]
pub fn percent(rate: Decimal) -> Value {
    Value::Percent(rate)
}

impl From<&str> for Value {
    fn from(words: &str) -> Self {
        Self::Text(words.to_owned())
    }
}

impl From<String> for Value {
    fn from(words: String) -> Self {
        Self::Text(words)
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Money> for Value {
    fn from(amount: Money) -> Self {
        Self::Amount(amount)
    }
}

impl From<Date> for Value {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// A company-defined fact about a dealer, product or contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub key: String,
    /// What it says.
    pub value: Value,
}

/// The value of the attribute with this key.
#[must_use]
pub fn attribute<'a>(attributes: &'a [Attribute], key: &str) -> Option<&'a Value> {
    attributes.iter().find(|attribute| attribute.key == key).map(|attribute| &attribute.value)
}

/// A coded sentence: `code` is one of the descriptor's messages, `args` fill its `{0}`, `{1}`, ….
/// [`note!`](crate::note!) writes one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// One of the descriptor's messages.
    pub code: String,
    /// What fills the places in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Value>,
}

/// A [`Note`] from its code and whatever can become a [`Value`].
///
/// ```
/// use qudao_sdk::{note, percent, Decimal};
/// let note = note!("tier-discount", "gold", percent(Decimal::new(5, 2)));
/// assert_eq!(note.args.len(), 2);
/// ```
#[macro_export]
macro_rules! note {
    ($code:expr $(, $arg:expr)* $(,)?) => {
        $crate::Note { code: ::std::string::String::from($code), args: ::std::vec![$($crate::Value::from($arg)),*] }
    };
}

/// The same words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Chinese, as written in mainland China.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both at once.
    #[must_use]
    pub fn new(zh_cn: &str, en: &str) -> Self {
        Self { zh_cn: zh_cn.to_owned(), en: en.to_owned() }
    }
}

/// A sentence that a plugin may utter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What answers name it by.
    pub code: String,
    /// With `{0}`, `{1}`, … where the args go.
    pub text: Text,
}

impl Message {
    /// A code and its words in both languages.
    #[must_use]
    pub fn new(code: &str, zh_cn: &str, en: &str) -> Self {
        Self { code: code.to_owned(), text: Text::new(zh_cn, en) }
    }
}

/// What a plugin says of itself, asked once at upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// What it decides.
    pub kind: Kind,
    /// Lower-case words joined by hyphens.
    pub name: String,
    /// Semantic version of the plugin; `env!("CARGO_PKG_VERSION")`.
    pub version: String,
    /// Its name for people.
    pub title: Text,
    /// What it does, in a sentence or two.
    pub summary: Text,
    /// JSON Schema (2020-12) of the settings: [`settings_schema`](crate::settings_schema).
    pub settings_schema: String,
    /// Settings to begin with: [`settings_default`](crate::settings_default).
    pub settings_default: String,
    /// Every code that it may use.
    pub messages: Vec<Message>,
    /// Keys of the attributes that it reads; the host sends no others.
    pub attributes: Vec<String>,
    /// Codes of the metrics that it needs (kpi).
    pub metrics: Vec<String>,
}
