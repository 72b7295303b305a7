//! Encoding of metric points in OTLP.
//!
//! Specification:
//! <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto>.

use lamplight_otlp::{Fields, Writer};
use lamplight_semconv as semconv;

/// `AGGREGATION_TEMPORALITY_DELTA`.
const DELTA: u64 = 1;

/// Start and end of points, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// Name, unit and description of a metric.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Description {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) description: &'static str,
}

/// Makes a [`Description`] from the registry's constants for a metric.
macro_rules! description {
    ($($module:ident)::+) => {
        $crate::metrics::points::Description {
            name: ::lamplight_semconv::metrics::$($module)::+::NAME,
            unit: ::lamplight_semconv::metrics::$($module)::+::UNIT,
            description: ::lamplight_semconv::metrics::$($module)::+::DESCRIPTION,
        }
    };
}
pub(crate) use description;

/// Returns a `ResourceMetrics` in field 1, as part of a request. `resource` are attributes, each in
/// field 1; `metrics` writes the metrics in reverse order.
pub(crate) fn resource_metrics(resource: &[u8], metrics: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::with_capacity(4096);
    writer.message(1, |writer| {
        writer.message(2, |writer| {
            writer.bytes(3, semconv::SCHEMA_URL.as_bytes());
            metrics(writer);
            writer.message(1, |writer| {
                writer.bytes(2, env!("CARGO_PKG_VERSION").as_bytes());
                writer.bytes(1, env!("CARGO_PKG_NAME").as_bytes());
            });
        });
        writer.bytes_always(1, resource);
    });
    writer.into_bytes()
}

/// Writes a `Metric`; `data` writes its points in reverse order.
fn metric(writer: &mut Writer, about: Description, number: u32, data: impl FnOnce(&mut Writer)) {
    writer.message(2, |writer| {
        writer.message(number, data);
        writer.bytes(3, about.unit.as_bytes());
        writer.bytes(2, about.description.as_bytes());
        writer.bytes(1, about.name.as_bytes());
    });
}

/// Writes a monotonic delta sum, if there are points. Each point is a number with attributes.
pub(crate) fn sum<'a>(
    writer: &mut Writer,
    about: Description,
    times: Times,
    points: impl DoubleEndedIterator<Item = (u64, &'a [u8])>,
) {
    let mut points = points.rev().peekable();
    if points.peek().is_none() {
        return;
    }
    metric(writer, about, 7, |writer| {
        writer.uint(3, 1);
        writer.uint(2, DELTA);
        for (number, attributes) in points {
            writer.message(1, |writer| {
                write_attributes(writer, 7, attributes);
                writer.fixed64_always(6, number.min(i64::MAX as u64));
                writer.fixed64(3, times.end);
                writer.fixed64(2, times.start);
            });
        }
    });
}

/// Writes a gauge, if there are points. Each point is a number with attributes.
pub(crate) fn gauge<'a>(
    writer: &mut Writer,
    about: Description,
    at: u64,
    points: impl DoubleEndedIterator<Item = (f64, &'a [u8])>,
) {
    let mut points = points.rev().peekable();
    if points.peek().is_none() {
        return;
    }
    metric(writer, about, 5, |writer| {
        for (number, attributes) in points {
            writer.message(1, |writer| {
                write_attributes(writer, 7, attributes);
                writer.fixed64_always(4, number.to_bits());
                writer.fixed64(3, at);
            });
        }
    });
}

/// Writes delta histograms, if there are points: `point` writes each one. `number` is the field of
/// their kind.
pub(super) fn histograms<P>(
    writer: &mut Writer,
    about: Description,
    number: u32,
    points: impl DoubleEndedIterator<Item = P>,
    mut point: impl FnMut(&mut Writer, P),
) {
    let mut points = points.rev().peekable();
    if points.peek().is_none() {
        return;
    }
    metric(writer, about, number, |writer| {
        writer.uint(2, DELTA);
        for it in points {
            writer.message(1, |writer| point(writer, it));
        }
    });
}

/// Writes attributes, each given in field 1, as fields with the number that the kind of point uses
/// for them.
pub(super) fn write_attributes(writer: &mut Writer, number: u32, attributes: &[u8]) {
    let each: Vec<&[u8]> = Fields::new(attributes).bytes(1).collect();
    for attribute in each.into_iter().rev() {
        writer.bytes_always(number, attribute);
    }
}
