//! A maker of pumps that sells in euros, so that the demo has two companies, currencies and time zones.

use super::dice::Dice;
use super::sketch::{DealerSketch, ProductSketch, ProgramSketch, Sketch, Titles};
use chrono::NaiveDate;
use qudao_domain::decimal::Decimal;
use serde_json::json;

pub(super) fn sketch(dice: &mut Dice, _today: NaiveDate) -> Sketch {
    Sketch {
        code: "nordpumpe",
        name: "Nordpumpe GmbH",
        currency: "EUR",
        zone: "Europe/Berlin",
        products: products(),
        dealers: dealers(dice),
        customers: ["City waterworks", "Harbour dredging", "Valley brewery", "Lakeside farm", "Paper mill"]
            .map(str::to_owned)
            .to_vec(),
        orders_a_month: 2,
        line_worth: 4_000,
        titles: Titles {
            ops: ["Operations one", "Operations two"],
            pricing: ["Pricing one", "Pricing two"],
            finance: ["Finance one", "Finance two"],
            sales: "Channel manager",
            admin: "Administrator",
            manager: "Dealer manager",
            buyer: "Dealer buyer",
        },
        quarter_target: 40_000,
        program: ProgramSketch {
            code: "quarterly-rebate",
            name_zh: "季度返利",
            name_en: "Quarterly rebate",
            budget: 500_000,
        },
        pricing: json!({
            "tiers": [{ "tier": "gold", "discount": "0.10" }, { "tier": "silver", "discount": "0.05" }],
            "breaks": [{ "scope": "all", "code": "", "from": 10, "to": null, "discount": "0.03" }],
            "promotions": [],
            "regions": [],
            "stacking": "best",
            "floor_share": "0.7",
            "floors": [],
            "approval_below": "0.8",
            "max_quantity": null,
            "decimals": 2,
            "notice_days": 0,
        }),
        rebate: json!({
            "method": "incremental",
            "bands": [
                { "category": "", "from": "10000", "rate": "0.01" },
                { "category": "", "from": "30000", "rate": "0.025" },
            ],
            "growth": [{ "from": "0.2", "rate": "0.005" }],
            "cap": null,
            "minimum": "50",
        }),
        kpi: super::rules::kpi_settings("0.1", "1"),
    }
}

fn products() -> Vec<ProductSketch> {
    let mut made = Vec::new();
    for (series, name, category, base) in [
        ("CP", "Centrifugal pump", "Pumps", 42_000),
        ("SP", "Submersible pump", "Pumps", 61_500),
        ("DP", "Dosing pump", "Pumps", 28_850),
        ("VK", "Ball valve", "Valves", 3_890),
        ("VR", "Check valve", "Valves", 2_745),
        ("SK", "Seal kit", "Parts", 1_995),
    ] {
        for (size, factor) in [(25, 10), (40, 15), (65, 24), (100, 41)] {
            made.push(ProductSketch {
                sku: format!("{series}-{size}"),
                name: format!("{name} DN {size}"),
                category,
                price: Decimal::new(base * factor / 10, 2),
                attributes: json!({ "dn": size }),
            });
        }
    }
    made
}

fn dealers(dice: &mut Dice) -> Vec<DealerSketch> {
    let places = [
        ("N1", "Hafen Pumpentechnik", None, "gold", "North"),
        ("N2", "Deich & Siel", Some("N1"), "silver", "North"),
        ("N3", "Marsch Wassertechnik", Some("N1"), "silver", "North"),
        ("S1", "Alpen Pumpen", None, "gold", "South"),
        ("S2", "Talwasser", Some("S1"), "silver", "South"),
        ("S3", "Seeufer Technik", Some("S1"), "silver", "South"),
    ];
    let dealer =
        |(code, name, parent, tier, region): (&str, &str, Option<&str>, &'static str, &'static str)| {
            let gold = tier == "gold";
            DealerSketch {
                code: code.to_owned(),
                name: name.to_owned(),
                parent: parent.map(str::to_owned),
                tier,
                region,
                credit: if gold { 800_000 } else { 250_000 },
                terms_days: 30,
                weight: dice.between(6, 14) + if gold { 8 } else { 0 },
                discount: if gold { 10 } else { 5 },
                attributes: json!({ "service_point": gold }),
            }
        };
    places.map(dealer).into_iter().collect()
}
