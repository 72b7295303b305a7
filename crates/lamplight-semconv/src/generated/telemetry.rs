// Generated from a registry of semantic conventions: change that, not this.

//! `telemetry.*`

/// `telemetry.distro.*`
pub mod distro {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Name of the distribution that wraps the SDK.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"lamplight"`.
    pub const NAME: &str = "telemetry.distro.name";

    /// Returns the attribute `telemetry.distro.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Version of the distribution that wraps the SDK.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"0.1.0"`.
    pub const VERSION: &str = "telemetry.distro.version";

    /// Returns the attribute `telemetry.distro.version` with this value. See [`VERSION`].
    pub fn version(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(VERSION, value.into())
    }
}

/// `telemetry.sdk.*`
pub mod sdk {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Language of the telemetry SDK.
    ///
    /// Type: `enum of string`. Stability: stable.
    pub const LANGUAGE: &str = "telemetry.sdk.language";

    /// Returns the attribute `telemetry.sdk.language` with this value. See [`LANGUAGE`].
    pub fn language(value: TelemetrySdkLanguage) -> KeyValue {
        KeyValue::new(LANGUAGE, value)
    }

    /// Values of [`LANGUAGE`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum TelemetrySdkLanguage {
        /// Rust.
        Rust,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl TelemetrySdkLanguage {
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
                "rust" => Self::Rust,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Rust => "rust",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<TelemetrySdkLanguage> for Value {
        fn from(value: TelemetrySdkLanguage) -> Self {
            match value {
                TelemetrySdkLanguage::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }

    /// Name of the telemetry SDK.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"opentelemetry"`.
    pub const NAME: &str = "telemetry.sdk.name";

    /// Returns the attribute `telemetry.sdk.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Version of the telemetry SDK.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"0.33.1"`.
    pub const VERSION: &str = "telemetry.sdk.version";

    /// Returns the attribute `telemetry.sdk.version` with this value. See [`VERSION`].
    pub fn version(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(VERSION, value.into())
    }
}
