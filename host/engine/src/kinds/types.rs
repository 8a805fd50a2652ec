//! The shapes of `qudao:types`: borrowed on the way in (`Sent…`), owned on the way out (`Told…`),
//! and their conversions, which every kind shares.

use crate::config::Limits;
use crate::quoted::quoted;
use chrono::{Datelike, NaiveDate};
use qudao_domain::contract::{Attribute, Descriptor, Kind, Message, Note, Text, Value};
use qudao_domain::decimal::{self, Decimal};
use qudao_domain::money::Money;
use std::collections::HashSet;
use wasmtime::component::{ComponentType, Lift, Lower};

/// What is wrong, in words; the caller says where.
pub(crate) type Checked<T> = Result<T, String>;

#[derive(ComponentType, Lower, Lift, Clone, Copy)]
#[component(record)]
pub(crate) struct WitDecimal {
    mantissa: i64,
    scale: u8,
}

#[derive(ComponentType, Lower, Lift, Clone, Copy)]
#[component(record)]
pub(crate) struct WitDate {
    year: u16,
    month: u8,
    day: u8,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentMoney {
    minor: i64,
    currency: &'static str,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
pub(crate) enum SentValue<'a> {
    #[component(name = "text")]
    Text(&'a str),
    #[component(name = "number")]
    Number(WitDecimal),
    #[component(name = "percent")]
    Percent(WitDecimal),
    #[component(name = "amount")]
    Amount(SentMoney),
    #[component(name = "day")]
    Day(WitDate),
    #[component(name = "flag")]
    Flag(bool),
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct SentAttribute<'a> {
    key: &'a str,
    value: SentValue<'a>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldMoney {
    pub(crate) minor: i64,
    pub(crate) currency: String,
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub(crate) enum ToldValue {
    #[component(name = "text")]
    Text(String),
    #[component(name = "number")]
    Number(WitDecimal),
    #[component(name = "percent")]
    Percent(WitDecimal),
    #[component(name = "amount")]
    Amount(ToldMoney),
    #[component(name = "day")]
    Day(WitDate),
    #[component(name = "flag")]
    Flag(bool),
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldNote {
    pub(super) code: String,
    pub(super) args: Vec<ToldValue>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldText {
    #[component(name = "zh-cn")]
    pub(super) zh_cn: String,
    pub(super) en: String,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldMessage {
    pub(super) code: String,
    pub(super) text: ToldText,
}

/// The kinds that describe themselves by `qudao:types`. A later kind has a descriptor of its own, without this: another
/// case here would keep every component that was built before from loading.
#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "made by lifting, from its number")]
pub(crate) enum WitKind {
    #[component(name = "pricing")]
    Pricing,
    #[component(name = "incentive")]
    Incentive,
    #[component(name = "kpi")]
    Kpi,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ToldDescriptor {
    pub(super) kind: WitKind,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) title: ToldText,
    pub(super) summary: ToldText,
    #[component(name = "settings-schema")]
    pub(super) settings_schema: String,
    #[component(name = "settings-default")]
    pub(super) settings_default: String,
    pub(super) messages: Vec<ToldMessage>,
    pub(super) attributes: Vec<String>,
    pub(super) metrics: Vec<String>,
}

/// A note without values, for the tests of every kind.
#[cfg(test)]
pub(crate) fn told_note(code: &str) -> ToldNote {
    ToldNote { code: code.to_owned(), args: Vec::new() }
}

/// A number on its way in.
pub(crate) fn send_decimal(number: Decimal) -> Checked<WitDecimal> {
    let (mantissa, scale) = decimal::to_parts(number).map_err(|error| format!("{number}: {error}"))?;
    Ok(WitDecimal { mantissa, scale })
}

/// A number on its way in, where there is one.
pub(crate) fn send_some(number: Option<Decimal>) -> Checked<Option<WitDecimal>> {
    number.map(send_decimal).transpose()
}

/// A day on its way in.
pub(crate) fn send_date(day: NaiveDate) -> Checked<WitDate> {
    let year =
        u16::try_from(day.year()).map_err(|_| format!("the day {day} is outside the years 0 to 65535"))?;
    let small = |part: u32| u8::try_from(part).map_err(|_| format!("{day} is no day"));
    Ok(WitDate { year, month: small(day.month())?, day: small(day.day())? })
}

/// Money on its way in.
pub(crate) fn send_money(money: Money) -> SentMoney {
    SentMoney { minor: money.minor, currency: money.currency.code() }
}

fn send_value(value: &Value) -> Checked<SentValue<'_>> {
    Ok(match value {
        Value::Text(text) => SentValue::Text(text),
        Value::Number(number) => SentValue::Number(send_decimal(*number)?),
        Value::Percent(number) => SentValue::Percent(send_decimal(*number)?),
        Value::Amount(money) => SentValue::Amount(send_money(*money)),
        Value::Day(day) => SentValue::Day(send_date(*day)?),
        Value::Flag(flag) => SentValue::Flag(*flag),
    })
}

/// Those attributes that the plugin reads; the others stay here.
pub(crate) fn send_attributes<'a>(
    attributes: &'a [Attribute],
    read: &HashSet<String>,
) -> Checked<Vec<SentAttribute<'a>>> {
    let wanted = attributes.iter().filter(|attribute| read.contains(&attribute.key));
    wanted
        .map(|attribute| {
            let value = send_value(&attribute.value)
                .map_err(|what| format!("attribute `{}`: {what}", attribute.key))?;
            Ok(SentAttribute { key: &attribute.key, value })
        })
        .collect()
}

/// A number on its way out.
pub(crate) fn told_decimal(number: WitDecimal) -> Checked<Decimal> {
    decimal::from_parts(number.mantissa, number.scale).map_err(|error| error.to_string())
}

/// A number on its way out, where there is one.
pub(crate) fn told_some(number: Option<WitDecimal>) -> Checked<Option<Decimal>> {
    number.map(told_decimal).transpose()
}

/// An exact number in units of 10^-9, so that any number of them add up without rounding: the
/// mantissa has 64 bits and the scale is at most nine (both hold for every number of the contract).
pub(crate) fn billionths(number: Decimal) -> i128 {
    let missing = u32::from(decimal::MAX_SCALE).saturating_sub(number.scale());
    number.mantissa() * 10_i128.pow(missing)
}

/// A number of billionths, for a message.
pub(crate) fn billionths_text(count: i128) -> String {
    match Decimal::try_from_i128_with_scale(count, u32::from(decimal::MAX_SCALE)) {
        Ok(number) => number.normalize().to_string(),
        Err(_) => format!("{count}e-9"),
    }
}

/// Money on its way out, of any currency that there is.
pub(crate) fn told_money(money: &ToldMoney) -> Checked<Money> {
    let currency = money.currency.parse().map_err(|error| format!("{error}"))?;
    Ok(Money::new(money.minor, currency))
}

/// A day on its way out.
pub(crate) fn told_date(date: WitDate) -> Checked<NaiveDate> {
    let day = NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day));
    day.ok_or_else(|| format!("{}-{}-{} is no day", date.year, date.month, date.day))
}

/// What notes of an answer are held against.
pub(crate) struct NoteRules<'a> {
    /// Every code of the descriptor.
    pub(crate) codes: &'a HashSet<String>,
    /// How many and how long.
    pub(crate) limits: &'a Limits,
}

impl NoteRules<'_> {
    /// One note: its code is known, its values are sound.
    pub(crate) fn note(&self, note: ToldNote) -> Checked<Note> {
        self.code(&note.code)?;
        if note.args.len() > self.limits.max_note_args {
            let (got, limit) = (note.args.len(), self.limits.max_note_args);
            return Err(format!("note `{}` carries {got} values, at most {limit} are allowed", note.code));
        }
        let args = note.args.into_iter().map(|value| self.value(value)).collect::<Checked<_>>();
        let args = args.map_err(|what| format!("note `{}`: {what}", note.code))?;
        Ok(Note { code: note.code, args })
    }

    /// A list of notes: not too many, each sound. `what` names the list.
    pub(crate) fn notes(&self, what: &str, notes: Vec<ToldNote>) -> Checked<Vec<Note>> {
        self.count(what, notes.len(), self.limits.max_notes)?;
        let all = notes.into_iter().map(|note| self.note(note)).collect::<Checked<_>>();
        all.map_err(|inner| format!("{what}: {inner}"))
    }

    /// A list that refuses: as [`Self::notes`], and not empty.
    pub(crate) fn reasons(&self, notes: Vec<ToldNote>) -> Checked<Vec<Note>> {
        if notes.is_empty() {
            return Err("refuses without any reason".to_owned());
        }
        self.notes("reasons of the refusal", notes)
    }

    /// A list is no longer than allowed.
    pub(crate) fn count(&self, what: &str, got: usize, limit: usize) -> Checked<()> {
        if got > limit { Err(format!("{what}: {got} entries, at most {limit} are allowed")) } else { Ok(()) }
    }

    /// A code is one of the descriptor's messages.
    pub(crate) fn code(&self, code: &str) -> Checked<()> {
        if self.codes.contains(code) {
            return Ok(());
        }
        let shown = quoted(code, 60);
        Err(format!("code `{shown}` is none of the descriptor's messages"))
    }

    fn value(&self, value: ToldValue) -> Checked<Value> {
        Ok(match value {
            ToldValue::Text(text) if text.len() > self.limits.max_text_bytes => {
                let (got, limit) = (text.len(), self.limits.max_text_bytes);
                return Err(format!("a text of {got} bytes, at most {limit} are allowed"));
            }
            ToldValue::Text(text) => Value::Text(text),
            ToldValue::Number(number) => Value::Number(told_decimal(number)?),
            ToldValue::Percent(number) => Value::Percent(told_decimal(number)?),
            ToldValue::Amount(money) => Value::Amount(told_money(&money)?),
            ToldValue::Day(date) => Value::Day(told_date(date)?),
            ToldValue::Flag(flag) => Value::Flag(flag),
        })
    }
}

impl From<ToldText> for Text {
    fn from(told: ToldText) -> Self {
        Self { zh_cn: told.zh_cn, en: told.en }
    }
}

impl From<ToldMessage> for Message {
    fn from(told: ToldMessage) -> Self {
        Self { code: told.code, text: told.text.into() }
    }
}

impl From<ToldDescriptor> for Descriptor {
    fn from(told: ToldDescriptor) -> Self {
        let kind = match told.kind {
            WitKind::Pricing => Kind::Pricing,
            WitKind::Incentive => Kind::Incentive,
            WitKind::Kpi => Kind::Kpi,
        };
        Self {
            kind,
            name: told.name,
            version: told.version,
            title: told.title.into(),
            summary: told.summary.into(),
            settings_schema: told.settings_schema,
            settings_default: told.settings_default,
            messages: told.messages.into_iter().map(Into::into).collect(),
            attributes: told.attributes,
            metrics: told.metrics,
        }
    }
}
