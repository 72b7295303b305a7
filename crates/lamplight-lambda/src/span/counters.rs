//! Counters that become attributes when their span ends.

use std::sync::Mutex;

use lamplight_internal::sync::lock;
use opentelemetry::{Key, KeyValue, Value};

/// The maximum number of counters: the default limit of attributes of a span.
const MOST: usize = 128;

/// A value for [`SpanHandle::add`](crate::SpanHandle::add): an integer or a floating-point number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CounterValue(Number);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    Int(i64),
    Float(f64),
}

impl From<i64> for CounterValue {
    fn from(value: i64) -> Self {
        Self(Number::Int(value))
    }
}

impl From<i32> for CounterValue {
    fn from(value: i32) -> Self {
        Self(Number::Int(value.into()))
    }
}

impl From<u32> for CounterValue {
    fn from(value: u32) -> Self {
        Self(Number::Int(value.into()))
    }
}

impl From<usize> for CounterValue {
    fn from(value: usize) -> Self {
        Self(Number::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

impl From<f64> for CounterValue {
    fn from(value: f64) -> Self {
        Self(Number::Float(value))
    }
}

impl CounterValue {
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

impl From<CounterValue> for Value {
    fn from(value: CounterValue) -> Self {
        match value.0 {
            Number::Int(int) => int.into(),
            Number::Float(float) => float.into(),
        }
    }
}

/// The counters of one span. There are few, so a list is the fastest map.
#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<Vec<(Key, CounterValue)>>);

impl Counters {
    /// Adds to a counter; a new one is created only if there is room for it.
    pub(super) fn add(&self, key: Key, value: CounterValue) {
        let mut counters = lock(&self.0);
        if let Some((_, total)) = counters.iter_mut().find(|(known, _)| *known == key) {
            *total = total.plus(value);
        } else if counters.len() < MOST {
            counters.push((key, value));
        }
    }

    /// Takes the sums, as attributes.
    pub(super) fn take(&self) -> impl ExactSizeIterator<Item = KeyValue> + use<> {
        let mut counters = lock(&self.0);
        std::mem::take(&mut *counters)
            .into_iter()
            .map(|(key, total)| KeyValue::new(key, total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_add_up_by_key() {
        let counters = Counters::default();
        counters.add("rows".into(), 2_usize.into());
        counters.add("seconds".into(), 1.into());
        counters.add("rows".into(), 3_u32.into());
        counters.add("seconds".into(), 0.5.into());
        counters.add("full".into(), i64::MAX.into());
        counters.add("full".into(), 1.into());
        let expected = [
            KeyValue::new("rows", 5),
            KeyValue::new("seconds", 1.5),
            KeyValue::new("full", i64::MAX),
        ];
        assert!(counters.take().eq(expected));
        assert_eq!(counters.take().count(), 0);
    }

    #[test]
    fn there_are_not_more_of_them_than_a_span_holds() {
        let counters = Counters::default();
        for index in 0..1_000 {
            counters.add(format!("counter-{index}").into(), 1.into());
        }
        counters.add("counter-0".into(), 1.into());
        assert_eq!(counters.take().next(), Some(KeyValue::new("counter-0", 2)));
        counters.add("again".into(), 1.into());
        assert_eq!(counters.take().count(), 1);
    }
}
