//! Settings to begin with: quarters of a bicycle vendor's dealers.

use crate::settings::{Band, GrowthStep, Method, Settings};
use qudao_sdk::Decimal;

impl Default for Settings {
    fn default() -> Self {
        let band = |(category, from, permille): (&str, i64, i64)| Band {
            category: category.into(),
            from: from.into(),
            rate: Decimal::new(permille, 3),
        };
        let growth =
            |(from, permille)| GrowthStep { from: Decimal::new(from, 2), rate: Decimal::new(permille, 3) };
        Self {
            method: Method::Retroactive,
            bands: [
                ("Bikes", 20_000, 15),
                ("Bikes", 50_000, 25),
                ("Bikes", 150_000, 35),
                ("", 5_000, 10),
                ("", 20_000, 20),
                ("", 50_000, 30),
            ]
            .map(band)
            .into(),
            growth: [(10, 5), (25, 10)].map(growth).into(),
            cap: Some(50_000.into()),
            minimum: 100.into(),
        }
    }
}
