//! What host and plugins say to each other, whatever the kind: the shapes of `qudao:types`.

use crate::decimal::Decimal;
use crate::money::Money;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a plugin decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

impl Kind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Pricing, Self::Incentive, Self::Kpi, Self::Deal];

    /// The word used in code, API and database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pricing => "pricing",
            Self::Incentive => "incentive",
            Self::Kpi => "kpi",
            Self::Deal => "deal",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind of plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of plugin; the kinds are pricing, incentive, kpi and deal")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

/// The longest name of a plugin or code of a message, in bytes.
pub const MAX_NAME: usize = 60;

/// Whether a text is a name as plugins and codes have it: lower-case words of letters and digits, joined by single
/// hyphens, at most [`MAX_NAME`] bytes.
#[must_use]
pub fn is_hyphenated(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.len() <= MAX_NAME && text.split('-').all(word)
}

/// A value shown to a person in the form of the reader's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    Day(NaiveDate),
    /// Yes or no.
    Flag(bool),
}

/// A company-defined fact about a dealer, product or contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub key: String,
    /// What it says.
    pub value: Value,
}

/// A coded sentence: `code` is one of the descriptor's messages, `args` fill its `{0}`, `{1}`, ….
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// One of the descriptor's messages.
    pub code: String,
    /// What fills the places in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Value>,
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

/// A sentence that a plugin may utter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What answers name it by.
    pub code: String,
    /// With `{0}`, `{1}`, … where the args go.
    pub text: Text,
}

/// What a plugin says of itself, asked once at upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// What it decides.
    pub kind: Kind,
    /// Lower-case words joined by hyphens.
    pub name: String,
    /// Semantic version of the plugin.
    pub version: String,
    /// Its name for people.
    pub title: Text,
    /// What it does, in a sentence or two.
    pub summary: Text,
    /// JSON Schema (2020-12) of the settings.
    pub settings_schema: String,
    /// Settings to begin with.
    pub settings_default: String,
    /// Every code that it may use.
    pub messages: Vec<Message>,
    /// Keys of the attributes that it reads.
    pub attributes: Vec<String>,
    /// Codes of the metrics that it needs.
    pub metrics: Vec<String>,
}
