//! The smallest honest KPI plugin: turnover and collection, weighted.

mod settings;

use qudao_sdk::kpi::{Indicator, Kpi, Scorecard, Subject};
use qudao_sdk::{
    Decimal, Descriptor, Kind, Message, Note, RoundingStrategy, Text, Value, export_kpi, note, percent,
    settings_default, settings_schema,
};
pub use settings::Settings;

/// The plugin. The name is yours to choose; the host never sees it.
pub struct Starter;

// One macro makes the type the component's exports. Forget it, and the upload is refused.
export_kpi!(Starter);

impl Kpi for Starter {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            kind: Kind::Kpi,
            name: "starter-rust-kpi".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            title: Text::new("销售与回款考核", "Turnover and collection"),
            summary: Text::new(
                "按权重给销售额和回款率打分，达到分数线为合格。",
                "Scores turnover and collection by weight; enough points pass.",
            ),
            settings_schema: settings_schema::<Settings>(),
            settings_default: settings_default::<Settings>(),
            // Every code that an answer may use, in both languages; indicators and grades are codes too.
            messages: vec![
                Message::new("turnover", "销售额", "Turnover"),
                Message::new("collection", "回款率", "Collection"),
                Message::new("attained", "实际 {0} ÷ 目标 {1} = {2}", "Actual {0} ÷ target {1} = {2}"),
                Message::new("missing", "没有实际值或目标，计 0 分", "No figure or no target: 0 points"),
                Message::new("pass", "合格", "Pass"),
                Message::new("fail", "不合格", "Fail"),
            ],
            attributes: vec![],
            // What the host measures is listed in the portal's documentation; it sends what is named here.
            metrics: vec!["turnover".into(), "collection".into()],
        }
    }

    fn score(subject: &Subject, settings: &Settings) -> Result<Scorecard, Vec<Note>> {
        let own = |code: &str| subject.metric(code).and_then(|metric| metric.target);
        let (turnover, collection) = (settings.turnover_weight, Decimal::ONE - settings.turnover_weight);
        let indicators = vec![
            measure(subject, "turnover", turnover, own("turnover"), Value::from),
            measure(subject, "collection", collection, Some(settings.collection_target), percent),
        ];
        // `of` adds up as the host does, which checks it.
        let grade = |total| if total >= settings.pass_from { "pass" } else { "fail" };
        Ok(Scorecard::of(indicators, |total| grade(total).into()))
    }
}

/// The rule itself: 100 points for reaching the target, fewer in proportion, never more. `show` says how a figure
/// of this metric is written.
fn measure(
    subject: &Subject,
    code: &str,
    weight: Decimal,
    target: Option<Decimal>,
    show: impl Fn(Decimal) -> Value,
) -> Indicator {
    let actual = subject.metric(code).and_then(|metric| metric.actual);
    let (attainment, step) = match (actual, target) {
        (Some(actual), Some(target)) if target > Decimal::ZERO => {
            let attained = ratio(actual, target);
            (Some(attained), note!("attained", show(actual), show(target), percent(attained)))
        }
        // Say why there is nothing: the dealer reads it.
        _ => (None, note!("missing")),
    };
    let score = attainment.unwrap_or_default() * Decimal::ONE_HUNDRED;
    Indicator { code: code.into(), weight, target, actual, attainment, score, steps: vec![step] }
}

/// Between 0 and 1, to four decimals (hundredths of a per cent).
fn ratio(actual: Decimal, target: Decimal) -> Decimal {
    let exact = actual.checked_div(target).unwrap_or(Decimal::ONE).clamp(Decimal::ZERO, Decimal::ONE);
    exact.round_dp_with_strategy(4, RoundingStrategy::MidpointNearestEven)
}
