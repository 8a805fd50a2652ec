//! Scores turnover, growth, new customers, collection and completeness by weight and target.
//! The README has the formula and worked examples.

mod defaults;
mod measure;
mod settings;
mod weights;
mod words;

use qudao_sdk::kpi::{Indicator, Kpi, Scorecard, Subject};
use qudao_sdk::{Decimal, Descriptor, Kind, Note, Text, export_kpi, settings_default, settings_schema};
pub use settings::{Grades, Measure, Missing, Settings, Weighted};

/// The plugin.
pub struct WeightedKpi;

export_kpi!(WeightedKpi);

impl Kpi for WeightedKpi {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            kind: Kind::Kpi,
            name: "weighted-kpi".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            title: Text::new("加权考核", "Weighted scorecard"),
            summary: Text::new(
                "按权重与目标给销售额、增长、新客户、回款和资料完整度打分，汇总后定级。",
                "Scores turnover, growth, new customers, collection and completeness by weight and target, \
                 and grades the total.",
            ),
            settings_schema: settings_schema::<Settings>(),
            settings_default: settings_default::<Settings>(),
            messages: words::messages(),
            attributes: vec![],
            metrics: Measure::ALL.map(|measure| measure.code().to_owned()).into(),
        }
    }

    fn score(subject: &Subject, settings: &Settings) -> Result<Scorecard, Vec<Note>> {
        weights::check(settings)?;
        let measured: Vec<measure::Measured> = settings
            .indicators
            .iter()
            .map(|weighted| measure::measure(subject, weighted, settings.cap))
            .collect();
        let weights = weights::share(&measured, settings)?;
        let pairs = measured.into_iter().zip(weights);
        let indicators: Vec<Indicator> = pairs.map(|(measured, weight)| measured.weigh(weight)).collect();
        Ok(Scorecard::of(indicators, |total| grade(total, &settings.grades).to_owned()))
    }
}

fn grade(total: Decimal, grades: &Grades) -> &'static str {
    let steps = [(grades.a, "grade-a"), (grades.b, "grade-b"), (grades.c, "grade-c")];
    steps.into_iter().find(|(from, _)| total >= *from).map_or("grade-d", |(_, grade)| grade)
}
