//! A raise is announced: for some days more a dealer pays from the list price before it.

use crate::settings::Settings;
use qudao_sdk::pricing::Line;
use qudao_sdk::{Date, Decimal, Note, note};

/// The list price that a dealer pays from on a day, and why it is not the line's own.
pub(crate) fn list_price(line: &Line, on: Date, settings: &Settings) -> (Decimal, Option<Note>) {
    let days = settings.notice_days;
    let lower = line.former_price.as_ref().filter(|former| days > 0 && former.price < line.base_price);
    let held = lower.map(|former| (former.price, former.until.plus_days(u32::from(days))));
    match held {
        Some((price, last)) if on <= last => (price, Some(note!("former-price", price, last))),
        _ => (line.base_price, None),
    }
}
