// Generated from a registry of semantic conventions: change that, not this.

//! `rpc.*`

use ::opentelemetry::{KeyValue, StringValue, Value};

/// Called method.
///
/// Type: `string`. Stability: release candidate.
///
/// Required by span `aws.client`, span `aws.client.messaging`, span
/// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
/// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
///
/// Examples: `"SendMessage"`.
pub const METHOD: &str = "rpc.method";

/// Returns the attribute `rpc.method` with this value. See [`METHOD`].
pub fn method(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(METHOD, value.into())
}

/// Called service, still required by the AWS conventions.
///
/// Type: `string`. Stability: development.
///
/// Required by span `aws.client`, span `aws.client.messaging`, span
/// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
/// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
///
/// Examples: `"SQS"`.
#[deprecated(note = "Record the method together with its service.")]
pub const SERVICE: &str = "rpc.service";

/// Returns the attribute `rpc.service` with this value. See [`SERVICE`].
#[deprecated(note = "Record the method together with its service.")]
pub fn service(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new("rpc.service", value.into())
}

/// Former name of the system, still required by the AWS conventions.
///
/// Type: `enum of string`. Stability: development.
///
/// Required by span `aws.client`, span `aws.client.messaging`, span
/// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
/// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
#[deprecated(note = "use `rpc.system.name` instead")]
pub const SYSTEM: &str = "rpc.system";

/// Returns the attribute `rpc.system` with this value. See [`SYSTEM`].
#[deprecated(note = "use `rpc.system.name` instead")]
pub fn system(value: RpcSystem) -> KeyValue {
    KeyValue::new("rpc.system", value)
}

/// Values of [`SYSTEM`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RpcSystem {
    /// gRPC.
    Grpc,
    /// A call through an AWS SDK.
    AwsApi,
    /// A value the registry does not list.
    Custom(StringValue),
}

impl RpcSystem {
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
            "grpc" => Self::Grpc,
            "aws-api" => Self::AwsApi,
            _ => Self::Custom(value),
        }
    }

    fn listed(&self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::AwsApi => "aws-api",
            Self::Custom(_) => "",
        }
    }
}

impl From<RpcSystem> for Value {
    fn from(value: RpcSystem) -> Self {
        match value {
            RpcSystem::Custom(value) => value.into(),
            listed => listed.listed().into(),
        }
    }
}

/// `rpc.system.*`
pub mod system {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// System of the remote procedure call.
    ///
    /// Type: `enum of string`. Stability: release candidate.
    ///
    /// Required by span `aws.client`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
    /// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
    pub const NAME: &str = "rpc.system.name";

    /// Returns the attribute `rpc.system.name` with this value. See [`NAME`].
    pub fn name(value: RpcSystemName) -> KeyValue {
        KeyValue::new(NAME, value)
    }

    /// Values of [`NAME`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum RpcSystemName {
        /// gRPC.
        Grpc,
        /// Apache Dubbo.
        Dubbo,
        /// Connect RPC.
        Connectrpc,
        /// JSON-RPC.
        Jsonrpc,
        /// A call through an AWS SDK. An addition of this registry that keeps the value of the
        /// former attribute.
        AwsApi,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl RpcSystemName {
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
                "grpc" => Self::Grpc,
                "dubbo" => Self::Dubbo,
                "connectrpc" => Self::Connectrpc,
                "jsonrpc" => Self::Jsonrpc,
                "aws-api" => Self::AwsApi,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Grpc => "grpc",
                Self::Dubbo => "dubbo",
                Self::Connectrpc => "connectrpc",
                Self::Jsonrpc => "jsonrpc",
                Self::AwsApi => "aws-api",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<RpcSystemName> for Value {
        fn from(value: RpcSystemName) -> Self {
            match value {
                RpcSystemName::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }
}
