//! A simulation as a workbook: a sheet for the whole and one for each table.

mod others;

use qudao_app::{Change, Outcome, Part, Simulated};
use qudao_domain::decimal::Decimal;
use qudao_domain::money::Currency;
use qudao_store::simulations::Simulation;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::web::page::Page;

/// Amounts go in as numbers of the major unit, to be added up there; the exact figures are in the API.
struct Sheet<'a> {
    page: &'a Page,
    bold: Format,
    amount: Format,
    exponent: u32,
}

/// The workbook's bytes.
///
/// # Errors
/// When it cannot be written.
pub fn workbook(
    page: &Page,
    found: &Simulation,
    outcome: &Simulated,
    currency: Currency,
) -> Result<Vec<u8>, XlsxError> {
    let exponent = currency.exponent();
    let zeros = "0".repeat(exponent as usize);
    let pattern = if exponent == 0 { "#,##0".to_owned() } else { format!("#,##0.{zeros}") };
    let sheet = Sheet {
        page,
        bold: Format::new().set_bold(),
        amount: Format::new().set_num_format(pattern),
        exponent,
    };
    let mut workbook = Workbook::new();
    match outcome {
        Simulated::Pricing(outcome) => sheet.pricing(&mut workbook, found, outcome, currency)?,
        Simulated::Incentive(outcome) => sheet.incentive(&mut workbook, found, outcome)?,
        Simulated::Kpi(outcome) => sheet.kpi(&mut workbook, found, outcome)?,
    }
    workbook.save_to_buffer()
}

impl Sheet<'_> {
    fn pricing(
        &self,
        workbook: &mut Workbook,
        found: &Simulation,
        outcome: &Outcome,
        currency: Currency,
    ) -> Result<(), XlsxError> {
        self.whole(workbook.add_worksheet(), found, outcome, currency)?;
        self.parts(workbook.add_worksheet(), "simulation-dealers", &outcome.dealers)?;
        self.parts(workbook.add_worksheet(), "simulation-products", &outcome.products)?;
        self.parts(workbook.add_worksheet(), "simulation-months", &outcome.months)?;
        self.changes(workbook.add_worksheet(), "simulation-changes", &outcome.changes)?;
        self.changes(workbook.add_worksheet(), "simulation-refusals", &outcome.refusals)?;
        Ok(())
    }

    fn head(&self, sheet: &mut Worksheet, title: &str, columns: &[&str]) -> Result<(), XlsxError> {
        let name: String = self.page.t(title).chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
        sheet.set_name(name)?;
        for (column, id) in (0..).zip(columns) {
            sheet.write_string_with_format(0, column, self.page.t(id), &self.bold)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(())
    }

    fn money(&self, sheet: &mut Worksheet, row: u32, column: u16, minor: i64) -> Result<(), XlsxError> {
        // A spreadsheet's numbers are floats; fifteen digits are exact in them.
        let major = Decimal::new(minor, self.exponent).to_string().parse::<f64>().unwrap_or_default();
        sheet.write_number_with_format(row, column, major, &self.amount)?;
        Ok(())
    }

    fn whole(
        &self,
        sheet: &mut Worksheet,
        found: &Simulation,
        outcome: &Outcome,
        currency: Currency,
    ) -> Result<(), XlsxError> {
        self.head(sheet, "simulation-title", &["col-what", "col-figure"])?;
        let texts = [
            ("col-plugin", format!("{} {}", found.plugin_name, found.plugin_version)),
            ("col-revision", found.revision.to_string()),
            ("col-days", format!("{} – {}", found.first_day, found.last_day)),
            ("currency", currency.code().to_owned()),
        ];
        let mut row = 1;
        for (id, text) in texts {
            sheet.write_string(row, 0, self.page.t(id))?;
            sheet.write_string(row, 1, text)?;
            row += 1;
        }
        let counts = [
            ("simulation-orders", outcome.orders),
            ("simulation-changed", outcome.changed),
            ("simulation-refused", outcome.refused),
            ("simulation-failed", outcome.failed),
        ];
        for (id, count) in counts {
            sheet.write_string(row, 0, self.page.t(id))?;
            sheet.write_string(row, 1, count.to_string())?;
            row += 1;
        }
        let sums = &outcome.sums;
        let amounts = [
            ("simulation-before", sums.before_minor),
            ("simulation-after", sums.after_minor),
            ("simulation-change", sums.change_minor()),
        ];
        let margin = sums.margin.map(|margin| {
            [
                ("margin-known", margin.known_before_minor()),
                ("margin-before", margin.before_minor),
                ("margin-after", margin.after_minor),
            ]
        });
        for (id, minor) in amounts.into_iter().chain(margin.into_iter().flatten()) {
            sheet.write_string(row, 0, self.page.t(id))?;
            self.money(sheet, row, 1, minor)?;
            row += 1;
        }
        Ok(())
    }

    fn parts(&self, sheet: &mut Worksheet, title: &str, parts: &[Part]) -> Result<(), XlsxError> {
        let mut columns = vec![
            "col-code",
            "col-name",
            "col-count",
            "simulation-before",
            "simulation-after",
            "simulation-change",
        ];
        if parts.iter().any(|part| part.sums.margin.is_some()) {
            columns.extend(["margin-known", "margin-before", "margin-after"]);
        }
        self.head(sheet, title, &columns)?;
        for (row, part) in (1..).zip(parts) {
            sheet.write_string(row, 0, &part.code)?;
            sheet.write_string(row, 1, &part.name)?;
            sheet.write_number(row, 2, f64::from(i32::try_from(part.sums.count).unwrap_or(i32::MAX)))?;
            self.money(sheet, row, 3, part.sums.before_minor)?;
            self.money(sheet, row, 4, part.sums.after_minor)?;
            self.money(sheet, row, 5, part.sums.change_minor())?;
            if let Some(margin) = part.sums.margin {
                self.money(sheet, row, 6, margin.known_before_minor())?;
                self.money(sheet, row, 7, margin.before_minor)?;
                self.money(sheet, row, 8, margin.after_minor)?;
            }
        }
        Ok(())
    }

    fn changes(&self, sheet: &mut Worksheet, title: &str, changes: &[Change]) -> Result<(), XlsxError> {
        let columns =
            ["col-order", "col-dealer", "col-day", "simulation-before", "simulation-after", "col-reason"];
        self.head(sheet, title, &columns)?;
        for (row, change) in (1..).zip(changes) {
            sheet.write_string(row, 0, &change.number)?;
            sheet.write_string(row, 1, &change.dealer)?;
            sheet.write_string(row, 2, change.on.to_string())?;
            self.money(sheet, row, 3, change.before_minor)?;
            if let Some(after) = change.after_minor {
                self.money(sheet, row, 4, after)?;
            }
            sheet.write_string(row, 5, &change.reason)?;
        }
        Ok(())
    }
}
