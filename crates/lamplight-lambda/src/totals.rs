//! Counters that add up over an invocation.

use opentelemetry::{Key, KeyValue, Value};
use std::sync::{Mutex, PoisonError};

/// As many as a span may have attributes, by the SDK specification's default.
const MOST: usize = 128;

/// What [`Invocation::add`](crate::Invocation::add) adds: an integer or a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount(Number);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Number {
    Int(i64),
    Float(f64),
}

impl From<i64> for Amount {
    fn from(amount: i64) -> Self {
        Self(Number::Int(amount))
    }
}

impl From<i32> for Amount {
    fn from(amount: i32) -> Self {
        Self(Number::Int(amount.into()))
    }
}

impl From<u32> for Amount {
    fn from(amount: u32) -> Self {
        Self(Number::Int(amount.into()))
    }
}

impl From<usize> for Amount {
    fn from(amount: usize) -> Self {
        Self(Number::Int(i64::try_from(amount).unwrap_or(i64::MAX)))
    }
}

impl From<f64> for Amount {
    fn from(amount: f64) -> Self {
        Self(Number::Float(amount))
    }
}

impl Amount {
    fn plus(self, other: Self) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a sum of floats is inexact anyway"
        )]
        let float = |number| match number {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
        };
        Self(match (self.0, other.0) {
            (Number::Int(a), Number::Int(b)) => Number::Int(a.saturating_add(b)),
            (a, b) => Number::Float(float(a) + float(b)),
        })
    }
}

impl From<Amount> for Value {
    fn from(amount: Amount) -> Self {
        match amount.0 {
            Number::Int(int) => int.into(),
            Number::Float(float) => float.into(),
        }
    }
}

/// The counters of one invocation. Few, so a list is the fastest map.
#[derive(Debug, Default)]
pub(crate) struct Totals(Mutex<Vec<(Key, Amount)>>);

impl Totals {
    pub(crate) fn add(&self, key: Key, amount: Amount) {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, total)) = totals.iter_mut().find(|(known, _)| *known == key) {
            *total = total.plus(amount);
        } else if totals.len() < MOST {
            totals.push((key, amount));
        }
    }

    /// The sums, as attributes.
    pub(crate) fn take(&self) -> impl ExactSizeIterator<Item = KeyValue> + use<> {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *totals)
            .into_iter()
            .map(|(key, total)| KeyValue::new(key, total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_add_up_by_key() {
        let totals = Totals::default();
        totals.add("rows".into(), 2_usize.into());
        totals.add("seconds".into(), 1.into());
        totals.add("rows".into(), 3_u32.into());
        totals.add("seconds".into(), 0.5.into());
        totals.add("full".into(), i64::MAX.into());
        totals.add("full".into(), 1.into());
        let expected = [
            KeyValue::new("rows", 5),
            KeyValue::new("seconds", 1.5),
            KeyValue::new("full", i64::MAX),
        ];
        assert!(totals.take().eq(expected));
        assert_eq!(totals.take().count(), 0);
    }

    #[test]
    fn there_are_not_more_of_them_than_a_span_holds() {
        let totals = Totals::default();
        for index in 0..1_000 {
            totals.add(format!("counter-{index}").into(), 1.into());
        }
        totals.add("counter-0".into(), 1.into());
        assert_eq!(totals.take().next(), Some(KeyValue::new("counter-0", 2)));
        totals.add("again".into(), 1.into());
        assert_eq!(totals.take().count(), 1);
    }
}
