//! Dealers: who they are and where they stand in the tree.

use crate::errors::{AppError, Issue, Result};
use crate::orders::credit_used;
use crate::rules::attributes;
use crate::{App, Company, Context};
use chrono::Months;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::DealerId;
use qudao_domain::ledger::AccountCode;
use qudao_domain::money::{Currency, Money};
use qudao_domain::permissions::Action;
use qudao_store::companies::{self, Changed};
pub use qudao_store::dealers::SortBy as DealerSort;
use qudao_store::dealers::{self, Dealer, List, Listed};
use qudao_store::{Tx, audit, ledger};
use serde_json::{Value as Json, json};

/// The longest code of a dealer or product.
pub(crate) const MAX_CODE: usize = 64;
/// The longest name.
pub(crate) const MAX_NAME: usize = 200;
/// The most days an invoice may be due after.
const MAX_TERMS_DAYS: i64 = 720;
/// Deeper than any tree.
const WHOLE_BRANCH: i64 = 32_767;
/// The most dealers on one page.
const MAX_PAGE: i64 = 200;

/// Which dealers to show.
#[derive(Debug, Clone, Default)]
pub struct DealerFilter {
    /// Only of this tier.
    pub tier: String,
    /// Only of this region.
    pub region: String,
    /// Only codes and names that contain this.
    pub search: String,
    /// Only the branch of the dealer with this code, itself included.
    pub under: String,
    /// In which order.
    pub sort: DealerSort,
    /// Whether the last comes first.
    pub down: bool,
    /// Only those after the one with this code: a page's `next`.
    pub after: String,
    /// At most so many; 0 for 50.
    pub limit: i64,
}

/// A page of dealers.
#[derive(Debug, Clone)]
pub struct DealerPage {
    /// In the order asked for; orders and turnover are those of the last twelve months.
    pub dealers: Vec<Listed>,
    /// How many there are on all pages.
    pub total: i64,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A dealer with its place in the tree.
#[derive(Debug, Clone)]
pub struct DealerDetails {
    /// The dealer.
    pub dealer: Dealer,
    /// Those above it that the reader may see, the nearest first.
    pub above: Vec<Dealer>,
    /// Those right below it, by code.
    pub children: Vec<Dealer>,
}

/// The words in use, for filters and forms, each with how many dealers have it.
#[derive(Debug, Clone, Default)]
pub struct DealerWords {
    /// Tiers.
    pub tiers: Vec<(String, i64)>,
    /// Regions.
    pub regions: Vec<(String, i64)>,
}

/// How a dealer stands; amounts in minor units of the company's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DealerFigures {
    /// Shipped less returned in the last twelve months.
    pub turnover_minor: i64,
    /// The same in the twelve months before.
    pub turnover_before_minor: i64,
    /// Orders that are neither shipped wholly nor called off.
    pub open_orders: i64,
    /// What is on order and not yet shipped.
    pub open_minor: i64,
    /// Incentives posted in the last twelve months.
    pub incentives_minor: i64,
    /// What counts against the credit: on order, or shipped and not yet paid.
    pub owed_minor: i64,
}

/// All that is said of a dealer when it is added or changed.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DealerInput {
    /// Short name; unique within the company.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Code of the dealer above it.
    #[serde(default)]
    pub parent: Option<String>,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// How much it may owe, in the company's currency; none for no limit.
    #[serde(default)]
    pub credit_limit: Option<Decimal>,
    /// Days until an invoice is due.
    #[serde(default)]
    pub terms_days: i64,
    /// Company-defined data: an object of texts, whole numbers, flags, or tagged values such as
    /// `{"percent": "0.05"}`.
    #[serde(default = "no_attributes")]
    pub attributes: Json,
}

fn no_attributes() -> Json {
    json!({})
}

impl DealerInput {
    /// What is wrong with it by itself; the parent is looked up elsewhere.
    pub(crate) fn issues(&self, currency: Currency) -> Vec<Issue> {
        let mut issues = Vec::new();
        issues.extend(code_issue("/code", &self.code));
        issues.extend(text_issue("/name", &self.name));
        issues.extend(text_issue("/tier", &self.tier));
        issues.extend(text_issue("/region", &self.region));
        issues.extend(attribute_issue(&self.attributes));
        if self.parent.as_deref() == Some(self.code.as_str()) {
            issues.push(Issue::new("/parent", "ring", "a dealer cannot stand above itself"));
        }
        if !(0..=MAX_TERMS_DAYS).contains(&self.terms_days) {
            let message = format!("between 0 and {MAX_TERMS_DAYS} days");
            issues.push(
                Issue::new("/terms_days", "range", message).with("low", 0).with("high", MAX_TERMS_DAYS),
            );
        }
        if let Err(issue) = credit_minor(self.credit_limit, currency) {
            issues.push(issue);
        }
        issues
    }
}

/// The limit in minor units.
pub(crate) fn credit_minor(
    limit: Option<Decimal>,
    currency: Currency,
) -> std::result::Result<Option<i64>, Issue> {
    let Some(limit) = limit else { return Ok(None) };
    let wrong = |message: String| Issue::new("/credit_limit", "amount", message);
    let rounded = Money::round(limit, currency).map_err(|error| wrong(error.to_string()))?;
    if limit.is_sign_negative() && !limit.is_zero() || rounded.to_decimal() != limit.normalize() {
        let places = currency.exponent();
        return Err(wrong(format!("an amount of {currency}, not negative, with at most {places} decimals")));
    }
    Ok(Some(rounded.minor))
}

/// Codes stand in addresses and files: no blanks, slashes or control characters.
pub(crate) fn code_issue(pointer: &str, code: &str) -> Option<Issue> {
    let fits = |c: char| !(c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '%' | '\\'));
    let right = !code.is_empty() && code.chars().count() <= MAX_CODE && code.chars().all(fits);
    let message = format!("write up to {MAX_CODE} characters without blanks and / ? # % \\");
    (!right).then(|| Issue::new(pointer, "short-code", message).with("limit", MAX_CODE))
}

pub(crate) fn text_issue(pointer: &str, text: &str) -> Option<Issue> {
    if text.trim().is_empty() {
        return Some(Issue::new(pointer, "required", "this must not be empty"));
    }
    let long = text.chars().count() > MAX_NAME;
    long.then(|| {
        Issue::new(pointer, "max-length", format!("at most {MAX_NAME} characters")).with("limit", MAX_NAME)
    })
}

/// Every attribute must be something that a plugin could be told.
pub(crate) fn attribute_issue(given: &Json) -> Option<Issue> {
    let Some(fields) = given.as_object() else {
        let issue = Issue::new("/attributes", "type", "write an object of names and values");
        return Some(issue.with("expected", "object"));
    };
    let keys: Vec<String> = fields.keys().cloned().collect();
    let read = attributes(given, &keys);
    let odd = keys.iter().find(|key| !read.iter().any(|attribute| attribute.key == **key))?;
    let message =
        "write a text, a whole number, true or false, or a tagged value such as {\"percent\": \"0.05\"}";
    Some(Issue::new(format!("/attributes/{odd}"), "attribute", message))
}

impl App {
    /// A page of the dealers that the reader may see.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn dealers(&self, ctx: &Context, filter: &DealerFilter) -> Result<DealerPage> {
        let within = ctx.within(Action::DealersRead)?;
        let limit = if filter.limit == 0 { 50 } else { filter.limit.clamp(1, MAX_PAGE) };
        let today = ctx.day(self.clock().now());
        let mut tx = self.db().read(ctx.company).await?;
        let (mut ancestor, mut depth) = (within.ancestor, within.depth);
        if !filter.under.is_empty() {
            let under = dealers::by_code(&mut tx, ctx.company, &filter.under, ancestor, depth).await?;
            // Its branch lies within the reader's own; only those who see a single dealer see no further.
            ancestor = Some(under.ok_or(AppError::NotFound)?.id);
            depth = if within.ancestor.is_none() { WHOLE_BRANCH } else { depth };
        }
        let list = List {
            ancestor,
            depth,
            tier: &filter.tier,
            region: &filter.region,
            search: &filter.search,
            since: today.checked_sub_months(Months::new(12)).unwrap_or(today),
            sort: filter.sort,
            down: filter.down,
            after: &filter.after,
            // One more than is shown tells whether there is another page.
            limit: limit + 1,
        };
        let mut found = dealers::list(&mut tx, ctx.company, &list).await?;
        let total = dealers::count(&mut tx, ctx.company, &list).await?;
        let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = found.last().filter(|_| more).map(|listed| listed.dealer.code.clone());
        Ok(DealerPage { dealers: found, total, next })
    }

    /// Id of the dealer with a code; for the operator.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has none.
    pub async fn dealer_id(&self, company: &Company, code: &str) -> Result<DealerId> {
        let mut tx = self.db().read(company.id).await?;
        let found = dealers::by_code(&mut tx, company.id, code, None, 0).await?;
        found.map(|dealer| dealer.id).ok_or(AppError::NotFound)
    }

    /// Tiers and regions in use.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for those who do not see the whole company.
    pub async fn dealer_words(&self, ctx: &Context) -> Result<DealerWords> {
        ctx.whole_company(Action::DealersRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(DealerWords {
            tiers: dealers::tiers(&mut tx, ctx.company).await?,
            regions: dealers::regions(&mut tx, ctx.company).await?,
        })
    }

    /// A dealer, those above and those right below it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none with this code within the reader's reach.
    pub async fn dealer(&self, ctx: &Context, code: &str) -> Result<DealerDetails> {
        let within = ctx.within(Action::DealersRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let found = dealers::by_code(&mut tx, ctx.company, code, within.ancestor, within.depth).await?;
        let dealer = found.ok_or(AppError::NotFound)?;
        let mut above = dealers::above(&mut tx, ctx.company, dealer.id).await?;
        if let Some(top) = within.ancestor {
            // A dealer does not see who stands above it: only what lies within its own branch.
            let own = above.iter().position(|dealer| dealer.id == top).map_or(0, |at| at + 1);
            above.truncate(own);
        }
        let children = dealers::children(&mut tx, ctx.company, dealer.id).await?;
        Ok(DealerDetails { dealer, above, children })
    }

    /// How a dealer stands.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none with this code within the reader's reach.
    pub async fn dealer_figures(&self, ctx: &Context, code: &str) -> Result<DealerFigures> {
        let within = ctx.within(Action::DealersRead)?;
        let today = ctx.day(self.clock().now());
        let since = today.checked_sub_months(Months::new(12)).unwrap_or(today);
        let before = since.checked_sub_months(Months::new(12)).unwrap_or(since);
        let mut tx = self.db().read(ctx.company).await?;
        let found = dealers::by_code(&mut tx, ctx.company, code, within.ancestor, within.depth).await?;
        let dealer = found.ok_or(AppError::NotFound)?.id;
        let currency = ctx.currency.code();
        let past = dealers::past(&mut tx, ctx.company, dealer, currency, since, before).await?;
        let balances = ledger::balances(&mut tx, ctx.company, dealer, currency).await?;
        let open = balances.iter().find(|(account, _)| *account == AccountCode::OpenOrders);
        Ok(DealerFigures {
            turnover_minor: past.turnover_minor,
            turnover_before_minor: past.turnover_before_minor,
            open_orders: past.open_orders,
            open_minor: open.map_or(0, |(_, amount)| *amount),
            incentives_minor: past.incentives_minor,
            owed_minor: credit_used(&mut tx, ctx, dealer).await?,
        })
    }

    /// Adds a dealer, or changes the one with this code to what is given.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::Invalid`] for values that cannot be, an unknown parent, or a ring.
    pub async fn save_dealer(&self, ctx: &Context, input: &DealerInput) -> Result<Dealer> {
        ctx.whole_company(Action::DealersWrite)?;
        let issues = input.issues(ctx.currency);
        if !issues.is_empty() {
            return Err(AppError::Invalid(issues));
        }
        let now = self.clock().now();
        let mut tx = companies::begin_change(self.db(), ctx.company, Changed::Dealers).await?;
        let known = dealers::by_code(&mut tx, ctx.company, &input.code, None, 0).await?;
        let parent_id = parent_of(&mut tx, ctx, input, known.as_ref()).await?;
        let dealer = Dealer {
            id: known.as_ref().map_or_else(|| DealerId::at(now), |dealer| dealer.id),
            code: input.code.clone(),
            name: input.name.trim().to_owned(),
            parent_id,
            tier: input.tier.trim().to_owned(),
            region: input.region.trim().to_owned(),
            credit_limit_minor: credit_minor(input.credit_limit, ctx.currency).map_err(AppError::invalid)?,
            terms_days: input.terms_days,
            attributes: qudao_store::Json(input.attributes.clone()),
            created_at: known.as_ref().map_or(now, |dealer| dealer.created_at),
        };
        dealers::save(&mut tx, ctx.company, std::slice::from_ref(&dealer)).await?;
        if known.as_ref().is_none_or(|known| known.parent_id != parent_id) {
            dealers::rebuild_branches(&mut tx, ctx.company).await?;
        }
        let detail = json!({ "before": known.as_ref().map(told), "after": told(&dealer) });
        audit::record(&mut tx, ctx.company, now, ctx.user, "dealer.saved", &dealer.code, &detail).await?;
        tx.commit().await?;
        Ok(dealer)
    }
}

async fn parent_of(
    tx: &mut Tx,
    ctx: &Context,
    input: &DealerInput,
    known: Option<&Dealer>,
) -> Result<Option<DealerId>> {
    let Some(code) = input.parent.as_deref().filter(|code| !code.is_empty()) else { return Ok(None) };
    let unknown = || Issue::new("/parent", "dealer", format!("there is no dealer `{code}`"));
    let parent = dealers::by_code(tx, ctx.company, code, None, 0).await?;
    let parent = parent.ok_or_else(|| AppError::invalid(unknown()))?;
    if let Some(known) = known
        && dealers::in_branch(tx, ctx.company, known.id, parent.id).await?
    {
        let message = format!("`{code}` stands below `{}`: the two would form a ring", known.code);
        return Err(AppError::invalid(Issue::new("/parent", "ring", message)));
    }
    Ok(Some(parent.id))
}

/// What the audit keeps of a dealer.
fn told(dealer: &Dealer) -> Json {
    json!({
        "name": dealer.name, "parent_id": dealer.parent_id, "tier": dealer.tier, "region": dealer.region,
        "credit_limit_minor": dealer.credit_limit_minor, "terms_days": dealer.terms_days,
        "attributes": dealer.attributes.0,
    })
}
