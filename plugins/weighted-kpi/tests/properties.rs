//! What holds for every subject and every setting.

use proptest::prelude::*;
use qudao_sdk::kpi::{Kpi, Metric, Scorecard, Subject};
use qudao_sdk::{Date, Decimal, allocate};
use weighted_kpi::{Grades, Measure, Missing, Settings, Weighted, WeightedKpi};

fn figure() -> impl Strategy<Value = Decimal> {
    (-1_000_000_000_i64..1_000_000_000, 0..=9_u32).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

prop_compose! {
    fn metric(code: &'static str)(
        actual in prop::option::of(figure()),
        previous in prop::option::of(figure()),
        target in prop::option::of(figure()),
    ) -> Metric {
        Metric { code: code.into(), actual, previous, target }
    }
}

fn subject() -> impl Strategy<Value = Subject> {
    let metrics: Vec<_> = Measure::ALL.map(|measure| metric(measure.code())).into();
    metrics.prop_map(|metrics| Subject {
        code: "D".into(),
        tier: "gold".into(),
        region: "north".into(),
        attributes: vec![],
        first: Date::new(2026, 10, 1),
        last: Date::new(2026, 12, 31),
        metrics,
    })
}

prop_compose! {
    fn settings()(
        parts in prop::collection::vec(1..1_000_u64, 1..=5),
        targets in prop::collection::vec(prop::option::of(figure()), 5),
        cap in 100..1_000_i64,
        zero: bool,
        lines in prop::collection::btree_set(0..1_000_i64, 3),
    ) -> Settings {
        let weights = allocate(10_000, &parts).into_iter().map(|weight| Decimal::new(weight, 4));
        let weigh = |((measure, weight), target)| Weighted { measure, weight, target };
        let mut lines = lines.into_iter().map(Decimal::from);
        let mut next = || lines.next().expect("there are three lines");
        let (c, b, a) = (next(), next(), next());
        Settings {
            indicators: Measure::ALL.into_iter().zip(weights).zip(targets).map(weigh).collect(),
            cap: Decimal::new(cap, 2),
            missing: if zero { Missing::Zero } else { Missing::Redistribute },
            grades: Grades { a, b, c },
        }
    }
}

/// The card, or none where nothing could be measured.
fn card(subject: &Subject, settings: &Settings) -> Option<Scorecard> {
    match WeightedKpi::score(subject, settings) {
        Ok(card) => Some(card),
        Err(notes) => {
            assert_eq!((notes.len(), notes[0].code.as_str()), (1, "nothing-measured"));
            None
        }
    }
}

proptest! {
    #[test]
    fn weights_add_up_and_the_total_lies_within_the_cap(subject in subject(), settings in settings()) {
        if let Some(card) = card(&subject, &settings) {
            let weights: Decimal = card.indicators.iter().map(|indicator| indicator.weight).sum();
            prop_assert_eq!(weights, Decimal::ONE);
            prop_assert!(Decimal::ZERO <= card.total && card.total <= settings.cap * Decimal::ONE_HUNDRED);
            for indicator in &card.indicators {
                prop_assert_eq!(indicator.score, indicator.attainment.unwrap_or_default() * Decimal::ONE_HUNDRED);
            }
        }
    }

    #[test]
    fn what_cannot_be_scored_weighs_nothing_where_weights_are_shared(subject in subject(), settings in settings()) {
        let settings = Settings { missing: Missing::Redistribute, ..settings };
        if let Some(card) = card(&subject, &settings) {
            for indicator in card.indicators.iter().filter(|indicator| indicator.attainment.is_none()) {
                prop_assert_eq!(indicator.weight, Decimal::ZERO);
            }
        }
    }

    #[test]
    fn a_better_figure_never_scores_less(subject in subject(), settings in settings(), which in 0..5_usize, more in 0..1_000_000_i64) {
        let mut better = subject.clone();
        let actual = &mut better.metrics[which].actual;
        *actual = actual.map(|actual| actual + Decimal::new(more, 3));
        if let (Some(before), Some(after)) = (card(&subject, &settings), card(&better, &settings)) {
            prop_assert!(after.total >= before.total);
            // A comes first in the alphabet.
            prop_assert!(after.grade <= before.grade);
        }
    }

    #[test]
    fn weights_that_do_not_add_up_are_refused(subject in subject(), settings in settings(), more in 1..1_000_i64) {
        let mut settings = settings;
        settings.indicators[0].weight += Decimal::new(more, 9);
        let notes = WeightedKpi::score(&subject, &settings).unwrap_err();
        prop_assert_eq!(notes[0].code.as_str(), "weights-do-not-add-up");
    }
}
