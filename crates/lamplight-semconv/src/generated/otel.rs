// Generated from a registry of semantic conventions: change that, not this.

//! `otel.*`

/// `otel.component.*`
pub mod component {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Name of the component, unlike that of any other in the process and the same after a
    /// restart.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"lamplight_span_queue/0"`.
    pub const NAME: &str = "otel.component.name";

    /// [`NAME`] with a value.
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Type of the component; where no published one fits, its name in the language.
    ///
    /// Type: `enum of string`. Stability: development.
    ///
    /// Examples: `"lamplight_export::SpanQueue"`.
    pub const TYPE: &str = "otel.component.type";

    /// [`TYPE`] with a value.
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
        /// The recorded value.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Custom(value) => value.as_str(),
                listed => listed.listed(),
            }
        }

        /// The member with this value, or [`Custom`](Self::Custom) if there is none.
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

    /// Whether the series stands for all that there was no room for.
    ///
    /// Type: `boolean`. Stability: development.
    pub const OVERFLOW: &str = "otel.metric.overflow";

    /// [`OVERFLOW`] with a value.
    pub fn overflow(value: bool) -> KeyValue {
        KeyValue::new(OVERFLOW, value)
    }
}
