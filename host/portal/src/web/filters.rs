//! What templates can do with a value: say it, format it, explain it.

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State};
use qudao_domain::contract::Note;
use qudao_domain::decimal::Decimal;
use qudao_domain::money::Currency;

use super::assets;
use super::format;
use super::i18n::{Args, Language, say, try_say};
use super::notes;
use super::page::{Page, PageObject};
use super::values::to_json;

/// Adds every filter and function. With `strict`, a missing message is an error.
pub fn add_to(env: &mut Environment<'static>, strict: bool) {
    env.add_function("t", move |state: &State, id: &str, args: Kwargs| translate(state, id, &args, strict));
    env.add_function("asset", |name: &str| assets::address(name));
    env.add_function("status", status);
    env.add_function("note", note);
    env.add_function("with_query", with_query);
    env.add_filter("say", pick_language);
    env.add_filter("money", money);
    env.add_filter("price", price);
    env.add_filter("steps", steps);
    env.add_filter("decimal", |value: &Value| parse_decimal(value).map(format::decimal));
    env.add_filter("percent", |value: &Value| parse_decimal(value).map(format::percent));
    env.add_filter("date", date);
    env.add_filter("datetime", datetime);
    env.add_filter("ago", ago);
}

fn wrong(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}

fn page(state: &State) -> Result<std::sync::Arc<PageObject>, Error> {
    let page = state.lookup("page").and_then(|page| page.downcast_object::<PageObject>());
    page.ok_or_else(|| wrong("the context has no `page`; render through Views"))
}

fn language(state: &State) -> Result<Language, Error> {
    Ok(page(state)?.0.language)
}

fn translate(state: &State, id: &str, given: &Kwargs, strict: bool) -> Result<String, Error> {
    let language = language(state)?;
    let mut args = Args::new();
    for key in given.args() {
        let value: Value = given.get(key)?;
        match (value.kind(), value.as_i64()) {
            (ValueKind::Number, Some(number)) => args.set(key.to_owned(), number),
            (ValueKind::Undefined, _) => return Err(wrong(format!("t('{id}'): `{key}` is undefined"))),
            _ => args.set(key.to_owned(), value.to_string()),
        }
    }
    if strict {
        try_say(language, id, Some(&args)).map_err(|error| wrong(error.to_string()))
    } else {
        Ok(say(language, id, Some(&args)))
    }
}

/// `status("placed")` → label and tone of a badge. The label is the message `status-<word>`.
fn status(state: &State, word: &str) -> Result<Value, Error> {
    let label = try_say(language(state)?, &format!("status-{word}"), None);
    let label = label.unwrap_or_else(|_| word.to_owned());
    Ok(Value::from_pairs([("label", Value::from(label)), ("tone", Value::from(tone(word)))]))
}

/// How a state feels: `good`, `info`, `warn`, `bad` or `neutral`.
fn tone(word: &str) -> &'static str {
    match word {
        "shipped" | "paid" | "live" | "active" | "confirmed" | "verified" | "in-stock" | "ok"
        | "answered" | "accepted" | "trusted" => "good",
        "placed" | "partly-shipped" | "open" | "scheduled" | "running" | "posted" => "info",
        "low-stock" | "disputed" | "pending" | "asked" | "approval" | "degraded" => "warn",
        "failed" | "refused" | "out-of-stock" | "overdue" | "failing" | "revoked" => "bad",
        _ => "neutral",
    }
}

/// `note(note, messages)` → the sentence. `messages` is the plugin's list of `{code, text}`.
fn note(state: &State, note: &Value, messages: &Value) -> Result<String, Error> {
    let language = language(state)?;
    let note: Note = serde_json::from_value(to_json(note)).map_err(|error| wrong(error.to_string()))?;
    for message in messages.try_iter()? {
        if message.get_attr("code")?.as_str() == Some(note.code.as_str()) {
            let text = message.get_attr("text")?.get_attr(language.tag())?;
            return Ok(notes::fill(&text.to_string(), &note.args, language));
        }
    }
    Ok(note.code)
}

/// `plugin.title|say` → the words in the reader's language of `{zh-CN, en}`.
fn pick_language(state: &State, text: &Value) -> Result<Value, Error> {
    text.get_attr(language(state)?.tag())
}

/// `total_minor|money("CNY")` → `1,234.56`; `|money("CNY", symbol=true)` → `¥1,234.56`;
/// `{minor, currency}|money` carries its own currency; a number stands for the exponent.
fn money(state: &State, value: &Value, unit: Option<Value>, options: Kwargs) -> Result<String, Error> {
    let with_symbol: Option<bool> = options.get("symbol")?;
    options.assert_all_used()?;
    let (minor, unit) = match (value.kind(), unit) {
        (ValueKind::Map, None) => (value.get_attr("minor")?, value.get_attr("currency")?),
        (_, Some(unit)) => (value.clone(), unit),
        (_, None) => return Err(wrong("money needs a currency: amount|money(\"CNY\")")),
    };
    let minor = minor.as_i64().ok_or_else(|| wrong(format!("`{minor}` is no amount in minor units")))?;
    if let Some(exponent) = unit.as_i64() {
        return Ok(format::money(minor, u32::try_from(exponent).unwrap_or(0)));
    }
    let currency: Currency =
        unit.to_string().parse().map_err(|_| wrong(format!("`{unit}` is no currency")))?;
    let figure = format::money(minor, currency.exponent());
    if with_symbol.unwrap_or(value.kind() == ValueKind::Map) {
        Ok(format::signed(&figure, currency.code(), language(state)?))
    } else {
        Ok(figure)
    }
}

/// `unit_price|price("CNY")` → `128.40`: an exact number with at least the currency's decimals and all of
/// its own; with `sign=true` a plus is shown too.
fn price(value: &Value, currency: &str, options: Kwargs) -> Result<String, Error> {
    let signed: Option<bool> = options.get("sign")?;
    options.assert_all_used()?;
    let currency: Currency = currency.parse().map_err(|_| wrong(format!("`{currency}` is no currency")))?;
    let amount = parse_decimal(value)?;
    let plus = if signed == Some(true) && amount > Decimal::ZERO { "+" } else { "" };
    Ok(format!("{plus}{}", format::price(amount, currency.exponent())))
}

/// `price|steps` → the adjustments of a price, each with the price `after` it.
fn steps(price: &Value) -> Result<Value, Error> {
    let mut after = parse_decimal(&price.get_attr("base_price")?)?;
    let mut steps = Vec::new();
    for step in price.get_attr("adjustments")?.try_iter()? {
        let amount = step.get_attr("amount")?;
        let sum = after.checked_add(parse_decimal(&amount)?);
        after = sum.ok_or_else(|| wrong("the steps of a price do not fit a decimal"))?;
        let reason = step.get_attr("reason")?;
        steps.push(Value::from_pairs([
            ("amount", amount),
            ("reason", reason),
            ("after", after.to_string().into()),
        ]));
    }
    Ok(Value::from(steps))
}

fn parse_decimal(value: &Value) -> Result<Decimal, Error> {
    if let Some(whole) = value.as_i64() {
        return Ok(Decimal::from(whole));
    }
    let parsed = value.as_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| wrong(format!("`{value}` is no exact number")))
}

fn parse_moment(value: &Value) -> Result<DateTime<Utc>, Error> {
    let parsed = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    parsed.map(|moment| moment.to_utc()).ok_or_else(|| wrong(format!("`{value}` is no moment")))
}

fn date(state: &State, value: &Value) -> Result<String, Error> {
    let page = page(state)?;
    let Page { language, visitor, .. } = &page.0;
    if let Some(day) = value.as_str().and_then(|text| text.parse::<NaiveDate>().ok()) {
        return Ok(format::day(day, *language));
    }
    Ok(format::day(visitor.zone.local(parse_moment(value)?).date(), *language))
}

fn datetime(state: &State, value: &Value) -> Result<String, Error> {
    let page = page(state)?;
    Ok(format::minute(page.0.visitor.zone.local(parse_moment(value)?), page.0.language))
}

/// The moment relative to now, the absolute one on hover and for machines.
fn ago(state: &State, value: &Value) -> Result<Value, Error> {
    let page = page(state)?;
    let Page { language, visitor, .. } = &page.0;
    let moment = parse_moment(value)?;
    let local = visitor.zone.local(moment);
    let absolute = format::minute(local, *language);
    let words = match visitor.now {
        Some(now) => format::ago(moment, now.utc(), local, *language),
        None => absolute.clone(),
    };
    let machine = moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let html = format!("<time datetime=\"{machine}\" title=\"{absolute}\">{words}</time>");
    Ok(Value::from_safe_string(html))
}

/// `with_query(page.query, sort="total")` → the query with some keys replaced; an empty value drops its key.
/// A changed filter or sort begins at the first page, so `after` goes unless it is given.
fn with_query(query: &str, changes: Kwargs) -> Result<String, Error> {
    let changed: Vec<&str> = changes.args().collect();
    let mut parts: Vec<String> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let key = pair.split('=').next().unwrap_or_default();
        if !changed.contains(&key) && key != "after" && key != "before" {
            parts.push(pair.to_owned());
        }
    }
    for key in changed {
        let value: Value = changes.get(key)?;
        let text = if value.is_none() { String::new() } else { value.to_string() };
        if !text.is_empty() {
            let encoded = minijinja::filters::urlencode(&Value::from(text))?;
            parts.push(format!("{key}={encoded}"));
        }
    }
    Ok(format!("?{}", parts.join("&")))
}
