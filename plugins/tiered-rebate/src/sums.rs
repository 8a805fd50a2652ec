//! What is kept of the facts: sums, however many facts there are.

use crate::bands::Groups;
use qudao_sdk::Date;
use qudao_sdk::incentive::{Fact, FactKind, Header};

/// One dealer's turnover in one group of products, in minor units. 128 bits, since a sum of ten
/// million amounts need not fit into 64.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Turnover {
    pub(crate) shipped: i128,
    /// Zero or negative.
    pub(crate) returned: i128,
}

impl Turnover {
    pub(crate) fn net(self) -> i128 {
        self.shipped + self.returned
    }
}

/// One dealer's net turnover of all products, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Years {
    pub(crate) now: i128,
    /// The same days a year before.
    pub(crate) before: i128,
}

/// Sums by dealer, and by dealer and group.
pub(crate) struct Sums {
    first: Date,
    last: Date,
    /// The group of each product, if it has one.
    group_of: Vec<Option<usize>>,
    groups: usize,
    turnover: Vec<Turnover>,
    years: Vec<Years>,
}

impl Sums {
    pub(crate) fn new(header: &Header, groups: &Groups) -> Self {
        let dealers = header.participants.len();
        Self {
            first: header.first,
            last: header.last,
            group_of: header.products.iter().map(|product| groups.position(&product.category)).collect(),
            groups: groups.len(),
            turnover: vec![Turnover::default(); dealers * groups.len()],
            years: vec![Years::default(); dealers],
        }
    }

    pub(crate) fn add(&mut self, fact: &Fact) {
        let dealer = fact.participant as usize;
        let amount = i128::from(fact.amount);
        if fact.on < self.first {
            self.years[dealer].before += amount;
        } else if fact.on <= self.last {
            self.years[dealer].now += amount;
            if let Some(group) = self.group_of[fact.product as usize] {
                let turnover = &mut self.turnover[dealer * self.groups + group];
                match fact.kind {
                    FactKind::Shipped => turnover.shipped += amount,
                    FactKind::Returned => turnover.returned += amount,
                }
            }
        }
    }

    /// A dealer's turnover, group by group.
    pub(crate) fn of(&self, dealer: u32) -> &[Turnover] {
        let start = dealer as usize * self.groups;
        &self.turnover[start..start + self.groups]
    }

    pub(crate) fn years(&self, dealer: u32) -> Years {
        self.years[dealer as usize]
    }
}
