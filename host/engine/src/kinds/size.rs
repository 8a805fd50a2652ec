//! How large an answer is, counted as wasmtime counts what a guest hands over: the bytes of each text, and for each
//! list its length times the size of an element. `Limits::max_answer_bytes` bounds this figure.

use super::deal::{self, ToldAffected, ToldFloor, ToldRuling, ToldShare};
use super::incentive::{ToldBasis, ToldPayout, ToldSettlement, ToldUnpaid};
use super::kpi::{ToldIndicator, ToldScorecard};
use super::pricing::{ToldAdjustment, ToldLine, ToldOrderAdjustment, ToldQuote, ToldViolation};
use super::types::{ToldDescriptor, ToldMessage, ToldMoney, ToldNote, ToldText, ToldValue};

/// What a guest handed over.
pub(crate) trait HandedOver {
    /// The bytes that count against the limit.
    fn answer_bytes(&self) -> usize;
}

impl HandedOver for String {
    fn answer_bytes(&self) -> usize {
        self.len()
    }
}

impl HandedOver for u64 {
    fn answer_bytes(&self) -> usize {
        0
    }
}

impl<T: HandedOver> HandedOver for Vec<T> {
    fn answer_bytes(&self) -> usize {
        self.len() * size_of::<T>() + self.iter().map(T::answer_bytes).sum::<usize>()
    }
}

impl<T: HandedOver, E: HandedOver> HandedOver for Result<T, E> {
    fn answer_bytes(&self) -> usize {
        match self {
            Ok(value) => value.answer_bytes(),
            Err(error) => error.answer_bytes(),
        }
    }
}

impl<T: HandedOver> HandedOver for (T,) {
    fn answer_bytes(&self) -> usize {
        self.0.answer_bytes()
    }
}

impl HandedOver for ToldBasis {
    fn answer_bytes(&self) -> usize {
        match self {
            Self::All => 0,
            Self::Category(category) => category.answer_bytes(),
            Self::Facts(seqs) => seqs.answer_bytes(),
        }
    }
}

impl HandedOver for ToldShare {
    fn answer_bytes(&self) -> usize {
        0
    }
}

impl HandedOver for ToldFloor {
    fn answer_bytes(&self) -> usize {
        match self {
            Self::Share(_) => 0,
            Self::Amount(money) => money.answer_bytes(),
        }
    }
}

impl<T: HandedOver> HandedOver for Option<T> {
    fn answer_bytes(&self) -> usize {
        self.as_ref().map_or(0, T::answer_bytes)
    }
}

impl HandedOver for ToldValue {
    fn answer_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.answer_bytes(),
            Self::Amount(money) => money.answer_bytes(),
            Self::Number(_) | Self::Percent(_) | Self::Day(_) | Self::Flag(_) => 0,
        }
    }
}

/// A record is as large as those of its fields that are not of a fixed size.
macro_rules! sum {
    ($($told:path: $($field:ident),+;)+) => {
        $(impl HandedOver for $told {
            fn answer_bytes(&self) -> usize {
                0 $(+ self.$field.answer_bytes())+
            }
        })+
    };
}

sum! {
    ToldMoney: currency;
    ToldNote: code, args;
    ToldText: zh_cn, en;
    ToldMessage: code, text;
    ToldDescriptor: name, version, title, summary, settings_schema, settings_default, messages, attributes, metrics;
    deal::ToldDescriptor: name, version, title, summary, settings_schema, settings_default, messages, attributes;
    ToldAdjustment: reason;
    ToldLine: adjustments, skipped;
    ToldOrderAdjustment: amount, reason;
    ToldQuote: lines, adjustments, approvals;
    ToldViolation: reason;
    ToldPayout: reason, basis, steps;
    ToldUnpaid: reason;
    ToldSettlement: payouts, unpaid;
    ToldIndicator: code, steps;
    ToldScorecard: indicators, grade;
    ToldAffected: reasons;
    ToldRuling: shares, floor, reasons, affected;
}
