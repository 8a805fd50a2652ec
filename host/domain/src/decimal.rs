//! Exact numbers at the contract's width: a signed 64-bit mantissa with at most nine decimals.

pub use rust_decimal::Decimal;

/// The most decimals a number of the contract may carry.
pub const MAX_SCALE: u8 = 9;

/// Why a number cannot cross the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// More than [`MAX_SCALE`] decimals.
    #[error("a number may have at most {MAX_SCALE} decimals, this one has {0}")]
    TooManyDecimals(u32),
    /// The mantissa does not fit into 64 bits.
    #[error("a number is larger than the contract can carry (19 digits)")]
    TooLarge,
}

/// A number from its mantissa and scale: `from_parts(1999, 2)` is 19.99.
///
/// # Errors
/// [`DecimalError::TooManyDecimals`] when `scale` is above [`MAX_SCALE`].
pub fn from_parts(mantissa: i64, scale: u8) -> Result<Decimal, DecimalError> {
    if scale > MAX_SCALE {
        return Err(DecimalError::TooManyDecimals(u32::from(scale)));
    }
    Ok(Decimal::new(mantissa, u32::from(scale)))
}

/// Mantissa and scale of a number, trailing zeros dropped.
///
/// # Errors
/// When the number is wider than the contract: see [`DecimalError`].
pub fn to_parts(number: Decimal) -> Result<(i64, u8), DecimalError> {
    let number = number.normalize();
    let scale = number.scale();
    let narrow = u8::try_from(scale).ok().filter(|scale| *scale <= MAX_SCALE);
    let scale = narrow.ok_or(DecimalError::TooManyDecimals(scale))?;
    let mantissa = i64::try_from(number.mantissa()).map_err(|_| DecimalError::TooLarge)?;
    Ok((mantissa, scale))
}

/// A number as it stands in a column: its digits as text, since SQLite has no exact decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Exact(pub Decimal);

#[cfg(feature = "sqlx")]
mod column {
    use super::Exact;
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError;
    use sqlx::{Database, Decode, Encode, Type};

    impl<DB: Database> Type<DB> for Exact
    where
        String: Type<DB>,
    {
        fn type_info() -> DB::TypeInfo {
            <String as Type<DB>>::type_info()
        }
        fn compatible(info: &DB::TypeInfo) -> bool {
            <String as Type<DB>>::compatible(info)
        }
    }

    impl<'q, DB: Database> Encode<'q, DB> for Exact
    where
        String: Encode<'q, DB>,
    {
        fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
            <String as Encode<'q, DB>>::encode(self.0.to_string(), buffer)
        }
    }

    impl<'r, DB: Database> Decode<'r, DB> for Exact
    where
        &'r str: Decode<'r, DB>,
    {
        fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
            Ok(Self(<&'r str as Decode<'r, DB>>::decode(value)?.parse()?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_round_trip(mantissa: i64, scale in 0..=MAX_SCALE) {
            let number = from_parts(mantissa, scale).unwrap();
            let (m, s) = to_parts(number).unwrap();
            prop_assert_eq!(from_parts(m, s).unwrap(), number);
        }
    }

    #[test]
    fn too_wide_is_refused() {
        assert_eq!(from_parts(1, 10), Err(DecimalError::TooManyDecimals(10)));
        assert_eq!(to_parts(Decimal::new(1, 10)), Err(DecimalError::TooManyDecimals(10)));
        assert_eq!(to_parts(Decimal::MAX), Err(DecimalError::TooLarge));
    }
}
