//! Amounts in the minor unit of their currency, and the one rule by which they are rounded.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 currency: three capital letters and the number of decimals of its minor unit.
///
/// ```
/// use qudao_sdk::Currency;
/// let yen: Currency = "JPY".parse()?;
/// assert_eq!(yen.exponent(), 0);
/// # Ok::<(), qudao_sdk::NotACurrency>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The text is not three capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotACurrency(String);

impl fmt::Display for NotACurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no currency; write for example CNY", self.0)
    }
}

impl std::error::Error for NotACurrency {}

impl Currency {
    /// The three-letter code.
    #[must_use]
    pub fn code(&self) -> &str {
        // Invariant: `from_str` admits only ASCII capitals.
        str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the minor unit: JPY 0, CNY 2, KWD 3.
    #[must_use]
    pub fn exponent(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(code: &str) -> Result<Self, NotACurrency> {
        let letters = <[u8; 3]>::try_from(code.as_bytes()).ok();
        letters
            .filter(|letters| letters.iter().all(u8::is_ascii_uppercase))
            .map(Self)
            .ok_or_else(|| NotACurrency(code.chars().take(12).collect()))
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
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        code.parse().map_err(D::Error::custom)
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

impl Money {
    /// `minor` units of `currency`.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Rounds an exact amount in major units half-even to the currency's minor unit, as the host does.
    ///
    /// ```
    /// use qudao_sdk::{Currency, Decimal, Money};
    /// let cny: Currency = "CNY".parse()?;
    /// assert_eq!(Money::round(Decimal::new(10_025, 3), cny).minor, 1002);
    /// assert_eq!(Money::round(Decimal::new(10_035, 3), cny).minor, 1004);
    /// # Ok::<(), qudao_sdk::NotACurrency>(())
    /// ```
    ///
    /// # Panics
    /// When the amount has more than 64 bits of minor units.
    #[must_use]
    pub fn round(exact: Decimal, currency: Currency) -> Self {
        let rounded =
            exact.round_dp_with_strategy(currency.exponent(), RoundingStrategy::MidpointNearestEven);
        let scaled = rounded.checked_mul(Decimal::from(10_i64.pow(currency.exponent())));
        match scaled.and_then(|minor| minor.to_i64()) {
            Some(minor) => Self { minor, currency },
            None => crate::boundary::amount_does_not_fit(exact),
        }
    }

    /// `unit_price × quantity`, rounded by [`Money::round`].
    ///
    /// # Panics
    /// When the amount has more than 64 bits of minor units.
    #[must_use]
    pub fn of_line(unit_price: Decimal, quantity: i64, currency: Currency) -> Self {
        match unit_price.checked_mul(Decimal::from(quantity)) {
            Some(exact) => Self::round(exact, currency),
            None => crate::boundary::amount_does_not_fit(unit_price),
        }
    }

    /// The amount in major units: 1,234 fen is 12.34.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.to_decimal())
    }
}

/// Shares `total` out in proportion to `weights`, exactly: each share is rounded down and the minor
/// units left over go one each to the largest remainders, the earlier share first where two are
/// equal. All weights zero: everything goes to the first.
///
/// ```
/// assert_eq!(qudao_sdk::allocate(100, &[1, 1, 1]), [34, 33, 33]);
/// ```
#[must_use]
pub fn allocate(total: i64, weights: &[u64]) -> Vec<i64> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if sum == 0 {
        return weights.iter().enumerate().map(|(place, _)| if place == 0 { total } else { 0 }).collect();
    }
    let size = u128::from(total.unsigned_abs());
    let mut shares: Vec<u128> = weights.iter().map(|weight| size * u128::from(*weight) / sum).collect();
    let left = size - shares.iter().sum::<u128>();
    let remainder = |place: &usize| size * u128::from(weights[*place]) % sum;
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // The sort is stable: of equal remainders the earlier share comes first.
    order.sort_by_key(|place| std::cmp::Reverse(remainder(place)));
    for place in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        shares[place] += 1;
    }
    let signed = |share: u128| i128::try_from(share).unwrap_or(i128::MAX) * i128::from(total.signum());
    shares.into_iter().map(|share| i64::try_from(signed(share)).unwrap_or(total)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exponents_are_those_of_the_host() {
        for theirs in (0..26_u32.pow(3)).filter_map(|number| {
            let letter = |place: u32| char::from(b'A' + u8::try_from(number / place % 26).unwrap());
            iso_currency::Currency::from_code(
                &[letter(676), letter(26), letter(1)].iter().collect::<String>(),
            )
        }) {
            if let Some(exponent) = theirs.exponent() {
                let ours: Currency = theirs.code().parse().unwrap();
                assert_eq!(ours.exponent(), u32::from(exponent), "{ours}");
            }
        }
    }

    proptest! {
        #[test]
        fn rounding_is_that_of_the_host(
            mantissa in -999_999_999_999_i64..999_999_999_999,
            scale in 0..=9_u32,
            quantity in 1..1_000_i64,
            code in prop::sample::select(vec!["JPY", "CNY", "KWD", "CLF"]),
        ) {
            let price = Decimal::new(mantissa, scale);
            let theirs = qudao_domain::money::Money::of_line(price, quantity, code.parse().unwrap());
            // A few of these amounts have more than 64 bits of minor units, which neither rounds.
            prop_assume!(theirs.is_ok());
            prop_assert_eq!(Money::of_line(price, quantity, code.parse().unwrap()).minor, theirs.unwrap().minor);
        }

        #[test]
        fn shares_are_those_of_the_host(
            total in -1_000_000_000_i64..1_000_000_000,
            weights in prop::collection::vec(0_u64..1_000_000, 0..40),
        ) {
            prop_assert_eq!(allocate(total, &weights), qudao_domain::money::allocate(total, &weights));
        }
    }
}
