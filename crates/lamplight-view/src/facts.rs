//! What a span says about functions and messages, by the conventions.

use lamplight_semconv::{db, error, exception, faas, lamplight, messaging, rpc, service};

use crate::span::{self, Attribute, Kind, Span, Status, Value};

/// The part a span plays in a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// One invocation of a function: it has `faas.invocation_id`, or is the `SERVER` span of a
    /// resource with `faas.name`.
    Invocation,
    /// Work on one record or message of a batch: `CONSUMER` with `messaging.*` or a document's change.
    Record,
    /// Work on all messages of a batch: as [`Role::Record`], with a message count and no message's id.
    Batch,
    /// Messages handed to a queue, topic, bus or stream: `PRODUCER`, or an operation of type `send`.
    Send,
    /// A call of a database: it has `db.system.name`.
    Database,
    /// Any other call through an AWS SDK: `rpc.system` is `aws-api`.
    AwsCall,
    /// Any other `CLIENT`.
    Client,
    /// Any other `SERVER`.
    Server,
    /// Time in a managed service, inferred: it has `lamplight.inferred.service`.
    Hop,
    /// Anything else.
    Internal,
}

/// How an invocation or a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Outcome {
    Ok,
    Error,
    /// `error.type` is `timeout`.
    Timeout,
}

/// The facts of one span, borrowed from it. What the span does not say is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Facts<'a> {
    /// Its part.
    pub role: Role,
    /// How it ended.
    pub outcome: Outcome,
    /// `faas.name`, else `service.name`, else `unknown_service`.
    pub function: &'a str,
    /// `faas.version`, else `service.version`.
    pub version: Option<&'a str>,
    /// `faas.max_memory`, in bytes.
    pub memory: Option<u64>,
    /// `faas.instance`.
    pub instance: Option<&'a str>,
    /// `faas.trigger`.
    pub trigger: Option<&'a str>,
    /// `faas.invocation_id`.
    pub invocation_id: Option<&'a str>,
    /// `faas.coldstart`.
    pub cold: bool,
    /// `lamplight.init.duration_ms`.
    pub init_ms: Option<f64>,
    /// `error.type`.
    pub error_type: Option<&'a str>,
    /// `exception.type` and `exception.message` of the last event `exception`.
    pub exception: Option<(&'a str, &'a str)>,
    /// `messaging.system`.
    pub system: Option<&'a str>,
    /// `messaging.destination.name`, or the collection of a document's change.
    pub destination: Option<&'a str>,
    /// `messaging.message.id`, or the id of a document's change.
    pub message_id: Option<&'a str>,
    /// `messaging.batch.message_count`.
    pub message_count: Option<u64>,
    /// `lamplight.batch.failed_count`.
    pub failed_count: Option<u64>,
    /// `lamplight.queue.latency_ms`.
    pub queue_ms: Option<f64>,
    /// `lamplight.receive_count`: 1 for the first delivery.
    pub attempt: Option<u64>,
}

impl<'a> Facts<'a> {
    /// Returns the facts of a span.
    #[must_use]
    pub fn of(span: &'a Span) -> Self {
        let said = Said::by(span);
        let (role, own, recorder) = (said.role(span), said.span, said.resource);
        Self {
            role,
            outcome: if own.error_type == Some(TIMEOUT) {
                Outcome::Timeout
            } else if span.status == Status::Error {
                Outcome::Error
            } else {
                Outcome::Ok
            },
            function: (recorder.faas_name.or(own.faas_name))
                .or(recorder.service_name)
                .or(own.service_name)
                .unwrap_or(UNKNOWN_SERVICE),
            version: (recorder.faas_version.or(own.faas_version)).or(recorder.service_version),
            memory: recorder.memory.or(own.memory),
            instance: recorder.instance.or(own.instance),
            trigger: own.trigger,
            invocation_id: own.invocation_id,
            cold: own.cold,
            init_ms: own.init_ms,
            error_type: own.error_type,
            exception: exception(span),
            system: own.system,
            destination: own.destination.or(own.collection),
            message_id: own.message_id.or(own.change_id),
            message_count: own.message_count,
            failed_count: own.failed_count,
            queue_ms: own.queue_ms,
            attempt: own.attempt,
        }
    }
}

/// `error.type` of an invocation that ran out of time.
const TIMEOUT: &str = "timeout";

/// What a service is called whose resource does not name it, by the conventions.
const UNKNOWN_SERVICE: &str = "unknown_service";

/// `rpc.system` of calls through an AWS SDK.
const AWS_API: &str = "aws-api";

/// What a span and its resource say.
struct Said<'a> {
    span: Attributes<'a>,
    resource: Attributes<'a>,
}

/// The attributes that matter here, each looked for in one pass over all of them.
#[derive(Clone, Copy, Default)]
struct Attributes<'a> {
    faas_name: Option<&'a str>,
    faas_version: Option<&'a str>,
    service_name: Option<&'a str>,
    service_version: Option<&'a str>,
    memory: Option<u64>,
    instance: Option<&'a str>,
    trigger: Option<&'a str>,
    invocation_id: Option<&'a str>,
    cold: bool,
    init_ms: Option<f64>,
    error_type: Option<&'a str>,
    system: Option<&'a str>,
    destination: Option<&'a str>,
    operation: Option<&'a str>,
    message_id: Option<&'a str>,
    message_count: Option<u64>,
    failed_count: Option<u64>,
    queue_ms: Option<f64>,
    attempt: Option<u64>,
    collection: Option<&'a str>,
    change_id: Option<&'a str>,
    is_inferred: bool,
    is_database: bool,
    is_aws_api: bool,
}

impl<'a> Attributes<'a> {
    #[allow(deprecated, reason = "`rpc.system` is what other SDKs record still")]
    fn of(attributes: &'a span::Attributes) -> Self {
        let mut it = Self::default();
        for Attribute { key, value } in attributes {
            match (key.as_str(), value) {
                (faas::NAME, Value::String(text)) => first(&mut it.faas_name, text),
                (faas::VERSION, Value::String(text)) => first(&mut it.faas_version, text),
                (service::NAME, Value::String(text)) => first(&mut it.service_name, text),
                (service::VERSION, Value::String(text)) => first(&mut it.service_version, text),
                (faas::MAX_MEMORY, value) => count(&mut it.memory, value),
                (faas::INSTANCE, Value::String(text)) => first(&mut it.instance, text),
                (faas::TRIGGER, Value::String(text)) => first(&mut it.trigger, text),
                (faas::INVOCATION_ID, Value::String(text)) => first(&mut it.invocation_id, text),
                (faas::COLDSTART, Value::Bool(cold)) => it.cold |= cold,
                (lamplight::init::DURATION_MS, value) => number(&mut it.init_ms, value),
                (error::TYPE, Value::String(text)) => first(&mut it.error_type, text),
                (messaging::SYSTEM, Value::String(text)) => first(&mut it.system, text),
                (messaging::destination::NAME, Value::String(text)) => {
                    first(&mut it.destination, text);
                }
                (messaging::operation::TYPE, Value::String(text)) => first(&mut it.operation, text),
                (messaging::message::ID, Value::String(text)) => first(&mut it.message_id, text),
                (messaging::batch::MESSAGE_COUNT, value) => count(&mut it.message_count, value),
                (lamplight::batch::FAILED_COUNT, value) => count(&mut it.failed_count, value),
                (lamplight::queue::LATENCY_MS, value) => number(&mut it.queue_ms, value),
                (lamplight::RECEIVE_COUNT, value) => count(&mut it.attempt, value),
                (faas::document::COLLECTION, Value::String(text)) => {
                    first(&mut it.collection, text);
                }
                (lamplight::aws::dynamodb::event::ID, Value::String(text)) => {
                    first(&mut it.change_id, text);
                }
                (lamplight::inferred::SERVICE, _) => it.is_inferred = true,
                (db::system::NAME, _) => it.is_database = true,
                (rpc::SYSTEM | rpc::system::NAME, Value::String(text)) => {
                    it.is_aws_api |= text == AWS_API;
                }
                _ => {}
            }
        }
        it
    }
}

impl<'a> Said<'a> {
    fn by(span: &'a Span) -> Self {
        Self {
            span: Attributes::of(&span.attributes),
            resource: Attributes::of(&span.resource.attributes),
        }
    }

    fn role(&self, span: &Span) -> Role {
        let Self {
            span: own,
            resource,
        } = self;
        let is_server = span.kind == Kind::Server;
        let has_messages = own.system.is_some() || own.message_id.is_some();
        if own.is_inferred {
            Role::Hop
        } else if own.invocation_id.is_some() || is_server && resource.faas_name.is_some() {
            Role::Invocation
        } else if span.kind == Kind::Consumer
            && (has_messages || own.collection.is_some())
            && own.operation != Some(RECEIVE)
        {
            match (own.message_count, own.message_id.or(own.change_id)) {
                (Some(_), None) => Role::Batch,
                _ => Role::Record,
            }
        } else if span.kind == Kind::Producer || matches!(own.operation, Some("send" | "publish")) {
            Role::Send
        } else if own.is_database {
            Role::Database
        } else if own.is_aws_api {
            Role::AwsCall
        } else {
            match span.kind {
                Kind::Client | Kind::Consumer => Role::Client,
                Kind::Server => Role::Server,
                Kind::Unspecified | Kind::Internal | Kind::Producer => Role::Internal,
            }
        }
    }
}

/// `messaging.operation.type` of a consumer that asks for messages.
const RECEIVE: &str = "receive";

/// Of an attribute that is there twice, the first counts.
fn first<'a>(place: &mut Option<&'a str>, text: &'a str) {
    place.get_or_insert(text);
}

fn number(place: &mut Option<f64>, value: &Value) {
    if let (None, Some(number)) = (&place, value.number().filter(|it| it.is_finite())) {
        *place = Some(number);
    }
}

fn count(place: &mut Option<u64>, value: &Value) {
    if let (None, Value::Int(number)) = (&place, value) {
        *place = u64::try_from(*number).ok();
    }
}

/// Type and message of the last exception.
fn exception(span: &Span) -> Option<(&str, &str)> {
    let last = (span.events.iter().rev()).find(|event| event.name == EXCEPTION)?;
    let text = |key| last.attributes.text(key).unwrap_or_default();
    Some((text(exception::TYPE), text(exception::MESSAGE)))
}

/// Name of the event of an exception.
const EXCEPTION: &str = "exception";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Facts, Outcome, Role};
    use crate::span::{Attribute, Attributes, Event, Kind, Resource, Span, Status, Value};
    use lamplight_semconv::{db, error, exception, faas, lamplight, messaging, rpc, service};

    fn attributes(pairs: &[(&str, Value)]) -> Attributes {
        let attribute = |(key, value): &(&str, Value)| Attribute {
            key: (*key).to_owned(),
            value: value.clone(),
        };
        pairs.iter().map(attribute).collect()
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    fn span(kind: Kind, resource: &[(&str, Value)], own: &[(&str, Value)]) -> Span {
        let resource = Resource {
            attributes: attributes(resource),
            ..Resource::default()
        };
        Span {
            kind,
            attributes: attributes(own),
            ..Span::empty(resource.into(), Arc::default())
        }
    }

    #[test]
    fn parts_are_told_apart_by_kind_and_attributes() {
        let function = [(faas::NAME, text("f"))];
        let system = (messaging::SYSTEM, text("aws_sqs"));
        let id = (messaging::message::ID, text("m"));
        let count = (messaging::batch::MESSAGE_COUNT, Value::Int(3));
        let of = |operation| (messaging::operation::TYPE, text(operation));
        let aws = (rpc::system::NAME, text("aws-api"));
        let database = (db::system::NAME, text("aws.dynamodb"));
        let change = (lamplight::aws::dynamodb::event::ID, text("c"));
        let table = (faas::document::COLLECTION, text("orders"));
        let hop = (lamplight::inferred::SERVICE, text("aws_sqs"));
        let invocation = (faas::INVOCATION_ID, text("i"));
        let none: [(&str, Value); 0] = [];
        for (kind, resource, own, role) in [
            (
                Kind::Server,
                &none[..],
                vec![invocation.clone()],
                Role::Invocation,
            ),
            (
                Kind::Consumer,
                &none,
                vec![invocation, system.clone()],
                Role::Invocation,
            ),
            (Kind::Server, &function, vec![], Role::Invocation),
            (Kind::Server, &none, vec![], Role::Server),
            (
                Kind::Consumer,
                &function,
                vec![system.clone(), id.clone()],
                Role::Record,
            ),
            (Kind::Consumer, &function, vec![table, change], Role::Record),
            (
                Kind::Consumer,
                &function,
                vec![system.clone(), count.clone()],
                Role::Batch,
            ),
            (
                Kind::Consumer,
                &function,
                vec![system.clone(), of("receive")],
                Role::Client,
            ),
            (
                Kind::Producer,
                &function,
                vec![system.clone(), count],
                Role::Send,
            ),
            (
                Kind::Client,
                &function,
                vec![aws.clone(), of("send")],
                Role::Send,
            ),
            (
                Kind::Client,
                &function,
                vec![aws.clone(), database],
                Role::Database,
            ),
            (
                Kind::Client,
                &function,
                vec![aws, system.clone()],
                Role::AwsCall,
            ),
            (Kind::Client, &function, vec![], Role::Client),
            (Kind::Consumer, &function, vec![], Role::Client),
            (Kind::Internal, &function, vec![hop, system, id], Role::Hop),
            (Kind::Internal, &function, vec![], Role::Internal),
            (Kind::Unspecified, &none, vec![], Role::Internal),
        ] {
            let span = span(kind, resource, &own);
            assert_eq!(Facts::of(&span).role, role, "{kind:?} {own:?}");
        }
    }

    #[test]
    fn an_invocation_says_what_it_was_and_how_it_ended() {
        let resource = [
            (faas::NAME, text("orders")),
            (faas::VERSION, text("7")),
            (service::NAME, text("shop")),
            (faas::MAX_MEMORY, Value::Int(134_217_728)),
            (faas::INSTANCE, text("log")),
        ];
        let own = [
            (faas::INVOCATION_ID, text("i")),
            (faas::TRIGGER, text("pubsub")),
            (faas::COLDSTART, Value::Bool(true)),
            (lamplight::init::DURATION_MS, Value::Double(12.5)),
            (error::TYPE, text("timeout")),
            (messaging::batch::MESSAGE_COUNT, Value::Int(10)),
            (lamplight::batch::FAILED_COUNT, Value::Int(2)),
        ];
        let mut span = span(Kind::Server, &resource, &own);
        span.status = Status::Error;
        for message in ["first", "last"] {
            span.events.push(Event {
                time: 0,
                name: "exception".to_owned(),
                attributes: attributes(&[
                    (exception::TYPE, text("E")),
                    (exception::MESSAGE, text(message)),
                ]),
                dropped_attributes: 0,
            });
        }
        let facts = Facts::of(&span);
        assert_eq!((facts.function, facts.version), ("orders", Some("7")));
        assert_eq!(
            (facts.memory, facts.instance),
            (Some(134_217_728), Some("log"))
        );
        assert_eq!((facts.trigger, facts.cold), (Some("pubsub"), true));
        assert_eq!(
            (facts.init_ms, facts.outcome),
            (Some(12.5), Outcome::Timeout)
        );
        assert_eq!(facts.exception, Some(("E", "last")));
        assert_eq!(
            (facts.message_count, facts.failed_count),
            (Some(10), Some(2))
        );
    }

    #[test]
    fn the_first_of_two_values_counts_and_a_wrong_type_is_none() {
        let own = [
            (lamplight::RECEIVE_COUNT, text("2")),
            (lamplight::RECEIVE_COUNT, Value::Int(-1)),
            (lamplight::queue::LATENCY_MS, Value::Double(f64::NAN)),
            (messaging::message::ID, text("first")),
            (messaging::message::ID, text("second")),
        ];
        let span = span(Kind::Consumer, &[], &own);
        let facts = Facts::of(&span);
        assert_eq!((facts.attempt, facts.queue_ms), (None, None));
        assert_eq!(facts.message_id, Some("first"));
        assert_eq!(facts.function, "unknown_service");
        assert_eq!(facts.outcome, Outcome::Ok);
    }
}
