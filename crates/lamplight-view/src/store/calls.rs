//! The traffic of a span between functions and other services.

use lamplight_semconv::{
    aws, db, faas, lamplight,
    messaging::{self, MessagingSystem},
    rpc, server,
};

use super::NodeKind;
use crate::{
    facts::{Facts, Role},
    span::{Span, Value},
};

/// The traffic of a span between functions and other services.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Call<'a> {
    pub(super) way: Way,
    pub(super) kind: NodeKind,
    pub(super) name: &'a str,
    /// Index in [`NAMES`]; its length for other attributes.
    pub(super) named_by: usize,
    /// Number of messages.
    pub(super) amount: u64,
    /// In nanoseconds.
    pub(super) wait: Option<i64>,
}

/// Attributes that name the called service, the most frequent first.
#[allow(deprecated, reason = "the AWS conventions still require `rpc.service`")]
pub(super) const NAMES: [&str; 7] = [
    messaging::destination::NAME,
    db::collection::NAME,
    aws::s3::BUCKET,
    faas::document::COLLECTION,
    rpc::SERVICE,
    server::ADDRESS,
    db::system::NAME,
];

/// The kind of a service, its name, and the index in [`NAMES`] of the attribute with the name.
type Named<'a> = (NodeKind, &'a str, usize);

/// Returns the index of an attribute in [`NAMES`].
fn place(key: &str) -> usize {
    let place = NAMES.iter().position(|name| *name == key);
    place.unwrap_or(NAMES.len())
}

/// The direction of traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the function to the named service.
    To,
    /// From the named service to the function: one message or record.
    From,
    /// Like [`Way::From`], for all messages at once; not counted if each has its own.
    AllFrom,
    /// Through the named service, to the span below.
    Through,
    /// To the function, from its caller.
    Called,
}

/// Returns the traffic of a span, if it has any.
pub(super) fn call<'a>(span: &'a Span, facts: &Facts<'a>) -> Option<Call<'a>> {
    let is_message = span.attributes.text(messaging::destination::NAME).is_some();
    let said_by = place(match is_message {
        true => messaging::destination::NAME,
        false => faas::document::COLLECTION,
    });
    let destination = (facts.destination).map(|name| (node_of(span, facts), name, said_by));
    let one = |way, (kind, name, named_by): Named<'a>| Call {
        way,
        kind,
        name,
        named_by,
        amount: 1,
        wait: None,
    };
    let wait = facts.queue_ms.and_then(nanoseconds);
    match facts.role {
        Role::Invocation => {
            let Some(source) = destination else {
                let is_http = facts.trigger == Some(HTTP);
                return is_http.then(|| one(Way::Called, (NodeKind::Client, CLIENT, NAMES.len())));
            };
            Some(Call {
                amount: facts.message_count.unwrap_or(1),
                wait,
                ..one(Way::AllFrom, source)
            })
        }
        Role::Batch => Some(Call {
            amount: facts.message_count.unwrap_or(1),
            wait,
            ..one(Way::AllFrom, destination?)
        }),
        Role::Record => Some(Call {
            wait,
            ..one(Way::From, destination?)
        }),
        Role::Hop => Some(one(Way::Through, destination?)),
        Role::Send => {
            let target = called(span, destination)?;
            Some(Call {
                amount: facts.message_count.unwrap_or(1),
                ..one(Way::To, target)
            })
        }
        Role::Database | Role::AwsCall | Role::Client => {
            Some(one(Way::To, called(span, destination)?))
        }
        Role::Server | Role::Internal => None,
    }
}

/// `faas.trigger` of an invocation that responds to a request.
const HTTP: &str = "http";

/// The name of external callers.
const CLIENT: &str = "client";

/// The targets of a call.
#[allow(deprecated, reason = "the AWS conventions still require `rpc.service`")]
fn called<'a>(span: &'a Span, destination: Option<Named<'a>>) -> Option<Named<'a>> {
    let text = |key| span.attributes.text(key).filter(|name| !name.is_empty());
    let named = |kind, key| text(key).map(|name| (kind, name, place(key)));
    named(NodeKind::Function, faas::INVOKED_NAME)
        .or(destination)
        .or_else(|| named(NodeKind::Table, db::collection::NAME))
        .or_else(|| table(span).map(|name| (NodeKind::Table, name, NAMES.len())))
        .or_else(|| named(NodeKind::Bucket, aws::s3::BUCKET))
        .or_else(|| named(NodeKind::Service, rpc::SERVICE))
        .or_else(|| named(NodeKind::Service, server::ADDRESS))
        .or_else(|| named(NodeKind::Service, db::system::NAME))
}

/// Returns the first table of a call.
fn table(span: &Span) -> Option<&str> {
    match span.attributes.get(aws::dynamodb::TABLE_NAMES) {
        Some(Value::Array(names)) => match names.first() {
            Some(Value::String(name)) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the kind of a destination.
fn node_of(span: &Span, facts: &Facts<'_>) -> NodeKind {
    let Some(system) = facts.system else {
        let has = |key| span.attributes.get(key).is_some();
        return if has(lamplight::aws::s3::REQUEST_ID) || has(aws::s3::BUCKET) {
            NodeKind::Bucket
        } else {
            NodeKind::Table
        };
    };
    // Without an allocation for unknown systems.
    match system {
        it if it == MessagingSystem::AwsSns.as_str() => NodeKind::Topic,
        it if it == MessagingSystem::GcpPubsub.as_str() => NodeKind::Topic,
        it if it == MessagingSystem::AwsEventbridge.as_str() => NodeKind::Bus,
        it if it == MessagingSystem::AwsKinesis.as_str() => NodeKind::Stream,
        it if it == MessagingSystem::Kafka.as_str() => NodeKind::Stream,
        it if it == MessagingSystem::Eventhubs.as_str() => NodeKind::Stream,
        _ => NodeKind::Queue,
    }
}

/// Converts milliseconds to nanoseconds, if they are a valid duration.
#[allow(clippy::cast_possible_truncation, reason = "larger numbers saturate")]
fn nanoseconds(milliseconds: f64) -> Option<i64> {
    (milliseconds >= 0.0).then_some((milliseconds * 1e6) as i64)
}
