//! Renders pages from the embedded templates.

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use minijinja::{Environment, UndefinedBehavior, Value};
use rust_embed::Embed;
use serde::Serialize;
use std::sync::Arc;

use super::errors::{PageError, PageResult};
use super::filters;
use super::page::{Page, PageObject};
use super::values::from_json;

#[derive(Embed)]
#[folder = "../../templates"]
#[include = "*.html"]
struct Templates;

/// The templates, compiled once. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Views(Arc<Environment<'static>>);

impl Views {
    /// Compiles every template; with `strict`, a missing message is an error too.
    ///
    /// # Errors
    /// When a template does not compile.
    pub fn new(strict: bool) -> Result<Self, minijinja::Error> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_recursion_limit(200);
        for name in Self::names() {
            if let Some(file) = Templates::get(&name) {
                env.add_template_owned(name, String::from_utf8_lossy(&file.data).into_owned())?;
            }
        }
        filters::add_to(&mut env, strict);
        Ok(Self(Arc::new(env)))
    }

    /// The paths of all templates.
    #[must_use]
    pub fn names() -> Vec<String> {
        Templates::iter().map(|name| name.into_owned()).collect()
    }

    /// The template as text. `context` is any struct (or map) that serialises; the template sees
    /// its fields, and the page as `page`.
    ///
    /// # Errors
    /// When the template does not fit its context.
    pub fn text(
        &self,
        page: &Page,
        template: &str,
        context: &impl Serialize,
    ) -> Result<String, minijinja::Error> {
        let unfit = |error: serde_json::Error| {
            minijinja::Error::new(minijinja::ErrorKind::BadSerialization, error.to_string())
        };
        let json = serde_json::to_value(context).map_err(unfit)?;
        let mut fields: Vec<(String, Value)> = Vec::new();
        if let serde_json::Value::Object(map) = json {
            fields.extend(map.into_iter().map(|(key, value)| (key, from_json(value))));
        }
        fields.push(("page".to_owned(), Value::from_object(PageObject(page.clone()))));
        self.0.get_template(template)?.render(Value::from_pairs(fields))
    }

    /// The page, 200, not to be kept by anyone but the reader's screen: pages show own prices.
    ///
    /// # Errors
    /// [`PageError::Internal`] when the template does not fit its context.
    pub fn page(&self, page: &Page, template: &str, context: &impl Serialize) -> PageResult {
        let text = self.text(page, template, context).map_err(|error| PageError::internal(&error))?;
        let mut response = ([(header::CACHE_CONTROL, "no-store")], Html(text)).into_response();
        response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("HX-Request, Cookie"));
        Ok(response)
    }

    /// The page with another status, e.g. 422 for a form with errors.
    ///
    /// # Errors
    /// As [`Views::page`].
    pub fn page_with(
        &self,
        status: axum::http::StatusCode,
        page: &Page,
        template: &str,
        context: &impl Serialize,
    ) -> PageResult {
        let response: Response = self.page(page, template, context)?;
        Ok((status, response).into_response())
    }
}
