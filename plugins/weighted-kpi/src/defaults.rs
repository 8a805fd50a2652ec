//! Settings to begin with.

use crate::settings::{Grades, Measure, Missing, Settings, Weighted};
use qudao_sdk::Decimal;

impl Default for Settings {
    fn default() -> Self {
        let hundredths = |number: i64| Decimal::new(number, 2);
        let weighted = |(measure, weight, target)| Weighted {
            measure,
            weight: hundredths(weight),
            target: Some(hundredths(target).normalize()),
        };
        let indicators = [
            (Measure::Turnover, 40, 5_000_000),
            (Measure::Growth, 15, 10),
            (Measure::NewCustomers, 15, 300),
            (Measure::Collection, 20, 95),
            (Measure::Completeness, 10, 90),
        ];
        Self {
            indicators: indicators.map(weighted).into(),
            cap: hundredths(120),
            missing: Missing::Redistribute,
            grades: Grades { a: 90.into(), b: 75.into(), c: 60.into() },
        }
    }
}
