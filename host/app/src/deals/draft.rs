//! What somebody wants to register, and what must be right about it before the rule is asked.

use crate::errors::{AppError, Issue, Result};
use chrono::{Days, NaiveDate};
use qudao_domain::deal::customer_key;

/// The longest name of a customer, in characters.
const MAX_CUSTOMER: usize = 200;
/// The longest number, region, category or product code, in characters.
const MAX_WORD: usize = 60;
/// The longest note, in characters.
pub(super) const MAX_NOTE: usize = 1_000;
/// The most products of one registration.
const MAX_SKUS: usize = 100;
/// A deal is expected to close within so many days.
const MAX_DAYS_AHEAD: u64 = 3_653;

/// What somebody wants to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealDraft {
    /// The customer's name.
    pub customer: String,
    /// Its number in a public register (统一社会信用代码); may be empty.
    pub registered_number: String,
    /// Where it is; may be empty.
    pub customer_region: String,
    /// What is to be sold.
    pub category: String,
    /// Which products, by their codes; may be empty.
    pub skus: Vec<String>,
    /// What it may be worth, in minor units of the company's currency.
    pub amount_minor: i64,
    /// When the customer may decide.
    pub expected_close: NaiveDate,
    /// What happened since the claimant registered the customer before; empty the first time.
    pub progress: String,
    /// What else there is to say.
    pub note: String,
}

impl DealDraft {
    /// The same with its texts trimmed, if everything in it can be.
    pub(super) fn checked(&self, today: NaiveDate) -> Result<Self> {
        let trimmed = |text: &String| text.trim().to_owned();
        let draft = Self {
            customer: trimmed(&self.customer),
            registered_number: trimmed(&self.registered_number),
            customer_region: trimmed(&self.customer_region),
            category: trimmed(&self.category),
            skus: self.skus.iter().map(trimmed).filter(|sku| !sku.is_empty()).collect(),
            progress: trimmed(&self.progress),
            note: trimmed(&self.note),
            ..self.clone()
        };
        let issues = draft.issues(today);
        if issues.is_empty() { Ok(draft) } else { Err(AppError::Invalid(issues)) }
    }

    fn issues(&self, today: NaiveDate) -> Vec<Issue> {
        let required = |pointer: &str, message: &str| Issue::new(pointer, "required", message);
        let mut issues: Vec<Issue> = [
            ("/customer", &self.customer, MAX_CUSTOMER),
            ("/registered_number", &self.registered_number, MAX_WORD),
            ("/customer_region", &self.customer_region, MAX_WORD),
            ("/category", &self.category, MAX_WORD),
            ("/progress", &self.progress, MAX_NOTE),
            ("/note", &self.note, MAX_NOTE),
        ]
        .into_iter()
        .filter_map(|(pointer, text, most)| check_length(pointer, text, most))
        .collect();
        if customer_key(&self.customer).is_empty() {
            issues.push(required("/customer", "write the customer's name"));
        }
        if self.category.is_empty() {
            issues.push(required("/category", "name the category of products that is to be sold"));
        }
        if self.skus.len() > MAX_SKUS {
            let message = format!("name at most {MAX_SKUS} products");
            issues.push(Issue::new("/skus", "max-items", message).with("limit", MAX_SKUS));
        }
        if self.amount_minor < 1 {
            issues.push(Issue::new(
                "/amount_minor",
                "amount",
                "the expected amount must be more than nothing",
            ));
        }
        let last = today.checked_add_days(Days::new(MAX_DAYS_AHEAD)).unwrap_or(today);
        if self.expected_close < today || self.expected_close > last {
            let message = format!("the expected close must be between {today} and {last}");
            issues
                .push(Issue::new("/expected_close", "days", message).with("first", today).with("last", last));
        }
        issues
    }
}

/// What is wrong with a text that is too long.
pub(super) fn check_length(pointer: &str, text: &str, most: usize) -> Option<Issue> {
    let message = || format!("use at most {most} characters");
    (text.chars().count() > most).then(|| Issue::new(pointer, "max-length", message()).with("limit", most))
}
