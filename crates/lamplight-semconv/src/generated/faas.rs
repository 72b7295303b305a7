// Generated from a registry of semantic conventions: change that, not this.

//! `faas.*`

use ::opentelemetry::{KeyValue, StringValue, Value};

/// Whether this invocation is the first of its execution environment.
///
/// Type: `boolean`. Stability: development.
pub const COLDSTART: &str = "faas.coldstart";

/// [`COLDSTART`] with a value.
pub fn coldstart(value: bool) -> KeyValue {
    KeyValue::new(COLDSTART, value)
}

/// Schedule that fired, as a cron expression.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"0/5 * * * ? *"`.
pub const CRON: &str = "faas.cron";

/// [`CRON`] with a value.
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

/// [`EXECUTION`] with a value.
#[deprecated(note = "use `faas.invocation_id` instead")]
pub fn execution(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new("faas.execution", value.into())
}

/// Execution environment that serves the invocation.
///
/// On Lambda the full name of the log stream.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"2026/06/28/[$LATEST]2f399eb14537447da05ab2a2e39309de"`.
pub const INSTANCE: &str = "faas.instance";

/// [`INSTANCE`] with a value.
pub fn instance(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(INSTANCE, value.into())
}

/// Identifier of the invocation, on Lambda the request id of its context.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"af9d5aa4-a685-4c5f-a22b-444f80b3cc28"`.
pub const INVOCATION_ID: &str = "faas.invocation_id";

/// [`INVOCATION_ID`] with a value.
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

/// [`INVOKED_NAME`] with a value.
pub fn invoked_name(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(INVOKED_NAME, value.into())
}

/// Cloud in which the called function runs.
///
/// Type: `enum of string`. Stability: development.
///
/// Required by span `aws.client.invoke`.
pub const INVOKED_PROVIDER: &str = "faas.invoked_provider";

/// [`INVOKED_PROVIDER`] with a value.
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

/// [`INVOKED_REGION`] with a value.
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

/// [`MAX_MEMORY`] with a value.
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

/// [`NAME`] with a value.
pub fn name(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(NAME, value.into())
}

/// Time a scheduled invocation was meant for, ISO 8601 in UTC.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"2026-01-23T13:47:06Z"`.
pub const TIME: &str = "faas.time";

/// [`TIME`] with a value.
pub fn time(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(TIME, value.into())
}

/// Kind of event that made the function run.
///
/// Type: `enum of string`. Stability: development.
///
/// Required by span `faas.server`, span `messaging.process.consumer`, span `lamplight.change`,
/// span `faas.server.http`, span `faas.server.pubsub`, span `faas.server.timer`, 1 more.
pub const TRIGGER: &str = "faas.trigger";

/// [`TRIGGER`] with a value.
pub fn trigger(value: FaasTrigger) -> KeyValue {
    KeyValue::new(TRIGGER, value)
}

/// Values of [`TRIGGER`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaasTrigger {
    /// A change in a database, a bucket or another store.
    Datasource,
    /// A request that waits for its answer.
    Http,
    /// One or more messages of a queue, topic, stream or bus.
    Pubsub,
    /// A schedule.
    Timer,
    /// None of the others.
    Other,
}

impl FaasTrigger {
    /// The recorded value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Datasource => "datasource",
            Self::Http => "http",
            Self::Pubsub => "pubsub",
            Self::Timer => "timer",
            Self::Other => "other",
        }
    }

    /// The member with this value.
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

/// Published version of the function that runs, as Lambda numbers it.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"26"`, `"$LATEST"`.
pub const VERSION: &str = "faas.version";

/// [`VERSION`] with a value.
pub fn version(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(VERSION, value.into())
}

/// `faas.document.*`
pub mod document {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Bucket, table or database in which the change happened.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Required by span `lamplight.change`. Conditionally required by span
    /// `faas.server.datasource`.
    ///
    /// Examples: `"orders-bucket"`.
    pub const COLLECTION: &str = "faas.document.collection";

    /// [`COLLECTION`] with a value.
    pub fn collection(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(COLLECTION, value.into())
    }

    /// Object or record that changed.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"invoices/2026/42.pdf"`.
    pub const NAME: &str = "faas.document.name";

    /// [`NAME`] with a value.
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// What was done to the data.
    ///
    /// Type: `enum of string`. Stability: development.
    ///
    /// Required by span `lamplight.change`. Conditionally required by span
    /// `faas.server.datasource`.
    pub const OPERATION: &str = "faas.document.operation";

    /// [`OPERATION`] with a value.
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

    /// [`TIME`] with a value.
    pub fn time(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(TIME, value.into())
    }
}
