// Generated from a registry of semantic conventions: change that, not this.

//! `otel.*`

/// `otel.component.*`
pub mod component {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Name of the component, unique in the process and unchanged after a restart.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"lamplight_span_queue/0"`.
    pub const NAME: &str = "otel.component.name";

    /// Returns the attribute `otel.component.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Type of the component; if no published type fits, the name of the type in the language.
    ///
    /// Type: `enum of string`. Stability: development.
    ///
    /// Examples: `"lamplight_export::SpanQueue"`.
    pub const TYPE: &str = "otel.component.type";

    /// Returns the attribute `otel.component.type` with this value. See [`TYPE`].
    pub fn r#type(value: OtelComponentType) -> KeyValue {
        KeyValue::new(TYPE, value)
    }

    /// Values of [`TYPE`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum OtelComponentType {
        /// An OTLP exporter over gRPC.
        OtlpGrpcSpanExporter,
        /// An OTLP exporter over HTTP, with protobuf.
        OtlpHttpSpanExporter,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl OtelComponentType {
        /// Returns the recorded value.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Custom(value) => value.as_str(),
                listed => listed.listed(),
            }
        }

        /// Returns the member with this value, or [`Custom`](Self::Custom) if there is none.
        pub fn from_value(value: impl Into<StringValue>) -> Self {
            let value = value.into();
            match value.as_str() {
                "otlp_grpc_span_exporter" => Self::OtlpGrpcSpanExporter,
                "otlp_http_span_exporter" => Self::OtlpHttpSpanExporter,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::OtlpGrpcSpanExporter => "otlp_grpc_span_exporter",
                Self::OtlpHttpSpanExporter => "otlp_http_span_exporter",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<OtelComponentType> for Value {
        fn from(value: OtelComponentType) -> Self {
            match value {
                OtelComponentType::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }
}

/// `otel.metric.*`
pub mod metric {
    use ::opentelemetry::KeyValue;

    /// True if the series represents all those beyond the series limit.
    ///
    /// Type: `boolean`. Stability: development.
    pub const OVERFLOW: &str = "otel.metric.overflow";

    /// Returns the attribute `otel.metric.overflow` with this value. See [`OVERFLOW`].
    pub fn overflow(value: bool) -> KeyValue {
        KeyValue::new(OVERFLOW, value)
    }
}
