//! Attributes and facts that follow from the names of a service and an operation.

use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::Metadata;
use lamplight_semconv::{cloud, db, rpc};
use opentelemetry::KeyValue;

use super::dispatch;

/// The one service whose calls are those of a database, as the conventions see it: not its streams,
/// whose client is another.
const DATABASE: &str = "DynamoDB";

/// Services whose every operation is about a person's address, account or number, or answers with the
/// words of a database; the beginnings of their names.
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

/// Adds the attributes that the span of every call starts with.
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
    // A name that is known needs no text of its own.
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

/// Returns whether a call is one of a database's client.
pub(crate) fn is_database(metadata: &Metadata) -> bool {
    metadata.service() == DATABASE
}

/// Returns whether an operation is about a person's phone, device or address, which the messages of its
/// errors may quote.
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
