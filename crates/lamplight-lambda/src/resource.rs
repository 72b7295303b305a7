//! The resource of a Lambda function, from its environment.

use std::path::Path;

use lamplight_internal::environment::Environment;
use lamplight_semconv::{
    self as semconv,
    cloud::{CloudPlatform, CloudProvider},
};
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::{
    Resource,
    resource::{ResourceDetector, TelemetryResourceDetector},
};
use percent_encoding::percent_decode_str;

/// The name of this distribution of the SDK.
const DISTRIBUTION: &str = "lamplight";

const OTEL_RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";

/// A detector of the resource of a Lambda function, as the AWS Lambda resource convention defines it.
///
/// | attribute | from |
/// |---|---|
/// | `cloud.provider`, `cloud.platform` | `aws`, `aws_lambda`, in Lambda only |
/// | `cloud.region` | `AWS_REGION`, in Lambda only |
/// | `faas.name`, `faas.version` | `AWS_LAMBDA_FUNCTION_NAME`, `AWS_LAMBDA_FUNCTION_VERSION` |
/// | `faas.instance`, `aws.log.stream.names` | `AWS_LAMBDA_LOG_STREAM_NAME` |
/// | `aws.log.group.names` | `AWS_LAMBDA_LOG_GROUP_NAME` |
/// | `faas.max_memory` (bytes) | `AWS_LAMBDA_FUNCTION_MEMORY_SIZE` (MB) |
/// | `service.name` | `OTEL_SERVICE_NAME`, otherwise `OTEL_RESOURCE_ATTRIBUTES`, otherwise the function's name; without any, `unknown_service:` and the program's name |
/// | `telemetry.sdk.*` | the OpenTelemetry SDK: its name, language and version |
/// | `telemetry.distro.name`, `telemetry.distro.version` | `lamplight` and its version |
/// | any | `OTEL_RESOURCE_ATTRIBUTES`, which overrides all of the above except `OTEL_SERVICE_NAME` |
///
/// Attributes without a value in the environment are left out. The environment counts as Lambda if
/// `AWS_LAMBDA_FUNCTION_NAME` is set, which it is not in tests and local programs. `OTEL_RESOURCE_ATTRIBUTES`
/// has the form `key=value,key=value`; white space around keys and values is ignored, and both are
/// percent-decoded, so that a comma is written `%2C`. An invalid member is left out and logged once, and the
/// others are kept (the specification would discard all of them). An empty value counts as unset.
///
/// [`detect`](ResourceDetector::detect) alone returns the whole resource of a function, including everything
/// that the SDK's detectors find in the environment and about the SDK. In a builder, for each attribute, the
/// last detector or attribute wins: later ones override this detector, and this detector overrides the
/// initial attributes of `Resource::builder()`. A builder does not take the schema URL of a detector; it can
/// be added.
///
/// ```
/// use lamplight_lambda::LambdaResourceDetector;
/// use lamplight_semconv::SCHEMA_URL;
/// use opentelemetry::KeyValue;
/// use opentelemetry_sdk::Resource;
///
/// let resource = Resource::builder()
///     .with_detector(Box::new(LambdaResourceDetector))
///     .with_attribute(KeyValue::new("deployment.environment.name", "production"))
///     .with_schema_url([], SCHEMA_URL)
///     .build();
/// ```
///
/// Specification: <https://opentelemetry.io/docs/specs/semconv/resource/cloud-provider/aws/lambda/>.
#[derive(Debug, Clone, Copy, Default)]
pub struct LambdaResourceDetector;

impl ResourceDetector for LambdaResourceDetector {
    fn detect(&self) -> Resource {
        from_environment(&Environment::of_process())
    }
}

fn from_environment(environment: &Environment<'_>) -> Resource {
    let mut attributes = vec![
        semconv::telemetry::distro::name(DISTRIBUTION),
        semconv::telemetry::distro::version(env!("CARGO_PKG_VERSION")),
    ];
    match environment.get("AWS_LAMBDA_FUNCTION_NAME") {
        Some(_) => {
            attributes.push(semconv::cloud::provider(CloudProvider::Aws));
            attributes.push(semconv::cloud::platform(CloudPlatform::AwsLambda));
            attributes.extend(environment.get("AWS_REGION").map(semconv::cloud::region));
        }
        None => attributes.push(semconv::service::name(unknown_service())),
    }
    let mut add = |name, make: fn(String) -> KeyValue| {
        attributes.extend(environment.get(name).map(make));
    };
    add("AWS_LAMBDA_FUNCTION_NAME", semconv::faas::name);
    add("AWS_LAMBDA_FUNCTION_NAME", semconv::service::name);
    add("AWS_LAMBDA_FUNCTION_VERSION", semconv::faas::version);
    add("AWS_LAMBDA_LOG_STREAM_NAME", semconv::faas::instance);
    add("AWS_LAMBDA_LOG_STREAM_NAME", |name| {
        one(semconv::aws::log::stream::NAMES, name)
    });
    add("AWS_LAMBDA_LOG_GROUP_NAME", |name| {
        one(semconv::aws::log::group::NAMES, name)
    });
    let megabytes = environment.number("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 1, "none");
    let bytes = megabytes.and_then(|mb| i64::try_from(mb).ok()?.checked_mul(1 << 20));
    attributes.extend(bytes.map(semconv::faas::max_memory));

    let builder = Resource::builder_empty()
        .with_schema_url(attributes, semconv::SCHEMA_URL)
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(listed(environment));
    match environment.get("OTEL_SERVICE_NAME") {
        Some(name) => builder.with_service_name(name).build(),
        None => builder.build(),
    }
}

/// Returns the name of a service without a configured name.
fn unknown_service() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(Path::file_name);
    match name.map(|name| name.to_string_lossy()) {
        Some(name) if !name.is_empty() => format!("unknown_service:{name}"),
        _ => "unknown_service".to_owned(),
    }
}

/// Returns the attributes in `OTEL_RESOURCE_ATTRIBUTES`.
fn listed(environment: &Environment<'_>) -> Vec<KeyValue> {
    let list = environment
        .get(OTEL_RESOURCE_ATTRIBUTES)
        .unwrap_or_default();
    let mut attributes = Vec::new();
    for (member, position) in list.split(',').zip(1..) {
        let member = member.trim();
        let pair = member
            .split_once('=')
            .map(|(key, value)| (decoded(key), decoded(value)));
        match pair {
            _ if member.is_empty() => {}
            Some((Some(key), Some(value))) if !key.is_empty() => {
                if !value.is_empty() {
                    attributes.push(KeyValue::new(key, value));
                }
            }
            _ => environment.say(
                OTEL_RESOURCE_ATTRIBUTES,
                format!(
                    "{OTEL_RESOURCE_ATTRIBUTES}: member {position} is left out, since it is not \
                     `key=value`, percent-encoded; write a comma in a value as %2C, and a percent \
                     sign as %25; using the others"
                ),
            ),
        }
    }
    attributes
}

/// Returns a text, trimmed and percent-decoded; `None` if the result is not UTF-8. A percent sign that begins
/// no escape is kept.
fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text.trim()).decode_utf8().ok()?;
    Some(text.into_owned())
}

fn one(key: &'static str, value: String) -> KeyValue {
    KeyValue::new(
        key,
        Value::Array(Array::String(vec![StringValue::from(value)])),
    )
}

#[cfg(test)]
mod tests {
    use opentelemetry::Key;

    use super::*;

    fn from_variables(variable: impl Fn(&str) -> Option<String> + Send + Sync) -> Resource {
        from_environment(&Environment::new(variable))
    }

    fn lambda(name: &str) -> Option<String> {
        let value = match name {
            "AWS_REGION" => "eu-west-1",
            "AWS_LAMBDA_FUNCTION_NAME" => "orders",
            "AWS_LAMBDA_FUNCTION_VERSION" => "7",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" => "128",
            "AWS_LAMBDA_LOG_STREAM_NAME" => "2026/11/21/[7]abc",
            "AWS_LAMBDA_LOG_GROUP_NAME" => "/aws/lambda/orders",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn get(resource: &Resource, key: &'static str) -> Option<Value> {
        resource.get(&Key::from_static_str(key))
    }

    #[test]
    fn follows_the_lambda_convention() {
        let resource = from_variables(lambda);
        assert_eq!(get(&resource, semconv::cloud::PROVIDER), Some("aws".into()));
        assert_eq!(
            get(&resource, semconv::cloud::PLATFORM),
            Some("aws_lambda".into())
        );
        assert_eq!(get(&resource, semconv::faas::NAME), Some("orders".into()));
        assert_eq!(get(&resource, semconv::faas::VERSION), Some("7".into()));
        assert_eq!(
            get(&resource, semconv::faas::MAX_MEMORY),
            Some(134_217_728.into())
        );
        assert_eq!(
            get(&resource, semconv::faas::INSTANCE),
            Some("2026/11/21/[7]abc".into())
        );
        assert_eq!(
            get(&resource, semconv::service::NAME),
            Some("orders".into())
        );
        assert_eq!(resource.schema_url(), Some(semconv::SCHEMA_URL));
    }

    #[test]
    fn otel_service_name_wins_over_the_functions_name() {
        let named = |name: &str| match name {
            "OTEL_SERVICE_NAME" => Some("order-service".to_owned()),
            name => lambda(name),
        };
        let resource = from_variables(named);
        assert_eq!(
            get(&resource, semconv::service::NAME),
            Some("order-service".into())
        );
        assert_eq!(get(&resource, semconv::faas::NAME), Some("orders".into()));
    }

    /// Resource SDK, "Specifying resource information via an environment variable": values are
    /// percent-decoded.
    #[test]
    fn attributes_are_listed_as_in_baggage() {
        let with = |list: &'static str| {
            from_variables(move |name| match name {
                "OTEL_RESOURCE_ATTRIBUTES" => Some(list.to_owned()),
                name => lambda(name),
            })
        };
        let resource = with(
            " team = red , note=a%2Cb%3Dc, mail=a=b, name=J%C3%BCrgen,half=50%,cloud.region=eu%2d1,,",
        );
        for (key, value) in [
            ("team", "red"),
            ("note", "a,b=c"),
            ("mail", "a=b"),
            ("name", "J\u{fc}rgen"),
            ("half", "50%"),
            ("cloud.region", "eu-1"),
            ("service.name", "orders"),
        ] {
            assert_eq!(get(&resource, key), Some(value.into()), "{key}");
        }
        // An invalid member does not affect the others.
        let resource = with("nonsense,=x,bytes=%ff,a=1,service.name=mine,b=");
        assert_eq!(get(&resource, "a"), Some("1".into()));
        assert_eq!(get(&resource, "service.name"), Some("mine".into()));
        for key in ["nonsense", "bytes", "b", ""] {
            assert_eq!(get(&resource, key), None, "{key}");
        }
        let named = from_variables(|name| match name {
            "OTEL_RESOURCE_ATTRIBUTES" => Some("service.name=listed".to_owned()),
            "OTEL_SERVICE_NAME" => Some("named".to_owned()),
            _ => None,
        });
        assert_eq!(get(&named, "service.name"), Some("named".into()));
    }

    /// Resource, "Telemetry distro": the name of a distribution, and its version. The
    /// SDK keeps its own.
    #[test]
    fn the_distribution_is_named_beside_the_sdk() {
        let resource = from_variables(lambda);
        let distribution = get(&resource, semconv::telemetry::distro::NAME);
        assert_eq!(distribution, Some("lamplight".into()));
        let version = get(&resource, semconv::telemetry::distro::VERSION);
        assert_eq!(version, Some(env!("CARGO_PKG_VERSION").into()));
        let sdk = get(&resource, semconv::telemetry::sdk::NAME);
        assert_eq!(sdk, Some("opentelemetry".into()));
        let language = get(&resource, semconv::telemetry::sdk::LANGUAGE);
        assert_eq!(language, Some("rust".into()));
    }

    /// Service resource, `service.name`: "If the value was not specified, SDKs MUST fallback to
    /// `unknown_service:` concatenated with `process.executable.name`". AWS Lambda resource: the cloud's
    /// attributes are those of a function.
    #[test]
    fn outside_lambda_the_service_is_unknown_and_there_is_no_cloud() {
        let outside = |name: &str| match name {
            "AWS_REGION" => Some("eu-west-1".to_owned()),
            _ => None,
        };
        let resource = from_variables(outside);
        for key in [
            semconv::cloud::PROVIDER,
            semconv::cloud::PLATFORM,
            semconv::cloud::REGION,
        ] {
            assert_eq!(get(&resource, key), None, "{key}");
        }
        let name = get(&resource, semconv::service::NAME).unwrap();
        let program = std::env::current_exe().unwrap();
        let program = program.file_name().unwrap().to_string_lossy();
        assert_eq!(name.to_string(), format!("unknown_service:{program}"));
        assert_eq!(resource.schema_url(), Some(semconv::SCHEMA_URL));
    }

    #[test]
    fn an_empty_environment_is_no_failure() {
        let resource = from_variables(|_| None);
        assert_eq!(get(&resource, semconv::faas::NAME), None);
        assert_eq!(get(&resource, semconv::faas::MAX_MEMORY), None);
    }

    #[test]
    fn in_a_builder_it_gives_what_it_gives_alone_and_what_is_added_later_wins() {
        let builder = || Resource::builder().with_detector(Box::new(LambdaResourceDetector));
        let merged = builder().with_schema_url([], semconv::SCHEMA_URL);
        assert_eq!(merged.build(), LambdaResourceDetector.detect());
        let added = KeyValue::new(semconv::service::NAME, "mine");
        let resource = builder().with_attribute(added).build();
        assert_eq!(get(&resource, semconv::service::NAME), Some("mine".into()));
    }
}
