//! Bands of turnover: which products are counted together, and what a turnover earns.

use crate::settings::{Band, Method};
use qudao_sdk::incentive::Header;
use qudao_sdk::{Decimal, Note, note};
use std::collections::BTreeMap;

/// One step of a table: from a turnover on, a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) from: Decimal,
    pub(crate) rate: Decimal,
}

/// Products that are counted together.
pub(crate) struct Group {
    /// None for all products without bands of their own.
    pub(crate) category: Option<String>,
    /// From the lowest up.
    pub(crate) steps: Vec<Step>,
}

/// Every group that has bands, the common one last.
pub(crate) struct Groups(Vec<Group>);

impl Groups {
    /// Refuses bands that say two things about one turnover: a slip of the pen that would pay wrongly.
    pub(crate) fn of(bands: &[Band], header: &Header) -> Result<Self, Vec<Note>> {
        let mut tables: BTreeMap<&str, BTreeMap<Decimal, Decimal>> = BTreeMap::new();
        let mut wrong = Vec::new();
        for band in bands {
            let table = tables.entry(&band.category).or_default();
            if table.insert(band.from, band.rate).is_some() {
                let from = crate::dealer::amount(band.from, header.currency);
                wrong.push(note!("band-twice", band.category.as_str(), from));
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let steps =
            |table: BTreeMap<_, _>| table.into_iter().map(|(from, rate)| Step { from, rate }).collect();
        let common = tables.remove("").map(|table| Group { category: None, steps: steps(table) });
        let own = tables.into_iter();
        let own = own.map(|(category, table)| Group { category: Some(category.into()), steps: steps(table) });
        Ok(Self(own.chain(common).collect()))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Group> {
        self.0.iter()
    }

    /// Where the products of a category are counted: by themselves, else in common, else nowhere.
    pub(crate) fn position(&self, category: &str) -> Option<usize> {
        let own = self.0.iter().position(|group| group.category.as_deref() == Some(category));
        own.or_else(|| self.0.iter().position(|group| group.category.is_none()))
    }
}

/// The part of a turnover that one step pays on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) step: Step,
    pub(crate) turnover: Decimal,
}

/// The parts of a turnover that earn something; none below the first step.
pub(crate) fn parts(turnover: Decimal, steps: &[Step], method: Method) -> Vec<Part> {
    let reached = steps.iter().take_while(|step| step.from <= turnover).count();
    match method {
        Method::Retroactive => {
            steps[..reached].last().map(|step| Part { step: *step, turnover }).into_iter().collect()
        }
        Method::Incremental => {
            let ends = steps[..reached].iter().skip(1).map(|next| next.from).chain([turnover]);
            let pairs = steps[..reached].iter().zip(ends);
            pairs.map(|(step, end)| Part { step: *step, turnover: end - step.from }).collect()
        }
    }
}

/// What the parts earn, exactly.
pub(crate) fn earned(parts: &[Part]) -> Decimal {
    parts.iter().map(|part| part.turnover * part.step.rate).sum()
}

/// The next step up.
pub(crate) fn next(turnover: Decimal, steps: &[Step]) -> Option<Step> {
    steps.iter().copied().find(|step| step.from > turnover)
}
