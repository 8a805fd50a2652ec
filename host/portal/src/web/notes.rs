//! A plugin's coded sentences, said in the reader's language.

use qudao_domain::contract::{Message, Note, Text, Value};

use super::format;
use super::i18n::{Language, say};

/// The words of a text in a language.
#[must_use]
pub fn words(text: &Text, language: Language) -> &str {
    match language {
        Language::ZhCn => &text.zh_cn,
        Language::En => &text.en,
    }
}

/// A value in the reader's form: 0.05 as `5%`, an amount with its currency, a day by the locale.
#[must_use]
pub fn value(value: &Value, language: Language) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => format::decimal(*number),
        Value::Percent(rate) => format::percent(*rate),
        Value::Amount(money) => format::amount(*money, language),
        Value::Day(day) => format::day(*day, language),
        Value::Flag(true) => say(language, "yes", None),
        Value::Flag(false) => say(language, "no", None),
    }
}

/// The note as a sentence. A code without a message is shown as it is: plugins may be wrong.
#[must_use]
pub fn sentence(note: &Note, messages: &[Message], language: Language) -> String {
    match messages.iter().find(|message| message.code == note.code) {
        Some(message) => fill(words(&message.text, language), &note.args, language),
        None => note.code.clone(),
    }
}

/// Puts values into the places `{0}`, `{1}`, … of a text. A place without a value stays as it is.
#[must_use]
pub fn fill(text: &str, args: &[Value], language: Language) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        rest = &rest[open..];
        let place = rest.find('}').and_then(|close| Some((close, rest[1..close].parse::<usize>().ok()?)));
        match place.and_then(|(close, index)| Some((close, args.get(index)?))) {
            Some((close, arg)) => {
                filled.push_str(&value(arg, language));
                rest = &rest[close + 1..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use qudao_domain::decimal::Decimal;
    use qudao_domain::money::Money;

    #[test]
    fn places_are_filled_in_the_readers_form() {
        let message = Message {
            code: "volume-break".into(),
            text: Text {
                zh_cn: "满 {0} 件，减 {1}（{2}）".into(),
                en: "{1} off from {0} pieces ({2})".into(),
            },
        };
        let note = Note {
            code: "volume-break".into(),
            args: vec![
                Value::Number(Decimal::from(1000)),
                Value::Percent(Decimal::new(5, 2)),
                Value::Amount(Money::new(-120, "CNY".parse().unwrap())),
            ],
        };
        let messages = [message];
        assert_eq!(sentence(&note, &messages, Language::ZhCn), "满 1,000 件，减 5%（-¥1.20）");
        assert_eq!(sentence(&note, &messages, Language::En), "5% off from 1,000 pieces (-¥1.20)");
        let unknown = Note { code: "surprise".into(), args: Vec::new() };
        assert_eq!(sentence(&unknown, &messages, Language::En), "surprise");
    }

    #[test]
    fn odd_texts_stay_as_they_are() {
        let args = [Value::Text("x{0}".into())];
        for (text, said) in [
            ("{0}", "x{0}"),
            ("{1} {", "{1} {"),
            ("{{0}}", "{x{0}}"),
            ("}{0", "}{0"),
            ("{99999999999999999999}", "{99999999999999999999}"),
            ("渠{0}道", "渠x{0}道"),
        ] {
            assert_eq!(fill(text, &args, Language::En), said);
        }
    }
}
