//! Bringing a plugin in: a component, with a signature or without, or a file with a history.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use qudao_app::{AppError, Context, MAX_EXPORT_BYTES, Uploaded, signatures};
use qudao_domain::permissions::Action;
use qudao_engine::Refusal;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::errors::{FieldError, PageError, PageResult};
use super::super::forms::{CSRF_FIELD, Form, FormView};
use super::super::page::{Page, Visitor};
use super::super::preferences::tell_at;
use super::super::security::is_from_session;
use super::AROUND_BYTES;
use super::report::ReportView;
use super::shown::{AcceptedView, PluginRef, RefusalView, UploadPage, bytes};
use super::steps::{ApprovalView, field_errors};
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::uploads::{self, MAX_COMPONENT_BYTES};

/// What the page shows besides its form.
#[derive(Default)]
struct Shown {
    form: FormView,
    import: FormView,
    refusal: Option<RefusalView>,
    accepted: Option<AcceptedView>,
}

async fn page_of(state: &AppState, caller: &Context, shown: Shown) -> Result<UploadPage, PageError> {
    let Shown { form, import, refusal, accepted } = shown;
    Ok(UploadPage {
        form,
        import,
        needs_signature: state.app.plugin_policy(caller).await?.needs_signature,
        refusal,
        accepted,
        limit: bytes(i64::try_from(MAX_COMPONENT_BYTES).unwrap_or(i64::MAX)),
    })
}

async fn shown_as(
    state: &AppState,
    page: &Page,
    caller: &Context,
    status: StatusCode,
    shown: Shown,
) -> PageResult {
    let context = page_of(state, caller, shown).await?;
    state.views.page_with(status, page, "plugins/upload.html", &context)
}

pub async fn form(page: Page, caller: SignedIn, State(state): State<AppState>) -> PageResult {
    caller.whole_company(Action::PluginsUpload)?;
    shown_as(&state, &page, &caller, StatusCode::OK, Shown::default()).await
}

pub async fn upload(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    request: Request,
) -> PageResult {
    caller.whole_company(Action::PluginsUpload)?;
    let fields = [("component", MAX_COMPONENT_BYTES), ("signature", signatures::MOST_BYTES)];
    let mut files = read(request, &fields).await?;
    let signature = files.remove("signature").map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let wrong = |errors: &[FieldError]| {
        let form = Form::default().shown(errors, page.language);
        Shown { form, ..Shown::default() }
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(File { name, bytes }) = files.remove("component") else {
        let shown = wrong(&[FieldError::new("component", "required")]);
        return shown_as(&state, &page, &caller, status, shown).await;
    };
    match state.app.upload_signed_plugin(&caller, bytes, signature.as_deref()).await {
        Ok(uploaded) => {
            let accepted = Some(accepted(&state, &caller, &uploaded).await?);
            let shown = Shown { accepted, ..Shown::default() };
            shown_as(&state, &page, &caller, StatusCode::OK, shown).await
        }
        Err(AppError::Upload(refusal)) => {
            let shown = Shown { refusal: Some(refused(&refusal, name)), ..Shown::default() };
            shown_as(&state, &page, &caller, status, shown).await
        }
        Err(error) => {
            let shown = wrong(&field_errors(error)?);
            shown_as(&state, &page, &caller, status, shown).await
        }
    }
}

pub async fn import(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    request: Request,
) -> PageResult {
    caller.whole_company(Action::PluginsUpload)?;
    let mut files = read(request, &[("file", MAX_EXPORT_BYTES)]).await?;
    let wrong = |errors: &[FieldError]| {
        let import = Form::default().shown(errors, page.language);
        Shown { import, ..Shown::default() }
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(File { name, bytes }) = files.remove("file") else {
        let shown = wrong(&[FieldError::new("file", "required")]);
        return shown_as(&state, &page, &caller, status, shown).await;
    };
    let shown = match state.app.import_plugin(&caller, bytes).await {
        Ok(imported) => {
            return Ok(tell_at(&format!("/plugins/{}", imported.plugin.digest), "good", "plugin-imported"));
        }
        Err(AppError::Upload(refusal)) => {
            Shown { refusal: Some(refused(&refusal, name)), ..Shown::default() }
        }
        Err(error) => {
            let mut errors = field_errors(error)?;
            // The form has one field.
            errors.iter_mut().for_each(|error| "file".clone_into(&mut error.pointer));
            wrong(&errors)
        }
    };
    shown_as(&state, &page, &caller, status, shown).await
}

async fn accepted(
    state: &AppState,
    caller: &Context,
    uploaded: &Uploaded,
) -> Result<AcceptedView, PageError> {
    let kept = state.app.plugin(caller, &uploaded.digest).await?;
    Ok(AcceptedView {
        plugin: PluginRef::from(&kept.plugin),
        report: ReportView::of(&kept.plugin, &kept.report),
        already: uploaded.already,
        signed_by: uploaded.signed_by.clone(),
        waits: ApprovalView::of(caller, &kept).is_some(),
    })
}

fn refused(refusal: &Refusal, file: String) -> RefusalView {
    let names = match refusal {
        Refusal::ImportsFunction { names } => names.clone(),
        _ => Vec::new(),
    };
    RefusalView { code: refusal.code(), file, names, detail: refusal.to_string() }
}

/// A file that was posted, and what it was called.
struct File {
    name: String,
    bytes: Vec<u8>,
}

/// Reads a form of files, each with the most bytes that it may have; an empty one is none. The session's token stands
/// before the files, so that a forged upload is refused before any is read.
async fn read(
    request: Request,
    fields: &[(&'static str, usize)],
) -> Result<BTreeMap<&'static str, File>, PageError> {
    let (parts, body) = request.into_parts();
    let most = fields.iter().map(|(_, limit)| limit).sum::<usize>() + AROUND_BYTES;
    if uploads::announced(&parts.headers).is_some_and(|length| length > most) {
        uploads::refuse(&parts.headers, body);
        return Err(PageError::TooLarge);
    }
    let visitor = parts.extensions.get::<Arc<Visitor>>().cloned().unwrap_or_default();
    let headers = parts.headers.clone();
    let mut form = Multipart::from_request(Request::from_parts(parts, body), &())
        .await
        .map_err(|_| PageError::Unsupported)?;
    let mut token = None;
    let mut files = BTreeMap::new();
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default();
        if name == CSRF_FIELD {
            token = Some(field.text().await.map_err(unreadable)?);
            continue;
        }
        let known = fields.iter().find(|(known, _)| *known == name && !files.contains_key(known));
        let Some((name, limit)) = known.filter(|_| is_from_session(&visitor, &headers, token.as_deref()))
        else {
            return Err(PageError::Forged);
        };
        let file = read_file(field, *limit).await?;
        if !file.bytes.is_empty() {
            files.insert(*name, file);
        }
    }
    Ok(files)
}

fn unreadable(error: MultipartError) -> PageError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        PageError::TooLarge
    } else {
        PageError::Malformed(error.body_text())
    }
}

async fn read_file(mut field: Field<'_>, limit: usize) -> Result<File, PageError> {
    let name = field.file_name().unwrap_or_default().chars().take(100).collect();
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        if bytes.len() + chunk.len() > limit {
            return Err(PageError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(File { name, bytes })
}
