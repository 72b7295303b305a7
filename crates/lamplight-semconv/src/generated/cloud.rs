// Generated from a registry of semantic conventions: change that, not this.

//! `cloud.*`

use ::opentelemetry::{KeyValue, StringValue, Value};

/// Cloud service that runs the program.
///
/// Type: `enum of string`. Stability: development.
pub const PLATFORM: &str = "cloud.platform";

/// Returns the attribute `cloud.platform` with this value. See [`PLATFORM`].
pub fn platform(value: CloudPlatform) -> KeyValue {
    KeyValue::new(PLATFORM, value)
}

/// Values of [`PLATFORM`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloudPlatform {
    /// AWS Lambda.
    AwsLambda,
    /// Amazon Elastic Container Service.
    AwsEcs,
    /// Amazon Elastic Kubernetes Service.
    AwsEks,
    /// Amazon Elastic Compute Cloud.
    AwsEc2,
    /// A value the registry does not list.
    Custom(StringValue),
}

impl CloudPlatform {
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
            "aws_lambda" => Self::AwsLambda,
            "aws_ecs" => Self::AwsEcs,
            "aws_eks" => Self::AwsEks,
            "aws_ec2" => Self::AwsEc2,
            _ => Self::Custom(value),
        }
    }

    fn listed(&self) -> &'static str {
        match self {
            Self::AwsLambda => "aws_lambda",
            Self::AwsEcs => "aws_ecs",
            Self::AwsEks => "aws_eks",
            Self::AwsEc2 => "aws_ec2",
            Self::Custom(_) => "",
        }
    }
}

impl From<CloudPlatform> for Value {
    fn from(value: CloudPlatform) -> Self {
        match value {
            CloudPlatform::Custom(value) => value.into(),
            listed => listed.listed().into(),
        }
    }
}

/// Cloud in which the program runs.
///
/// Type: `enum of string`. Stability: development.
pub const PROVIDER: &str = "cloud.provider";

/// Returns the attribute `cloud.provider` with this value. See [`PROVIDER`].
pub fn provider(value: CloudProvider) -> KeyValue {
    KeyValue::new(PROVIDER, value)
}

/// Values of [`PROVIDER`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloudProvider {
    /// Amazon Web Services.
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
    /// A value the registry does not list.
    Custom(StringValue),
}

impl CloudProvider {
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
            "aws" => Self::Aws,
            "azure" => Self::Azure,
            "gcp" => Self::Gcp,
            _ => Self::Custom(value),
        }
    }

    fn listed(&self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Gcp => "gcp",
            Self::Custom(_) => "",
        }
    }
}

impl From<CloudProvider> for Value {
    fn from(value: CloudProvider) -> Self {
        match value {
            CloudProvider::Custom(value) => value.into(),
            listed => listed.listed().into(),
        }
    }
}

/// Region of the resource.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"eu-west-1"`.
pub const REGION: &str = "cloud.region";

/// Returns the attribute `cloud.region` with this value. See [`REGION`].
pub fn region(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(REGION, value.into())
}

/// Identifier of the resource, unique in its cloud; on AWS, the ARN.
///
/// For a function that was called through an alias, the alias is replaced by the version to which
/// it points. The identifier is therefore known only per invocation.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"arn:aws:lambda:eu-west-1:123456789012:function:order-ingress:26"`.
pub const RESOURCE_ID: &str = "cloud.resource_id";

/// Returns the attribute `cloud.resource_id` with this value. See [`RESOURCE_ID`].
pub fn resource_id(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(RESOURCE_ID, value.into())
}

/// `cloud.account.*`
pub mod account {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Account that owns the resource.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"123456789012"`.
    pub const ID: &str = "cloud.account.id";

    /// Returns the attribute `cloud.account.id` with this value. See [`ID`].
    pub fn id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ID, value.into())
    }
}
