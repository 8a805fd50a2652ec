//! Rows put together to orders. The rows of one order stand together in the file, so that memory holds one order
//! at a time.

use super::prices::known_product;
use super::problem::Problem;
use super::table::Row;
use super::values;
use chrono::{NaiveDate, NaiveTime, TimeZone};
use qudao_domain::decimal::{Decimal, Exact};
use qudao_domain::ids::{DealerId, OrderId, ProductId, UserId, WarehouseId};
use qudao_domain::money::{Currency, Money};
use qudao_domain::orders::{MAX_LINES, MAX_QUANTITY, OrderStatus};
use qudao_domain::time::Instant;
use qudao_store::history::{PastOrder, REVISION};
use qudao_store::orders::{NewLine, Order};
use std::collections::{HashMap, HashSet};

/// The longest order number, reference and customer.
const MAX_WORDS: usize = 100;

/// What rows refer to.
pub(super) struct Known {
    pub products: HashMap<String, ProductId>,
    /// Each product's dated base prices, the earliest first.
    pub prices: HashMap<ProductId, Vec<(NaiveDate, Exact)>>,
    pub dealers: HashMap<String, DealerId>,
    pub warehouse: WarehouseId,
    pub currency: Currency,
    pub zone: chrono_tz::Tz,
    pub user: UserId,
    pub now: Instant,
}

/// The part of a row that its whole order shares.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    dealer: DealerId,
    ordered_on: NaiveDate,
    shipped_on: NaiveDate,
    paid_on: Option<NaiveDate>,
    reference: String,
    customer: String,
}

/// An order of which more rows may follow.
struct Open {
    number: String,
    line: u64,
    column: Option<String>,
    rows: u64,
    head: Option<Head>,
    lines: Vec<NewLine>,
    problems: Vec<Problem>,
}

/// An order whose rows were all seen.
pub(super) struct Ready {
    pub number: String,
    /// Its first line in the file and the column of its number, to point at.
    pub line: u64,
    pub column: Option<String>,
    pub rows: u64,
    /// The order, or what is wrong with its rows.
    pub order: Result<PastOrder, Vec<Problem>>,
}

/// Puts rows together.
pub(super) struct Grouper<'k> {
    known: &'k Known,
    open: Option<Open>,
    seen: HashSet<String>,
    count: i64,
}

impl<'k> Grouper<'k> {
    pub(super) fn new(known: &'k Known) -> Self {
        Self { known, open: None, seen: HashSet::new(), count: 0 }
    }

    /// Takes a row; gives the order before it when the row begins another.
    pub(super) fn push(&mut self, mut row: Row) -> Option<Ready> {
        let number = row.must("number");
        if number.chars().count() > MAX_WORDS {
            row.wrong("number", "max-length", format!("at most {MAX_WORDS} characters"));
        }
        let same = self.open.as_ref().is_some_and(|open| open.number == number);
        let before = if same { None } else { self.finish() };
        if !same {
            if !self.seen.insert(number.clone()) {
                let message = format!(
                    "the rows of order `{number}` do not stand together; sort the file by order number"
                );
                row.wrong("number", "scattered", message);
            }
            let (line, column) = (row.line, row.column("number"));
            self.open = Some(Open {
                number,
                line,
                column,
                rows: 0,
                head: None,
                lines: Vec::new(),
                problems: Vec::new(),
            });
        }
        if let Some(open) = &mut self.open {
            open.take(row, self.known);
        }
        before
    }

    /// The last order.
    pub(super) fn finish(&mut self) -> Option<Ready> {
        let open = self.open.take()?;
        self.count += 1;
        let Open { number, line, column, rows, head, lines, problems } = open;
        let order = match head.filter(|_| problems.is_empty()) {
            Some(head) => whole(self.known, &number, head, lines, self.count)
                .map_err(|message| vec![Problem::new(line, None, "amount", message)]),
            None => Err(problems),
        };
        Some(Ready { number, line, column, rows, order })
    }
}

impl Open {
    fn take(&mut self, mut row: Row, known: &Known) {
        self.rows += 1;
        let head = head(&mut row, known);
        match (&self.head, &head) {
            (None, _) => self.head.clone_from(&head),
            (Some(first), Some(head)) if first != head => {
                let field = first.difference(head);
                let message = format!(
                    "this differs from line {}, which is of the same order `{}`; an order has one",
                    self.line, self.number
                );
                row.wrong(field, "differs", message);
            }
            _ => {}
        }
        let number = i64::try_from(self.rows).unwrap_or(i64::MAX);
        let day = head.map_or(known.now.day_in(known.zone), |head| head.ordered_on);
        let line = line(&mut row, known, number, day);
        if self.lines.len() == MAX_LINES {
            row.wrong("number", "max-items", format!("an order takes at most {MAX_LINES} lines; split it"));
        }
        self.problems.append(&mut row.problems);
        self.lines.extend(line);
    }
}

impl Head {
    fn difference(&self, other: &Self) -> &'static str {
        if self.dealer != other.dealer {
            "dealer"
        } else if self.ordered_on != other.ordered_on {
            "date"
        } else if self.shipped_on != other.shipped_on {
            "shipped_on"
        } else if self.paid_on != other.paid_on {
            "paid_on"
        } else if self.reference != other.reference {
            "reference"
        } else {
            "customer"
        }
    }
}

fn head(row: &mut Row, known: &Known) -> Option<Head> {
    let code = row.must("dealer");
    let dealer = known.dealers.get(&code).copied();
    if dealer.is_none() && !code.is_empty() {
        row.wrong(
            "dealer",
            "unknown-dealer",
            format!("there is no dealer `{code}`; import the dealers first"),
        );
    }
    let today = known.now.day_in(known.zone);
    let ordered_on = row.must_read("date", values::day);
    let shipped_on = row.read("shipped_on", values::day).or(ordered_on);
    let paid_on = row.read("paid_on", values::day);
    for (field, day, earliest) in
        [("date", ordered_on, None), ("shipped_on", shipped_on, ordered_on), ("paid_on", paid_on, None)]
    {
        if day.is_some_and(|day| day > today) && (field != "shipped_on" || row.has(field)) {
            row.wrong(field, "future", "this day is yet to come; only what happened can be imported");
        }
        if let (Some(day), Some(earliest)) = (day, earliest)
            && day < earliest
        {
            row.wrong(field, "order", format!("nothing is shipped before it is ordered ({earliest})"));
        }
    }
    let reference = words(row, "reference");
    let customer = words(row, "customer");
    Some(Head {
        dealer: dealer?,
        ordered_on: ordered_on?,
        shipped_on: shipped_on?,
        paid_on,
        reference,
        customer,
    })
}

fn words(row: &mut Row, field: &str) -> String {
    let words = row.text(field).unwrap_or_default().to_owned();
    if words.chars().count() > MAX_WORDS {
        row.wrong(field, "max-length", format!("at most {MAX_WORDS} characters"));
    }
    words
}

fn line(row: &mut Row, known: &Known, number: i64, day: NaiveDate) -> Option<NewLine> {
    let product = known_product(row, &known.products);
    let quantity = row.must_read("quantity", |text| values::whole(text, 1, MAX_QUANTITY));
    let unit_price = row.read("unit_price", values::number);
    let amount = row.read("amount", values::number);
    let base_price = row.read("base_price", values::number);
    for (field, value) in [("unit_price", unit_price), ("amount", amount), ("base_price", base_price)] {
        if value.is_some_and(|value| value.is_sign_negative() && !value.is_zero()) {
            row.wrong(field, "range", "this must not be negative; returns are not orders");
        }
    }
    let (unit_price, amount_minor) = worth(row, known.currency, quantity?, unit_price, amount)?;
    let dated = |product: ProductId| {
        let prices = known.prices.get(&product)?;
        let at = prices.partition_point(|(from, _)| *from <= day);
        prices.get(at.checked_sub(1)?).map(|(_, price)| *price)
    };
    let product_id = product?;
    Some(NewLine {
        number,
        product_id,
        warehouse_id: known.warehouse,
        quantity: quantity?,
        base_price: base_price.map(Exact).or_else(|| dated(product_id)).unwrap_or(Exact(unit_price)),
        unit_price: Exact(unit_price),
        amount_minor,
    })
}

/// Unit price and amount, each from the other where the file has only one.
fn worth(
    row: &mut Row,
    currency: Currency,
    quantity: i64,
    unit_price: Option<Decimal>,
    amount: Option<Decimal>,
) -> Option<(Decimal, i64)> {
    let exact = |amount: Decimal| {
        Money::round(amount, currency).ok().filter(|money| money.to_decimal() == amount.normalize())
    };
    match (unit_price, amount) {
        (None, None) => {
            let unread = row.text("unit_price").is_some() || row.text("amount").is_some();
            if !unread {
                let field = if row.has("unit_price") || !row.has("amount") { "unit_price" } else { "amount" };
                row.wrong(field, "required", "a line needs a unit price, an amount, or both");
            }
            None
        }
        (Some(price), None) => match Money::of_line(price, quantity, currency) {
            Ok(amount) => Some((price, amount.minor)),
            Err(error) => {
                row.wrong("unit_price", "amount", error.to_string());
                None
            }
        },
        (price, Some(amount)) => {
            let Some(amount) = exact(amount) else {
                let places = currency.exponent();
                row.wrong(
                    "amount",
                    "amount",
                    format!("an amount of {currency} has at most {places} decimals"),
                );
                return None;
            };
            let Some(price) = price else {
                let price = amount.to_decimal() / Decimal::from(quantity);
                return Some((price.round_dp(9), amount.minor));
            };
            let expected = Money::of_line(price, quantity, currency).ok();
            if expected != Some(amount) {
                let message = format!(
                    "{} is not {quantity} × {price}; mend it, or leave out the column of unit prices",
                    amount.to_decimal()
                );
                row.wrong("amount", "amount-differs", message);
                return None;
            }
            Some((price, amount.minor))
        }
    }
}

/// Orders of one day keep the order of the file: each is placed a millisecond after the one before.
fn whole(
    known: &Known,
    number: &str,
    head: Head,
    lines: Vec<NewLine>,
    place: i64,
) -> Result<PastOrder, String> {
    let moment = |day: NaiveDate, hour: u32| {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        let local = known.zone.from_local_datetime(&day.and_time(time)).earliest();
        let moment = local.map(|local| Instant::from_utc(local.to_utc()));
        moment.map_or(known.now, |moment| moment.plus_ms(place % 3_600_000).min(known.now))
    };
    let total = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount_minor));
    let total = total.ok_or_else(|| "the order's total is larger than can be kept".to_owned())?;
    let placed_at = moment(head.ordered_on, 9);
    let order = Order {
        id: OrderId::at(placed_at),
        number: number.to_owned(),
        dealer_id: head.dealer,
        placed_by: known.user,
        status: OrderStatus::Shipped,
        revision: REVISION,
        currency: known.currency.code().to_owned(),
        subtotal_minor: total,
        adjustments_minor: 0,
        total_minor: total,
        lines: i64::try_from(lines.len()).unwrap_or(i64::MAX),
        reference: head.reference,
        customer: head.customer,
        ordered_on: head.ordered_on,
        placed_at,
        decision_id: None,
    };
    let shipped_at = moment(head.shipped_on, 17);
    Ok(PastOrder { order, lines, shipped_on: head.shipped_on, shipped_at, paid_on: head.paid_on })
}
