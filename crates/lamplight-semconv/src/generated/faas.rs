// Generated from a registry of semantic conventions: change that, not this.

//! `faas.*`

use ::opentelemetry::{KeyValue, StringValue, Value};

/// True for the first invocation of an environment, if its caller waited for the environment to
/// start.
///
/// Type: `boolean`. Stability: development.
pub const COLDSTART: &str = "faas.coldstart";

/// Returns the attribute `faas.coldstart` with this value. See [`COLDSTART`].
pub fn coldstart(value: bool) -> KeyValue {
    KeyValue::new(COLDSTART, value)
}

/// Schedule that fired, as a cron expression.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"0/5 * * * ? *"`.
pub const CRON: &str = "faas.cron";

/// Returns the attribute `faas.cron` with this value. See [`CRON`].
pub fn cron(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(CRON, value.into())
}

/// Former name of the invocation identifier.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"af9d5aa4-a685-4c5f-a22b-444f80b3cc28"`.
#[deprecated(note = "use `faas.invocation_id` instead")]
pub const EXECUTION: &str = "faas.execution";

/// Returns the attribute `faas.execution` with this value. See [`EXECUTION`].
#[deprecated(note = "use `faas.invocation_id` instead")]
pub fn execution(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new("faas.execution", value.into())
}

/// Execution environment that serves the invocation.
///
/// On Lambda, this is the full name of the log stream.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"2026/06/28/[$LATEST]2f399eb14537447da05ab2a2e39309de"`.
pub const INSTANCE: &str = "faas.instance";

/// Returns the attribute `faas.instance` with this value. See [`INSTANCE`].
pub fn instance(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(INSTANCE, value.into())
}

/// Identifier of the invocation; on Lambda, the request id of its context.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"af9d5aa4-a685-4c5f-a22b-444f80b3cc28"`.
pub const INVOCATION_ID: &str = "faas.invocation_id";

/// Returns the attribute `faas.invocation_id` with this value. See [`INVOCATION_ID`].
pub fn invocation_id(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(INVOCATION_ID, value.into())
}

/// Name of the function that is called.
///
/// Type: `string`. Stability: development.
///
/// Required by span `aws.client.invoke`.
///
/// Examples: `"price-calculator"`.
pub const INVOKED_NAME: &str = "faas.invoked_name";

/// Returns the attribute `faas.invoked_name` with this value. See [`INVOKED_NAME`].
pub fn invoked_name(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(INVOKED_NAME, value.into())
}

/// Cloud in which the called function runs.
///
/// Type: `enum of string`. Stability: development.
///
/// Required by span `aws.client.invoke`.
pub const INVOKED_PROVIDER: &str = "faas.invoked_provider";

/// Returns the attribute `faas.invoked_provider` with this value. See [`INVOKED_PROVIDER`].
pub fn invoked_provider(value: FaasInvokedProvider) -> KeyValue {
    KeyValue::new(INVOKED_PROVIDER, value)
}

/// Values of [`INVOKED_PROVIDER`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaasInvokedProvider {
    /// Alibaba Cloud.
    AlibabaCloud,
    /// Amazon Web Services.
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
    /// Tencent Cloud.
    TencentCloud,
    /// A value the registry does not list.
    Custom(StringValue),
}

impl FaasInvokedProvider {
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
            "alibaba_cloud" => Self::AlibabaCloud,
            "aws" => Self::Aws,
            "azure" => Self::Azure,
            "gcp" => Self::Gcp,
            "tencent_cloud" => Self::TencentCloud,
            _ => Self::Custom(value),
        }
    }

    fn listed(&self) -> &'static str {
        match self {
            Self::AlibabaCloud => "alibaba_cloud",
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Gcp => "gcp",
            Self::TencentCloud => "tencent_cloud",
            Self::Custom(_) => "",
        }
    }
}

impl From<FaasInvokedProvider> for Value {
    fn from(value: FaasInvokedProvider) -> Self {
        match value {
            FaasInvokedProvider::Custom(value) => value.into(),
            listed => listed.listed().into(),
        }
    }
}

/// Region in which the called function runs.
///
/// Type: `string`. Stability: development.
///
/// Conditionally required by span `aws.client.invoke`.
///
/// Examples: `"eu-central-1"`.
pub const INVOKED_REGION: &str = "faas.invoked_region";

/// Returns the attribute `faas.invoked_region` with this value. See [`INVOKED_REGION`].
pub fn invoked_region(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(INVOKED_REGION, value.into())
}

/// Memory the function may use, in bytes.
///
/// Lambda reports mebibytes, so its figure has to be multiplied by 1,048,576.
///
/// Type: `int`. Stability: development.
///
/// Examples: `134217728`.
pub const MAX_MEMORY: &str = "faas.max_memory";

/// Returns the attribute `faas.max_memory` with this value. See [`MAX_MEMORY`].
pub fn max_memory(value: i64) -> KeyValue {
    KeyValue::new(MAX_MEMORY, value)
}

/// Name of the deployed function.
///
/// The configured name, not the name of the handler in the code.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"order-ingress"`.
pub const NAME: &str = "faas.name";

/// Returns the attribute `faas.name` with this value. See [`NAME`].
pub fn name(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(NAME, value.into())
}

/// Scheduled time of the invocation, ISO 8601 in UTC.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"2026-01-23T13:47:06Z"`.
pub const TIME: &str = "faas.time";

/// Returns the attribute `faas.time` with this value. See [`TIME`].
pub fn time(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(TIME, value.into())
}

/// Kind of event that triggered the invocation.
///
/// Type: `enum of string`. Stability: development.
///
/// Required by span `faas.server`, span `messaging.process.consumer`, span `lamplight.change`,
/// span `faas.server.http`, span `faas.server.pubsub`, span `faas.server.timer`, 1 more.
pub const TRIGGER: &str = "faas.trigger";

/// Returns the attribute `faas.trigger` with this value. See [`TRIGGER`].
pub fn trigger(value: FaasTrigger) -> KeyValue {
    KeyValue::new(TRIGGER, value)
}

/// Values of [`TRIGGER`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaasTrigger {
    /// A change in a database, a bucket or another store.
    Datasource,
    /// A request whose sender waits for the response.
    Http,
    /// One or more messages of a queue, topic, stream or bus.
    Pubsub,
    /// A schedule.
    Timer,
    /// None of the others.
    Other,
}

impl FaasTrigger {
    /// Returns the recorded value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Datasource => "datasource",
            Self::Http => "http",
            Self::Pubsub => "pubsub",
            Self::Timer => "timer",
            Self::Other => "other",
        }
    }

    /// Returns the member with this value.
    pub fn from_value(value: &str) -> Option<Self> {
        match value {
            "datasource" => Some(Self::Datasource),
            "http" => Some(Self::Http),
            "pubsub" => Some(Self::Pubsub),
            "timer" => Some(Self::Timer),
            "other" => Some(Self::Other),
            _ => None,
        }
    }
}

impl From<FaasTrigger> for Value {
    fn from(value: FaasTrigger) -> Self {
        value.as_str().into()
    }
}

/// Version of the running function, as numbered by Lambda.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"26"`, `"$LATEST"`.
pub const VERSION: &str = "faas.version";

/// Returns the attribute `faas.version` with this value. See [`VERSION`].
pub fn version(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(VERSION, value.into())
}

/// `faas.document.*`
pub mod document {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Bucket, table or database that contains the change.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Required by span `lamplight.change`. Conditionally required by span
    /// `faas.server.datasource`.
    ///
    /// Examples: `"orders-bucket"`.
    pub const COLLECTION: &str = "faas.document.collection";

    /// Returns the attribute `faas.document.collection` with this value. See [`COLLECTION`].
    pub fn collection(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(COLLECTION, value.into())
    }

    /// Object or record that changed.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"invoices/2026/42.pdf"`.
    pub const NAME: &str = "faas.document.name";

    /// Returns the attribute `faas.document.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Operation that changed the data.
    ///
    /// Type: `enum of string`. Stability: development.
    ///
    /// Required by span `lamplight.change`. Conditionally required by span
    /// `faas.server.datasource`.
    pub const OPERATION: &str = "faas.document.operation";

    /// Returns the attribute `faas.document.operation` with this value. See [`OPERATION`].
    pub fn operation(value: FaasDocumentOperation) -> KeyValue {
        KeyValue::new(OPERATION, value)
    }

    /// Values of [`OPERATION`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum FaasDocumentOperation {
        /// Something new was stored.
        Insert,
        /// Something that existed was changed.
        Edit,
        /// Something was removed.
        Delete,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl FaasDocumentOperation {
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
                "insert" => Self::Insert,
                "edit" => Self::Edit,
                "delete" => Self::Delete,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Insert => "insert",
                Self::Edit => "edit",
                Self::Delete => "delete",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<FaasDocumentOperation> for Value {
        fn from(value: FaasDocumentOperation) -> Self {
            match value {
                FaasDocumentOperation::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }

    /// Time of the change, ISO 8601 in UTC.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"2026-01-23T13:47:06Z"`.
    pub const TIME: &str = "faas.document.time";

    /// Returns the attribute `faas.document.time` with this value. See [`TIME`].
    pub fn time(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(TIME, value.into())
    }
}
