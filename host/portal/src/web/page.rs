//! What every page knows besides its own content: who looks, in which language, zone and theme.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use minijinja::value::{Object, Value};
use qudao_domain::permissions::Role;
use qudao_domain::time::Instant;
use qudao_store::incidents::Incident;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use super::i18n::{Args, Language, say, try_say};
use super::nav;
use super::values::from_json;

/// Turns moments into the company's local time.
#[derive(Clone)]
pub struct Zone(Arc<dyn Fn(DateTime<Utc>) -> NaiveDateTime + Send + Sync>);

impl Zone {
    /// From any zone that chrono knows, e.g. a `chrono_tz::Tz`.
    pub fn of<T: TimeZone + Send + Sync + 'static>(zone: T) -> Self {
        Self(Arc::new(move |moment| moment.with_timezone(&zone).naive_local()))
    }

    /// The clock on the company's wall at a moment.
    #[must_use]
    pub fn local(&self, moment: DateTime<Utc>) -> NaiveDateTime {
        (self.0)(moment)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zone")
    }
}

/// Somebody who is logged in, as far as a page shows it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Their name.
    pub name: String,
    /// Their e-mail.
    pub email: String,
    /// What they are in the company.
    pub role: Role,
    /// The vendor's name.
    pub company: String,
    /// The dealer's name, for its people.
    pub dealer: Option<String>,
    /// The session's secret against forged requests.
    pub csrf: String,
    /// The language they chose.
    pub language: Option<Language>,
}

/// Who asks, and when. The session layer puts one (in an `Arc`) into every request's extensions.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The moment of the request, from the app's clock.
    pub now: Option<Instant>,
    /// The company's zone; UTC before log-in.
    pub zone: Zone,
    /// None before log-in.
    pub account: Option<Account>,
    /// A rule that failed again and again, for those who run plugins.
    pub alarm: Option<Arc<Incident>>,
}

impl Default for Visitor {
    fn default() -> Self {
        Self { now: None, zone: Zone::of(Utc), account: None, alarm: None }
    }
}

/// Light, dark, or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The word in the cookie and in `data-theme`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme that a word names.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark].into_iter().find(|theme| theme.as_str() == word)
    }
}

/// Something that happened on the page before, told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `good`, `info`, `warn` or `bad`.
    pub tone: &'static str,
    /// What happened, in the reader's language.
    pub text: String,
}

/// What every page knows. Extract it in a handler; templates see it as `page`.
#[derive(Debug, Clone)]
pub struct Page {
    /// Who asks, and when.
    pub visitor: Arc<Visitor>,
    /// The language to answer in.
    pub language: Language,
    /// Light or dark.
    pub theme: Theme,
    /// The address without its query.
    pub path: String,
    /// The query, without `?`.
    pub query: String,
    /// Whether htmx asks for a part of a page.
    pub partial: bool,
    /// What happened before.
    pub notice: Option<Notice>,
}

impl Page {
    /// The page for a request. Never fails: an unknown visitor is nobody, an unknown language Chinese.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let visitor = parts.extensions.get::<Arc<Visitor>>().cloned().unwrap_or_default();
        let chosen = visitor.account.as_ref().and_then(|account| account.language);
        let accept = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        // A program that asks for no language is most likely read by its author: English.
        let accept = accept.or_else(|| parts.uri.path().starts_with("/api/").then_some("en"));
        let language = Language::choose(chosen, cookie(&parts.headers, "lang"), accept);
        let theme = cookie(&parts.headers, "theme").and_then(Theme::named).unwrap_or_default();
        let notice = cookie(&parts.headers, "notice").and_then(|code| Notice::coded(code, language));
        let partial = parts.headers.contains_key("hx-request") && !parts.headers.contains_key("hx-boosted");
        Self {
            visitor,
            language,
            theme,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            partial,
            notice,
        }
    }

    /// A message in the page's language.
    #[must_use]
    pub fn t(&self, id: &str) -> String {
        say(self.language, id, None)
    }

    /// A message with places, in the page's language.
    #[must_use]
    pub fn t_with(&self, id: &str, args: &Args<'_>) -> String {
        say(self.language, id, Some(args))
    }
}

impl Notice {
    /// A notice that the page before left in a cookie: `good:order-placed` says `notice-order-placed`.
    #[must_use]
    pub fn coded(code: &str, language: Language) -> Option<Self> {
        let (tone, id) = code.split_once(':')?;
        let tone = ["good", "info", "warn", "bad"].into_iter().find(|known| *known == tone)?;
        let text = try_say(language, &format!("notice-{id}"), None).ok()?;
        Some(Self { tone, text })
    }
}

/// The value of a cookie.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// The template's view of a [`Page`].
#[derive(Debug)]
pub struct PageObject(pub Page);

impl Object for PageObject {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let page = &self.0;
        let account = page.visitor.account.as_ref();
        Some(match key.as_str()? {
            "lang" => Value::from(page.language.tag()),
            "theme" => Value::from(page.theme.as_str()),
            "path" => Value::from(page.path.as_str()),
            "query" => Value::from(page.query.as_str()),
            "address" if page.query.is_empty() => Value::from(page.path.as_str()),
            "address" => Value::from(format!("{}?{}", page.path, page.query)),
            "partial" => Value::from(page.partial),
            "csrf" => Value::from(account.map_or("", |account| account.csrf.as_str())),
            "languages" => Language::ALL
                .iter()
                .map(|language| {
                    Value::from_pairs([
                        ("tag", Value::from(language.tag())),
                        ("name", Value::from(language.own_name())),
                        ("current", Value::from(*language == page.language)),
                    ])
                })
                .collect(),
            "nav" => from_json(nav::groups(account.map(|account| account.role), &page.path)),
            "notice" => page.notice.as_ref().map_or(Value::from(()), |notice| {
                Value::from_pairs([
                    ("tone", Value::from(notice.tone)),
                    ("text", Value::from(notice.text.as_str())),
                ])
            }),
            "alarm" => page.visitor.alarm.as_ref().map_or(Value::from(()), |alarm| {
                Value::from_pairs([
                    ("digest", Value::from(alarm.plugin_digest.as_str())),
                    ("name", Value::from(alarm.plugin_name.as_str())),
                    ("version", Value::from(alarm.plugin_version.as_str())),
                    ("failures", Value::from(alarm.failures)),
                    ("restored", Value::from(alarm.restored_version.as_deref())),
                ])
            }),
            "user" => account.map_or(Value::from(()), |account| {
                Value::from_pairs([
                    ("name", Value::from(account.name.as_str())),
                    ("email", Value::from(account.email.as_str())),
                    ("role", Value::from(account.role.as_str())),
                    ("company", Value::from(account.company.as_str())),
                    ("dealer", Value::from(account.dealer.as_deref())),
                    ("initial", Value::from(account.name.chars().next().map(String::from))),
                ])
            }),
            _ => return None,
        })
    }
}
