//! Amounts in the minor unit of their currency, and the one rule by which they are rounded.

use crate::decimal::Decimal;
use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 currency that has a minor unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The three-letter code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Decimals of the minor unit: JPY 0, CNY 2, KWD 3.
    #[must_use]
    pub fn exponent(self) -> u32 {
        // Invariant: `from_str` admits only currencies with an exponent.
        self.0.exponent().map_or(0, u32::from)
    }
}

/// The text is not a currency that money can be kept in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ISO 4217 currency with a minor unit; write for example CNY")]
pub struct UnknownCurrency(String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        iso_currency::Currency::from_code(code)
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or_else(|| UnknownCurrency(code.chars().take(12).collect()))
    }
}

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;

    fn try_from(code: String) -> Result<Self, UnknownCurrency> {
        code.parse()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units (fen, cents, whole yen) of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; negative is owed the other way.
    pub minor: i64,
    /// Its currency.
    pub currency: Currency,
}

/// Why an amount cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// More than 64 bits of minor units.
    #[error("the amount is larger than can be kept")]
    TooLarge,
    /// Two currencies in one sum.
    #[error("{0} and {1} cannot be added without an exchange rate")]
    CurrencyMismatch(Currency, Currency),
}

impl Money {
    /// `minor` units of `currency`.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Rounds an exact amount half-even to the currency's minor unit: the one rounding rule.
    /// Each line is rounded for itself and a document's total is the sum of its rounded lines,
    /// so no cent is left over; where a total must be shared out, see [`allocate`].
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when the result does not fit.
    pub fn round(exact: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let rounded =
            exact.round_dp_with_strategy(currency.exponent(), RoundingStrategy::MidpointNearestEven);
        let scaled = rounded
            .checked_mul(Decimal::from(10_i64.pow(currency.exponent())))
            .ok_or(MoneyError::TooLarge)?;
        let minor = scaled.to_i64().ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, currency })
    }

    /// `unit_price × quantity`, rounded by [`Money::round`].
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when the result does not fit.
    pub fn of_line(unit_price: Decimal, quantity: i64, currency: Currency) -> Result<Self, MoneyError> {
        let exact = unit_price.checked_mul(Decimal::from(quantity)).ok_or(MoneyError::TooLarge)?;
        Self::round(exact, currency)
    }

    /// The amount in major units: 1,234 fen is 12.34.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// The sum of both.
    ///
    /// # Errors
    /// When the currencies differ or the sum does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.to_decimal())
    }
}

/// Shares `total` out in proportion to `weights`, exactly: each share is rounded down and the
/// minor units left over go one each to the largest remainders, the earlier share first where
/// two are equal (Hamilton's method). All weights zero: everything goes to the first.
///
/// # Panics
/// Never: weights are widened to 128 bits before they are multiplied.
#[must_use]
pub fn allocate(total: i64, weights: &[u64]) -> Vec<i64> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if sum == 0 {
        let mut shares = vec![0; weights.len()];
        if let Some(first) = shares.first_mut() {
            *first = total;
        }
        return shares;
    }
    let size = u128::from(total.unsigned_abs());
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (place, weight) in weights.iter().enumerate() {
        let product = size * u128::from(*weight);
        shares.push(product / sum);
        remainders.push((product % sum, place));
    }
    let left = size - shares.iter().sum::<u128>();
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, place) in remainders.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        shares[place] += 1;
    }
    let sign = i128::from(total.signum());
    let signed = |share: u128| i128::try_from(share).unwrap_or(i128::MAX) * sign;
    shares.into_iter().map(|share| i64::try_from(signed(share)).unwrap_or(total)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bigdecimal::{BigDecimal, RoundingMode};
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn exponents_are_respected() {
        for (code, exponent, minor) in [("JPY", 0, 1235), ("CNY", 2, 123_450), ("KWD", 3, 1_234_500)] {
            assert_eq!(currency(code).exponent(), exponent);
            let exact = Decimal::new(12_345, 1);
            assert_eq!(Money::round(exact, currency(code)).unwrap().minor, minor - i64::from(exponent == 0));
        }
    }

    #[test]
    fn the_peers_mistakes() {
        // 15 % off 23.99 × 10, and ¥800 at 13 % tax inclusive: net 707.96.
        let price = Decimal::new(2399, 2) * Decimal::new(85, 2);
        assert_eq!(Money::of_line(price, 10, currency("CNY")).unwrap().minor, 20_392);
        let net = Decimal::from(800) / Decimal::new(113, 2);
        assert_eq!(Money::round(net, currency("CNY")).unwrap().minor, 70_796);
    }

    #[test]
    fn codes_without_a_minor_unit_are_refused() {
        for code in ["XAU", "cny", "", "渠道"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn rounding_agrees_with_a_big_decimal_oracle(
            mantissa in -999_999_999_999_i64..999_999_999_999,
            scale in 0..=9_u32,
            quantity in 1..1_000_i64,
            code in prop::sample::select(vec!["JPY", "CNY", "KWD", "USD", "CLF"]),
        ) {
            let currency = currency(code);
            let ours = Money::of_line(Decimal::new(mantissa, scale), quantity, currency);
            let exact = BigDecimal::new(mantissa.into(), i64::from(scale)) * BigDecimal::from(quantity);
            let oracle = exact.with_scale_round(i64::from(currency.exponent()), RoundingMode::HalfEven);
            let (minor, _) = oracle.into_bigint_and_exponent();
            // What no 64 bits hold is an error, never another number.
            prop_assert_eq!(i64::try_from(minor).ok(), ours.ok().map(|money| money.minor));
        }

        #[test]
        fn shares_add_up_and_stay_near_their_part(
            total in -1_000_000_000_i64..1_000_000_000,
            weights in prop::collection::vec(0_u64..1_000_000, 1..40),
        ) {
            let shares = allocate(total, &weights);
            prop_assert_eq!(shares.iter().sum::<i64>(), total);
            let sum: u64 = weights.iter().sum();
            if sum > 0 {
                for (share, weight) in shares.iter().zip(&weights) {
                    let exact = i128::from(total) * i128::from(*weight);
                    prop_assert!((i128::from(*share) * i128::from(sum) - exact).abs() < i128::from(sum));
                }
            }
        }
    }
}
