//! `qudao serve` and `qudao migrate`.

use anyhow::Context as _;
use std::net::SocketAddr;

use super::Env;
use crate::state::AppState;
use crate::traces::Traces;
use crate::web::Views;
use crate::{figures, server};
use qudao_app::App;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

/// How to serve.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "QUDAO_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Send the session's cookie over TLS only; set this behind a proxy that ends TLS.
    #[arg(long, env = "QUDAO_SECURE_COOKIES")]
    secure_cookies: bool,
    /// Address of the figures for Prometheus, `GET /metrics`; not served when left out. They name every company, so
    /// let only the operator reach it.
    #[arg(long, env = "QUDAO_METRICS_LISTEN", value_name = "ADDRESS")]
    metrics_listen: Option<SocketAddr>,
    /// Log as text or json.
    #[arg(long, env = "QUDAO_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// Collector to send the spans of requests and evaluations to by OTLP over HTTP, such as http://localhost:4318;
    /// none are sent when left out. The other variables of OpenTelemetry for exporters and sampling count too.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// How to migrate.
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    /// On Postgres: the role that the server connects as, which is allowed to use the tables but does not own them.
    #[arg(long, value_name = "ROLE")]
    app_role: Option<String>,
}

/// Serves until Ctrl-C or SIGTERM.
pub async fn serve(env: &Env, args: ServeArgs) -> anyhow::Result<()> {
    // An empty variable says nothing, as OpenTelemetry has it.
    let collector = args.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty());
    let traces = collector.map(Traces::to).transpose()?;
    log_to_stderr(args.log_format, traces.as_ref());
    let app = env.data.open().await?;
    let figures = match args.metrics_listen {
        Some(address) => Some(serve_figures(address, &app).await?),
        None => None,
    };
    let views = Views::new(false).context("a template does not compile")?;
    let listener = tokio::net::TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}; is another server there?", args.listen))?;
    let address = listener.local_addr()?;
    if env.json {
        let figures = figures.map(|figures| format!("http://{figures}/metrics"));
        println!("{}", serde_json::json!({ "address": format!("http://{address}"), "metrics": figures }));
    } else {
        println!("Qudao listens on http://{address}");
    }
    let db = app.db().clone();
    let state = AppState { app, views, secure_cookies: args.secure_cookies };
    server::serve(listener, state, stopped()).await?;
    db.close().await;
    if let Some(traces) = traces {
        tokio::task::spawn_blocking(|| traces.end()).await?;
    }
    Ok(())
}

/// Serves the figures beside everything else, and says where.
async fn serve_figures(address: SocketAddr, app: &App) -> anyhow::Result<SocketAddr> {
    let handle = figures::install().context("the figures cannot be counted")?;
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} for the figures"))?;
    let address = listener.local_addr()?;
    let router = figures::router(handle, app.rules().engine().clone());
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the figures are no longer served");
        }
    });
    Ok(address)
}

/// Brings the tables up to date.
pub async fn migrate(env: &Env, args: MigrateArgs) -> anyhow::Result<()> {
    std::fs::create_dir_all(&env.data.data_dir)?;
    let db = qudao_store::Db::open(&env.data.database()).await.context("the database cannot be opened")?;
    db.migrate(args.app_role.as_deref()).await.context("the database cannot be brought up to date")?;
    println!("The {} tables are up to date.", db.name());
    Ok(())
}

fn log_to_stderr(format: LogFormat, traces: Option<&Traces>) {
    let filter = EnvFilter::try_from_env("QUDAO_LOG");
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,tower_http=info"));
    // A span is one line, when it ends.
    let log = fmt::layer().with_writer(std::io::stderr).with_span_events(fmt::format::FmtSpan::CLOSE);
    let log = match format {
        LogFormat::Text => log.with_filter(filter).boxed(),
        LogFormat::Json => log.json().with_filter(filter).boxed(),
    };
    tracing_subscriber::registry().with(log).with(traces.map(Traces::layer)).init();
}

/// Resolves at Ctrl-C or SIGTERM.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            interrupt.await.unwrap_or_default();
        }
    }
}
