//! Base prices for a company that kept none, worked out from its past sales.
//!
//! The base price of a day is the product's highest unit price in the twelve months before that day; where nothing
//! was sold in them, its first unit price ever. A dated price is set for each day on which that figure changes, from
//! the day of the first sale on.

use super::prices::known_product;
use super::problem::{Problem, Problems};
use super::table::Row;
use super::{Listener, Phase, Report, Source, values};
use crate::errors::Result;
use crate::products::price_issue;
use crate::{App, Context};
use chrono::{Days, Months, NaiveDate};
use qudao_domain::decimal::{Decimal, Exact};
use qudao_domain::ids::ProductId;
use qudao_store::prices::Price;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{Read, Seek};

/// What was seen of a product.
#[derive(Debug, Default)]
struct Sales {
    /// The highest unit price of each day.
    highest: BTreeMap<NaiveDate, Decimal>,
    /// The first sale: its day and, of that day, the first in the file.
    first: Option<(NaiveDate, Decimal)>,
}

impl Sales {
    fn add(&mut self, day: NaiveDate, price: Decimal) {
        let highest = self.highest.entry(day).or_insert(price);
        *highest = price.max(*highest);
        if self.first.is_none_or(|(first, _)| day < first) {
            self.first = Some((day, price));
        }
    }

    /// The base price of a day.
    fn base(&self, day: NaiveDate) -> Option<Decimal> {
        let from = day.checked_sub_months(Months::new(12)).unwrap_or(day);
        let highest = self.highest.range(from..day).map(|(_, price)| *price).max();
        highest.or(self.first.map(|(_, price)| price))
    }

    /// The days on which the base price may change: the first, those after a sale, and those on which a sale is a year
    /// old (or, after a leap day, the next).
    fn turns(&self) -> BTreeSet<NaiveDate> {
        let mut turns: BTreeSet<NaiveDate> = self.first.iter().map(|(day, _)| *day).collect();
        for day in self.highest.keys() {
            let year = day.checked_add_months(Months::new(12)).unwrap_or(*day);
            for (from, days) in [(*day, 1), (year, 1), (year, 2)] {
                turns.extend(from.checked_add_days(Days::new(days)));
            }
        }
        turns
    }

    fn dated(&self) -> Vec<(NaiveDate, Decimal)> {
        let mut dated: Vec<(NaiveDate, Decimal)> = Vec::new();
        for day in self.turns() {
            let Some(price) = self.base(day) else { continue };
            if dated.last().is_none_or(|(_, last)| *last != price) {
                dated.push((day, price));
            }
        }
        dated
    }
}

impl App {
    pub(super) async fn import_sales_prices<F: Read + Seek + Send>(
        &self,
        ctx: &Context,
        mut source: Source<'_, F>,
        progress: Listener<'_>,
    ) -> Result<Report> {
        let mut report = Report::begun(source.kind, source.options);
        let mut problems = Problems::default();
        let known = self.product_ids(ctx).await?;
        let mut sales: HashMap<ProductId, Sales> = HashMap::new();
        let mut good = 0;
        let take = |row: Row, problems: &mut Problems| match parse(row, &known) {
            Ok((product, day, price)) => {
                good += 1;
                sales.entry(product).or_default().add(day, price);
            }
            Err(found) => problems.add_all(found),
        };
        report.read = source.rows(Phase::Checking, &mut problems, progress, take).await?;
        report.accepted = problems.permit(source.options.skip_bad) && !sales.is_empty();
        if report.accepted {
            let dated = sales.iter().flat_map(|(product, sales)| {
                let of = |(valid_from, price): (NaiveDate, Decimal)| Price {
                    product_id: *product,
                    valid_from,
                    price: Exact(price.normalize()),
                };
                sales.dated().into_iter().map(of)
            });
            let dated: Vec<Price> = dated.collect();
            report.written = good;
            report.documents = super::count(dated.len());
            if !source.options.dry_run {
                self.write_prices(ctx, &dated).await?;
            }
        }
        Ok(report.with(problems))
    }
}

fn parse(
    mut row: Row,
    known: &HashMap<String, ProductId>,
) -> std::result::Result<(ProductId, NaiveDate, Decimal), Vec<Problem>> {
    let product = known_product(&mut row, known);
    let day = row.must_read("date", values::day);
    let price = row.must_read("unit_price", values::number);
    if let Some(issue) = price.and_then(|price| price_issue("/price", price)) {
        row.wrong("unit_price", issue.code, issue.message);
    }
    match (product, day, price) {
        (Some(product), Some(day), Some(price)) if row.problems.is_empty() => Ok((product, day, price)),
        _ => Err(row.problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_the_twelve_months_before_else_the_first() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut sales = Sales::default();
        for (on, price) in [("2018-03-01", 90), ("2017-07-01", 100), ("2017-07-01", 120), ("2018-07-10", 80)]
        {
            sales.add(day(on), Decimal::from(price));
        }
        let dated: Vec<(String, i64)> = sales
            .dated()
            .into_iter()
            .map(|(on, price)| (on.to_string(), i64::try_from(price.mantissa()).unwrap()))
            .collect();
        let expected = [
            ("2017-07-01", 100),
            // From the day after the first sales, their highest.
            ("2017-07-02", 120),
            // A year later it is out of sight: then 90 is the highest, then 80.
            ("2018-07-02", 90),
            ("2019-03-02", 80),
            // Nothing sold for a year: the first price ever.
            ("2019-07-11", 100),
        ];
        let expected: Vec<(String, i64)> =
            expected.iter().map(|(on, price)| ((*on).to_owned(), *price)).collect();
        assert_eq!(dated, expected);
    }
}
