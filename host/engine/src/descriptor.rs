//! What a descriptor must satisfy.

use crate::quoted::quoted;
use crate::refusal::Refusal;
use crate::schema::SettingsSchema;
use qudao_domain::contract::{Descriptor, Kind, MAX_NAME, Text, is_hyphenated};
use std::collections::HashSet;

const MAX_TEXT: usize = 2_000;
const MAX_MESSAGES: usize = 500;
const MAX_KEYS: usize = 200;

/// Checks everything that a descriptor says and gives back its settings schema.
pub(crate) fn check_descriptor(descriptor: &Descriptor, kind: Kind) -> Result<SettingsSchema, Refusal> {
    if descriptor.kind != kind {
        let detail = format!("it says {}, but the component exports the contract of {kind}", descriptor.kind);
        return Err(bad("kind", detail));
    }
    check_name(&descriptor.name)?;
    check_version(&descriptor.version)?;
    check_text("title", &descriptor.title, 120)?;
    check_text("summary", &descriptor.summary, MAX_TEXT)?;
    check_messages(descriptor)?;
    check_keys("attributes", &descriptor.attributes)?;
    check_keys("metrics", &descriptor.metrics)?;
    check_settings(descriptor)
}

fn bad(field: &str, detail: impl Into<String>) -> Refusal {
    Refusal::BadDescriptor { field: field.to_owned(), detail: detail.into() }
}

fn short(text: &str) -> String {
    quoted(text, 80)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if is_hyphenated(name) {
        return Ok(());
    }
    let shown = short(name);
    Err(bad(
        "name",
        format!("`{shown}`; write lower-case words joined by hyphens, for example volume-pricing"),
    ))
}

/// `1.2.3`, with an optional `-pre` or `+build`.
fn check_version(version: &str) -> Result<(), Refusal> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    let number =
        |text: &&str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    let tail =
        version[core.len()..].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+.".contains(&byte));
    if numbers.len() == 3 && numbers.iter().all(number) && tail && version.len() <= MAX_NAME {
        return Ok(());
    }
    Err(bad("version", format!("`{}`; write a semantic version, for example 1.2.0", short(version))))
}

fn check_text(field: &str, text: &Text, limit: usize) -> Result<(), Refusal> {
    for (language, words) in [("zh-CN", &text.zh_cn), ("en", &text.en)] {
        if words.trim().is_empty() {
            return Err(bad(field, format!("there are no {language} words")));
        }
        if words.len() > limit {
            return Err(bad(
                field,
                format!("{} bytes in {language}, at most {limit} are allowed", words.len()),
            ));
        }
    }
    Ok(())
}

fn check_messages(descriptor: &Descriptor) -> Result<(), Refusal> {
    if descriptor.messages.len() > MAX_MESSAGES {
        let got = descriptor.messages.len();
        return Err(bad("messages", format!("{got} messages, at most {MAX_MESSAGES} are allowed")));
    }
    let mut seen = HashSet::new();
    for message in &descriptor.messages {
        let field = format!("messages.{}", short(&message.code));
        if !is_hyphenated(&message.code) {
            return Err(bad(&field, "a code is made of lower-case words joined by hyphens"));
        }
        if !seen.insert(message.code.as_str()) {
            return Err(bad(&field, "the code is there twice; each may occur once"));
        }
        check_text(&field, &message.text, MAX_TEXT)?;
    }
    Ok(())
}

fn check_keys(field: &str, keys: &[String]) -> Result<(), Refusal> {
    if keys.len() > MAX_KEYS {
        return Err(bad(field, format!("{} keys, at most {MAX_KEYS} are allowed", keys.len())));
    }
    let mut seen = HashSet::new();
    for key in keys {
        if key.is_empty() || key.len() > MAX_NAME {
            return Err(bad(field, format!("`{}`; a key has 1 to {MAX_NAME} bytes", short(key))));
        }
        if !seen.insert(key.as_str()) {
            return Err(bad(field, format!("`{}` is there twice", short(key))));
        }
    }
    Ok(())
}

fn check_settings(descriptor: &Descriptor) -> Result<SettingsSchema, Refusal> {
    let schema = SettingsSchema::parse(&descriptor.settings_schema).map_err(Refusal::BadSchema)?;
    let settings = schema.read(&descriptor.settings_default);
    match settings {
        Ok(_) => Ok(schema),
        Err(issues) => Err(Refusal::BadDefaults { issues }),
    }
}
