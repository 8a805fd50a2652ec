//! The sheets of simulations of other kinds than pricing.

use qudao_app::{IncentiveOutcome, KpiOutcome, Payments, PeriodPaid, Scores};
use qudao_domain::decimal::Decimal;
use qudao_store::simulations::Simulation;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::Sheet;

/// What stands in a cell.
enum Cell {
    Empty,
    Text(String),
    /// Minor units.
    Money(i64),
    Number(Decimal),
}

impl Cell {
    fn count(count: i64) -> Self {
        Self::Number(Decimal::from(count))
    }

    fn money(minor: Option<i64>) -> Self {
        minor.map_or(Self::Empty, Self::Money)
    }

    fn number(number: Option<Decimal>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

impl Sheet<'_> {
    pub(super) fn incentive(
        &self,
        workbook: &mut Workbook,
        found: &Simulation,
        outcome: &IncentiveOutcome,
    ) -> Result<(), XlsxError> {
        let mut rows = self.about(found);
        rows.extend([
            vec![text(&self.page.t("col-program")), text(&outcome.program)],
            vec![text(&self.page.t("simulation-cost-before")), Cell::Money(outcome.paid.before_minor)],
            vec![text(&self.page.t("simulation-cost-after")), Cell::Money(outcome.paid.after_minor)],
            vec![text(&self.page.t("simulation-change")), Cell::Money(outcome.paid.change_minor())],
            vec![text(&self.page.t("simulation-turnover")), Cell::Money(outcome.turnover_minor)],
            vec![text(&self.page.t("simulation-budget")), Cell::money(outcome.budget_minor)],
            vec![text(&self.page.t("simulation-outside")), Cell::Money(outcome.outside_minor)],
            vec![text(&self.page.t("simulation-left")), Cell::money(outcome.left_minor())],
        ]);
        self.table(workbook.add_worksheet(), "simulation-title", &["col-what", "col-figure"], rows)?;
        let paid = ["simulation-cost-before", "simulation-cost-after", "simulation-change"];
        let money = |paid: &Payments| {
            [Cell::Money(paid.before_minor), Cell::Money(paid.after_minor), Cell::Money(paid.change_minor())]
        };
        let columns = [
            &["col-period", "simulation-from"],
            &paid[..],
            &["simulation-turnover", "simulation-left", "col-reason"],
        ];
        let rows = outcome.periods.iter().map(|row| self.period(row)).collect();
        self.table(workbook.add_worksheet(), "simulation-periods", &columns.concat(), rows)?;
        let rows = outcome.dealers.iter().map(|dealer| {
            [text(&dealer.code), text(&dealer.name)].into_iter().chain(money(&dealer.paid)).collect()
        });
        let columns = [&["col-code", "col-name"], &paid[..]].concat();
        self.table(workbook.add_worksheet(), "simulation-dealers", &columns, rows.collect())?;
        let rows = outcome.changes.iter().map(|change| {
            let names = [text(&change.dealer), text(&change.name), text(&change.period)];
            names.into_iter().chain(money(&change.paid)).collect()
        });
        let columns = [&["col-code", "col-name", "col-period"], &paid[..]].concat();
        self.table(workbook.add_worksheet(), "simulation-dealer-changes", &columns, rows.collect())
    }

    fn period(&self, row: &PeriodPaid) -> Vec<Cell> {
        let from = serde_json::to_value(row.from).unwrap_or_default();
        let left = row.budget_left_minor.map(|left| left.saturating_sub(row.after_minor.unwrap_or(0)));
        let reason = row.refused.as_ref().or(row.failed.as_ref());
        vec![
            text(&row.period),
            text(&self.page.t(&format!("simulation-from-{}", from.as_str().unwrap_or_default()))),
            Cell::Money(row.before_minor),
            Cell::money(row.after_minor),
            Cell::money(row.after_minor.map(|after| after.saturating_sub(row.before_minor))),
            Cell::Money(row.turnover_minor),
            Cell::money(left),
            reason.map_or(Cell::Empty, |reason| text(reason)),
        ]
    }

    pub(super) fn kpi(
        &self,
        workbook: &mut Workbook,
        found: &Simulation,
        outcome: &KpiOutcome,
    ) -> Result<(), XlsxError> {
        let averages = |scores: &Scores| {
            let found = scores.averages();
            let change = found.map(|(before, after)| after.saturating_sub(before));
            [found.map(|(before, _)| before), found.map(|(_, after)| after), change].map(Cell::number)
        };
        let mut rows = self.about(found);
        let counts = [
            ("simulation-cards", outcome.cards),
            ("simulation-cards-new", outcome.added),
            ("simulation-risen", outcome.risen),
            ("simulation-fallen", outcome.fallen),
        ];
        rows.extend(counts.map(|(id, count)| vec![text(&self.page.t(id)), Cell::count(count)]));
        let points = ["simulation-points-before", "simulation-points-after", "simulation-change"];
        let all = points.iter().zip(averages(&outcome.scores));
        rows.extend(all.map(|(id, cell)| vec![text(&self.page.t(id)), cell]));
        let unanswered = outcome.refusals.iter().chain(&outcome.failures);
        rows.extend(unanswered.map(|(code, count)| vec![text(code), Cell::count(*count)]));
        self.table(workbook.add_worksheet(), "simulation-title", &["col-what", "col-figure"], rows)?;
        let rows = outcome.periods.iter().map(|row| {
            let counts = [row.dealers, row.recorded].map(Cell::count);
            let moved = [row.risen, row.fallen].map(Cell::count);
            let period = std::iter::once(text(&row.period)).chain(counts);
            period.chain(averages(&row.scores)).chain(moved).collect()
        });
        let columns = [
            &["col-period", "simulation-scored-dealers", "simulation-recorded"],
            &points[..],
            &["simulation-risen", "simulation-fallen"],
        ];
        self.table(workbook.add_worksheet(), "simulation-periods", &columns.concat(), rows.collect())?;
        let rows = outcome.dealers.iter().map(|dealer| {
            [text(&dealer.code), text(&dealer.name)].into_iter().chain(averages(&dealer.scores)).collect()
        });
        let columns = [&["col-code", "col-name"], &points[..]].concat();
        self.table(workbook.add_worksheet(), "simulation-dealers", &columns, rows.collect())?;
        let rows = outcome.changes.iter().map(|change| {
            let numbers = [change.before, change.after, change.after.saturating_sub(change.before)];
            let names = [text(&change.dealer), text(&change.name), text(&change.period)];
            names.into_iter().chain(numbers.map(Cell::Number)).collect()
        });
        let columns = [&["col-code", "col-name", "col-period"], &points[..]].concat();
        self.table(workbook.add_worksheet(), "simulation-dealer-changes", &columns, rows.collect())
    }

    /// Which version was tried over which days.
    fn about(&self, found: &Simulation) -> Vec<Vec<Cell>> {
        let rows = [
            ("col-plugin", format!("{} {}", found.plugin_name, found.plugin_version)),
            ("col-revision", found.revision.to_string()),
            ("col-days", format!("{} – {}", found.first_day, found.last_day)),
        ];
        rows.into_iter().map(|(id, said)| vec![text(&self.page.t(id)), Cell::Text(said)]).collect()
    }

    fn table(
        &self,
        sheet: &mut Worksheet,
        title: &str,
        columns: &[&str],
        rows: Vec<Vec<Cell>>,
    ) -> Result<(), XlsxError> {
        self.head(sheet, title, columns)?;
        for (row, cells) in (1..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Empty => {}
                    Cell::Text(text) => {
                        sheet.write_string(row, column, text)?;
                    }
                    Cell::Money(minor) => self.money(sheet, row, column, minor)?,
                    Cell::Number(number) => {
                        // A spreadsheet's numbers are floats; fifteen digits are exact in them.
                        let number = number.to_string().parse::<f64>().unwrap_or_default();
                        sheet.write_number(row, column, number)?;
                    }
                }
            }
        }
        Ok(())
    }
}
