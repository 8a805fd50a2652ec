//! The words of every screen, in two languages, from `messages/*.ftl`.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::str::FromStr;
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

use super::format;

/// A language in which Qudao speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Chinese, as written in mainland China.
    #[default]
    ZhCn,
    /// English.
    En,
}

impl Language {
    /// Both, in the order in which the switch shows them.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The tag for `<html lang>`, cookies and the user's record.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// Its name in itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::ZhCn => "中文",
            Self::En => "English",
        }
    }

    /// The best of the languages that a browser asks for (`Accept-Language`, RFC 9110 §12.5.4).
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(u32, Self)> = None;
        for part in header.split(',').take(32) {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest.trim().strip_prefix("q=").map_or(1000, thousandths);
            let Ok(language) = tag.trim().parse() else { continue };
            if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// The first that is known: what the user chose, what the cookie says, what the browser asks for.
    #[must_use]
    pub fn choose(user: Option<Self>, cookie: Option<&str>, accept: Option<&str>) -> Self {
        user.or_else(|| cookie.and_then(|tag| tag.parse().ok()))
            .or_else(|| accept.and_then(Self::accepted))
            .unwrap_or_default()
    }
}

/// `0.8` as 800; nonsense as 0.
fn thousandths(q: &str) -> u32 {
    let (whole, fraction) = q.trim().split_once('.').unwrap_or((q.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u32 = whole.parse().unwrap_or(0);
    whole.min(1) * 1000 + if whole == 0 { digits.parse().unwrap_or(0) } else { 0 }
}

/// Neither Chinese nor English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Qudao speaks zh-CN and en")]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        match first.to_ascii_lowercase().as_str() {
            "zh" => Ok(Self::ZhCn),
            "en" => Ok(Self::En),
            _ => Err(UnknownLanguage),
        }
    }
}

/// What fills a message's places.
pub type Args<'a> = FluentArgs<'a>;

/// Why a message cannot be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No such id in the language's file.
    #[error("messages/{language}.ftl has no message `{0}`", language = .1.tag())]
    Unknown(String, Language),
    /// A place was not filled.
    #[error("message `{0}` in {language}: {2}", language = .1.tag())]
    Incomplete(String, Language, String),
}

struct Catalogue {
    zh_cn: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue {
    zh_cn: bundle(Language::ZhCn, include_str!("../../../../messages/zh-CN.ftl")),
    en: bundle(Language::En, include_str!("../../../../messages/en.ftl")),
});

fn bundle(language: Language, source: &str) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    // Invariant: the embedded files parse without errors and name no id twice; a test holds them to it.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, errors)| {
        tracing::error!(?errors, %language, "a message file does not parse wholly");
        partial
    });
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(format::group_digits(&number.as_string())),
        _ => None,
    }));
    bundle.add_resource_overriding(resource);
    bundle
}

/// The message `id` in a language, its places filled.
///
/// # Errors
/// [`MessageError`] when the id is unknown or a place stays empty.
pub fn try_say(language: Language, id: &str, args: Option<&Args<'_>>) -> Result<String, MessageError> {
    let bundle = match language {
        Language::ZhCn => &CATALOGUE.zh_cn,
        Language::En => &CATALOGUE.en,
    };
    let unknown = || MessageError::Unknown(id.to_owned(), language);
    let pattern = bundle.get_message(id).and_then(|message| message.value()).ok_or_else(unknown)?;
    let mut errors = Vec::new();
    let said = bundle.format_pattern(pattern, args, &mut errors);
    match errors.first() {
        None => Ok(said.into_owned()),
        Some(error) => Err(MessageError::Incomplete(id.to_owned(), language, error.to_string())),
    }
}

/// The message `id` in a language. A message that is missing is shown as its id and logged:
/// a screen with one odd word is of more use than none.
#[must_use]
pub fn say(language: Language, id: &str, args: Option<&Args<'_>>) -> String {
    try_say(language, id, args).unwrap_or_else(|error| {
        tracing::warn!(%error, "a message is missing");
        id.to_owned()
    })
}

/// Whether a message exists.
#[must_use]
pub fn knows(language: Language, id: &str) -> bool {
    match language {
        Language::ZhCn => CATALOGUE.zh_cn.has_message(id),
        Language::En => CATALOGUE.en.has_message(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn ids(source: &str) -> BTreeMap<String, Vec<String>> {
        let resource = FluentResource::try_new(source.to_owned()).expect("the message file parses");
        let mut found = BTreeMap::new();
        for (place, line) in source.lines().enumerate() {
            let Some((id, rest)) = line.split_once(" =") else { continue };
            if id.starts_with(|c: char| c.is_ascii_lowercase()) {
                let mut whole = rest.to_owned();
                let more = source.lines().skip(place + 1).take_while(|next| next.starts_with(' '));
                more.for_each(|next| whole.push_str(next));
                let mut places: Vec<String> = whole
                    .match_indices('$')
                    .map(|(at, _)| {
                        whole[at + 1..]
                            .chars()
                            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                            .collect()
                    })
                    .collect();
                places.sort();
                places.dedup();
                assert!(found.insert(id.to_owned(), places).is_none(), "{id} is there twice");
            }
        }
        let messages = resource.entries().filter(|entry| format!("{entry:?}").starts_with("Message("));
        assert_eq!(messages.count(), found.len());
        found
    }

    #[test]
    fn both_files_have_the_same_ids_and_places() {
        let zh = ids(include_str!("../../../../messages/zh-CN.ftl"));
        let en = ids(include_str!("../../../../messages/en.ftl"));
        for (id, places) in &en {
            assert_eq!(zh.get(id), Some(places), "{id} differs or is missing in zh-CN.ftl");
        }
        for id in zh.keys() {
            assert!(en.contains_key(id), "{id} is missing in en.ftl");
        }
    }

    #[test]
    fn the_language_follows_user_then_cookie_then_browser() {
        use Language::{En, ZhCn};
        assert_eq!(Language::choose(Some(En), Some("zh-CN"), Some("zh")), En);
        assert_eq!(Language::choose(None, Some("en"), Some("zh")), En);
        assert_eq!(Language::choose(None, Some("xx"), Some("fr, en;q=0.8, zh;q=0.9")), ZhCn);
        assert_eq!(Language::choose(None, None, Some("en-GB,en;q=0.9,zh-TW;q=0.7")), En);
        assert_eq!(Language::choose(None, None, Some("fr;q=1, de")), ZhCn);
        assert_eq!(Language::accepted("en;q=0, zh;q=0.1"), Some(ZhCn));
        assert_eq!(Language::accepted("en;q=nonsense"), None);
    }

    #[test]
    fn an_unknown_id_is_an_error_or_shown_as_it_is() {
        assert!(matches!(try_say(Language::En, "no-such-message", None), Err(MessageError::Unknown(..))));
        assert_eq!(say(Language::En, "no-such-message", None), "no-such-message");
    }
}
