//! A data point of any kind, decoded as far as its columns need it.
//!
//! Messages: <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto>.

use lamplight_otlp::{Fields, Malformed, Value, trace::Attribute};

use crate::MetricKind;

/// A data point. What its kind does not have is zero or empty.
#[derive(Debug, Default)]
pub(super) struct Point<'a> {
    pub(super) attributes: Vec<Attribute<'a>>,
    pub(super) start: u64,
    pub(super) time: u64,
    pub(super) flags: u32,
    pub(super) value: f64,
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) buckets: Vec<u64>,
    pub(super) bounds: Vec<f64>,
    pub(super) scale: i32,
    pub(super) zero_count: u64,
    pub(super) positive: Buckets,
    pub(super) negative: Buckets,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) quantiles: Vec<(f64, f64)>,
    pub(super) exemplars: Vec<Exemplar<'a>>,
}

/// Buckets of an exponential histogram on one side of zero.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    pub(super) offset: i32,
    pub(super) counts: Vec<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Exemplar<'a> {
    pub(super) attributes: Vec<Attribute<'a>>,
    pub(super) time: u64,
    pub(super) value: f64,
    pub(super) span_id: &'a [u8],
    pub(super) trace_id: &'a [u8],
}

impl<'a> Point<'a> {
    pub(super) fn of(kind: MetricKind, message: &'a [u8]) -> Result<Self, Malformed> {
        let mut point = Self::default();
        for field in Fields::new(message) {
            let field = field?;
            match field {
                (2, Value::Fixed64(time)) => point.start = time,
                (3, Value::Fixed64(time)) => point.time = time,
                _ => match kind {
                    MetricKind::Gauge | MetricKind::Sum => point.number(field)?,
                    MetricKind::Histogram => point.histogram(field)?,
                    MetricKind::ExponentialHistogram => point.exponential(field)?,
                    MetricKind::Summary => point.summary(field)?,
                },
            }
        }
        Ok(point)
    }

    fn number(&mut self, field: (u64, Value<'a>)) -> Result<(), Malformed> {
        match field {
            (4, Value::Fixed64(bits)) => self.value = f64::from_bits(bits),
            (6, Value::Fixed64(bits)) => self.value = bits.cast_signed() as f64,
            (5, Value::Bytes(exemplar)) => self.exemplars.push(Exemplar::of(exemplar)?),
            (7, Value::Bytes(attribute)) => self.attributes.push(Attribute::new(attribute)?),
            (8, Value::Varint(flags)) => self.flags = flags as u32,
            _ => {}
        }
        Ok(())
    }

    fn histogram(&mut self, field: (u64, Value<'a>)) -> Result<(), Malformed> {
        match field {
            (4, Value::Fixed64(count)) => self.count = count,
            (5, Value::Fixed64(bits)) => self.sum = f64::from_bits(bits),
            (6, value) => fixed(value, &mut self.buckets)?,
            (7, value) => {
                let mut bits = Vec::new();
                fixed(value, &mut bits)?;
                self.bounds.extend(bits.into_iter().map(f64::from_bits));
            }
            (8, Value::Bytes(exemplar)) => self.exemplars.push(Exemplar::of(exemplar)?),
            (9, Value::Bytes(attribute)) => self.attributes.push(Attribute::new(attribute)?),
            (10, Value::Varint(flags)) => self.flags = flags as u32,
            (11, Value::Fixed64(bits)) => self.min = f64::from_bits(bits),
            (12, Value::Fixed64(bits)) => self.max = f64::from_bits(bits),
            _ => {}
        }
        Ok(())
    }

    fn exponential(&mut self, field: (u64, Value<'a>)) -> Result<(), Malformed> {
        match field {
            (1, Value::Bytes(attribute)) => self.attributes.push(Attribute::new(attribute)?),
            (4, Value::Fixed64(count)) => self.count = count,
            (5, Value::Fixed64(bits)) => self.sum = f64::from_bits(bits),
            (6, Value::Varint(scale)) => self.scale = signed(scale),
            (7, Value::Fixed64(count)) => self.zero_count = count,
            (8, Value::Bytes(buckets)) => self.positive = Buckets::of(buckets)?,
            (9, Value::Bytes(buckets)) => self.negative = Buckets::of(buckets)?,
            (10, Value::Varint(flags)) => self.flags = flags as u32,
            (11, Value::Bytes(exemplar)) => self.exemplars.push(Exemplar::of(exemplar)?),
            (12, Value::Fixed64(bits)) => self.min = f64::from_bits(bits),
            (13, Value::Fixed64(bits)) => self.max = f64::from_bits(bits),
            _ => {}
        }
        Ok(())
    }

    fn summary(&mut self, field: (u64, Value<'a>)) -> Result<(), Malformed> {
        match field {
            (4, Value::Fixed64(count)) => self.count = count,
            (5, Value::Fixed64(bits)) => self.sum = f64::from_bits(bits),
            (6, Value::Bytes(message)) => {
                let mut quantile = (0.0, 0.0);
                for field in Fields::new(message) {
                    match field? {
                        (1, Value::Fixed64(bits)) => quantile.0 = f64::from_bits(bits),
                        (2, Value::Fixed64(bits)) => quantile.1 = f64::from_bits(bits),
                        _ => {}
                    }
                }
                self.quantiles.push(quantile);
            }
            (7, Value::Bytes(attribute)) => self.attributes.push(Attribute::new(attribute)?),
            (8, Value::Varint(flags)) => self.flags = flags as u32,
            _ => {}
        }
        Ok(())
    }
}

impl Buckets {
    fn of(message: &[u8]) -> Result<Self, Malformed> {
        let mut buckets = Self::default();
        for field in Fields::new(message) {
            match field? {
                (1, Value::Varint(offset)) => buckets.offset = signed(offset),
                (2, Value::Varint(count)) => buckets.counts.push(count),
                (2, Value::Bytes(packed)) => varints(packed, &mut buckets.counts)?,
                _ => {}
            }
        }
        Ok(buckets)
    }
}

impl<'a> Exemplar<'a> {
    fn of(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut exemplar = Self::default();
        for field in Fields::new(message) {
            match field? {
                (2, Value::Fixed64(time)) => exemplar.time = time,
                (3, Value::Fixed64(bits)) => exemplar.value = f64::from_bits(bits),
                (6, Value::Fixed64(bits)) => exemplar.value = bits.cast_signed() as f64,
                (4, Value::Bytes(id)) => exemplar.span_id = id,
                (5, Value::Bytes(id)) => exemplar.trace_id = id,
                (7, Value::Bytes(attribute)) => {
                    exemplar.attributes.push(Attribute::new(attribute)?);
                }
                _ => {}
            }
        }
        Ok(exemplar)
    }
}

/// Returns a `sint32`.
const fn signed(value: u64) -> i32 {
    let value = value as u32;
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// Appends repeated `fixed64`, packed or single.
fn fixed(value: Value<'_>, numbers: &mut Vec<u64>) -> Result<(), Malformed> {
    match value {
        Value::Fixed64(number) => numbers.push(number),
        Value::Bytes(packed) => {
            let (packed, rest) = packed.as_chunks::<8>();
            if !rest.is_empty() {
                return Err(Malformed::default());
            }
            numbers.extend(packed.iter().map(|bytes| u64::from_le_bytes(*bytes)));
        }
        _ => {}
    }
    Ok(())
}

/// Appends packed `uint64`.
fn varints(packed: &[u8], numbers: &mut Vec<u64>) -> Result<(), Malformed> {
    let (mut number, mut shift) = (0_u64, 0);
    for byte in packed {
        if shift > 63 {
            return Err(Malformed::default());
        }
        number |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            numbers.push(number);
            (number, shift) = (0, 0);
        } else {
            shift += 7;
        }
    }
    if shift == 0 {
        Ok(())
    } else {
        Err(Malformed::default())
    }
}
