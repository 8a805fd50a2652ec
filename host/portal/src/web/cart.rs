//! The quick order: rows as typed, live totals, and what would be ordered.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use qudao_app::{App, AppError, Cart, CartLine, Typed};
use qudao_domain::contract::{Message, Note};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::app_errors::to_page_error;
use super::errors::{FieldError, PageError, PageResult};
use super::forms::{Form, plain_number};
use super::page::Page;
use super::preferences::tell_at;
use super::priced::{PriceView, RuleView, StockView};
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;
use crate::state::AppState;

/// The cart.
pub fn routes() -> Routes {
    Routes::default()
        .get("/cart", show)
        .post("/cart", save)
        .post("/cart/quote", requote)
        .get("/cart/price", explain)
        .post("/cart/paste", paste)
        .post("/cart/lines", add)
        .post("/cart/clear", clear)
}

#[derive(Serialize)]
struct CartPage {
    lines: Vec<LineView>,
    idempotency_key: String,
    paste: String,
    #[serde(flatten)]
    aside: Aside,
}

/// What stands at the side.
#[derive(Serialize)]
struct Aside {
    currency: &'static str,
    totals: TotalsView,
    approvals: Vec<Note>,
    refusals: Vec<RefusalView>,
    failure: Option<String>,
    credit: Option<CreditView>,
    earns: Option<EarnsView>,
    messages: Vec<Message>,
    rule: Option<RuleView>,
    can_place: bool,
}

#[derive(Default, Serialize)]
struct TotalsView {
    lines: usize,
    pieces: i64,
    wrong: usize,
    subtotal_minor: i64,
    adjustments: Vec<AdjustmentView>,
    total_minor: i64,
}

/// A change to the total after the lines.
#[derive(Serialize)]
pub struct AdjustmentView {
    /// Negative for a discount.
    pub amount_minor: i64,
    /// Which rule, and by what.
    pub reason: Note,
}

#[derive(Serialize)]
struct RefusalView {
    line: Option<usize>,
    reason: Note,
}

#[derive(Serialize)]
struct CreditView {
    left_minor: i64,
    after_minor: i64,
}

#[derive(Serialize)]
struct EarnsView {
    amount_minor: i64,
}

#[derive(Clone, Serialize)]
struct LineView {
    number: usize,
    sku: String,
    name: String,
    quantity: String,
    stock: Option<StockView>,
    price: Option<PriceView>,
    line_minor: Option<i64>,
    error: Option<String>,
    nearest: Option<NearestView>,
    quantity_error: Option<String>,
}

#[derive(Clone, Serialize)]
struct NearestView {
    sku: String,
    name: String,
}

#[derive(Serialize)]
struct Requoted {
    changed: Vec<LineView>,
    #[serde(flatten)]
    aside: Aside,
}

#[derive(Serialize)]
struct Explained {
    line: LineView,
    currency: &'static str,
    messages: Vec<Message>,
    rule: Option<RuleView>,
}

async fn show(page: Page, ctx: SignedIn, State(app): State<App>, State(views): State<Views>) -> PageResult {
    let typed = app.typed_cart(&ctx).await?;
    let cart = app.check_cart(&ctx, &typed).await?;
    views.page(&page, "cart/show.html", &cart_page(&page, &ctx, &cart, String::new()))
}

/// The grid as it stands in a form. `fix` puts the nearest code in, `remove` takes a row out.
pub(super) fn typed_of(form: &Form) -> Vec<Typed> {
    let skus = form.all("sku");
    let quantities: Vec<&str> = form.all("quantity").collect();
    let fix =
        form.get("fix").split_once(':').and_then(|(line, sku)| Some((line.parse::<usize>().ok()?, sku)));
    let remove: Option<usize> = form.find("remove").and_then(|line| line.parse().ok());
    let rows = skus.enumerate().filter(|(at, _)| remove != Some(at + 1));
    rows.map(|(at, sku)| {
        let sku = fix.filter(|(line, _)| *line == at + 1).map_or(sku, |(_, sku)| sku);
        let quantity = quantities.get(at).copied().unwrap_or_default();
        // A row with a code and no quantity means one piece.
        let quantity = if quantity.is_empty() { "1".to_owned() } else { plain_number(quantity) };
        Typed { sku: sku.to_owned(), quantity }
    })
    .filter(|row| !row.sku.is_empty())
    .collect()
}

async fn save(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    form: Form,
) -> PageResult {
    let typed = typed_of(&form);
    app.save_cart(&ctx, &typed).await?;
    if !page.partial {
        return Ok(Redirect::to("/cart").into_response());
    }
    let cart = app.check_cart(&ctx, &typed).await?;
    views.page(&page, "cart/show.html", &cart_page(&page, &ctx, &cart, String::new()))
}

async fn requote(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    form: Form,
) -> PageResult {
    let typed = typed_of(&form);
    app.save_cart(&ctx, &typed).await?;
    let cart = app.check_cart(&ctx, &typed).await?;
    let changed = line_views(&page, &cart);
    let answer = Requoted { changed, aside: aside(&page, &ctx, &cart) };
    views.page(&page, "cart/_totals.html", &answer)
}

#[derive(Deserialize)]
struct Which {
    line: usize,
}

async fn explain(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Query(which): Query<Which>,
) -> PageResult {
    let typed = app.typed_cart(&ctx).await?;
    let cart = app.price_cart(&ctx, &typed).await?;
    let line = line_views(&page, &cart).into_iter().nth(which.line.wrapping_sub(1));
    let line = line.filter(|line| line.price.is_some()).ok_or(PageError::NotFound)?;
    let Aside { currency, messages, rule, .. } = aside(&page, &ctx, &cart);
    views.page(&page, "cart/_price.html", &Explained { line, currency, messages, rule })
}

async fn paste(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    form: Form,
) -> PageResult {
    let rows = form.get("rows");
    let mut pasted = read_rows(rows);
    // The home page's quick reorder sends its rows as fields.
    let quantities: Vec<&str> = form.all("quantity").collect();
    let asked = form.all("sku").zip(quantities).filter(|(_, quantity)| !quantity.is_empty());
    pasted
        .extend(asked.map(|(sku, quantity)| Typed { sku: sku.to_owned(), quantity: plain_number(quantity) }));
    let mut typed = app.typed_cart(&ctx).await?;
    typed.extend(pasted);
    let typed = merged(typed);
    match app.save_cart(&ctx, &typed).await {
        Ok(()) => Ok(Redirect::to("/cart").into_response()),
        Err(error @ AppError::Invalid(_)) if !page.partial => {
            // Too many rows: what was pasted stays in its box.
            let cart = app.check_cart(&ctx, &app.typed_cart(&ctx).await?).await?;
            let mut context = cart_page(&page, &ctx, &cart, rows.to_owned());
            context.aside.failure = Some(said(&page, error));
            views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "cart/show.html", &context)
        }
        Err(error) => Err(error.into()),
    }
}

/// Rows out of a spreadsheet or a mail: code, then quantity, parted by a tab, comma, semicolon, `x` or blanks. A head
/// row, whose second word is no number, is left out.
fn read_rows(rows: &str) -> Vec<Typed> {
    let parts = |c: char| matches!(c, '\t' | ';' | '；' | '×') || c == ',' || c == '，';
    let mut read = Vec::new();
    for (at, row) in rows.lines().map(str::trim).filter(|row| !row.is_empty()).enumerate() {
        let split = row.split_once(parts).or_else(|| row.rsplit_once(char::is_whitespace));
        let (sku, quantity) = split.unwrap_or((row, "1"));
        let quantity = plain_number(quantity.split(parts).next().unwrap_or_default());
        if at == 0 && split.is_some() && quantity.parse::<i64>().is_err() && rows.lines().count() > 1 {
            continue;
        }
        read.push(Typed { sku: sku.trim().trim_matches('"').to_owned(), quantity });
    }
    read
}

/// Rows of the same code become one, where both quantities are numbers.
pub(super) fn merged(typed: Vec<Typed>) -> Vec<Typed> {
    let mut rows: Vec<Typed> = Vec::with_capacity(typed.len());
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for row in typed {
        let known = places.get(&row.sku).and_then(|at| rows.get_mut(*at));
        let sum = known.and_then(|known| {
            let sum = known.quantity.parse::<i64>().ok()?.checked_add(row.quantity.parse().ok()?)?;
            known.quantity = sum.to_string();
            Some(sum)
        });
        if sum.is_none() {
            places.entry(row.sku.clone()).or_insert(rows.len());
            rows.push(row);
        }
    }
    rows
}

#[derive(Serialize)]
struct Added {
    sku: String,
    name: String,
    quantity: String,
    in_cart: i64,
    error: Option<String>,
}

async fn add(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    form: Form,
) -> PageResult {
    let sku = form.get("sku").to_owned();
    let quantity = plain_number(form.get("quantity"));
    let added = app.add_to_cart(&ctx, &sku, &quantity).await;
    if !page.partial {
        added?;
        return Ok(tell_at("/cart", "good", "added-to-cart"));
    }
    let name = app.product(&ctx, &sku).await?.product.name;
    let (in_cart, error) = match added {
        Ok(in_cart) => (in_cart, None),
        Err(error @ AppError::Invalid(_)) => (0, Some(said(&page, error))),
        Err(error) => return Err(error.into()),
    };
    views.page(&page, "cart/_added.html", &Added { sku, name, quantity, in_cart, error })
}

async fn clear(ctx: SignedIn, State(app): State<App>, _form: Form) -> PageResult {
    app.save_cart(&ctx, &[]).await?;
    Ok(tell_at("/cart", "good", "cart-cleared"))
}

/// The cart again with what stood in the way of the order, for `orders::place`.
pub(super) async fn refused_page(
    page: &Page,
    ctx: &SignedIn,
    state: &AppState,
    cart: Cart,
    failure: String,
) -> PageResult {
    let cart = state.app.with_earnings(ctx, cart).await?;
    let mut context = cart_page(page, ctx, &cart, String::new());
    context.aside.failure = Some(failure);
    state.views.page_with(StatusCode::UNPROCESSABLE_ENTITY, page, "cart/show.html", &context)
}

/// An error's own sentences, in the page's language.
pub(super) fn said(page: &Page, error: AppError) -> String {
    let problem = to_page_error(error).problem(page.language);
    if problem.errors.is_empty() {
        return problem.detail;
    }
    let sentences: Vec<&str> = problem.errors.iter().map(|error| error.message.as_str()).collect();
    sentences.join(" ")
}

fn cart_page(page: &Page, ctx: &SignedIn, cart: &Cart, paste: String) -> CartPage {
    let key = page.visitor.now.map(|now| now.uuid().to_string()).unwrap_or_default();
    CartPage { lines: line_views(page, cart), idempotency_key: key, paste, aside: aside(page, ctx, cart) }
}

fn aside(page: &Page, ctx: &SignedIn, cart: &Cart) -> Aside {
    let quoted = cart.quoted.as_ref();
    let (refused, mut messages) = cart.refused.clone().unwrap_or_default();
    let good: Vec<usize> =
        (1..).zip(&cart.lines).filter(|(_, l)| l.priced_at.is_some()).map(|(n, _)| n).collect();
    let refusals = refused.into_iter().map(|violation| RefusalView {
        line: violation.line.and_then(|line| good.get(line.saturating_sub(1) as usize)).copied(),
        reason: violation.reason,
    });
    if let Some(quoted) = quoted {
        messages.clone_from(&quoted.messages);
    }
    let totals = totals_view(cart);
    let credit = cart.credit.map(|credit| CreditView {
        left_minor: credit.left_minor,
        after_minor: credit.left_minor - totals.total_minor,
    });
    Aside {
        currency: ctx.currency.code(),
        approvals: quoted.map(|quoted| quoted.quote.approvals.clone()).unwrap_or_default(),
        refusals: refusals.collect(),
        failure: cart.failed.as_ref().map(|error| failure_words(page, error)),
        can_place: quoted.is_some()
            && totals.wrong == 0
            && credit.as_ref().is_none_or(|credit| credit.after_minor >= 0),
        credit,
        earns: cart.earns_minor.map(|amount_minor| EarnsView { amount_minor }),
        messages,
        rule: quoted.map(|quoted| RuleView::of(&quoted.rule, None, false)),
        totals,
    }
}

fn failure_words(page: &Page, error: &AppError) -> String {
    let id = match error {
        AppError::NoRule(_) => "cart-no-rule",
        AppError::Rule { .. } => "cart-rule-failed",
        _ => "cart-not-priced",
    };
    page.t(id)
}

fn totals_view(cart: &Cart) -> TotalsView {
    let wrong = cart.wrong();
    let quantities = cart.lines.iter().filter(|line| line.priced_at.is_some());
    let pieces = quantities.filter_map(|line| line.typed.quantity.parse::<i64>().ok()).sum();
    let empty = TotalsView { lines: cart.lines.len(), pieces, wrong, ..TotalsView::default() };
    let Some(quoted) = &cart.quoted else { return empty };
    let adjustments = quoted.quote.adjustments.iter();
    TotalsView {
        subtotal_minor: quoted.totals.subtotal_minor,
        adjustments: adjustments
            .map(|one| AdjustmentView { amount_minor: one.amount.minor, reason: one.reason.clone() })
            .collect(),
        total_minor: quoted.totals.total_minor,
        ..empty
    }
}

fn line_views(page: &Page, cart: &Cart) -> Vec<LineView> {
    (1..).zip(&cart.lines).map(|(number, line)| line_view(page, cart, number, line)).collect()
}

fn line_view(page: &Page, cart: &Cart, number: usize, line: &CartLine) -> LineView {
    let quoted = cart.quoted.as_ref().zip(line.priced_at);
    let priced = quoted.and_then(|(quoted, at)| Some((quoted.lines.get(at)?, quoted.quote.lines.get(at)?)));
    let offer = line.offer.as_ref();
    let wanted = line.typed.quantity.parse().unwrap_or(0);
    let say = |issue: &qudao_app::Issue| {
        let error = FieldError {
            pointer: issue.pointer.clone(),
            code: issue.code.to_owned(),
            args: issue.args.clone(),
            words: Some(issue.message.clone()),
        };
        error.said(page.language).message
    };
    LineView {
        number,
        sku: offer.map_or_else(|| line.typed.sku.clone(), |offer| offer.sku.clone()),
        name: offer.map(|offer| offer.name.clone()).unwrap_or_default(),
        quantity: line.typed.quantity.clone(),
        stock: offer.map(|offer| StockView::of(offer.available, wanted)),
        price: priced.map(|(line, quote)| PriceView::of(line.base_price, quote)),
        line_minor: priced.map(|(line, _)| line.amount_minor),
        error: line.sku_issue.as_ref().map(&say),
        nearest: line.nearest.clone().map(|(sku, name)| NearestView { sku, name }),
        quantity_error: line.quantity_issue.as_ref().map(say),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sku: &str, quantity: &str) -> Typed {
        Typed { sku: sku.into(), quantity: quantity.into() }
    }

    #[test]
    fn rows_are_read_from_spreadsheets_and_mails() {
        let rows = "SKU\tQty\nA-1\t20\nB-2,1200\nC-3 ５\n\"D-4\"; 7;x\nE-5";
        let read = read_rows(rows);
        assert_eq!(
            read,
            [row("A-1", "20"), row("B-2", "1200"), row("C-3", "5"), row("D-4", "7"), row("E-5", "1")]
        );
        assert_eq!(read_rows("A-1 many"), [row("A-1", "many")]);
    }

    #[test]
    fn the_same_code_twice_is_one_row_unless_it_is_wrong() {
        let typed = vec![row("A", "1"), row("B", "x"), row("A", "2"), row("B", "3")];
        assert_eq!(merged(typed), [row("A", "3"), row("B", "x"), row("B", "3")]);
    }

    #[test]
    fn the_grid_is_mended_and_shortened_by_its_buttons() {
        let form =
            Form::of([("sku", "A"), ("quantity", ""), ("sku", "Bx"), ("quantity", "２"), ("fix", "2:B-2")]);
        assert_eq!(typed_of(&form), [row("A", "1"), row("B-2", "2")]);
        let form =
            Form::of([("sku", "A"), ("quantity", "1"), ("sku", "B"), ("quantity", "2"), ("remove", "1")]);
        assert_eq!(typed_of(&form), [row("B", "2")]);
    }
}
