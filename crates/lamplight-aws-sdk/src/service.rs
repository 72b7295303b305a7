//! What is known about single services and operations: attributes, carriers, partial failures.

#[cfg(any(feature = "sns", feature = "sqs"))]
pub(crate) mod attributes;
#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "eventbridge")]
mod eventbridge;
mod json;
#[cfg(feature = "kinesis")]
mod kinesis;
#[cfg(feature = "lambda")]
mod lambda;
mod request;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "secretsmanager")]
mod secretsmanager;
#[cfg(feature = "sfn")]
mod sfn;
#[cfg(feature = "sns")]
mod sns;
#[cfg(feature = "sqs")]
mod sqs;

use std::borrow::Cow;
use std::sync::Arc;

use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use lamplight_semconv::{cloud, db, lamplight, rpc};
use opentelemetry::KeyValue;

pub(crate) use self::request::{Cargo, Injection, Places, Request, within};

use crate::LamplightInterceptor;
use crate::call::Call;
use crate::error::Failure;

/// The services there is a feature for.
const SERVICES: [&str; 10] = [
    "DynamoDB",
    "EventBridge",
    "Kinesis",
    "Lambda",
    "S3",
    "SFN",
    "SNS",
    "SQS",
    "SSM",
    "Secrets Manager",
];

/// The one service whose calls are those of a database, as the conventions see it: not its streams,
/// whose client is another.
const DATABASE: &str = "DynamoDB";

/// What every span of a call starts with.
///
/// The convention for AWS SDKs asks for the former names of RPC, that for RPC for the new one of the
/// system; the method has its short form, since that is what the former says.
#[expect(
    deprecated,
    reason = "the convention for AWS SDKs asks for the former names"
)]
pub(crate) fn common(metadata: &Metadata, region: Option<&str>, attributes: &mut Vec<KeyValue>) {
    attributes.push(rpc::system(rpc::RpcSystem::AwsApi));
    attributes.push(rpc::system::name(rpc::system::RpcSystemName::AwsApi));
    let service = metadata.service();
    // A name that is known needs no text of its own.
    attributes.push(match SERVICES.iter().find(|known| **known == service) {
        Some(known) => rpc::service(*known),
        None => rpc::service(service.to_owned()),
    });
    if is_database(metadata) {
        let operation: Arc<str> = metadata.name().into();
        attributes.push(rpc::method(Arc::clone(&operation)));
        attributes.push(db::system::name(db::system::DbSystemName::AwsDynamodb));
        attributes.push(db::operation::name(operation));
    } else {
        attributes.push(rpc::method(metadata.name().to_owned()));
    }
    if let Some(region) = region {
        attributes.push(cloud::region(region.to_owned()));
    }
}

/// Whether a call is one of a database's client.
pub(crate) fn is_database(metadata: &Metadata) -> bool {
    metadata.service() == DATABASE
}

/// Services whose every operation is about a person's address, account or number, or answers with
/// the words of a database; the beginnings of their names.
const SERVICES_ABOUT_PERSONS: [&str; 11] = [
    "Chime",
    "Cognito",
    "Connect",
    "Customer Profiles",
    "Pinpoint",
    "RDS Data",
    "Redshift Data",
    "SES",
    "SocialMessaging",
    "WorkMail",
    "identitystore",
];

/// Whether an operation is about a person's phone, device or address, which a service's words
/// about it may quote.
pub(crate) fn is_about_a_person(metadata: &Metadata) -> bool {
    let (service, operation) = (metadata.service(), metadata.name());
    if service != "SNS" {
        let mut persons = SERVICES_ABOUT_PERSONS.iter();
        return persons.any(|name| service.starts_with(name));
    }
    ["PhoneNumber", "Endpoint", "Subscribe", "Subscription"]
        .iter()
        .any(|about| operation.contains(about))
}

/// Finds the input of an operation whose messages this crate knows, borrowed one way or the other.
macro_rules! find {
    ($function:ident: $metadata:ident, $input:ident) => {{
        let operation = $metadata.name();
        match $metadata.service() {
            #[cfg(feature = "eventbridge")]
            "EventBridge" => eventbridge::$function(operation, $input),
            #[cfg(feature = "kinesis")]
            "Kinesis" => kinesis::$function(operation, $input),
            #[cfg(feature = "lambda")]
            "Lambda" => lambda::$function(operation, $input),
            #[cfg(feature = "sfn")]
            "SFN" => sfn::$function(operation, $input),
            #[cfg(feature = "sns")]
            "SNS" => sns::$function(operation, $input),
            #[cfg(feature = "sqs")]
            "SQS" => sqs::$function(operation, $input),
            _ => {
                let _ = (operation, $input);
                None
            }
        }
    }};
}

/// The input of an operation that has messages, or whose words are personal.
pub(crate) fn request<'a>(metadata: &Metadata, input: &'a Input) -> Option<&'a dyn Request> {
    find!(request: metadata, input)
}

/// The same, to be written to.
pub(crate) fn request_mut<'a>(
    metadata: &Metadata,
    input: &'a mut Input,
) -> Option<&'a mut dyn Request> {
    find!(request_mut: metadata, input)
}

/// Adds what the input of any other operation says.
pub(crate) fn describe(metadata: &Metadata, input: &Input, attributes: &mut Vec<KeyValue>) {
    let operation = metadata.name();
    let _: Option<()> = match metadata.service() {
        #[cfg(feature = "dynamodb")]
        "DynamoDB" => dynamodb::describe(operation, input, attributes),
        #[cfg(feature = "lambda")]
        "Lambda" => lambda::mapping::describe(operation, input, attributes),
        #[cfg(feature = "s3")]
        "S3" => s3::describe(operation, input, attributes),
        #[cfg(feature = "secretsmanager")]
        "Secrets Manager" => secretsmanager::describe(operation, input, attributes),
        _ => {
            let _ = (operation, input, attributes);
            None
        }
    };
}

/// Records what the output of an operation says. A failure is one that the SDK does not call one.
pub(crate) fn response(
    metadata: &Metadata,
    output: &Output,
    lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    let operation = metadata.name();
    match metadata.service() {
        #[cfg(feature = "dynamodb")]
        "DynamoDB" => {
            dynamodb::response(operation, output, call);
            None
        }
        #[cfg(feature = "eventbridge")]
        "EventBridge" => eventbridge::response(output, call),
        #[cfg(feature = "kinesis")]
        "Kinesis" => kinesis::response(operation, output, call),
        #[cfg(feature = "lambda")]
        "Lambda" => lambda::response(output, call),
        #[cfg(feature = "s3")]
        "S3" => {
            s3::response(output, call);
            None
        }
        #[cfg(feature = "secretsmanager")]
        "Secrets Manager" => {
            secretsmanager::response(output, call);
            None
        }
        #[cfg(feature = "sfn")]
        "SFN" => sfn::response(operation, output, call),
        #[cfg(feature = "sns")]
        "SNS" => sns::response(operation, output, call),
        #[cfg(feature = "sqs")]
        "SQS" => sqs::response(operation, output, lamplight, call),
        _ => {
            let _ = (operation, output, lamplight, call);
            None
        }
    }
}

/// Whether an error says that conditions in the request are false, and nothing else, other than by its
/// code.
pub(crate) fn is_false_condition(error: &Error) -> bool {
    #[cfg(feature = "dynamodb")]
    let is_false = dynamodb::is_false_condition(error);
    #[cfg(not(feature = "dynamodb"))]
    let is_false = {
        let _ = error;
        false
    };
    is_false
}

/// Makes `request` and `request_mut` of a service from its operations and their inputs.
macro_rules! requests {
    ($($operation:literal $input:ty;)+) => {
        pub(super) fn request<'a>(
            operation: &str,
            input: &'a aws_smithy_runtime_api::client::interceptors::context::Input,
        ) -> Option<&'a dyn $crate::service::Request> {
            Some(match operation {
                $($operation => input.downcast_ref::<$input>()? as &dyn $crate::service::Request,)+
                _ => return None,
            })
        }

        pub(super) fn request_mut<'a>(
            operation: &str,
            input: &'a mut aws_smithy_runtime_api::client::interceptors::context::Input,
        ) -> Option<&'a mut dyn $crate::service::Request> {
            Some(match operation {
                $($operation => {
                    input.downcast_mut::<$input>()? as &mut dyn $crate::service::Request
                })+
                _ => return None,
            })
        }
    };
}
use requests;

/// Makes `describe` of a service from its operations and their inputs: attributes alone, since there is
/// nothing to carry context in.
macro_rules! describing {
    ($($operation:literal $input:ty: |$this:ident, $to:ident| $body:block)+) => {
        pub(in $crate::service) fn describe(
            operation: &str,
            input: &aws_smithy_runtime_api::client::interceptors::context::Input,
            to: &mut Vec<opentelemetry::KeyValue>,
        ) -> Option<()> {
            match operation {
                $($operation => {
                    let ($this, $to) = (input.downcast_ref::<$input>()?, to);
                    $body
                })+
                _ => return None,
            }
            Some(())
        }
    };
}
use describing;

/// The name in an ARN, which is what follows `mark`; anything else is a name.
pub(crate) fn name_in<'a>(text: &'a str, mark: &str) -> &'a str {
    text.strip_prefix("arn:")
        .and_then(|arn| arn.split_once(mark))
        .map_or(text, |(_, name)| name)
}

/// A URL without the user and the password that may stand before its host.
pub(crate) fn without_user(url: &str) -> Cow<'_, str> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..end).and_then(|authority| authority.rfind('@')) {
        Some(at) => Cow::Owned([scheme, "://", rest.get(at + 1..).unwrap_or_default()].concat()),
        None => Cow::Borrowed(url),
    }
}

/// The entries of a batch that have an error code, and their positions.
pub(crate) fn refused_by_position<'a, E: 'a>(
    entries: &'a [E],
    code: impl Fn(&'a E) -> Option<&'a str>,
) -> impl Iterator<Item = (Option<&'a str>, Option<KeyValue>)> {
    let entries = entries.iter().enumerate();
    entries.filter_map(move |(position, entry)| {
        let which = lamplight::aws::entry::index(count(position));
        Some((Some(code(entry)?), Some(which)))
    })
}

/// The one value that all have; `None` if there is none or they differ.
pub(crate) fn all_equal<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values = values.into_iter();
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// A number of things as an attribute value.
pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
