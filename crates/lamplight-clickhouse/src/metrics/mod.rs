//! Data points as rows of the five tables of metrics.

mod point;
mod points;

use lamplight_otlp::{Fields, Malformed, Value, trace::messages};

use self::{
    point::Point,
    points::{Descriptor, Points, Resource, Scope},
};
use crate::{MetricKind, Pushed, attributes::Attributes, insert};

/// Blocks of data points under construction, one for each kind of metric.
#[derive(Debug, Default)]
pub struct MetricBlocks {
    gauge: Points,
    sum: Points,
    histogram: Points,
    exponential: Points,
    summary: Points,
}

/// A block of data points, encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricBlock {
    /// Kind, which names the table.
    pub kind: MetricKind,
    /// Number of data points.
    pub rows: usize,
    /// Block in the format `Native`.
    pub body: Vec<u8>,
}

impl MetricBlock {
    /// Returns the statement that inserts the block into a database.
    #[must_use]
    pub fn statement(&self, database: &str) -> String {
        insert::statement(database, self.kind.table(), &self.kind.columns())
    }
}

impl MetricBlocks {
    /// Returns the number of rows in all of them.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.gauge.rows()
            + self.sum.rows()
            + self.histogram.rows()
            + self.exponential.rows()
            + self.summary.rows()
    }

    /// Adds a row for each data point of an `ExportMetricsServiceRequest`. A malformed one is left out and
    /// counted; where the rest of the request cannot be found behind it, that counts as one more.
    pub fn push(&mut self, request: &[u8]) -> Pushed {
        let mut pushed = Pushed::default();
        for resource in messages(request, 1) {
            let resource = resource.and_then(|resource| self.push_resource(resource, &mut pushed));
            if resource.is_err() {
                pushed.malformed += 1;
            }
        }
        pushed
    }

    fn push_resource(&mut self, message: &[u8], pushed: &mut Pushed) -> Result<(), Malformed> {
        let resource = Resource::of(message)?;
        for scope in messages(message, 2) {
            let message = scope?;
            let scope = Scope::of(message)?;
            for metric in messages(message, 2) {
                let metric = metric?;
                let descriptor = Descriptor::of(metric)?;
                for field in Fields::new(metric) {
                    let (kind, data) = match field? {
                        (5, Value::Bytes(data)) => (MetricKind::Gauge, data),
                        (7, Value::Bytes(data)) => (MetricKind::Sum, data),
                        (9, Value::Bytes(data)) => (MetricKind::Histogram, data),
                        (10, Value::Bytes(data)) => (MetricKind::ExponentialHistogram, data),
                        (11, Value::Bytes(data)) => (MetricKind::Summary, data),
                        _ => continue,
                    };
                    let descriptor = descriptor.with_data(data)?;
                    let points = self.of(kind);
                    let mut attributes = Attributes::default();
                    for point in messages(data, 1) {
                        match Point::of(kind, point?) {
                            Ok(point) => {
                                points.push(
                                    &resource,
                                    &scope,
                                    &descriptor,
                                    &point,
                                    &mut attributes,
                                );
                                pushed.rows += 1;
                            }
                            Err(Malformed { .. }) => pushed.malformed += 1,
                        }
                    }
                }
            }
        }
        Ok(())
    }

    const fn of(&mut self, kind: MetricKind) -> &mut Points {
        match kind {
            MetricKind::Gauge => &mut self.gauge,
            MetricKind::Sum => &mut self.sum,
            MetricKind::Histogram => &mut self.histogram,
            MetricKind::ExponentialHistogram => &mut self.exponential,
            MetricKind::Summary => &mut self.summary,
        }
    }

    /// Returns the blocks that have rows, encoded, and empties these.
    #[must_use]
    pub fn finish(&mut self) -> Vec<MetricBlock> {
        let kinds = MetricKind::ALL.into_iter();
        kinds
            .filter_map(|kind| {
                let points = std::mem::take(self.of(kind));
                (points.rows() > 0).then(|| MetricBlock {
                    kind,
                    rows: points.rows(),
                    body: points.encode(kind),
                })
            })
            .collect()
    }
}
