//! The page one arrives at: what waits, what holds, how it goes, by role.

mod company;
mod dealer;
mod money;

use axum::extract::State;
use qudao_app::App;
use qudao_domain::permissions::Role;
use serde::Serialize;

use super::errors::PageResult;
use super::page::Page;
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;

/// The home page.
pub fn routes() -> Routes {
    Routes::default().get("/", home)
}

async fn home(page: Page, ctx: SignedIn, State(app): State<App>, State(views): State<Views>) -> PageResult {
    match ctx.role {
        Role::DealerBuyer | Role::DealerManager => {
            views.page(&page, "home/dealer.html", &dealer::context(&app, &ctx).await?)
        }
        Role::Ops | Role::Admin => views.page(&page, "home/ops.html", &company::desk(&app, &ctx).await?),
        Role::Pricing => views.page(&page, "home/pricing.html", &company::pricing(&app, &ctx).await?),
        Role::Finance => views.page(&page, "home/finance.html", &money::finance(&app, &ctx).await?),
        Role::Sales => views.page(&page, "home/sales.html", &money::sales(&app, &ctx).await?),
    }
}

/// What needs doing; the words are the message `home-todo-<id>`.
#[derive(Serialize)]
struct Todo {
    id: &'static str,
    count: i64,
    href: &'static str,
    tone: &'static str,
}

/// Those of which there is any.
fn todo(items: impl IntoIterator<Item = (&'static str, i64, &'static str, &'static str)>) -> Vec<Todo> {
    let any = items.into_iter().filter(|(_, count, ..)| *count > 0);
    any.map(|(id, count, href, tone)| Todo { id, count, href, tone }).collect()
}

/// What to do first in an empty company; the words are the message `home-first-<id>`.
#[derive(Serialize)]
struct First {
    id: &'static str,
    href: String,
    done: bool,
}

/// The steps, as long as one that the others stand on is still to be done.
fn first(steps: &[(&'static str, &str, bool)], settled_in: bool) -> Option<Vec<First>> {
    let step =
        |(id, href, done): &(&'static str, &str, bool)| First { id, href: (*href).to_owned(), done: *done };
    (!settled_in).then(|| steps.iter().map(step).collect())
}
