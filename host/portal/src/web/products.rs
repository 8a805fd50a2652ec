//! The catalogue, and a product with the dealer's own price and how it came about.

mod costs;

use axum::extract::{Path, Query, State};
use qudao_app::{App, AppError, Context, Draft, ProductFilter, ProductSort, Quoted, Wish};
use qudao_domain::contract::{Message, Note};
use qudao_domain::permissions::Action;
use qudao_store::prices::Price;
use qudao_store::products::Listed;
use qudao_store::warehouses::Kept;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::HashMap;

use super::errors::PageResult;
use super::forms::{FormView, plain_number};
use super::page::Page;
use super::priced::{PriceView, RuleView, StockView};
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;

/// Products on one page.
const PAGE: i64 = 50;
/// Products that a typed beginning suggests.
const SUGGESTED: i64 = 12;

/// The catalogue.
pub fn routes() -> Routes {
    Routes::default()
        .get("/products", index)
        .get("/products/suggest", suggest)
        .get("/products/{sku}", show)
        .post("/products/{sku}/costs", costs::set)
}

/// The list's filters, as they stand in the address.
#[derive(Debug, Default, Deserialize)]
struct Filters {
    #[serde(default)]
    q: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    stock: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    after: String,
}

impl Filters {
    /// A sort that is not known is by name; the list says by what it is sorted.
    fn sort(&self) -> (&'static str, ProductSort) {
        match self.sort.as_str() {
            "-name" => ("-name", ProductSort::NameDown),
            "price" => ("price", ProductSort::Price),
            "-price" => ("-price", ProductSort::PriceDown),
            _ => ("name", ProductSort::Name),
        }
    }
}

#[derive(Serialize)]
struct Index {
    q: String,
    category: String,
    in_stock: bool,
    sort: &'static str,
    categories: Vec<CategoryView>,
    count: i64,
    currency: &'static str,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
    messages: Vec<Message>,
    can_order: bool,
}

#[derive(Serialize)]
struct CategoryView {
    code: String,
    name: String,
    count: i64,
}

#[derive(Serialize)]
struct Row {
    sku: String,
    name: String,
    category: String,
    base_price: Option<String>,
    price: Option<PriceView>,
    stock: StockView,
    in_cart: i64,
}

async fn index(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Query(filters): Query<Filters>,
) -> PageResult {
    let (word, sort) = filters.sort();
    let in_stock = filters.stock == "yes";
    let filter = ProductFilter {
        search: filters.q.trim().to_owned(),
        category: filters.category.clone(),
        in_stock,
        sort,
        after: filters.after.clone(),
        limit: PAGE,
    };
    let found = app.products(&ctx, &filter).await?;
    let can_order = orders_itself(&ctx);
    let mut own =
        if can_order { own_prices(&app, &ctx, &found.products).await? } else { OwnPrices::default() };
    let in_cart = if can_order { in_cart(&app, &ctx).await? } else { HashMap::new() };
    let row = |listed: &Listed| Row {
        price: own.prices.remove(&listed.product.sku),
        base_price: listed.price.map(|price| price.0.to_string()),
        stock: StockView::of(listed.available, 1),
        in_cart: in_cart.get(&listed.product.sku).copied().unwrap_or(0),
        sku: listed.product.sku.clone(),
        name: listed.product.name.clone(),
        category: listed.product.category.clone(),
    };
    let rows = found.products.iter().map(row).collect();
    let categories = app.categories(&ctx).await?;
    let context = Index {
        categories: categories
            .into_iter()
            .map(|(name, count)| CategoryView { code: name.clone(), name, count })
            .collect(),
        q: filters.q,
        category: filters.category,
        in_stock,
        sort: word,
        count: found.total,
        currency: ctx.currency.code(),
        rows,
        previous: None,
        next: found.next,
        messages: own.messages,
        can_order,
    };
    views.page(&page, "products/index.html", &context)
}

/// A dealer's people buy for their dealer; the company's people see base prices.
fn orders_itself(ctx: &Context) -> bool {
    ctx.role.is_dealer() && ctx.reach(Action::OrdersPlace).is_ok()
}

/// The reader's prices of one piece each, by code, with the plugin's sentences.
#[derive(Default)]
struct OwnPrices {
    prices: HashMap<String, PriceView>,
    messages: Vec<Message>,
}

/// Asks for all of a page's products at once. Products that the rule refuses are left out and the others asked for
/// again; without a rule there are no own prices.
async fn own_prices(app: &App, ctx: &Context, listed: &[Listed]) -> Result<OwnPrices, AppError> {
    let priced = listed.iter().filter(|listed| listed.price.is_some());
    let mut lines: Vec<Wish> =
        priced.map(|listed| Wish { sku: listed.product.sku.clone(), quantity: 1 }).collect();
    let mut messages = Vec::new();
    for _ in 0..2 {
        if lines.is_empty() {
            break;
        }
        let draft = Draft { lines: lines.clone(), ..Draft::default() };
        match app.quote(ctx, &draft).await {
            Ok(quoted) => return Ok(all_prices(quoted)),
            Err(AppError::Refused { violations, messages: said }) => {
                messages = said;
                let refused: Vec<usize> =
                    violations.iter().filter_map(|violation| usize::try_from(violation.line?).ok()).collect();
                let mut number = 0;
                lines.retain(|_| {
                    number += 1;
                    !refused.is_empty() && !refused.contains(&number)
                });
            }
            Err(error @ (AppError::Forbidden | AppError::Busy | AppError::Internal(_))) => return Err(error),
            // No rule, or one that fails: the catalogue is still there, and ordering says why not.
            Err(_) => break,
        }
    }
    Ok(OwnPrices { prices: HashMap::new(), messages })
}

fn all_prices(quoted: Quoted) -> OwnPrices {
    let lines = quoted.lines.iter().zip(&quoted.quote.lines);
    let prices = lines.map(|(line, priced)| (line.offer.sku.clone(), PriceView::of(line.base_price, priced)));
    OwnPrices { prices: prices.collect(), messages: quoted.messages }
}

/// Pieces in the reader's cart, by code.
async fn in_cart(app: &App, ctx: &Context) -> Result<HashMap<String, i64>, AppError> {
    let typed = app.typed_cart(ctx).await?;
    let pieces = typed.into_iter().filter_map(|line| Some((line.sku, line.quantity.trim().parse().ok()?)));
    Ok(pieces.collect())
}

#[derive(Debug, Default, Deserialize)]
struct Beginning {
    #[serde(default)]
    sku: String,
}

#[derive(Serialize)]
struct Suggestions {
    rows: Vec<Suggestion>,
}

#[derive(Serialize)]
struct Suggestion {
    sku: String,
    name: String,
}

async fn suggest(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Query(beginning): Query<Beginning>,
) -> PageResult {
    let mut rows = Vec::new();
    if !beginning.sku.trim().is_empty() {
        let filter = ProductFilter { search: beginning.sku, limit: SUGGESTED, ..ProductFilter::default() };
        let found = app.products(&ctx, &filter).await?.products.into_iter();
        rows.extend(found.map(|listed| Suggestion { sku: listed.product.sku, name: listed.product.name }));
    }
    views.page(&page, "products/_suggest.html", &Suggestions { rows })
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    quantity: String,
}

#[derive(Serialize)]
struct Show {
    product: ProductView,
    currency: &'static str,
    quantity: String,
    base_price: Option<String>,
    price: Option<PriceView>,
    refusals: Vec<Note>,
    messages: Vec<Message>,
    rule: Option<RuleView>,
    stock: StockView,
    in_cart: i64,
    can_order: bool,
    /// Dated base prices and pieces by warehouse: for the company's people.
    prices: Vec<DatedView>,
    kept: Vec<KeptView>,
    /// What it costs the company; none for whoever may not see that.
    costs: Option<costs::CostsView>,
}

#[derive(Serialize)]
struct DatedView {
    from: String,
    price: String,
}

#[derive(Serialize)]
struct KeptView {
    code: String,
    name: String,
    on_hand: i64,
    reserved: i64,
}

#[derive(Serialize)]
struct ProductView {
    sku: String,
    name: String,
    category: String,
    attributes: Vec<AttributeView>,
}

#[derive(Serialize)]
struct AttributeView {
    label: String,
    value: String,
}

async fn show(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(sku): Path<String>,
    Query(wanted): Query<Wanted>,
) -> PageResult {
    let context = shown(&page, &ctx, &app, &sku, &wanted, FormView::default()).await?;
    views.page(&page, "products/show.html", &context)
}

/// The product's page, with the form for its cost as it was typed.
async fn shown(
    page: &Page,
    ctx: &Context,
    app: &App,
    sku: &str,
    wanted: &Wanted,
    form: FormView,
) -> Result<Show, AppError> {
    let found = app.product(ctx, sku).await?;
    let costs = costs::view(ctx, ctx.day(app.clock().now()), &found, form);
    let can_order = orders_itself(ctx);
    let typed = plain_number(&wanted.quantity);
    let quantity: i64 = typed.parse().ok().filter(|pieces| *pieces > 0).unwrap_or(1);
    let base_price = found.price.map(|price| price.0.to_string());
    let mut context = Show {
        product: ProductView {
            sku: found.product.sku.clone(),
            name: found.product.name,
            category: found.product.category,
            attributes: attribute_views(&found.product.attributes.0, page.language)
                .into_iter()
                .map(|(label, value)| AttributeView { label, value })
                .collect(),
        },
        currency: ctx.currency.code(),
        quantity: quantity.to_string(),
        price: None,
        base_price,
        refusals: Vec::new(),
        messages: Vec::new(),
        rule: None,
        stock: StockView::of(found.available, quantity),
        in_cart: 0,
        can_order,
        prices: found.prices.iter().map(dated).collect(),
        kept: found.kept.into_iter().map(kept).collect(),
        costs,
    };
    if can_order {
        context.in_cart = in_cart(app, ctx).await?.get(sku).copied().unwrap_or(0);
        own_price(app, ctx, sku, quantity, &mut context).await?;
    }
    Ok(context)
}

fn dated(price: &Price) -> DatedView {
    DatedView { from: price.valid_from.to_string(), price: price.price.0.to_string() }
}

fn kept(kept: Kept) -> KeptView {
    KeptView { code: kept.code, name: kept.name, on_hand: kept.on_hand, reserved: kept.reserved }
}

async fn own_price(
    app: &App,
    ctx: &Context,
    sku: &str,
    quantity: i64,
    context: &mut Show,
) -> Result<(), AppError> {
    let draft = Draft { lines: vec![Wish { sku: sku.to_owned(), quantity }], ..Draft::default() };
    match app.quote(ctx, &draft).await {
        Ok(quoted) => {
            let line = quoted.lines.first().zip(quoted.quote.lines.first());
            context.price = line.map(|(line, priced)| PriceView::of(line.base_price, priced));
            context.rule = Some(RuleView::of(&quoted.rule, None, false));
            context.messages = quoted.messages;
        }
        Err(AppError::Refused { violations, messages }) => {
            context.refusals = violations.into_iter().map(|violation| violation.reason).collect();
            context.messages = messages;
        }
        Err(error @ (AppError::Forbidden | AppError::Busy | AppError::Internal(_))) => return Err(error),
        // No price, no rule, or one that fails: shown as a price that cannot be given.
        Err(_) => {}
    }
    Ok(())
}

/// Attributes as people read them: name and value, in the order of their names.
pub(super) fn attribute_views(attributes: &Json, language: super::i18n::Language) -> Vec<(String, String)> {
    let fields = attributes.as_object().into_iter().flatten();
    fields.map(|(key, value)| (key.clone(), attribute_text(value, language))).collect()
}

fn attribute_text(value: &Json, language: super::i18n::Language) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(flag) => {
            let words = match language {
                super::i18n::Language::ZhCn => ["否", "是"],
                super::i18n::Language::En => ["no", "yes"],
            };
            words[usize::from(*flag)].to_owned()
        }
        Json::Object(tagged) => {
            // `{"percent": "0.05"}` and the like: the tag says how, the one value what.
            let inner = tagged.iter().next();
            inner.map_or_else(String::new, |(tag, inner)| {
                let text = attribute_text(inner, language);
                let share = text.parse::<qudao_domain::decimal::Decimal>().ok().filter(|_| tag == "percent");
                share.map_or(text, |share| {
                    format!("{} %", (share * qudao_domain::decimal::Decimal::from(100)).normalize())
                })
            })
        }
        other => other.to_string(),
    }
}
