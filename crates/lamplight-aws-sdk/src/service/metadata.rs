//! Attributes and facts derived from the names of a service and an operation.

use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::Metadata;
use lamplight_semconv::{cloud, db, rpc};
use opentelemetry::KeyValue;

use super::dispatch;

/// The only service whose calls are database calls according to the conventions; its streams have another
/// client and are not included.
const DATABASE: &str = "DynamoDB";

/// Prefixes of the names of services whose operations all concern a person's address, account or number, or
/// that return messages of a database.
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

/// Adds the attributes with which the span of every call starts.
///
/// The AWS SDK conventions require the former RPC names, and the RPC conventions the new name of the system.
/// The method has its short form, as in the former.
#[expect(
    deprecated,
    reason = "the convention for AWS SDKs asks for the former names"
)]
pub(crate) fn common(metadata: &Metadata, region: Option<&str>, attributes: &mut Vec<KeyValue>) {
    attributes.push(rpc::system(rpc::RpcSystem::AwsApi));
    attributes.push(rpc::system::name(rpc::system::RpcSystemName::AwsApi));
    // A known name is a static string and needs no allocation.
    attributes.push(match dispatch::name(metadata) {
        Some(known) => rpc::service(known),
        None => rpc::service(metadata.service().to_owned()),
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

/// Returns whether a call is a database call.
pub(crate) fn is_database(metadata: &Metadata) -> bool {
    metadata.service() == DATABASE
}

/// Returns whether an operation concerns a person's phone, device or address, which its error messages may
/// quote.
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
