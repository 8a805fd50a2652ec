//! Runs that decided nothing, for programs.

use axum::extract::{Path, State};
use chrono::{DateTime, NaiveDate, Utc};
use qudao_app::{App, DecisionFilter, Rerun};
use qudao_domain::ids::RuleRunId;
use qudao_domain::lifecycle::RunPolicy;
use qudao_store::runs::Recorded;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::json::{Api, ApiQuery};
use super::plugins::word_of;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::PageError;

/// Runs, and how long they are kept.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(rerun))
        .routes(routes!(policy, save_policy))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RunsQuery {
    /// `pricing`, `incentive` or `kpi`.
    kind: Option<String>,
    /// Digest of the plugin.
    plugin: Option<String>,
    /// Code of the dealer.
    dealer: Option<String>,
    /// `answered`, `refused` or the failure's name.
    outcome: Option<String>,
    /// Only those that failed.
    #[serde(default)]
    failed: bool,
    /// The day in the company's zone.
    day: Option<NaiveDate>,
    /// Where the page begins: `next` of the page before.
    before: Option<Uuid>,
    /// Entries of a page, 1 to 200; 50 when left out.
    limit: Option<i64>,
}

/// A run that decided nothing.
#[derive(Debug, Serialize, ToSchema)]
struct RunBody {
    /// Its id.
    id: Uuid,
    /// `pricing`, `incentive` or `kpi`.
    kind: String,
    /// What it is about.
    subject: String,
    /// Code of the dealer; empty where it was for several.
    dealer: String,
    /// Digest of the plugin.
    plugin: String,
    /// The plugin's name.
    name: String,
    /// The plugin's version.
    version: String,
    /// Number of the settings.
    revision: i64,
    /// When.
    at: DateTime<Utc>,
    /// `answered` or `refused`; of a failure `trap`, `out-of-fuel`, `deadline`, `memory` or `bad-answer`.
    outcome: String,
    /// Of a failure what and where.
    detail: String,
    /// The plugin's own call stack.
    backtrace: Option<String>,
    /// SHA-256 of the input.
    input_hash: String,
    /// Fuel burnt.
    fuel: i64,
    /// Microseconds it took.
    elapsed_us: i64,
    /// The input; in a list, and where it was too large to be kept, none.
    input: Option<Json>,
    /// The output; in a list, and of a failure, none.
    output: Option<Json>,
}

impl From<&Recorded> for RunBody {
    fn from(recorded: &Recorded) -> Self {
        let run = &recorded.run;
        let json = |bytes: &[u8]| serde_json::from_slice(bytes).ok();
        Self {
            id: recorded.id.0,
            kind: run.kind.to_string(),
            subject: run.subject.clone(),
            dealer: run.dealer.clone(),
            plugin: run.plugin_digest.clone(),
            name: recorded.plugin_name.clone(),
            version: recorded.plugin_version.clone(),
            revision: recorded.revision,
            at: run.at.utc(),
            outcome: run.outcome.clone(),
            detail: run.detail.clone(),
            backtrace: run.backtrace.clone(),
            input_hash: run.input_hash.clone(),
            fuel: run.fuel,
            elapsed_us: run.elapsed_us,
            input: json(&run.input),
            output: run.output.as_deref().and_then(json),
        }
    }
}

/// A page of runs, the latest first.
#[derive(Debug, Serialize, ToSchema)]
struct RunsBody {
    /// The runs.
    runs: Vec<RunBody>,
    /// `before` of the next page; none on the last.
    next: Option<Uuid>,
}

/// How a run came out again.
#[derive(Debug, Serialize, ToSchema)]
struct RerunBody {
    /// Whether it ended as before.
    identical: bool,
    /// `answered`, `refused` or the failure's name.
    outcome: String,
    /// Of a failure what and where.
    detail: String,
    /// JSON pointer to where the outputs begin to differ.
    differs_at: Option<String>,
    /// Fuel then.
    fuel_then: i64,
    /// Fuel now.
    fuel_now: i64,
}

impl From<Rerun> for RerunBody {
    fn from(rerun: Rerun) -> Self {
        Self {
            identical: rerun.identical,
            outcome: rerun.outcome,
            detail: rerun.detail,
            differs_at: rerun.first_difference.map(|found| found.pointer),
            fuel_then: rerun.fuel_then,
            fuel_now: rerun.fuel_now,
        }
    }
}

/// What is kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RunPolicyBody {
    /// Days after which runs are forgotten, 1 to 3650.
    keep_days: i64,
    /// Of a thousand prices that were asked and not ordered, so many are kept, 0 to 1000.
    sample_per_mille: i64,
}

/// Lists runs that decided nothing: every failure, and a sample of the rest.
#[utoipa::path(get, path = "/api/v1/runs", tag = "runs", params(RunsQuery), responses(
    (status = 200, description = "The runs", body = RunsBody),
))]
async fn list(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<RunsQuery>,
) -> Result<Api<RunsBody>, PageError> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let filter = DecisionFilter {
        kind: given(&query.kind).map(|kind| word_of("/kind", &kind)).transpose()?,
        plugin: given(&query.plugin),
        dealer: given(&query.dealer),
        outcome: given(&query.outcome),
        failed: query.failed,
        day: query.day,
        ..DecisionFilter::default()
    };
    let found = app.runs(&caller, &filter, query.before.map(RuleRunId), query.limit.unwrap_or(50)).await?;
    let runs = found.items.iter().map(RunBody::from).collect();
    Ok(Api(RunsBody { runs, next: found.next.map(|id| id.0) }))
}

/// Shows a run with its input and output.
#[utoipa::path(get, path = "/api/v1/runs/{id}", tag = "runs", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The run", body = RunBody),
    (status = 404, description = "No such run"),
))]
async fn show(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<RuleRunId>,
) -> Result<Api<RunBody>, PageError> {
    Ok(Api(RunBody::from(&app.run(&caller, id).await?.recorded)))
}

/// Runs it again with the same component, settings and input, and compares. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/runs/{id}/rerun", tag = "runs", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "How it came out", body = RerunBody),
    (status = 404, description = "No such run"),
    (status = 409, description = "Its input was not kept"),
))]
async fn rerun(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<RuleRunId>,
) -> Result<Api<RerunBody>, PageError> {
    Ok(Api(RerunBody::from(app.rerun(&caller, id).await?)))
}

/// Shows which runs are kept, and for how long.
#[utoipa::path(get, path = "/api/v1/run-policy", tag = "runs", responses(
    (status = 200, description = "What is kept", body = RunPolicyBody),
))]
async fn policy(caller: SignedIn, State(app): State<App>) -> Result<Api<RunPolicyBody>, PageError> {
    let RunPolicy { keep_days, sample_per_mille } = app.run_policy(&caller).await?;
    Ok(Api(RunPolicyBody { keep_days, sample_per_mille }))
}

/// Changes which runs are kept, and for how long.
#[utoipa::path(put, path = "/api/v1/run-policy", tag = "runs", request_body = RunPolicyBody, responses(
    (status = 200, description = "What is kept", body = RunPolicyBody),
    (status = 422, description = "A figure is out of its range"),
))]
async fn save_policy(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<RunPolicyBody>,
) -> Result<Api<RunPolicyBody>, PageError> {
    let RunPolicyBody { keep_days, sample_per_mille } = body;
    app.save_run_policy(&caller, RunPolicy { keep_days, sample_per_mille }).await?;
    Ok(Api(body))
}
