//! The homes of those who run orders, plugins and prices.

use qudao_app::{App, Context, DeskHome, PluginSummary, PricingHome};
use qudao_domain::bindings::ScopeKind;
use qudao_domain::contract::{Kind, Text};
use qudao_domain::ids::OrderId;
use qudao_domain::time::Instant;
use qudao_store::homes::Change;
use qudao_store::orders::Listed;
use serde::Serialize;

use super::{First, Todo, first, todo};
use crate::web::errors::PageError;
use crate::web::plugins::{
    FailingView, PluginRef, ProgramNames, ScopeView, failing_view, program_names, program_of,
};

/// The context of `home/ops.html`.
#[derive(Serialize)]
pub struct Desk {
    first: Option<Vec<First>>,
    failing: Vec<FailingView>,
    figures: DeskFigures,
    todo: Vec<Todo>,
    live: Vec<RuleView>,
    orders: Vec<OrderView>,
    currency: &'static str,
}

#[derive(Serialize)]
struct DeskFigures {
    orders_today: i64,
    orders_today_minor: i64,
    to_confirm: i64,
    oldest_days: Option<i64>,
    to_ship: i64,
    to_ship_lines: i64,
    calls_day: i64,
    failures_day: i64,
}

#[derive(Serialize)]
struct OrderView {
    id: OrderId,
    number: String,
    status: &'static str,
    lines: i64,
    total_minor: i64,
    placed_at: Instant,
    dealer: DealerView,
}

#[derive(Serialize)]
struct DealerView {
    code: String,
    name: String,
}

/// A rule that holds, for the macro `rules`.
#[derive(Clone, Serialize)]
struct RuleView {
    kind: Kind,
    scope: ScopeView,
    program: Option<Text>,
    plugin: PluginRef,
    revision: i64,
    since: Instant,
    state: &'static str,
}

pub async fn desk(app: &App, ctx: &Context) -> Result<Desk, PageError> {
    let DeskHome { desk, oldest_days, newest, plugins, idle, scheduled } = app.desk_home(ctx).await?;
    let names = program_names(app, ctx).await?;
    let begun = app.begun(ctx).await?;
    let mut failing = Vec::new();
    for summary in plugins.iter().filter(|summary| summary.usage.failures_week > 0) {
        failing.extend(failing_view(app, ctx, summary).await?);
    }
    let live = rules(&plugins, &names);
    let priced = prices(&live).is_some();
    let steps = [
        ("products", "/products", begun.products),
        ("dealers", "/dealers", begun.dealers),
        ("upload", "/plugins/upload", begun.plugins),
        ("activate", "/plugins", priced),
    ];
    let failures = i64::try_from(failing.len()).unwrap_or(i64::MAX);
    Ok(Desk {
        first: first(&steps, begun.products && begun.dealers && priced),
        todo: todo([
            ("failing-plugins", failures, "/plugins", "bad"),
            ("confirm-orders", desk.placed, "/orders?status=placed", "warn"),
            ("ship-orders", desk.confirmed, "/orders?status=confirmed", "info"),
            ("finish-orders", desk.partly_shipped, "/orders?status=partly-shipped", "info"),
            ("activate-plugins", idle, "/plugins", "info"),
            ("scheduled", scheduled, "/plugins", "info"),
        ]),
        figures: DeskFigures {
            orders_today: desk.today,
            orders_today_minor: desk.today_minor,
            to_confirm: desk.placed,
            oldest_days,
            to_ship: desk.confirmed,
            to_ship_lines: desk.confirmed_lines,
            calls_day: plugins.iter().map(|summary| summary.usage.answers_day).sum(),
            failures_day: plugins.iter().map(|summary| summary.usage.failures_day).sum(),
        },
        failing,
        live,
        orders: newest.into_iter().map(order_view).collect(),
        currency: ctx.currency.code(),
    })
}

fn order_view(listed: Listed) -> OrderView {
    let order = listed.order;
    OrderView {
        id: order.id,
        number: order.number,
        status: order.status.as_str(),
        lines: order.lines,
        total_minor: order.total_minor,
        placed_at: order.placed_at,
        dealer: DealerView { code: listed.dealer_code, name: listed.dealer_name },
    }
}

fn rules(plugins: &[PluginSummary], names: &ProgramNames) -> Vec<RuleView> {
    let of_plugin = |summary: &PluginSummary| {
        let state = if summary.usage.failures_week > 0 { "failing" } else { "live" };
        let rule = |binding: &qudao_store::bindings::Binding| RuleView {
            kind: binding.slot.kind,
            scope: ScopeView::from(&binding.slot),
            program: program_of(binding, names),
            plugin: PluginRef::from(&summary.plugin),
            revision: binding.revision,
            since: binding.effective_from,
            state,
        };
        summary.live.iter().map(rule).collect::<Vec<_>>()
    };
    plugins.iter().flat_map(of_plugin).collect()
}

/// The rule that prices orders: that of the whole company before one for a part of it.
fn prices(live: &[RuleView]) -> Option<&RuleView> {
    let mut pricing = live.iter().filter(|rule| rule.kind == Kind::Pricing);
    let whole = pricing.clone().find(|rule| rule.scope.kind == ScopeKind::Company.as_str());
    whole.or_else(|| pricing.next())
}

/// The context of `home/pricing.html`.
#[derive(Serialize)]
pub struct Pricing {
    first: Option<Vec<First>>,
    rule: Option<RuleView>,
    figures: PricingFigures,
    todo: Vec<Todo>,
    live: Vec<RuleView>,
    changes: Vec<ChangeView>,
    currency: &'static str,
}

#[derive(Serialize)]
struct PricingFigures {
    turnover_minor: i64,
    orders: i64,
    discount_share: Option<String>,
    discount_before: Option<String>,
    unpriced: i64,
}

#[derive(Serialize)]
struct ChangeView {
    plugin: PluginRef,
    revision: i64,
    by: String,
    at: Instant,
    note: String,
    state: &'static str,
}

pub async fn pricing(app: &App, ctx: &Context) -> Result<Pricing, PageError> {
    let PricingHome { month, month_before, unpriced, changes, plugins, scheduled } =
        app.pricing_home(ctx).await?;
    let names = program_names(app, ctx).await?;
    let begun = app.begun(ctx).await?;
    let live = rules(&plugins, &names);
    let rule = prices(&live).cloned();
    let settings =
        rule.as_ref().map(|rule| format!("/plugins/{}/settings", rule.plugin.digest)).unwrap_or_default();
    let steps = [
        ("products", "/products", begun.products),
        ("activate", "/plugins", rule.is_some()),
        ("settings", settings.as_str(), begun.settings),
    ];
    Ok(Pricing {
        first: first(&steps, begun.products && rule.is_some()),
        figures: PricingFigures {
            turnover_minor: month.total_minor,
            orders: month.orders,
            discount_share: month.discount.map(|share| share.to_string()),
            discount_before: month_before.discount.map(|share| share.to_string()),
            unpriced,
        },
        todo: todo([
            ("unpriced-products", unpriced, "/products", "warn"),
            ("scheduled", scheduled, "/plugins", "info"),
        ]),
        changes: changes.iter().filter_map(|change| change_view(change, &plugins, &live)).collect(),
        rule,
        live,
        currency: ctx.currency.code(),
    })
}

fn change_view(change: &Change, plugins: &[PluginSummary], live: &[RuleView]) -> Option<ChangeView> {
    let summary = plugins.iter().find(|summary| summary.plugin.digest == change.plugin_digest)?;
    let holds =
        |rule: &RuleView| rule.plugin.digest == change.plugin_digest && rule.revision == change.number;
    Some(ChangeView {
        plugin: PluginRef::from(&summary.plugin),
        revision: change.number,
        by: change.saved_by.clone(),
        at: change.saved_at,
        note: change.note.clone(),
        state: if live.iter().any(holds) { "live" } else { "" },
    })
}
