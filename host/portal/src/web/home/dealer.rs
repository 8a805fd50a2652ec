//! A dealer's home.

use qudao_app::{Again, App, AppError, Context, DealerHome, Estimate, News};
use qudao_domain::contract::{Message, Note, Text};
use qudao_domain::ids::OrderId;
use qudao_domain::orders::OrderStatus;
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_store::orders::Listed;
use serde::Serialize;

use crate::web::priced::StockView;

/// The context of `home/dealer.html`.
#[derive(Serialize)]
pub struct Home {
    currency: &'static str,
    open: OpenView,
    earned_minor: i64,
    programs: Vec<ProgramView>,
    credit: Option<CreditView>,
    news: Vec<NewsView>,
    reorder: Vec<AgainView>,
    can_order: bool,
}

#[derive(Serialize)]
struct OpenView {
    count: i64,
    total_minor: i64,
    orders: Vec<OrderView>,
}

#[derive(Serialize)]
struct OrderView {
    id: OrderId,
    number: String,
    status: &'static str,
    placed_at: Instant,
    total_minor: i64,
}

#[derive(Serialize)]
struct ProgramView {
    name: Text,
    period: String,
    earned_minor: i64,
    payouts: Vec<PayoutView>,
    unpaid: Vec<Note>,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct PayoutView {
    reason: Note,
    amount_minor: i64,
    steps: Vec<Note>,
}

#[derive(Serialize)]
struct CreditView {
    left_minor: i64,
    limit_minor: i64,
}

/// The words are the message `home-news-<what>`.
#[derive(Serialize)]
struct NewsView {
    at: Instant,
    tone: &'static str,
    what: &'static str,
    subject: String,
    program: Option<Text>,
    href: String,
}

#[derive(Serialize)]
struct AgainView {
    sku: String,
    name: String,
    stock: StockView,
    unit_price: Option<String>,
    last_quantity: i64,
    last_at: Instant,
}

pub async fn context(app: &App, ctx: &Context) -> Result<Home, AppError> {
    let DealerHome { open_count, open_minor, open, estimates, credit, news, again } =
        app.dealer_home(ctx).await?;
    Ok(Home {
        currency: ctx.currency.code(),
        open: OpenView {
            count: open_count,
            total_minor: open_minor,
            orders: open.into_iter().map(order_view).collect(),
        },
        earned_minor: estimates.iter().map(|estimate| estimate.total_minor).sum(),
        programs: estimates.into_iter().map(program_view).collect(),
        credit: credit
            .map(|credit| CreditView { left_minor: credit.left_minor, limit_minor: credit.limit_minor }),
        news: news.into_iter().map(news_view).collect(),
        reorder: again.into_iter().map(again_view).collect(),
        can_order: ctx.reach(Action::OrdersPlace).is_ok(),
    })
}

fn order_view(listed: Listed) -> OrderView {
    let order = listed.order;
    OrderView {
        id: order.id,
        number: order.number,
        status: order.status.as_str(),
        placed_at: order.placed_at,
        total_minor: order.total_minor,
    }
}

fn program_view(estimate: Estimate) -> ProgramView {
    let payout = |(reason, amount_minor, steps)| PayoutView { reason, amount_minor, steps };
    ProgramView {
        name: Text { zh_cn: estimate.program.name_zh, en: estimate.program.name_en },
        period: estimate.period,
        earned_minor: estimate.total_minor,
        payouts: estimate.payouts.into_iter().map(payout).collect(),
        unpaid: estimate.unpaid,
        messages: estimate.messages,
    }
}

fn news_view(news: News) -> NewsView {
    let at = news.at();
    match news {
        News::Order(moved) => NewsView {
            at,
            tone: match moved.status {
                OrderStatus::Confirmed | OrderStatus::Shipped => "good",
                OrderStatus::Placed | OrderStatus::PartlyShipped => "info",
                OrderStatus::Cancelled => "warn",
            },
            what: moved.status.as_str(),
            subject: moved.number,
            program: None,
            href: format!("/orders/{}", moved.order_id),
        },
        News::Statement(statement) => NewsView {
            at,
            tone: "info",
            what: "statement",
            subject: statement.period,
            program: Some(Text { zh_cn: statement.program_zh, en: statement.program_en }),
            href: format!("/statements/{}", statement.id),
        },
    }
}

fn again_view(again: Again) -> AgainView {
    AgainView {
        sku: again.bought.sku,
        name: again.bought.name,
        stock: StockView::of(again.available, 1),
        unit_price: again.unit_price.map(|price| price.to_string()),
        last_quantity: again.bought.last_quantity,
        last_at: again.bought.last_at,
    }
}
