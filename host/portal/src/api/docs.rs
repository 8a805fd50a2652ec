//! The API's documentation as a page, drawn from its OpenAPI description.

use axum::extract::State;
use serde::Serialize;
use serde_json::Value as Json;

use crate::web::{Page, PageResult, Views};

#[derive(Serialize)]
struct Docs {
    operations: Vec<Operation>,
}

#[derive(Serialize)]
struct Operation {
    method: String,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<Parameter>,
    body: Option<String>,
    answers: Vec<Answer>,
}

#[derive(Serialize)]
struct Parameter {
    name: String,
    place: String,
    required: bool,
    description: String,
}

#[derive(Serialize)]
struct Answer {
    status: String,
    description: String,
    body: Option<String>,
}

/// `GET /api/docs`.
///
/// # Errors
/// When the template does not fit.
pub async fn show(page: Page, State(views): State<Views>) -> PageResult {
    let document = serde_json::to_value(super::document()).unwrap_or_default();
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(|(method, operation)| read(path, method, operation, &document)).collect::<Vec<_>>()
    });
    views.page(&page, "api/docs.html", &Docs { operations: operations.collect() })
}

fn read(path: &str, method: &str, operation: &Json, document: &Json) -> Operation {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let answers = operation["responses"].as_object().cloned().unwrap_or_default();
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        parameters: parameters
            .iter()
            .map(|parameter| Parameter {
                name: text(&parameter["name"]),
                place: text(&parameter["in"]),
                required: parameter["required"].as_bool().unwrap_or(false),
                description: text(&parameter["description"]),
            })
            .collect(),
        body: schema(&operation["requestBody"]["content"], document),
        answers: answers
            .iter()
            .map(|(status, answer)| Answer {
                status: status.clone(),
                description: text(&answer["description"]),
                body: schema(&answer["content"], document),
            })
            .collect(),
    }
}

/// A body's schema as indented JSON, one level of names resolved.
fn schema(content: &Json, document: &Json) -> Option<String> {
    let schema = content.as_object()?.values().next()?["schema"].clone();
    let name = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/"));
    let resolved = name.map_or(&schema, |name| &document["components"]["schemas"][name]);
    serde_json::to_string_pretty(resolved).ok()
}
