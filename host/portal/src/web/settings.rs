//! Settings of a plugin: the form drawn from its schema, saved as a revision, put to work from a date.

mod shown;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use qudao_app::{App, AppError, Context, NewSettings, Place, PluginPage, SettingsChange, Standing};
use qudao_domain::bindings::ScopeKind;
use qudao_domain::contract::Kind;
use qudao_domain::permissions::Action;
use serde::Deserialize;
use serde_json::Value as Json;

use shown::{
    BaseView, CanActivate, EditPage, EffectPage, EffectView, FieldsPage, RevisionView, SettingsPlugin,
};

use super::errors::{FieldError, PageError, PageResult};
use super::forms::{Form, FormView};
use super::page::Page;
use super::plugins::{OptionView, form_errors, moment, posted_scope, program_names, scope_option};
use super::preferences::tell_at;
use super::settings_form::{EDIT_FIELD, Issue, SettingsForm, SettingsSchema, SettingsView, changes};
use crate::routes::Routes;
use crate::sessions::SignedIn;
use crate::state::AppState;

/// Pages about settings.
pub fn routes() -> Routes {
    Routes::default()
        .get("/plugins/{digest}/settings", edit)
        .post("/plugins/{digest}/settings", save)
        .post("/plugins/{digest}/settings/effect", effect)
        .post("/plugins/{digest}/settings/rows", rows)
}

#[derive(Debug, Deserialize)]
struct Which {
    revision: Option<i64>,
}

/// A plugin with all that its settings' page needs, read once for each request.
struct Desk<'a> {
    app: &'a App,
    caller: &'a Context,
    page: &'a Page,
    plugin: PluginPage,
    schema: SettingsSchema,
}

impl<'a> Desk<'a> {
    async fn open(
        app: &'a App,
        caller: &'a Context,
        page: &'a Page,
        digest: &str,
    ) -> Result<Self, PageError> {
        let plugin = app.plugin(caller, digest).await?;
        let about = &plugin.plugin.descriptor;
        let schema =
            SettingsSchema::parse(&about.settings_schema).map_err(|error| PageError::internal(&error))?;
        let schema = schema.in_order_of(&about.settings_default);
        Ok(Self { app, caller, page, plugin, schema })
    }

    fn latest(&self) -> i64 {
        self.plugin.revisions.first().map_or(1, |revision| revision.number)
    }

    /// Where this plugin holds; that for the whole company before the others.
    fn live(&self) -> Vec<&qudao_store::bindings::Binding> {
        let ours = |dated: &&qudao_app::Dated| {
            dated.standing == Standing::Live && dated.binding.plugin_digest == self.plugin.plugin.digest
        };
        let mut live: Vec<_> = self.plugin.bindings.iter().filter(ours).map(|dated| &dated.binding).collect();
        live.sort_by_key(|binding| binding.slot.scope_kind.rank());
        live
    }

    fn base(&self) -> Option<BaseView> {
        self.live().first().map(|binding| BaseView::from(*binding))
    }

    /// The settings that typed ones are compared with: the live ones, else the plugin's first.
    async fn base_settings(&self) -> Result<Json, PageError> {
        let number = self.live().first().map_or(1, |binding| binding.revision);
        let found = self.app.settings(self.caller, &self.plugin.plugin.digest, Some(number)).await?;
        Ok(serde_json::from_str(&found.revision.settings).unwrap_or_default())
    }

    async fn bindings(&self) -> Result<Vec<OptionView>, PageError> {
        let names = program_names(self.app, self.caller).await?;
        let options = self.live().into_iter().map(|binding| {
            let slot = &binding.slot;
            let scope = scope_option(slot.scope_kind, &slot.scope_value, self.page.language);
            match &binding.program {
                None => scope,
                Some(code) => {
                    let name = names.get(code).map(|name| super::notes::words(name, self.page.language));
                    let label = format!("{} · {}", name.unwrap_or(code), scope.label);
                    OptionView { value: format!("{code}@{}", scope.value), label }
                }
            }
        });
        Ok(options.collect())
    }

    fn revisions(&self) -> Vec<RevisionView> {
        let all = &self.plugin.revisions;
        let state = |number: i64| {
            let named = |dated: &&qudao_app::Dated| {
                dated.binding.plugin_digest == self.plugin.plugin.digest && dated.binding.revision == number
            };
            let standings: Vec<Standing> =
                self.plugin.bindings.iter().filter(named).map(|dated| dated.standing).collect();
            let order = [
                (Standing::Live, "live"),
                (Standing::Scheduled, "scheduled"),
                (Standing::Past, "superseded"),
            ];
            order.into_iter().find(|(standing, _)| standings.contains(standing)).map_or("", |(_, word)| word)
        };
        let json = |text: &str| serde_json::from_str(text).unwrap_or(Json::Null);
        let view = |(at, revision): (usize, &qudao_store::revisions::Revision)| RevisionView {
            number: revision.number,
            state: state(revision.number),
            note: revision.note.clone(),
            by: revision.created_by_name.clone(),
            at: revision.created_at,
            changes: all.get(at + 1).map_or_else(Vec::new, |before| {
                changes(&self.schema, &json(&before.settings), &json(&revision.settings), self.page.language)
            }),
        };
        all.iter().enumerate().map(view).collect()
    }

    /// The whole page around what stands in the form.
    async fn edit_page(
        &self,
        settings: SettingsView,
        form: FormView,
        value: Option<&Json>,
        scope: (ScopeKind, &str),
    ) -> Result<EditPage, PageError> {
        let base = self.base_settings().await?;
        let changes =
            value.map_or_else(Vec::new, |value| changes(&self.schema, &base, value, self.page.language));
        Ok(EditPage {
            plugin: SettingsPlugin::from(&self.plugin.plugin),
            settings,
            form,
            base: self.base(),
            changes,
            effect: self.effect(value, scope).await?,
            revisions: self.revisions(),
            bindings: self.bindings().await?,
            can: CanActivate { activate: self.caller.whole_company(Action::SettingsWrite).is_ok() },
        })
    }

    /// Recent orders priced again; of the other kinds nothing is tried yet.
    async fn effect(
        &self,
        value: Option<&Json>,
        scope: (ScopeKind, &str),
    ) -> Result<Option<EffectView>, PageError> {
        let plugin = &self.plugin.plugin;
        if plugin.kind != Kind::Pricing {
            return Ok(None);
        }
        let Some(value) = value else {
            let said = self.page.t("effect-mend-first");
            return Ok(Some(EffectView::failed(said, self.caller.currency.code())));
        };
        let effect = self.app.pricing_effect(self.caller, &plugin.digest, &value.to_string(), scope).await?;
        let Some(effect) = effect else { return Ok(None) };
        let subjects: Vec<&str> = effect.rows.iter().map(|row| row.subject.as_str()).collect();
        let about = self.app.about(self.caller, &subjects).await?;
        Ok(Some(EffectView::of(&effect, &about, self.caller.currency.code(), self.page.language)))
    }
}

async fn edit(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(digest): Path<String>,
    Query(which): Query<Which>,
) -> PageResult {
    let desk = Desk::open(&state.app, &caller, &page, &digest).await?;
    let live = desk.live().first().map(|binding| binding.revision);
    let found = state.app.settings(&caller, &digest, which.revision.or(live)).await?;
    let value: Json = serde_json::from_str(&found.revision.settings).unwrap_or_default();
    let view = SettingsForm::of(&desk.schema, &value).shown(&[], page.language);
    let scope = (ScopeKind::Company, "");
    let context = desk.edit_page(view, FormView::default(), Some(&value), scope).await?;
    state.views.page(&page, "settings/edit.html", &context)
}

/// For whom the form is, with the program's code before an `@`.
fn posted_place(kind: Kind, posted: &str) -> Option<Place> {
    let (program, scope) = match posted.split_once('@') {
        Some((program, scope)) => (Some(program.to_owned()), scope),
        None => (None, posted),
    };
    let (scope, value) = posted_scope(scope)?;
    Some(Place { kind, scope, value, program })
}

fn place_or_company(kind: Kind, form: &Form) -> Place {
    let company = || Place { kind, scope: ScopeKind::Company, value: String::new(), program: None };
    posted_place(kind, form.get("binding")).unwrap_or_else(company)
}

/// What was wrong with a posted form, by where it is told.
#[derive(Default)]
struct Wrong {
    status: StatusCode,
    settings: Vec<FieldError>,
    form: Vec<FieldError>,
}

impl Wrong {
    fn invalid(settings: Vec<FieldError>, form: Vec<FieldError>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, settings, form }
    }

    /// Somebody else was faster: the page shows how it stands now, and everything as typed.
    fn stale() -> Self {
        let form = vec![FieldError::new("note", "stale")];
        Self { status: StatusCode::CONFLICT, settings: Vec::new(), form }
    }

    fn of(error: AppError, form: &SettingsForm<'_>) -> Result<Self, PageError> {
        match error {
            AppError::Conflict { code: "changed-meanwhile", .. } => Ok(Self::stale()),
            AppError::Invalid(issues) => {
                let (inner, outer): (Vec<_>, Vec<_>) =
                    issues.into_iter().partition(|issue| issue.pointer.starts_with("/settings"));
                let inner: Vec<Issue> = inner.iter().map(engine_issue).collect();
                let outer =
                    if outer.is_empty() { Vec::new() } else { form_errors(AppError::Invalid(outer))? };
                Ok(Self::invalid(form.locate(&inner), outer.into_iter().map(at_binding).collect()))
            }
            error => Ok(Self::invalid(Vec::new(), form_errors(error)?.into_iter().map(at_binding).collect())),
        }
    }
}

fn engine_issue(issue: &qudao_app::Issue) -> Issue {
    Issue {
        pointer: issue.pointer.strip_prefix("/settings").unwrap_or_default().to_owned(),
        code: issue.code.to_owned(),
        args: issue.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    }
}

/// This form has one field for scope, program and settings together.
fn at_binding(mut error: FieldError) -> FieldError {
    if matches!(error.pointer.as_str(), "scope" | "program" | "revision") {
        error.pointer = "binding".to_owned();
    }
    error
}

async fn save(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(digest): Path<String>,
    form: Form,
) -> PageResult {
    caller.whole_company(Action::SettingsWrite)?;
    let desk = Desk::open(&state.app, &caller, &page, &digest).await?;
    let typed = SettingsForm::posted(&desk.schema, &form);
    let (value, wrong) = match typed.value() {
        Ok(value) => match keep(&desk, &typed, &value, &form).await? {
            Ok(notice) => return Ok(tell_at(&format!("/plugins/{digest}/settings"), "good", notice)),
            Err(wrong) => (Some(value), wrong),
        },
        Err(errors) => (None, Wrong::invalid(errors, Vec::new())),
    };
    let view = typed.shown(&wrong.settings, page.language);
    let shown = form.shown(&wrong.form, page.language);
    let place = place_or_company(desk.plugin.plugin.kind, &form);
    // Where the engine found fault, trying the settings on orders would only say it again.
    let tried = value.as_ref().filter(|_| wrong.settings.is_empty());
    let context = desk.edit_page(view, shown, tried, (place.scope, &place.value)).await?;
    state.views.page_with(wrong.status, &page, "settings/edit.html", &context)
}

/// Saves, and activates where that is wanted; gives the notice to show.
async fn keep(
    desk: &Desk<'_>,
    typed: &SettingsForm<'_>,
    value: &Json,
    form: &Form,
) -> Result<Result<&'static str, Wrong>, PageError> {
    let based_on = form.get("latest").parse().unwrap_or(0);
    let settings = NewSettings { json: value.to_string(), note: form.get("note").to_owned(), based_on };
    let digest = &desk.plugin.plugin.digest;
    if form.get("then") != "activate" {
        let saved = desk.app.save_settings(desk.caller, digest, &settings).await;
        return match saved {
            Ok(revision) if revision.number == desk.latest() => Ok(Ok("settings-unchanged")),
            Ok(_) => Ok(Ok("settings-saved")),
            Err(error) => Wrong::of(error, typed).map(Err),
        };
    }
    let base = desk.base().map(|base| base.number.to_string()).unwrap_or_default();
    if form.get("base") != base {
        return Ok(Err(Wrong::stale()));
    }
    let Some(place) = posted_place(desk.plugin.plugin.kind, form.get("binding")) else {
        return Ok(Err(Wrong::invalid(Vec::new(), vec![FieldError::new("binding", "choice")])));
    };
    let from = match moment(desk.caller, form.get("from")) {
        Ok(from) => from,
        Err(error) => return Ok(Err(Wrong::invalid(Vec::new(), vec![error]))),
    };
    let change = SettingsChange { place, plugin: Some(digest.clone()), settings, from };
    match desk.app.change_settings(desk.caller, &change).await {
        Ok(_) if from.is_some() => Ok(Ok("settings-scheduled")),
        Ok(_) => Ok(Ok("settings-activated")),
        Err(error) => Wrong::of(error, typed).map(Err),
    }
}

async fn effect(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(digest): Path<String>,
    form: Form,
) -> PageResult {
    let desk = Desk::open(&state.app, &caller, &page, &digest).await?;
    let typed = SettingsForm::posted(&desk.schema, &form);
    let place = place_or_company(desk.plugin.plugin.kind, &form);
    let (value, errors) = match typed.value() {
        Ok(value) => (Some(value), Vec::new()),
        Err(errors) => (None, errors),
    };
    let view = typed.shown(&errors, page.language);
    let shown = form.shown(&[], page.language);
    let whole = desk.edit_page(view, shown, value.as_ref(), (place.scope, &place.value)).await?;
    if page.partial {
        return state.views.page(&page, "settings/effect.html", &EffectPage::from(whole));
    }
    state.views.page(&page, "settings/edit.html", &whole)
}

async fn rows(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(digest): Path<String>,
    form: Form,
) -> PageResult {
    let desk = Desk::open(&state.app, &caller, &page, &digest).await?;
    let mut typed = SettingsForm::posted(&desk.schema, &form);
    typed.edit(form.get(EDIT_FIELD));
    let settings = typed.shown(&[], page.language);
    if page.partial {
        let plugin = SettingsPlugin::from(&desk.plugin.plugin);
        return state.views.page(&page, "settings/fields.html", &FieldsPage { plugin, settings });
    }
    let place = place_or_company(desk.plugin.plugin.kind, &form);
    let value = typed.value().ok();
    let shown = form.shown(&[], page.language);
    let context = desk.edit_page(settings, shown, value.as_ref(), (place.scope, &place.value)).await?;
    state.views.page(&page, "settings/edit.html", &context)
}
