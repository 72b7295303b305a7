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

    /// [`NAME`] with a value.
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Version of the distribution that wraps the SDK.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"0.1.0"`.
    pub const VERSION: &str = "telemetry.distro.version";

    /// [`VERSION`] with a value.
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

    /// [`LANGUAGE`] with a value.
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

    /// [`NAME`] with a value.
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Version of the telemetry SDK.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"0.33.1"`.
    pub const VERSION: &str = "telemetry.sdk.version";

    /// [`VERSION`] with a value.
    pub fn version(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(VERSION, value.into())
    }
}
