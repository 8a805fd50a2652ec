//! The form that begins a simulation; it stands on a version's page, and what was wrong with it is told there.

use axum::extract::State;
use axum::http::StatusCode;
use qudao_app::NewSimulation;
use qudao_domain::decimal::Decimal;
use qudao_domain::money::{Currency, Money};

use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::app_errors::to_page_error;
use crate::web::errors::{FieldError, PageError, PageResult};
use crate::web::forms::{Form, FormView, plain_number};
use crate::web::page::Page;
use crate::web::plugins::{Forms, show_page};
use crate::web::preferences::tell_at;

pub async fn start(page: Page, caller: SignedIn, State(state): State<AppState>, form: Form) -> PageResult {
    let errors = match typed(&form, caller.currency) {
        Ok(new) => match state.app.start_simulation(&caller, &new).await {
            Ok(id) => return Ok(tell_at(&format!("/simulations/{id}"), "info", "simulation-begun")),
            Err(error) => match to_page_error(error) {
                PageError::Invalid(errors) => errors.into_iter().map(to_field).collect(),
                other => return Err(other),
            },
        },
        Err(errors) => errors,
    };
    let simulate = form.shown(&errors, page.language);
    let forms = Forms { activate: FormView::default(), simulate };
    let context = show_page(&state.app, &caller, &page, form.get("plugin"), forms).await?;
    state.views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "plugins/show.html", &context)
}

/// A pointer of the use case as the name of the form's field.
fn to_field(mut error: FieldError) -> FieldError {
    let name = error.pointer.trim_start_matches('/');
    let name = match name {
        "revision" => "settings_number",
        "program" => "for_program",
        name => name.trim_end_matches("_minor"),
    };
    error.pointer = name.to_owned();
    error
}

/// The form as it was typed; amounts in the currency's major unit.
fn typed(form: &Form, currency: Currency) -> Result<NewSimulation, Vec<FieldError>> {
    let mut check = form.check();
    let (first, last) = (check.day("first"), check.day("last"));
    let mut guard = |name: &str| -> Option<i64> {
        if form.get(name).is_empty() {
            return None;
        }
        let amount: Decimal = check.decimal(name, currency.exponent())?;
        let money = Money::round(amount, currency);
        if money.is_err() {
            check.fail(FieldError::new(name, "decimal"));
        }
        money.ok().map(|money| money.minor)
    };
    let (most_loss_minor, most_cost_minor) = (guard("most_loss"), guard("most_cost"));
    let least_margin = match plain_number(form.get("least_margin")).trim_end_matches('%') {
        "" => None,
        typed => {
            let least = typed.parse::<Decimal>().ok();
            if least.is_none() {
                check.fail(FieldError::new("least_margin", "decimal"));
            }
            least
        }
    };
    let calendar = match form.get("calendar") {
        "" => None,
        _ => check.parsed("calendar", "choice"),
    };
    let revision = match form.get("settings_number") {
        "" => None,
        _ => check.integer("settings_number", 1..=i64::MAX),
    };
    check.finish()?;
    Ok(NewSimulation {
        digest: form.get("plugin").to_owned(),
        revision,
        first: first.unwrap_or_default(),
        last: last.unwrap_or_default(),
        program: form.find("for_program").map(str::to_owned),
        calendar,
        most_loss_minor,
        most_cost_minor,
        least_margin,
    })
}
