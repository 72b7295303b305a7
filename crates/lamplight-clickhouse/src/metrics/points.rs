//! The columns of data points.

use lamplight_otlp::{
    Fields, Malformed, Value,
    trace::{Attribute, attributes},
};
use lamplight_semconv::service;

use super::point::Point;
use crate::{
    MetricKind,
    attributes::Attributes,
    native::{Block, Floats, List, Map, Maps, Numbers, Texts},
    text,
};

const COMMON: [&str; 15] = [
    "ResourceAttributes",
    "ResourceSchemaUrl",
    "ScopeName",
    "ScopeVersion",
    "ScopeAttributes",
    "ScopeDroppedAttrCount",
    "ScopeSchemaUrl",
    "ServiceName",
    "MetricName",
    "MetricDescription",
    "MetricUnit",
    "Attributes",
    "StartTimeUnix",
    "TimeUnix",
    "Flags",
];
const EXEMPLARS: [&str; 5] = [
    "Exemplars.FilteredAttributes",
    "Exemplars.TimeUnix",
    "Exemplars.Value",
    "Exemplars.SpanId",
    "Exemplars.TraceId",
];
const EXTREMES: [&str; 3] = ["Min", "Max", "AggregationTemporality"];

impl MetricKind {
    /// Returns the columns that an insert names.
    pub(super) fn columns(self) -> Vec<&'static str> {
        let own: Vec<&[&str]> = match self {
            Self::Gauge => vec![&["Value"], &EXEMPLARS],
            Self::Sum => vec![
                &["Value"],
                &EXEMPLARS,
                &["AggregationTemporality", "IsMonotonic"],
            ],
            Self::Histogram => vec![
                &["Count", "Sum", "BucketCounts", "ExplicitBounds"],
                &EXEMPLARS,
                &EXTREMES,
            ],
            Self::ExponentialHistogram => vec![
                &[
                    "Count",
                    "Sum",
                    "Scale",
                    "ZeroCount",
                    "PositiveOffset",
                    "PositiveBucketCounts",
                    "NegativeOffset",
                    "NegativeBucketCounts",
                ],
                &EXEMPLARS,
                &EXTREMES,
            ],
            Self::Summary => vec![&[
                "Count",
                "Sum",
                "ValueAtQuantiles.Quantile",
                "ValueAtQuantiles.Value",
            ]],
        };
        let own = own.into_iter().flatten();
        COMMON.iter().chain(own).copied().collect()
    }
}

/// The columns that all data points of a resource share.
#[derive(Debug)]
pub(super) struct Resource<'a> {
    attributes: Vec<Attribute<'a>>,
    schema_url: &'a [u8],
    service_name: Vec<u8>,
}

/// The columns that all data points of a scope share.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    name: &'a [u8],
    version: &'a [u8],
    attributes: Vec<Attribute<'a>>,
    dropped: u32,
    schema_url: &'a [u8],
}

/// The columns that all data points of a metric share.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Descriptor<'a> {
    name: &'a [u8],
    description: &'a [u8],
    unit: &'a [u8],
    temporality: i32,
    is_monotonic: bool,
}

impl<'a> Resource<'a> {
    /// Reads the resource of a `ResourceMetrics`.
    pub(super) fn of(message: &'a [u8]) -> Result<Self, Malformed> {
        let (mut resource, mut schema_url) = (&b""[..], &b""[..]);
        for field in Fields::new(message) {
            match field? {
                (1, Value::Bytes(bytes)) => resource = bytes,
                (3, Value::Bytes(bytes)) => schema_url = bytes,
                _ => {}
            }
        }
        let attributes: Vec<_> = attributes(resource, 1).collect::<Result<_, _>>()?;
        let mut service_name = Vec::new();
        if let Some(service) = attributes
            .iter()
            .find(|it| it.key == service::NAME.as_bytes())
        {
            text::put(&mut service_name, &service.value);
        }
        Ok(Self {
            attributes,
            schema_url,
            service_name,
        })
    }
}

impl<'a> Scope<'a> {
    /// Reads the scope of a `ScopeMetrics`.
    pub(super) fn of(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut scope = Self::default();
        for field in Fields::new(message) {
            match field? {
                (1, Value::Bytes(bytes)) => {
                    for field in Fields::new(bytes) {
                        match field? {
                            (1, Value::Bytes(name)) => scope.name = name,
                            (2, Value::Bytes(version)) => scope.version = version,
                            (3, Value::Bytes(attribute)) => {
                                scope.attributes.push(Attribute::new(attribute)?);
                            }
                            (4, Value::Varint(dropped)) => scope.dropped = dropped as u32,
                            _ => {}
                        }
                    }
                }
                (3, Value::Bytes(bytes)) => scope.schema_url = bytes,
                _ => {}
            }
        }
        Ok(scope)
    }
}

impl<'a> Descriptor<'a> {
    pub(super) fn of(metric: &'a [u8]) -> Result<Self, Malformed> {
        let mut descriptor = Self::default();
        for field in Fields::new(metric) {
            match field? {
                (1, Value::Bytes(bytes)) => descriptor.name = bytes,
                (2, Value::Bytes(bytes)) => descriptor.description = bytes,
                (3, Value::Bytes(bytes)) => descriptor.unit = bytes,
                _ => {}
            }
        }
        Ok(descriptor)
    }

    /// Reads temporality and monotonicity, which stand beside the data points.
    pub(super) fn with_data(mut self, data: &[u8]) -> Result<Self, Malformed> {
        for field in Fields::new(data) {
            match field? {
                (2, Value::Varint(temporality)) => self.temporality = temporality as i32,
                (3, Value::Varint(is_monotonic)) => self.is_monotonic = is_monotonic != 0,
                _ => {}
            }
        }
        Ok(self)
    }
}

/// The columns of data points of one kind; those of other kinds stay empty.
#[derive(Debug, Default)]
pub(super) struct Points {
    rows: usize,
    resource_attributes: Map,
    resource_schema: Texts,
    scope_name: Texts,
    scope_version: Texts,
    scope_attributes: Map,
    scope_dropped: Numbers,
    scope_schema: Texts,
    service_name: Texts,
    name: Texts,
    description: Texts,
    unit: Texts,
    attributes: Map,
    start: Numbers,
    time: Numbers,
    flags: Numbers,
    value: Floats,
    count: Numbers,
    sum: Floats,
    buckets: Column<Numbers>,
    bounds: Column<Floats>,
    scale: Numbers,
    zero_count: Numbers,
    positive_offset: Numbers,
    positive: Column<Numbers>,
    negative_offset: Numbers,
    negative: Column<Numbers>,
    min: Floats,
    max: Floats,
    temporality: Numbers,
    is_monotonic: Numbers,
    quantiles: List,
    quantile: Floats,
    quantile_value: Floats,
    exemplars: List,
    exemplar_attributes: Maps,
    exemplar_time: Numbers,
    exemplar_value: Floats,
    exemplar_span_id: Texts,
    exemplar_trace_id: Texts,
}

/// A column of arrays.
#[derive(Debug, Default)]
struct Column<T> {
    list: List,
    items: T,
}

impl Column<Numbers> {
    fn push(&mut self, numbers: &[u64]) {
        self.list.push(numbers.len());
        for number in numbers {
            self.items.push(number.to_le_bytes());
        }
    }
}

impl Points {
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn push<'a>(
        &mut self,
        resource: &Resource<'a>,
        scope: &Scope<'a>,
        descriptor: &Descriptor<'a>,
        point: &Point<'a>,
        scratch: &mut Attributes<'a>,
    ) {
        let mut row = |map: &mut Map, attributes: &[Attribute<'a>]| {
            scratch.clear();
            for attribute in attributes {
                scratch.push(*attribute);
            }
            scratch.end_row(map);
        };
        row(&mut self.resource_attributes, &resource.attributes);
        row(&mut self.scope_attributes, &scope.attributes);
        row(&mut self.attributes, &point.attributes);
        for exemplar in &point.exemplars {
            row(self.exemplar_attributes.items(), &exemplar.attributes);
            self.exemplar_time.push_time(exemplar.time);
            self.exemplar_value.push(exemplar.value);
            self.exemplar_span_id.push_id(exemplar.span_id);
            self.exemplar_trace_id.push_id(exemplar.trace_id);
        }
        self.exemplars.push(point.exemplars.len());

        self.resource_schema.push(resource.schema_url);
        self.scope_name.push(scope.name);
        self.scope_version.push(scope.version);
        self.scope_dropped.push(scope.dropped.to_le_bytes());
        self.scope_schema.push(scope.schema_url);
        self.service_name.push(&resource.service_name);
        self.name.push(descriptor.name);
        self.description.push(descriptor.description);
        self.unit.push(descriptor.unit);
        self.temporality.push(descriptor.temporality.to_le_bytes());
        self.is_monotonic.push([u8::from(descriptor.is_monotonic)]);

        self.start.push_time(point.start);
        self.time.push_time(point.time);
        self.flags.push(point.flags.to_le_bytes());
        self.value.push(point.value);
        self.count.push(point.count.to_le_bytes());
        self.sum.push(point.sum);
        self.buckets.push(&point.buckets);
        self.bounds.list.push(point.bounds.len());
        for bound in &point.bounds {
            self.bounds.items.push(*bound);
        }
        self.scale.push(point.scale.to_le_bytes());
        self.zero_count.push(point.zero_count.to_le_bytes());
        let (positive, negative) = (&point.positive, &point.negative);
        self.positive_offset.push(positive.offset.to_le_bytes());
        self.positive.push(&positive.counts);
        self.negative_offset.push(negative.offset.to_le_bytes());
        self.negative.push(&negative.counts);
        self.min.push(point.min);
        self.max.push(point.max);
        self.quantiles.push(point.quantiles.len());
        for (quantile, value) in &point.quantiles {
            self.quantile.push(*quantile);
            self.quantile_value.push(*value);
        }
        self.rows += 1;
    }

    /// Returns the block in the format `Native`.
    pub(super) fn encode(&self, kind: MetricKind) -> Vec<u8> {
        let columns = kind.columns();
        let mut block = Block::new(columns.len(), self.rows, 0);
        for name in columns {
            self.write(&mut block, name);
        }
        block.finish()
    }

    fn write(&self, block: &mut Block, name: &str) {
        const COUNTS: &str = "Array(UInt64)";
        const FLOATS: &str = "Array(Float64)";
        const TEXTS: &str = "Array(String)";
        let (exemplars, quantiles) = (&self.exemplars, &self.quantiles);
        match name {
            "ResourceAttributes" => self.resource_attributes.write(block, name),
            "ResourceSchemaUrl" => self.resource_schema.write(block, name),
            "ScopeName" => self.scope_name.write(block, name),
            "ScopeVersion" => self.scope_version.write(block, name),
            "ScopeAttributes" => self.scope_attributes.write(block, name),
            "ScopeDroppedAttrCount" => self.scope_dropped.write(block, name, "UInt32"),
            "ScopeSchemaUrl" => self.scope_schema.write(block, name),
            "ServiceName" => self.service_name.write(block, name),
            "MetricName" => self.name.write(block, name),
            "MetricDescription" => self.description.write(block, name),
            "MetricUnit" => self.unit.write(block, name),
            "Attributes" => self.attributes.write(block, name),
            "StartTimeUnix" => self.start.write(block, name, "DateTime64(9)"),
            "TimeUnix" => self.time.write(block, name, "DateTime64(9)"),
            "Flags" => self.flags.write(block, name, "UInt32"),
            "Value" => self.value.write(block, name),
            "Count" => self.count.write(block, name, "UInt64"),
            "Sum" => self.sum.write(block, name),
            "BucketCounts" => {
                let column = &self.buckets;
                column.list.write(block, name, COUNTS, column.items.bytes());
            }
            "ExplicitBounds" => {
                let column = &self.bounds;
                column.list.write(block, name, FLOATS, column.items.bytes());
            }
            "Scale" => self.scale.write(block, name, "Int32"),
            "ZeroCount" => self.zero_count.write(block, name, "UInt64"),
            "PositiveOffset" => self.positive_offset.write(block, name, "Int32"),
            "PositiveBucketCounts" => {
                let column = &self.positive;
                column.list.write(block, name, COUNTS, column.items.bytes());
            }
            "NegativeOffset" => self.negative_offset.write(block, name, "Int32"),
            "NegativeBucketCounts" => {
                let column = &self.negative;
                column.list.write(block, name, COUNTS, column.items.bytes());
            }
            "Min" => self.min.write(block, name),
            "Max" => self.max.write(block, name),
            "AggregationTemporality" => self.temporality.write(block, name, "Int32"),
            "IsMonotonic" => self.is_monotonic.write(block, name, "Bool"),
            "ValueAtQuantiles.Quantile" => {
                quantiles.write(block, name, FLOATS, self.quantile.bytes());
            }
            "ValueAtQuantiles.Value" => {
                quantiles.write(block, name, FLOATS, self.quantile_value.bytes());
            }
            "Exemplars.FilteredAttributes" => {
                self.exemplar_attributes.write(block, name, exemplars);
            }
            "Exemplars.TimeUnix" => {
                let times = self.exemplar_time.bytes();
                exemplars.write(block, name, "Array(DateTime64(9))", times);
            }
            "Exemplars.Value" => {
                exemplars.write(block, name, FLOATS, self.exemplar_value.bytes());
            }
            "Exemplars.SpanId" => {
                exemplars.write(block, name, TEXTS, self.exemplar_span_id.bytes());
            }
            _ => exemplars.write(block, name, TEXTS, self.exemplar_trace_id.bytes()),
        }
    }
}
